"""``svcquality plan``: what the records could show, before the outcome is looked at."""

from __future__ import annotations

from pathlib import Path

import click

from svcquality.language import LANGUAGES, Language
from svcquality.progress import Progress


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.argument("question", type=click.Choice(["waiting", "satisfaction", "training"]))
@click.option(
    "--exposure",
    default="wait_minutes",
    show_default=True,
    help="Of satisfaction: wait_minutes, branch_trained …  满意度问题的暴露变量。",
)
@click.option(
    "--effect",
    "effects",
    type=float,
    multiple=True,
    help="Effect to simulate, such as 0.02 (repeatable).  要模拟的效应，可多次给出。",
)
@click.option(
    "--response-rate",
    type=click.FloatRange(0, 1, min_open=True),
    help="Plan for another response rate.  按另一答复率规划。",
)
@click.option("--power", default=0.8, show_default=True, help="Power wanted.  期望的检验功效。")
@click.option(
    "--replications",
    default=60,
    show_default=True,
    help="Simulated studies an effect.  每个效应的模拟次数。",
)
@click.option("--seed", default=0, show_default=True, help="Of the simulation.  随机种子。")
@click.option(
    "--figure",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also draw the power curve here (.png, .svg).  另存功效曲线图。",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    envvar="SVCQUALITY_LANG",
    help="Language of what is printed.  输出语言。",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress.  不显示进度。")
def plan(
    study: Path, question: str, exposure: str, effects: tuple[float, ...],
    response_rate: float | None, power: float, replications: int, seed: int,
    figure: Path | None, language: Language, quiet: bool,
) -> None:  # fmt: skip
    """Say which effect STUDY could detect on QUESTION, without looking at the answer.

    在查看结果之前，说明这些记录能检测到多大的效应。
    """
    from matplotlib.figure import Figure

    from svcquality.designs.planning import plan as planned
    from svcquality.records.read import read_records

    progress = Progress.for_terminal(quiet=quiet)
    records = read_records(study, progress=progress)
    found = planned(
        records, question, exposure=exposure, effects=effects or None,
        response_rate=response_rate, power=power, replications=replications, seed=seed,
        progress=progress,
    )  # fmt: skip
    for line in found.lines(language):
        click.echo(line)
    if figure is not None:
        drawing = found.plot(language=language).figure
        assert isinstance(drawing, Figure)  # `plot` made it
        drawing.savefig(figure)
        click.echo(str(figure))
