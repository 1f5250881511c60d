"""Reading a codebook: every mistake in the file is named, none is guessed away."""

from __future__ import annotations

from collections.abc import Mapping, Set
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.text.codebook import GAP, RESIDUAL, Cause, Codebook, Family


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
    folder = files("svcquality.text").joinpath("codebooks")
    packaged = folder.joinpath(f"{source}.yaml")
    if "/" not in str(source) and packaged.is_file():
        return parse_codebook(packaged.read_bytes(), str(source))
    path = Path(source)
    if not path.is_file():
        names = sorted(p.name.removesuffix(".yaml") for p in folder.iterdir() if ".yaml" in p.name)
        raise InputError(
            f"There is no codebook {str(source)!r}; give a YAML file or one of {', '.join(names)}.",
            f"找不到编码本“{source}”；请给出 YAML 文件，或使用内置的：{'、'.join(names)}。",
        )
    return parse_codebook(path.read_bytes(), path.stem)


def parse_codebook(data: bytes, name: str) -> Codebook:
    """Read a codebook from the bytes of its YAML file.

    Raises
    ------
    InputError
        If it is not YAML, an entry lacks a field or has one too many, an id occurs twice, a family
        or neighbour is unknown, or a cause has fewer than three seeds.
    """
    try:
        raw = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = " ".join(str(error).split())
        raise _bad(
            name, f"it is not valid YAML ({problem})", f"不是有效的 YAML（{problem}）"
        ) from error
    _fields(name, "codebook", raw, {"version", "weights", "families", "causes"}, {"note"})
    weights = raw["weights"]
    if not isinstance(weights, dict) or not all(
        isinstance(w, (int, float)) and w > 0 for w in weights.values()
    ):
        raise _bad(name, "weights must be positive numbers", "weights 的取值须为正数")
    families = tuple(_family(name, entry) for entry in _entries(name, raw, "families"))
    causes = tuple(_cause(name, entry, weights) for entry in _entries(name, raw, "causes"))
    _check_ids(name, families, causes)
    return Codebook(name, str(raw["version"]), families, causes, data)


def _family(name: str, raw: Any) -> Family:
    _fields(name, "families", raw, {"id", "zh", "en"}, {"second_order"})
    return Family(str(raw["id"]), Text(raw["zh"], raw["en"]), bool(raw.get("second_order", False)))


def _cause(name: str, raw: Any, weights: Mapping[str, float]) -> Cause:
    texts = ("definition", "include", "exclude")
    _fields(
        name,
        "causes",
        raw,
        {
            "id",
            "key",
            "family",
            "zh",
            "en",
            "neighbours",
            "jrt_reason",
            "seeds_zh",
            "seeds_en",
            *texts,
        },
    )
    for key in texts:
        _fields(name, f"{raw['id']}.{key}", raw[key], {"zh", "en"})
    return Cause(
        str(raw["id"]),
        str(raw["key"]),
        str(raw["family"]),
        Text(raw["zh"], raw["en"]),
        definition=Text(raw["definition"]["zh"], raw["definition"]["en"]),
        include=Text(raw["include"]["zh"], raw["include"]["en"]),
        exclude=Text(raw["exclude"]["zh"], raw["exclude"]["en"]),
        seeds_zh=_seeds(name, f"{raw['id']}.seeds_zh", raw["seeds_zh"], weights),
        seeds_en=_seeds(name, f"{raw['id']}.seeds_en", raw["seeds_en"], weights),
        neighbours=tuple(raw["neighbours"]),
        jrt_reason=str(raw["jrt_reason"]),
    )


def _seeds(name: str, where: str, raw: Any, weights: Mapping[str, float]) -> dict[str, float]:
    _fields(name, where, raw, set(), set(weights))
    seeds: dict[str, float] = {}
    for strength, words in raw.items():
        for word in words or []:
            if not isinstance(word, str) or not word.strip(GAP + " ") or word[0] in GAP + " ":
                raise _bad(name, f"{where} has the seed {word!r}, which is not a word",
                           f"{where} 的种子词 {word!r} 不是词语")  # fmt: skip
            if word in seeds:
                raise _bad(name, f"{where} has {word!r} twice", f"{where} 的“{word}”重复出现")
            seeds[word] = float(weights[strength])
    return seeds


def _check_ids(name: str, families: tuple[Family, ...], causes: tuple[Cause, ...]) -> None:
    ids = [f.id for f in families] + [i for c in causes for i in (c.id, c.key)] + [RESIDUAL]
    for repeated in {i for i in ids if ids.count(i) > 1}:
        raise _bad(name, f"the id {repeated!r} occurs twice", f"编号“{repeated}”重复出现")
    for cause in causes:
        if cause.family not in {f.id for f in families}:
            raise _bad(name, f"{cause.id} names the unknown family {cause.family!r}",
                       f"{cause.id} 的大类“{cause.family}”未定义")  # fmt: skip
        for unknown in set(cause.neighbours) - {c.id for c in causes}:
            raise _bad(name, f"{cause.id} names the unknown neighbour {unknown!r}",
                       f"{cause.id} 的相邻原因“{unknown}”未定义")  # fmt: skip
        if len(cause.seeds_zh) + len(cause.seeds_en) < 3:
            raise _bad(name, f"{cause.id} has fewer than three seeds",
                       f"{cause.id} 的种子词不足三个")  # fmt: skip


def _entries(name: str, raw: Mapping[str, Any], key: str) -> list[Any]:
    if not isinstance(raw[key], list) or not raw[key]:
        raise _bad(name, f"{key} must be a list of entries", f"{key} 须为条目列表")
    return raw[key]


def _fields(
    name: str, where: str, raw: Any, required: Set[str], optional: Set[str] = frozenset()
) -> None:
    if not isinstance(raw, dict):
        raise _bad(name, f"{where} must be a mapping", f"{where} 须为键值对")
    for missing in sorted(required - set(raw)):
        raise _bad(name, f"{where} ({raw.get('id', '?')}) lacks {missing!r}",
                   f"{where}（{raw.get('id', '?')}）缺少“{missing}”")  # fmt: skip
    for unknown in sorted(map(str, set(raw) - required - optional)):
        raise _bad(name, f"{where} ({raw.get('id', '?')}) has the unknown entry {unknown!r}",
                   f"{where}（{raw.get('id', '?')}）含有未知项“{unknown}”")  # fmt: skip


def _bad(name: str, en: str, zh: str) -> InputError:
    return InputError(
        f"The codebook {name} cannot be used: {en}; correct the file and run again.",
        f"编码本 {name} 无法使用：{zh}；请修改后重新运行。",
    )
