"""What the pictures of a sweep are of: where each value lies, the curve of each promise, and the cells of two
settings.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.stats.verdicts import Ruling
from sim.show.content.tables import pick
from sim.study.least_enough import Enough
from sim.study.sweep import Sweep
from sim.study.sweep_values import scale


@dataclass(frozen=True)
class Curve:
    """A line with its band; all arrays [x]."""

    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """Of two settings the share of events that keep a promise, and the ruling; all arrays [first, second]."""

    shares: NDArray[np.float64]  # NaN where nothing was played
    at: NDArray[np.intp]  # the point, -1 for none
    holds: NDArray[np.bool_]
    breaks: NDArray[np.bool_]


def places(found: Sweep) -> list[float]:
    """Where each point lies across: its number, or if it is none its place in the list."""
    values = [point[0] for point in found.points]
    return scale(values) or [float(row) for row in range(len(values))]


def probability(found: Sweep, promise: str) -> Curve:
    """The probability that an event keeps a promise, with its 95 % interval."""
    rows = [found.weakest(point, promise) for point in range(len(found.points))]
    return Curve(
        *np.array([(row.lower, row.kept / row.replications, row.upper) for row in rows], np.float64)
        .reshape(-1, 3)
        .T
    )


def share_kept(found: Sweep, promise: str) -> Curve:
    """The mean share of cases in time, with 10–90 % of events."""
    rows = [pick(each, "service_level", "all", promise) for each in found.estimates]
    return Curve(*(np.concatenate([getattr(row, name) for row in rows]) for name in ("p10", "mean", "p90")))


def least(found: Sweep) -> list[tuple[Enough, float]]:
    """Of each promise that some value holds, the least and where it lies."""
    at = dict(zip((point[0] for point in found.points), places(found), strict=True))
    return [(item, at[item.value]) for item in found.enough if item.value is not None]


def cells(found: Sweep, promise: str) -> Cells:
    """The first setting down, the second across."""
    down, across = (setting.values for setting in found.settings)
    shape = (len(down), len(across))
    made = Cells(np.full(shape, np.nan), np.full(shape, -1), np.zeros(shape, bool), np.zeros(shape, bool))
    for row, point in enumerate(found.points):
        place = down.index(point[0]), across.index(point[1])
        verdict = found.weakest(row, promise)
        made.shares[place], made.at[place] = verdict.kept / verdict.replications, row
        made.holds[place], made.breaks[place] = (
            verdict.ruling is Ruling.HOLDS,
            verdict.ruling is Ruling.BREAKS,
        )
    return made
