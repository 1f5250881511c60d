"""A simulated bank on disk: the same bytes for the same bank."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from svcquality.simulate.truth import Truth
from svcquality.storage import write_atomic

AS_PARQUET = ("visits", "accounts")

CARD = """# 数据卡 / Data card

**全部为模拟数据，不含任何真实客户、员工或机构。** 由 `{made_by}` 生成，可逐字节重现；真值见 `truth/`。

**All simulated: no real customer, member of staff or bank is in it.** Made by `{made_by}`, the same bytes each time; the truth is in `truth/`.

- `visits` 为每个网点每月抽取一个工作日的叫号流水；整月到店数在 `denominators`。
  `visits` is the ticket log of one working day a branch and month; whole months are in `denominators`.
- `customers` 是代表全体客户的样本，`denominators` 中的 customers 为全体客户数。每件投诉都归于样本客户，因此样本客户的人均投诉远高于全体客户。
  `customers` is a panel that stands for the base counted in `denominators`. Every complaint belongs to a panel customer, so complaints per panel customer are far above those per customer of the bank.
- `recorded_cause` 是银行登记的原因（有误登）；`coded_cause` 是随机样本的人工编码，`coding_probability` 为入样概率。
  `recorded_cause` is what the bank recorded (with errors); `coded_cause` was coded by hand in a random sample drawn with `coding_probability`.
- 截止日之后的答复与办结为缺失。
  Answers and closures after the last month are missing: they are still to come.

| 表 / table | 行 / rows |
|---|---|
{rows}
"""


def write_bank(
    directory: Path, frames: Mapping[str, pd.DataFrame], truth: Truth, made_by: str
) -> None:
    """Write every table, the truth and a data card; each file is whole or absent."""
    for name, frame in frames.items():
        if name in AS_PARQUET:
            write_atomic(directory / f"{name}.parquet", _parquet(frame))
        else:
            write_atomic(directory / f"{name}.csv", _csv(frame))
    for name in ("parameters", "estimands", "complaints", "branches"):
        write_atomic(directory / "truth" / f"{name}.csv", _csv(getattr(truth, name)))
    rows = "\n".join(f"| {name} | {len(frame):,} |" for name, frame in frames.items())
    write_atomic(directory / "data_card.md", CARD.format(made_by=made_by, rows=rows))


def _csv(frame: pd.DataFrame) -> str:
    out = frame.dropna(axis=1, how="all").copy()
    for name in out.columns:
        if out[name].dtype.kind == "M":
            midnight = (out[name].dropna() == out[name].dropna().dt.normalize()).all()
            out[name] = out[name].dt.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
        elif out[name].dtype.kind == "f":
            whole = (out[name].dropna() % 1 == 0).all()
            out[name] = out[name].astype("Int64") if whole else out[name].round(8)
    return out.to_csv(index=False, lineterminator="\n")


def _parquet(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("ms"))
        elif pa.types.is_large_string(column.type):
            column = column.cast(pa.string())
        elif pa.types.is_floating(column.type):
            column = column.cast(pa.int64()) if name == "balance" else column
        columns[name] = column
    table = pa.table(columns)
    encoding = {}
    for field in table.schema:
        if pa.types.is_timestamp(field.type) and field.name != "month":
            encoding[field.name] = (
                "PLAIN"  # smaller than deltas: seconds leave room in milliseconds
            )
        elif pa.types.is_integer(field.type):
            encoding[field.name] = "DELTA_BINARY_PACKED"
        elif field.name == "visit_id":
            encoding[field.name] = "DELTA_BYTE_ARRAY"
    few_values = [name for name in table.column_names if name not in encoding]
    buffer = io.BytesIO()
    pq.write_table(
        table, buffer, compression="zstd", compression_level=12, use_dictionary=few_values,
        column_encoding=encoding,
    )  # fmt: skip
    return buffer.getvalue()
