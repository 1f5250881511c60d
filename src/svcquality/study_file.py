"""One TOML file: where the records are, which questions to ask, which rules were fixed beforehand."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from svcquality.errors import InputError
from svcquality.language import LANGUAGES, Language, Text

STUDY_FILE = "study.toml"

_SECTIONS = {
    "study": {"title", "language", "seed"},
    "records": None,  # read by svcquality.records
    "causes": {"codebook", "starts", "instrument", "covariates"},
    "report": {"suppress_below", "examples"},
    "tolerances": None,  # pattern = absolute tolerance
    "question": None,
    "family": None,
}


@dataclass(frozen=True)
class Question:
    """One question of a study: a design and its options."""

    id: str
    design: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """Tests whose p-values are adjusted together, declared beforehand.

    Parameters
    ----------
    name : str
    members : tuple of str
        Patterns of ``<question id>.<term>``.
    method : {"holm", "bh", "bonferroni"}
    """

    name: str
    members: tuple[str, ...]
    method: str = "holm"


@dataclass(frozen=True)
class Study:
    """A study as its file declares it.

    Parameters
    ----------
    path : Path
        The study file, or the directory of tables where there is no such file.
    title : Text
    language : {"zh", "en"}
        In which language the report opens.
    seed : int
        Every random number of the study comes from it.
    questions : tuple of Question
        Empty means: every design that the tables allow.
    codebook : str
        Name of a shipped codebook or path of one, relative to the study file.
    starts : int
        Restarts of the topic model, all carried along.
    instrument : str
        What measures the causes, see `svcquality.causes.measure.measure_causes`.
    covariates : tuple of str
        Columns of the complaints for the instrument ``prevalence``.
    suppress_below : int
        Counts below it are not shown, nor texts of causes with fewer complaints.
    examples : int
        Masked texts shown a cause.
    tolerances : mapping
        Pattern of number ids → absolute tolerance of ``svcquality check``.
    families : tuple of Family
        Empty means: the tests of each finding are a family of their own (Holm).
    """

    path: Path
    title: Text
    language: Language = "zh"
    seed: int = 0
    questions: tuple[Question, ...] = ()
    codebook: str = "bank-zh"
    starts: int = 3
    instrument: str = "seeded"
    covariates: tuple[str, ...] = ()
    suppress_below: int = 10
    examples: int = 3
    tolerances: Mapping[str, float] = field(default_factory=dict)
    families: tuple[Family, ...] = ()

    @property
    def directory(self) -> Path:
        """Where relative paths of the study start."""
        return self.path if self.path.is_dir() else self.path.parent


def read_study(path: str | Path) -> Study:
    """Read a study: a ``study.toml``, or a directory that holds one or just tables.

    Raises
    ------
    InputError
        If the path is missing, the TOML malformed, a section or key unknown, or a value not of
        its kind. Designs and their options are checked when the study runs.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(
            f"There is no study at {path}; give a study.toml or a directory of tables.",
            f"{path} 不存在；请给出 study.toml 或存放数据表的目录。",
        )
    file = path / STUDY_FILE if path.is_dir() else path
    if not file.exists():
        return Study(
            path=path, title=Text(f"服务质量研究：{path.name}", f"Service quality: {path.name}")
        )
    raw = _parse(file)
    known("section", raw, _SECTIONS, file)
    for section, keys in _SECTIONS.items():
        if keys is not None and section in raw:
            _table(raw, section, file)
            known(f"key in [{section}]", raw[section], keys, file)
    head, causes, report = (raw.get(s, {}) for s in ("study", "causes", "report"))
    return Study(
        path=file,
        title=_title(head.get("title", file.parent.name), file),
        language=_language(head.get("language", "zh"), file),
        seed=_whole(head, "seed", 0, 0, file),
        questions=_questions(raw.get("question", []), file),
        codebook=_string(causes, "codebook", "bank-zh", file),
        starts=_whole(causes, "starts", 3, 1, file),
        instrument=_string(causes, "instrument", "seeded", file),
        covariates=_names(causes, "covariates", file),
        suppress_below=_whole(report, "suppress_below", 10, 0, file),
        examples=_whole(report, "examples", 3, 0, file),
        tolerances=_tolerances(raw.get("tolerances", {}), file),
        families=_families(raw.get("family", []), file),
    )


def known(what: str, given: Iterable[str], allowed: Iterable[str], file: Path) -> None:
    """Refuse a word that is not allowed, proposing the nearest one.

    Raises
    ------
    InputError
        For the first unknown word.
    """
    allowed = sorted(allowed)
    for word in given:
        if word not in allowed:
            near = difflib.get_close_matches(word, allowed, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(allowed)}."
            hint_zh = f"是否想写 {near[0]!r}？" if near else f"可用：{'、'.join(allowed)}。"
            raise InputError(
                f"{file}: unknown {what} {word!r}.{hint}",
                f"{file}：未知的 {what} {word!r}。{hint_zh}",
            )


def _parse(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{file} is not valid TOML: {error}.", f"{file} 不是有效的 TOML：{error}。"
        ) from error
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error}.", f"无法读取 {file}：{error}。"
        ) from error


def _wrong(file: Path, name: str, wanted: str, wanted_zh: str) -> InputError:
    return InputError(f"{file}: {name} must be {wanted}.", f"{file}：{name} 应为{wanted_zh}。")


def _table(raw: Mapping[str, Any], name: str, file: Path) -> None:
    if not isinstance(raw[name], dict):
        raise _wrong(file, name, "a section", "一个小节")


def _string(section: Mapping[str, Any], name: str, default: str, file: Path) -> str:
    value = section.get(name, default)
    if not isinstance(value, str) or not value:
        raise _wrong(file, name, "a text", "文本")
    return value


def _whole(section: Mapping[str, Any], name: str, default: int, low: int, file: Path) -> int:
    value = section.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise _wrong(file, name, f"a whole number of at least {low}", f"不小于 {low} 的整数")
    return value


def _names(section: Mapping[str, Any], name: str, file: Path) -> tuple[str, ...]:
    value = section.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise _wrong(
            file, name, 'a list of column names, such as ["channel"]', '列名列表，如 ["channel"]'
        )
    return tuple(value)


def _language(value: Any, file: Path) -> Language:
    if value not in LANGUAGES:
        raise _wrong(file, "language", "zh or en", " zh 或 en")
    return cast(Language, value)


def _title(value: Any, file: Path) -> Text:
    if isinstance(value, str):
        return Text(value, value)
    if (
        isinstance(value, dict)
        and set(value) == {"zh", "en"}
        and all(isinstance(v, str) for v in value.values())
    ):
        return Text(value["zh"], value["en"])
    raise _wrong(file, "title", 'a text or { zh = "…", en = "…" }', '文本或 { zh = "…", en = "…" }')


def _questions(raw: Any, file: Path) -> tuple[Question, ...]:
    if not isinstance(raw, list) or not all(isinstance(q, dict) for q in raw):
        raise _wrong(file, "question", "written as [[question]]", "写成 [[question]]")
    questions = []
    for entry in raw:
        design = _string(entry, "design", "", file)
        name = _string(entry, "id", design, file)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):  # becomes a file name
            raise _wrong(
                file, f"question id {name!r}",
                "letters, digits, - and _ only", "仅含字母、数字、- 和 _",
            )  # fmt: skip
        questions.append(
            Question(name, design, {k: v for k, v in entry.items() if k not in ("id", "design")})
        )
    names = [q.id for q in questions]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise InputError(
            f"{file}: question id {sorted(twice)[0]!r} is used twice; give each its own id.",
            f"{file}：问题编号 {sorted(twice)[0]!r} 重复；请为每个问题设置不同的 id。",
        )
    return tuple(questions)


_METHODS = ("holm", "bh", "bonferroni")


def _families(raw: Any, file: Path) -> tuple[Family, ...]:
    if not isinstance(raw, list) or not all(isinstance(f, dict) for f in raw):
        raise _wrong(file, "family", "written as [[family]]", "写成 [[family]]")
    families = []
    for number, entry in enumerate(raw, 1):
        known("key in [[family]]", entry, {"name", "members", "method"}, file)
        members = _names(entry, "members", file)
        if not members:
            raise _wrong(
                file, "members", 'patterns such as ["wait.*", "training.att"]',
                '模式列表，如 ["wait.*", "training.att"]',
            )  # fmt: skip
        method = _string(entry, "method", "holm", file)
        known("method of a family", [method], _METHODS, file)
        families.append(Family(_string(entry, "name", f"family {number}", file), members, method))
    return tuple(families)


def _tolerances(raw: Any, file: Path) -> dict[str, float]:
    if not isinstance(raw, dict) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) and v >= 0 for v in raw.values()
    ):
        raise _wrong(
            file, "[tolerances]", 'pattern = number, such as "wait.*" = 0.001',
            '“模式 = 数值”，例如 "wait.*" = 0.001',
        )  # fmt: skip
    return {k: float(v) for k, v in raw.items()}
