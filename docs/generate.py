"""Write docs/tables.md from the declared tables: ``python docs/generate.py``. A test holds it true."""

from __future__ import annotations

from pathlib import Path

from svcquality.records.tables import ITEM_PREFIX, TABLES, Column

HEAD = """# The tables

Every table is optional; a study runs on those it has. Columns in **bold** are needed for the table to
be read, all others may be missing. Columns that a mapping names under `[table.extra]` are kept behind
these. Survey columns `{prefix}<name>` are rated service items, 1 to 5.

_Made from `src/svcquality/records/tables.py` by `python docs/generate.py`._
"""


def tables() -> str:
    """The declared tables as Markdown."""
    parts = [HEAD.format(prefix=ITEM_PREFIX)]
    for table in TABLES.values():
        key = ", ".join(f"`{name}`" for name in table.key)
        parts.append(f"## {table.name} · {table.meaning.zh}\n\n{table.meaning.en}. Key: {key}.")
        if table.time_order:
            parts[-1] += f" Times in order: {' ≤ '.join(table.time_order)}."
        if table.at_least_one_of:
            parts[-1] += f" At least one of: {', '.join(table.at_least_one_of)}."
        rows = ["| column | kind | meaning | 含义 | values |", "|---|---|---|---|---|"]
        rows += [_row(name, column) for name, column in table.columns.items()]
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _row(name: str, column: Column) -> str:
    shown = f"**{name}**" if column.required else name
    values = ", ".join(column.allowed)
    if column.low is not None or column.high is not None:
        high = "" if column.high is None else f" to {column.high:g}"
        low = "" if column.low is None else f"{column.low:g}"
        values = f"{low}{high}" if high else f"at least {low}"
    if column.unit:
        values = f"{values} {column.unit}".strip()
    if column.personal:
        values = f"{values} masked on reading".strip()
    return f"| {shown} | {column.kind} | {column.meaning.en} | {column.meaning.zh} | {values} |"


if __name__ == "__main__":
    (Path(__file__).parent / "tables.md").write_text(tables(), encoding="utf-8")
