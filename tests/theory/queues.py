"""Textbook queues as worlds, and what a run of one says about their figures, with the error it could have seen.

A case's unit of time is UNIT ms.  Times are rounded to the ms, so each is off by at most 0.5 / UNIT = 5e-7 units, in either
direction: a thousandth or less of any interval below.  Intervals are at CONFIDENCE, so that a right engine fails one
comparison in a thousand, once: the seeds are fixed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.engine import run
from sim.tables import TIME_MAX, Fate, Outcome, World
from tests.worlds import world

UNIT = 1_000_000  # ms
SECOND = 1 / 60  # where the unit is the minute
CONFIDENCE = 0.999
ENGINE = "simpy"  # the one under test: conftest.py sets it
BATCHES = 40

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure and half the width of its interval."""

    value: float
    half: float

    def check(self, truth: float, sees: float) -> None:
        """Assert that the figure agrees with the truth, and that an error as large as `sees` would have shown."""
        assert self.half <= sees, f"± {self.half:.6f} is too wide to see an error of {sees}"
        assert abs(self.value - truth) <= self.half, f"{self.value:.6f} ± {self.half:.6f}, but theory says {truth:.6f}"


def printed(value: float, decimals: int) -> object:
    """Equal to a printed figure with so many decimals: what it sees is half a unit of its last digit."""
    return pytest.approx(value, abs=0.5001 * 10**-decimals, rel=0)


def ratio(over: Any, under: Any, controls: Any = None) -> Estimate:
    """mean(over) / mean(under) across independent batches or replications [r], with its interval (t, delta method).

    controls [r, any]: figures of the dice alone, whose expectation is 0.  What of the difference follows them in a
    straight line is chance, and is taken out (control variates: Lavenberg & Welch 1981).
    """
    over, under = np.asarray(over, float), np.asarray(under, float)
    value = over.sum() / under.sum()
    columns = np.ones((len(over), 1)) if controls is None else np.column_stack([np.ones(len(over)), controls])
    errors = (over - value * under) / under.mean()
    slopes, _, rank, _ = np.linalg.lstsq(columns, errors)
    variance = np.sum((errors - columns @ slopes) ** 2) / (len(over) - rank)
    spread = np.sqrt(variance * np.linalg.pinv(columns.T @ columns)[0, 0])
    return Estimate(float(value + slopes[0]), float(stats.t.ppf((1 + CONFIDENCE) / 2, len(over) - rank) * spread))


@dataclass(frozen=True)
class Record:
    """One long run from empty, in units, cut by time into BATCHES after a tenth to warm up."""

    world: World
    outcome: Outcome
    rate: float  # expected arrivals from outside
    service: float  # their expected service

    @property
    def came(self) -> NDArray[np.bool_]:
        return self.outcome.arrived >= 0

    @property
    def arrived(self) -> Floats:
        return self.outcome.arrived / UNIT

    @property
    def served(self) -> NDArray[np.bool_]:
        return self.outcome.fate == Fate.ANSWERED

    @property
    def wait(self) -> Floats:
        """From arrival to the beginning of service or to abandonment; 0 for those blocked."""
        return (np.where(self.served, self.outcome.begun, self.outcome.ended) - self.outcome.arrived) / UNIT

    @property
    def edges(self) -> Floats:
        last = self.arrived[self.world.workload.outside - 1]
        return np.linspace(last / 10, last, BATCHES + 1)

    @property
    def controls(self) -> Floats:
        """How far arrivals from outside and the service they ask for are from expected [BATCHES, 2], as shares."""
        outside = slice(self.world.workload.outside)
        services = self.world.workload.effort[outside] / UNIT
        counts, sums = (
            np.histogram(self.arrived[outside], self.edges, weights=weights)[0]
            for weights in (np.ones_like(services), services)
        )
        return np.column_stack([counts / (self.rate * np.diff(self.edges)), sums / (self.service * counts)]) - 1

    def share(self, values: Any, among: Any = True) -> Estimate:
        """The mean of values [n] (or share, of a mask) over the contacts that came and that the mask `among` names."""
        among = self.came & among
        over, under = (
            np.histogram(self.arrived[among], self.edges, weights=np.broadcast_to(weights, among.shape)[among])[0]
            for weights in (np.asarray(values, float), 1.0)
        )
        return ratio(over, under, self.controls)

    def present(self, start: Floats, end: Floats, among: Any = True) -> Estimate:
        """How many of the contacts that came are between start and end [n] units, averaged over time."""
        among = self.came & among

        def passed(moments: Floats) -> Floats:
            """Time since these moments up to each edge, summed."""
            return np.array([np.maximum(0, edge - moments).sum() for edge in self.edges])

        return ratio(np.diff(passed(start[among]) - passed(end[among])), np.diff(self.edges), self.controls)

    def queue(self, among: Any = True) -> Estimate:
        """Contacts waiting, averaged over time."""
        return self.present(self.arrived, self.arrived + self.wait, among)

    def busy(self, among: Any = True) -> Estimate:
        """Agents busy, averaged over time."""
        return self.present(self.outcome.begun / UNIT, self.outcome.ended / UNIT, self.served & among)

    def in_system(self, among: Any = True) -> Estimate:
        """Contacts waiting or in hand, averaged over time."""
        return self.present(self.arrived, self.outcome.ended / UNIT, among)


def simulate(world: World) -> Outcome:
    """What the engine under test makes of it."""
    return run(world, ENGINE)


def queue(arrivals: Floats, services: Floats, patience: Floats | None = None, room: int | None = None, **columns: Any) -> World:
    """A world of these contacts [n], in units; room: how many may be present; other columns as in tests.worlds.world.

    Everybody stays on duty until all are served, unless start and end say otherwise.
    """
    if patience is not None:
        columns["patience"] = ticks(patience)
    if room is not None:
        columns["lines"] = [(0, 0, room)]
    return world(time=ticks(arrivals), effort=ticks(services, 1), horizon=TIME_MAX, **columns)


def steady(arrivals: Floats, services: Floats, rate: float, service: float = 1.0, **columns: Any) -> Record:
    """The record of one long run of `queue`; rate and service are what arrivals and services [n] were drawn with."""
    world = queue(arrivals, services, **columns)
    return Record(world, simulate(world), rate, service)


def ticks(times: Floats, least: int = 0) -> NDArray[np.int64]:
    """Units as whole ms, at least `least`."""
    return np.maximum(least, np.rint(np.asarray(times) * UNIT)).astype(np.int64)


def generator(case: int, replication: int = 0) -> np.random.Generator:
    """The dice of one replication of a case of THEORY.md."""
    return np.random.default_rng([case, replication])


def poisson(rng: np.random.Generator, rate: float, length: float) -> Floats:
    """Arrivals of a Poisson process [n], sorted."""
    return np.sort(rng.uniform(0, length, rng.poisson(rate * length)))
