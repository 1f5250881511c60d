"""One diagnostic a file: a number, its threshold, a verdict and one sentence."""
