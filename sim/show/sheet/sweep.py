"""Pictures of a sweep: how often promises are kept, and how much of them, against the value of a setting or
two.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from sim.show.content import curves as points
from sim.show.content.palette import BLACK
from sim.show.content.sweep import asked
from sim.show.content.words import promise_words
from sim.show.sheet.run import LINES, PAPER, inches
from sim.study.sweep import Sweep
from sim.units import percent_text

LABELS_MOST = 16  # along an axis
LETTER = 0.1  # inches
CELLS_MOST = 30  # down or across, up to which words fit into cells


def probability_kept(found: Sweep, axes: Axes) -> None:
    """The probability that an event keeps each promise, with its 95 % band, against the value; the least that
    is enough.
    """
    places = points.places(found)
    for promise, (colour, style) in zip(found.lens.promises, LINES * len(found.lens.promises), strict=False):
        curve = points.probability(found, promise.name)
        axes.fill_between(places, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
        label = promise_words(promise)
        axes.plot(
            places, curve.middle, style, color=colour, linewidth=1.8, marker="o", markersize=4, label=label
        )
    _asked(axes, "asked", {promise.events for promise in found.lens.promises})
    for row, (item, place) in enumerate(points.least(found)):
        colour = _colour(found, item.promise)
        axes.axvline(place, color=colour, linewidth=2, linestyle="--")
        axes.text(
            place,
            0.04 + 0.09 * row,
            f" {item.value} holds ",
            color=colour,
            weight="bold",
            ha="left",
            bbox=PAPER,
        )
    axes.set_title("Probability that an event keeps the promise  (bands: 95 %)")
    axes.set_ylabel("share of events")
    _values(found, axes)


def share_kept(found: Sweep, axes: Axes) -> None:
    """The mean share of cases in time of each promise against the value, with 10–90 % of events."""
    places = points.places(found)
    for promise, (colour, style) in zip(found.lens.promises, LINES * len(found.lens.promises), strict=False):
        curve = points.share_kept(found, promise.name)
        axes.fill_between(places, curve.low, curve.high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(places, curve.middle, style, color=colour, linewidth=1.8, label=promise_words(promise))
    _asked(axes, "promised", {promise.share for promise in found.lens.promises})
    axes.set_title("Cases in time  (bands: 10–90 % of events)")
    axes.set_ylabel("share of cases in time")
    _values(found, axes)


def grid(found: Sweep, promise: str, axes: Axes) -> None:
    """The probability that an event keeps a promise by two settings; what holds is outlined, what breaks
    hatched.
    """
    down, across = (setting.values for setting in found.settings)
    cells = points.cells(found, promise)
    for y, x in np.argwhere(cells.at >= 0).tolist():
        if max(cells.shares.shape) <= CELLS_MOST:
            dark, weight = cells.shares[y, x] < 0.5, "bold" if cells.holds[y, x] else "normal"
            words = f"{100 * cells.shares[y, x]:.0f}"
            axes.text(
                x,
                y,
                words,
                color="white" if dark else "black",
                weight=weight,
                size=9,
                ha="center",
                va="center",
            )
        if cells.holds[y, x]:
            axes.add_patch(
                Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, edgecolor=BLACK, linewidth=2.2)
            )
        elif cells.breaks[y, x]:
            axes.add_patch(
                Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor="#8A8A8A", hatch="//", linewidth=0)
            )
    axes.pcolormesh(
        np.arange(len(across)), np.arange(len(down)), cells.shares, cmap="cividis", vmin=0, vmax=1, zorder=0
    )
    axes.set_title(f"{asked(found)[promise]}: % of events that keep it")
    axes.set_yticks(np.arange(len(down)), down)
    axes.set_xticks(np.arange(len(across)), across, **_slant(axes, across))
    axes.set_ylabel(found.settings[0].path)
    axes.set_xlabel(f"{found.settings[1].path}\noutlined, bold: HOLDS;  hatched: BREAKS;  neither: UNDECIDED")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _values(found: Sweep, axes: Axes) -> None:
    """The values across, and shares up."""
    listed = found.settings[0].values
    places = dict(zip((point[0] for point in found.points), points.places(found), strict=True))
    step = -(-len(listed) // LABELS_MOST)
    shown = [value for value in listed[::step] if value in places]
    axes.set_xticks([places[value] for value in shown], shown, **_slant(axes, shown))
    axes.set_xlabel(found.settings[0].path)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_ylim(0, 1.03)
    axes.grid(color="#E4E4E4", linewidth=0.6)


def _slant(axes: Axes, labels: Sequence[str]) -> dict[str, Any]:
    """How labels stand: aslant where there is no room for them side by side."""
    room = inches(axes) / len(labels)
    return {"rotation": 20, "ha": "right"} if max(map(len, labels)) * LETTER > room else {}


def _colour(found: Sweep, promise: str) -> str:
    """The colour of a promise's line; black for all of them."""
    names = [item.name for item in found.lens.promises]
    return LINES[names.index(promise) % len(LINES)][0] if promise in names else BLACK


def _asked(axes: Axes, word: str, shares: set[float]) -> None:
    for share in sorted(shares):
        axes.axhline(share, color=BLACK, linewidth=1.1, linestyle=(0, (6, 3)))
        words = f"{word} {percent_text(share)} "
        axes.text(
            1,
            share - 0.01,
            words,
            size=10,
            ha="right",
            va="top",
            bbox={**PAPER, "alpha": 0.5},
            transform=axes.get_yaxis_transform(),
        )
