"""Pictures of several plans: what each does beside the others, what they differ by, and cost against
promise.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from matplotlib.transforms import Bbox

from sim.measure.stats.verdicts import Ruling
from sim.show.content import heat
from sim.show.content.compare import front, price_title, spots
from sim.show.content.palette import BLACK, BLUE, RULINGS
from sim.show.content.words import promise_names, signed
from sim.show.sheet import run as plots
from sim.show.sheet.run import PAPER, heat_map, say_below
from sim.study.compare import Comparison
from sim.units import percent_text

MARKS = {Ruling.HOLDS: "o", Ruling.BREAKS: "X", Ruling.UNDECIDED: "s"}
LIGHT = 0.55  # of a whole difference: words on a darker cell are white
LINE = 14.0  # points
HIGH = 0.95  # of what is kept: there is no room for words above


def kept_over_time(found: Comparison, plan: int, axes: Axes) -> None:
    """The share of cases in time by when they came."""
    plots.kept_over_time(found.findings[plan], axes, words=False)


def staffing(found: Comparison, plan: int, axes: Axes) -> None:
    """Agents on duty against agents needed, gaps hatched."""
    plots.staffing(found.findings[plan], axes, words=False)


def backlog(found: Comparison, plan: int, axes: Axes) -> None:
    """Contacts waiting, and the oldest of them."""
    plots.backlog(found.findings[plan], axes)


def by_hour_and_day(found: Comparison, plan: int, axes: Axes) -> None:
    """Of the first plan the share kept by day and local hour; of another the points that it keeps more."""
    if plan == 0:
        plots.kept_by_hour_and_day(found.findings[plan], axes, found.leading)
    else:
        _more(found, heat.more_by_day(found, plan), axes)


def by_hour_and_language(found: Comparison, plan: int, axes: Axes) -> None:
    """The same by language and local hour."""
    if plan == 0:
        plots.kept_by_hour_and_language(found.findings[plan], axes, found.leading)
    else:
        _more(found, heat.more_by_language(found, plan), axes)


def overview(found: Comparison, axes: Axes) -> None:
    """What each plan costs against what it keeps, with 95 % intervals; a line joins those than which none is
    better in both.
    """
    labelled: list[Bbox] = []
    middle = sum(bound(priced.price for priced in found.priced) for bound in (min, max)) / 2
    for spot in spots(found):
        price, kept, ruling = spot.price, spot.service_level, spot.ruling
        across = [[price.mean[0] - price.lower[0]], [price.upper[0] - price.mean[0]]]
        up = [[kept.mean[0] - kept.lower[0]], [kept.upper[0] - kept.mean[0]]]
        axes.errorbar(
            price.mean,
            kept.mean,
            xerr=across,
            yerr=up,
            fmt=MARKS[ruling],
            color=RULINGS[ruling],
            markersize=9,
            capsize=3,
            label=str(ruling),
        )
        at, left = (price.mean[0], kept.mean[0]), price.mean[0] > middle
        aside = -8 if left else 8, -15 if kept.mean[0] > HIGH else 8
        words = f"{spot.name}{' *' if spot.front else ''}"
        label = axes.annotate(
            words, at, aside, textcoords="offset points", bbox=PAPER, ha="right" if left else "left"
        )
        for _ in range(2 * len(labelled)):  # each of those may be in the way twice
            if any(label.get_window_extent().overlaps(other) for other in labelled):
                label.xyann = label.xyann[0], label.xyann[1] - LINE
        labelled.append(label.get_window_extent())
    axes.plot(
        *zip(*front(found), strict=True),
        color=BLUE,
        linewidth=1.2,
        alpha=0.6,
        label="* none is cheaper and keeps more",
    )
    asked = {promise.name: promise.share for promise in found.lens.promises}.get(found.leading)
    if asked is not None:
        axes.axhline(asked, color=BLACK, linewidth=1.1, linestyle=(0, (6, 3)))
        words, place = f"promised {percent_text(asked)} ", axes.get_yaxis_transform()
        axes.text(1, asked - 0.005, words, size=10, ha="right", va="top", bbox=PAPER, transform=place)
    axes.set_title(
        f"Cost against promise: {promise_names(found.lens).get(found.leading, 'nothing promised')}  (bars: "
        f"95 %)"
    )
    axes.set_xlabel(price_title(found))
    axes.set_ylabel("mean share of cases in time")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.margins(x=0.12, y=0.25)
    bottom, top = axes.get_ylim()
    axes.set_ylim(max(bottom, -0.03), min(top, 1.03))
    axes.grid(color="#E4E4E4", linewidth=0.6)
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    plots.legend(axes, list(handles.values()), list(map(str, handles)))


def _more(found: Comparison, cells: heat.More, axes: Axes) -> None:
    """A heat map of the points kept more than by the first plan; veiled where that may be nothing."""
    words = [[signed(100 * value, 0) for value in row] for row in cells.more]
    nothing = np.zeros(cells.more.shape, bool)
    heat_map(
        axes, cells.labels, cells.more, words, np.abs(cells.more) > LIGHT,
        veiled=cells.unsure, outlined=nothing, colours=("RdBu", -1.0, 1.0),
    )  # fmt: skip
    axes.set_title(f"points kept more than by {found.names[0]}")
    say_below(
        axes,
        f"local hour of arrival, {found.lens.clock.zone}\nblue, +: more;  red, −: less;  grey, hatched: "
        f"perhaps no difference",
    )
