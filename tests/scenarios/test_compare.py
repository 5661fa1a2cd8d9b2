"""What a comparison on common dice is worth on the ash cloud: intervals that are right, of far fewer
events.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.measure.pooled.replications import Replications
from sim.measure.stats.difference import difference
from sim.measure.stats.estimate import ratio
from sim.plan import Plan
from sim.study.play.replicate import replicate
from sim.study.play.stopping import play_together
from sim.study.provenance import RunSettings
from tests.plans import SIGMAS
from tests.scenarios.played import plan_of

PAIRS, ALONE = 60, 80  # events played together, and of each plan by itself
WITHIN_FIFTH = [  # scenario, setting, two numbers of people, events
    ("hub-2011", "teams.hub.people", 11, 13, 120),
    ("hub-2011", "teams.hub.people", 13, 15, 120),
    ("brussels-2016", "teams.volunteers.people", 25, 30, 120),
    ("brussels-2016", "teams.volunteers.people", 30, 36, 120),
    ("ashcloud", "teams.volunteers.people", 100, 120, 80),
]

pytestmark = pytest.mark.slow


def paired(plans: list[Plan], events: int) -> list[Replications]:
    found = [Replications(plan.lens) for plan in plans]
    for _ in play_together(plans, RunSettings(1, events), found):
        pass
    return found


def cases(events: Replications, promise: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[r] those in time, and all."""
    return events.totals("in_time")[:, promise], events.totals("cases")[:, promise]


def test_the_interval_of_a_difference_contains_that_of_two_long_independent_runs() -> None:
    """They have dice of their own, so that theirs is not exact either: its error is reckoned with."""
    plans = [plan_of("ashcloud", name) for name in ("no-volunteers", "call-up-12h-later")]
    together = paired(plans, PAIRS)
    alone = [
        Replications(plan.lens, replicate(plan, seed, ALONE))
        for plan, seed in zip(plans, (1001, 2002), strict=True)
    ]
    for promise in range(len(plans[0].lens.promises)):
        told = difference(*cases(together[1], promise), *cases(together[0], promise))
        apart = difference(*cases(alone[1], promise), *cases(alone[0], promise), paired=False)
        errors = [float(item.upper - item.lower) / 2 / 1.96 for item in (told, apart)]
        assert abs(float(told.mean - apart.mean)) < SIGMAS * np.hypot(*errors)
        assert told.lower - SIGMAS * errors[1] < apart.mean < told.upper + SIGMAS * errors[1]


@pytest.mark.parametrize(("name", "path", "few", "more", "events"), WITHIN_FIFTH)
def test_pairing_saves_half_the_events_of_plans_within_a_fifth_of_each_other(
    name: str, path: str, few: int, more: int, events: int
) -> None:
    assert more <= 1.2 * few
    plans = [plan_of(name, None, f"{path}={people}") for people in (few, more)]
    mine, theirs = (cases(found, 0) for found in paired(plans, events))  # of the first reply
    assert all(0.2 <= ratio(*side).mean <= 0.99 for side in (mine, theirs))
    assert difference(*mine, *theirs).saved >= 2
