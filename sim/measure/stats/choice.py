"""Which plan to take: the cheapest of those that hold, else the one with the highest service level."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.measure.stats.best import Best, Rival, best
from sim.measure.stats.verdicts import Ruling

POINT = 0.01  # of service level: plans that differ by less are as good as each other
CHEAPER = 0.01  # of the price: plans that differ by less cost the same


@dataclass(frozen=True)
class Choice:
    """The best plan, by what criterion, and whether it is certain."""

    plan: int  # row of the plans
    criterion: Literal["price", "service_level"]  # what it is best in
    indifference: float  # in the unit of the criterion
    rivals: tuple[Rival, ...]  # the plans it is compared with: all others that hold, or all others
    may_hold: tuple[int, ...]  # undecided plans that would be the best if they hold
    certain: bool  # whether it is certain that no other plan is better by more than the indifference
    # replications at which today's differences would do; None: they do already, or no number would
    enough: int | None


@dataclass(frozen=True)
class Standing:
    """What a choice looks at: rulings, prices and cases of the leading promise.

    Axes: k plans · r replications.
    """

    rulings: Sequence[Ruling]  # [k] of all promises
    price: NDArray[np.float64]  # [k, r]
    in_time: NDArray[np.int64]  # [k, r]
    cases: NDArray[np.int64]  # [k, r]


def choose(plans: Standing) -> Choice:
    """The cheapest plan that HOLDS, within 1 % of its price; if none holds, the best served, within a point.

    An undecided plan may turn out to hold.  If that would make it the best, the best plan is not certain yet.
    """
    holding = [row for row, ruling in enumerate(plans.rulings) if ruling is Ruling.HOLDS]
    undecided = [row for row, ruling in enumerate(plans.rulings) if ruling is Ruling.UNDECIDED]
    if holding:
        prices = plans.price.mean(axis=1)
        indifference = CHEAPER * float(prices[holding].min())
        leader = _among(holding, best([(-plans.price[row], None) for row in holding], indifference))
        may_hold = [row for row in undecided if prices[row] < prices[leader.plan] - indifference]
        return _choice(leader, "price", indifference, may_hold)
    leader = best(list(zip(plans.in_time, plans.cases, strict=True)), POINT)
    return _choice(leader, "service_level", POINT, [row for row in undecided if row != leader.plan])


def on_the_front(price: NDArray[np.float64], service_level: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[k] which plans no other plan beats in price and in service level.

    A plan beats another if it is better in one and at least equal in the other.  price, service_level [k].
    """
    as_good = (price[:, None] <= price) & (service_level[:, None] >= service_level)  # [other, plan]
    better = as_good & ((price[:, None] < price) | (service_level[:, None] > service_level))
    return np.asarray(~better.any(axis=0))


def _among(rows: Sequence[int], chosen: Best) -> Best:
    """The best of a subset of the plans, with places in the subset turned into rows of all plans."""
    rivals = tuple(replace(rival, plan=rows[rival.plan]) for rival in chosen.rivals)
    return replace(chosen, plan=rows[chosen.plan], rivals=rivals)


def _choice(
    leader: Best, criterion: Literal["price", "service_level"], indifference: float, may_hold: Sequence[int]
) -> Choice:
    certain = leader.certain and not may_hold
    return Choice(
        leader.plan, criterion, indifference, leader.rivals, tuple(may_hold), certain, leader.enough
    )
