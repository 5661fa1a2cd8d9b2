"""Counts and sums of one world: how many cases came and were in time, and what became of every contact."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.intervals import covered_before
from sim.measure.slices import Slices, by_label, slices
from sim.scenario.plan import DIMENSIONS, Bool, Float, Lens, Promise
from sim.tables import NEVER, Fate, Int32, Int64, Outcome, World
from sim.units import DAY, HOUR

COUNTS = ("came", "begun", "answered", "abandoned", "blocked", "open", "follow_ups", "reopened")
SUMS = ("waited", "handled", "effort", "effort_answered")
PERCENTS = (50, 90, 95)  # of the times kept a promise
REOPENED = DAY  # a follow-up after so much silence reopens its case
NO_TIME = np.iinfo(np.int64).max  # later than every time


@dataclass(frozen=True)
class Tally:
    """What one world adds up to, by promise q, window u (whole hours from 0), slice v and period p of arrival.

    Cases count where the contact that started their clock came, under its label; contacts where they came, under their own.
    """

    cases: Int32  # [q, u, v] judged cases in scope
    in_time: Int32  # [q, u, v] those of them that kept the promise
    cases_period: Int32  # [q, p]
    in_time_period: Int32  # [q, p]
    times: Float  # [q, PERCENTS] ms on the clock over all judged cases, inf if it never stopped; NaN without cases
    elapsed: Float  # [q, PERCENTS] ms from the first contact to the last reply; NaN unless the clock is `solved`
    counts: Int32  # [COUNTS, u, v] contacts
    sums: Int64  # [SUMS, u, v] ms

    def count(self, name: str) -> Int32:
        """How many contacts [u, v]: "came", "begun", one of the fates, "follow_ups" or "reopened".

        A follow-up is a latent contact that came; it reopens its case if every earlier contact of the case ended 24 h before
        or earlier.
        """
        return np.asarray(self.counts[COUNTS.index(name)])

    def sum(self, name: str) -> Int64:
        """The ms [u, v] that contacts "waited" (those begun alone), were "handled" (those answered alone), or are worth.

        "effort" is the handle time at pace 1000 of all that came, "effort_answered" of those answered.
        """
        return np.asarray(self.sums[SUMS.index(name)])


@dataclass(frozen=True)
class _Histories:
    """The contacts that came in order of (case, arrived, row), x in all, and where each of the c cases begins."""

    row: NDArray[np.intp]  # [x] row of the contact
    case: Int64  # [x] 0 … c-1
    first: NDArray[np.intp]  # [c] place of the first contact of the case
    label: Int32  # [x]
    arrived: Int64  # [x] ms
    until: Int64  # [x] ms, ended; the horizon if open
    covered: Int64  # [x] ms, latest end of the earlier contacts of the case, -1 for the first
    reply: Int64  # [x] ms, NO_TIME if none
    answered: Bool  # [c] whether every contact was answered
    last: Int64  # [c] ms, when the last contact ended


def tally(world: World, outcome: Outcome, lens: Lens) -> Tally:
    """Counts and sums for one world, by promise, window, slice and period.

    A case is in scope of a promise if one of its contacts that came is; its clock starts when the first such contact comes,
    and it is judged if that lies in lens.judged (from inclusive, to exclusive).  What in time means, by the promise's clock:

    - first_reply: within `within` a human replied to any contact of the case, on any channel, at the start of the clock or
      after: to a live contact when it begins, to any other when it is answered.  A reply to a contact that came before the
      clock started counts too, if it comes after.
    - answered: every contact of the case that came was answered by the horizon.  On its clock is the time to the last reply.
    - solved: the same, and the time in which at least one contact of the case was waiting or in hand, counted from the start
      of the clock, is at most `within`.

    Late, abandoned, blocked, open at the horizon: all misses.  Percentiles are the smallest time that so many percent of the
    judged cases do not exceed, with the never-answered (the never-solved) as longer than any.
    """
    assert world.playbook.horizon == lens.horizon, "a world is looked at through the lens it was drawn for"
    table, histories = slices(lens), _histories(world, outcome, lens)
    windows, periods = -(-lens.horizon // HOUR), -(-lens.horizon // lens.period)
    promises = len(lens.promises)
    counted = np.zeros((2, promises, windows, len(lens.labels)))  # cases, and those in time
    by_period = np.zeros((2, promises, periods), np.int32)
    times, elapsed = np.full((2, promises, len(PERCENTS)), np.nan)
    for row, promise in enumerate(lens.promises):
        start, label, clock, whole = _clocks(histories, promise, lens)
        in_time = clock <= promise.within if promise.within >= 0 else clock < NO_TIME
        for kept, (since, under) in enumerate([(start, label), (start[in_time], label[in_time])]):
            counted[kept, row] = by_label(since, under, lens)
            by_period[kept, row] = np.bincount(since // lens.period, minlength=periods)
        times[row] = _percentiles(clock)
        if promise.clock == "solved":
            elapsed[row] = _percentiles(whole)
    cases = table.gather(counted).astype(np.int32)
    counts, sums = _contacts(world, outcome, lens, table, histories)
    return Tally(cases[0], cases[1], by_period[0], by_period[1], times, elapsed, counts, sums)


def day_of_window(lens: Lens) -> NDArray[np.intp]:
    """The local day, a row of lens.days, in which each window [u] begins."""
    return np.searchsorted(lens.days, np.arange(0, lens.horizon, HOUR), side="right") - 1


def _histories(world: World, outcome: Outcome, lens: Lens) -> _Histories:
    came = np.flatnonzero(outcome.fate != Fate.NEVER)
    row = came[np.lexsort((outcome.arrived[came], world.workload.case[came]))]  # stable: ties stay by row
    fresh = np.diff(world.workload.case[row], prepend=-1) != 0
    case, first = np.cumsum(fresh) - 1, np.flatnonzero(fresh)
    label, begun, ended = world.workload.label[row], outcome.begun[row], outcome.ended[row]
    answered, open_ = outcome.fate[row] == Fate.ANSWERED, outcome.fate[row] == Fate.OPEN
    until = np.where(open_, lens.horizon, ended)
    live = lens.live[lens.labels[label, DIMENSIONS.index("channel")]]
    reply = np.where(live, np.where(begun >= 0, begun, NO_TIME), np.where(answered, ended, NO_TIME))
    return _Histories(
        row, case, first, label, outcome.arrived[row], until, covered_before(case, until), reply,
        np.logical_and.reduceat(answered, first) if len(first) else answered,
        np.maximum.reduceat(until, first) if len(first) else until,
    )  # fmt: skip


def _clocks(histories: _Histories, promise: Promise, lens: Lens) -> tuple[Int64, Int32, Int64, Int64]:
    """Of the judged cases: when the clock starts, the label of who started it, the time on it, the time to the last reply.

    Each [judged cases]; times that do not come are NO_TIME.
    """
    inside = np.flatnonzero(promise.scope[histories.label])
    opening = inside[np.diff(histories.case[inside], prepend=-1) != 0]
    start = histories.arrived[opening]
    opening = opening[(lens.judged[0] <= start) & (start < lens.judged[1])]
    start, case = histories.arrived[opening], histories.case[opening]
    starts = np.full(len(histories.first), NO_TIME)
    starts[case] = start
    since = starts[histories.case]  # [x]

    solved = histories.answered[case]
    elapsed = np.where(solved, histories.last[case] - start, NO_TIME)
    if promise.clock == "answered" or not len(case):
        clock = elapsed
    elif promise.clock == "first_reply":
        replies = np.where(histories.reply >= since, histories.reply, NO_TIME)
        reply = np.minimum.reduceat(replies, histories.first)[case]
        clock = np.where(reply < NO_TIME, reply - start, NO_TIME)
    else:
        active = histories.until - np.maximum(np.maximum(histories.arrived, histories.covered), since)
        clock = np.where(solved, np.add.reduceat(np.maximum(active, 0), histories.first)[case], NO_TIME)
    return start, histories.label[opening], clock, elapsed


def _percentiles(times: Int64) -> Float:
    """The PERCENTS of times [x], inf where that is NO_TIME; NaN if there are none."""
    if not len(times):
        return np.full(len(PERCENTS), np.nan)
    places = [(percent * len(times) + 99) // 100 - 1 for percent in PERCENTS]
    found = np.partition(times, places)[places]
    return np.where(found == NO_TIME, np.inf, found)


def _contacts(world: World, outcome: Outcome, lens: Lens, table: Slices, histories: _Histories) -> tuple[Int32, Int64]:
    """The counts [COUNTS, u, v] and sums [SUMS, u, v] of contacts."""
    row = histories.row
    arrived, label, effort = histories.arrived, histories.label, world.workload.effort[row]
    begun, fate = outcome.begun[row], outcome.fate[row]
    latent, answered = world.workload.parent[row] >= 0, fate == Fate.ANSWERED
    silence = arrived - histories.covered
    masks = [
        np.ones(len(row), bool), begun >= 0, answered, fate == Fate.ABANDONED, fate == Fate.BLOCKED, fate == Fate.OPEN,
        latent, latent & (histories.covered > NEVER) & (silence >= REOPENED),
    ]  # fmt: skip
    amounts = [(masks[1], begun - arrived), (answered, histories.until - begun), (masks[0], effort), (answered, effort)]
    counts = [by_label(arrived[mask], label[mask], lens) for mask in masks]
    sums = [by_label(arrived[mask], label[mask], lens, amount[mask]) for mask, amount in amounts]
    return table.gather(np.array(counts)).astype(np.int32), table.gather(np.array(sums)).astype(np.int64)
