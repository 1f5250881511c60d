"""The account of reading files, put before that of validating their table: rows mended, set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from svcquality.language import Text
from svcquality.records.ledger import Ledger
from svcquality.records.raw import RawFile
from svcquality.records.validate import Validated

SET_ASIDE: dict[str, Text] = {
    "preamble": Text("去除表前说明行", "rows above the table set aside"),
    "footnotes": Text("去除表后附注行", "rows below the table set aside"),
    "blank_rows": Text("去除空行", "blank rows dropped"),
    "repeated_header": Text("去除重复的表头", "repeated headers dropped"),
    "second_table": Text("未读取的第二个表", "rows of a second table, not read"),
}
"""Steps of the flow before the rows of a table are counted."""


def with_reading(part: Validated, raws: Sequence[RawFile]) -> Validated:
    """A validated table whose ledger and flow begin with what reading its files did.

    Parameters
    ----------
    part : Validated
    raws : sequence of RawFile
        Its files, in the order in which their rows follow each other.
    """
    mended, before = [], 0
    for raw in raws:
        mended.append(raw.mended.assign(row=raw.mended["row"] + before))
        before += len(raw.frame)
    rows = pd.concat(mended, ignore_index=True).assign(table=part.table.name)
    ledger = Ledger(part.table.name, [rows, *part.ledger.parts] if len(rows) else part.ledger.parts)
    aside = [note for raw in raws for note in raw.notes if note.rows and note.code in SET_ASIDE]
    if not aside:
        return replace(part, ledger=ledger)
    counts: dict[str, int] = {}
    for note in aside:
        counts[note.code] = counts.get(note.code, 0) + note.rows
    steps = [("*", before + sum(counts.values())), *((code, counts[code]) for code in counts)]
    whole = Text("文件中的行", "rows of the file")
    flow = pd.DataFrame(
        [
            (part.table.name, SET_ASIDE.get(code, whole).zh, SET_ASIDE.get(code, whole).en, number)
            for code, number in steps
        ],
        columns=["table", "step_zh", "step_en", "rows"],
    )
    return replace(part, ledger=ledger, flow=pd.concat([flow, part.flow], ignore_index=True))
