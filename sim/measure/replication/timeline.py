"""One world over time: contacts waiting and in hand, and agents on duty, busy and in overtime."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication.intervals import blocks, count_into, edges, overlap, union
from sim.measure.replication.slices import by_label, places, slices, totals
from sim.plan import Bool, Lens
from sim.tables import NEVER, Int32, Int64, Outcome, World
from sim.units import HOUR

STRIDE = 16  # contacts between two looks at the number waiting


@dataclass(frozen=True)
class Timeline:
    """What one world looks like by period p, team m, window u (whole hours from 0) and slice v.

    The end of a period means the instant before what happens then: at the horizon, the contacts waiting are
    those never begun.
    """

    backlog: Int32  # [p] contacts waiting at the end of the period
    oldest: Int64  # [p] ms that the oldest of them has waited, 0 if none waits
    backlog_peak: int  # most contacts waiting at once in the judged window
    oldest_peak: int  # ms, longest wait of the contacts that came in it, begun or not by the horizon
    in_hand: Int32  # [p] contacts in hand at the end of the period
    work: Int64  # [p] ms, effort (handle time at pace 1000) of the contacts that came in the period
    on_duty: Int64  # [m, p] agent-ms
    busy: Int64  # [m, p] agent-ms on duty with at least one contact in hand
    overtime: Int64  # [m, p] agent-ms off duty with at least one contact in hand
    backlog_slices: Int32  # [u, v] contacts waiting at the end of the window
    able: Mapping[bytes, Int64]  # [u] agent-ms on duty, by what the agents can serve: `abilities`


@dataclass(frozen=True)
class _Waits:
    """The contacts that waited, in order of arrival, x in all.

    A contact that begins or leaves as it comes is not among them.
    """

    since: Int64  # [x] ms, not falling
    until: Int64  # [x] ms, later than since; the horizon if they still wait
    label: Int32  # [x]


def timeline(world: World, outcome: Outcome, lens: Lens) -> Timeline:
    """The state of the hub over time in one world, exact to the millisecond.

    An agent that rejoins while it still finishes contacts of an earlier segment is on duty, and busy, from
    then. A contact that begins as it comes never waits.  An agent with several contacts in hand is busy once.
    """
    assert world.playbook.horizon == lens.horizon, "a world is looked at through the lens it was drawn for"
    waits, left = _waits(world, outcome, lens)
    ends = edges(lens.horizon, lens.period)[1:]
    backlog = np.searchsorted(waits.since, ends) - np.searchsorted(left, ends)
    work, came, over = _flow(world, outcome, lens)
    duty = _duty(world, outcome, lens)
    on_duty, busy, overtime = _staff(world, outcome, lens, duty)
    return Timeline(
        backlog=backlog.astype(np.int32),
        oldest=_oldest(waits, ends),
        backlog_peak=_most_waiting(waits.since, left, lens.judged),
        oldest_peak=_longest_wait(waits, lens.judged),
        in_hand=(came - backlog - over).astype(np.int32),
        work=work,
        on_duty=on_duty,
        busy=busy,
        overtime=overtime,
        backlog_slices=_backlog_slices(waits, lens),
        able=_able(world, lens, duty),
    )


def abilities(signature: bytes) -> Bool:
    """The cells [language × topic] that a signature stands for.

    They are those that an agent can serve on at least one channel.
    """
    return np.frombuffer(signature, bool)


def _waits(world: World, outcome: Outcome, lens: Lens) -> tuple[_Waits, Int64]:
    """The contacts that waited, and when each of them stopped waiting, in order."""
    parts: list[tuple[Int64, Int64, Int32]] = []
    for block in blocks(world.workload.n):
        arrived, begun, ended = outcome.arrived[block], outcome.begun[block], outcome.ended[block]
        gone = np.where(begun >= 0, begun, ended)
        until = np.where(gone >= 0, gone, lens.horizon)
        row = np.flatnonzero((arrived >= 0) & (arrived < until))
        parts.append((arrived[row], until[row], world.workload.label[block][row]))
    since, until, label = (np.concatenate(column) for column in zip(*parts, strict=True))
    left = np.sort(until)
    if world.workload.outside < world.workload.n:  # contacts from outside come in order
        order = np.argsort(since, kind="stable")
        since, until, label = since[order], until[order], label[order]
    return _Waits(since, until, label), left


def _oldest(waits: _Waits, ends: Int64) -> Int64:
    """The ms [p] that the oldest contact waiting at the end of each period has waited, 0 if none waits."""
    # The first contact to have come of those that leave at t or later is where their running latest leave
    # reaches t.
    first = np.searchsorted(np.maximum.accumulate(waits.until), ends)
    ages = np.zeros(len(ends), np.int64)
    waiting = first < len(waits.since)
    ages[waiting] = np.maximum(ends[waiting] - waits.since[first[waiting]], 0)
    return ages


def _most_waiting(since: Int64, left: Int64, judged: tuple[int, int]) -> int:
    """The most contacts that waited at one instant of the judged window, both columns sorted.

    At any one instant contacts leave before others come.
    """
    first, last = np.searchsorted(since, judged).tolist()

    def waiting(arrival: NDArray[np.intp]) -> NDArray[np.intp]:
        return arrival + 1 - np.searchsorted(left, since[arrival], side="right")

    looks = np.arange(first, last, STRIDE)
    seen = waiting(looks)
    most = int(seen.max(initial=first - np.searchsorted(left, judged[0])))
    # Between two looks the number grows by less than a stride: all contacts are looked at only where that
    # could make a new peak.
    near = (looks[seen + STRIDE > most + 1, None] + np.arange(1, STRIDE)).ravel()
    return int(waiting(near[near < last]).max(initial=most))


def _longest_wait(waits: _Waits, judged: tuple[int, int]) -> int:
    inside = slice(*np.searchsorted(waits.since, judged))
    return int((waits.until[inside] - waits.since[inside]).max(initial=0))


def _backlog_slices(waits: _Waits, lens: Lens) -> Int32:
    came, gone = totals(lens), totals(lens)
    for block in blocks(len(waits.since)):
        label, until = waits.label[block], waits.until[block]
        count_into(came, places(waits.since[block], label, lens))
        count_into(gone, places(np.where(until < lens.horizon, until, NEVER), label, lens))
    return slices(lens).gather(np.cumsum(by_label(came - gone, lens)[0], axis=0)).astype(np.int32)


def _flow(world: World, outcome: Outcome, lens: Lens) -> tuple[Int64, Int64, Int64]:
    """Effort and contacts by period [p].

    Returns the effort ms that came in it, the contacts that came before its end, and those of them over by
    then.
    """
    work, came, over = np.zeros(
        (3, -(-lens.horizon // lens.period) + 1)
    )  # the first period for what never happens
    for block in blocks(world.workload.n):
        period = outcome.arrived[block] // lens.period + 1
        count_into(came, period)
        count_into(work, period, world.workload.effort[block])
        count_into(over, outcome.ended[block] // lens.period + 1)
    return work[1:].astype(np.int64), np.cumsum(came[1:], dtype=np.int64), np.cumsum(over[1:], dtype=np.int64)


def _duty(world: World, outcome: Outcome, lens: Lens) -> tuple[Int32, Int64, Int64]:
    """The stretches on duty (agent, start, end): the segments that were joined."""
    joined = outcome.joined >= 0
    left = np.where(outcome.left >= 0, outcome.left, lens.horizon)
    return world.roster.agent[joined], outcome.joined[joined], left[joined]


def _staff(
    world: World, outcome: Outcome, lens: Lens, duty: tuple[Int32, Int64, Int64]
) -> tuple[Int64, Int64, Int64]:
    """The agent-ms on duty, busy on duty and in overtime, each [m, p]."""
    # The time of all agents, one after the other on one line, so that stretches of two agents never touch.
    span = np.int64(lens.horizon + 1)
    assert world.roster.agents * int(span) < 2**62, "agents × time fit into 64 bits"
    on_duty = duty[1] + duty[0] * span, duty[2] + duty[0] * span
    busy = union(*_in_hand(world, outcome, lens, span))
    either = union(*(np.concatenate(pair) for pair in zip(on_duty, busy, strict=True)))

    stretches = on_duty, busy, either
    start, end = (np.concatenate(column) for column in zip(*stretches, strict=True))
    agent, teams = start // span, len(lens.teams)
    first = agent * span
    row = world.roster.team[agent] + np.repeat(np.arange(3) * teams, [len(part[0]) for part in stretches])
    sums = overlap(row, start - first, end - first, 3 * teams, lens.horizon, lens.period)
    duty_sum, busy_sum, either_sum = sums.reshape(3, teams, -1)
    return duty_sum, duty_sum + busy_sum - either_sum, either_sum - duty_sum


def _in_hand(world: World, outcome: Outcome, lens: Lens, span: np.int64) -> tuple[Int64, Int64]:
    """When contacts were in hand, from start to end, each on the stretch of `span` ms of its agent."""
    start, end = np.empty((2, np.count_nonzero(outcome.begun >= 0)), np.int64)
    filled = 0
    for block in blocks(world.workload.n):
        row = np.flatnonzero(outcome.begun[block] >= 0) + block.start
        here = slice(filled, filled := filled + len(row))
        first, ended = outcome.agent[row] * span, outcome.ended[row]
        np.add(first, outcome.begun[row], out=start[here])
        np.add(first, np.where(ended >= 0, ended, lens.horizon), out=end[here])
    return start, end


def _able(world: World, lens: Lens, duty: tuple[Int32, Int64, Int64]) -> dict[bytes, Int64]:
    """The agent-ms on duty [u] of the agents that can serve the same cells, by signature."""
    cells = len(lens.languages) * len(lens.topics)
    # [g, c]: the last slices are the types
    can = slices(lens).gather(world.routing.push[:, lens.types] >= 0)[:, -cells:] > 0
    signature_of = [row.tobytes() for row in can]
    signatures = sorted(set(signature_of))
    rank = np.array([signatures.index(signature) for signature in signature_of], np.int64)
    agent, start, end = duty
    rank_on_duty = rank[world.roster.group[agent]]
    hours = overlap(rank_on_duty, start, end, len(signatures), lens.horizon, HOUR)
    return {signatures[row]: hours[row] for row in np.unique(rank_on_duty).tolist()}
