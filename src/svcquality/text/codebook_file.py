"""Reading a codebook: every mistake in the file is named, none is guessed away."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.text.codebook import EMPTY, RESIDUAL, Cause, Codebook, Family
from svcquality.text.codebook_gaps import what_is_missing
from svcquality.text.normalise import normalise
from svcquality.text.seed_patterns import forms_of, tidy_seed

WEIGHTS = {"strong": 2.0, "clear": 1.0, "hint": 0.4}
"""What one occurrence of a seed weighs, where a file does not say."""
LARGEST = 5_000_000
"""Bytes; a larger file is no codebook."""

_FOLDER = files("svcquality.text").joinpath("codebooks")
_NOTES = ("definition", "include", "exclude")


def codebook_names() -> list[str]:
    """Names of the codebooks that come with the package."""
    files = (path.name for path in _FOLDER.iterdir() if path.name.endswith(".yaml"))
    return sorted(name.removesuffix(".yaml") for name in files)


def codebook_template() -> bytes:
    """A commented codebook to start from, in YAML."""
    return _FOLDER.joinpath("template.txt").read_bytes()


def load_codebook(source: str | Path | Codebook) -> Codebook:
    """Read a codebook.

    Parameters
    ----------
    source : str, Path or Codebook
        The name of a codebook that comes with the package (``"bank-zh"``), or the path of a YAML
        file of the same form. A codebook is returned as it is.

    Raises
    ------
    InputError
        If there is no such codebook or file, or the file is not a codebook: says which entry.
    """
    if isinstance(source, Codebook):
        return source
    if str(source) in codebook_names():
        return parse_codebook(_FOLDER.joinpath(f"{source}.yaml").read_bytes(), str(source))
    path = Path(source)
    if not path.is_file():
        names = codebook_names()
        raise InputError(
            f"There is no codebook {str(source)!r}; give a YAML file or one of {', '.join(names)}.",
            f"找不到编码本“{source}”；请给出 YAML 文件，或使用内置的：{'、'.join(names)}。",
        )
    return parse_codebook(path.read_bytes(), path.stem)


def parse_codebook(data: bytes, name: str) -> Codebook:
    """Read a codebook from the bytes of its YAML file.

    A cause needs an ``id``, a label in one language (``zh`` or ``en``) and seeds; everything else
    may be left out. ``wanted: all`` makes every seed a wanted one. Where a text is in one language only, it stands for the other too. What a
    reader would miss is in `Codebook.warnings`.

    Raises
    ------
    InputError
        If it is not YAML in UTF-8, an entry lacks a field or has one too many, an id occurs twice,
        a family, neighbour or wanted word is unknown, a seed cannot be read, or there is none.
    """
    reader = _Reader(name)
    raw = reader.yaml(data)
    reader.fields(
        "codebook", raw, {"causes"}, {"version", "weights", "families", "note", "title", "wanted"}
    )
    weights = reader.weights(raw.get("weights", WEIGHTS))
    families = (
        tuple(map(reader.family, reader.entries(raw, "families"))) if "families" in raw else ()
    )
    causes = tuple(reader.cause(entry, weights) for entry in reader.entries(raw, "causes"))
    if not families:  # then each cause is reported for itself
        families = tuple(Family(cause.family, cause.label) for cause in causes)
    reader.check_ids(families, causes, own="families" not in raw)
    title = reader.text("title", raw["title"]) if "title" in raw else EMPTY
    seeds = [seed for cause in causes for seed in (*cause.seeds_zh, *cause.seeds_en)]
    named = raw.get("wanted")
    given = seeds if named == "all" else [reader.seed("wanted", w) for w in reader.listed(named)]
    normal = _normal_spelling([*seeds, *given])
    causes = tuple(_respell(cause, normal) for cause in causes)
    wanted = frozenset(normal[word] for word in given)
    for word in sorted(wanted - {s for c in causes for s in (*c.seeds_zh, *c.seeds_en)}):
        raise reader.bad(f"wanted has {word!r}, which is no seed of any cause",
                         f"wanted 中的“{word}”不是任何原因的种子词")  # fmt: skip
    return Codebook(
        name, str(raw.get("version", "")), families, causes, data, title, wanted,
        what_is_missing(families, causes),
    )  # fmt: skip


class _StrictLoader(yaml.SafeLoader):
    """YAML without entries that are given twice, of which the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} is given twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class _Reader:
    """Reads entries of the codebook ``name``, and names it in every error."""

    name: str

    def bad(self, en: str, zh: str) -> InputError:
        return InputError(
            f"The codebook {self.name} cannot be used: {en}; correct the file and run again.",
            f"编码本 {self.name} 无法使用：{zh}；请修改后重新运行。",
        )

    def yaml(self, data: bytes) -> Any:
        if len(data) > LARGEST:
            raise self.bad("it is too large to be a codebook", "文件过大，不是编码本")
        try:
            return yaml.load(data.decode("utf-8-sig"), _StrictLoader)
        except UnicodeDecodeError as error:
            raise self.bad("it is not saved as UTF-8", "不是以 UTF-8 编码保存") from error
        except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
            problem = " ".join(str(error).split())
            raise self.bad(
                f"it is not valid YAML ({problem})", f"不是有效的 YAML（{problem}）"
            ) from error

    def weights(self, raw: Any) -> dict[str, float]:
        if not isinstance(raw, dict) or not raw or not all(map(_is_weight, raw.values())):
            raise self.bad("weights must be positive numbers", "weights 的取值须为正数")
        return {str(strength): float(weight) for strength, weight in raw.items()}

    def family(self, raw: Any) -> Family:
        self.fields("families", raw, {"id"}, {"zh", "en", "second_order"})
        return Family(
            str(raw["id"]), self.label(raw["id"], raw), bool(raw.get("second_order", False))
        )

    def cause(self, raw: Any, weights: Mapping[str, float]) -> Cause:
        self.fields(
            "causes", raw, {"id"},
            {"key", "family", "zh", "en", "seeds_zh", "seeds_en", "neighbours", "jrt_reason",
             "cfpb_issue", *_NOTES},
        )  # fmt: skip
        ident = str(raw["id"])
        return Cause(
            ident,
            str(raw.get("key", ident)),
            str(raw.get("family", ident)),
            self.label(ident, raw),
            **{note: self.text(f"{ident}.{note}", raw.get(note) or "") for note in _NOTES},
            seeds_zh=self.seeds(f"{ident}.seeds_zh", raw.get("seeds_zh"), weights),
            seeds_en=self.seeds(f"{ident}.seeds_en", raw.get("seeds_en"), weights),
            neighbours=tuple(self.words(f"{ident}.neighbours", raw.get("neighbours"))),
            jrt_reason=str(raw.get("jrt_reason") or ""),
            cfpb_issue=tuple(self.words(f"{ident}.cfpb_issue", raw.get("cfpb_issue"))),
        )

    def label(self, ident: Any, raw: Mapping[str, Any]) -> Text:
        given = {language: raw[language] for language in ("zh", "en") if raw.get(language)}
        if not given:
            raise self.bad(f"{ident} has no label; write it as 'zh' or 'en'",
                           f"{ident} 没有名称；请写在 zh 或 en 中")  # fmt: skip
        return self.text(str(ident), given)

    def text(self, where: str, raw: Any) -> Text:
        """Words in both languages, or in one that stands for both."""
        if isinstance(raw, str):
            return Text(raw.strip(), raw.strip())
        self.fields(where, raw, set(), {"zh", "en"})
        given = [raw[language] for language in ("zh", "en") if raw.get(language)]
        for words in given:
            if not isinstance(words, str):
                raise self.bad(f"{where} holds {words!r}, which is not text; put it in quotes",
                               f"{where} 的 {words!r} 不是文字；请加引号")  # fmt: skip
        if not given:
            return EMPTY
        return Text((raw.get("zh") or given[0]).strip(), (raw.get("en") or given[0]).strip())

    def listed(self, raw: Any) -> list[Any]:
        """An entry, or a list of them."""
        return [] if raw is None else raw if isinstance(raw, list) else [raw]

    def words(self, where: str, raw: Any) -> list[str]:
        listed = self.listed(raw)
        if any(isinstance(word, (dict, list)) for word in listed):
            raise self.bad(f"{where} must be a list of words", f"{where} 须为词语列表")
        return [str(word) for word in listed]

    def seeds(self, where: str, raw: Any, weights: Mapping[str, float]) -> dict[str, float]:
        """Seeds by strength, or a plain list whose seeds weigh 1."""
        if isinstance(raw, list):
            raw, weights = {"": raw}, {"": 1.0}
        raw = {} if raw is None else raw
        self.fields(where, raw, set(), set(weights))
        seeds: dict[str, float] = {}
        for strength, listed in raw.items():
            if not isinstance(listed or [], list):
                raise self.bad(f"{where}.{strength} must be a list of words",
                               f"{where}.{strength} 须为词语列表")  # fmt: skip
            for word in (self.seed(where, raw_word) for raw_word in listed or []):
                if word in seeds:
                    raise self.bad(f"{where} has {word!r} twice", f"{where} 的“{word}”重复出现")
                seeds[word] = float(weights[strength])
        return seeds

    def seed(self, where: str, raw: Any) -> str:
        if not isinstance(raw, str):
            raise self.bad(f"{where} has the seed {raw!r}, which is not a word; put it in quotes",
                           f"{where} 的种子词 {raw!r} 不是词语；请加引号")  # fmt: skip
        seed = tidy_seed(raw)
        try:
            forms_of(seed)
        except ValueError as error:
            en, zh = error.args
            raise self.bad(f"{where} has the seed {raw!r}, {en}",
                           f"{where} 的种子词“{raw}”{zh}") from error  # fmt: skip
        return seed

    def check_ids(self, families: tuple[Family, ...], causes: tuple[Cause, ...], own: bool) -> None:
        groups = [
            [] if own else [family.id for family in families],
            [i for cause in causes for i in {cause.id, cause.key}],
            [RESIDUAL],
        ]
        ids = [ident for group in groups for ident in group]
        for repeated in sorted({i for i in ids if ids.count(i) > 1}):
            raise self.bad(f"the id {repeated!r} occurs twice", f"编号“{repeated}”重复出现")
        for cause in causes:
            if cause.family not in {family.id for family in families}:
                raise self.bad(f"{cause.id} names the unknown family {cause.family!r}",
                               f"{cause.id} 的大类“{cause.family}”未定义")  # fmt: skip
            for unknown in sorted(set(cause.neighbours) - {c.id for c in causes}):
                raise self.bad(f"{cause.id} names the unknown neighbour {unknown!r}",
                               f"{cause.id} 的相邻原因“{unknown}”未定义")  # fmt: skip
        if not any(cause.seeds_zh or cause.seeds_en for cause in causes):
            raise self.bad("no cause has any seed", "所有原因都没有种子词")

    def entries(self, raw: Mapping[str, Any], key: str) -> list[Any]:
        if not isinstance(raw[key], list) or not raw[key]:
            raise self.bad(f"{key} must be a list of entries", f"{key} 须为条目列表")
        return raw[key]

    def fields(
        self, where: str, raw: Any, required: Set[str], optional: Set[str] = frozenset()
    ) -> None:
        if not isinstance(raw, dict):
            raise self.bad(f"{where} must be a mapping", f"{where} 须为键值对")
        entry = f"{where} ({raw['id']})" if "id" in raw else where
        for missing in sorted(required - set(raw)):
            raise self.bad(f"{entry} lacks {missing!r}", f"{entry} 缺少“{missing}”")
        for unknown in sorted(map(str, set(raw) - required - optional)):
            known = ", ".join(sorted(required | optional))
            raise self.bad(f"{entry} has the unknown entry {unknown!r} (there are: {known})",
                           f"{entry} 含有未知项“{unknown}”（可用：{known}）")  # fmt: skip


def _normal_spelling(seeds: list[str]) -> dict[str, str]:
    """Seeds as normalised texts spell them (繁體, 帐户), where that changes nothing but letters."""
    distinct = list(dict.fromkeys(seeds))
    folded = normalise(pd.Series(distinct, dtype="str")).text.tolist()
    pairs = zip(distinct, folded, strict=True)
    return {old: new if len(new) == len(old) else old for old, new in pairs}


def _respell(cause: Cause, normal: Mapping[str, str]) -> Cause:
    return replace(
        cause,
        seeds_zh={normal[seed]: weight for seed, weight in cause.seeds_zh.items()},
        seeds_en={normal[seed]: weight for seed, weight in cause.seeds_en.items()},
    )


def _is_weight(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e6
