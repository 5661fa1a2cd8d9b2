"""Differences between two plans: replication by replication on the same random numbers, else two samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.measure.stats.estimate import CONFIDENCE, Float64, Linear, divide, linear, student


@dataclass(frozen=True, eq=False)
class Difference:
    """How far a quantity lies above that of another plan; every array has the shape of one replication."""

    mean: Float64  # NaN where either plan has nothing to average
    lower: Float64  # bounds of the mean; NaN below two replications
    upper: Float64
    # variance of the difference of two independent studies ÷ that of this one; NaN if neither plan varies
    saved: Float64
    # the largest probability of such a difference if there is none, or one in the other direction
    doubt: Float64


def difference(
    over: ArrayLike,
    under: ArrayLike | None,
    other_over: ArrayLike,
    other_under: ArrayLike | None,
    confidence: float = CONFIDENCE,
    *,
    paired: bool = True,
) -> Difference:
    """The mean of over ÷ under less that of another plan, with Student's t interval.

    If `under` is None it is the mean of `over`.  over, under [r, …], other_over, other_under [s, …].  If
    paired, s = r and row r of both is the same replication on the same random numbers: the variance is that
    of the differences (of two ratios: Cochran 1977, 6.19).  Common random numbers make it small; it is right
    without them too.  If not paired, it is the sum of both variances, with Welch's (1947) degrees of freedom.

    A replication without a value (NaN) in either plan is no pair.  A difference that is the same in every
    replication is certain: its interval has no width, and its doubt is 0.  An infinite mean has no interval.
    """
    values, others = np.asarray(over, np.float64), np.asarray(other_over, np.float64)
    if paired and under is None:
        missing = np.isnan(values) | np.isnan(others)
        values, others = np.where(missing, np.nan, values), np.where(missing, np.nan, others)
    ours, theirs = linear(values, under), linear(others, other_under)
    unpaired = ours.variance + theirs.variance
    with np.errstate(invalid="ignore"):  # infinity less infinity
        average = ours.average - theirs.average
        pairs = (
            Linear(average, ours.added - theirs.added, ours.informative | theirs.informative)
            if paired
            else None
        )
    if pairs is not None:
        variance, freedom = pairs.variance, np.asarray(pairs.replications - 1.0)
    else:
        variance, freedom = unpaired, _welch(ours, theirs)
    error = np.asarray(np.sqrt(variance))
    half = student(freedom, confidence) * error
    saved = np.where(
        unpaired > 0,
        np.divide(unpaired, variance, out=np.full(np.shape(unpaired), np.inf), where=variance > 0),
        np.nan,
    )
    return Difference(
        average,
        np.asarray(average - half),
        np.asarray(average + half),
        saved,
        _doubt(average, error, freedom),
    )


def _welch(ours: Linear, theirs: Linear) -> Float64:
    """Degrees of freedom of the difference of two means; the smaller sample's if neither varies."""
    unpaired = ours.variance + theirs.variance
    parts = (np.square(side.variance) / np.maximum(side.replications - 1, 1) for side in (ours, theirs))
    fewest = np.asarray(np.minimum(ours.replications, theirs.replications) - 1.0)
    freedom = divide(np.square(unpaired), sum(parts))
    return np.where(np.isnan(freedom) | (fewest < 1), fewest, freedom)


def _doubt(average: Float64, error: Float64, freedom: Float64) -> Float64:
    """One-sided: the probability of a difference this large, in this direction, if there is none.

    1 below two replications.
    """
    from scipy import special

    size = np.abs(average)
    distance = np.divide(size, error, out=np.where(size > 0, np.inf, 0.0), where=error > 0)
    tail = special.stdtr(np.maximum(freedom, 1e-9), -distance)
    return np.where((freedom > 0) & ~np.isnan(average), tail, 1.0)
