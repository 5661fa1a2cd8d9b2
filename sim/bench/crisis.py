"""Workload W2 in a crisis: its customers redial, move, write again, draw others in and ask the next question.

Half of the types are calls, on lines; the other half are messages, some repeats of which are recognised.
Half of the agents are volunteers, whose replies are followed up more often.  Children are drawn by SHARES for
every contact from outside, and once more for their children: there are more than twice as many rows as
contacts that come, as in the ash cloud.  Handle times are shorter than in W2, because the same agents answer
more contacts.
"""

from dataclasses import replace

import numpy as np

from sim.bench.w2 import Arrays, Shape, dice
from sim.bench.w2 import world as plain
from sim.tables import ALWAYS, NEVER, Playbook, Routing, Trigger, Workload, World, heads, threshold
from sim.units import DAY

SHARES = {Trigger.ON_REPLY: 0.4, Trigger.ON_ABANDON: 0.3, Trigger.ON_BLOCK: 0.15, Trigger.ON_SILENCE: 0.3}
GENERATIONS = 2
DELAYS = {
    Trigger.ON_REPLY: 20,
    Trigger.ON_ABANDON: 2,
    Trigger.ON_BLOCK: 2,
    Trigger.ON_SILENCE: 4,
}  # mean, handle times
BYSTANDERS = 0.2  # share of ON_SILENCE that has a case of its own
LINES = 60  # calls waiting or in hand
FOLLOW_UPS = (0.5, 1.0)  # share of those drawn that come, by team
RECOGNISED = 0.6  # share of the repeats among messages
DUPLICATE = 10_000  # ms
SHORTER = 0.6  # handle times ÷ those of W2


def world(arrays: Arrays, shape: Shape) -> World:
    """The world of these arrays, with everything on that customers may do."""
    base = plain(arrays)
    types = np.arange(shape.types, dtype=np.int32)
    messages = types % 2
    return World(
        _workload(arrays, shape),
        replace(base.roster, team=np.arange(shape.agents, dtype=np.int32) // shape.groups % 2),
        Routing(
            push=base.routing.push,
            channel=messages,
            merge_odds=np.where(messages, np.uint32(threshold(RECOGNISED)), np.uint32(0)),
            duplicate_effort=np.full(shape.types, DUPLICATE, np.int64),
            crowding=np.full((2, 1), 1000, np.int32),
            odds=np.array([[*map(threshold, FOLLOW_UPS), ALWAYS]], np.uint32),
            lines=np.array([[0, 0, LINES]], np.int64),
        ),
        Playbook(int(arrays.arrive[-1]) + DAY),
    )


def _workload(arrays: Arrays, shape: Shape) -> Workload:
    rng = dice(shape, "crisis")
    size = len(arrays.arrive)
    handle_time = SHORTER * float(arrays.effort.mean())
    parents, triggers = [np.full(size, NEVER, np.int32)], [np.full(size, Trigger.NONE, np.int8)]
    times = [arrays.arrive]
    first = 0  # row of the last generation
    for _ in range(GENERATIONS):
        rows = np.arange(first, first := sum(map(len, parents)), dtype=np.int32)
        for kind, share in SHARES.items():
            parents.append(rows[rng.random(len(rows)) < share])
            triggers.append(np.full(len(parents[-1]), kind, np.int8))
            times.append(1 + rng.exponential(DELAYS[kind] * handle_time, len(parents[-1])).astype(np.int64))
    parent, trigger = np.concatenate(parents), np.concatenate(triggers)
    rows = np.arange(len(parent), dtype=np.int32)
    own_case = (trigger == Trigger.ON_SILENCE) & (rng.random(len(rows)) < BYSTANDERS)
    like = np.concatenate(
        [rows[:size], rng.integers(0, size, len(rows) - size)]
    )  # copies of contacts from outside
    return Workload(
        time=np.concatenate(times),
        case=heads(np.where(own_case | (parent < 0), rows, parent)),
        type=arrays.type[like],
        label=np.zeros_like(rows),
        effort=np.maximum(1, arrays.effort[like] * SHORTER).astype(np.int64),
        patience=arrays.patience[like],
        parent=parent,
        trigger=trigger,
        reason=np.where(trigger == Trigger.ON_REPLY, np.int32(0), np.int32(NEVER)),
        chance=rng.integers(0, ALWAYS, len(rows), np.uint32),
        merge=rng.integers(0, ALWAYS, len(rows), np.uint32),
    )
