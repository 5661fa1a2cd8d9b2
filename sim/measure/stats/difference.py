"""Differences between two plans: event by event where they met the same dice, else as two samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.measure.stats.estimate import CONFIDENCE, Float64, Linear, divide, linear, student


@dataclass(frozen=True, eq=False)
class Difference:
    """How far a quantity lies above that of another plan; every array has the shape of one event."""

    mean: Float64  # NaN where either plan has nothing to average
    lower: Float64  # bounds of the mean; NaN below two events
    upper: Float64
    # variance of the difference of two independent studies ÷ that of this one; NaN if neither plan varies
    saved: Float64
    # how probable so large a difference is, this way, at most, if there is none or one the other way
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
    """The mean of over ÷ under, of `over` itself if under is None, less that of another plan, with Student's
    t interval.

    over, under [r, …], other_over, other_under [s, …]; if paired, s = r and row r of both is one event, drawn
    alike: then the variance is that of the differences (of two ratios: Cochran 1977, 6.19).  That the dice
    are the same makes it small, and is not needed for it to be right.  Else it is the sum of both variances,
    with Welch's (1947) degrees of freedom.

    An event without a value (NaN) in either plan is no pair.  What differs by the same in every event is
    certain: its interval has no width, and its doubt is 0.  An infinite mean has no interval.
    """
    values, others = np.asarray(over, np.float64), np.asarray(other_over, np.float64)
    if paired and under is None:
        gone = np.isnan(values) | np.isnan(others)
        values, others = np.where(gone, np.nan, values), np.where(gone, np.nan, others)
    mine, theirs = linear(values, under), linear(others, other_under)
    alone = mine.variance + theirs.variance
    with np.errstate(invalid="ignore"):  # infinity less infinity
        average = mine.average - theirs.average
        pairs = Linear(average, mine.added - theirs.added, mine.telling | theirs.telling) if paired else None
    if pairs is not None:
        variance, freedom = pairs.variance, np.asarray(pairs.replications - 1.0)
    else:
        variance, freedom = alone, _welch(mine, theirs)
    error = np.asarray(np.sqrt(variance))
    half = student(freedom, confidence) * error
    saved = np.where(
        alone > 0,
        np.divide(alone, variance, out=np.full(np.shape(alone), np.inf), where=variance > 0),
        np.nan,
    )
    return Difference(
        average,
        np.asarray(average - half),
        np.asarray(average + half),
        saved,
        _doubt(average, error, freedom),
    )


def _welch(mine: Linear, theirs: Linear) -> Float64:
    """Degrees of freedom of the difference of two means; those of the smaller sample where neither varies."""
    alone = mine.variance + theirs.variance
    each = (np.square(side.variance) / np.maximum(side.replications - 1, 1) for side in (mine, theirs))
    fewest = np.asarray(np.minimum(mine.replications, theirs.replications) - 1.0)
    freedom = divide(np.square(alone), sum(each))
    return np.where(np.isnan(freedom) | (fewest < 1), fewest, freedom)


def _doubt(average: Float64, error: Float64, freedom: Float64) -> Float64:
    """One-sided: the probability of so large a difference, this way, if there is none; 1 below two events."""
    from scipy import special

    size = np.abs(average)
    distance = np.divide(size, error, out=np.where(size > 0, np.inf, 0.0), where=error > 0)
    found = special.stdtr(np.maximum(freedom, 1e-9), -distance)
    return np.where((freedom > 0) & ~np.isnan(average), found, 1.0)
