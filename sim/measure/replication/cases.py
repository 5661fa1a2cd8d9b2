"""The clocks that promises start, one a case: when, under which label, and the time on each when it stops."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication.intervals import blocks, covered_before
from sim.plan import DIMENSIONS, Bool, Lens, Promise
from sim.tables import NEVER, Fate, Int32, Int64, Outcome, Workload, World

NO_TIME = np.iinfo(np.int64).max  # later than every time


@dataclass(frozen=True)
class Clocks:
    """One row a judged case; a clock that never stops is at NO_TIME."""

    start: Int64  # [x] ms
    label: Int32  # [x] of the contact that started the clock
    time: Int64  # [x] ms on the clock
    elapsed: Int64  # [x] ms from the start to the last reply


@dataclass(frozen=True)
class Histories:
    """The x contacts of the c cases with several contacts that came, in order of (case, arrived, row)."""

    row: NDArray[np.intp]  # [x] row of the contact
    case: Int64  # [x] 0 … c-1
    first: NDArray[np.intp]  # [c] place of the first contact of the case
    label: Int32  # [x]
    arrived: Int64  # [x] ms
    until: Int64  # [x] ms, ended; the horizon if open
    covered: Int64  # [x] ms, latest end of the earlier contacts of the case, -1 for the first
    reply: Int64  # [x] ms, NO_TIME if none
    replied: Int64  # [x] ms, the first reply to any contact of its question, NO_TIME if none
    again: Bool  # [x] whether it was answered although its question already was
    done: Int64  # [c] ms, when all questions were answered; NO_TIME if one was not


def cases(world: World, outcome: Outcome, lens: Lens) -> tuple[Bool, Histories]:
    """The cases of one contact, and the histories of all others.

    Returns which contacts [n] are judged and the only one of their case that came, and Histories.  Most cases
    are one contact, which takes no sorting.
    """
    came = outcome.fate != Fate.NEVER
    several = _several(world.workload.case, came)
    judged = (lens.judged[0] <= outcome.arrived) & (outcome.arrived < lens.judged[1])
    return came & judged & ~several, _histories(world, outcome, lens, np.flatnonzero(came & several))


def clocks(
    world: World, outcome: Outcome, lens: Lens, promise: Promise, single: Bool, histories: Histories
) -> Iterator[Clocks]:
    """The clocks of one promise, a block at a time, in any order.

    `tally` says what starts and stops them.
    """
    if len(histories.row):
        yield _history_clocks(histories, promise, lens)
    for block in blocks(world.workload.n):
        row = np.flatnonzero(single[block]) + block.start
        if not promise.scope.all():
            row = row[promise.scope[world.workload.label[row]]]
        start, label, ended = outcome.arrived[row], world.workload.label[row], outcome.ended[row]
        # A case of one contact is active until that is answered: `solved` and `answered` are the same.
        if promise.clock == "first_reply":
            stop = _replies(outcome.begun[row], ended, label, lens)
        else:
            stop = np.where(outcome.fate[row] == Fate.ANSWERED, ended, NO_TIME)
        time = _since(start, stop)
        yield Clocks(start, label, time, time)


def reply_within(lens: Lens) -> int | None:
    """The shortest time in which a first reply is promised, ms; None if none is."""
    return min((promise.within for promise in lens.promises if promise.clock == "first_reply"), default=None)


def _several(case: Int32, came: Bool) -> Bool:
    """[n] whether several contacts of the same case came."""
    ordered = np.sort(case[came])
    return np.isin(case, ordered[1:][ordered[1:] == ordered[:-1]])


def _histories(world: World, outcome: Outcome, lens: Lens, row: NDArray[np.intp]) -> Histories:
    row = row[np.lexsort((outcome.arrived[row], world.workload.case[row]))]  # stable: ties stay by row
    fresh = np.diff(world.workload.case[row], prepend=NEVER) != 0
    case, first = np.cumsum(fresh) - 1, np.flatnonzero(fresh)
    label, ended, fate = world.workload.label[row], outcome.ended[row], outcome.fate[row]
    until = np.where(fate == Fate.OPEN, lens.horizon, ended)
    finished = np.where(fate == Fate.ANSWERED, ended, NO_TIME)
    reply = _replies(outcome.begun[row], ended, label, lens)
    answered, replied, again = _by_question(world.workload, row, finished, reply)
    return Histories(
        row,
        case,
        first,
        label,
        outcome.arrived[row],
        until,
        covered_before(case, until),
        reply,
        replied,
        again,
        np.maximum.reduceat(answered, first) if len(first) else answered,
    )


def _by_question(
    workload: Workload, row: NDArray[np.intp], finished: Int64, reply: Int64
) -> tuple[Int64, Int64, Bool]:
    """What became of the question of each contact.

    Returns [x] ms when it was answered and when first replied to, and whether the contact was answered too
    late, its question already being so.  Most questions are one contact, which takes no sorting.
    """
    question = workload.question[row]
    repeats = (workload.parent[row] >= 0) & (question == workload.question[workload.parent[row]])
    answered, replied, again = finished.copy(), reply.copy(), np.zeros(len(row), bool)
    if repeats.any():
        place = np.flatnonzero(np.isin(question, question[repeats]))
        # FINISH events of one instant go by row.
        place = place[np.lexsort((row[place], finished[place], question[place]))]
        fresh = np.diff(question[place], prepend=NEVER) != 0
        first, which = np.flatnonzero(fresh), np.cumsum(fresh) - 1
        answered[place] = finished[place[first]][which]
        replied[place] = np.minimum.reduceat(reply[place], first)[which]
        again[place] = ~fresh & (finished[place] < NO_TIME)
    return answered, replied, again


def _replies(begun: Int64, ended: Int64, label: Int32, lens: Lens) -> Int64:
    """[x] ms, when each contact got a reply: live ones as they began, others as they were answered.

    NO_TIME if it got none.
    """
    live = lens.live[lens.labels[:, DIMENSIONS.index("channel")]]
    replied = np.where(live[label], begun, ended)
    return np.where((begun >= 0) & (replied >= 0), replied, NO_TIME)


def _history_clocks(histories: Histories, promise: Promise, lens: Lens) -> Clocks:
    """The clocks of the cases with several contacts; each starts with the first contact in scope."""
    inside = np.flatnonzero(promise.scope[histories.label])
    opening = inside[np.diff(histories.case[inside], prepend=NEVER) != 0]
    start = histories.arrived[opening]
    opening = opening[(lens.judged[0] <= start) & (start < lens.judged[1])]
    start, case = histories.arrived[opening], histories.case[opening]
    starts = np.full(len(histories.first), NO_TIME)
    starts[case] = start
    since = starts[histories.case]  # [x]

    elapsed = _since(start, histories.done[case])
    if promise.clock == "answered":
        time = elapsed
    elif promise.clock == "first_reply":
        replies = np.where(histories.reply >= since, histories.reply, NO_TIME)
        time = _since(start, np.minimum.reduceat(replies, histories.first)[case])
    else:
        stop = np.minimum(histories.until, histories.done[histories.case])
        active = stop - np.maximum(np.maximum(histories.arrived, histories.covered), since)
        solved = np.add.reduceat(np.maximum(active, 0), histories.first)[case]
        time = np.where(elapsed < NO_TIME, solved, NO_TIME)
    return Clocks(start, histories.label[opening], time, elapsed)


def _since(start: Int64, stop: Int64) -> Int64:
    return np.where(stop < NO_TIME, stop - start, NO_TIME)
