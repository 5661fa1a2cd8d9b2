"""The best plan is picked as often as promised, and what is said of the others is wrong as rarely, whatever
the dice share.
"""

import numpy as np
import pytest

from sim.measure.stats.best import Best, best
from sim.measure.stats.difference import difference
from tests.plans import SIGMAS

STUDIES = 1_500
CONFIDENCE = 0.95


def studies(means: list[float], spread: list[float], shared: float, events: int = 40) -> list[Best]:
    """Many studies of plans with these means, each event with luck of its own (sd `spread`) and luck that all
    plans share.
    """
    rng = np.random.default_rng(5)
    luck = rng.normal(0, shared, (STUDIES, events, 1))
    values = np.array(means) + luck + rng.normal(0, 1, (STUDIES, events, len(means))) * np.array(spread)
    return [best([(study[:, plan], None) for plan in range(len(means))], 1.0, CONFIDENCE) for study in values]


def at_most(failures: int, share: float) -> bool:
    return failures <= STUDIES * share + SIGMAS * np.sqrt(STUDIES * share * (1 - share))


@pytest.mark.parametrize(
    ("means", "spread"),
    [
        ([10.0, 9.0], [2.0, 2.0]),  # the least favourable: one point behind
        ([10.0, *[9.0] * 7], [2.0] * 8),
        ([10.0, 9.0, 9.0, 5.0], [0.5, 4.0, 0.5, 20.0]),  # no sphericity: one hardly varies, one breaks down
    ],
)
@pytest.mark.parametrize("shared", [0.0, 30.0])
def test_a_plan_a_point_behind_is_called_the_best_as_rarely_as_promised(
    means: list[float], spread: list[float], shared: float
) -> None:
    found = studies(means, spread, shared)
    assert at_most(sum(item.certain and item.plan != 0 for item in found), 1 - CONFIDENCE)


def test_the_bounds_of_all_others_hold_together() -> None:
    found = studies([20.0, *[10.0] * 7], [2.0] * 8, 5.0)
    assert all(item.plan == 0 for item in found)
    assert at_most(sum(any(rival.least > 10.0 for rival in item.rivals) for item in found), 1 - CONFIDENCE)


def test_dice_that_plans_share_cost_nothing() -> None:
    alone, together = (
        studies([10.0, 8.5, 8.0], [1.0, 1.0, 1.0], 0.0),
        studies([10.0, 8.5, 8.0], [1.0, 1.0, 1.0], 30.0),
    )
    assert sum(item.certain for item in together) == sum(item.certain for item in alone) > 0.99 * STUDIES


@pytest.mark.parametrize("spread", [[2.0, 2.0, 2.0, 2.0], [0.5, 4.0, 0.5, 20.0]])
def test_of_equal_plans_none_is_called_surely_worse(spread: list[float]) -> None:
    found = studies([10.0] * 4, spread, 5.0)
    assert at_most(sum(any(rival.worse for rival in item.rivals) for item in found), 1 - CONFIDENCE)


def test_a_plan_far_behind_is_surely_worse_and_one_close_by_is_not() -> None:
    found = studies([10.0, 9.9, 5.0], [1.0, 1.0, 1.0], 5.0)
    assert sum({rival.plan: rival.worse for rival in item.rivals}[2] for item in found) == STUDIES
    assert (
        sum(rival.worse for item in found for rival in item.rivals if {rival.plan, item.plan} == {0, 1})
        < STUDIES * 0.2
    )


def test_more_events_than_it_says_decide_and_fewer_do_not() -> None:
    """With the differences as they are: each event again and again."""
    rng = np.random.default_rng(8)
    plans = [rng.normal(10, 4, 30), rng.normal(9.5, 4, 30)]
    found = best([(values, None) for values in plans], 1.0)
    assert not found.certain
    assert found.enough is not None
    more = [np.tile(values, -(-found.enough // 30)) for values in plans]
    assert best([(values, None) for values in more], 1.0).certain
    fewer = [np.tile(values, int(found.enough / 30 * 0.8)) for values in plans]
    assert not best([(values, None) for values in fewer], 1.0).certain


def test_one_plan_is_the_best_there_is() -> None:
    assert best([([1.0, 2.0], None)], 1.0) == Best(0, (), None)


def test_two_plans_are_judged_by_the_one_sided_bound_of_their_difference() -> None:
    rng = np.random.default_rng(2)
    mine, theirs = rng.normal(3, 1, 20), rng.normal(2, 1, 20)
    (rival,) = best([(mine, None), (theirs, None)], 0.5).rivals
    assert rival.least == difference(mine, None, theirs, None, 0.90).lower
