"""A draft of the mapping file, from what inspection recognised; every open question a comment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from svcquality.records.tables import TABLES

if TYPE_CHECKING:
    from svcquality.records.inspect import FileCard


def draft_mapping(cards: FileCard | Sequence[FileCard]) -> str:
    """A mapping file to correct by hand: what was recognised, and what still needs a decision.

    Parameters
    ----------
    cards : FileCard or sequence of FileCard
        Of two that look like the same table, the first is drafted and the second named.

    Returns
    -------
    str
        Valid TOML; open questions stand as comments.
    """
    given: list[FileCard] = list(cards) if isinstance(cards, Sequence) else [cards]
    drafted: set[str] = set()
    parts = ["# A draft: check every line. Columns that are not listed are not read."]
    for card in given:
        if not card.table or card.table in drafted:
            why = f"also looks like {card.table}" if card.table else "looks like none of the tables"
            parts.append(f"# {json.dumps(card.path.name, ensure_ascii=False)} {why}: not drafted.")
            continue
        drafted.add(card.table)
        parts.append(_draft_table(card))
    return "\n\n".join(parts) + "\n"


def _draft_table(card: FileCard) -> str:
    def quoted(word: str) -> str:
        return json.dumps(word, ensure_ascii=False)

    table = TABLES[card.table]
    known = card.columns[card.columns["meaning"] != ""]
    source = {row.meaning: str(row.column) for row in known.itertuples()}
    lines = [f"[{card.table}]", f"source = {quoted(card.path.name)}"]
    key = table.key[0]
    if len(table.key) == 1 and key not in source:
        lines.append('key = "row"  # no key was recognised: each row is a record')
    lines += ["", f"[{card.table}.columns]"]
    for name, declared in table.columns.items():
        if name in source:
            forms = card.formats.get(source[name], []) if declared.kind in ("time", "date") else []
            value = quoted(source[name])
            if forms:
                value = f"{{ from = {value}, format = {quoted(forms[0])} }}"
            lines.append(f"{name} = {value}  # {declared.meaning.zh} {declared.meaning.en}")
        elif declared.required and name != key:
            lines.append(f'# {name} = "…"  # required: {declared.meaning.zh} {declared.meaning.en}')
    rest = card.columns[(card.columns["meaning"] == "") & ~card.columns["personal"]]
    if len(rest):
        lines += ["", f"# [{card.table}.extra]"]
        lines.append(f"# keep = [{', '.join(quoted(str(c)) for c in rest['column'])}]")
    codes = card.odd.loc[card.odd["code"] == "code"]
    example = dict(zip(codes["column"], codes["example"], strict=True))
    unclear = {name: example[column] for name, column in source.items() if column in example}
    if unclear:
        lines += ["", f"# [{card.table}.missing]"]
        lines += [f"# {name!s} = [{quoted(str(code))}]" for name, code in unclear.items()]
    return "\n".join(lines)
