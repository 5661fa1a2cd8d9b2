"""The engine against queueing theory over a wave or a day that starts empty, in independent replications.

Every comparison ends in `check(truth, sees=…)`: it fails if the figure lies outside its interval around the truth, and if
that interval is wider than `sees`, the error that it would have shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.tables import Fate, Outcome
from tests.theory.queues import SECOND, UNIT, Estimate, Floats, generator, poisson, queue, ratio, simulate, ticks

pytestmark = pytest.mark.usefixtures("engine")

STAFFING = {
    "ninety all the time": {"agents": 90},
    "sixty, and sixty more every other hour": {
        "agents": 120,
        "agent": np.concatenate([np.arange(60), np.repeat(np.arange(60, 120), 12)]),
        "start": ticks(np.concatenate([np.zeros(60), np.tile(np.arange(0.0, 24, 2), 60)])),
        "end": ticks(np.concatenate([np.full(60, 1e6), np.tile(np.arange(1.0, 24, 2), 60)])),
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("staffing", STAFFING)
def test_case_12_under_a_wave_the_number_present_is_poisson_at_any_staffing(staffing):
    times, means, replications = np.array([4, 8, 12, 24]), np.array([97.3200, 111.3184, 86.1952, 86.7024]), 200
    present = np.zeros((replications, len(times)))
    for replication in range(replications):
        rng = generator(12, replication)
        arrivals = poisson(rng, 120, 24)
        arrivals = arrivals[120 * rng.random(len(arrivals)) < 100 + 20 * np.sin(arrivals)]
        services, patience = rng.exponential(1, (2, len(arrivals)))
        outcome = simulate(queue(arrivals, services, patience, **STAFFING[staffing]))
        now = ticks(times)[:, None]
        present[replication] = np.sum((outcome.arrived <= now) & (now < outcome.ended), axis=1)
    once = np.ones(replications)
    for row, mean in enumerate(means):
        ratio(present[:, row], once).check(mean, sees=3)
    ratio(present.sum(axis=1), once * means.sum()).check(1, sees=0.015)
    dispersion = ((present - means) ** 2 / means).mean(axis=1)  # 1 if the variance is the mean
    ratio(dispersion, once).check(1, sees=0.2)


@dataclass(frozen=True)
class Days:
    """Days of 480 min from empty, each served to its end: 4.2 contacts a minute, of 2 min each, for 12 agents."""

    outcomes: list[Outcome]

    def sums(self, values: Callable[[Outcome], Any]) -> Floats:
        return np.array([np.sum(values(outcome)) for outcome in self.outcomes], float)

    def mean(self, values: Callable[[Outcome], Any], under: Callable[[Outcome], Any] = lambda outcome: 1) -> Estimate:
        """The sum of values over a day, on average; or their ratio to the sum of `under`."""
        came = self.sums(lambda outcome: outcome.arrived >= 0)
        return ratio(self.sums(values), self.sums(under), came / (4.2 * 480) - 1)


def days(case: int, patience: float | None = None, room: int | None = None, replications: int = 200) -> Days:
    outcomes = []
    for replication in range(replications):
        rng = generator(case, replication)
        arrivals = poisson(rng, 4.2, 480)
        services, unit_patience = rng.exponential(2, len(arrivals)), rng.exponential(1, len(arrivals))
        patiences = None if patience is None else patience * unit_patience
        outcomes.append(simulate(queue(arrivals, services, patiences, room, agents=12)))
    return Days(outcomes)


def in_time(outcome: Outcome) -> NDArray[np.bool_]:
    """Answered after strictly less than 20 s."""
    return (outcome.fate == Fate.ANSWERED) & (outcome.begun - outcome.arrived < ticks(20 * SECOND))


def occupancy(outcome: Outcome) -> Floats:
    """Share of the agents' 480 min that each contact takes."""
    begun, ended = (np.minimum(times[outcome.begun >= 0] / UNIT, 480) for times in (outcome.begun, outcome.ended))
    return (ended - begun) / (480 * 12)


def test_case_15_a_day_from_empty():
    day = days(15)
    day.mean(in_time).check(1815.272, sees=16)
    day.mean(in_time, lambda outcome: outcome.arrived >= 0).check(0.90043, sees=0.008)
    day.mean(lambda outcome: (outcome.begun - outcome.arrived) / UNIT, lambda outcome: outcome.arrived >= 0).check(
        0.10068, sees=0.015
    )  # wait of all
    day.mean(occupancy).check(0.69693, sees=0.005)


def test_case_16_a_day_from_empty_with_patience():
    day = days(16, patience=1)
    day.mean(lambda outcome: outcome.fate == Fate.ABANDONED).check(59.263, sees=4)
    day.mean(in_time).check(1906.719, sees=8)
    # The published share leaves those out who abandon in less than 20 s.
    gone = ticks(20 * SECOND)
    day.mean(in_time, lambda outcome: (outcome.fate == Fate.ANSWERED) | (outcome.ended - outcome.arrived >= gone)).check(
        0.96819, sees=0.0025
    )
    day.mean(occupancy).check(0.67656, sees=0.004)


def test_case_17_a_day_from_empty_with_at_most_5_waiting():
    day = days(17, room=17)
    day.mean(lambda outcome: outcome.fate == Fate.BLOCKED).check(18.863, sees=2.5)
    day.mean(in_time).check(1854.069, sees=12)
    day.mean(occupancy).check(0.69047, sees=0.004)
