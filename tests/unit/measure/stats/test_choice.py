"""Which plan is taken: the cheapest that holds, else the one that keeps the most, and when that is not sure
yet.
"""

import numpy as np
import pytest

from sim.measure.stats.choice import Choice, Standing, choose, on_the_front
from sim.measure.stats.verdicts import Ruling

HOLDS, BREAKS, UNDECIDED = Ruling.HOLDS, Ruling.BREAKS, Ruling.UNDECIDED
CASES = np.full(50, 1000)


def chosen(rulings: list[Ruling], prices: list[float], kept: list[float]) -> Choice:
    """The choice among plans whose price and share kept hardly vary."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.001, (len(rulings), 50))
    price = np.array(prices)[:, None] * (1 + noise)
    in_time = np.rint(CASES * (np.array(kept)[:, None] + noise)).astype(np.int64)
    return choose(Standing(rulings, price, in_time, np.tile(CASES, (len(rulings), 1))))


def test_the_cheapest_plan_that_holds_is_taken_even_if_others_keep_more_or_cost_less() -> None:
    found = chosen([HOLDS, HOLDS, BREAKS], [120.0, 100.0, 50.0], [0.99, 0.95, 0.97])
    assert (found.plan, found.criterion, found.certain, found.may_hold) == (1, "price", True, ())
    assert [rival.plan for rival in found.rivals] == [0]
    assert found.rivals[0].worse
    assert found.rivals[0].behind == pytest.approx(20, abs=0.2)


def test_without_one_that_holds_the_most_is_kept() -> None:
    found = chosen([BREAKS, BREAKS, BREAKS], [50.0, 100.0, 120.0], [0.5, 0.8, 0.7])
    assert (found.plan, found.criterion, found.certain) == (1, "service_level", True)
    assert {rival.plan: round(rival.behind, 2) for rival in found.rivals} == {0: 0.3, 2: 0.1}


@pytest.mark.parametrize(
    ("rulings", "prices", "may_hold"),
    [
        ([HOLDS, UNDECIDED], [100.0, 80.0], (1,)),  # cheaper, if it holds
        ([HOLDS, UNDECIDED], [100.0, 99.5], ()),  # as cheap, to within 1 %
        ([HOLDS, UNDECIDED], [100.0, 120.0], ()),
        ([UNDECIDED, BREAKS], [100.0, 120.0], ()),  # keeps the most, whether it holds or not
        ([BREAKS, UNDECIDED], [100.0, 120.0], (1,)),  # would be the only one that holds
        ([UNDECIDED, UNDECIDED], [100.0, 80.0], (1,)),
    ],
)
def test_an_undecided_plan_that_would_be_better_if_it_holds_leaves_the_choice_open(
    rulings: list[Ruling], prices: list[float], may_hold: tuple[int, ...]
) -> None:
    found = chosen(rulings, prices, [0.95, 0.9])
    assert found.plan == 0
    assert found.may_hold == may_hold
    assert found.certain == (not may_hold)


def test_plans_that_differ_by_less_than_a_point_are_as_good_as_each_other() -> None:
    found = chosen([BREAKS, BREAKS], [100.0, 100.0], [0.803, 0.800])
    assert found.certain
    assert found.rivals[0].near


def test_the_front_is_what_nothing_beats_in_both() -> None:
    price, kept = np.array([1.0, 2.0, 3.0, 3.0, 1.0]), np.array([0.2, 0.5, 0.4, 0.9, 0.2])
    assert on_the_front(price, kept).tolist() == [True, True, False, True, True]


def test_a_plan_that_promises_nothing_is_on_the_front_if_it_is_the_cheapest() -> None:
    assert on_the_front(np.array([2.0, 1.0]), np.array([1.0, 1.0])).tolist() == [False, True]
