"""``python -m svcquality``."""

from svcquality.cli import main

main()
