"""Pictures of several plans: what each does beside the others, what they differ by, and cost against
promise.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from matplotlib.transforms import Bbox

from sim.show.content import compare_figures, heat
from sim.show.content.compare_figures import Spot
from sim.show.content.heat import POINTS, UNSURE, hours_title
from sim.show.content.palette import BLUE, MARKS, RULINGS
from sim.show.content.words import SHARE_IN_TIME
from sim.show.sheet import run as plots
from sim.show.sheet.run import GRID, PAPER, caption, heat_map, level
from sim.study.compare import Comparison

MARKERS = {"circle": "o", "x": "X", "square": "s"}
LIGHT = 0.55  # of a whole difference: words on a darker cell are white
LINE = 14.0  # points
HIGH = 0.95  # of cases in time: there is no room for words above


def service_level(found: Comparison, plan: int, axes: Axes) -> None:
    """The share of cases in time by when they came."""
    plots.service_level(found.findings[plan], axes, words=False)


def staffing(found: Comparison, plan: int, axes: Axes) -> None:
    """Agents on duty against agents needed, gaps hatched."""
    plots.staffing(found.findings[plan], axes, words=False)


def backlog(found: Comparison, plan: int, axes: Axes) -> None:
    """Contacts waiting, and the oldest of them."""
    plots.backlog(found.findings[plan], axes)


def by_hour_and_day(found: Comparison, plan: int, axes: Axes) -> None:
    """Service level by day and local hour for the first plan; for another, by how many points it is
    higher.
    """
    if plan == 0:
        plots.service_level_by_day(found.findings[plan], axes, found.leading)
    else:
        _more(found, heat.more_by_day(found, plan), axes)


def by_hour_and_language(found: Comparison, plan: int, axes: Axes) -> None:
    """Service level by language and local hour for the first plan; for another, by how many points it is
    higher.
    """
    if plan == 0:
        plots.service_level_by_language(found.findings[plan], axes, found.leading)
    else:
        _more(found, heat.more_by_language(found, plan), axes)


def overview(found: Comparison, axes: Axes) -> None:
    """What each plan costs against its service level, with 95 % intervals; a line joins the plans than which
    none is better in both.
    """
    figure = compare_figures.overview(found)
    labelled: list[Bbox] = []
    middle = sum(bound(priced.price for priced in found.priced) for bound in (min, max)) / 2
    for spot in figure.spots:
        _spot(spot, middle, axes, labelled)
    joined = "* none is cheaper and has more in time"
    axes.plot(*zip(*figure.front, strict=True), color=BLUE, linewidth=1.2, alpha=0.6, label=joined)
    if figure.level is not None:
        level(axes, figure.level, f"{figure.level.words} ", 0.005)
    axes.set_title(f"{figure.title}: {figure.promise}  (bars: 95 %)")
    axes.set_xlabel(figure.price_title)
    axes.set_ylabel(f"mean {SHARE_IN_TIME}")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.margins(x=0.12, y=0.25)
    bottom, top = axes.get_ylim()
    axes.set_ylim(max(bottom, -0.03), min(top, 1.03))
    axes.grid(color=GRID, linewidth=0.6)
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    plots.legend(axes, list(handles.values()), list(map(str, handles)))


def _spot(spot: Spot, middle: float, axes: Axes, labelled: list[Bbox]) -> None:
    """A mark with its bars, and the plan's name beside it where none of the names before stands."""
    price, share = spot.price, spot.service_level
    across = [[price.mean[0] - price.lower[0]], [price.upper[0] - price.mean[0]]]
    up = [[share.mean[0] - share.lower[0]], [share.upper[0] - share.mean[0]]]
    axes.errorbar(
        price.mean, share.mean, xerr=across, yerr=up, fmt=MARKERS[MARKS[spot.ruling]],
        color=RULINGS[spot.ruling], markersize=9, capsize=3, label=str(spot.ruling),
    )  # fmt: skip
    at, left = (price.mean[0], share.mean[0]), price.mean[0] > middle
    aside = -8 if left else 8, -15 if share.mean[0] > HIGH else 8
    label = axes.annotate(
        spot.name, at, aside, textcoords="offset points", bbox=PAPER, ha="right" if left else "left"
    )
    for _ in range(2 * len(labelled)):  # each of those may be in the way twice
        if any(label.get_window_extent().overlaps(other) for other in labelled):
            label.xyann = label.xyann[0], label.xyann[1] - LINE
    labelled.append(label.get_window_extent())


def _more(found: Comparison, cells: heat.More, axes: Axes) -> None:
    """A heat map of the points more than with the first plan; veiled where that may be nothing."""
    nothing = np.zeros(cells.more.shape, bool)
    heat_map(
        axes, cells.labels, cells.more, cells.points, np.abs(cells.more) > LIGHT,
        veiled=cells.unsure, outlined=nothing, scale=POINTS,
    )  # fmt: skip
    axes.set_title(cells.title)
    marks = f"blue, +: more;  red, −: less;  grey, hatched: {UNSURE}"
    caption(axes, f"{hours_title(found.lens.clock)}\n{marks}")
