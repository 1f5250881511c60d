"""One file a method: arrays in, numbers out. Each names the paper it follows."""
