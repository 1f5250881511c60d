"""The one exception that a user is meant to read."""

from __future__ import annotations

import locale
import os


def _prefers_chinese() -> bool:
    chosen = os.environ.get("SVCQUALITY_LANG") or (locale.getlocale()[0] or "")
    return chosen.lower().startswith(("zh", "chinese"))


class InputError(Exception):
    """What the user gave cannot be worked with: one sentence saying what is wrong and what to do.

    The command line prints it without a traceback and exits with code 2.

    Parameters
    ----------
    en, zh : str
        The same sentence in English and Chinese. ``str(error)`` follows the environment
        variable ``SVCQUALITY_LANG`` (``zh`` or ``en``), else the locale.
    """

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        return InputError, (self.en, self.zh)  # so that it comes back whole from a worker process

    def __str__(self) -> str:
        return self.zh if _prefers_chinese() else self.en
