"""Which plan to take: the cheapest of those that hold, else the one that keeps the most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.measure.stats.best import Best, Rival, best
from sim.measure.stats.verdicts import Ruling

POINT = 0.01  # of the share kept: plans that differ by less are as good as each other
CHEAPER = 0.01  # of the price: likewise


@dataclass(frozen=True)
class Choice:
    """The best plan, in what, and whether that is sure."""

    plan: int  # row of the plans
    criterion: Literal["price", "service_level"]  # what it is best in
    indifference: float  # in the unit of that
    rivals: tuple[Rival, ...]  # of those it is compared with in that: all that hold, or all
    may_hold: tuple[int, ...]  # undecided plans that would be the best if they hold
    found: bool  # whether it is sure that no other is better by more than the indifference
    enough: (
        int | None
    )  # events at which today's differences would do; None: they do, or it takes more than events


@dataclass(frozen=True)
class Standing:
    """What a choice looks at: of each plan [k] whether it holds, its price and the cases of the leading
    promise, by event.
    """

    rulings: Sequence[Ruling]  # [k] of all promises
    price: NDArray[np.float64]  # [k, r]
    in_time: NDArray[np.int64]  # [k, r]
    cases: NDArray[np.int64]  # [k, r]


def choose(plans: Standing) -> Choice:
    """The cheapest plan that HOLDS, to within 1 % of its price; if none does the one with the highest share
    kept, to a point.

    An undecided plan may turn out to hold: where that would make it the best, the best is not found yet.
    """
    holding = [row for row, ruling in enumerate(plans.rulings) if ruling is Ruling.HOLDS]
    undecided = [row for row, ruling in enumerate(plans.rulings) if ruling is Ruling.UNDECIDED]
    if holding:
        prices = plans.price.mean(axis=1)
        indifference = CHEAPER * float(prices[holding].min())
        found = _of(holding, best([(-plans.price[row], None) for row in holding], indifference))
        may_hold = [row for row in undecided if prices[row] < prices[found.plan] - indifference]
        return _choice(found, "price", indifference, may_hold)
    found = best(list(zip(plans.in_time, plans.cases, strict=True)), POINT)
    return _choice(found, "service_level", POINT, [row for row in undecided if row != found.plan])


def on_the_front(price: NDArray[np.float64], kept: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[k] the plans than which none is both cheaper and better kept, nor one of them and equal in the
    other.
    """
    as_good = (price[:, None] <= price) & (kept[:, None] >= kept)  # [other, plan]
    better = as_good & ((price[:, None] < price) | (kept[:, None] > kept))
    return np.asarray(~better.any(axis=0))


def _of(rows: Sequence[int], found: Best) -> Best:
    """The same of some of the plans, by their rows."""
    rivals = tuple(replace(rival, plan=rows[rival.plan]) for rival in found.rivals)
    return replace(found, plan=rows[found.plan], rivals=rivals)


def _choice(
    found: Best, criterion: Literal["price", "service_level"], indifference: float, may_hold: Sequence[int]
) -> Choice:
    sure = found.found and not may_hold
    return Choice(found.plan, criterion, indifference, found.rivals, tuple(may_hold), sure, found.enough)
