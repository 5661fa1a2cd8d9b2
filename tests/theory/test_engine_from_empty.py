"""The engine against queueing theory over a wave or a day that starts empty, in independent replications.

Every comparison ends in `check(truth, sees=…)`: it fails if the figure lies outside its interval around the
truth, and if that interval is wider than `sees`, the error that it would have shown: half a percent of the
truth on the compiled engine in the long tests.  There many replications stand one after the other in one
world, each after all of the last have gone; each world is a batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from sim.tables import Fate, Outcome
from tests.theory import chains, queues
from tests.theory.controls import present, waits_at_one
from tests.theory.queues import (
    RUNS,
    SECOND,
    UNIT,
    Estimate,
    Floats,
    generator,
    links,
    poisson,
    queue,
    ratio,
    simulate,
    ticks,
)

pytestmark = pytest.mark.usefixtures("engine")

SIMPY = 200  # replications on the reference engine, each in a world of its own


def in_a_row(compiled: int, simpy: int = SIMPY) -> tuple[int, int]:
    """(worlds, replications in each), of which there are so many on either engine."""
    return (simpy, 1) if queues.ENGINE == "simpy" else (RUNS, -(-compiled // (RUNS * queues.PART)))


WAVE, GONE = (
    24,
    60,
)  # from the start of one wave to that of the next: its length, and 36 more, which 1e-14 of it outlast
STAFFING = {"ninety all the time": (90, 0), "sixty, and sixty more every other hour": (60, 60)}


def on_duty(always: int, more: int, waves: int) -> dict[str, Any]:
    """The roster of so many waves, of `always` agents and of more in every other hour of a wave."""
    on = (np.arange(0.0, WAVE, 2) + GONE * np.arange(waves)[:, None]).ravel()
    return {
        "agents": always + more,
        "agent": np.concatenate([np.arange(always), np.repeat(np.arange(always, always + more), len(on))]),
        "start": ticks(np.concatenate([np.zeros(always), np.tile(on, more)])),
        "end": ticks(np.concatenate([np.full(always, 1e6), np.tile(on + 1, more)])),
    }


def numbers_present(outcome: Outcome, times: Floats, apart: int, waves: int) -> Floats:
    """[wave, time] how many have come and not gone at these times of each wave; waves start so far apart."""
    now = ticks(times + apart * np.arange(waves)[:, None])
    came, gone = (
        np.searchsorted(np.sort(moments), now, "right") for moments in (outcome.arrived, outcome.ended)
    )
    return (came - gone).astype(float)


def check_poisson(numbers: Floats, means: Floats, sees: float, sharp: float) -> None:
    """The numbers [wave, time] have these means, and their variance is the mean: `sees` and `sharp` are of
    its share.
    """
    once = np.ones(len(numbers))
    for row, mean in enumerate(means):
        ratio(numbers[:, row], once).check(mean, sees=3)
    dispersion = ((numbers - means) ** 2 / means).mean(axis=1)  # 1 if the variance is the mean
    ratio(dispersion, once).check(1, sees=sees, sharp=sharp)


@pytest.mark.parametrize("staffing", STAFFING)
def test_case_12_under_a_wave_the_number_present_is_poisson_at_any_staffing(staffing):
    times, means = np.array([4, 8, 12, 24]), np.array([97.3200, 111.3184, 86.1952, 86.7024])
    worlds, waves = in_a_row(compiled=7_000)
    counts = []
    for replication in range(worlds):
        rng = generator(12, replication)
        arrivals = poisson(rng, 120, WAVE * waves)
        arrivals = arrivals[120 * rng.random(len(arrivals)) < 100 + 20 * np.sin(arrivals % WAVE)]
        arrivals += arrivals // WAVE * (GONE - WAVE)
        services, patience = rng.exponential(1, (2, len(arrivals)))
        outcome = simulate(queue(arrivals, services, patience, **on_duty(*STAFFING[staffing], waves)))
        counts.append(numbers_present(outcome, times, GONE, waves))
    numbers = np.concatenate(counts)
    check_poisson(numbers, means, sees=0.2, sharp=0.03)  # 0.005 would take 220,000 waves
    ratio(numbers.sum(axis=1), np.full(len(numbers), means.sum())).check(1, sees=0.015)


def test_case_14_under_a_wave_with_replies_that_come_back_the_number_in_need_is_poisson():
    times, means, agents = np.array([3, 6, 12, 24]), np.array([43.5090, 67.6352, 85.0979, 75.9913]), 200
    next_ = 200  # from the start of one wave to that of the next: the last customer of a wave has long gone
    worlds, waves = in_a_row(compiled=12_000)
    counts = []
    for replication in range(worlds):
        rng = generator(14, replication)
        arrivals = poisson(rng, 40, WAVE * waves)
        arrivals = arrivals[40 * rng.random(len(arrivals)) < 30 + 10 * np.sin(2 * np.pi * arrivals / WAVE)]
        arrivals += arrivals // WAVE * (next_ - WAVE)
        parents = np.concatenate([np.full(len(arrivals), -1), *links(rng, len(arrivals), 2 / 3)])
        delays = np.maximum(rng.exponential(2, len(parents) - len(arrivals)), 1 / UNIT)
        efforts = rng.exponential(1, len(parents))
        outcome = simulate(queue(np.concatenate([arrivals, delays]), efforts, parent=parents, agents=agents))
        assert np.array_equal(outcome.begun, outcome.arrived)  # agents without limit
        counts.append(numbers_present(outcome, times, next_, waves))
    check_poisson(np.concatenate(counts), means, sees=0.25, sharp=0.04)


RATE, SERVICE, AGENTS, DAY, NEXT = 4.2, 2, 12, 480, 1000  # min; the next day starts when all have long gone


@dataclass(frozen=True)
class Days:
    """Days of 480 min from empty, each served to its end: 4.2 contacts a minute, of 2 min each, for 12
    agents.
    """

    outcomes: list[Outcome]
    controls: Floats  # [r, any]

    days: int  # in each outcome

    def sums(self, values: Callable[[Outcome], Any]) -> Floats:
        return np.array([np.sum(values(outcome)) for outcome in self.outcomes], float)

    def mean(
        self, values: Callable[[Outcome], Any], under: Callable[[Outcome], Any] | None = None
    ) -> Estimate:
        """The sum of values over a day, on average; or their ratio to the sum of `under`."""
        days = np.full(len(self.outcomes), self.days)
        return ratio(self.sums(values), days if under is None else self.sums(under), self.controls)


def days(case: int, compiled: int, patience: float | None = None, room: int | None = None) -> Days:
    worlds, in_each = in_a_row(compiled, simpy=120)
    outcomes, controls = [], []
    for replication in range(worlds):
        rng = generator(case, replication)
        arrivals = poisson(rng, RATE, DAY * in_each)
        arrivals += arrivals // DAY * (NEXT - DAY)
        services, unit_patience = rng.exponential(SERVICE, len(arrivals)), rng.exponential(1, len(arrivals))
        patiences = None if patience is None else patience * unit_patience
        outcomes.append(simulate(queue(arrivals, services, patiences, room, agents=AGENTS)))
        assert np.all(outcomes[-1].ended < ticks((arrivals // NEXT + 1) * NEXT))
        controls.append(chance(arrivals, services) / in_each)
    return Days(outcomes, np.array(controls) - np.array(expected()), in_each)


WAITS, PRESENT = (0.2, 1, 2, 3), (9, 12, 15, 17)  # what contacts find where a formula tells


def chance(arrivals: Floats, services: Floats) -> Floats:
    """Figures of the dice alone (controls.py): contacts, their services, their waits at one fast agent, how
    many they find.
    """
    waits, found = waits_at_one(arrivals, services / AGENTS), present(arrivals, arrivals + services)
    fast, crowded = (np.sum(waits < most) for most in WAITS), (np.sum(found >= least) for least in PRESENT)
    return np.array([len(arrivals), services.sum(), waits.sum(), *fast, *crowded], float)


@cache
def expected() -> list[float]:
    """What they are in a day, on average."""

    def crowded(least: int) -> float:
        """Contacts that find so many present where agents are without limit: at any time their number is
        Poisson.
        """

        def at(time: float) -> float:
            return float(stats.poisson.sf(least - 1, RATE * SERVICE * -np.expm1(-time / SERVICE)))

        return RATE * float(integrate.quad(at, 0, DAY, points=[10, 60])[0])

    fast = [chains.from_empty(RATE, SERVICE / AGENTS, 1, DAY, most) for most in WAITS]
    contacts = RATE * DAY
    return [
        contacts,
        contacts * SERVICE,
        fast[0]["wait"],
        *(day["in_time"] for day in fast),
        *(crowded(n) for n in PRESENT),
    ]


def came(outcome: Outcome) -> NDArray[np.bool_]:
    return outcome.arrived >= 0


def in_time(outcome: Outcome) -> NDArray[np.bool_]:
    """Answered after strictly less than 20 s."""
    return (outcome.fate == Fate.ANSWERED) & (outcome.begun - outcome.arrived < ticks(20 * SECOND))


def occupancy(outcome: Outcome) -> Floats:
    """Share of the agents' 480 min that each contact takes."""
    begun, ended, arrived = (
        times[outcome.begun >= 0] / UNIT for times in (outcome.begun, outcome.ended, outcome.arrived)
    )
    until = arrived // NEXT * NEXT + DAY
    return (np.minimum(ended, until) - np.minimum(begun, until)) / (DAY * AGENTS)


def test_case_15_a_day_from_empty():
    day = days(15, compiled=10_000)
    day.mean(in_time).check(1815.272, sees=16)
    day.mean(in_time, came).check(0.90043, sees=0.008)
    day.mean(lambda outcome: (outcome.begun - outcome.arrived) / UNIT, came).check(
        0.10068, sees=0.015
    )  # wait of all
    day.mean(occupancy).check(0.69693, sees=0.005)


def test_case_16_a_day_from_empty_with_patience():
    day = days(16, patience=1, compiled=4_500)
    day.mean(lambda outcome: outcome.fate == Fate.ABANDONED).check(59.263, sees=4)
    day.mean(in_time).check(1906.719, sees=8)
    # The published share leaves those out who abandon in less than 20 s.
    gone = ticks(20 * SECOND)
    day.mean(
        in_time, lambda outcome: (outcome.fate == Fate.ANSWERED) | (outcome.ended - outcome.arrived >= gone)
    ).check(0.96819, sees=0.0025)
    day.mean(occupancy).check(0.67656, sees=0.004)


def test_case_17_a_day_from_empty_with_at_most_5_waiting():
    day = days(17, room=17, compiled=20_000)
    day.mean(lambda outcome: outcome.fate == Fate.BLOCKED).check(18.863, sees=2.5)
    day.mean(in_time).check(1854.069, sees=12)
    day.mean(occupancy).check(0.69047, sees=0.004)
