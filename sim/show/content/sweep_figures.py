"""The data of the pictures of a sweep, computed once: the sheet and the page draw it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.stats.verdicts import Ruling
from sim.show.content.heat import percents
from sim.show.content.palette import BLACK, promise_looks
from sim.show.content.run_figures import Level, promised
from sim.show.content.sweep import asked
from sim.show.content.tables import pick
from sim.show.content.words import promise_words
from sim.study.sweep import Sweep
from sim.study.sweep_values import scale
from sim.units import percent_text

LABELS_MOST = 16  # along an axis


@dataclass(frozen=True)
class Curve:
    """The line of a promise with its band; all arrays [x]."""

    promise: str
    name: str  # the promise in words
    colour: str
    dash: str
    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """A line a promise over the values, and the levels that are asked or promised."""

    title: str
    curves: Sequence[Curve]
    levels: Sequence[Level]


@dataclass(frozen=True)
class Least:
    """The least value that is enough for a promise."""

    value: str
    place: float  # across
    promise: str  # in words
    colour: str


@dataclass(frozen=True)
class Cells:
    """The share of simulations that keep a promise, and the ruling; all arrays [first setting, second]."""

    promise: str  # in words
    shares: NDArray[np.float64]  # NaN where nothing was played
    at: NDArray[np.intp]  # the point, -1 for none
    holds: NDArray[np.bool_]
    breaks: NDArray[np.bool_]

    @property
    def percents(self) -> list[list[str]]:
        """The words of every cell."""
        return percents(self.shares)


def places(found: Sweep) -> list[float]:
    """Where each point lies across: its number, or if it is none its place in the list."""
    values = [point[0] for point in found.points]
    return scale(values) or [float(row) for row in range(len(values))]


def ticks(found: Sweep, most: int = LABELS_MOST) -> list[tuple[float, str]]:
    """The values to name along the axis, as many as there is room for, and where each lies."""
    place_of = dict(zip((point[0] for point in found.points), places(found), strict=True))
    played = [value for value in found.settings[0].values if value in place_of]
    return [(place_of[value], value) for value in played[:: -(-len(played) // most) or 1]]


def probability(found: Sweep) -> Curves:
    """The probability that a simulation keeps a promise, with its 95 % interval."""

    def band(promise: str) -> NDArray[np.float64]:
        rows = [found.weakest(point, promise) for point in range(len(found.points))]
        bounds = [(row.lower, row.kept / row.replications, row.upper) for row in rows]
        return np.array(bounds, np.float64).reshape(-1, 3).T

    shares = sorted({promise.events for promise in found.lens.promises})
    levels = [Level(share, f"asked {percent_text(share)}") for share in shares]
    return Curves("Probability that a simulation keeps the promise", _curves(found, band), levels)


def service_level(found: Sweep) -> Curves:
    """The mean share of cases in time, with 10–90 % of simulations."""

    def band(promise: str) -> NDArray[np.float64]:
        rows = [pick(each, "service_level", "all", promise) for each in found.estimates]
        bounds = ([getattr(row, name) for row in rows] for name in ("p10", "mean", "p90"))
        return np.stack([np.concatenate(each) for each in bounds])

    shares = sorted({promise.share for promise in found.lens.promises})
    return Curves("Cases in time", _curves(found, band), [promised(share) for share in shares])


def _curves(found: Sweep, band: Callable[[str], NDArray[np.float64]]) -> list[Curve]:
    looks = promise_looks(len(found.lens.promises))
    return [
        Curve(promise.name, promise_words(promise), *look, *band(promise.name))
        for promise, look in zip(found.lens.promises, looks, strict=True)
    ]


def least(found: Sweep) -> list[Least]:
    """The least value for each promise that some value holds; black for all of them together."""
    place_of = dict(zip((point[0] for point in found.points), places(found), strict=True))
    looks = promise_looks(len(found.lens.promises))
    colours = {promise.name: colour for promise, (colour, _) in zip(found.lens.promises, looks, strict=True)}
    names = asked(found)
    return [
        Least(item.value, place_of[item.value], names[item.promise], colours.get(item.promise, BLACK))
        for item in found.enough
        if item.value is not None
    ]


def cells(found: Sweep, promise: str) -> Cells:
    """The first setting down, the second across."""
    down, across = (setting.values for setting in found.settings)
    shape = (len(down), len(across))
    shares, at = np.full(shape, np.nan), np.full(shape, -1)
    holds, breaks = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, point in enumerate(found.points):
        place = down.index(point[0]), across.index(point[1])
        verdict = found.weakest(row, promise)
        shares[place], at[place] = verdict.kept / verdict.replications, row
        holds[place] = verdict.ruling is Ruling.HOLDS
        breaks[place] = verdict.ruling is Ruling.BREAKS
    return Cells(asked(found)[promise], shares, at, holds, breaks)
