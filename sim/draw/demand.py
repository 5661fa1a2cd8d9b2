"""Contacts: when they come, about what, how long they take and how long they wait.

A stream is a Poisson process whose rate is the product of a level on straight lines, a day profile and the factors of
busyness.  Its points are those of a process of rate 1, carried over by the inverse of the cumulated rate (Çinlar 1975), so the
same dice serve every rate.  Demand comes in layers, each a whole stream: a surge of 2.3 takes two of them and thins a third.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.draw.streams import durations, factors, number, stream
from sim.scenario.plan import DIMENSIONS, Bool, Busyness, Demand, Float, Law, Mixing, Number, Patience, Stream
from sim.tables import NEVER, Int32, Int64, Trigger, Workload
from sim.units import HOUR

T = TypeVar("T")
CHANNEL, LANGUAGE, TOPIC = (DIMENSIONS.index(name) for name in ("channel", "language", "topic"))


@dataclass(frozen=True)
class Contacts:
    """Contacts from outside of one layer of one stream, with what may follow each."""

    time: Int64  # [n] ms, rising
    origin: Int32  # [n] row of the streams
    channel: Int32
    language: Int32
    topic: Int32
    effort: Int64
    patience: Int64
    follow_topic: Int32  # [n] row of the topics, -1 no follow-up
    follow_after: Int64  # [n] ms, 0 where there is none
    follow_effort: Int64
    follow_patience: Int64


def draw_demand(demand: Demand, seed: int, replication: int, surge: float = 1.0) -> Workload:
    """The contacts of one replication at `surge` times the demand; those at a smaller surge are among them."""
    layers = [
        _layer(demand, row, layer, min(surge - layer, 1.0), seed, replication)
        for row in range(len(demand.streams))
        for layer in range(math.ceil(surge))
    ]
    return _workload(demand, layers)


def _workload(demand: Demand, layers: list[Contacts]) -> Workload:
    """All layers by time, then their follow-ups by parent."""

    def joined(name: str) -> Int64:
        return np.concatenate([getattr(layer, name) for layer in layers]) if layers else np.zeros(0, np.int64)

    order = np.argsort(joined("time"), kind="stable")
    time, origin, channel, language, topic, effort, patience = (
        joined(name)[order] for name in ("time", "origin", "channel", "language", "topic", "effort", "patience")
    )
    follow_topic = joined("follow_topic")[order]
    parent = np.flatnonzero(follow_topic >= 0)
    row = np.arange(len(time))
    topics = np.concatenate([topic, follow_topic[parent]])
    source = np.concatenate([row, parent])
    return Workload(
        time=np.concatenate([time, joined("follow_after")[order][parent]]),
        case=source,
        type=demand.type_of[channel[source], language[source], topics],
        label=demand.label_of[origin[source], channel[source], language[source], topics],
        effort=np.concatenate([effort, joined("follow_effort")[order][parent]]),
        patience=np.concatenate([patience, joined("follow_patience")[order][parent]]),
        parent=np.concatenate([np.full(len(time), NEVER), parent]),
        trigger=np.repeat([Trigger.NONE, Trigger.ON_REPLY], [len(time), len(parent)]),
    )


# --- when they come --------------------------------------------------------------------------------------------------


def busyness(cv: Busyness, days: int, hours: int, seed: int, replication: int, *whose: str) -> tuple[float, Float, Float]:
    """The factors on demand of the event, of each day and of each hour."""

    def drawn(what: str, spread: float, size: int) -> Float:
        return factors(stream(seed, replication, "busyness", what, *whose), spread, size)

    return float(drawn("event", cv.event, 1)[0]), drawn("day", cv.day, days), drawn("hour", cv.hour, hours)


def rate(demand: Demand, row: int, seed: int, replication: int) -> tuple[Int64, Float, Float]:
    """Knots [x] ms and the rate a ms just after [x-1] and just before [x-1] the ends of the straight lines between them."""
    origin = demand.streams[row]
    hours = np.arange(0, demand.lasts, HOUR)
    knots = np.unique(np.concatenate([[0, demand.lasts], origin.times, origin.profile_times, demand.days, hours]))
    knots = knots[(knots >= 0) & (knots <= demand.lasts)].astype(np.int64)
    start = knots[:-1]
    scale = math.prod(number(seed, replication, path, value) for path, value in origin.scales)
    step = scale * origin.profile[np.searchsorted(origin.profile_times, start, "right") - 1]
    day = np.searchsorted(demand.days, start, "right") - 1
    for cv, whose in ((demand.busyness, ()), (origin.busyness, (origin.name,))):
        event, by_day, by_hour = busyness(cv, len(demand.days), len(hours), seed, replication, *whose)
        step = step * event * by_day[day] * by_hour[start // HOUR]
    level = np.interp(knots, origin.times, origin.level)
    return knots, step * level[:-1], step * level[1:]


def arrivals(knots: Int64, first: Float, last: Float, dice: np.random.Generator) -> Int64:
    """[n] ms, rising: a Poisson process whose rate runs straight from first to last between knots."""
    width = np.diff(knots)
    cumulated = np.concatenate([[0.0], np.cumsum((first + last) / 2 * width)])
    points = _unit_process(cumulated[-1], dice)
    piece = np.minimum(np.searchsorted(cumulated, points, "right") - 1, len(width) - 1)
    rest = points - cumulated[piece]
    slope = ((last - first) / width)[piece]
    root = np.sqrt(np.maximum(first[piece] ** 2 + 2 * slope * rest, 0.0))
    # The root of a quadratic, in the form that loses no digits when the slope is small.
    into = 2 * rest / np.maximum(first[piece] + root, np.finfo(float).tiny)
    times: Int64 = knots[piece] + np.minimum(into, width[piece] - 1).astype(np.int64)
    return times


def _unit_process(end: float, dice: np.random.Generator) -> Float:
    """Points of a Poisson process of rate 1 before `end`."""
    chunks, reached = [], 0.0
    while reached < end:
        gaps = dice.standard_exponential(int(end - reached + 6 * math.sqrt(end)) + 16)
        chunks.append(reached + np.cumsum(gaps))
        reached = float(chunks[-1][-1])
    points = np.concatenate(chunks) if chunks else np.zeros(0)
    return points[points < end]


# --- what they are ---------------------------------------------------------------------------------------------------


def _layer(demand: Demand, row: int, layer: int, taken: float, seed: int, replication: int) -> Contacts:
    """The contacts of one layer of a stream, of which the share `taken` comes."""
    origin = demand.streams[row]
    dice = Dice(seed, replication, (origin.name, str(layer)))
    time = arrivals(*rate(demand, row, seed, replication), dice.of("arrivals"))
    kinds = _kinds(origin, time, dice)
    channel, topic = kinds[CHANNEL], kinds[TOPIC]
    next_topic, comes, after = _follow_ups(demand, topic, dice)
    columns: dict[str, NDArray[Any]] = {
        "time": time,
        "origin": np.full(len(time), row, np.int32),
        "channel": channel,
        "language": kinds[LANGUAGE],
        "topic": topic,
        "effort": _efforts(demand, topic, dice, "handle time"),
        "patience": _patiences(demand, channel, dice, "patience"),
        "follow_topic": np.where(comes, next_topic, NEVER).astype(np.int32),
        "follow_after": after,
        "follow_effort": _efforts(demand, next_topic, dice, "follow-up handle time"),
        "follow_patience": _patiences(demand, channel, dice, "follow-up patience"),
    }
    if taken < 1:
        kept = dice.of("surge").random(len(time)) < taken
        columns = {name: column[kept] for name, column in columns.items()}
    return Contacts(**columns)


@dataclass(frozen=True)
class Dice:
    """The generators of one layer of a stream."""

    seed: int
    replication: int
    whose: tuple[str, ...]

    def of(self, *use: str) -> np.random.Generator:
        """The generator of one use."""
        return stream(self.seed, self.replication, *use, *self.whose)

    def number(self, path: str, value: Number) -> float:
        """An uncertain number, the same for all layers."""
        return number(self.seed, self.replication, path, value)


def _kinds(origin: Stream, time: Int64, dice: Dice) -> dict[int, Int32]:
    """Channel, language and topic of each contact, by dimension, each drawn after the one it goes by."""
    kinds: dict[int, Int32] = {}
    for dimension, mixing in origin.mixes:
        given = np.zeros(len(time), np.int32) if mixing.by is None else kinds[mixing.by]
        kinds[dimension] = _mixed(mixing, time, given, dice.of(DIMENSIONS[dimension]).random(len(time)))
    return kinds


def _mixed(mixing: Mixing, time: Int64, given: Int32, drawn: Float) -> Int32:
    """[n] the value into whose share each draw falls; the last takes what rounding leaves of the whole."""
    whole = np.cumsum(mixing.shares, axis=2)[..., :-1]  # [t, given, size - 1]
    if len(mixing.times) > 1:
        right = np.clip(np.searchsorted(mixing.times, time, "right"), 1, len(mixing.times) - 1)
        left = right - 1
        weight = np.clip((time - mixing.times[left]) / (mixing.times[right] - mixing.times[left]), 0.0, 1.0)[:, None]
        share = (1 - weight) * whole[left, given] + weight * whole[right, given]
        return np.asarray((drawn[:, None] >= share).sum(axis=1, dtype=np.int32))
    values = np.zeros(len(time), np.int32)
    for row, share in enumerate(whole[0]):
        at = slice(None) if mixing.by is None else np.flatnonzero(given == row)
        values[at] = np.searchsorted(share, drawn[at], "right")
    return values


def _by_kind(kind: Int32, laws: Sequence[T | None], draw: Callable[[int, T, int], Int64], without: int) -> Int64:
    """[n] values by the law of each one's kind; `without` where there is none.

    Of every kind that occurs as many are drawn as there are contacts: what a contact is moves the numbers of no other.
    """
    values = np.full(len(kind), without, np.int64)
    for row, law in enumerate(laws):
        at = np.flatnonzero(kind == row)
        if law is not None and len(at):
            values[at] = draw(row, law, len(kind))[at]
    return values


def _efforts(demand: Demand, topic: Int32, dice: Dice, use: str) -> Int64:
    """[n] ms by the handle time of each topic; 1 where there is none."""

    def draw(row: int, law: Law, size: int) -> Int64:
        name = demand.topic_names[row]
        mean = dice.number(f"topics.{name}.handle_time.mean", law.mean)
        return durations(dice.of(use, name), law, mean, size)

    return _by_kind(topic, demand.handle_time, draw, 1)


def _patiences(demand: Demand, channel: Int32, dice: Dice, use: str) -> Int64:
    """[n] ms by the patience of each channel; -1 where customers wait for ever."""

    def draw(row: int, patience: Patience, size: int) -> Int64:
        path = f"channels.{demand.channel_names[row]}.patience"
        mean = dice.number(f"{path}.mean", patience.law.mean)
        waits = durations(dice.of(use, path), patience.law, mean, size, least=0)
        leaves = dice.of(f"{use} at once", path).random(size) < dice.number(f"{path}.at_once", patience.at_once)
        return np.where(leaves, 0, waits)

    return _by_kind(channel, demand.patience, draw, NEVER)


def _follow_ups(demand: Demand, topic: Int32, dice: Dice) -> tuple[Int32, Bool, Int64]:
    """What each contact may be followed by: its topic (-1 nothing), whether it comes after a reply, and how long after.

    All are drawn for every contact, so that another share of follow-ups keeps those that come anyway.
    """
    next_topic = np.full(len(topic), NEVER, np.int32)
    comes = np.zeros(len(topic), np.bool_)
    after = np.zeros(len(topic), np.int64)
    for row, follow in enumerate(demand.then):
        at = np.flatnonzero(topic == row)
        if follow is None or not len(at):
            continue
        path = f"then.{demand.topic_names[row]}"
        next_topic[at] = follow.topic
        comes[at] = dice.of("follow-up", path).random(len(topic))[at] < dice.number(f"{path}.share", follow.share)
        mean = dice.number(f"{path}.after.mean", follow.after.mean)
        after[at] = durations(dice.of("follow-up after", path), follow.after, mean, len(topic))[at]
    return next_topic, comes, after
