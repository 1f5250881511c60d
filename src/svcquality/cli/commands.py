"""The commands. Each says what it did and where; heavy rooms are imported when a command runs."""

from __future__ import annotations

from pathlib import Path

import click

import svcquality
from svcquality.cli.audit import audit
from svcquality.cli.codebook import codebook
from svcquality.cli.plan import plan
from svcquality.errors import InputError
from svcquality.language import LANGUAGES, Language
from svcquality.progress import Progress

STUDY = click.argument("study", type=click.Path(path_type=Path))
QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress.  不显示进度。")
LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
    envvar="SVCQUALITY_LANG", help="Language of what is printed.  输出语言。",
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(svcquality.__version__, prog_name="svcquality")
def app() -> None:
    """Measure what makes a bank's customers dissatisfied, and what would bring them back.

    衡量银行客户为何不满，以及怎样让他们重新满意、留下来。

    \b
    svcquality report data/demo --out build/demo
    svcquality check  build/demo data/demo/baseline.csv
    """  # noqa: D301 - click reads the backspace


app.add_command(audit)
app.add_command(codebook)
app.add_command(plan)


@app.command()
@STUDY
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the report.  报告目录。")
@click.option(
    "--cache", type=click.Path(path_type=Path), help="Cache (default: beside OUT).  缓存目录。"
)
@click.option("--no-cache", is_flag=True, help="Compute everything again.  不使用缓存。")
@QUIET
def report(study: Path, out: Path | None, cache: Path | None, no_cache: bool, quiet: bool) -> None:
    """Build the report of STUDY (a study.toml, or a directory of tables).

    为一项研究生成报告：report.html、numbers.csv、findings.json、表格与图。
    """
    from svcquality.report.build import write_report
    from svcquality.study import run_study
    from svcquality.study_file import read_study

    declared = read_study(study)
    out = out or Path("build") / declared.directory.resolve().name
    progress = Progress.for_terminal(quiet=quiet)
    result = run_study(
        declared,
        cache=None if no_cache else (cache or out.resolve().parent / ".svcquality-cache"),
        progress=progress,
    )
    written = write_report(result, out, progress)
    if not quiet:
        click.echo(
            f"{len(result.findings)} findings, {len(result.not_asked)} questions not asked, "
            f"{len(result.failed)} that these records cannot answer: {written / 'report.html'}"
        )
        for question in (*result.not_asked, *result.failed):
            click.echo(f"  {question.id}: {question.reason['en']}")


@app.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.argument("baseline", type=click.Path(path_type=Path))
@LANGUAGE
@click.pass_context
def check(context: click.Context, directory: Path, baseline: Path, language: Language) -> None:
    """Compare the report in DIRECTORY with the accepted numbers; exit 1 if any drifted.

    将报告与已认可的基线逐项比较；有数字漂移、新增或消失时退出码为 1。
    """
    from svcquality.report.baseline import compare, read_numbers

    drift = compare(read_numbers(directory / "numbers.csv"), read_numbers(baseline))
    click.echo(drift.table_text(language))
    context.exit(1 if drift else 0)


@app.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.argument("baseline", type=click.Path(path_type=Path))
@LANGUAGE
def accept(directory: Path, baseline: Path, language: Language) -> None:
    """Accept the numbers of the report in DIRECTORY as the new BASELINE (a reviewable CSV).

    认可报告中的数字，更新基线（CSV，便于审阅差异）。
    """
    from svcquality.report.baseline import accept_numbers

    drift = accept_numbers(directory / "numbers.csv", baseline)
    click.echo(drift.table_text(language))
    click.echo(f"accepted: {baseline}")


@app.command()
@click.option("--profile", type=click.Choice(["state", "joint_stock", "rural"]), default="state",
              show_default=True, help="Kind of bank.  银行类型。")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--branches", type=click.IntRange(min=4), help="Branches.  网点数。")
@click.option("--months", type=click.IntRange(min=12), help="Months.  月数。")
@click.option(
    "--customers", type=click.IntRange(min=10), help="Panel customers a branch.  每网点客户数。"
)
@click.option("--study", "out", type=click.Path(path_type=Path), required=True,
              help="Directory to write the tables and the truth into.  输出目录。")  # fmt: skip
def simulate(
    profile: str, seed: int, branches: int | None, months: int | None,
    customers: int | None, out: Path,
) -> None:  # fmt: skip
    """Simulate a bank whose true causes and effects are known, and write it as a study.

    模拟一家真实原因与效应已知的银行，写成一项研究（数据均为模拟）。
    """
    from svcquality.simulate.bank import simulate_bank

    bank = simulate_bank(
        profile, seed, branches=branches, months=months, customers_per_branch=customers
    )
    bank.write(out)
    click.echo(f"simulated {profile} bank, seed {seed}: {out}")


@app.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--mapping", type=click.Path(path_type=Path),
              help="Also write a draft mapping file here.  同时写出映射文件草稿。")  # fmt: skip
@LANGUAGE
def inspect(paths: tuple[Path, ...], mapping: Path | None, language: Language) -> None:
    """Look at exports: encoding, columns and their likely meaning, suspicious values.

    查看导出文件：编码、列及其可能含义、可疑取值，并起草映射文件。
    """
    from svcquality.records.inspect import draft_mapping, inspect_paths
    from svcquality.storage import write_atomic

    cards = inspect_paths(paths)
    for card in cards:
        click.echo(card.text(language))
    if mapping:
        if mapping.exists():
            raise InputError(
                f"{mapping} exists already; choose another name, nothing was overwritten.",
                f"{mapping} 已存在；请换一个文件名，未作覆盖。",
            )
        write_atomic(mapping, draft_mapping(cards, mapping.parent))
        click.echo(f"draft mapping: {mapping}")


@app.command()
@click.argument("study", type=click.Path(path_type=Path), default="data/demo")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the executed notebooks.")
@click.option("--notebooks", "folder", type=click.Path(path_type=Path), default="notebooks",
              show_default=True, help="Where the notebooks are.  笔记本目录。")  # fmt: skip
@click.option("--in-place", is_flag=True, help="Renew the saved outputs.  更新已保存的输出。")
@QUIET
def notebooks(study: Path, out: Path | None, folder: Path, in_place: bool, quiet: bool) -> None:
    """Execute the curated notebooks on STUDY and write them as HTML.

    在一项研究上执行全部笔记本，并输出 HTML。
    """
    from svcquality.notebooks import execute_notebooks

    written = execute_notebooks(
        folder, study, None if in_place else (out or Path("build") / "notebooks"),
        Progress.for_terminal(quiet=quiet),
    )  # fmt: skip
    for path in written:
        click.echo(path)


@app.command(context_settings={"ignore_unknown_options": True})
@click.option("--notebooks", "folder", type=click.Path(path_type=Path), default="notebooks",
              show_default=True, help="Where the notebooks are.  笔记本目录。")  # fmt: skip
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(folder: Path, arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks (further ARGUMENTS go to jupyter lab).

    打开 JupyterLab。
    """
    import os
    import subprocess
    import sys

    if not folder.is_dir():
        raise InputError(
            f"There is no folder {folder}; run this in the checkout or name it with --notebooks.",
            f"没有目录 {folder}；请在项目目录中运行，或用 --notebooks 指定。",
        )
    here = folder.resolve()
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={here.parent}",
               f"--LabApp.default_url=/lab/tree/{here.name}", *arguments]  # fmt: skip
    # Kernels choose their own way to show figures; the command line draws without a display.
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    raise SystemExit(subprocess.call(command, env=environment))
