"""Bounds of a probability that hold at every number of replications, so that one may look and stop at will.

A bet against "a replication keeps the promise with probability p", on more: its stake grows by the ratio of
two likelihoods, that of q to that of p, averaged over the q above p with a beta prior.  If p is true, or less
is, the stake stays or falls on average, so it ever comes to 1 ÷ level in at most `level` of all runs (Ville
1939).  1 ÷ stake, at most 1, is the doubt.  A bet on less is the same with kept and missed exchanged.  The
confidence sequence is every p that neither bet refutes (Robbins 1970; mixtures: Howard, Ramdas, McAuliffe &
Sekhon 2021; here one on each side, each at half the level).

The prior has the mean `asked` and the least weight with both shapes at least 1: uniform where half is asked,
Beta(9, 1) at 90 %, and above 90 % that one too.  Such a density is log-concave.  Therefore, wherever the
doubt is below 1, it grows with p (what q exceeds p by is then no longer than an exponential time), and each
bound is the one p at which it crosses its level.

A bound may fall back as replications come.  It is taken as it is where one stops, not at its best so far: a
verdict then depends on nothing but how many replications kept the promise.

Mean replications to the verdict if 95 % is asked, by true probability, with the looks of
`sim.study.play.stopping`.  HOLDS comes at 102 replications at the earliest (Robbins's at 158; with a number
fixed beforehand at 72).

    true probability                    80 %    90 %    93 %    97 %    99 %   100 %
    here                                  40     252    1535    1002     186     103
    uniform prior, one on each side       46     342    2154    1003     192     113
    uniform prior, not split (Robbins)    41     301    1929    1576     292     163
"""

import numpy as np

from sim.measure.stats.estimate import CONFIDENCE, Counts, Float64, Shares, one_sided

# A sharper prior stops little sooner, widens the bounds far from `asked`, and its tails underflow.
SHARPEST = 0.9
HALVINGS = 60  # to less than the distance of two floats near 1


def bounds(
    kept: Counts, replications: Counts, asked: Shares, confidence: float = CONFIDENCE
) -> tuple[Float64, Float64]:
    """The bounds of the probability behind `kept` of `replications`, valid at any time.

    Each is wrong at any time in at most (1 − confidence) ÷ 2 of runs.  kept, replications (whole numbers) and
    asked, the probability in question: any shape.  Without replications they are 0 and 1.  They never lie
    inside the bounds for a number fixed beforehand, by Markov's inequality.
    """
    a, b = _prior(asked)
    level = one_sided(confidence)
    return _lower(kept, replications, a, b, level), 1 - _lower(replications - kept, replications, b, a, level)


def doubt_holds(kept: Counts, replications: Counts, asked: Shares) -> Float64:
    """The doubt about HOLDS, 0–1, valid at any time.

    It is this low at any time in at most this share of runs if less than `asked` is true.  At most a level
    exactly where the lower bound of that level is at least `asked`.
    """
    return _doubt(kept, replications, asked, *_prior(asked))


def doubt_breaks(kept: Counts, replications: Counts, asked: Shares) -> Float64:
    """The doubt about BREAKS, 0–1, valid at any time.

    It is this low at any time in at most this share of runs if `asked` or more is true.  Below a level
    exactly where the upper bound of that level is below `asked`.
    """
    a, b = _prior(asked)
    return _doubt(replications - kept, replications, 1 - asked, b, a)


def log_stake(kept: Counts, replications: Counts, probability: Shares, a: Float64, b: Float64) -> Float64:
    """The logarithm of what a stake of 1 on more than `probability` has become.

    The stake is 1 on average if just this probability is true.  a, b: shapes of the beta prior, of which only
    the part above `probability` counts.  Nothing is above 1: there the stake stays 1.
    """
    from scipy import special

    missed = replications - kept
    rate = np.asarray(probability, np.float64)
    after = np.asarray(a + kept), np.asarray(b + missed)
    # log 0: no weight above, or something impossible was seen
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = special.betaln(*after) + np.log(special.betaincc(*after, rate))
        staked = special.betaln(a, b) + np.log(special.betaincc(a, b, rate))
        expected = special.xlogy(kept, rate) + special.xlog1py(missed, -rate)
        return np.where(rate < 1, grown - staked - expected, 0.0)


def _prior(asked: Shares) -> tuple[Float64, Float64]:
    """The shapes of the beta prior: mean `asked`, both at least 1."""
    centre = np.clip(np.asarray(asked, np.float64), 1 - SHARPEST, SHARPEST)
    odds = centre / (1 - centre)
    return np.maximum(odds, 1), np.maximum(1 / odds, 1)


def _doubt(kept: Counts, replications: Counts, probability: Shares, a: Float64, b: Float64) -> Float64:
    return np.asarray(np.exp(-np.maximum(log_stake(kept, replications, probability, a, b), 0)))


def _lower(kept: Counts, replications: Counts, a: Float64, b: Float64, level: float) -> Float64:
    """The largest probability that the bet on more refutes at this level; 0: none."""
    low, high = np.zeros(()), kept / np.maximum(replications, 1)  # it can only win below what was seen
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        refuted = _doubt(kept, replications, middle, a, b) <= level
        low, high = np.where(refuted, middle, low), np.where(refuted, high, middle)
    return low
