"""Where a promise breaks first, when it is safe again, and which rows cause it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication.slices import Slices
from sim.measure.stats.estimate import quantiles, ratio
from sim.measure.stats.verdicts import CASES_LEAST, keeps
from sim.plan import Promise
from sim.tables import NEVER, Int32, Int64
from sim.units import HOUR

CAUSE_LEAST = 0.1  # of the misses, that a cause holds at least
CAUSE_WORSE = 1.2  # times the share of misses of all cases, that a cause has at least
CAUSES = 3  # named at most
ROWS = ("language", "channel", "topic")


@dataclass(frozen=True)
class Break:
    """When a promise first breaks and when it is safe again; times in ms, -1 never."""

    promise: str
    dimension: str  # "all", or "language", "channel", "topic": the row it is about
    member: str
    broken: int  # start of the first window whose upper bound lies below the target
    # start of the first window from which on every lower bound lies above it; -1 if never broken or never
    # safe
    safe: int
    replications: int  # those that break it over all their cases; the next three are of these alone, or -1
    broken_early: int  # one in ten of them is first below the target before this,
    broken_median: int  # half of them before this,
    broken_late: int  # and one in ten after this
    worst: int  # start of the worst window
    worst_end: int
    worst_share: float  # service level in it, pooled
    causes: tuple[tuple[str, str], ...]  # dimension and member of the worst rows in it, worst first


def first_breaks(promise: Promise, slices: Slices, cases: Int32, in_time: Int32) -> tuple[Break, ...]:
    """Where and when a promise breaks: for all cases, then for each language, channel and topic.

    cases, in_time [r, u, v]: those of this promise by replication, hour and slice.  Windows are the shortest
    runs of whole hours with at least 50 cases a replication on average, from the first hour with a case on;
    what is left at the end joins the last one.  A row with fewer than 50 cases in all is left out.  A row
    that never breaks has its worst window all the same.  Among the replications that do not keep the promise
    over all their cases, the early, median and late times are those of the first window of each that lies
    below the target.
    """
    enough = cases.sum(axis=1).mean(axis=0) >= CASES_LEAST  # [v]
    rows = [row for row in slices.rows("all", *ROWS) if enough[row]]
    return tuple(_first_break(promise, slices, row, cases, in_time) for row in rows)


def _first_break(promise: Promise, slices: Slices, row: int, cases: Int32, in_time: Int32) -> Break:
    starts = _windows(cases[:, :, row].sum(axis=0), CASES_LEAST * len(cases))
    window_cases, window_in_time = (
        np.add.reduceat(counts[:, :, row], starts, axis=1) for counts in (cases, in_time)
    )  # [r, w]
    service_level = ratio(window_in_time, window_cases)
    times = np.append(starts * HOUR, NEVER)  # [w+1], the last: never
    broken = int(np.append(service_level.upper < promise.share, True).argmax())
    unsafe = np.flatnonzero(~(service_level.lower > promise.share))
    safe = int(unsafe[-1]) + 1 if broken < len(starts) else broken
    own_breaks = _own_breaks(window_in_time, window_cases, promise.share, times)
    worst = int(service_level.mean.argmin())
    last = int(np.flatnonzero(cases[:, :, row].sum(axis=0))[-1]) + 1
    hours = slice(int(starts[worst]), int(starts[worst + 1]) if worst + 1 < len(starts) else last)
    return Break(
        promise.name, slices.dimension[row], slices.member[row], int(times[broken]), int(times[safe]),
        *own_breaks, hours.start * HOUR, hours.stop * HOUR, float(service_level.mean[worst]),
        _causes(slices, cases[:, hours], in_time[:, hours]) if slices.dimension[row] == "all" else (),
    )  # fmt: skip


def _windows(cases: NDArray[np.int64], least: int) -> NDArray[np.intp]:
    """The first hour of each window: the shortest runs of hours with at least `least` cases.

    The last window may be longer.
    """
    starts: list[int] = []
    gathered = least
    for hour in np.flatnonzero(cases).tolist():
        if gathered >= least:
            starts.append(hour)
            gathered = 0
        gathered += int(cases[hour])
    return np.array(starts if gathered >= least else starts[:-1], np.intp)


def _own_breaks(in_time: Int32, cases: Int32, target: float, times: Int64) -> tuple[int, int, int, int]:
    """How many replications break the promise by themselves, and when they do first: p10, p50 and p90.

    in_time, cases [r, w]; times [w+1] ms, the last NEVER.
    """
    breaking = ~keeps(in_time.sum(axis=1), cases.sum(axis=1), target)
    if not breaking.any():
        return 0, NEVER, NEVER, NEVER
    first = times[(~keeps(in_time[breaking], cases[breaking], target)).argmax(axis=1)]
    return int(breaking.sum()), *(int(time) for time in quantiles(first))  # type: ignore[return-value]  # three


def _causes(slices: Slices, cases: Int32, in_time: Int32) -> tuple[tuple[str, str], ...]:
    """The rows that cause the misses, worst first, at most three.

    A cause misses at least a fifth more often than all cases together and holds at least a tenth of the
    misses.
    """
    under, over = (counts.sum(axis=(0, 1)) for counts in (cases, in_time))  # [v]
    service_level = np.divide(over, under, out=np.ones(len(under)), where=under > 0)
    missed, total_row = under - over, slices.rows("all")[0]
    worse = 1 - service_level > CAUSE_WORSE * (1 - service_level[total_row])
    many = missed >= CAUSE_LEAST * missed[total_row]
    rows = [row for row in slices.rows(*ROWS) if worse[row] and many[row]]
    return tuple(
        (slices.dimension[row], slices.member[row])
        for row in sorted(rows, key=lambda row: service_level[row])[:CAUSES]
    )
