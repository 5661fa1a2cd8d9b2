"""Whether events are as a scenario expects: by intervals, never by the point alone."""

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


class State(StrEnum):
    """What became of an expectation."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Judged:
    """One expectation, and what the events say of it."""

    expectation: Expectation
    state: State
    mean: float  # NaN of a verdict, and where nothing is to be measured
    lower: float
    upper: float
    unit: str  # of the measure; "" of a verdict
    ruling: str  # "" but of a verdict


def judge(
    replications: Replications, expectations: Iterable[Expectation], level: float
) -> tuple[Judged, ...]:
    """Each expectation: PASS if its whole interval is as expected, FAIL if none of it is, else UNDECIDED.

    level: how often the interval may lie wholly above, or wholly below, the truth, as far as Student's t
    holds: of skewed values, such as a backlog that few events have, more often.  A verdict is that on a
    promise and its rows, and goes by the confidence sequence, for it is looked at until it is decided; each
    side is wrong in at most 2.5 %.
    """
    asked = list(expectations)
    measured = list(summary(replications)) if any(item.measure != "verdict" for item in asked) else []
    return tuple(
        _verdict(replications, item) if item.measure == "verdict" else _number(measured, item, level)
        for item in asked
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


def _number(measured: Iterable[Rows], asked: Expectation, level: float) -> Judged:
    found = _find(measured, asked.measure, asked.promise, asked.dimension, asked.member)
    if found is None:
        return Judged(asked, State.UNDECIDED, math.nan, math.nan, math.nan, "", "")
    rows, place = found
    over, confidence = rows.over[:, place], 1 - 2 * level
    told = mean(over, confidence) if rows.under is None else ratio(over, rows.under[:, place], confidence)
    lower, upper, value = float(told.lower), float(told.upper), asked.value
    above = lower > value or (
        asked.comparison in (">=", "<") and lower == value
    )  # surely at least, or more than, the value
    below = upper < value or (asked.comparison in ("<=", ">") and upper == value)
    wanted, unwanted = (above, below) if asked.comparison[0] == ">" else (below, above)
    state = State.PASS if wanted else State.FAIL if unwanted else State.UNDECIDED
    return Judged(asked, state, float(told.mean), lower, upper, rows.unit, "")


def _verdict(replications: Replications, asked: Expectation) -> Judged:
    rows = verdicts(claims(replications), bounds=Bounds.SEQUENCE)
    ruling = overall(row for row in rows if asked.promise in ("all", row.promise))
    agrees = (ruling == asked.ruling) == (asked.comparison == "==")
    state = State.UNDECIDED if ruling is Ruling.UNDECIDED else State.PASS if agrees else State.FAIL
    return Judged(asked, state, math.nan, math.nan, math.nan, "", str(ruling))
