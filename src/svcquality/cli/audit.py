"""``svcquality audit draw | read | plan``: coding complaints by hand, and what it is good for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcquality.cli.audit_inputs import (
    accuracy_tables,
    harmless_csv,
    judge,
    measure,
    open_study,
    outcome_share,
    read_pilot,
    strata_of,
    whole_numbers,
)
from svcquality.cli.audit_words import (
    MORE,
    accuracy_text,
    agreement_text,
    confusion_text,
    plan_text,
    reading_text,
    strata_text,
)
from svcquality.errors import InputError
from svcquality.language import LANGUAGES, Language
from svcquality.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

PATH = click.Path(path_type=Path)
QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress.  不显示进度。")
LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
    envvar="SVCQUALITY_LANG", help="Language of what is printed.  输出语言。",
)  # fmt: skip
ALLOCATION = click.option(
    "--allocation", type=click.Choice(["square_root", "proportional", "equal"]),
    default="square_root", show_default=True, help="How texts are spread over causes.  分配方式。",
)  # fmt: skip


@click.group()
def audit() -> None:
    """Code complaints by hand: plan, draw a random sample, read the codes back.

    人工编码：规划样本量、随机抽样、读回编码并检验一致性与准确率。

    \b
    svcquality audit plan data/demo --half-width 0.02
    svcquality audit draw data/demo --n 500 --out audit.xlsx
    svcquality audit read coder_a.xlsx coder_b.xlsx --out codes.csv --study data/demo
    """  # noqa: D301 (a backspace character tells click to keep the lines)


@audit.command()
@click.argument("study", type=PATH)
@click.option("--n", type=click.IntRange(min=2), required=True, help="Texts to draw.  抽取文本数。")
@click.option("--out", type=PATH, required=True, help="Workbook to write (.xlsx).  输出的工作簿。")
@click.option("--strata", default="cause", show_default=True,
              help="cause, family, none, or a column of the complaints.  分层依据。")  # fmt: skip
@ALLOCATION
@click.option("--doubtful", type=click.FloatRange(min=0, min_open=True), default=2.0,
              show_default=True, help="How much more often a doubtful text is drawn.  存疑文本加权。")  # fmt: skip
@click.option("--minimum", type=click.IntRange(min=2), default=5, show_default=True,
              help="Texts from each stratum.  每层至少条数。")  # fmt: skip
@click.option("--coders", type=click.IntRange(1, 4), default=2, show_default=True,
              help="Sheets to code in.  编码员人数。")  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), help="Default: the study's.  默认取研究的种子。"
)
@LANGUAGE
@QUIET
def draw(
    study: Path, n: int, out: Path, strata: str, allocation: Any, doubtful: float, minimum: int,
    coders: int, seed: int | None, language: Language, quiet: bool,
) -> None:  # fmt: skip
    """Draw texts of STUDY for hand-coding, with known probabilities, into a workbook.

    从一项研究的投诉中按已知概率抽取文本，生成可供多人编码的工作簿（含编码本与下拉列表）。
    """
    from svcquality.causes.audit_sample import draw_sample
    from svcquality.causes.audit_sheet import refuse_target, write_audit

    refuse_target(out)
    declared, records = open_study(study, quiet)
    by = strata_of(strata, records)
    measured = measure(declared, records, quiet)
    sample = draw_sample(
        measured, n=n, strata=by, allocation=allocation, doubtful=doubtful,
        minimum=minimum, seed=declared.seed if seed is None else seed,
    )  # fmt: skip
    written = write_audit(sample, out, coders=coders)
    click.echo(strata_text(sample, language))
    click.echo(written)


@audit.command()
@click.argument("files", type=PATH, nargs=-1, required=True)
@click.option("--out", type=PATH, help="Codes, one complaint a row (.csv).  输出编码。")
@click.option("--adjudicate", type=PATH,
              help="Texts on which coders differ, to be decided (.xlsx).  意见不一的文本，供裁定。")  # fmt: skip
@click.option("--study", type=PATH,
              help="Also hold every instrument against the codes.  同时检验各测量工具。")  # fmt: skip
@click.option("--records", "table", type=PATH,
              help="The study's complaints with the codes (.csv), texts masked.  合并编码后的投诉表。")  # fmt: skip
@click.option("--covariates", default="",
              help="Columns for the instrument 'prevalence', with commas.  协变量列。")  # fmt: skip
@click.option("--tables", type=PATH, help="Directory for all tables as CSV.  全部表格的输出目录。")
@LANGUAGE
@QUIET
def read(
    files: tuple[Path, ...], out: Path | None, adjudicate: Path | None, study: Path | None,
    table: Path | None, covariates: str, tables: Path | None, language: Language, quiet: bool,
) -> None:  # fmt: skip
    """Read coded workbooks: agreement of the coders, and how right each instrument is.

    读回编码后的工作簿：报告编码员一致性（κ、α 及区间）、易混淆原因，以及各测量工具的准确率。
    """
    from svcquality.causes.audit_agreement import agreement, confusions
    from svcquality.causes.audit_codes import sample_of, with_codes
    from svcquality.causes.audit_read import read_audit
    from svcquality.causes.audit_sheet import write_adjudication
    from svcquality.storage import write_atomic

    if table and not study:
        raise InputError(
            "--records needs the complaints; name their study with --study.",
            "--records 需要投诉表；请用 --study 指定研究。",
        )
    reading = read_audit(files)
    made: dict[str, pd.DataFrame] = {"disputes": reading.disputes()}
    click.echo(reading_text(reading, language))
    if len(reading.coders) > 1:
        made["agreement"], made["confusions"] = agreement(reading), confusions(reading)
        made["agreement_weighted"] = agreement(reading, weighted=True)
        click.echo(agreement_text(made["agreement"], made["agreement_weighted"], language))
        click.echo(confusion_text(made["confusions"], language))
    if adjudicate and len(made["disputes"]):
        click.echo(write_adjudication(reading.draw, made["disputes"], adjudicate))
    if out or study:
        made["codes"] = coded = reading.coded()
    if out:
        write_atomic(out, coded.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
        click.echo(out)
    if study:
        declared, records = open_study(study, quiet)
        complaints = with_codes(records.tables["complaints"], coded)
        if table:
            write_atomic(table, harmless_csv(complaints))
            click.echo(table)
        judged = judge(declared, complaints, sample_of(coded), covariates, quiet)
        made |= accuracy_tables(judged.results)
        click.echo(accuracy_text(judged, reading.draw.codebook, language))
        if not tables:
            click.echo(MORE[language])
    if tables:
        from svcquality.report.workbook import csv_bytes

        for name, frame in made.items():
            write_atomic(tables / f"{name}.csv", csv_bytes(frame))
        click.echo(tables)


@audit.command()
@click.argument("study", type=PATH)
@click.option("--half-width", type=click.FloatRange(min=0, min_open=True), default=0.02,
              show_default=True, help="Half of the 95% interval wanted.  95% 区间半宽。")  # fmt: skip
@click.option("--for", "target", type=click.Choice(["share", "cost"]), default="share",
              show_default=True, help="What is estimated.  估计对象：占比或满意度代价。")  # fmt: skip
@click.option("--level", type=click.Choice(["cause", "family"]), default="cause",
              show_default=True, help="Causes or families.  原因或大类。")  # fmt: skip
@click.option("--n", "sizes", default="100,200,300,500,800,1200", show_default=True,
              help="Sample sizes to show.  列出的样本量。")  # fmt: skip
@click.option("--pilot", type=PATH, help="Codes of a pilot (.csv of 'audit read').  试编码结果。")
@click.option("--accuracy", "assumed", type=click.FloatRange(0, 1, min_open=True), default=0.8,
              show_default=True, help="Assumed without a pilot.  无试编码时假定的准确率。")  # fmt: skip
@click.option("--outcome-sd", type=click.FloatRange(min=0, min_open=True), default=0.5,
              show_default=True, help="Standard deviation of the outcome.  结果的标准差。")  # fmt: skip
@ALLOCATION
@click.option("--draws", type=click.IntRange(min=0), default=100, show_default=True,
              help="Simulated draws that check the plan; 0 for none.  模拟核验次数。")  # fmt: skip
@LANGUAGE
@QUIET
def plan(
    study: Path, half_width: float, target: Any, level: Any, sizes: str, pilot: Path | None,
    assumed: float, outcome_sd: float, allocation: Any, draws: int, language: Language, quiet: bool,
) -> None:  # fmt: skip
    """Say how many texts of STUDY to code for intervals of a given width.

    给出达到指定区间宽度所需的人工编码文本数，并以模拟核验。
    """
    from svcquality.causes.audit_plan import plan_audit
    from svcquality.causes.audit_plan_check import simulate_plan

    numbers = whole_numbers(sizes)
    declared, records = open_study(study, quiet)
    earlier = read_pilot(pilot, declared) if pilot else None
    outcomes = outcome_share(records) if target == "cost" else 1.0
    measured = measure(declared, records, quiet)
    known = measured.coded if earlier is None else earlier
    planned = plan_audit(
        measured.primary, measured.codebook, half_width=half_width, target=target, level=level,
        pilot=known, assumed=assumed, sizes=numbers, allocation=allocation, outcomes=outcomes,
        outcome_sd=outcome_sd,
    )  # fmt: skip
    checked = None
    shown = planned.table["n"].drop_duplicates().tolist()
    at = shown[len(shown) // 2]
    if draws:
        progress = Progress.for_terminal(quiet=quiet)
        checked = simulate_plan(planned, at, times=draws, seed=declared.seed, progress=progress)
    click.echo(plan_text(planned, checked, at, len(known), assumed, language))
