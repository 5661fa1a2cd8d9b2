"""Pictures of a sweep: how often promises are kept, and the service level, against the value of a setting or
two.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.show.content import sweep_figures
from sim.show.content.heat import SHARES
from sim.show.content.palette import BLACK
from sim.show.content.sweep_figures import Curves
from sim.show.content.words import SHARE_IN_TIME
from sim.show.sheet.run import DASHES, GRID, HATCH, PAPER, inches, level, shares_up
from sim.study.sweep import Sweep

LETTER = 0.1  # inches
GRID_MOST = 30  # values down or across, up to which words fit into cells


def probability(found: Sweep, axes: Axes) -> None:
    """The probability that a simulation keeps each promise, with its band, and the least value that holds."""
    figure = sweep_figures.probability(found)
    _curves(found, figure, axes, 0.2, marker="o", markersize=4)
    for row, least in enumerate(sweep_figures.least(found)):
        axes.axvline(least.place, color=least.colour, linewidth=2, linestyle="--")
        words = f" {least.value} holds "
        axes.text(
            least.place, 0.04 + 0.09 * row, words, color=least.colour, weight="bold", ha="left", bbox=PAPER
        )
    axes.set_title(f"{figure.title}  (bands: 95 %)")
    axes.set_ylabel("share of simulations")
    _values(found, axes)


def service_level(found: Sweep, axes: Axes) -> None:
    """The mean share of cases in time of each promise against the value, with 10–90 % of simulations."""
    figure = sweep_figures.service_level(found)
    _curves(found, figure, axes, 0.15)
    axes.set_title(f"{figure.title}  (bands: 10–90 % of simulations)")
    axes.set_ylabel(SHARE_IN_TIME)
    _values(found, axes)


def _curves(found: Sweep, figure: Curves, axes: Axes, alpha: float, **marks: Any) -> None:
    """Lines with their bands, and the levels."""
    places = sweep_figures.places(found)
    for curve in figure.curves:
        axes.fill_between(places, curve.low, curve.high, color=curve.colour, alpha=alpha, linewidth=0)
        axes.plot(
            places, curve.middle, DASHES[curve.dash], color=curve.colour, linewidth=1.8, label=curve.name,
            **marks,
        )  # fmt: skip
    for each in figure.levels:
        level(axes, each, f"{each.words} ", 0.01, alpha=0.5)


def grid(found: Sweep, promise: str, axes: Axes) -> None:
    """The probability that a simulation keeps a promise by two settings; what holds is outlined, what breaks
    hatched.
    """
    down, across = (setting.values for setting in found.settings)
    cells = sweep_figures.cells(found, promise)
    for y, x in np.argwhere(cells.at >= 0).tolist():
        if max(cells.shares.shape) <= GRID_MOST:
            colour = "white" if cells.shares[y, x] < 0.5 else "black"
            weight, words = "bold" if cells.holds[y, x] else "normal", cells.percents[y][x]
            axes.text(x, y, words, color=colour, weight=weight, size=9, ha="center", va="center")
        if cells.holds[y, x]:
            axes.add_patch(
                Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, edgecolor=BLACK, linewidth=2.2)
            )
        elif cells.breaks[y, x]:
            axes.add_patch(
                Rectangle((x - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=HATCH, hatch="//", linewidth=0)
            )
    axes.pcolormesh(
        np.arange(len(across)), np.arange(len(down)), cells.shares, zorder=0,
        cmap=SHARES.colours, vmin=SHARES.lowest, vmax=SHARES.highest,
    )  # fmt: skip
    axes.set_title(f"{cells.promise}: % of simulations that keep it")
    axes.set_yticks(np.arange(len(down)), down)
    axes.set_xticks(np.arange(len(across)), across, **_slant(axes, across))
    axes.set_ylabel(found.settings[0].path)
    axes.set_xlabel(f"{found.settings[1].path}\noutlined, bold: HOLDS;  hatched: BREAKS;  neither: UNDECIDED")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _values(found: Sweep, axes: Axes) -> None:
    """The values across, and shares up."""
    places, values = zip(*sweep_figures.ticks(found), strict=True)
    axes.set_xticks(places, values, **_slant(axes, values))
    axes.set_xlabel(found.settings[0].path)
    shares_up(axes)
    axes.grid(color=GRID, linewidth=0.6)


def _slant(axes: Axes, labels: Sequence[str]) -> dict[str, Any]:
    """How labels stand: aslant where there is no room for them side by side."""
    room = inches(axes) / len(labels)
    return {"rotation": 20, "ha": "right"} if max(map(len, labels)) * LETTER > room else {}
