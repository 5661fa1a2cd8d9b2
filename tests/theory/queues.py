"""Textbook queues as worlds, and what runs of one say about their figures, with the error they could have
seen.

A case's unit of time is UNIT ms.  Times are rounded to the ms, so each is off by at most 0.5 / UNIT = 5e-7
units, in either
direction: a thousandth or less of any interval below.  Intervals are at CONFIDENCE, so that a right engine
fails one
comparison in a thousand, once: the seeds are fixed.

In the long tests the compiled engine runs so long that an error of SHARP, half a percent of the figure, is
seen: of times, numbers and chances alike, however small the chance (2.2 % blocked to 0.011 points).  Where
that takes too long, the test says what is seen.  The other tests have a tenth of the contacts, which sees an
error four times as large (the root of ten, and what chance adds to an interval).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.engine import run
from sim.tables import TIME_MAX, Fate, Outcome, World
from tests.theory.controls import Control
from tests.worlds import world

UNIT = 1_000_000  # ms
SECOND = 1 / 60  # where the unit is the minute
CONFIDENCE = 0.999
SHARP = 0.005
BLUNT = 4  # times SHARP is what a tenth of the contacts sees
ENGINE = "simpy"  # the one under test: conftest.py sets it
PART = 10  # one in so many runs on the compiled engine, in so many batches: conftest.py sets 1 in long tests
BATCHES = 40  # of the one long run on the reference engine
RUNS = 100  # on the compiled engine

Floats = NDArray[np.float64]
Sums = tuple[Floats, Floats]  # of what a figure is over and under, by batch


@dataclass(frozen=True)
class Estimate:
    """A figure and half the width of its interval."""

    value: float
    half: float

    def check(self, truth: float, sees: float, sharp: float | None = None) -> None:
        """Assert that the figure agrees with the truth, and that an error as large as `sees` would have
        shown.

        On the compiled engine: as large as `sharp`, SHARP of the truth by default; four times that where only
        a tenth is played.
        """
        if ENGINE == "compiled":
            sees = (SHARP * truth if sharp is None else sharp) * (1 if PART == 1 else BLUNT)
        assert self.half <= sees, f"± {self.half:.6f} is too wide to see an error of {sees:.6f}"
        assert abs(self.value - truth) <= self.half, (
            f"{self.value:.6f} ± {self.half:.6f}, but theory says {truth:.6f}"
        )


def printed(value: float, decimals: int) -> object:
    """Equal to a printed figure with so many decimals: what it sees is half a unit of its last digit."""
    return pytest.approx(value, abs=0.5001 * 10**-decimals, rel=0)


def ratio(over: Any, under: Any, controls: Any = None) -> Estimate:
    """mean(over) / mean(under) across independent batches or replications [r], with its interval (t, delta
    method).

    controls [r, any]: figures of the dice alone, whose expectation is 0 (controls.py).
    """
    over, under = np.asarray(over, float), np.asarray(under, float)
    value = over.sum() / under.sum()
    columns = np.ones((len(over), 1)) if controls is None else np.column_stack([np.ones(len(over)), controls])
    errors = (over - value * under) / under.mean()
    slopes, _, rank, _ = np.linalg.lstsq(columns, errors)
    variance = np.sum((errors - columns @ slopes) ** 2) / (len(over) - rank)
    spread = np.sqrt(variance * np.linalg.pinv(columns.T @ columns)[0, 0])
    return Estimate(
        float(value + slopes[0]), float(stats.t.ppf((1 + CONFIDENCE) / 2, len(over) - rank) * spread)
    )


@dataclass(frozen=True)
class Run:
    """One run from empty, in units; what comes after a tenth of it, to warm up, is cut by time into
    batches.
    """

    world: World
    outcome: Outcome
    length: float  # contacts come from outside until then
    controls: Sequence[Control]

    @cached_property
    def came(self) -> NDArray[np.bool_]:
        return self.outcome.arrived >= 0

    @cached_property
    def arrived(self) -> Floats:
        return self.outcome.arrived / UNIT

    @cached_property
    def served(self) -> NDArray[np.bool_]:
        return self.outcome.fate == Fate.ANSWERED

    @cached_property
    def wait(self) -> Floats:
        """From arrival to the beginning of service or to abandonment; 0 for those blocked."""
        return (np.where(self.served, self.outcome.begun, self.outcome.ended) - self.outcome.arrived) / UNIT

    @property
    def edges(self) -> Floats:
        return np.linspace(self.length / 10, self.length, (BATCHES if ENGINE == "simpy" else PART) + 1)

    @cached_property
    def batches(self) -> list[NDArray[np.bool_]]:
        """[n] who came in each batch, a mask a batch."""
        return [(start <= self.arrived) & (self.arrived < end) for start, end in pairwise(self.edges)]

    def share(self, values: Any, among: Any = True) -> Sums:
        """The mean of values [n] (or share, of a mask) over the contacts that came and that the mask `among`
        names.
        """
        whom = [batch & among for batch in self.batches]
        return np.array([np.sum(values, where=who, dtype=float) for who in whom]), np.array(
            [float(who.sum()) for who in whom]
        )

    def present(self, start: Floats, end: Floats, among: Any = True) -> Sums:
        """How many of the contacts that came are between start and end [n] units, averaged over time."""
        among = self.came & among

        def passed(moments: Floats) -> Floats:
            """Time since these moments up to each edge, summed."""
            return np.array([np.maximum(0, edge - moments).sum() for edge in self.edges])

        return np.diff(passed(start[among]) - passed(end[among])), np.diff(self.edges)

    def queue(self, among: Any = True) -> Sums:
        """Contacts waiting, averaged over time."""
        return self.present(self.arrived, self.arrived + self.wait, among)

    def busy(self, among: Any = True) -> Sums:
        """Agents busy, averaged over time."""
        return self.present(self.outcome.begun / UNIT, self.outcome.ended / UNIT, self.served & among)

    def in_system(self, among: Any = True) -> Sums:
        """Contacts waiting or in hand, averaged over time."""
        return self.present(self.arrived, self.outcome.ended / UNIT, among)


def estimates(runs: Iterable[Run], figures: Callable[[Run], dict[str, Sums]]) -> dict[str, Estimate]:
    """What all runs together say about each figure; only one run at a time is in memory."""
    sums: dict[str, list[Sums]] = {}
    controls = []
    for one in runs:
        controls.append(np.column_stack([control.off(one.edges) for control in one.controls]))
        for name, found in figures(one).items():
            sums.setdefault(name, []).append(found)
    off = np.concatenate(controls)
    return {name: ratio(*np.concatenate(found, axis=1), off) for name, found in sums.items()}


def each_run(
    case: int, rate: float, simpy: int, compiled: int
) -> Iterator[tuple[np.random.Generator, Floats, float]]:
    """The dice, the arrivals and the length of each run: of so many contacts together, on this engine or the
    other.
    """
    runs, contacts = (1, simpy) if ENGINE == "simpy" else (RUNS // PART, compiled / RUNS)
    for replication in range(runs):
        rng = generator(case, replication)
        yield rng, poisson(rng, rate, contacts / rate), contacts / rate


def simulate(world: World) -> Outcome:
    """What the engine under test makes of it."""
    return run(world, ENGINE)


def queue(
    arrivals: Floats,
    services: Floats,
    patience: Floats | None = None,
    room: int | None = None,
    **columns: Any,
) -> World:
    """A world of these contacts [n], in units; room: how many may be present; other columns as in
    tests.worlds.world.

    Everybody stays on duty until all are served, unless start and end say otherwise.
    """
    if patience is not None:
        columns["patience"] = ticks(patience)
    if room is not None:
        columns["lines"] = [(0, 0, room)]
    return world(time=ticks(arrivals), effort=ticks(services, 1), horizon=TIME_MAX, **columns)


def ticks(times: Floats, least: int = 0) -> NDArray[np.int64]:
    """Units as whole ms, at least `least`."""
    return np.maximum(least, np.rint(np.asarray(times) * UNIT)).astype(np.int64)


def links(
    rng: np.random.Generator, size: int, share: float, most: int = 10_000
) -> Iterator[NDArray[np.int64]]:
    """The rows of the parents of latent contacts that follow `size` contacts: this share has one, and of
    those again.

    Link by link, `most` times or until there are none.
    """
    rows, first = np.arange(size), size
    for _ in range(most):
        rows = rows[rng.random(len(rows)) < share]
        if len(rows) == 0:
            return
        yield rows
        rows = first + np.arange(len(rows))
        first += len(rows)


def generator(case: int, replication: int = 0) -> np.random.Generator:
    """The random numbers of one replication of a case of docs/theory.md."""
    return np.random.default_rng([case, replication])


def poisson(rng: np.random.Generator, rate: float, length: float) -> Floats:
    """Arrivals of a Poisson process [n], sorted: their number, then gaps in proportion."""
    gaps = np.cumsum(rng.exponential(size=rng.poisson(rate * length) + 1))
    return gaps[:-1] * (length / gaps[-1])
