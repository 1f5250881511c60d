"""What people type into a coding cell, and which cause they mean."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping

from svcquality.causes.audit_file import choices
from svcquality.text.codebook import RESIDUAL, Codebook

_NO = {"", "no", "n", "0", "false", "否", "无", "-", "不"}
_RESIDUAL_TOO = ("其他", "其它", "其它原因", "other", "others", "none")


def fold(value: object) -> str:
    """One spelling for what looks alike: full width, capitals, outer and repeated spaces."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # spreadsheets turn the id 3 into 3.0
    text = unicodedata.normalize("NFKC", "" if value is None else str(value))
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")  # invisible marks
    return " ".join(text.strip().lstrip("'").split()).casefold()


def is_marked(value: object) -> bool:
    """Whether a cell that only asks for a mark has one."""
    return fold(value) not in _NO


class CauseReader:
    """Reads the cause that a cell names: its id, key, label in either language, or the list entry.

    Parameters
    ----------
    codebook : Codebook
    """

    def __init__(self, codebook: Codebook) -> None:
        self._shown = choices(codebook)
        names: dict[str, set[str]] = {}
        for cause in codebook.causes:
            for name in (cause.key, cause.label.zh, cause.label.en):
                names.setdefault(_bare(name), set()).add(cause.id)
        for name in (*_RESIDUAL_TOO, *self._labels_of_residual(codebook)):
            names.setdefault(_bare(name), set()).add(RESIDUAL)
        self._known: Mapping[str, str] = {
            **{name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1},
            **{_bare(entry): cause for cause, entry in self._shown.items()},
            **{_bare(cause): cause for cause in self._shown},  # an id outweighs a label
        }
        by_length = sorted(self._shown, key=len, reverse=True)
        self._begins = re.compile(
            rf"({'|'.join(re.escape(fold(i)) for i in by_length)})(?![a-z0-9_])(.*)"
        )

    def read(self, value: object) -> str | None:
        """The id of the cause, or None where the cell is empty.

        Raises
        ------
        KeyError
            If it names no cause; the argument is the nearest entry of the list, or empty.
        """
        text = fold(value)
        if not text:
            return None
        found = self._known.get(_bare(text)) or self._after_an_id(text)
        if found is None:
            near = difflib.get_close_matches(_bare(text), self._known, n=1, cutoff=0.6)
            raise KeyError(self._shown[self._known[near[0]]] if near else "")
        return found

    def _after_an_id(self, text: str) -> str | None:
        """An id with a part of its own label behind: ``Q1 等候``; ``Q1 T1`` names two causes."""
        start = self._begins.match(re.sub(r"^\W+", "", text))
        if start is None:
            return None
        cause = self._known[_bare(start[1])]
        rest = _bare(start[2])
        return cause if rest and rest in _bare(self._shown[cause]) else None

    @staticmethod
    def _labels_of_residual(codebook: Codebook) -> tuple[str, str]:
        label = codebook.labels[RESIDUAL]
        return label.zh, label.en


def _bare(text: str) -> str:
    """Letters, digits and inner underscores only."""
    return re.sub(r"[^\w]+", "", fold(text))
