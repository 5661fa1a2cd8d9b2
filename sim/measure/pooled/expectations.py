"""Whether results are as a scenario expects: by intervals, never by the point estimate alone."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.rows import Rows
from sim.measure.pooled.summary import summary
from sim.measure.stats.estimate import mean, ratio
from sim.measure.stats.verdicts import Bounds, Ruling, overall, verdicts
from sim.plan import Expectation


class Judgement(StrEnum):
    """Whether an expectation is met."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class JudgedExpectation:
    """One expectation, and what the replications say of it."""

    expectation: Expectation
    state: Judgement
    mean: float  # NaN for a verdict, and where nothing was measured
    lower: float
    upper: float
    unit: str  # of the measure; "" for a verdict
    ruling: str  # of a verdict; "" for a measure


def judge(
    replications: Replications, expectations: Iterable[Expectation], level: float
) -> tuple[JudgedExpectation, ...]:
    """Each expectation: PASS if its whole interval is as expected, FAIL if none of it is, else UNDECIDED.

    level: the share of studies in which the interval may lie wholly above, or wholly below, the truth, as far
    as Student's t holds: for skewed values, such as a backlog that few replications have, more often.  A
    verdict is that on a promise and its rows, and goes by the confidence sequence, because it is looked at
    until it is decided; each side is wrong in at most 2.5 %.
    """
    expected = list(expectations)
    measured = list(summary(replications)) if any(item.measure != "verdict" for item in expected) else []
    return tuple(
        _verdict(replications, item) if item.measure == "verdict" else _number(measured, item, level)
        for item in expected
    )


def _find(
    measured: Iterable[Rows], measure: str, promise: str, dimension: str, member: str
) -> tuple[Rows, int] | None:
    """The rows in which a measure of one row stands, and its place there; None if it was not measured."""
    for rows in measured:
        if (rows.measure, rows.promise, rows.dimension) == (
            measure,
            promise,
            dimension,
        ) and member in rows.member:
            return rows, list(rows.member).index(member)
    return None


def _number(measured: Iterable[Rows], expected: Expectation, level: float) -> JudgedExpectation:
    located = _find(measured, expected.measure, expected.promise, expected.dimension, expected.member)
    if located is None:
        return JudgedExpectation(expected, Judgement.UNDECIDED, math.nan, math.nan, math.nan, "", "")
    rows, place = located
    over, confidence = rows.over[:, place], 1 - 2 * level
    estimate = mean(over, confidence) if rows.under is None else ratio(over, rows.under[:, place], confidence)
    lower, upper, value = float(estimate.lower), float(estimate.upper), expected.value
    above = lower > value or (
        expected.comparison in (">=", "<") and lower == value
    )  # certainly at least, or more than, the value
    below = upper < value or (expected.comparison in ("<=", ">") and upper == value)
    met, missed = (above, below) if expected.comparison[0] == ">" else (below, above)
    state = Judgement.PASS if met else Judgement.FAIL if missed else Judgement.UNDECIDED
    return JudgedExpectation(expected, state, float(estimate.mean), lower, upper, rows.unit, "")


def _verdict(replications: Replications, expected: Expectation) -> JudgedExpectation:
    rows = verdicts(claims(replications), bounds=Bounds.SEQUENCE)
    ruling = overall(row for row in rows if expected.promise in ("all", row.promise))
    agrees = (ruling == expected.ruling) == (expected.comparison == "==")
    state = (
        Judgement.UNDECIDED if ruling is Ruling.UNDECIDED else Judgement.PASS if agrees else Judgement.FAIL
    )
    return JudgedExpectation(expected, state, math.nan, math.nan, math.nan, "", str(ruling))
