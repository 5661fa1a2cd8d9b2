"""The compiled engine: the engine's contract as one numba event loop, written to be fast.

It equals the reference engine in every field of Outcome; it shares the tables with it and no decision.  Four
sources give the next event, in this order at one instant: a heap of service ends (FINISH), the sorted
schedule (LEAVE, JOIN, LINES), the sorted arrivals (ARRIVE), and a heap of what comes later (RETURN, ABANDON,
OVERFLOW).  What is due at the horizon enters none of them.

What makes it fast:
- Patience makes no event.  `until` is the last instant at which a contact can be taken, -1 once it no longer
  waits: a contact that has gone is passed over when a queue is looked at, and marked ABANDONED at the end.
  Only a contact that holds a line, or sets off another one if it abandons, has an ABANDON event.
- What comes later lies in a calendar first, unordered, one chain for every few seconds; the heap holds only
  what is due before the next page.  When a page is turned, contacts that were answered in the meantime and
  have no reason to come are left out: most of them.
- A queue is a chain through `next`, one a type, in order of coming, from which nothing is ever cut out:
  cursors pass over contacts that no longer wait, each once.  Its first contact, its first one not yet
  overdue, and one cursor for each distinct `after` walk the same chain, so fresh_first costs no second queue
  and OVERFLOW costs one entry a cursor in the heap.
- Free agents are rings by (group, contacts in hand), longest unchanged first; the sentinel of a ring is a
  node as well.
- Odds never change, so a latent contact is thinned when it is set off, not when it comes.  Nor does the
  calendar see a nudge that comes after its parent's FINISH, which is known as soon as the parent begins: its
  question will be answered.
- `asked` holds one number for each question that several contacts ask: the latest of those that may still be
  waiting or in hand, head of a linked list that is pruned lazily of closed contacts (each visited once); or
  SETTLED once the question has been answered, for then no other contact of it comes.
- Latent contacts, lines, overflow and second slots cost nothing in a world without them: their columns have
  no rows then, and that is all the loop looks at.

A stale cache cannot be: numba (0.68 and later) compiles anew when the text of this file changes, and the
kernel uses nothing that another file defines.  The few constants of sim.tables that it needs stand here as
literals; a test holds them against the tables.
"""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit
from numba.core import types
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

from sim.tables import Outcome, Workload, World

Function = TypeVar("Function", bound=Callable[..., Any])
Array = NDArray[Any]

NEVER = -1
OPEN, ANSWERED, ABANDONED, BLOCKED, MERGED = 1, 2, 3, 4, 5  # Fate
LEAVE, JOIN, LINES = 1, 2, 3  # Turn
ON_REPLY, ON_ABANDON, ON_BLOCK, ON_SILENCE = 1, 2, 3, 4  # Trigger
SETTLED = -2  # of State.asked: the question has been answered
FOREVER = 2**62  # later than anything, more than anything
# a cycle of 32 bits with every run of five once: times a power of two, its highest five differ
DE_BRUIJN = 0x077CB531

FINISHES, LATER, PAGE, CHANGES, HOLE = range(5)  # entries of State.counts
SCRATCH_MOST = 2**28  # bytes that a thread keeps for each use
PAGE_OF = 8  # contacts a page of the calendar, on average
# so many rows on lie the children that come next: children lie in the order of their parents
FURTHER = 8
ABANDON, OVERFLOW = 1 << 61, 1 << 62  # bits of a key of `later`; a contact alone is a RETURN


class Kernel(NamedTuple):
    """What does not change during the run; a "from" column says where the rows of a group or type begin."""

    horizon: int
    types: int  # contact types
    outside: int  # contacts from outside that come before the horizon
    time: Array  # [n] as in Workload
    type: Array
    effort: Array
    patience: Array
    brings: Array  # [n] bits of the triggers on which it has a child; [0] if no contact has
    child: Array  # [4, n] its child, by trigger from ON_REPLY on; anything where it has none
    asks: Array  # [n] row of the questions; [0] if no question is asked by several contacts
    reason: Array  # [n] as in Workload; [0] if every contact comes
    chance: Array  # [n] as in Workload
    odds: Array  # [e, m + 1] as in Routing
    merge: Array  # [n] as in Workload; [0] if no contact can be merged
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
    pages: int  # of the calendar
    page_shift: int  # a page is 2 ** page_shift ms


class State(NamedTuple):
    """What changes; the first five columns are those of Outcome."""

    arrived: Array
    begun: Array
    ended: Array
    agent: Array
    fate: Array
    # [n] of a contact that came: the last instant at which it can be taken, NEVER if it does not wait; of any
    # other, when it is due
    until: Array
    next: Array  # [n] of a contact that ever waited: the next of its type that came to wait
    previous: Array  # [n] during LINES: the one that came to wait before it; [0] without lines
    asked: Array  # [questions] the latest contact that may be waiting or in hand, NEVER, or SETTLED
    asked_before: Array  # [n] the one before it of its question; [0] if no contact can be merged
    first: Array  # [k] the first contact of the chain that may still wait
    fresh: Array  # [k] the first of the chain that may wait and not be overdue yet
    last: Array  # [k] the contact that came to wait last
    tail: Array  # [k] during LINES: the last that may wait
    pending: Array  # [cursors] whether its next OVERFLOW is in the heap
    on_duty: Array  # [a]
    in_hand: Array  # [a]
    changed: Array  # [a] number of the latest change of in_hand
    after: Array  # [a + rings] the node that follows in the ring
    before: Array  # [a + rings]
    free: Array  # [words] bits of the groups that may have a free agent; other groups have none
    lowest: Array  # [g] no agent with fewer in hand is free
    held: Array  # [lines] contacts waiting or in hand
    limit: Array  # [lines]
    finishes: Array  # heaps of (time, key), flat, of the capacity they can need
    later: Array
    calendar: Array  # [pages] the first contact of each page that is not yet turned, or NEVER
    same_page: Array  # [n] the next contact of the page
    counts: Array  # sizes of the heaps; pages turned; changes so far; 1 while the first of `finishes` is done


def compiled(function: Function) -> Function:
    """The function compiled: run without the interpreter's lock, and cached on disk where that is possible.

    _nrt: no references are counted, for nothing is made or kept here that lives longer than the call.  With a
    tuple of arrays they are two thirds of the code and nine tenths of its time.
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
    state = make_state(plan, world.workload.n)
    play(plan, state)
    start, end = world.roster.start, world.roster.end
    joined, left = (np.where(time < plan.horizon, time, NEVER) for time in (start, end))
    return Outcome(state.arrived, state.begun, state.ended, state.agent, state.fate, joined, left)


def lay_out(world: World) -> Kernel:
    """The world as the loop reads it: pairs of group and type in both orders, one schedule, compact lines."""
    workload, roster, routing, horizon = world.workload, world.roster, world.routing, world.playbook.horizon
    groups, types = routing.push.shape
    outside = workload.outside
    parents = workload.n if outside < workload.n else 0
    brings, (child,) = np.zeros(parents, np.int8), columns((ON_SILENCE * parents, np.int32), use="child")
    child = child.reshape(ON_SILENCE, parents)
    shared = link(workload.parent, workload.trigger, workload.question, outside, brings, child)
    asks = dense(workload.question) if shared else workload.question[:0]
    thinned = len(routing.odds) > 0 and workload.reason.max(initial=NEVER) >= 0
    merges = len(asks) > 0 and routing.merge_odds.any()
    pages, page_shift = calendar_of(workload, horizon) if parents or len(routing.lines) else (0, 0)

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
    return Kernel(
        horizon=horizon,
        types=types,
        outside=int(np.searchsorted(workload.time[:outside], horizon)),
        time=workload.time,
        type=workload.type,
        effort=workload.effort,
        patience=workload.patience,
        brings=brings,
        child=child,
        asks=asks,
        reason=workload.reason if thinned else workload.reason[:0],
        chance=workload.chance,
        odds=routing.odds,
        merge=workload.merge if merges else workload.merge[:0],
        merge_odds=routing.merge_odds,
        duplicate_effort=routing.duplicate_effort,
        group=roster.group,
        team=roster.team,
        slots=roster.slots,
        pace=routing.pace,
        crowding=routing.crowding,
        push=routing.push.ravel(),
        after=routing.after.ravel(),
        allowance=routing.allowance,
        overdue_after=np.where(routing.within < 0, FOREVER, routing.within)
        if routing.fresh_first
        else np.full(types, FOREVER),
        types_from=np.searchsorted(group[by_group], np.arange(groups + 1)),
        pair_type=type_[by_group],
        pair_rank=rank[by_group],
        pair_after=after[by_group],
        serving=serving_of(routing.push),
        bit_of=bits_of(),
        rings_from=len(roster.slots) + np.concatenate([[0], np.cumsum(rings)]),
        cursors_from=np.searchsorted(overflow[:, 0], np.arange(types + 1)),
        cursor_after=overflow[:, 1].copy(),
        schedule=schedule_of(
            horizon,
            (LEAVE, roster.end, roster.agent),
            (JOIN, roster.start, roster.agent),
            (LINES, np.where(used, routing.lines[:, 0], FOREVER), np.arange(len(used))),
        ),
        line=np.where(np.isin(routing.channel, limited), where, NEVER),
        lines=np.column_stack([line, most]),
        pages=pages,
        page_shift=page_shift,
    )


@compiled
def link(parent: Array, trigger: Array, question: Array, outside: int, brings: Array, child: Array) -> bool:
    """Writes down the children of every contact; returns whether several contacts ask one question."""
    shared = False
    for contact in range(outside, len(parent)):
        above, what = parent[u(contact)], trigger[u(contact)]
        brings[u(above)] |= 1 << what
        child[u(what - 1), u(above)] = contact
        if question[u(contact)] == question[u(above)]:
            shared = True
    return shared


def dense(numbers: Array) -> Array:
    """[n] the numbers as given, or numbered anew from 0 if they go far beyond n."""
    if numbers.max(initial=0) >= 2 * len(numbers):
        numbers = np.unique(numbers, return_inverse=True)[1].astype(np.int32)
        numbers.flags.writeable = False  # as those of a table: another type would be another compilation
    return numbers


def serving_of(push: Array) -> Array:
    """[k * words] the groups that can serve each type, as bits."""
    groups, types = push.shape
    words = np.zeros((types, (groups + 31) // 32), np.int64)
    group, type_ = np.nonzero(push >= 0)
    np.bitwise_or.at(words, (type_, group // 32), np.int64(1) << group % 32)
    return words.ravel()


def bits_of() -> Array:
    """[32] the position of a single bit, by the highest five bits of its product with DE_BRUIJN."""
    bit = np.arange(32)
    table = np.zeros(32, np.int64)
    table[((DE_BRUIJN << bit) & 0xFFFFFFFF) >> 27] = bit
    return table


def schedule_of(horizon: int, *parts: tuple[int, Array, Array]) -> Array:
    """[e + 1, 3] (time, turn, what) of the parts' rows before the horizon, in order; ends with FOREVER."""
    events = np.concatenate(
        [
            np.column_stack([time, np.full(len(time), turn), what]).astype(np.int64)
            for turn, time, what in parts
        ]
    )
    events = events[events[:, 0] < horizon]
    order = np.lexsort((events[:, 1], events[:, 0]))  # stable: rows stay in order
    return np.concatenate([events[order], np.full((1, 3), FOREVER)])


def calendar_of(workload: Workload, horizon: int) -> tuple[int, int]:
    """The number of pages, and the bits of their length; they reach twice as far as contacts from outside."""
    latest = int(workload.time[workload.outside - 1]) if workload.outside else 0
    reach = min(horizon, 2 * latest + 1)
    shift = (PAGE_OF * reach // workload.n).bit_length() if workload.n else 0
    return (reach >> shift) + 1, shift


def never(size: int, dtype: type = np.int64) -> Array:
    """A column of so many NEVER."""
    return np.full(size, NEVER, dtype)


class Scratch(threading.local):
    """A thread's reused memory for what no run leaves behind, by use: to get fresh pages takes longer."""

    def __init__(self) -> None:
        self.pieces: dict[str, Array] = {}


scratch = Scratch()


def columns(*shapes: tuple[int, type], use: str = "") -> list[Array]:
    """Columns of these sizes and types, with any content, in one piece of memory.

    use: if given, the piece of the thread's last run with this use is taken again if it is large enough.
    """
    lengths = [-(-size * np.dtype(type_).itemsize // 64) * 64 for size, type_ in shapes]
    piece = scratch.pieces.get(use)
    if piece is None or len(piece) < sum(lengths):
        piece = np.empty(sum(lengths), np.uint8)
        if use and len(piece) <= SCRATCH_MOST:
            scratch.pieces[use] = piece
    starts = np.cumsum([0, *lengths])
    return [piece[start:].view(type_)[:size] for start, (size, type_) in zip(starts, shapes, strict=False)]


def heap_of(size: int) -> Array:
    """An empty heap of this capacity; nothing further than one place beyond its last entry is ever read."""
    heap = np.empty(2 * size + 4, np.int64)
    heap[:4] = FOREVER
    return heap


def make_state(plan: Kernel, contacts: int) -> State:
    """The state before the first event: no contact has come, no agent is on duty."""
    types, agents, groups = len(plan.allowance), len(plan.slots), len(plan.rings_from) - 1
    cursors, lines = len(plan.cursor_after), int(plan.line.max(initial=NEVER)) + 1
    nodes = np.arange(int(plan.rings_from[-1]))
    expected = contacts if plan.pages else 0  # contacts of which something may come later
    row, time = np.int32, np.int64
    facts = columns((contacts, time), (contacts, time), (contacts, time), (contacts, row))
    for column in facts:
        column.fill(NEVER)
    arrived, begun, ended, agent = facts
    until, next_, previous, asked_before, same_page = columns(
        (contacts, time),
        (contacts, row),
        (contacts if lines else 0, row),
        (len(plan.merge), row),
        (expected, row),
        use="state",
    )
    return State(
        arrived=arrived,
        begun=begun,
        ended=ended,
        agent=agent,
        fate=np.zeros(contacts, np.int8),
        until=until,
        next=next_,
        previous=previous,
        asked=never(int(plan.asks.max(initial=NEVER)) + 1, row),
        asked_before=asked_before,
        first=never(types),
        fresh=never(types),
        last=never(types),
        tail=never(types),
        pending=np.zeros(cursors, np.bool_),
        on_duty=np.zeros(agents, np.bool_),
        in_hand=np.zeros(agents, np.int64),
        changed=np.zeros(agents, np.int64),
        after=nodes.copy(),
        before=nodes,
        free=np.zeros((groups + 31) // 32, np.int64),
        lowest=np.diff(plan.rings_from),
        held=np.zeros(lines, np.int64),
        limit=np.full(lines, FOREVER),
        finishes=heap_of(min(int(plan.slots.sum(dtype=np.int64)), contacts)),
        later=heap_of(cursors + expected),
        calendar=never(plan.pages, row),
        same_page=same_page,
        counts=np.zeros(5, np.int64),
    )


def soon(column: Array, row: Any) -> None:
    """A hint that the row of the column will be read soon: compiled, the processor fetches it meanwhile.

    There may be no such row.
    """


def _fetch(_: Any, column: Any, row: Any) -> Any:
    """The instruction that fetches the row's memory; beyond the end of the column too, it cannot fail."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        place = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
        builder.call(function, [place, word(0), word(3), word(1)])  # to read, into all caches, data
        return context.get_dummy_value()

    return types.void(column, row), generate


fetch: Any = intrinsic(_fetch)


@overload(soon)
def soon_compiled(column: Any, row: Any) -> Any:
    """The compiled form of `soon`."""

    def implementation(column: Any, row: Any) -> Any:
        fetch(column, row)

    return implementation


@inlined
def u(row: int) -> Any:
    """The row as an unsigned index, so that no check is made whether it counts from the end."""
    return np.uint64(row)


# Heaps of (time, key): flat arrays, the least first, FOREVER in the place beyond the last.


@inlined
def earlier(heap: Array, place: int, time: int, key: int) -> bool:
    """Whether the entry at the place goes before (time, key)."""
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
    put(heap, size + 1, FOREVER, FOREVER)
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
def set_free(p: Kernel, s: State, agent: int) -> None:
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
def agent_for(p: Kernel, s: State, type_: int, waited: int) -> int:
    """The able agent with the lowest (push, contacts in hand), then changed longest ago; or NEVER."""
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
                    and (
                        in_hand < best_in_hand
                        or (in_hand == best_in_hand and s.changed[u(agent)] < s.changed[u(best)])
                    )
                )
            ):
                best, best_push, best_in_hand = agent, push_, in_hand
    return best


# Contacts that wait.


@inlined
def contact_for(p: Kernel, s: State, group: int, now: int) -> int:
    """The contact that an agent of the group takes next, or NEVER.

    It is the one with the lowest (urgency, overdue, pull, deadline, arrived, row).
    """
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
def first_fresh(p: Kernel, s: State, type_: int, now: int) -> int:
    """The longest waiting contact of the type that is not overdue, or NEVER."""
    contact: int = s.fresh[u(type_)]
    while contact >= 0 and (
        s.until[u(contact)] < now or now - s.arrived[u(contact)] > p.overdue_after[u(type_)]
    ):
        contact = s.next[u(contact)]
    s.fresh[u(type_)] = contact
    return contact


@inlined
def wait(p: Kernel, s: State, contact: int, now: int) -> None:
    """The contact becomes the last of its type's chain; cursors at the end of the chain stand at it."""
    type_ = p.type[u(contact)]
    patience = p.patience[u(contact)]
    due = now + patience if patience >= 0 else FOREVER
    s.until[u(contact)] = due
    s.next[u(contact)] = NEVER
    last = s.last[u(type_)]
    if last >= 0:
        s.next[u(last)] = contact
    s.last[u(type_)] = contact
    if s.first[u(type_)] < 0:
        s.first[u(type_)] = contact
    if s.fresh[u(type_)] < 0:
        s.fresh[u(type_)] = contact
    for cursor in range(p.cursors_from[u(type_)], p.cursors_from[u(type_ + 1)]):
        if not s.pending[u(cursor)]:
            await_overflow(p, s, cursor, contact)
    if due < p.horizon and (p.line[u(type_)] >= 0 or does_bring(p, contact, ON_ABANDON)):
        note(p, s, contact)


@inlined
def await_overflow(p: Kernel, s: State, cursor: int, contact: int) -> None:
    """Sets the cursor's next OVERFLOW: that of the first contact, from this one on, that can still wait then.

    ABANDON goes before OVERFLOW, so a contact whose patience ends at that instant cannot.
    """
    after = p.cursor_after[u(cursor)]
    while contact >= 0 and s.until[u(contact)] <= s.arrived[u(contact)] + after:
        contact = s.next[u(contact)]
    s.pending[u(cursor)] = contact >= 0 and s.arrived[u(contact)] + after < p.horizon
    if s.pending[u(cursor)]:
        add_later(s, s.arrived[u(contact)] + after, OVERFLOW | np.int64(contact) << 31 | cursor)


# The calendar.


@inlined
def note(p: Kernel, s: State, contact: int) -> None:
    """The contact will come when `until` says, or abandon then if it has come."""
    page = s.until[u(contact)] >> p.page_shift
    if s.counts[PAGE] <= page < len(s.calendar):
        s.same_page[u(contact)] = s.calendar[u(page)]
        s.calendar[u(page)] = contact
    else:
        enter(s, contact)


@inlined
def enter(s: State, contact: int) -> None:
    """The noted event of the contact goes to the heap."""
    add_later(
        s, s.until[u(contact)], ABANDON | np.int64(contact) if has_come(s, contact) else np.int64(contact)
    )


@inlined
def has_come(s: State, contact: int) -> bool:
    """Whether the contact has come: it cannot come again."""
    return bool(s.fate[u(contact)] != 0)


@inlined
def add_later(s: State, due: int, key: Any) -> None:
    """Add (due, key) to the heap of what comes later."""
    push(s.later, s.counts[LATER], due, key)
    s.counts[LATER] += 1


@inlined
def note_soon(p: Kernel, s: State, row: int) -> None:
    """A hint that the columns which the calendar reads and writes will be needed for this row soon."""
    soon(s.until, row)
    soon(s.fate, row)
    soon(s.same_page, row)
    soon(p.asks, row)


@inlined
def turn_page(p: Kernel, s: State) -> None:
    """The next page goes to the heap, without contacts that no longer wait or whose question is answered."""
    contact = s.calendar[u(s.counts[PAGE])]
    s.counts[PAGE] += 1
    while contact >= 0:
        other = s.same_page[u(contact)]
        note_soon(p, s, other)
        if s.until[u(contact)] >= 0 if has_come(s, contact) else not is_settled(p, s, contact):
            enter(s, contact)
            soon(p.type, contact)
            soon(p.effort, contact)
            soon(p.patience, contact)
            soon(p.merge, contact)
            soon(p.brings, contact)
            soon(s.arrived, contact)
            soon(s.begun, contact)
            soon(s.ended, contact)
            soon(s.agent, contact)
            soon(s.asked_before, contact)
        contact = other


# Latent contacts and questions.


@inlined
def odds_allow(p: Kernel, contact: int, column: int) -> bool:
    """Whether its draw is below the odds of its reason; column: the team that replied, else the last."""
    if len(p.reason) == 0:
        return True
    reason = p.reason[u(contact)]
    return bool(reason < 0 or p.chance[u(contact)] < p.odds[u(reason), u(column)])


@inlined
def does_bring(p: Kernel, contact: int, trigger: int) -> bool:
    """Whether it has a child on this trigger."""
    return len(p.brings) > 0 and bool(p.brings[u(contact)] >> trigger & 1)


@inlined
def set_off(p: Kernel, s: State, contact: int, trigger: int, column: int, now: int) -> None:
    """The contact's child on this trigger will come, if the odds in the column allow it."""
    if does_bring(p, contact, trigger):
        come_later(p, s, p.child[u(trigger - 1), u(contact)], column, now)


@inlined
def set_off_nudge(p: Kernel, s: State, contact: int, now: int) -> None:
    """The nudge or the bystander's post will come, unless a FINISH that is already known comes first."""
    if does_bring(p, contact, ON_SILENCE):
        nudge = p.child[ON_SILENCE - 1, u(contact)]
        answered = (
            len(p.asks) > 0
            and s.fate[u(contact)] == ANSWERED
            and s.ended[u(contact)] <= now + p.time[u(nudge)]
        )
        if not (answered and p.asks[u(nudge)] == p.asks[u(contact)]):
            come_later(p, s, nudge, p.odds.shape[1] - 1, now)


@inlined
def come_later(p: Kernel, s: State, child: int, column: int, now: int) -> None:
    """The latent contact will come, its delay from now, if the odds in the column allow it."""
    further = child + FURTHER
    soon(p.reason, further)
    soon(p.chance, further)
    soon(p.time, further)
    note_soon(p, s, further)
    if odds_allow(p, child, column):
        due = now + p.time[u(child)]
        if due < p.horizon:
            s.until[u(child)] = due
            note(p, s, child)


@inlined
def is_settled(p: Kernel, s: State, contact: int) -> bool:
    """Whether its question has been answered."""
    return len(p.asks) > 0 and bool(s.asked[u(p.asks[u(contact)])] == SETTLED)


@inlined
def is_merged(p: Kernel, s: State, contact: int, now: int) -> bool:
    """ARRIVE, RETURN: whether it is recognised as a repeat: its draw says so and its question is being asked.

    A question is being asked while another contact of it is waiting or in hand.
    """
    if len(p.merge) == 0:
        return False
    question = p.asks[u(contact)]
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
def block(p: Kernel, s: State, contact: int, now: int) -> None:
    """The contact finds no line, or has lost the line it held."""
    s.fate[u(contact)] = BLOCKED
    s.ended[u(contact)] = now
    set_off(p, s, contact, ON_BLOCK, p.odds.shape[1] - 1, now)


@inlined
def let_go(p: Kernel, s: State, contact: int) -> None:
    """The contact no longer holds its line."""
    line = p.line[u(p.type[u(contact)])]
    if line >= 0:
        s.held[u(line)] -= 1


@inlined
def latest_waiting(p: Kernel, s: State, line: int, now: int) -> int:
    """The waiting contact of the line with the highest (arrived, row), or NEVER.

    `tail` goes back over contacts that have gone.
    """
    latest = NEVER
    for type_ in range(len(s.tail)):
        if p.line[u(type_)] != line:
            continue
        contact = s.tail[u(type_)]
        while contact >= 0 and s.until[u(contact)] < now:
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
def set_limit(p: Kernel, s: State, line: int, most: int, now: int) -> None:
    """LINES: from now on the line holds so many; waiting contacts are blocked, latest first, until it fits.

    The latest is the one with the highest (arrived, row).
    """
    s.limit[u(line)] = most
    if s.held[u(line)] > most:
        for type_ in range(len(s.tail)):
            s.tail[u(type_)] = NEVER
            contact = s.first[u(type_)] if p.line[u(type_)] == line else NEVER
            while contact >= 0 and s.until[u(contact)] < now:
                contact = s.next[u(contact)]
            if p.line[u(type_)] == line:
                s.first[u(type_)] = contact
            while contact >= 0:
                s.previous[u(contact)] = s.tail[u(type_)]
                s.tail[u(type_)] = contact
                contact = s.next[u(contact)]
    while s.held[u(line)] > most:
        latest = latest_waiting(p, s, line, now)
        if latest < 0:
            break
        s.until[u(latest)] = NEVER
        s.held[u(line)] -= 1
        block(p, s, latest, now)


# The loop.


@inlined
def begin(p: Kernel, s: State, contact: int, agent: int, now: int) -> None:
    """The agent, which is in no ring, takes the contact in hand; its fate is known now."""
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
def finish(p: Kernel, s: State, contact: int, agent: int, now: int) -> None:
    """FINISH: line and question are done and the follow-up will come; the agent is in no ring."""
    s.counts[HOLE] = 1
    if s.on_duty[u(agent)] and s.in_hand[u(agent)] < p.slots[u(agent)]:
        set_busy(s, agent)
    s.in_hand[u(agent)] -= 1
    if len(s.held) > 0:
        let_go(p, s, contact)
    if len(p.asks) > 0:
        s.asked[u(p.asks[u(contact)])] = SETTLED
    set_off(p, s, contact, ON_REPLY, p.team[u(agent)], now)


@inlined
def abandon(p: Kernel, s: State, contact: int, now: int) -> None:
    """ABANDON: the contact, which still waits, has run out of patience."""
    s.until[u(contact)] = NEVER
    s.fate[u(contact)] = ABANDONED
    s.ended[u(contact)] = now
    let_go(p, s, contact)
    set_off(p, s, contact, ON_ABANDON, p.odds.shape[1] - 1, now)


@inlined
def fill(p: Kernel, s: State, agent: int, now: int) -> None:
    """The agent takes contacts one by one until it is full or none is left for it."""
    while s.in_hand[u(agent)] < p.slots[u(agent)]:
        contact = contact_for(p, s, p.group[u(agent)], now)
        if contact < 0:
            break
        begin(p, s, contact, agent, now)
    set_free(p, s, agent)


@inlined
def is_let_in(p: Kernel, s: State, contact: int, now: int) -> bool:
    """ARRIVE, RETURN: whether the contact holds a line of its channel; if not, it is BLOCKED or MERGED."""
    s.arrived[u(contact)] = now
    line = p.line[u(p.type[u(contact)])]
    if line >= 0 and s.held[u(line)] >= s.limit[u(line)]:
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
def play(p: Kernel, s: State) -> None:
    """Every event before the horizon, in the order of (time, turn, row)."""
    next_duty = next_contact = 0
    scheduled = p.schedule[0, 0]
    arrives = p.time[0] if p.outside > 0 else FOREVER
    while True:
        finishes = s.finishes[0]
        now = min(finishes, scheduled, arrives, s.later[0])
        while s.counts[PAGE] < len(s.calendar) and s.counts[PAGE] << p.page_shift <= now:
            turn_page(p, s)
            now = min(now, s.later[0])
        if now == FOREVER:
            break

        if now in (finishes, scheduled):
            agent = NEVER  # the one that now looks for contacts
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
                if key >= OVERFLOW:
                    contact, cursor = key >> 31 & 0x7FFFFFFF, key & 0x7FFFFFFF
                else:
                    contact = key & 0x7FFFFFFF
                    if key >= ABANDON:
                        if s.until[u(contact)] >= 0:
                            abandon(p, s, contact, now)
                        continue
                    if is_settled(p, s, contact):
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
            else:
                set_off_nudge(p, s, contact, now)

    for contact in range(len(s.fate)):
        if s.fate[u(contact)] == OPEN and NEVER < s.until[u(contact)] < p.horizon:
            s.fate[u(contact)] = ABANDONED
            s.ended[u(contact)] = s.until[u(contact)]
