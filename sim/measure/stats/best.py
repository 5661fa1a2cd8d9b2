"""Which of several plans is best in one quantity, how sure that is, and which of the others are
surely worse.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.measure.stats.difference import difference
from sim.measure.stats.estimate import CONFIDENCE, linear
from sim.measure.stats.verdicts import EVENTS_MOST, holm

Values = tuple[ArrayLike, ArrayLike | None]  # over and under [r] of a plan; under None: the value itself


@dataclass(frozen=True)
class Rival:
    """How another plan compares with the best; `behind` in the unit of the quantity, above 0 if it is
    worse.
    """

    plan: int
    behind: float  # best less this one, so that more is worse
    least: float  # simultaneous bound: behind at least so much, below 0 if it may be better
    worse: bool  # surely worse, by Holm
    near: bool  # surely no better than the best by more than the indifference


@dataclass(frozen=True)
class Best:
    """The plan with the highest estimate, and what is known of the others."""

    plan: int
    rivals: tuple[Rival, ...]  # in the order of the plans
    enough: (
        int | None
    )  # events at which today's differences would do, if they do not; None: they do, or too many

    @property
    def found(self) -> bool:
        """Whether no other plan is better by more than the indifference, at the confidence asked for."""
        return all(rival.near for rival in self.rivals)


def best(plans: Sequence[Values], indifference: float, confidence: float = CONFIDENCE) -> Best:
    """The best of k plans played on the same dice: the highest mean of over ÷ under, or of the value.

    Multiple comparisons with the best (Hsu 1984) on common random numbers (Nelson & Matejcik 1995): if
    one-sided bounds, each at 1 − (1 − confidence) ÷ (k − 1), leave no other plan better by more than
    `indifference`, then with probability `confidence` none is, whichever was picked.  Each pair has its own
    variance: Bonferroni's bound, and not the sphericity of their Procedure NM, for a plan that breaks down
    varies many times as much with the dice as those that nearly hold.

    Surely worse are those that Holm's procedure leaves at (1 − confidence) ÷ k: whichever of the k plans
    comes out best.
    """
    means = [float(linear(*plan).average) for plan in plans]
    first = int(np.nanargmax(means)) if not np.isnan(means).all() else 0
    others = [row for row in range(len(plans)) if row != first]
    if not others:
        return Best(first, (), None)
    level = 1 - 2 * (1 - confidence) / len(others)  # two-sided
    found = [difference(*plans[first], *plans[row], level) for row in others]
    worse = holm(
        [float(item.doubt) if item.mean > 0 else 1.0 for item in found], (1 - confidence) / len(plans)
    )
    rivals = tuple(
        Rival(row, float(item.mean), float(item.lower), bool(sure), bool(item.lower >= -indifference))
        for row, item, sure in zip(others, found, worse, strict=True)
    )
    return Best(first, rivals, _enough(rivals, len(np.asarray(plans[first][0])), indifference))


def _enough(rivals: Sequence[Rival], replications: int, indifference: float) -> int | None:
    """At how many events all would be near, were the means as they are: bounds close in with the root of the
    number.
    """
    needed = [
        replications * ((rival.behind - rival.least) / (rival.behind + indifference)) ** 2
        for rival in rivals
        if not rival.near
    ]
    most = max(needed, default=math.nan)
    return math.ceil(most) if most <= EVENTS_MOST else None
