"""Contacts: when they come, about what, how long they take, how long they wait, and what may follow.

Demand comes in layers, each a whole stream: a surge of 2.3 takes two of them and thins a third.  Each layer is drawn block by
block into columns that are made once, so that at no time much more than the finished table is in memory.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draw.arrivals import BLOCK, arrivals, rate
from sim.draw.contacts import Columns, Contacts
from sim.draw.streams import Dice
from sim.scenario.plan import Bool, Demand
from sim.tables import NEVER, Int64, Trigger, Workload

Table = dict[str, NDArray[Any]]  # columns of a workload

DRAWN = {"type": np.int32, "label": np.int32, "effort": np.int64, "patience": np.int64}  # block by block


@dataclass(frozen=True)
class Layer:
    """One layer of one stream: when its contacts come, and which of them do."""

    stream: int  # row of the streams
    dice: Dice
    time: Int64  # [x] ms, rising
    kept: Bool | None  # [x] those that come at this surge; None for all


def draw_demand(demand: Demand, seed: int, replication: int, surge: float = 1.0) -> Workload:
    """The contacts of one replication at `surge` times the demand; those at a smaller surge are among them."""
    layers = [layer for row in range(len(demand.streams)) for layer in _layers(demand, row, seed, replication, surge)]
    time, ranks = _in_order([layer.time if layer.kept is None else layer.time[layer.kept] for layer in layers])
    # Room for a follow-up of every contact: memory that is never written to costs nothing, a column that has to grow does.
    room = len(time) * (2 if any(demand.then) else 1)
    drawn = {name: np.empty(room, dtype) for name, dtype in DRAWN.items()}
    latent: list[Columns] = []
    for layer, rank in zip(layers, ranks, strict=True):
        latent += _fill(demand, layer, rank, drawn)
    del layers, ranks
    return _workload(time, drawn, latent)


def _layers(demand: Demand, row: int, seed: int, replication: int, surge: float) -> Iterator[Layer]:
    """The layers of a stream, of which the last may come in part."""
    origin, pieces = demand.streams[row], rate(demand, row, seed, replication)
    for layer in range(math.ceil(surge)):
        dice = Dice(seed, replication, (origin.name, str(layer)))
        time, share = arrivals(*pieces, dice.of("arrivals")), surge - layer
        yield Layer(row, dice, time, dice.of("surge").random(len(time)) < share if share < 1 else None)


def _in_order(times: list[Int64]) -> tuple[Int64, list[Int64 | None]]:
    """All times rising, ties by layer, and of each layer the row that each contact gets; None if that is its place."""
    if len(times) == 1:
        return times[0], [None]
    # Numbers that hold a time and a layer sort many times as fast as rows, and so few layers are told apart by counting.
    bits = len(times).bit_length()
    marked = np.concatenate([np.zeros(0, np.int64), *(time << bits | row for row, time in enumerate(times))])
    marked.sort()
    layer = (marked & (1 << bits) - 1).astype(np.min_scalar_type(len(times)))
    marked >>= bits
    rows = np.argsort(layer, kind="stable")
    ends = np.cumsum([len(time) for time in times])
    return marked, [rows[end - len(time) : end] for end, time in zip(ends, times, strict=True)]


def _fill(demand: Demand, layer: Layer, rank: Int64 | None, drawn: Table) -> Iterator[Columns]:
    """Draws what the contacts of a layer are into their rows of these columns, and gives by block what may follow them."""
    contacts = Contacts(demand, layer.stream, layer.dice)
    done = 0
    for first in range(0, len(layer.time), BLOCK):
        time = layer.time[first : first + BLOCK]
        picked = None if layer.kept is None else np.flatnonzero(layer.kept[first : first + BLOCK])
        come = slice(done, done + (len(time) if picked is None else len(picked)))
        columns, follow_ups = contacts.draw(time, slice(None) if picked is None else picked)
        for name, column in columns.items():
            drawn[name][come if rank is None else rank[come]] = column
        if follow_ups is not None:
            place = done + follow_ups["parent"]
            yield follow_ups | {"parent": place if rank is None else rank[place]}
        done = come.stop


def _workload(time: Int64, drawn: Table, latent: list[Columns]) -> Workload:
    """The table of the contacts from outside, drawn into the first rows, and of those that may follow them, by parent."""
    sizes = [len(block["parent"]) for block in latent]
    outside, size = len(time), len(time) + sum(sizes)

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([np.broadcast_to(block[name], rows) for block, rows in zip(latent, sizes, strict=True)])

    case, parent = np.arange(size, dtype=np.int32), np.full(size, NEVER, np.int32)
    if latent:
        later = joined("parent")
        order = np.argsort(later)
        case[outside:] = parent[outside:] = later[order]
        time = np.concatenate([time, joined("time")[order]])
        for name, column in drawn.items():
            column[outside:size] = joined(name)[order]
    trigger = np.repeat(np.array([Trigger.NONE, Trigger.ON_REPLY], np.int8), [outside, size - outside])
    return Workload(
        time=time, case=case, parent=parent, trigger=trigger, **{name: column[:size] for name, column in drawn.items()}
    )
