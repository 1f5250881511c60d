"""Claims about speed and memory, each a ratio against a named peer measured in the same run."""
