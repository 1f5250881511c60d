"""``svcquality codebook list | show | new | check``: look at codebooks, write one, hold it to texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from svcquality.errors import InputError
from svcquality.language import LANGUAGES, Language
from svcquality.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
    envvar="SVCQUALITY_LANG", help="Language of what is printed.  输出语言。",
)  # fmt: skip


@click.group()
def codebook() -> None:
    """Codebooks: causes, and the words that point to them.

    编码本：投诉原因及指向这些原因的词语。
    """


@codebook.command("list")
@LANGUAGE
def list_codebooks(language: Language) -> None:
    """Name the codebooks that come with the package.

    列出内置的编码本。
    """
    from svcquality.text.codebook_file import codebook_names, load_codebook

    for name in codebook_names():
        book = load_codebook(name)
        counts = {"zh": f"{len(book.causes)} 个原因，{len(book.seeds)} 个种子词",
                  "en": f"{len(book.causes)} causes, {len(book.seeds)} seeds"}  # fmt: skip
        click.echo(f"{name}  {book.version}  {book.title[language]}  ({counts[language]})")


@codebook.command()
@click.argument("name")
@LANGUAGE
def show(name: str, language: Language) -> None:
    """Print the causes of the codebook NAME (or file) with their definitions.

    显示编码本中的各项原因及其定义。
    """
    from svcquality.text.codebook_file import load_codebook

    book = load_codebook(name)
    click.echo(f"{book.name} {book.version}  sha256 {book.sha256}")
    for family in book.families:
        click.echo(f"\n{family.id}  {family.label[language]}")
        for cause in (c for c in book.causes if c.family == family.id):
            click.echo(f"  {cause.id}  {cause.label[language]}  ({cause.key})")
            signs = {"zh": ("", "包含：", "不包含："), "en": ("", "with: ", "without: ")}[language]
            notes = (cause.definition, cause.include, cause.exclude)
            for sign, note in zip(signs, notes, strict=True):
                if note[language]:
                    click.echo(f"      {sign}{note[language]}")


@codebook.command()
@click.argument("path", type=click.Path(path_type=Path))
def new(path: Path) -> None:
    """Write a commented codebook to start from to PATH.

    在 PATH 写出一份带注释的编码本模板。
    """
    from svcquality.storage import write_atomic
    from svcquality.text.codebook_file import codebook_template

    if path.exists():
        raise InputError(
            f"{path} exists already; choose another name, nothing was overwritten.",
            f"{path} 已存在；请换一个文件名，未作覆盖。",
        )
    write_atomic(path, codebook_template())
    click.echo(f"{path}")


@codebook.command()
@click.argument("name")
@click.argument("study", type=click.Path(path_type=Path), required=False)
@click.option("--texts", type=click.Path(path_type=Path),
              help="A table (CSV, Excel, Parquet …), or a .txt file with one text a line.  文本文件。")  # fmt: skip
@click.option("--column", help="The column that holds the texts.  文本所在的列。")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path),
              help="Write the whole tables here as CSV files.  将完整表格写入此目录。")  # fmt: skip
@LANGUAGE
@click.option("--quiet", "-q", is_flag=True, help="No progress.  不显示进度。")
def check(
    name: str, study: Path | None, texts: Path | None, column: str | None, seed: int,
    out: Path | None, language: Language, quiet: bool,
) -> None:  # fmt: skip
    """Check the codebook NAME (or file); with texts or a STUDY, hold it against them.

    Without texts: what the file leaves out. With them: seeds that occur in no text, are shared
    between causes or cut by the segmenter, causes with fewer than three seeds that occur, and words
    of the corpus to consider.

    检查编码本；给出文本或研究目录时，还会核对种子词并提出候选词。
    """
    from svcquality.causes.codebook_check import check_codebook
    from svcquality.text.codebook_file import load_codebook

    book = load_codebook(name)
    if study is None and texts is None:
        counts = {"zh": f"编码本 {book.name} 可用：{len(book.causes)} 个原因，{len(book.seeds)} 个种子词。",
                  "en": f"The codebook {book.name} can be used: {len(book.causes)} causes, "
                        f"{len(book.seeds)} seeds."}  # fmt: skip
        click.echo("\n".join([counts[language], *(w[language] for w in book.warnings)]))
        return
    corpus = _texts_of(study) if texts is None else _texts_in(texts, column)
    result = check_codebook(book, corpus, seed, progress=Progress.for_terminal(quiet=quiet))
    click.echo(result.text(language))
    if out:
        tables = {"causes": result.causes, "seeds": result.seeds, "shared": result.shared,
                  "contained": result.contained, "proposals": result.proposals}  # fmt: skip
        out.mkdir(parents=True, exist_ok=True)
        for stem, table in tables.items():
            table.to_csv(out / f"{stem}.csv", index=False, encoding="utf-8-sig")
        click.echo(str(out))


def _texts_of(study: Path | None) -> pd.Series:
    from svcquality.records.read import read_records

    complaints = read_records(study).complaints if study else None
    if complaints is None or complaints["text"].isna().all():
        raise InputError(
            f"{study} has no complaint texts; give a file with --texts and --column.",
            f"{study} 没有投诉文本；请用 --texts 与 --column 指定文件和列。",
        )
    return complaints["text"]


def _texts_in(path: Path, column: str | None) -> pd.Series:
    import pandas as pd

    from svcquality.records.masking import mask

    if path.suffix.lower() == ".txt" and column is None:
        return mask(_lines_of(path))[0]
    from svcquality.records.files import read_file

    frame = read_file(path).frame
    if column is None and frame.shape[1] == 1:
        column = str(frame.columns[0])
    if column not in frame:
        names = ", ".join(map(str, frame.columns))
        raise InputError(
            f"Name the column that holds the texts with --column; {path.name} has: {names}.",
            f"请用 --column 指定文本所在的列；{path.name} 中有：{names}。",
        )
    return mask(pd.Series(frame[column], dtype="str"))[0]


def _lines_of(path: Path) -> pd.Series:
    """The lines of a text file, one text a line."""
    import pandas as pd

    from svcquality.records.encoding import choose_encoding, decode

    if not path.is_file():
        raise InputError(
            f"There is no file {path}; check its name.", f"找不到文件 {path}；请检查文件名。"
        )
    data = path.read_bytes()
    lines = decode(data, choose_encoding(data).name)[0].splitlines()
    return pd.Series([line for line in lines if line.strip()], dtype="str")
