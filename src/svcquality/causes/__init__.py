"""From texts to causes and topics: what each complaint is about, with its uncertainty."""
