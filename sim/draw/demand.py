"""Contacts: when they come, about what, how long they take, how long they wait, and what may follow.

Demand comes in layers, each a whole stream: a surge of 2.3 takes two of them and thins a third.  Each layer
is drawn block by block into columns that are made once, so that at no time much more than the finished table
is in memory.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draw.arrivals import BLOCK, arrivals, rate, slips, with_bursts
from sim.draw.chains import Links, joined
from sim.draw.contacts import Columns, Contacts
from sim.draw.latent import LatentDraws
from sim.draw.rng import Dice
from sim.plan import Bool, Demand
from sim.tables import NEVER, Int32, Int64, Trigger, Workload

Table = dict[str, NDArray[Any]]  # columns of a workload

DRAWN = {
    "type": np.int32,
    "label": np.int32,
    "effort": np.int64,
    "patience": np.int64,
    "reason": np.int32,
}  # by block


@dataclass(frozen=True)
class Layer:
    """One layer of one stream: when its contacts come, and which of them do."""

    stream: int  # row of the streams
    dice: Dice
    time: Int64  # [x] ms, rising
    kept: Bool | None  # [x] those that come at this surge; None for all


def draw_demand(demand: Demand, seed: int, replication: int, surge: float = 1.0) -> Workload:
    """The contacts of one replication at `surge` times the demand, including those of any smaller surge."""
    layers = [
        layer
        for row in range(len(demand.streams))
        for layer in _layers(demand, row, seed, replication, surge)
    ]
    time, ranks = _in_order(
        [layer.time if layer.kept is None else layer.time[layer.kept] for layer in layers]
    )
    drawn = {name: np.empty(len(time), dtype) for name, dtype in DRAWN.items()}
    links = (
        found
        for layer, rank in zip(layers, ranks, strict=True)
        for found in _fill(demand, layer, rank, drawn)
    )
    moved = [slips(stream, seed, replication) for stream in demand.streams]
    latent = LatentDraws(demand, Dice(seed, replication, ()), moved) if demand.habits.follow_ons else None
    brought = [found for some in _gathered(links) if latent is not None and (found := latent.draw(some))]
    return _workload(time, drawn, brought)


def _gathered(parts: Iterable[Links]) -> Iterator[Links]:
    """The links in larger parts: few drawn together cost as much as many."""
    waiting: list[Links] = []
    for part in parts:
        waiting.append(part)
        if sum(map(len, waiting)) >= BLOCK:
            yield joined(waiting)
            waiting = []
    if waiting:
        yield joined(waiting)


def _layers(demand: Demand, row: int, seed: int, replication: int, surge: float) -> Iterator[Layer]:
    """The layers of a stream, of which the last may come in part."""
    origin, pieces = demand.streams[row], rate(demand, row, seed, replication)
    for layer in range(math.ceil(surge)):
        dice = Dice(seed, replication, (origin.name, str(layer)))
        time, share = arrivals(*pieces, dice.of("arrivals")), surge - layer
        if origin.bursts is not None:
            time = with_bursts(time, origin.bursts, demand.lasts, dice)
        yield Layer(row, dice, time, dice.of("surge").random(len(time)) < share if share < 1 else None)


def _in_order(times: list[Int64]) -> tuple[Int64, list[Int64 | None]]:
    """All times, rising, ties by layer; and for each layer the rows of its contacts, None if unchanged."""
    if len(times) == 1:
        return times[0], [None]
    # Numbers that hold a time and a layer sort many times as fast as rows, and so few layers are told apart
    # by counting.
    bits = len(times).bit_length()
    marked = np.concatenate([np.zeros(0, np.int64), *(time << bits | row for row, time in enumerate(times))])
    marked.sort()
    layer = (marked & (1 << bits) - 1).astype(np.min_scalar_type(len(times)))
    marked >>= bits
    rows = np.argsort(layer, kind="stable")
    ends = np.cumsum([len(time) for time in times])
    return marked, [rows[end - len(time) : end] for end, time in zip(ends, times, strict=True)]


def _fill(demand: Demand, layer: Layer, rank: Int64 | None, drawn: Table) -> Iterator[Links]:
    """Draws a layer into its rows of the columns; gives by block the contacts that may bring more."""
    contacts = Contacts(demand, layer.stream, layer.dice)
    done = 0
    for first in range(0, len(layer.time), BLOCK):
        time = layer.time[first : first + BLOCK]
        picked = None if layer.kept is None else np.flatnonzero(layer.kept[first : first + BLOCK])
        come = slice(done, done + (len(time) if picked is None else len(picked)))
        columns, links = contacts.draw(time, slice(None) if picked is None else picked)
        for name, column in columns.items():
            drawn[name][come if rank is None else rank[come]] = column
        if links is not None:
            place = done + links.root
            yield links.take(slice(None), root=place if rank is None else rank[place])
        done = come.stop


def _workload(time: Int64, drawn: Table, latent: list[Columns]) -> Workload:
    """The table of the contacts from outside and, root by root, of those that they may bring."""
    outside = np.arange(len(time), dtype=np.int32)
    if not latent:
        parent, trigger = np.full(len(time), NEVER, np.int32), np.zeros(len(time), np.int8)
        return Workload(time=time, case=outside, question=outside, parent=parent, trigger=trigger, **drawn)
    columns = _columns(time, outside, drawn, latent)
    return Workload(
        **{name: np.concatenate([np.broadcast_to(mine, len(time)), theirs]) for name, mine, theirs in columns}
    )


def _columns(
    time: Int64, outside: Int32, drawn: Table, latent: list[Columns]
) -> Iterator[tuple[str, Any, NDArray[Any]]]:
    """Name, values of the contacts from outside and values of the latent ones, of every column."""
    first = np.cumsum([0, *(len(block["root"]) for block in latent)])  # of the latent rows of each block

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([block[name] for block in latent])

    def rows(name: str) -> Int64:  # rows of a block as rows of them all
        return np.concatenate(
            [
                np.where(block[name] < 0, NEVER, block[name] + at)
                for block, at in zip(latent, first, strict=False)
            ]
        )

    root = joined("root")
    order = np.argsort(root, kind="stable")  # each after its parent, for so they were drawn
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    root = root[order]

    def begun_by(
        name: str,
    ) -> Int64:  # a number for each contact that began something, new after those from outside
        of = rows(name)[order]
        own = np.flatnonzero(of == order)
        number = np.full(len(order), NEVER)
        number[own] = len(outside) + np.arange(len(own))
        return np.where(of < 0, root, number[place[of]])

    parent = rows("parent")[order]
    yield "time", time, joined("time")[order]
    yield "case", outside, begun_by("case_of")
    yield "question", outside, begun_by("question_of")
    yield "parent", NEVER, np.where(parent < 0, root, len(outside) + place[parent])
    yield "trigger", Trigger.NONE, joined("trigger")[order]
    for name in ("chance", "merge"):
        yield name, 0, joined(name)[order]
    for name, column in drawn.items():
        yield name, column, joined(name)[order]
