"""The report as one page: both languages, no script, no network."""

from __future__ import annotations

import base64
import hashlib
import numbers
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from svcquality import wording
from svcquality.designs import DESIGNS
from svcquality.findings import Claim, Finding
from svcquality.language import LANGUAGES, Language, Text
from svcquality.records.card import Card
from svcquality.records.tables import TABLES
from svcquality.report.words import COLUMN_WORDS, WORDS
from svcquality.study import StudyResult

_INVISIBLE = dict.fromkeys(
    [
        *range(0x00, 0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0),  # control characters
        0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F),  # zero width, direction
        *range(0x2060, 0x2070), 0xFEFF, *range(0xD800, 0xE000), *range(0xE0000, 0xE0080),
    ]
)  # fmt: skip
"""Characters that show nothing, or turn what stands beside them around."""

_SAFE = " '/:;=,()[]{}!@$*+?-._~"
"""What stands as it is in the address of a drawing within double quotes."""

ROWS_SHOWN = 12
"""Rows of a finding's table shown at once; further rows unfold."""
EXAMPLES_SHOWN = 6
"""Causes whose examples are shown at once; further ones unfold."""
ROWS_OF_CARD = 40
"""Rows shown of a table about the records; the page says how many more there are."""


def render(
    result: StudyResult,
    drawings: Mapping[str, Mapping[Language, str]],
    further: Mapping[str, Mapping[str, Mapping[Language, bytes]]] | None = None,
    models: Mapping[str, Mapping[Language, str]] | None = None,
) -> str:
    """The page.

    Parameters
    ----------
    result : StudyResult
    drawings : mapping
        By finding id and language, its figure as SVG; a finding without one has none.
    further : mapping, optional
        By finding id, figure and language, further figures as PNG.
    models : mapping, optional
        By finding id and language, the table of its models as HTML.
    """
    environment = Environment(
        loader=PackageLoader("svcquality.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    card = result.records.card()
    examples = _examples(result.examples)
    style = (files("svcquality.report") / "templates" / "report.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        style=style,
        style_hash=f"sha256-{digest}",
        languages=LANGUAGES,
        study=result.study,
        words=WORDS,
        front=_front(result, card),
        cards=[_withheld_card(f) if f.blocked else _card(f) for f in result.findings],
        findings=[
            {
                **_finding(f, drawings.get(f.id, {})),
                **_for_researchers(f, (further or {}).get(f.id, {}), (models or {}).get(f.id, {})),
            }
            for f in result.findings
        ],
        unanswered=[
            {"id": q.id, "title": DESIGNS[q.design].title, "reason": q.reason}
            for q in (*result.not_asked, *result.failed)
        ],
        examples=examples[:EXAMPLES_SHOWN],
        more_examples=examples[EXAMPLES_SHOWN:],
        records=_records(card),
        provenance=_provenance(result.provenance),
    )


def _visible(value: Any) -> Any:
    """What a page may hold of a text: only what a reader sees."""
    return value.translate(_INVISIBLE) if isinstance(value, str) else value


def _front(result: StudyResult, card: Card) -> dict[str, Any]:
    tables = card.tables
    # Customers may have joined, and branches opened, long before the records start.
    dated = tables[~tables["table"].isin(["customers", "branches"]) & (tables["first"] != "")]
    complaints = result.records.tables.get("complaints")
    versions = ""
    if complaints is not None:
        versions = ", ".join(sorted(complaints["definition_version"].dropna().unique()))
    return {
        "period": (dated["first"].min(), dated["last"].max()) if len(dated) else (),
        "definition": versions,
        "counts": [
            {"name": TABLES[name].meaning, "rows": f"{rows:,}"}
            for name, rows in zip(tables["table"], tables["rows"], strict=True)
        ],
    }


def _day(value: Any) -> str:
    day = pd.to_datetime(value)
    return "—" if pd.isna(day) else f"{day:%Y-%m-%d}"


def _card(finding: Finding) -> dict[str, Any]:
    claim = finding.claims[0]
    signed = claim.null == 0.0
    verdict = wording.verdict(claim, finding.grade.value)
    return {
        "id": finding.id,
        "title": DESIGNS[finding.design].title,
        "grade": verdict,
        "grade_class": _grade_class(finding, verdict),
        "about": Text(
            f"{claim.subject.zh}：{claim.outcome.zh}",
            f"{claim.subject.en[:1].upper()}{claim.subject.en[1:].rstrip(',')}: {claim.outcome.en}",
        ),
        "value": _both(lambda lang: _parts(claim, signed, lang)[0]),
        "unit": _both(lambda lang: _parts(claim, signed, lang)[1]),
        "interval": _both(lambda lang: wording.interval(claim.low, claim.high, claim.unit, lang)),
        "notes": _notes(sum(c.status == "warn" for c in finding.checks)),
    }


def _grade_class(finding: Finding, verdict: Text | None) -> str:
    clear = verdict == wording.GRADE_NAMES[finding.grade.value]
    return finding.grade.name.lower() if clear else "describes"


def _notes(count: int) -> Text | None:
    if count == 0:
        return None
    return WORDS["note"] if count == 1 else WORDS["notes"].format(n=count)


def _withheld_card(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "title": DESIGNS[finding.design].title,
        "grade": WORDS["withheld"],
        "grade_class": "blocked",
        "reason": _both(finding.sentence),
    }


def _parts(claim: Claim, signed: bool, language: Language) -> tuple[str, str]:
    return wording.number_and_unit(claim.estimate, claim.unit, language, signed=signed)


def _both(say: Any) -> Text:
    return Text(say("zh"), say("en"))


def _finding(finding: Finding, drawings: Mapping[Language, str]) -> dict[str, Any]:
    # A withheld finding says so instead, and may have no claim to judge.
    verdict = None if finding.blocked else wording.verdict(finding.claims[0], finding.grade.value)
    rows = [] if finding.blocked else [_row(r) for r in finding.table.to_dict("records")]
    return {
        "id": finding.id,
        "title": DESIGNS[finding.design].title,
        "question": finding.question,
        "grade": verdict,
        "grade_class": "blocked" if finding.blocked else _grade_class(finding, verdict),
        "blocked": finding.blocked,
        "sentence": _both(finding.sentence),
        "figure": {k: _address(v) for k, v in drawings.items()},
        "caption": finding.title,
        "rows": rows[:ROWS_SHOWN],
        "more": rows[ROWS_SHOWN:],
        "has_p": any(r["p"] != "—" for r in rows),
        "checks": [
            {"status": c.status, "word": wording.STATUS_NAMES[c.status], "text": c.text}
            for c in finding.checks
        ],
        "method": finding.method,
        "flow": finding.flow.to_dict("records"),
    }


def _address(svg: str) -> Markup:
    """A drawing within its own address; nothing is left that could end an attribute."""
    return Markup(quote(svg.replace('"', "'"), safe=_SAFE))


def _for_researchers(
    finding: Finding,
    further: Mapping[str, Mapping[Language, bytes]],
    models: Mapping[Language, str],
) -> dict[str, Any]:
    return {
        "further": [
            {
                "title": finding.appendix[name],
                "images": {k: base64.b64encode(v).decode() for k, v in images.items()},
            }
            for name, images in further.items()
        ],
        # Escaped where it was made.
        "models": {language: Markup(table) for language, table in models.items()},
    }


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    unit = row["unit"]
    return {
        "label": Text(row["label_zh"], row["label_en"]),
        "value": _both(lambda lang: wording.number(row["estimate"], unit, lang)),
        "interval": _both(
            lambda lang: "—" if pd.isna(row["low"]) else wording.interval(row["low"], row["high"], unit, lang)
        ),
        "p": _p(row["p_adjusted"]),
        "n": "—" if pd.isna(row["n"]) else f"{int(row['n']):,}",
    }  # fmt: skip


def _p(value: Any) -> str:
    if pd.isna(value):
        return "—"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _examples(examples: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"label": Text(group["label_zh"].iloc[0], group["label_en"].iloc[0]),
         "texts": group["text"].tolist()}
        for _, group in examples.groupby("cause", sort=False)
    ]  # fmt: skip


def _records(card: Card) -> list[dict[str, Any]]:
    """Frames of the records' card that a reader of a report wants, as tables of words."""
    parts = []
    for name in (
        "tables",
        "notes",
        "flow",
        "repairs",
        "declared",
        "links",
        "denominators",
        "masked",
        "ignored",
    ):
        frame: pd.DataFrame = getattr(card, name)
        if len(frame):
            hidden = len(frame) - ROWS_OF_CARD
            parts.append(
                {
                    "title": WORDS[f"card_{name}"],
                    "tables": _worded(frame.head(ROWS_OF_CARD)),
                    "hidden": WORDS["hidden"].format(n=f"{hidden:,}") if hidden > 0 else None,
                }
            )
    return parts


def _worded(frame: pd.DataFrame) -> dict[Language, dict[str, Any]]:
    found: dict[Language, dict[str, Any]] = {}
    for language in LANGUAGES:
        other = "_en" if language == "zh" else "_zh"
        shown = frame[[c for c in frame.columns if not str(c).endswith(other)]]
        shown.columns = [str(c).removesuffix(f"_{language}") for c in shown.columns]
        shown = shown.loc[:, ~shown.columns.duplicated(keep="last")]
        if "meaning" in shown:
            shown = shown.drop(columns="table")
        found[language] = {
            "head": [COLUMN_WORDS[c][language] if c in COLUMN_WORDS else c for c in shown.columns],
            "rows": [
                [(_cell(v, language), _is_number(v)) for v in row]
                for row in shown.itertuples(index=False)
            ],
            "numeric": [pd.api.types.is_numeric_dtype(t) for t in shown.dtypes],
        }
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Number) and not isinstance(value, bool)


def _cell(value: Any, language: Language) -> str:
    if isinstance(value, str):
        return TABLES[value].meaning[language] if value in TABLES else value
    if value is None or pd.isna(value):
        return "—"
    if isinstance(value, pd.Timestamp):
        return _day(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def _provenance(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The stamp as lines; hashes are cut to what a person compares."""
    lines = []
    for name, value in provenance.items():
        if isinstance(value, Mapping):
            lines += [(f"{name} · {k}", _short(str(v))) for k, v in value.items()]
        else:
            lines.append((name, _short(str(value))))
    return lines


def _short(value: str) -> str:
    return f"{value[:16]}…" if len(value) == 64 else value
