"""Intervals, quantiles over events and verdicts, from one value (or one over and one under) an event.

An event is one replication: the unit that chance draws.  Cases of one event share its luck, so no interval here takes cases
for independent.  Values come as arrays [r, …]: events first; every other axis is kept, each cell estimated by itself.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]
Count = int | NDArray[np.int64]

CONFIDENCE = 0.95  # two-sided
EVENTS_MOST = 20_000  # "how many more" looks no further
CASES_LEAST = 50  # a row with fewer cases an event is too few to judge
SHARE_PARTS = 10**9  # shares are compared in whole billionths


class Ruling(StrEnum):
    """What can be said of a promise."""

    HOLDS = "HOLDS"
    BREAKS = "BREAKS"
    UNDECIDED = "UNDECIDED"
    TOO_FEW = "TOO FEW"  # a row with fewer than 50 cases an event on average


@dataclass(frozen=True, eq=False)
class Estimate:
    """What r events say of one quantity; every array has the shape of one event."""

    mean: Float64  # NaN where there is nothing to average
    lower: Float64  # bounds of the mean; NaN below two events
    upper: Float64
    p10: Float64  # quantiles over events
    p50: Float64
    p90: Float64


@dataclass(frozen=True, eq=False)
class Claim:
    """One promise, or one row of it, and what became of it in every event: what a verdict is about."""

    promise: str
    by: str  # "" for the promise itself, else the dimension of the row: language, channel, topic, day
    of: str  # the row: "nl", "2010-04-16"; "" for the promise itself
    share: float  # asked share of cases
    asked: float  # asked share of events
    in_time: NDArray[np.int64]  # [r] cases in time
    cases: NDArray[np.int64]  # [r] cases in scope


@dataclass(frozen=True)
class Verdict:
    """How often a promise was kept, and what follows."""

    promise: str  # name; "all" for all promises in the same event
    by: str  # "" for the promise itself, else the dimension of the row: language, channel, topic, day
    of: str  # the row: "nl", "2010-04-16"; "" for the promise itself
    share: float  # asked share of cases; NaN for "all"
    asked: float  # asked share of events
    kept: int  # events in which kept ≥ share
    events: int  # all events
    lower: float  # bounds of the probability that an event keeps it
    upper: float
    ruling: Ruling
    enough: int | None  # events at which today's proportion would decide; None: too close to call, or decided
    mean: float  # cases in time ÷ cases, pooled; NaN without cases, and for "all", as are the next four
    mean_lower: float
    mean_upper: float
    worst: float  # kept in the worst event in ten
    cases: float  # mean cases an event


def ratio(over: ArrayLike, under: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of `over` ÷ the mean of `under` across events, with its interval, and the quantiles of the events' own ratios.

    over, under [r, …].  Never a mean of ratios: a quiet event weighs by its cases.  The variance is the delta method's (Cochran
    1977, 6.4; Asmussen & Glynn 2007, III.3); events with nothing over and nothing under tell nothing and are left out of its
    degrees of freedom.  The mean is NaN where there is nothing to divide by, the bounds also where fewer than two events tell
    something; the quantiles are over the events with something to divide by.

    If 0 ≤ over ≤ under everywhere it is a share.  The same variance then tells how many independent cases would be as
    uncertain (Kish 1965), never more than there are, and the bounds are Wilson's (1927) for so many, with Student's t.  They
    stay within 0–1 and keep their error near 1, where the plain interval fails: at 99.9 % and 20 events of 50 cases it lies
    above the truth in one study of three (Dean & Pagano 2015 compare them).  A share is never certain: if all n cases are
    kept the lower bound is n ÷ (n + t²), about 1 − 3.8 ÷ n for many events (the exact rule of three, two-sided: 3.7; Hanley
    & Lippman-Hand 1983).  But no interval sees what none of the events showed.  If nearly all misses come in a few bad
    events it is too narrow until some were seen: at 99.9 %, with a correlation of 2 % between the 500 cases of an event, it
    lies above the truth in 22 of 100 studies of 20 events and in 7 of 100 studies of 200 events.

    Any other ratio is mean ± t standard errors, without width if every event has the same.
    """
    over, under = np.asarray(over, np.float64), np.asarray(under, np.float64)
    whole = under.sum(axis=0)
    average = _divide(over.sum(axis=0), whole)
    telling = ((over != 0) | (under != 0)).sum(axis=0)
    squares = np.square(over - average * under).sum(axis=0)
    variance = _divide(squares * telling, np.maximum(telling - 1, 1) * np.square(whole))
    t = _student(telling, confidence)
    if np.all((over >= 0) & (over <= under)):
        lower, upper = _share_bounds(average, variance, whole, t)
    else:
        lower, upper = average - t * np.sqrt(variance), average + t * np.sqrt(variance)
    return Estimate(average, np.asarray(lower), np.asarray(upper), *quantiles(_divide(over, under)))


def mean(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of one value an event, with Student's t interval and the quantiles over events.

    values [r, …]; NaN, an event without a value, is left out.  The bounds are NaN below two events and where a value is
    infinite.  What is the same in every event, such as the wages of a fixed roster, is certain: its interval has no width.
    """
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    events = known.sum(axis=0)
    average = _divide(np.where(known, values, 0).sum(axis=0), events)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        squares = np.square(np.where(known, values - average, 0)).sum(axis=0)
    half = _student(events, confidence) * np.sqrt(squares / np.maximum(events * (events - 1), 1))
    return Estimate(average, np.asarray(average - half), np.asarray(average + half), *quantiles(values))


def quantiles(values: ArrayLike) -> tuple[Float64, Float64, Float64]:
    """What one event in ten, half and nine in ten of the events stay at or below: p10, p50, p90.

    values [r, …]; NaN is left out (all NaN: NaN), infinity ("never") sorts as the longest.  Values of events, no lines
    between them, so that infinity does no harm; where the cut falls between two events, their midpoint (Hyndman & Fan 1996,
    type 2).  So the 10 % of −x is minus the 90 % of x: the worst event in ten is the same whether hits or misses count.
    """
    ranked = np.sort(np.asarray(values, np.float64), axis=0)  # NaN last
    events = (~np.isnan(ranked)).sum(axis=0)

    def cut(percent: int) -> Float64:
        rank = np.stack([np.maximum(events * percent - 1, 0) // 100, events * percent // 100])
        below, above = np.take_along_axis(ranked, np.minimum(rank, len(ranked) - 1), axis=0)
        return np.asarray((below + above) / 2)

    return cut(10), cut(50), cut(90)


def proportion(kept: ArrayLike, events: ArrayLike, confidence: float = CONFIDENCE) -> tuple[Float64, Float64]:
    """The bounds of the probability behind `kept` of `events`, each wrong in at most (1 − confidence) ÷ 2 of all studies.

    kept, events: whole numbers, any shape.  Exact and two-sided (Clopper & Pearson 1934), by quantiles of the beta
    distribution; without events 0 and 1.  For a number of events fixed beforehand: looking again and again needs another.
    """
    from scipy import special

    hits, misses = np.broadcast_arrays(kept, np.subtract(events, kept))
    level = _level(confidence)
    lower = np.where(hits > 0, special.betaincinv(np.maximum(hits, 1), misses + 1, level), 0.0)
    upper = np.where(misses > 0, special.betaincinv(hits + 1, np.maximum(misses, 1), 1 - level), 1.0)
    return lower, upper


def ruling(kept: int, events: int, asked: float, confidence: float = CONFIDENCE) -> Ruling:
    """HOLDS if the lower bound of the probability is at least `asked`, BREAKS if the upper bound is below, else UNDECIDED.

    Decided by the tails of the binomial law at `asked`, whose inverses are the bounds of `proportion`.
    """
    if asked == 0 or chance_of_more(kept, events, asked) <= _level(confidence):
        return Ruling.HOLDS
    return Ruling.BREAKS if chance_of_fewer(kept, events, asked) < _level(confidence) else Ruling.UNDECIDED


def enough(kept: int, events: int, asked: float, confidence: float = CONFIDENCE, rows: int = 1) -> int | None:
    """The smallest number of events, up to 20,000, at which today's proportion would decide.

    None if that is too close to call, or if it is decided.  Of n events today's proportion keeps n · kept ÷ events, rounded
    against the decision: down towards HOLDS, up towards BREAKS.  `rows`: of how many the verdict on BREAKS is one; then it
    is the number at which this row BREAKS whatever becomes of the others (Holm's first step, Bonferroni's level).
    """
    holds = kept > asked * events
    level = _level(confidence) if holds else _level(confidence) / rows
    chance = chance_of_more if holds else chance_of_fewer
    if asked == 0 or chance(kept, events, asked) <= level:
        return None
    first = events + 1
    while first <= EVENTS_MOST:  # in stretches, each twice the last: the answer is mostly near
        last = min(2 * first, EVENTS_MOST)
        n = np.arange(first, last + 1)
        hits = n * kept // events if holds else -(-n * kept // events)
        tail = chance(hits, n, asked)
        decides = tail <= level if holds else tail < level
        if decides.any():
            return int(n[decides.argmax()])
        first = last + 1
    return None


def least_events(asked: float, confidence: float = CONFIDENCE) -> int | None:
    """The fewest events at which HOLDS is possible at all, all of them kept: 72 for 95 % at 95 %; None if all is asked."""
    if asked >= 1:
        return None
    return max(1, math.ceil(math.log(_level(confidence)) / math.log(asked))) if asked > 0 else 1


def chance_of_more(kept: Count, events: Count, asked: float) -> Float64:
    """The probability that at least `kept` of `events` are kept if each is with probability `asked`: the doubt about HOLDS."""
    from scipy import special

    return np.asarray(special.bdtrc(kept - 1, events, asked))


def chance_of_fewer(kept: Count, events: Count, asked: float) -> Float64:
    """The probability that at most `kept` of `events` are kept if each is with probability `asked`: the doubt about BREAKS."""
    from scipy import special

    return np.asarray(special.bdtr(kept, events, asked))


def holm(doubts: ArrayLike, level: float) -> NDArray[np.bool_]:
    """Which of several findings stand, if one that is wrong among them may come in at most `level` of all studies.

    doubts [rows]: the probability of such a finding where there is nothing to find.  However the rows depend on each other:
    the smallest doubt must be below level ÷ rows, the next below level ÷ (rows − 1), …, until one is not (Holm 1979).
    """
    doubts = np.asarray(doubts, np.float64)
    order = np.argsort(doubts, kind="stable")
    stands = np.zeros(len(doubts), bool)
    stands[order] = np.logical_and.accumulate(doubts[order] < level / np.arange(len(doubts), 0, -1))
    return stands


def verdict(claim: Claim, confidence: float = CONFIDENCE, rows: int = 1) -> Verdict:
    """The verdict on one claim, taken alone; `rows` as in `enough`.

    A row of a promise (`by`) with fewer than 50 cases an event on average is TOO FEW; the promise itself is always judged.
    """
    kept, events = int(events_kept(claim).sum()), len(claim.cases)
    lower, upper = proportion(kept, events, confidence)
    pooled = ratio(claim.in_time, claim.cases, confidence)
    too_few = _too_few(claim)
    return Verdict(
        promise=claim.promise,
        by=claim.by,
        of=claim.of,
        share=claim.share,
        asked=claim.asked,
        kept=kept,
        events=events,
        lower=float(lower),
        upper=float(upper),
        ruling=Ruling.TOO_FEW if too_few else ruling(kept, events, claim.asked, confidence),
        enough=None if too_few else enough(kept, events, claim.asked, confidence, rows),
        mean=float(pooled.mean),
        mean_lower=float(pooled.lower),
        mean_upper=float(pooled.upper),
        worst=float(pooled.p10),
        cases=float(np.mean(claim.cases)),
    )


def verdicts(claims: Sequence[Claim], confidence: float = CONFIDENCE) -> tuple[Verdict, ...]:
    """The verdicts on all claims together, in their order; with several promises a last one, "all", on all in the same event.

    That all hold needs no correction: each must, at its full confidence (Berger 1982).  Of many rows one BREAKS by chance, so
    BREAKS goes by Holm over every row judged: the promises, their rows and "all", but not those TOO FEW.  A false BREAKS
    among them comes in at most (1 − confidence) ÷ 2 of all studies; a row that breaks only by itself is UNDECIDED.
    """
    promises = [claim for claim in claims if claim.by == ""]
    together = [_all_together(promises)] if len(promises) > 1 else []
    judged = [place for place, claim in enumerate([*claims, *together]) if not _too_few(claim)]
    rows = [verdict(claim, confidence, len(judged)) for claim in [*claims, *together]]
    doubts = [float(chance_of_fewer(rows[place].kept, rows[place].events, rows[place].asked)) for place in judged]
    for place, breaks in zip(judged, holm(doubts, _level(confidence)), strict=True):
        if breaks:
            rows[place] = replace(rows[place], ruling=Ruling.BREAKS, enough=None)
        elif rows[place].ruling is Ruling.BREAKS:
            rows[place] = replace(rows[place], ruling=Ruling.UNDECIDED)
    if together:
        none = math.nan  # an event is no case: of cases this row has nothing to tell
        rows[-1] = replace(rows[-1], share=none, mean=none, mean_lower=none, mean_upper=none, worst=none, cases=none)
    return tuple(rows)


def overall(rows: Iterable[Verdict]) -> Ruling:
    """The one ruling that the exit code tells: BREAKS if any does, else UNDECIDED if any is, else HOLDS.

    Rows TOO FEW to judge don't count; nothing asked holds.
    """
    found = {row.ruling for row in rows}
    return next((worst for worst in (Ruling.BREAKS, Ruling.UNDECIDED) if worst in found), Ruling.HOLDS)


def _all_together(promises: Sequence[Claim]) -> Claim:
    """The claim that all promises are kept in the same event, each event counted as one case.

    Asked is what they guarantee together, 1 − Σ (1 − asked) (Bonferroni), not the most that any asks: three promises, each
    for 95 % of events, may each be missed in another 5 %.  So "all" can only break where a promise does.
    """
    kept = np.logical_and.reduce([events_kept(claim) for claim in promises]).astype(np.int64)
    asked = max(0.0, round(1 - sum(1 - claim.asked for claim in promises), 9))
    return Claim("all", "", "", 1.0, asked, kept, np.ones_like(kept))


def _too_few(claim: Claim) -> bool:
    """Whether it is a row of a promise with too few cases to judge."""
    return claim.by != "" and bool(np.mean(claim.cases) < CASES_LEAST)


def events_kept(claim: Claim) -> NDArray[np.bool_]:
    """[r] whether each event keeps the promise."""
    return keeps(claim.in_time, claim.cases, claim.share)


def keeps(in_time: ArrayLike, cases: ArrayLike, share: float) -> NDArray[np.bool_]:
    """Whether in_time ≥ share · cases: in whole numbers, so that 7 of 100 are 7 %; without cases it is kept."""
    hits, whole = np.asarray(in_time, np.int64), np.asarray(cases, np.int64)
    return np.asarray(hits * SHARE_PARTS >= round(share * SHARE_PARTS) * whole)


def _share_bounds(share: Float64, variance: Float64, cases: Float64, t: Float64) -> tuple[Float64, Float64]:
    """Wilson's bounds: every ρ with (share − ρ)² ≤ t² · ρ (1 − ρ) ÷ n, n the effective number of cases, at most all of them."""
    spread = share * (1 - share)
    certain = (variance == 0) | (spread == 0)
    effective = np.where(certain, cases, np.minimum(cases, _divide(spread, variance)))
    pull = _divide(np.square(t), effective)
    centre = (share + pull / 2) / (1 + pull)
    half = np.sqrt(pull * spread + np.square(pull) / 4) / (1 + pull)
    # Exact at 0; near 1 rounding would put the upper bound past 1, or below a share of 1.
    return centre - half, np.maximum(np.minimum(centre + half, 1), share)


def _student(events: NDArray[np.int64], confidence: float) -> Float64:
    """Student's t for the mean of so many events; NaN below two."""
    from scipy import special

    t = special.stdtrit(np.maximum(events - 1, 1), 1 - _level(confidence))
    return np.where(events > 1, t, np.nan)


def _divide(over: ArrayLike, under: ArrayLike) -> Float64:
    """over ÷ under; NaN where there is nothing to divide by."""
    under = np.asarray(under, np.float64)
    return np.asarray(np.divide(over, under, out=np.full(np.broadcast(over, under).shape, np.nan), where=under != 0))


def _level(confidence: float) -> float:
    """How often a two-sided interval may lie wholly above, or wholly below, the truth."""
    return (1 - confidence) / 2
