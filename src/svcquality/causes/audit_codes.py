"""What the coders of one draw said, and the hand-coded sample that comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcquality.causes.audit_file import Draw
from svcquality.errors import InputError


@dataclass(frozen=True, eq=False)
class AuditReading:
    """What the coders of one draw said.

    Parameters
    ----------
    draw : Draw
    codes : DataFrame
        One coded row a coder: ``coder, key, cause, second`` (ids, the second may be missing),
        ``doubt`` (bool), ``notes``.
    agreed : Series
        Cause agreed upon after discussion, by key.
    texts : Series
        Texts by key, as the workbook shows them.
    """

    draw: Draw
    codes: pd.DataFrame
    agreed: pd.Series
    texts: pd.Series

    @property
    def coders(self) -> list[str]:
        """Coders who coded anything."""
        return sorted(self.codes["coder"].unique())

    @property
    def by_coder(self) -> pd.DataFrame:
        """Primary causes: a row a text (index ``key``), a column a coder, missing if not coded."""
        wide = self.codes.pivot(index="key", columns="coder", values="cause")
        return wide.reindex(index=self.draw.texts["key"], columns=self.coders)

    def decided(self) -> pd.DataFrame:
        """The cause of each text and who decided it.

        Returns
        -------
        DataFrame
            Index ``key``; ``cause`` (missing where undecided), ``decided`` (``agreed`` after
            discussion, ``unanimous``, ``one coder``, ``differ``, ``not coded``).
        """
        wide = self.by_coder
        different, coded = wide.nunique(axis=1), wide.notna().sum(axis=1)
        first = wide.bfill(axis=1).iloc[:, 0] if len(self.coders) else pd.Series(index=wide.index)
        agreed = self.agreed.reindex(wide.index)
        decided = pd.Series("unanimous", index=wide.index, dtype="str")
        decided[coded == 1] = "one coder"
        decided[coded == 0] = "not coded"
        decided[different > 1] = "differ"
        decided[agreed.notna()] = "agreed"
        cause = first.astype("str").where(different == 1).mask(agreed.notna(), agreed)
        return pd.DataFrame({"cause": cause, "decided": decided})

    def disputes(self) -> pd.DataFrame:
        """Texts on which coders differ and nobody has decided yet.

        Returns
        -------
        DataFrame
            ``key, complaint_id, text, notes`` and a column a coder.
        """
        open_keys = self.decided().query("decided == 'differ'").index
        noted = self.codes[self.codes["notes"].notna()]
        lines = (noted["coder"] + ": " + noted["notes"]).groupby(noted["key"]).agg("\n".join)
        ids = self.draw.texts.set_index("key")["complaint_id"]
        frame = self.by_coder.loc[open_keys]
        frame.insert(0, "complaint_id", ids.reindex(open_keys))
        frame.insert(1, "text", self.texts.reindex(open_keys))
        frame.insert(2, "notes", lines.reindex(open_keys))
        return frame.rename_axis(columns=None).reset_index()

    def coded(self) -> pd.DataFrame:
        """The hand-coded sample, for joining to the complaints by ``complaint_id``.

        Complaints with the same text as one that was certain to be drawn share its code.

        Returns
        -------
        DataFrame
            ``complaint_id, coded_cause, coding_probability``; ``coding_stratum`` and ``coded_text``
            (complaints with the same one were drawn together) for errors; ``decided``.

        Raises
        ------
        InputError
            If a text is not coded, or coders differ and nobody decided: without it the sample is no
            longer the random one that was drawn.
        """
        decided = self.decided()
        open_rows = decided["decided"].value_counts()
        missing, differ = (int(open_rows.get(key, 0)) for key in ("not coded", "differ"))
        if missing:
            raise InputError(
                f"{missing} of {len(decided)} texts have no code yet; code them, for a sample "
                "without its difficult texts is no longer a random one.",
                f"{len(decided)} 条文本中有 {missing} 条尚未编码；请补齐，否则样本不再是随机样本。",
            )
        if differ:
            raise InputError(
                f"Coders differ on {differ} texts; write them out with --adjudicate FILE.xlsx, have "
                "them decided, and give that file as well.",
                f"编码员在 {differ} 条文本上意见不一；请用 --adjudicate FILE.xlsx 导出，裁定后一并给出该文件。",
            )
        texts = self.draw.texts.join(decided, on="key")
        rows = pd.DataFrame(
            {
                "complaint_id": texts["complaint_id"],
                "coded_cause": texts["cause"],
                "coding_probability": texts["probability"],
                "coding_stratum": texts["stratum"],
                "coded_text": texts["key"],
                "decided": texts["decided"],
            }
        )
        same = self.draw.copies.merge(rows, on="complaint_id")
        same = same.drop(columns="complaint_id").rename(columns={"copy_id": "complaint_id"})
        return pd.concat([rows, same[rows.columns]], ignore_index=True)


def with_codes(complaints: pd.DataFrame, coded: pd.DataFrame) -> pd.DataFrame:
    """Complaints with the hand-given codes in place of any that they had.

    Parameters
    ----------
    complaints : DataFrame
        With ``complaint_id``.
    coded : DataFrame
        As `AuditReading.coded` gives it.

    Returns
    -------
    DataFrame
        A copy with ``coded_cause`` and ``coding_probability``.

    Raises
    ------
    InputError
        If a coded complaint is not among them: then the sample is not one of these complaints.
    """
    known = coded.set_index("complaint_id")
    absent = known.index[~known.index.isin(complaints["complaint_id"])]
    if len(absent):
        raise InputError(
            f"{len(absent)} of {len(known)} coded complaints are not in these records (first: "
            f"{absent[0]}); use the records from which the sample was drawn.",
            f"{len(known)} 条已编码投诉中有 {len(absent)} 条不在这些记录中（如 {absent[0]}）；"
            "请使用抽样时的记录。",
        )
    return complaints.assign(
        coded_cause=complaints["complaint_id"].map(known["coded_cause"]),
        coding_probability=complaints["complaint_id"].map(known["coding_probability"]),
    )


def sample_of(coded: pd.DataFrame) -> pd.DataFrame:
    """The coded sample in the words of `svcquality.causes.accuracy.accuracy`."""
    return coded.rename(
        columns={
            "coded_cause": "cause",
            "coding_probability": "probability",
            "coding_stratum": "stratum",
            "coded_text": "cluster",
        }
    )
