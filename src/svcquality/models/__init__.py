"""From tidy data to a fitted model: roles, analysis frames, formulas, matrices, fits."""
