"""Clean tables such as banks export, drawn from a seed: what the damaged files are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Row = list[str]


@dataclass(frozen=True)
class CleanTable:
    """One table of text cells.

    Parameters
    ----------
    name : str
    header : list of str
    groups : list of str
        Names over the columns, as a first header row has them: a group stands over its first
        column only. Empty where the table has no such row.
    rows : list of list of str
    encoding : str
        What such an export is usually written in.
    """

    name: str
    header: Row
    groups: Row
    rows: list[Row]
    encoding: str = "utf-8"


def _pick(rng: np.random.Generator, values: list[str], size: int) -> list[str]:
    return [values[i] for i in rng.integers(0, len(values), size)]


def _days(rng: np.random.Generator, size: int, form: str) -> list[str]:
    base = np.datetime64("2023-01-01")
    days = np.sort(base + rng.integers(0, 700, size).astype("timedelta64[D]"))
    return [d.astype(object).strftime(form) for d in days]


def _clock(rng: np.random.Generator, size: int) -> list[str]:
    return [f"{h:02d}:{m:02d}" for h, m in zip(rng.integers(9, 17, size), rng.integers(0, 60, size), strict=True)]  # fmt: skip


def _table(name: str, groups: Row, encoding: str, **columns: list[str]) -> CleanTable:
    header = [column.replace("__", " ") for column in columns]
    return CleanTable(name, header, groups, [list(r) for r in zip(*columns.values(), strict=True)], encoding)  # fmt: skip


def tickets(rng: np.random.Generator, size: int) -> CleanTable:
    """Queue tickets: clock times, numbers, a remark that is mostly empty."""
    remarks = ["", "", "", "", "left before called", "asked for cash, coins and a receipt",
               'machine showed "out of order"', "came back; same day"]  # fmt: skip
    return _table(
        "tickets", ["Visit", "", "", "Waiting", "", "", "Remarks"], "utf-8",
        ticket=[f"T{100_000 + i}" for i in range(size)], day=_days(rng, size, "%Y-%m-%d"),
        branch=[f"B{i:03d}" for i in rng.integers(1, 40, size)], taken=_clock(rng, size),
        wait_minutes=[f"{w:.1f}" for w in rng.gamma(2, 6, size)],
        window=[str(i) for i in rng.integers(1, 9, size)], remark=_pick(rng, remarks, size),
    )  # fmt: skip


def complaints(rng: np.random.Generator, size: int) -> CleanTable:
    """Chinese complaints: free text with commas, quotes and line breaks."""
    texts = ["排队两个小时，没有人解释", "叫号机坏了；请尽快修理", "工作人员说\"等着\"，就走了", "手机银行转账失败,客服电话打不通",
             "信用卡年费没有提前告知", "贷款审批太慢，材料交了三次\n还是没有结果", "柜台态度差", "短信验证码收不到"]  # fmt: skip
    return _table(
        "complaints", ["受理", "", "", "内容", "", "", "处理"], "gb18030",
        工单编号=[f"GD2024{i:05d}" for i in range(size)], 受理日期=_days(rng, size, "%Y/%m/%d"),
        渠道=_pick(rng, ["电话", "网点", "手机银行", "信函"], size),
        投诉内容=[f"{t}（第{n}次）" if n > 1 else t for t, n in zip(_pick(rng, texts, size), rng.integers(1, 4, size), strict=True)],
        涉及金额=[f"{a:.2f}" if a > 300 else "" for a in rng.gamma(1, 900, size)],
        客户年龄=[str(a) for a in rng.integers(18, 85, size)],
        状态=_pick(rng, ["已办结", "处理中", "已回复"], size),
    )  # fmt: skip


def survey(rng: np.random.Generator, size: int) -> CleanTable:
    """Answers with prices, links and products whose names hold commas and inch marks."""
    products = ["Card, Gold", 'Tablet 10" stand', "Savings plan", "Loan, fixed rate", "Men's account", "Travel cover"]  # fmt: skip
    words = ["Staff were kind, quick and clear.", "Too slow", "I waited; nobody came", "Fine", "", "The app said \"try again\" for days, then closed."]  # fmt: skip
    return _table(
        "survey", ["Answer", "", "", "", "Product", "", "", ""], "utf-8",
        id=[str(5000 + i) for i in range(size)], answered=_days(rng, size, "%d/%m/%Y"),
        score=[str(s) for s in rng.integers(0, 11, size)], Satisfied__after=_pick(rng, ["yes", "no"], size),
        product=_pick(rng, products, size), fee=[f"${f:.2f}" for f in rng.gamma(2, 15, size)],
        comment=_pick(rng, words, size),
        url=[f"https://www.example.com/answer/{i}.html" for i in rng.integers(1000, 9999, size)],
    )  # fmt: skip


def balances(rng: np.random.Generator, size: int) -> CleanTable:
    """Accounts with decimal commas and accents, as half of Europe writes them."""
    names = ["Agência Central", "Filiale Köln", "Succursale d'Orléans", "Oficina Málaga"]
    return _table(
        "balances", ["Konto", "", "Stand", "", "", "Ort"], "cp1252",
        konto=[f"DE{n}" for n in rng.integers(10**9, 10**10, size)], datum=_days(rng, size, "%d.%m.%Y"),
        saldo=[f"{b:.2f}".replace(".", ",") for b in rng.normal(2000, 900, size)],
        zins=[f"{z:.2f} %".replace(".", ",") for z in rng.uniform(0, 4, size)],
        produkte=[str(p) for p in rng.integers(1, 6, size)], filiale=_pick(rng, names, size),
    )  # fmt: skip


def transfers(rng: np.random.Generator, size: int) -> CleanTable:
    """Korean transfers: codes, amounts with grouped digits, short texts."""
    notes = ["창구 대기 시간이 너무 길었습니다", "앱 이체 오류, 다시 시도함", "만족합니다", "직원 설명이 부족했습니다", ""]  # fmt: skip
    return _table(
        "transfers", [], "cp949",
        거래번호=[f"KR-{i:06d}" for i in rng.integers(0, 10**6, size)], 거래일=_days(rng, size, "%Y%m%d"),
        금액=[f"{a:,}" for a in rng.integers(1_000, 9_000_000, size)],
        지점=_pick(rng, ["강남", "종로", "부산", "대구"], size), 메모=_pick(rng, notes, size),
    )  # fmt: skip


TABLES: tuple[Callable[[np.random.Generator, int], CleanTable], ...] = (
    tickets, complaints, survey, balances, transfers,
)  # fmt: skip
