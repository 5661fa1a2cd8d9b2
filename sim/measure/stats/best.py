"""Which of several plans is best in one quantity, how certain that is, and which others are worse."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.measure.stats.difference import difference
from sim.measure.stats.estimate import CONFIDENCE, linear
from sim.measure.stats.verdicts import REPLICATIONS_MOST, holm

Values = tuple[ArrayLike, ArrayLike | None]  # over and under [r] of a plan; under None: the value itself


@dataclass(frozen=True)
class Rival:
    """How another plan compares with the best.

    `behind` and `least` are in the unit of the quantity and positive if the plan is worse.
    """

    plan: int
    behind: float  # the best less this plan
    least: float  # simultaneous lower bound of `behind`; below 0 if the plan may be better
    worse: bool  # certainly worse, by Holm
    near: bool  # certainly not better than the best by more than the indifference


@dataclass(frozen=True)
class Best:
    """The plan with the highest estimate, and what is known of the others."""

    plan: int
    rivals: tuple[Rival, ...]  # in the order of the plans
    # replications at which today's differences would do; None: they do already, or too many
    enough: int | None

    @property
    def certain(self) -> bool:
        """Whether no other plan is better by more than the indifference, at the confidence asked for."""
        return all(rival.near for rival in self.rivals)


def best(plans: Sequence[Values], indifference: float, confidence: float = CONFIDENCE) -> Best:
    """The best of k plans played on the same random numbers: the highest mean of over ÷ under, or of over.

    Multiple comparisons with the best (Hsu 1984) on common random numbers (Nelson & Matejcik 1995): if
    one-sided bounds, each at 1 − (1 − confidence) ÷ (k − 1), leave no other plan better by more than
    `indifference`, then with probability `confidence` none is, whichever was picked.  Each pair has its own
    variance: Bonferroni's bound, not the sphericity of their Procedure NM, because a plan that breaks down
    varies many times as much with the random numbers as plans that nearly hold.

    A plan is certainly worse if Holm's procedure rejects equality at (1 − confidence) ÷ k, whichever of the k
    plans comes out best.
    """
    means = [float(linear(*plan).average) for plan in plans]
    first = int(np.nanargmax(means)) if not np.isnan(means).all() else 0
    others = [row for row in range(len(plans)) if row != first]
    if not others:
        return Best(first, (), None)
    level = 1 - 2 * (1 - confidence) / len(others)  # two-sided
    differences = [difference(*plans[first], *plans[row], level) for row in others]
    worse = holm(
        [float(item.doubt) if item.mean > 0 else 1.0 for item in differences], (1 - confidence) / len(plans)
    )
    rivals = tuple(
        Rival(row, float(item.mean), float(item.lower), bool(is_worse), bool(item.lower >= -indifference))
        for row, item, is_worse in zip(others, differences, worse, strict=True)
    )
    return Best(first, rivals, _enough(rivals, len(np.asarray(plans[first][0])), indifference))


def _enough(rivals: Sequence[Rival], replications: int, indifference: float) -> int | None:
    """The replications at which all rivals would be near if the means stayed as they are; None: too many.

    Bounds close in with the square root of the number.
    """
    needed = [
        replications * ((rival.behind - rival.least) / (rival.behind + indifference)) ** 2
        for rival in rivals
        if not rival.near
    ]
    most = max(needed, default=math.nan)
    return math.ceil(most) if most <= REPLICATIONS_MOST else None
