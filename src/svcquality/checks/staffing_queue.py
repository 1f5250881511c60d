"""Can a queue be simulated from its tickets, and does the simulated present look like the real one?"""

from __future__ import annotations

from svcquality.findings import Check, Status
from svcquality.language import Text

FIT, NO_FIT = 0.15, 0.50
OUT_OF_ORDER, SEVERAL_QUEUES = 0.05, 0.30
READ = 0.80
MANY_DAYS = 20
LEAVERS = 0.10


def queue_fits(distance: float, chance: float, recorded: float, simulated: float) -> Check:
    """Warn, or withhold the advice, where the simulated waits are not the recorded ones.

    Parameters
    ----------
    distance : float
        Between the two distributions of waits by half hour, as a share of the mean wait.
    chance : float
        The distance that recorded days drawn from the model itself would show in 1 of 20 cases.
    recorded, simulated : float
        Mean waits of those served, in minutes.
    """
    threshold = max(FIT, chance)
    status: Status = "passed" if distance <= threshold else "warn"
    if distance > max(NO_FIT, chance):
        status = "block"
    means = Text(
        f"模拟的平均等候为 {simulated:.1f} 分钟，记录为 {recorded:.1f} 分钟；各半小时等候分布的平均差距为 "
        f"{distance:.0%}（抽样误差可达 {chance:.0%}）",
        f"The simulated mean wait is {simulated:.1f} minutes, the recorded one {recorded:.1f}; over "
        f"half hours the distributions of waits differ by {distance:.0%} of the mean wait (chance "
        f"alone: up to {chance:.0%})",
    )
    after = {
        "passed": Text("，模型再现了现状。", ": the model reproduces the present."),
        "warn": Text(
            "，模型只是近似现状，节省的分钟数请按粗略值看待。",
            ": the model is near the present only, so take the minutes saved as rough.",
        ),
        "block": Text(
            "，模型没有再现现状，不能据此排班；请核对开窗数、专用窗口与叫号顺序，或按业务分别分析。",
            ": the model does not reproduce the present and cannot advise on windows; check the open "
            "windows, windows kept for some services and the order of calls, or analyse each queue "
            "by itself.",
        ),
    }[status]
    return Check(
        "queue_fits", status, Text(means.zh + after.zh, means.en + after.en), distance, threshold
    )


def call_order(share: float) -> Check:
    """Warn where customers are called before others who came earlier; block where most queues mix.

    Parameters
    ----------
    share : float
        Of the served customers, those called more than a minute before somebody who came earlier.
    """
    status: Status = "passed" if share <= OUT_OF_ORDER else "warn"
    if share > SEVERAL_QUEUES:
        status = "block"
    text = {
        "passed": Text(
            f"叫号基本按取号先后进行（插队比例 {share:.1%}）。",
            f"Customers are called in the order in which they came ({share:.1%} overtook).",
        ),
        "warn": Text(
            f"{share:.1%} 的客户先于更早取号者被叫到（优先或分类叫号）；模拟按先到先办，"
            "人均值可用，各类客户的等候会有偏差。",
            f"{share:.1%} of customers were called before somebody who came earlier (priority, or "
            "queues by service); the simulation serves in order of arrival, so averages hold better "
            "than the waits of single groups.",
        ),
        "block": Text(
            f"{share:.1%} 的客户先于更早取号者被叫到，网点实际上有多条队列；请按队列（业务类型）分别分析。",
            f"{share:.1%} of customers were called before somebody who came earlier: the branches run "
            "several queues; analyse each (by kind of service) by itself.",
        ),
    }[status]
    return Check("call_order", status, text, share, OUT_OF_ORDER)


def windows_read(share: float, given: bool) -> Check:
    """Warn where open windows could not be read while somebody waited.

    Parameters
    ----------
    share : float
        Of the tickets, those of half hours in which the number of open windows is known.
    given : bool
        Whether a column says it.
    """
    known = share >= READ
    if given:
        text = Text(
            f"{share:.0%} 的取号所在半小时的开窗数来自所给的列。",
            f"For {share:.0%} of tickets the open windows come from the column given.",
        )
    else:
        text = Text(
            f"{share:.0%} 的取号所在半小时的开窗数由有人排队时同时办理的人数读出"
            + ("。" if known else "；其余只知道至少有多少窗口，模拟的等候可能偏长。"),
            f"For {share:.0%} of tickets the open windows were read off how many were served while "
            "somebody waited"
            + ("." if known else "; for the rest only a lower limit is known, and waits may be "
               "simulated too long."),
        )  # fmt: skip
    return Check("windows_read", "passed" if known else "warn", text, share, READ)


def days_measured(days: float, left_out: int) -> Check:
    """Warn where the branches have few days of tickets, or some too few to be measured.

    Parameters
    ----------
    days : float
        Median over branches.
    left_out : int
        Branches with too few.
    """
    enough = days >= MANY_DAYS and not left_out
    lost = Text("", "")
    if left_out:
        lost = Text(
            f"；另有 {left_out} 个网点天数过少，未纳入",
            f"; {left_out} branches have too few days and are not in it",
        )
    return Check(
        "days_measured",
        "passed" if enough else "warn",
        Text(
            f"网点叫号记录的中位天数为 {days:.0f} 天{lost.zh}。",
            f"The median branch has {days:.0f} days of tickets{lost.en}.",
        ),
        days,
        MANY_DAYS,
    )


def first_is_clear(tied: int) -> Check:
    """Say how many places share the first rank.

    Parameters
    ----------
    tied : int
        Places on the list that cannot be told from the first, the first included.
    """
    clear = tied <= 1
    return Check(
        "first_is_clear",
        "passed" if clear else "warn",
        Text(
            "加开窗口的首选时段与其后者有明显差别。",
            "The first place on the list is clearly first.",
        )
        if clear
        else Text(
            f"加开窗口清单的前 {tied} 位在统计上难分先后，可按实际便利选择。",
            f"The first {tied} places on the list cannot be told apart: choose among them by what is "
            "practical.",
        ),
        tied,
        1,
    )


def leavers_unseen(share: float) -> Check:
    """Warn where many left before being served: they waited too, and no one knows how long.

    Parameters
    ----------
    share : float
        Of the tickets.
    """
    many = share > LEAVERS
    return Check(
        "leavers_unseen",
        "warn" if many else "passed",
        Text(
            f"{share:.1%} 的客户弃号，其时间不在分解之内"
            + ("，长等候因此被低估。" if many else "。"),
            f"{share:.1%} of customers left before being served and are not in the decomposition"
            + (", so that long waits are understated." if many else "."),
        ),
        share,
        LEAVERS,
    )


def enough_days(days: float) -> Check:
    """Warn where the median branch has few days.

    Parameters
    ----------
    days : float
    """
    return days_measured(days, 0)
