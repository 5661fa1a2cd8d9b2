"""What a comparison on common dice is worth on the ash cloud: intervals that are right, of far fewer events."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.measure.estimate import ratio
from sim.measure.events import Events
from sim.measure.paired import difference
from sim.scenario.plan import Plan
from sim.study.record import Run
from sim.study.replicate import replicate
from sim.study.stopping import play_together
from tests.plans import SIGMAS
from tests.scenarios.played import plan_of

PAIRS, ALONE, MORE = 100, 120, 200  # events played together, of each plan by itself, and for what pairing saves
WITHIN_FIFTH = [(100, 120), (150, 180), (150, 125)]  # volunteers

pytestmark = pytest.mark.slow


def paired(plans: list[Plan], events: int) -> list[Events]:
    found = [Events(plan.lens) for plan in plans]
    for _ in play_together(plans, Run(1, events), found):
        pass
    return found


def cases(events: Events, promise: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[r] those in time, and all."""
    return events.totals("in_time")[:, promise], events.totals("cases")[:, promise]


def test_the_interval_of_a_difference_contains_that_of_two_long_independent_runs() -> None:
    """They have dice of their own, so that theirs is not exact either: its error is reckoned with."""
    plans = [plan_of("ashcloud", name) for name in ("no-volunteers", "call-up-12h-later")]
    together = paired(plans, PAIRS)
    alone = [Events(plan.lens, replicate(plan, seed, ALONE)) for plan, seed in zip(plans, (1001, 2002), strict=True)]
    for promise in range(len(plans[0].lens.promises)):
        told = difference(*cases(together[1], promise), *cases(together[0], promise))
        apart = difference(*cases(alone[1], promise), *cases(alone[0], promise), paired=False)
        errors = [float(item.upper - item.lower) / 2 / 1.96 for item in (told, apart)]
        assert abs(float(told.mean - apart.mean)) < SIGMAS * np.hypot(*errors)
        assert told.lower - SIGMAS * errors[1] < apart.mean < told.upper + SIGMAS * errors[1]


def test_pairing_saves_half_the_events_of_plans_within_a_fifth_of_each_other() -> None:
    people = sorted({one for pair in WITHIN_FIFTH for one in pair})
    plans = [plan_of("ashcloud", None, f"teams.volunteers.people={one}") for one in people]
    events = dict(zip(people, paired(plans, MORE), strict=True))
    for pair in WITHIN_FIFTH:
        assert 0.8 <= pair[1] / pair[0] <= 1.2
        for promise in (0, 1):  # first reply and solved
            mine, theirs = (cases(events[one], promise) for one in pair)
            assert all(0.2 <= ratio(*side).mean <= 0.99 for side in (mine, theirs))
            assert difference(*mine, *theirs).saved >= 2
