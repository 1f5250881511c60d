"""Files in, validated tables and panels out."""
