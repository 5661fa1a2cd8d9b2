"""Verdicts: whether promises hold, from the cases in time and the cases in scope of every replication."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.measure.stats import confidence_sequence as sequence
from sim.measure.stats.estimate import (
    CONFIDENCE,
    Counts,
    Float64,
    Shares,
    chance_of_fewer,
    chance_of_more,
    one_sided,
    proportion,
    ratio,
)

REPLICATIONS_MOST = 20_000  # a search for the number that decides looks no further
CASES_LEAST = 50  # a row with fewer cases a replication on average is too few to judge
SHARE_PARTS = 10**9  # shares are compared in whole billionths


class Ruling(StrEnum):
    """What can be said of a promise."""

    HOLDS = "HOLDS"
    BREAKS = "BREAKS"
    UNDECIDED = "UNDECIDED"
    TOO_FEW = "TOO FEW"  # a row with fewer than 50 cases a replication on average


class Bounds(StrEnum):
    """Which bounds of the probability decide: by whether the number of replications was fixed beforehand.

    The doubts are the largest probability of such a result if it is wrong; they cross a level where the
    bounds cross `asked`.
    """

    FIXED = "fixed"  # Clopper & Pearson
    SEQUENCE = "sequence"  # looked at again and again, to stop when decided

    def around(
        self, kept: Counts, replications: Counts, asked: Shares, confidence: float
    ) -> tuple[Float64, Float64]:
        """The lower and the upper bound."""
        if self is Bounds.FIXED:
            return proportion(kept, replications, confidence)
        return sequence.bounds(kept, replications, asked, confidence)

    def doubt_holds(self, kept: Counts, replications: Counts, asked: Shares) -> Float64:
        """The doubt about HOLDS."""
        return (
            chance_of_more(kept, replications, asked)
            if self is Bounds.FIXED
            else sequence.doubt_holds(kept, replications, asked)
        )

    def doubt_breaks(self, kept: Counts, replications: Counts, asked: Shares) -> Float64:
        """The doubt about BREAKS."""
        return (
            chance_of_fewer(kept, replications, asked)
            if self is Bounds.FIXED
            else sequence.doubt_breaks(kept, replications, asked)
        )


@dataclass(frozen=True, eq=False)
class Claim:
    """One promise, or one row of it, and its cases in every replication: what a verdict is about."""

    promise: str
    dimension: str  # "" for the promise itself, else the dimension of the row: language, channel, topic, day
    member: str  # the row: "nl", "2010-04-16"; "" for the promise itself
    target: float  # share of cases that is promised
    confidence_asked: float  # share of replications in which it must be kept
    in_time: NDArray[np.int64]  # [r] cases in time
    cases: NDArray[np.int64]  # [r] cases in scope


@dataclass(frozen=True)
class Verdict:
    """In how many replications a promise was kept, and what follows."""

    promise: str  # name; "all" for all promises in the same replication
    dimension: str  # "" for the promise itself, else the dimension of the row: language, channel, topic, day
    member: str  # the row: "nl", "2010-04-16"; "" for the promise itself
    target: float  # share of cases that is promised; NaN for "all"
    confidence_asked: float  # share of replications in which it must be kept
    kept: int  # replications whose share of cases in time reaches the target
    replications: int  # all of them
    lower: float  # bounds of the probability that a replication keeps it
    upper: float
    ruling: Ruling
    # replications at which today's proportion would decide; None: too close to call, decided, or a sequence
    enough: int | None
    mean: float  # cases in time ÷ cases, pooled; NaN without cases, and for "all", as are the next four
    mean_lower: float
    mean_upper: float
    worst: float  # share of cases in time in the worst replication in ten
    cases: float  # mean cases a replication


def verdicts(
    claims: Sequence[Claim], confidence: float = CONFIDENCE, bounds: Bounds = Bounds.FIXED
) -> tuple[Verdict, ...]:
    """The verdicts on all claims together, in their order; with several promises a last one, "all".

    "all" is the claim that every promise is kept in the same replication.  `bounds` must be SEQUENCE if the
    number of replications was chosen by looking at them.  The interval of the mean is for a fixed number
    either way, and decides nothing.
    """
    rows = _rows(claims)
    kept, replications, asked = _counted(rows)
    decided = rulings(claims, confidence, bounds)
    lower, upper = bounds.around(kept, replications, asked, confidence)
    judged = sum(ruling is not Ruling.TOO_FEW for ruling in decided)
    verdict_rows = []
    for row, claim in enumerate(rows):
        pooled = ratio(claim.in_time, claim.cases, confidence)
        open_yet = decided[row] is Ruling.UNDECIDED and bounds is Bounds.FIXED
        verdict = Verdict(
            promise=claim.promise,
            dimension=claim.dimension,
            member=claim.member,
            target=claim.target,
            confidence_asked=claim.confidence_asked,
            kept=int(kept[row]),
            replications=int(replications[row]),
            lower=float(lower[row]),
            upper=float(upper[row]),
            ruling=decided[row],
            enough=enough(int(kept[row]), int(replications[row]), claim.confidence_asked, confidence, judged)
            if open_yet
            else None,
            mean=float(pooled.mean),
            mean_lower=float(pooled.lower),
            mean_upper=float(pooled.upper),
            worst=float(pooled.p10),
            cases=float(np.mean(claim.cases)),
        )
        verdict_rows.append(verdict)
    if len(rows) > len(claims):
        none = math.nan  # a replication is no case: this row says nothing of cases
        verdict_rows[-1] = replace(
            verdict_rows[-1], target=none, mean=none, mean_lower=none, mean_upper=none, worst=none, cases=none
        )
    return tuple(verdict_rows)


def rulings(
    claims: Sequence[Claim], confidence: float = CONFIDENCE, bounds: Bounds = Bounds.FIXED
) -> tuple[Ruling, ...]:
    """The rulings of `verdicts` alone: HOLDS, BREAKS, UNDECIDED or TOO FEW, a claim each.

    A claim HOLDS if the lower bound is at least what is asked, and BREAKS if the upper bound is below it.  A
    row of a promise (with a `dimension`) with fewer than 50 cases a replication on average is TOO FEW; the
    promise itself is always judged.

    HOLDS needs no correction for several rows: each must hold at its full confidence (Berger 1982).  Among
    many rows one BREAKS by chance, so BREAKS goes by Holm over every row judged: the promises, their rows and
    "all", but not those TOO FEW.  A false BREAKS among them comes in at most (1 − confidence) ÷ 2 of all
    studies; a row that breaks only by itself is UNDECIDED.
    """
    rows = _rows(claims)
    kept, replications, asked = _counted(rows)
    judged = np.array([not _too_few(row) for row in rows], bool)
    holds = (asked == 0) | (bounds.doubt_holds(kept, replications, asked) <= one_sided(confidence))
    breaks = np.zeros(len(rows), bool)
    breaks[judged] = holm(bounds.doubt_breaks(kept, replications, asked)[judged], one_sided(confidence))
    decisions = np.select(
        [~judged, breaks, holds], [Ruling.TOO_FEW, Ruling.BREAKS, Ruling.HOLDS], Ruling.UNDECIDED
    )
    return tuple(Ruling(ruling) for ruling in decisions.tolist())


def overall(rows: Iterable[Verdict]) -> Ruling:
    """The one ruling that the exit code tells: BREAKS if any does, else UNDECIDED if any is, else HOLDS.

    Rows TOO FEW to judge don't count; without any promise it HOLDS.
    """
    seen = {row.ruling for row in rows}
    return next((worst for worst in (Ruling.BREAKS, Ruling.UNDECIDED) if worst in seen), Ruling.HOLDS)


def holm(doubts: ArrayLike, level: float) -> NDArray[np.bool_]:
    """Which of several findings stand, if a false one among them may come in at most `level` of all studies.

    doubts [rows]: the probability of such a finding where there is nothing to find.  However the rows depend
    on each other: the smallest doubt must be below level ÷ rows, the next below level ÷ (rows − 1), …, until
    one is not (Holm 1979).
    """
    doubts = np.asarray(doubts, np.float64)
    order = np.argsort(doubts, kind="stable")
    stands = np.zeros(len(doubts), bool)
    stands[order] = np.logical_and.accumulate(doubts[order] < level / np.arange(len(doubts), 0, -1))
    return stands


def enough(
    kept: int, replications: int, asked: float, confidence: float = CONFIDENCE, rows: int = 1
) -> int | None:
    """The fewest replications, fixed beforehand, at which today's proportion would decide; None: too close.

    The search ends at 20,000; None also if it is decided already.  Among n replications today's proportion
    keeps n · kept ÷ replications, rounded against the decision: down towards HOLDS, up towards BREAKS.
    `rows`: how many rows the verdict on BREAKS is one of; then it is the number at which this row BREAKS
    whatever becomes of the others (Holm's first step, Bonferroni's level).
    """
    holds = kept > asked * replications
    level = one_sided(confidence) if holds else one_sided(confidence) / rows
    chance = chance_of_more if holds else chance_of_fewer
    if asked == 0 or chance(kept, replications, asked) <= level:
        return None
    first = replications + 1
    while first <= REPLICATIONS_MOST:  # in stretches, each twice the last: the answer is mostly near
        last = min(2 * first, REPLICATIONS_MOST)
        n = np.arange(first, last + 1)
        hits = n * kept // replications if holds else -(-n * kept // replications)
        tail = chance(hits, n, asked)
        decides = tail <= level if holds else tail < level
        if decides.any():
            return int(n[decides.argmax()])
        first = last + 1
    return None


@cache
def least_replications(
    asked: float, confidence: float = CONFIDENCE, bounds: Bounds = Bounds.FIXED
) -> int | None:
    """The fewest replications at which HOLDS is possible at all: 72 for 95 % at 95 %, or 102 by a sequence.

    The search ends at 20,000; None if there is no such number, as where 100 % is asked.
    """
    all_kept = np.arange(1, REPLICATIONS_MOST + 1)
    possible = (asked == 0) | (bounds.doubt_holds(all_kept, all_kept, asked) <= one_sided(confidence))
    return int(all_kept[possible.argmax()]) if possible.any() else None


def too_few(rows: Iterable[Verdict], bounds: Bounds = Bounds.FIXED) -> tuple[int, float] | None:
    """How many replications the undecided verdicts need before each could be HOLDS, and what that asks.

    What is asked is that of the verdict that needs the most.  None if there are that many replications
    already, or no number would do.
    """
    undecided = [row for row in rows if row.ruling is Ruling.UNDECIDED]
    least = ((least_replications(row.confidence_asked, bounds=bounds), row) for row in undecided)
    return max(
        ((few, row.confidence_asked) for few, row in least if few is not None and row.replications < few),
        default=None,
    )


def replications_kept(claim: Claim) -> NDArray[np.bool_]:
    """[r] whether each replication keeps the promise."""
    return keeps(claim.in_time, claim.cases, claim.target)


def keeps(in_time: ArrayLike, cases: ArrayLike, target: float) -> NDArray[np.bool_]:
    """Whether in_time ≥ target · cases; without cases the promise is kept.

    It compares whole numbers, so that 7 of 100 are 7 %.
    """
    hits, total = np.asarray(in_time, np.int64), np.asarray(cases, np.int64)
    return np.asarray(hits * SHARE_PARTS >= round(target * SHARE_PARTS) * total)


def _rows(claims: Sequence[Claim]) -> list[Claim]:
    """The claims; with several promises also the one that all are kept in the same replication."""
    promises = [claim for claim in claims if claim.dimension == ""]
    return [*claims, *([_all_together(promises)] if len(promises) > 1 else [])]


def _all_together(promises: Sequence[Claim]) -> Claim:
    """The claim that all promises are kept in the same replication, each replication counted as one case.

    What is asked is what they guarantee together, 1 − Σ (1 − asked) (Bonferroni), not the most that any asks:
    three promises, each for 95 % of replications, may each be missed in another 5 %.  So "all" can only break
    where a promise does.
    """
    kept = np.logical_and.reduce([replications_kept(claim) for claim in promises]).astype(np.int64)
    asked = max(0.0, round(1 - sum(1 - claim.confidence_asked for claim in promises), 9))
    return Claim("all", "", "", 1.0, asked, kept, np.ones_like(kept))


def _counted(rows: Sequence[Claim]) -> tuple[NDArray[np.int64], NDArray[np.int64], Float64]:
    """[rows] replications that keep the claim, all replications, and the share of replications asked."""
    kept = np.array([replications_kept(row).sum() for row in rows], np.int64)
    return (
        kept,
        np.array([len(row.cases) for row in rows], np.int64),
        np.array([row.confidence_asked for row in rows], np.float64),
    )


def _too_few(claim: Claim) -> bool:
    """Whether it is a row of a promise with too few cases to judge."""
    return claim.dimension != "" and bool(np.mean(claim.cases) < CASES_LEAST)
