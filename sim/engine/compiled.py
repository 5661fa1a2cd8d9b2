"""The compiled engine: the engine's contract as one numba event loop, written to be fast.

Equal to the reference engine in every field of Outcome; it shares the tables with it and no decision.  Four sources give
the next event, in this order at one instant: a heap of service ends (FINISH), the sorted schedule (LEAVE, JOIN, LINES), the
sorted arrivals (ARRIVE), and a heap of what comes later (RETURN, OVERFLOW).  What is due at the horizon enters none of them.

What makes it fast:
- Patience makes no event.  `until` is the last instant at which a contact can be taken, -1 once it no longer waits: who has
  gone is passed over when a queue is looked at, and marked ABANDONED at the end.  Only a channel with LINES must know how
  many have gone, and only when it looks full: their ends of patience are in a heap of their own.  Who comes because its
  parent abandons is in the heap from the moment its parent waits, and comes if its parent still seems to wait by then.
- A queue is a chain through `next`, one a type, in order of coming, from which nothing is ever cut out: cursors pass over
  who no longer waits, each contact once.  Its first contact, its first one not yet overdue, and one cursor for each distinct
  `after` walk the same chain, so fresh_first costs no second queue and OVERFLOW one entry a cursor in the heap.
- Free agents are rings by (group, contacts in hand), longest unchanged first; the sentinel of a ring is a node as well.
- Odds never change, so a latent contact is thinned as it is set off, not as it comes.  Nor does the heap see a nudge that its
  parent's FINISH, known as soon as it begins, will come before: its question will be answered.
- Of a question that several ask there is one number: who came last of those that may still be waiting or in hand, as a chain
  from which who is closed is cut when it is looked at, each contact once; or that the question has been answered, for then
  nobody else of it comes.
- Whatever comes of another contact, a line, an overflow or a second slot costs nothing in a world without it: its columns have
  no rows then, and that is all the loop looks at.

A stale cache cannot be: numba (0.68 and later) compiles anew when the text of this file changes, and the kernel uses nothing
that another file defines.  The few constants of sim.tables that it needs stand here as literals; a test holds them against
the tables.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.tables import Outcome, World

Function = TypeVar("Function", bound=Callable[..., Any])
Array = NDArray[Any]

NEVER = -1
OPEN, ANSWERED, ABANDONED, BLOCKED, MERGED = 1, 2, 3, 4, 5  # Fate
LEAVE, JOIN, LINES = 1, 2, 3  # Turn
ON_REPLY, ON_ABANDON, ON_BLOCK, ON_SILENCE = 1, 2, 3, 4  # Trigger
SETTLED = -2  # of State.asked: the question has been answered
NOBODY = 2**31 - 1  # no row of any table
FOREVER = 2**62  # later than anything, more than anything
DE_BRUIJN = 0x077CB531  # a cycle of 32 bits with every run of five once: times a power of two, its highest five differ

FINISHES, LATER, PATIENCES, CHANGES, HOLE = range(5)  # entries of State.counts


class Plan(NamedTuple):
    """What does not change during the run; "from" columns say where the rows of a group, type or such begin, and end."""

    horizon: int
    types: int  # contact types
    outside: int  # contacts from outside that come before the horizon
    time: Array  # [n] as in Workload
    type: Array
    effort: Array
    patience: Array
    on_reply: Array  # [n] the contact that comes if this one is finished, or NEVER; [0] if nobody ever does
    on_abandon: Array  # [n] if it abandons; likewise
    on_block: Array  # [n] if it is blocked
    on_silence: Array  # [n] if it comes
    asks: Array  # [n] row of the questions that several contacts ask, else NEVER; [0] if there is none
    questions: int  # that several contacts ask
    reason: Array  # [n] as in Workload; [0] if everybody comes
    chance: Array  # [n] as in Workload
    odds: Array  # [e, m + 1] as in Routing
    merge: Array  # [n] as in Workload; [0] if nobody can be merged
    merge_odds: Array  # [k] as in Routing
    duplicate_effort: Array  # [k]
    group: Array  # [a] as in Roster
    team: Array
    slots: Array
    pace: Array  # [g, k] as in Routing
    crowding: Array  # [m, c]
    push: Array  # [g * k] as in Routing, flat
    after: Array
    allowance: Array  # [k]
    overdue_after: Array  # [k] ms, FOREVER where it makes no difference
    types_from: Array  # [g + 1] into the pairs of group and type, by group, then by rank
    pair_type: Array
    pair_rank: Array  # urgency << 32 | pull: overdue has the bit between them
    pair_after: Array
    serving: Array  # [k * words] bits of the groups that can serve the type, 32 a word
    bit_of: Array  # [32] which bit alone is set, by the product with DE_BRUIJN
    rings_from: Array  # [g + 1] into the rings of free agents, one for every number in hand
    cursors_from: Array  # [k + 1] into the cursors of overflow, one for every distinct `after` of the type
    cursor_after: Array
    schedule: Array  # [e + 1, 3] (time, turn, agent or row of lines), ends with FOREVER
    line: Array  # [k] row of the channels that ever have a limit, else NEVER
    lines: Array  # [l, 2] (line, most contacts held)


class State(NamedTuple):
    """What changes; the first five columns are those of Outcome."""

    arrived: Array
    begun: Array
    ended: Array
    agent: Array
    fate: Array
    until: Array  # [n] the last instant at which it can be taken; NEVER if it does not wait
    next: Array  # [n] who came to wait next, of the same type
    previous: Array  # [n] who came to wait before; [0] without lines
    asked: Array  # [questions] who came last of those that may be waiting or in hand, NEVER, or SETTLED
    asked_before: Array  # [n] who came before of those; [0] if nobody can be merged
    first: Array  # [k] from here on somebody may wait
    fresh: Array  # [k] from here on somebody not yet overdue may wait
    last: Array  # [k] who came to wait last
    tail: Array  # [k] during LINES: the last that may wait
    pending: Array  # [cursors] whether its next OVERFLOW is in the heap
    on_duty: Array  # [a]
    in_hand: Array  # [a]
    changed: Array  # [a] number of the latest change of in_hand
    after: Array  # [a + rings] the node that follows in the ring
    before: Array  # [a + rings]
    free: Array  # [words] bits of the groups that may have a free agent; the others have none
    lowest: Array  # [g] no agent with fewer in hand is free
    held: Array  # [lines] contacts waiting or in hand; who has gone may still be counted
    limit: Array  # [lines]
    finishes: Array  # heaps of (time, key), flat, of the capacity they can need, FOREVER beyond what they hold
    later: Array
    patiences: Array
    counts: Array  # sizes of the three heaps; changes so far; 1 while the first of `finishes` is done and may be replaced


def compiled(function: Function) -> Function:
    """The function compiled, kept on disk if there is a place that can be written, run without the interpreter's lock.

    _nrt: no references are counted, for nothing is made or kept here that lives longer than the call.  With a tuple of
    arrays they are two thirds of the code and nine tenths of its time.
    """
    options: dict[str, Any] = {"nogil": True, "_nrt": False}
    try:
        return cast(Function, njit(cache=True, **options)(function))
    except RuntimeError:  # neither beside this file nor in the user's folder: then each process compiles it
        return cast(Function, njit(**options)(function))


def inlined(function: Function) -> Function:
    """The function written out wherever the loop calls it."""
    return cast(Function, njit(inline="always")(function))


def run(world: World) -> Outcome:
    """What happens in this world, by the compiled loop."""
    plan = lay_out(world)
    state = make_state(plan, world.workload.n, world.workload.n - world.workload.outside)
    play(plan, state)
    start, end = world.roster.start, world.roster.end
    joined, left = (np.where(time < plan.horizon, time, NEVER) for time in (start, end))
    return Outcome(state.arrived, state.begun, state.ended, state.agent, state.fate, joined, left)


def lay_out(world: World) -> Plan:
    """The world as the loop reads it: pairs of group and type in the orders of both, one schedule, compact lines."""
    workload, roster, routing, horizon = world.workload, world.roster, world.routing, world.playbook.horizon
    groups, types = routing.push.shape
    outside = workload.outside
    triggers = np.bincount(workload.trigger[outside:], minlength=ON_SILENCE + 1).tolist()
    on_reply, on_abandon, on_block, on_silence = (never(workload.n if some else 0, np.int32) for some in triggers[ON_REPLY:])
    asks = never(workload.n if workload.repeats[outside:].any() else 0, np.int32)
    questions = int(link(workload.parent, workload.trigger, workload.question, outside,
                         on_reply, on_abandon, on_block, on_silence, asks))  # fmt: skip
    thinned = len(routing.odds) > 0 and workload.reason.max(initial=NEVER) >= 0
    merges = len(asks) > 0 and routing.merge_odds.any()

    group, type_ = np.nonzero(routing.push >= 0)
    rank = routing.urgency[type_].astype(np.int64) << 32 | routing.pull[group, type_]
    after = routing.after[group, type_]
    by_group = np.lexsort((rank, group))
    overflow = np.unique(np.column_stack([type_, after])[after > 0], axis=0)

    limited, line = np.unique(routing.lines[:, 1], return_inverse=True)
    used = np.isin(routing.lines[:, 1], routing.channel)
    where = np.minimum(np.searchsorted(limited, routing.channel), max(len(limited) - 1, 0))
    most = np.where(routing.lines[:, 2] < 0, FOREVER, routing.lines[:, 2])
    rings = np.zeros(groups, np.int64)
    np.maximum.at(rings, roster.group, np.minimum(roster.slots, workload.n + 1))
    return Plan(
        horizon=horizon, types=types,
        outside=int(np.searchsorted(workload.time[:outside], horizon)),
        time=workload.time, type=workload.type, effort=workload.effort, patience=workload.patience,
        on_reply=on_reply, on_abandon=on_abandon, on_block=on_block, on_silence=on_silence,
        asks=asks, questions=questions,
        reason=workload.reason if thinned else workload.reason[:0], chance=workload.chance, odds=routing.odds,
        merge=workload.merge if merges else workload.merge[:0], merge_odds=routing.merge_odds,
        duplicate_effort=routing.duplicate_effort,
        group=roster.group, team=roster.team, slots=roster.slots,
        pace=routing.pace, crowding=routing.crowding, push=routing.push.ravel(), after=routing.after.ravel(),
        allowance=routing.allowance,
        overdue_after=np.where(routing.within < 0, FOREVER, routing.within) if routing.fresh_first
        else np.full(types, FOREVER),
        types_from=np.searchsorted(group[by_group], np.arange(groups + 1)),
        pair_type=type_[by_group], pair_rank=rank[by_group], pair_after=after[by_group],
        serving=serving_of(routing.push), bit_of=bits_of(),
        rings_from=len(roster.slots) + np.concatenate([[0], np.cumsum(rings)]),
        cursors_from=np.searchsorted(overflow[:, 0], np.arange(types + 1)), cursor_after=overflow[:, 1].copy(),
        schedule=schedule_of(
            horizon,
            (LEAVE, roster.end, roster.agent),
            (JOIN, roster.start, roster.agent),
            (LINES, np.where(used, routing.lines[:, 0], FOREVER), np.arange(len(used))),
        ),
        line=np.where(np.isin(routing.channel, limited), where, NEVER),
        lines=np.column_stack([line, most]),
    )  # fmt: skip


@compiled
def link(
    parent: Array, trigger: Array, question: Array, outside: int,
    on_reply: Array, on_abandon: Array, on_block: Array, on_silence: Array, asks: Array,
) -> int:  # fmt: skip
    """Writes down who comes of whom, and of which question everybody is who shares one; returns how many such there are."""
    questions = 0
    for contact in range(outside, len(parent)):
        of = parent[u(contact)]
        what = trigger[u(contact)]
        if what == ON_REPLY:
            on_reply[u(of)] = contact
        elif what == ON_ABANDON:
            on_abandon[u(of)] = contact
        elif what == ON_BLOCK:
            on_block[u(of)] = contact
        else:
            on_silence[u(of)] = contact
        if question[u(contact)] == question[u(of)]:
            if asks[u(of)] < 0:
                asks[u(of)] = questions
                questions += 1
            asks[u(contact)] = asks[u(of)]
    return questions


def serving_of(push: Array) -> Array:
    """[k * words] the groups that can serve each type, as bits."""
    groups, types = push.shape
    words = np.zeros((types, (groups + 31) // 32), np.int64)
    group, type_ = np.nonzero(push >= 0)
    np.bitwise_or.at(words, (type_, group // 32), np.int64(1) << group % 32)
    return words.ravel()


def bits_of() -> Array:
    """[32] which of 32 bits alone is set, by the highest five bits of its product with DE_BRUIJN."""
    bit = np.arange(32)
    table = np.zeros(32, np.int64)
    table[((DE_BRUIJN << bit) & 0xFFFFFFFF) >> 27] = bit
    return table


def schedule_of(horizon: int, *parts: tuple[int, Array, Array]) -> Array:
    """[e + 1, 3] (time, turn, what) of the parts' rows before the horizon, by (time, turn, row); ends with FOREVER."""
    events = np.concatenate(
        [np.column_stack([time, np.full(len(time), turn), what]).astype(np.int64) for turn, time, what in parts]
    )
    events = events[events[:, 0] < horizon]
    order = np.lexsort((events[:, 1], events[:, 0]))  # stable: rows stay in order
    return np.concatenate([events[order], np.full((1, 3), FOREVER)])


def never(size: int, dtype: type = np.int64) -> Array:
    """A column of so many NEVER."""
    return np.full(size, NEVER, dtype)


def heap_of(size: int) -> Array:
    """An empty heap that can hold so many."""
    return np.full(2 * size + 4, FOREVER)


def make_state(plan: Plan, contacts: int, latent: int) -> State:
    """Nobody has come, nobody is on duty."""
    types, agents, groups = len(plan.allowance), len(plan.slots), len(plan.rings_from) - 1
    cursors, lines = len(plan.cursor_after), int(plan.line.max(initial=NEVER)) + 1
    nodes = np.arange(int(plan.rings_from[-1]))
    return State(
        arrived=never(contacts), begun=never(contacts), ended=never(contacts), agent=never(contacts, np.int32),
        fate=np.zeros(contacts, np.int8), until=never(contacts),
        next=never(contacts, np.int32), previous=never(contacts if lines else 0, np.int32),
        asked=never(plan.questions, np.int32), asked_before=never(contacts if len(plan.merge) else 0, np.int32),
        first=never(types), fresh=never(types), last=never(types), tail=never(types), pending=np.zeros(cursors, np.bool_),
        on_duty=np.zeros(agents, np.bool_), in_hand=np.zeros(agents, np.int64), changed=np.zeros(agents, np.int64),
        after=nodes.copy(), before=nodes, free=np.zeros((groups + 31) // 32, np.int64), lowest=np.diff(plan.rings_from),
        held=np.zeros(lines, np.int64), limit=np.full(lines, FOREVER),
        finishes=heap_of(min(int(plan.slots.sum(dtype=np.int64)), contacts)),
        later=heap_of(latent + cursors), patiences=heap_of(contacts if lines else 0),
        counts=np.zeros(5, np.int64),
    )  # fmt: skip


@inlined
def u(row: int) -> Any:
    """The row as an index that cannot be negative, so that nothing checks whether it counts from the end."""
    return np.uint64(row)


# Heaps of (time, key): flat arrays, the least first, FOREVER beyond the last.


@inlined
def earlier(heap: Array, place: int, time: int, key: int) -> bool:
    """Whether what lies at the place goes before (time, key)."""
    other = heap[u(2 * place)]
    return bool(other < time or (other == time and heap[u(2 * place + 1)] < key))


@inlined
def put(heap: Array, place: int, time: int, key: Any) -> None:
    """Write (time, key) at the place."""
    heap[u(2 * place)] = time
    heap[u(2 * place + 1)] = key


@compiled
def push(heap: Array, size: int, time: int, key: Any) -> None:
    """Add (time, key) to a heap of this size."""
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if earlier(heap, above, time, key):
            break
        put(heap, place, heap[u(2 * above)], heap[u(2 * above + 1)])
        place = above
    put(heap, place, time, key)


@compiled
def replace_first(heap: Array, size: int, time: int, key: Any) -> None:
    """Put (time, key) in the heap in place of its first."""
    place = 0
    child = 1
    while child < size:
        if earlier(heap, child + 1, heap[u(2 * child)], heap[u(2 * child + 1)]):
            child += 1
        if not earlier(heap, child, time, key):
            break
        put(heap, place, heap[u(2 * child)], heap[u(2 * child + 1)])
        place = child
        child = 2 * place + 1
    put(heap, place, time, key)


@compiled
def drop_first(heap: Array, size: int) -> None:
    """Take the first out of a heap that had this size."""
    last = size - 1
    time, key = heap[u(2 * last)], heap[u(2 * last + 1)]
    put(heap, last, FOREVER, FOREVER)
    if last > 0:
        replace_first(heap, last, time, key)


# Free agents.


@inlined
def set_free(p: Plan, s: State, agent: int) -> None:
    """The agent, whose number in hand has just changed, is the last of its ring; unless it is full."""
    in_hand = s.in_hand[u(agent)]
    if in_hand < p.slots[u(agent)]:
        group = p.group[u(agent)]
        ring = p.rings_from[u(group)] + in_hand
        s.free[u(group >> 5)] |= np.int64(1) << (group & 31)
        last = s.before[u(ring)]
        s.after[u(last)] = agent
        s.before[u(agent)] = last
        s.after[u(agent)] = ring
        s.before[u(ring)] = agent
        if in_hand < s.lowest[u(group)]:
            s.lowest[u(group)] = in_hand
    s.changed[u(agent)] = s.counts[CHANGES]
    s.counts[CHANGES] += 1


@inlined
def set_busy(s: State, agent: int) -> None:
    """The agent leaves its ring."""
    before, after = s.before[u(agent)], s.after[u(agent)]
    s.after[u(before)] = after
    s.before[u(after)] = before


@inlined
def agent_for(p: Plan, s: State, type_: int, waited: int) -> int:
    """The able agent with the lowest (push, contacts in hand), of those the one changed longest ago, or NEVER."""
    agents = len(p.slots)
    best, best_push, best_in_hand = NEVER, 0, 0
    for word in range(len(s.free)):
        groups = s.free[u(word)] & p.serving[u(type_ * len(s.free) + word)]
        while groups:
            lowest = groups & -groups
            groups ^= lowest
            group = 32 * word + p.bit_of[u((lowest * DE_BRUIJN & 0xFFFFFFFF) >> 27)]
            pair = group * p.types + type_
            if waited < p.after[u(pair)]:
                continue
            in_hand = s.lowest[u(group)]
            ring, end = p.rings_from[u(group)] + in_hand, p.rings_from[u(group + 1)]
            while ring < end and s.after[u(ring)] >= agents:
                ring += 1
                in_hand += 1
            s.lowest[u(group)] = in_hand
            if ring == end:
                s.free[u(word)] ^= lowest
                continue
            agent, push_ = s.after[u(ring)], p.push[u(pair)]
            if (
                best < 0
                or push_ < best_push
                or (
                    push_ == best_push
                    and (in_hand < best_in_hand or (in_hand == best_in_hand and s.changed[u(agent)] < s.changed[u(best)]))
                )
            ):
                best, best_push, best_in_hand = agent, push_, in_hand
    return best


# Contacts that wait.


@inlined
def contact_for(p: Plan, s: State, group: int, now: int) -> int:
    """The contact an agent of the group takes next, or NEVER: lowest (urgency, overdue, pull, deadline, arrived, row)."""
    best, best_rank, best_deadline, best_arrived = NEVER, 0, 0, 0
    for pair in range(p.types_from[u(group)], p.types_from[u(group + 1)]):
        rank = p.pair_rank[u(pair)]
        if best >= 0 and rank > best_rank:
            break
        type_ = p.pair_type[u(pair)]
        contact = s.first[u(type_)]
        while contact >= 0 and s.until[u(contact)] < now:
            contact = s.next[u(contact)]
        s.first[u(type_)] = contact
        fresh = False
        while contact >= 0:
            arrived = s.arrived[u(contact)]
            overdue = now - arrived > p.overdue_after[u(type_)]
            contact_rank = rank | 1 << 31 if overdue else rank
            deadline = arrived + p.allowance[u(type_)]
            if now - arrived >= p.pair_after[u(pair)] and (
                best < 0
                or contact_rank < best_rank
                or (
                    contact_rank == best_rank
                    and (
                        deadline < best_deadline
                        or (
                            deadline == best_deadline
                            and (arrived < best_arrived or (arrived == best_arrived and contact < best))
                        )
                    )
                )
            ):
                best, best_rank, best_deadline, best_arrived = contact, contact_rank, deadline, arrived
            if fresh or not overdue:
                break
            fresh = True
            contact = first_fresh(p, s, type_, now)
    return best


@inlined
def first_fresh(p: Plan, s: State, type_: int, now: int) -> int:
    """The longest waiting contact of the type that is not overdue, or NEVER."""
    contact: int = s.fresh[u(type_)]
    while contact >= 0 and (s.until[u(contact)] < now or now - s.arrived[u(contact)] > p.overdue_after[u(type_)]):
        contact = s.next[u(contact)]
    s.fresh[u(type_)] = contact
    return contact


@inlined
def wait(p: Plan, s: State, contact: int, now: int) -> None:
    """The contact is the last of its type's chain; cursors that had nobody ahead stand at it."""
    type_ = p.type[u(contact)]
    patience = p.patience[u(contact)]
    s.until[u(contact)] = now + patience if patience >= 0 else FOREVER
    last = s.last[u(type_)]
    if last >= 0:
        s.next[u(last)] = contact
    if len(s.previous) > 0:
        s.previous[u(contact)] = last
    s.last[u(type_)] = contact
    if s.first[u(type_)] < 0:
        s.first[u(type_)] = contact
    if s.fresh[u(type_)] < 0:
        s.fresh[u(type_)] = contact
    for cursor in range(p.cursors_from[u(type_)], p.cursors_from[u(type_ + 1)]):
        if not s.pending[u(cursor)]:
            await_overflow(p, s, cursor, contact)
    if len(p.on_abandon) > 0 and patience >= 0:
        set_off(p, s, p.on_abandon[u(contact)], p.odds.shape[1] - 1, now + patience, contact)
    if p.line[u(type_)] >= 0 and patience >= 0:
        push(s.patiences, s.counts[PATIENCES], now + patience, contact)
        s.counts[PATIENCES] += 1


@inlined
def await_overflow(p: Plan, s: State, cursor: int, contact: int) -> None:
    """The cursor's next OVERFLOW is that of the first contact, from this one on, that can still wait after ABANDON then."""
    after = p.cursor_after[u(cursor)]
    while contact >= 0 and s.until[u(contact)] <= s.arrived[u(contact)] + after:
        contact = s.next[u(contact)]
    s.pending[u(cursor)] = contact >= 0 and s.arrived[u(contact)] + after < p.horizon
    if s.pending[u(cursor)]:
        key = 1 << 62 | np.int64(contact) << 31 | cursor
        push(s.later, s.counts[LATER], s.arrived[u(contact)] + after, key)
        s.counts[LATER] += 1


# Contacts that come of others, and questions.


@inlined
def odds_allow(p: Plan, contact: int, column: int) -> bool:
    """Whether its draw is below the odds of its reason, in the column of the team that replied or the last."""
    if len(p.reason) == 0:
        return True
    reason = p.reason[u(contact)]
    return bool(reason < 0 or p.chance[u(contact)] < p.odds[u(reason), u(column)])


@inlined
def set_off(p: Plan, s: State, contact: int, column: int, since: int, if_gone: int) -> None:
    """A latent contact, if there is one, will come its delay after this; the other one, if any, must have abandoned by then."""
    if contact >= 0 and since + p.time[u(contact)] < p.horizon and odds_allow(p, contact, column):
        push(s.later, s.counts[LATER], since + p.time[u(contact)], np.int64(contact) << 31 | if_gone)
        s.counts[LATER] += 1


@inlined
def set_off_nudge(p: Plan, s: State, contact: int, now: int) -> None:
    """Who writes again unless answered, or posts because this one did: unless a FINISH already known will come first."""
    nudge = p.on_silence[u(contact)]
    if nudge >= 0:
        forestalled = False
        if len(p.asks) > 0 and s.fate[u(contact)] == ANSWERED and s.ended[u(contact)] <= now + p.time[u(nudge)]:
            forestalled = p.asks[u(nudge)] >= 0 and p.asks[u(nudge)] == p.asks[u(contact)]
        if not forestalled:
            set_off(p, s, nudge, p.odds.shape[1] - 1, now, NOBODY)


@inlined
def is_settled(p: Plan, s: State, contact: int) -> bool:
    """Whether a contact of its question has been finished."""
    if len(p.asks) == 0:
        return False
    question = p.asks[u(contact)]
    return bool(question >= 0 and s.asked[u(question)] == SETTLED)


@inlined
def is_merged(p: Plan, s: State, contact: int, now: int) -> bool:
    """ARRIVE, RETURN: the contact is recognised as a repeat, for another one of its question is waiting or in hand."""
    if len(p.merge) == 0:
        return False
    question = p.asks[u(contact)]
    if question < 0:
        return False
    if p.merge[u(contact)] < p.merge_odds[u(p.type[u(contact)])]:
        other = s.asked[u(question)]
        while other >= 0 and s.until[u(other)] < now and not is_in_hand(s, other, now):
            other = s.asked_before[u(other)]
        s.asked[u(question)] = other
        if other >= 0:
            return True
    s.asked_before[u(contact)] = s.asked[u(question)]
    s.asked[u(question)] = contact
    return False


@inlined
def is_in_hand(s: State, contact: int, now: int) -> bool:
    """After FINISH: whether the contact has begun and not ended."""
    return bool(s.begun[u(contact)] >= 0 and (s.ended[u(contact)] < 0 or s.ended[u(contact)] > now))


# Lines.


@inlined
def block(p: Plan, s: State, contact: int, now: int) -> None:
    """The contact finds no line, or has lost the one it held."""
    s.fate[u(contact)] = BLOCKED
    s.ended[u(contact)] = now
    if len(p.on_block) > 0:
        set_off(p, s, p.on_block[u(contact)], p.odds.shape[1] - 1, now, NOBODY)


@inlined
def fits(p: Plan, s: State, line: int, most: int, now: int) -> bool:
    """Whether the line holds at most so many; if it seems not to, those whose patience was over before now are let go."""
    if s.held[u(line)] > most:
        while s.patiences[0] < now:
            contact = s.patiences[1]
            if s.until[u(contact)] >= 0:
                s.held[u(p.line[u(p.type[u(contact)])])] -= 1
            drop_first(s.patiences, s.counts[PATIENCES])
            s.counts[PATIENCES] -= 1
    return bool(s.held[u(line)] <= most)


@inlined
def latest_waiting(p: Plan, s: State, line: int, now: int) -> int:
    """The waiting contact of the line with the highest (arrived, row), or NEVER; `tail` goes back over who has gone."""
    latest = NEVER
    for type_ in range(len(s.tail)):
        if p.line[u(type_)] != line:
            continue
        contact = s.tail[u(type_)]
        while contact >= 0 and s.until[u(contact)] < now:
            if contact == s.first[u(type_)]:  # nobody of the chain waits: whoever waits next is its first
                s.first[u(type_)] = contact = NEVER
            else:
                contact = s.previous[u(contact)]
        s.tail[u(type_)] = contact
        if contact >= 0 and (
            latest < 0
            or s.arrived[u(contact)] > s.arrived[u(latest)]
            or (s.arrived[u(contact)] == s.arrived[u(latest)] and contact > latest)
        ):
            latest = contact
    return latest


@inlined
def set_limit(p: Plan, s: State, line: int, most: int, now: int) -> None:
    """LINES: from now on the line holds so many; who waits is blocked, highest (arrived, row) first, until it fits."""
    s.limit[u(line)] = most
    if not fits(p, s, line, most, now):
        for type_ in range(len(s.tail)):
            s.tail[u(type_)] = s.last[u(type_)] if s.first[u(type_)] >= 0 else NEVER
    while s.held[u(line)] > most:
        latest = latest_waiting(p, s, line, now)
        if latest < 0:
            break
        s.until[u(latest)] = NEVER
        s.held[u(line)] -= 1
        block(p, s, latest, now)


# The loop.


@inlined
def begin(p: Plan, s: State, contact: int, agent: int, now: int) -> None:
    """The agent, in no ring, takes the contact in hand; what will become of it is known now."""
    s.in_hand[u(agent)] += 1
    team, level = p.team[u(agent)], min(s.in_hand[u(agent)], p.crowding.shape[1]) - 1
    time = p.duplicate_effort[u(p.type[u(contact)])] if is_settled(p, s, contact) else p.effort[u(contact)]
    time = max(1, (time * p.pace[u(p.group[u(agent)]), u(p.type[u(contact)])] + 500) // 1000)
    time = max(1, (time * p.crowding[u(team), u(level)] + 500) // 1000)
    s.until[u(contact)] = NEVER
    s.begun[u(contact)] = now
    s.agent[u(contact)] = agent
    s.fate[u(contact)] = OPEN
    if now + time < p.horizon:
        s.fate[u(contact)] = ANSWERED
        s.ended[u(contact)] = now + time
        key = np.int64(contact) << 32 | agent
        if s.counts[HOLE]:
            replace_first(s.finishes, s.counts[FINISHES], now + time, key)
            s.counts[HOLE] = 0
        else:
            push(s.finishes, s.counts[FINISHES], now + time, key)
            s.counts[FINISHES] += 1


@inlined
def finish(p: Plan, s: State, contact: int, agent: int, now: int) -> None:
    """FINISH: line and question are done, the follow-up will come; the agent is in no ring until it has looked for the next."""
    s.counts[HOLE] = 1
    if s.on_duty[u(agent)] and s.in_hand[u(agent)] < p.slots[u(agent)]:
        set_busy(s, agent)
    s.in_hand[u(agent)] -= 1
    if len(s.held) > 0:
        line = p.line[u(p.type[u(contact)])]
        if line >= 0:
            s.held[u(line)] -= 1
    if len(p.asks) > 0:
        question = p.asks[u(contact)]
        if question >= 0:
            s.asked[u(question)] = SETTLED
    if len(p.on_reply) > 0:
        set_off(p, s, p.on_reply[u(contact)], p.team[u(agent)], now, NOBODY)


@inlined
def fill(p: Plan, s: State, agent: int, now: int) -> None:
    """The agent takes contacts one by one until it is full or none is left for it."""
    while s.in_hand[u(agent)] < p.slots[u(agent)]:
        contact = contact_for(p, s, p.group[u(agent)], now)
        if contact < 0:
            break
        begin(p, s, contact, agent, now)
    set_free(p, s, agent)


@inlined
def is_let_in(p: Plan, s: State, contact: int, now: int) -> bool:
    """ARRIVE, RETURN: the contact holds a line of its channel, or is BLOCKED because there is none, or is MERGED."""
    s.arrived[u(contact)] = now
    line = p.line[u(p.type[u(contact)])]
    if line >= 0 and not fits(p, s, line, s.limit[u(line)] - 1, now):
        block(p, s, contact, now)
        return False
    if is_merged(p, s, contact, now):
        s.fate[u(contact)] = MERGED
        s.ended[u(contact)] = now
        return False
    s.fate[u(contact)] = OPEN
    if line >= 0:
        s.held[u(line)] += 1
    return True


@compiled
def play(p: Plan, s: State) -> None:
    """Every event before the horizon, in the order of (time, turn, row)."""
    next_duty = next_contact = 0
    scheduled = p.schedule[0, 0]
    arrives = p.time[0] if p.outside > 0 else FOREVER
    while True:
        finishes, later = s.finishes[0], s.later[0]
        now = min(finishes, scheduled, arrives, later)
        if now == FOREVER:
            break

        if now in (finishes, scheduled):
            agent = NEVER  # who now looks for contacts
            if now == finishes:
                key = s.finishes[1]
                finish(p, s, key >> 32, key & 0xFFFFFFFF, now)
                if s.on_duty[u(key & 0xFFFFFFFF)]:
                    agent = key & 0xFFFFFFFF
            else:
                turn, what = p.schedule[u(next_duty), 1], p.schedule[u(next_duty), 2]
                next_duty += 1
                scheduled = p.schedule[u(next_duty), 0]
                if turn == LINES:
                    set_limit(p, s, p.lines[u(what), 0], p.lines[u(what), 1], now)
                elif turn == JOIN:
                    s.on_duty[u(what)] = True
                    agent = what
                else:
                    s.on_duty[u(what)] = False
                    if s.in_hand[u(what)] < p.slots[u(what)]:
                        set_busy(s, what)
            if agent >= 0:
                fill(p, s, agent, now)
            if s.counts[HOLE]:
                drop_first(s.finishes, s.counts[FINISHES])
                s.counts[FINISHES] -= 1
                s.counts[HOLE] = 0
        else:
            cursor = NEVER
            if now == arrives:
                contact = next_contact
                next_contact += 1
                arrives = p.time[u(next_contact)] if next_contact < p.outside else FOREVER
                if not odds_allow(p, contact, p.odds.shape[1] - 1):
                    continue
            else:
                key = s.later[1]
                drop_first(s.later, s.counts[LATER])
                s.counts[LATER] -= 1
                contact, other = key >> 31 & 0x7FFFFFFF, key & 0x7FFFFFFF
                if key >= 1 << 62:
                    cursor = other
                elif is_settled(p, s, contact) or (other != NOBODY and s.until[u(other)] < 0):
                    continue
            offered = is_let_in(p, s, contact, now) if cursor < 0 else s.until[u(contact)] >= 0
            if offered:
                agent = agent_for(p, s, p.type[u(contact)], now - s.arrived[u(contact)])
                if agent >= 0:
                    set_busy(s, agent)
                    begin(p, s, contact, agent, now)
                    set_free(p, s, agent)
                elif cursor < 0:
                    wait(p, s, contact, now)
            if cursor >= 0:
                await_overflow(p, s, cursor, s.next[u(contact)])
            elif len(p.on_silence) > 0:
                set_off_nudge(p, s, contact, now)

    for contact in range(len(s.until)):
        if NEVER < s.until[u(contact)] < p.horizon:
            s.fate[u(contact)] = ABANDONED
            s.ended[u(contact)] = s.until[u(contact)]
