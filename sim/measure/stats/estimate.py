"""Intervals and quantiles over replications, from one value (or one over and one under) a replication.

A replication is the unit that chance draws.  Cases of one replication share its luck, so no interval here
takes cases for independent.  Values come as arrays [r, …]: replications first; every other axis is kept, and
each cell is estimated by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]
Counts = int | NDArray[np.int64]
Shares = float | Float64

CONFIDENCE = 0.95  # two-sided


@dataclass(frozen=True, eq=False)
class Estimate:
    """What r replications say of one quantity; every array has the shape of one replication."""

    mean: Float64  # NaN where there is nothing to average
    lower: Float64  # bounds of the mean; NaN below two replications
    upper: Float64
    p10: Float64  # quantiles over replications
    p50: Float64
    p90: Float64


@dataclass(frozen=True, eq=False)
class Linear:
    """An estimate as a sum over replications, to first order.

    Its error is the sum of what each replication adds, independent and identically distributed.
    """

    average: Float64  # NaN where there is nothing to average
    added: Float64  # [r, …] what each replication adds to the error; the sum is 0
    informative: NDArray[np.bool_]  # [r, …] the replications that say something

    @property
    def replications(self) -> NDArray[np.int64]:
        """How many replications say something."""
        return np.asarray(self.informative.sum(axis=0))

    @property
    def variance(self) -> Float64:
        """The variance of the estimate; 0 below two replications."""
        return np.asarray(
            np.square(self.added).sum(axis=0) * self.replications / np.maximum(self.replications - 1, 1)
        )


def linear_ratio(over: ArrayLike, under: ArrayLike) -> Linear:
    """The mean of `over` ÷ the mean of `under`, [r, …] both, by the delta method (Cochran 1977, 6.4)."""
    over, under = np.asarray(over, np.float64), np.asarray(under, np.float64)
    total = under.sum(axis=0)
    average = divide(over.sum(axis=0), total)
    return Linear(
        average,
        divide(over - average * under, np.broadcast_to(total, under.shape)),
        (over != 0) | (under != 0),
    )


def linear_mean(values: ArrayLike) -> Linear:
    """The mean of one value [r, …] a replication; a replication without a value (NaN) is left out."""
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    replications = known.sum(axis=0)
    average = divide(np.where(known, values, 0).sum(axis=0), replications)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        return Linear(average, np.where(known, values - average, 0) / np.maximum(replications, 1), known)


def linear(over: ArrayLike, under: ArrayLike | None) -> Linear:
    """The mean of `over` ÷ the mean of `under`, or the mean of `over` alone if `under` is None."""
    return linear_mean(over) if under is None else linear_ratio(over, under)


def ratio(over: ArrayLike, under: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of `over` ÷ the mean of `under`, its interval, and quantiles of the replications' own ratios.

    over, under [r, …].  Never a mean of ratios: a quiet replication weighs by its cases.  The variance is the
    delta method's (Cochran 1977, 6.4; Asmussen & Glynn 2007, III.3); a replication with nothing over and
    nothing under says nothing and is left out of its degrees of freedom.  The mean is NaN where there is
    nothing to divide by, the bounds also where fewer than two replications say something; the quantiles are
    over the replications with something to divide by.

    If 0 ≤ over ≤ under everywhere it is a share.  The same variance then tells how many independent cases
    would be as uncertain (Kish 1965), never more than there are, and the bounds are Wilson's (1927) for that
    many, with Student's t.  They stay within 0–1 and keep their error near 1, where the plain interval fails:
    at 99.9 % and 20 replications of 50 cases it lies above the truth in one study of three (Dean & Pagano
    2015 compare them). A share is never certain: if all n cases are in time the lower bound is n ÷ (n + t²),
    about 1 − 3.8 ÷ n for many replications (the exact rule of three, two-sided: 3.7; Hanley & Lippman-Hand
    1983).  But no interval sees what none of the replications showed.  If nearly all misses come in a few bad
    replications it is too narrow until some were seen: at 99.9 %, with a correlation of 2 % between the 500
    cases of a replication, it lies above the truth in 22 of 100 studies of 20 replications and in 7 of 100
    studies of 200 replications.

    Any other ratio is mean ± t standard errors, without width if every replication has the same.
    """
    over, under = np.asarray(over, np.float64), np.asarray(under, np.float64)
    estimate = linear_ratio(over, under)
    t = student(estimate.replications - 1, confidence)
    if np.all((over >= 0) & (over <= under)):
        lower, upper = _share_bounds(estimate.average, estimate.variance, under.sum(axis=0), t)
    else:
        lower, upper = (
            estimate.average - t * np.sqrt(estimate.variance),
            estimate.average + t * np.sqrt(estimate.variance),
        )
    return Estimate(estimate.average, np.asarray(lower), np.asarray(upper), *quantiles(divide(over, under)))


def mean(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of one value a replication, with Student's t interval and the quantiles over replications.

    values [r, …]; a replication without a value (NaN) is left out.  The bounds are NaN below two replications
    and where a value is infinite.  A value that is the same in every replication, such as the wages of a
    fixed roster, is certain: its interval has no width.
    """
    estimate = linear_mean(values)
    half = student(estimate.replications - 1, confidence) * np.sqrt(estimate.variance)
    return Estimate(
        estimate.average,
        np.asarray(estimate.average - half),
        np.asarray(estimate.average + half),
        *quantiles(values),
    )


def quantiles(values: ArrayLike) -> tuple[Float64, Float64, Float64]:
    """p10, p50 and p90: the value that one replication in ten, half, and nine in ten stay at or below.

    values [r, …]; NaN is left out (all NaN: NaN), infinity ("never") sorts as the longest.  They are values
    that occurred, never interpolated, so that infinity does no harm; where the cut falls between two
    replications, their midpoint (Hyndman & Fan 1996, type 2).  So p10 of −x is minus p90 of x: the worst
    replication in ten is the same whether hits or misses count.
    """
    ranked = np.sort(np.asarray(values, np.float64), axis=0)  # NaN last
    replications = (~np.isnan(ranked)).sum(axis=0)

    def cut(percent: int) -> Float64:
        rank = np.stack([np.maximum(replications * percent - 1, 0) // 100, replications * percent // 100])
        below, above = np.take_along_axis(ranked, np.minimum(rank, len(ranked) - 1), axis=0)
        return np.asarray((below + above) / 2)

    return cut(10), cut(50), cut(90)


def proportion(
    kept: ArrayLike, replications: ArrayLike, confidence: float = CONFIDENCE
) -> tuple[Float64, Float64]:
    """The bounds of the probability behind `kept` of `replications`: Clopper & Pearson (1934).

    kept, replications: whole numbers, any shape.  Exact and two-sided, by quantiles of the beta distribution:
    each bound is wrong in at most (1 − confidence) ÷ 2 of all studies; without replications they are 0 and 1.
    They hold for a number of replications fixed beforehand; a study that looks again and again needs
    `confidence_sequence`.
    """
    from scipy import special

    hits, misses = np.broadcast_arrays(kept, np.subtract(replications, kept))
    level = one_sided(confidence)
    lower = np.where(hits > 0, special.betaincinv(np.maximum(hits, 1), misses + 1, level), 0.0)
    upper = np.where(misses > 0, special.betaincinv(hits + 1, np.maximum(misses, 1), 1 - level), 1.0)
    return lower, upper


def chance_of_more(kept: Counts, replications: Counts, asked: Shares) -> Float64:
    """The doubt about HOLDS for a number of replications fixed beforehand.

    It is the probability that at least `kept` of `replications` keep a promise if each does with probability
    `asked`.
    """
    from scipy import special

    return np.asarray(special.bdtrc(kept - 1, replications, asked))


def chance_of_fewer(kept: Counts, replications: Counts, asked: Shares) -> Float64:
    """The doubt about BREAKS for a number of replications fixed beforehand.

    It is the probability that at most `kept` of `replications` keep a promise if each does with probability
    `asked`.
    """
    from scipy import special

    return np.asarray(special.bdtr(kept, replications, asked))


def one_sided(confidence: float) -> float:
    """The share of studies in which a two-sided interval may lie wholly above, or wholly below, the truth."""
    return (1 - confidence) / 2


def _share_bounds(share: Float64, variance: Float64, cases: Float64, t: Float64) -> tuple[Float64, Float64]:
    """Wilson's bounds: every ρ with (share − ρ)² ≤ t² · ρ (1 − ρ) ÷ n.

    n is the effective number of cases, at most all of them.
    """
    spread = share * (1 - share)
    certain = (variance == 0) | (spread == 0)
    effective = np.where(certain, cases, np.minimum(cases, divide(spread, variance)))
    pull = divide(np.square(t), effective)
    centre = (share + pull / 2) / (1 + pull)
    half = np.sqrt(pull * spread + np.square(pull) / 4) / (1 + pull)
    # Exact at 0; near 1 rounding would put the upper bound past 1, or below a share of 1.
    return centre - half, np.maximum(np.minimum(centre + half, 1), share)


def student(freedom: ArrayLike, confidence: float) -> Float64:
    """The two-sided quantile of Student's t with this many degrees of freedom; NaN without any."""
    from scipy import special

    freedom = np.asarray(freedom, np.float64)
    return np.where(
        freedom > 0, special.stdtrit(np.maximum(freedom, 1e-9), 1 - one_sided(confidence)), np.nan
    )


def divide(over: ArrayLike, under: ArrayLike) -> Float64:
    """over ÷ under; NaN where there is nothing to divide by."""
    under = np.asarray(under, np.float64)
    return np.asarray(
        np.divide(over, under, out=np.full(np.broadcast(over, under).shape, np.nan), where=under != 0)
    )
