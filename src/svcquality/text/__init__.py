"""From raw complaint texts to normalised text, seed spans and tokens."""
