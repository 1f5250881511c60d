"""What is true of a simulated bank: its parameters, its estimands, the causes of each complaint."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcquality.language import Language, Text

HEADINGS = {
    "note": Text(
        "模拟数据的真值：数据由以下参数生成，不含任何真实客户。来源为 ASSUMED 的参数是假定值。",
        "Truth of simulated data: generated from these parameters, no real customer is in it. "
        "Parameters whose source is ASSUMED are assumptions.",
    ),
    "estimands": Text("真实效应", "True effects"),
    "parameters": Text("参数", "Parameters"),
}
COLUMN_NAMES = {
    "design": Text("分析", "design"),
    "term": Text("项", "term"),
    "name": Text("参数", "parameter"),
    "value": Text("数值", "value"),
    "unit": Text("单位", "unit"),
    "source": Text("来源", "source"),
}


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth behind a simulated bank.

    Parameters
    ----------
    parameters : DataFrame
        ``name, value, unit, source``: every structural parameter; the source is a citation or
        ASSUMED.
    estimands : DataFrame
        ``design, term, value, unit``: what each design estimates, worked out from the structure
        and the rows it is asked about. Terms and units are those of the findings.
    complaints : DataFrame
        ``complaint_id, primary, secondary, tertiary, anger, repeats`` (the complaint whose text is
        repeated).
    branches : DataFrame
        ``branch_id, other_rate, staff_rate`` (expected complaints per 1,000 visits, permanent)``,
        first_exposed, peak_effect`` (share of staff complaints that training removes at its
        peak)``, tightness, satisfaction_level`` (logits).
    surveys : DataFrame
        ``survey_id, satisfaction, recommendation`` (of everybody invited, also of those who did
        not answer)``, straight_liner`` (missing after a complaint). Not written to disk.
    """

    parameters: pd.DataFrame
    estimands: pd.DataFrame
    complaints: pd.DataFrame
    branches: pd.DataFrame
    surveys: pd.DataFrame

    def value(self, design: str, term: str) -> float:
        """One estimand.

        Raises
        ------
        KeyError
            If there is no such term.
        """
        rows = self.estimands
        found = rows.loc[(rows["design"] == design) & (rows["term"] == term), "value"]
        if found.empty:
            raise KeyError(f"{design}.{term}")
        return float(found.iloc[0])

    def card(self) -> pd.DataFrame:
        """Parameters and estimands in one tidy table: part, name, value, unit, source."""
        effects = self.estimands.assign(
            part="estimand",
            name=self.estimands["design"] + "." + self.estimands["term"],
            source="derived from the parameters and the realised records",
        )
        columns = ["part", "name", "value", "unit", "source"]
        return pd.concat(
            [effects[columns], self.parameters.assign(part="parameter")[columns]],
            ignore_index=True,
        )

    def html(self, language: Language = "en") -> str:
        """The card as HTML."""
        names = {k: v[language] for k, v in COLUMN_NAMES.items()}
        parts = [f"<p>{HEADINGS['note'][language]}</p>"]
        for name, frame in (("estimands", self.estimands), ("parameters", self.parameters)):
            shown = frame.rename(columns=names).to_html(index=False, float_format="{:.4g}".format)
            parts.append(
                f"<details><summary>{HEADINGS[name][language]} ({len(frame)})</summary>{shown}</details>"
            )
        return f'<div lang="{language}">{"".join(parts)}</div>'

    def _repr_html_(self) -> str:
        return self.html("zh") + self.html("en")
