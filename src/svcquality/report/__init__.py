"""The report of a study: pages, tables, figures, and its numbers held to a baseline."""
