"""Where a promise breaks first, when it is safe again, and how many agents of which kind are missing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.cover import uncovered
from sim.measure.estimate import quantiles, ratio
from sim.measure.slices import Slices
from sim.measure.timeline import abilities
from sim.measure.verdicts import CASES_LEAST, keeps
from sim.scenario.plan import Bool, Float, Lens, Promise
from sim.tables import NEVER, Int32, Int64
from sim.units import HOUR

CAUSE_LEAST = 0.1  # a cause holds at least so much of the misses
CAUSE_WORSE = 1.2  # times the misses of all together
CAUSES = 3  # are named
KIND_LEAST, KINDS = 0.1, 3  # of what is missing; are named
AGENTS_LEAST = 0.5  # fewer missing are not worth a line
ROWS = ("language", "channel", "topic")


@dataclass(frozen=True)
class Break:
    """When a promise breaks first and is safe again; times in ms, -1 never."""

    promise: str
    by: str  # "all", or "language", "channel", "topic": the row it is about
    of: str
    broken: int  # start of the first window whose upper bound lies below the share
    safe: int  # start of the first window from which on every lower bound lies above it; -1 if never broken or never safe
    events: int  # that break it as a whole; the next three are of these alone, -1 without any
    broken_early: int  # one in ten is first below the share before this,
    broken_median: int  # half of them,
    broken_late: int  # and one in ten after this
    worst: int  # start of the worst window
    worst_end: int
    worst_share: float  # kept in it, pooled
    causes: tuple[tuple[str, str], ...]  # the worst rows in it, such as ("language", "es"), worst first


@dataclass(frozen=True)
class Shortfall:
    """Agents missing over a stretch of hours, and for what."""

    agents: int  # the most missing at once, rounded up
    kinds: tuple[tuple[str, str, float], ...]  # language, topic and agents missing then, the most first
    start: int  # ms
    end: int  # ms


def first_breaks(promise: Promise, slices: Slices, cases: Int32, in_time: Int32) -> tuple[Break, ...]:
    """Where and when a promise breaks: for all, then for each language, channel and topic with cases enough to judge.

    cases, in_time [r, u, v]: those of this promise by event, hour and slice.  Windows are the shortest runs of whole hours
    with at least 50 cases an event on average, from the first hour with a case on; what is left at the end joins the last
    one.  A row with fewer than 50 cases in all is left out.  A row that never breaks has its worst window all the same.
    Of the events that do not keep the promise over all their cases, the range tells the first window of each that lies below
    the share.
    """
    enough = cases.sum(axis=1).mean(axis=0) >= CASES_LEAST  # [v]
    rows = [row for row in slices.rows("all", *ROWS) if enough[row]]
    return tuple(_first_break(promise, slices, row, cases, in_time) for row in rows)


def shortfalls(need: Float, able: Mapping[bytes, Float], lens: Lens) -> tuple[Shortfall, ...]:
    """Stretches of consecutive hours with at least half an agent missing in all, the most missing first.

    need [u, c] agents by hour and cell, able [u] agents on duty by signature, as `cell_needs` and `Events.missed_able` give
    them.  Whoever is on duty helps wherever it can; what nobody can cover is spread as `uncovered` says.  A kind is named if it
    holds a tenth of what is missing in the worst hour, the three largest at most.
    """
    signatures = list(able)
    can = np.array([abilities(signature) for signature in signatures], bool).reshape(-1, need.shape[1])
    short = uncovered(need, np.array([able[signature] for signature in signatures]).reshape(-1, len(need)).T, can)
    found = []
    for start, end in _runs(short.sum(axis=1) >= AGENTS_LEAST).tolist():
        worst = short[start + int(short[start:end].sum(axis=1).argmax())]
        kinds = [
            (lens.languages[cell // len(lens.topics)], lens.topics[cell % len(lens.topics)], float(worst[cell]))
            for cell in np.argsort(-worst, kind="stable")[:KINDS].tolist()
            if worst[cell] >= KIND_LEAST * worst.sum()
        ]
        agents = math.ceil(round(float(worst.sum()), 2))
        found.append(Shortfall(agents, tuple(kinds), start * HOUR, min(end * HOUR, lens.horizon)))
    return tuple(sorted(found, key=lambda row: (-row.agents, row.start - row.end, row.start)))


def _first_break(promise: Promise, slices: Slices, row: int, cases: Int32, in_time: Int32) -> Break:
    starts = _windows(cases[:, :, row].sum(axis=0), CASES_LEAST * len(cases))
    under, over = (np.add.reduceat(counts[:, :, row], starts, axis=1) for counts in (cases, in_time))  # [r, w]
    kept = ratio(over, under)
    times = np.append(starts * HOUR, NEVER)  # [w+1], the last: never
    broken = int(np.append(kept.upper < promise.share, True).argmax())
    unsafe = np.flatnonzero(~(kept.lower > promise.share))
    safe = int(unsafe[-1]) + 1 if broken < len(starts) else broken
    own = _own_breaks(over, under, promise.share, times)
    worst = int(kept.mean.argmin())
    last = int(np.flatnonzero(cases[:, :, row].sum(axis=0))[-1]) + 1
    hours = slice(int(starts[worst]), int(starts[worst + 1]) if worst + 1 < len(starts) else last)
    return Break(
        promise.name, slices.by[row], slices.of[row], int(times[broken]), int(times[safe]), *own,
        hours.start * HOUR, hours.stop * HOUR, float(kept.mean[worst]),
        _causes(slices, cases[:, hours], in_time[:, hours]) if slices.by[row] == "all" else (),
    )  # fmt: skip


def _windows(cases: NDArray[np.int64], least: int) -> NDArray[np.intp]:
    """The first hour of each window: the shortest runs of hours with at least so many cases; the last may reach on."""
    starts: list[int] = []
    held = least
    for hour in np.flatnonzero(cases).tolist():
        if held >= least:
            starts.append(hour)
            held = 0
        held += int(cases[hour])
    return np.array(starts if held >= least else starts[:-1], np.intp)


def _own_breaks(over: Int32, under: Int32, share: float, times: Int64) -> tuple[int, int, int, int]:
    """How many events break by themselves, and when: p10, p50 and p90; over and under [r, w], times [w+1]."""
    whole = ~keeps(over.sum(axis=1), under.sum(axis=1), share)
    if not whole.any():
        return 0, NEVER, NEVER, NEVER
    first = times[(~keeps(over[whole], under[whole], share)).argmax(axis=1)]
    return int(whole.sum()), *(int(time) for time in quantiles(first))  # type: ignore[return-value]  # three


def _causes(slices: Slices, cases: Int32, in_time: Int32) -> tuple[tuple[str, str], ...]:
    """The rows that miss a fifth more than all together and hold a tenth of the misses, worst first, at most three."""
    under, over = (counts.sum(axis=(0, 1)) for counts in (cases, in_time))  # [v]
    kept = np.divide(over, under, out=np.ones(len(under)), where=under > 0)
    missed, whole = under - over, slices.rows("all")[0]
    worse = 1 - kept > CAUSE_WORSE * (1 - kept[whole])
    rows = [row for row in slices.rows(*ROWS) if worse[row] and missed[row] >= CAUSE_LEAST * missed[whole]]
    return tuple((slices.by[row], slices.of[row]) for row in sorted(rows, key=lambda row: kept[row])[:CAUSES])


def _runs(mask: Bool) -> NDArray[np.intp]:
    """Where each run of True begins and ends: [·, 2], ends exclusive."""
    return np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))).reshape(-1, 2)
