"""One world over time: contacts waiting and in hand, and who was on duty, busy and in overtime."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.measure.intervals import edges, overlap, standing, union
from sim.measure.slices import by_label, cell_of, slices
from sim.scenario.plan import Bool, Lens
from sim.tables import Fate, Int32, Int64, Outcome, World
from sim.units import HOUR


@dataclass(frozen=True)
class Timeline:
    """What one world looks like by period p, team m, window u (whole hours from 0) and slice v.

    The end of a period means the instant before what happens then: at the horizon, who waits is who was never begun.
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


def timeline(world: World, outcome: Outcome, lens: Lens) -> Timeline:
    """The state of the hub over time in one world, exact to the millisecond.

    An agent that rejoins while it still finishes contacts of an earlier segment is on duty, and busy, from then.
    What begins as it comes never waits.  An agent with several contacts in hand is busy once.
    """
    assert world.playbook.horizon == lens.horizon, "a world is looked at through the lens it was drawn for"
    came = outcome.fate != Fate.NEVER
    arrived, begun = outcome.arrived[came], outcome.begun[came]
    gone = np.where(begun >= 0, begun, outcome.ended[came])  # no longer waiting; -1 never
    label, left, begins = world.workload.label[came], gone >= 0, begun >= 0
    came_hour, left_hour = by_label(arrived, label, lens), by_label(gone[left], label[left], lens)
    work = np.bincount(arrived // lens.period, world.workload.effort[came], -(-lens.horizon // lens.period))
    on_duty, busy, overtime = _staff(world, outcome, lens)
    return Timeline(
        backlog=standing(arrived, gone, lens.horizon, lens.period).astype(np.int32),
        oldest=_oldest(arrived, gone, lens),
        backlog_peak=_most_waiting(arrived, gone, lens),
        oldest_peak=_longest_wait(arrived, gone, lens),
        in_hand=standing(begun[begins], outcome.ended[came][begins], lens.horizon, lens.period).astype(np.int32),
        work=work.astype(np.int64),
        on_duty=on_duty,
        busy=busy,
        overtime=overtime,
        backlog_slices=slices(lens).gather(np.cumsum(came_hour - left_hour, axis=0)).astype(np.int32),
        able=_able(world, outcome, lens),
    )


def abilities(signature: bytes) -> Bool:
    """The cells [language × topic] that a signature stands for: those that an agent can serve on at least one channel."""
    return np.frombuffer(signature, bool)


def _oldest(arrived: Int64, gone: Int64, lens: Lens) -> Int64:
    """The ms [p] that the oldest contact waiting at the end of each period has waited, 0 if none waits."""
    ends = edges(lens.horizon, lens.period)[1:]
    order = np.argsort(arrived)
    leaves = np.where(gone >= 0, gone, lens.horizon)[order]
    # The first contact to have come of those that leave at t or later is where their running latest leave reaches t.
    first = np.searchsorted(np.maximum.accumulate(leaves), ends)
    came = np.append(arrived[order], lens.horizon)[first]
    return np.asarray(np.maximum(ends - came, 0))


def _most_waiting(arrived: Int64, gone: Int64, lens: Lens) -> int:
    """The most contacts that waited at one instant of the judged window; at an instant who leaves goes before who comes."""
    since, until = arrived, np.where(gone >= 0, gone, lens.horizon)
    times = np.concatenate([until, since])
    order = np.argsort(times, kind="stable")
    waiting = np.concatenate([[0], np.cumsum(np.repeat([-1, 1], len(since))[order])])
    first, last = np.searchsorted(times[order], lens.judged)
    return int(waiting[first : last + 1].max())


def _longest_wait(arrived: Int64, gone: Int64, lens: Lens) -> int:
    judged = (lens.judged[0] <= arrived) & (arrived < lens.judged[1])
    waited = np.where(gone >= 0, gone, lens.horizon) - arrived
    return int(waited[judged].max(initial=0))


def _duty(world: World, outcome: Outcome, horizon: int) -> tuple[Int64, Int64, Int64]:
    """The stretches on duty (agent, start, end) of the segments that were joined."""
    joined = outcome.joined >= 0
    left = np.where(outcome.left >= 0, outcome.left, horizon)
    return world.roster.agent[joined].astype(np.int64), outcome.joined[joined], left[joined]


def _staff(world: World, outcome: Outcome, lens: Lens) -> tuple[Int64, Int64, Int64]:
    """The agent-ms on duty, busy on duty and in overtime, each [m, p]."""
    begun = outcome.begun >= 0
    ended = np.where(outcome.ended >= 0, outcome.ended, lens.horizon)
    duty = _duty(world, outcome, lens.horizon)
    in_hand = union(outcome.agent[begun].astype(np.int64), outcome.begun[begun], ended[begun])
    either = union(*(np.concatenate(pair) for pair in zip(duty, in_hand, strict=True)))
    duty_sum, in_hand_sum, either_sum = (_by_team(world, lens, *stretches) for stretches in (duty, in_hand, either))
    return duty_sum, duty_sum + in_hand_sum - either_sum, either_sum - duty_sum


def _by_team(world: World, lens: Lens, agent: Int64, start: Int64, end: Int64) -> Int64:
    """The agent-ms [m, p] of stretches."""
    team, periods = world.roster.team[agent], edges(lens.horizon, lens.period)
    rows = [overlap(start[team == row], end[team == row], periods) for row in range(len(lens.teams))]
    return np.array(rows, np.int64).reshape(len(lens.teams), -1)


def _able(world: World, outcome: Outcome, lens: Lens) -> dict[bytes, Int64]:
    """The agent-ms on duty [u] of the agents that can serve the same cells, by signature."""
    cells = np.zeros((len(lens.languages) * len(lens.topics), len(world.routing.push)), bool)
    np.logical_or.at(cells, cell_of(lens), world.routing.push[:, lens.types].T >= 0)
    signature_of, signature = np.unique(cells.T, axis=0, return_inverse=True)
    agent, start, end = _duty(world, outcome, lens.horizon)
    mine, windows = signature.reshape(-1)[world.roster.group[agent]], edges(lens.horizon, HOUR)
    return {signature_of[row].tobytes(): overlap(start[mine == row], end[mine == row], windows) for row in np.unique(mine)}
