"""When contacts come: a Poisson process for each stream.

Its rate is the product of a level on straight lines, a day profile and the factors of busyness.  Its points
are those of a process of rate 1, carried over by the inverse of the cumulated rate (Çinlar 1975), so the same
dice serve every rate.
"""

import math
from collections.abc import Iterator

import numpy as np

from sim.draw.durations import durations
from sim.draw.memo import remembered
from sim.draw.rng import Dice, factors, number, stream
from sim.plan import Bursts, Busyness, Demand, Ends, Float, Stream
from sim.tables import Int64
from sim.units import HOUR

BLOCK = 1 << 14  # contacts drawn at a time: few enough for their columns to stay in the cache


def busyness(
    cv: Busyness, days: int, hours: int, seed: int, replication: int, *whose: str
) -> tuple[float, Float, Float]:
    """The factors on demand of the event, of each day and of each hour."""

    def drawn(what: str, spread: float, size: int) -> Float:
        # Where nothing varies no generator is made: that takes longer than all the factors.
        return (
            factors(stream(seed, replication, "busyness", what, *whose), spread, size)
            if spread
            else np.ones(size)
        )

    return float(drawn("event", cv.event, 1)[0]), drawn("day", cv.day, days), drawn("hour", cv.hour, hours)


def end_of(ends: Ends, seed: int, replication: int) -> int:
    """The row of the announced end that is the real one in this replication: the first that is not moved."""
    kept = stream(seed, replication, "ends", ends.name).random(len(ends.moved)) >= ends.moved
    return int(np.append(kept, True).argmax())


def slips(origin: Stream, seed: int, replication: int) -> Int64:
    """[j] ms, rising: when announced ends of the stream are moved."""
    none = np.zeros(0, np.int64)
    return none if origin.ends is None else origin.ends.announced[: end_of(origin.ends, seed, replication)]


def rate(demand: Demand, row: int, seed: int, replication: int) -> tuple[Int64, Float, Float]:
    """Knots [x] ms and the rate a ms at the first [x-1] and last [x-1] instant of each line between them.

    For a stream with bursts this is the rate of the contacts that come by themselves.
    """
    origin = demand.streams[row]
    times, level = (
        (origin.times, origin.level)
        if origin.ends is None
        else origin.ends.levels[end_of(origin.ends, seed, replication)]
    )
    knots, day, hour, first, last = _lines(demand, origin, times, level)
    alone = 1.0 if origin.bursts is None else 1.0 - origin.bursts.share
    step = np.full(
        len(day),
        math.prod((number(seed, replication, path, value) for path, value in origin.scales), start=alone),
    )
    for cv, whose in ((demand.busyness, ()), (origin.busyness, (origin.name,))):
        event, by_day, by_hour = busyness(cv, len(demand.days), int(hour[-1]) + 1, seed, replication, *whose)
        step *= event * by_day[day] * by_hour[hour]
    return knots, step * first, step * last


@remembered(1024)
def _lines(
    demand: Demand, origin: Stream, times: Int64, level: Float
) -> tuple[Int64, Int64, Int64, Float, Float]:
    """The certain part of a rate: knots [x] ms; by line the day, hour, and level × profile at its ends."""
    hours = np.arange(0, demand.lasts, HOUR)
    knots = np.unique(np.concatenate([[0, demand.lasts], times, origin.profile_times, demand.days, hours]))
    knots = knots[(knots >= 0) & (knots <= demand.lasts)].astype(np.int64)
    start = knots[:-1]
    day = np.searchsorted(demand.days, start, "right") - 1
    profile = origin.profile[np.searchsorted(origin.profile_times, start, "right") - 1]
    at = np.interp(knots, times, level)
    return knots, day, start // HOUR, profile * at[:-1], profile * at[1:]


def arrivals(knots: Int64, first: Float, last: Float, dice: np.random.Generator) -> Int64:
    """[n] ms, rising: a Poisson process whose rate runs straight from first to last between knots."""
    cumulated = np.concatenate([[0.0], np.cumsum((first + last) / 2 * np.diff(knots))])
    blocks = [
        _carried_over(points, cumulated, knots, first, last)
        for points in _unit_process(float(cumulated[-1]), dice)
    ]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.int64)


def with_bursts(time: Int64, bursts: Bursts, lasts: int, dice: Dice) -> Int64:
    """[n] ms, rising: contacts that come by themselves, and all their descendants in bursts.

    A branching process (Hawkes & Oakes 1974): each brings a Poisson number, `share` on average.  Where
    contacts come by themselves at (1 − share) times a steady rate, all together come at that rate; nobody
    comes after the end.
    """
    counts, delays = dice.of("burst size"), dice.of("burst delay")
    mean = dice.number(f"demand.{dice.whose[0]}.bursts.after.mean", bursts.after.mean)
    generations = [time]
    while len(time):
        time = np.repeat(time, counts.poisson(bursts.share, len(time)))
        time = time + durations(delays, bursts.after, mean, len(time))
        time = time[time < lasts]
        generations.append(time)
    return np.sort(np.concatenate(generations))


def _unit_process(end: float, dice: np.random.Generator) -> Iterator[Float]:
    """Points of a Poisson process of rate 1 before `end`, block by block."""
    reached = 0.0
    while reached < end:
        left = end - reached
        points = dice.standard_exponential(min(BLOCK, int(left + 6 * math.sqrt(left)) + 16))
        points[0] += reached
        np.cumsum(points, out=points)
        reached = float(points[-1])
        points = points[: np.searchsorted(points, end)]
        if len(points):
            yield points


def _carried_over(points: Float, cumulated: Float, knots: Int64, first: Float, last: Float) -> Int64:
    """[n] ms: the times at which the cumulated rate, given at the knots, reaches these rising points."""
    low, high = np.searchsorted(cumulated, points[[0, -1]], "right")
    lines = slice(low - 1, high)
    # Both rise, so the few ends of lines are looked for among the points, and not each point among them.
    many = np.diff(np.searchsorted(points, cumulated[low:high]), prepend=0, append=len(points))
    width = np.diff(knots[low - 1 : high + 1])
    slope = (last[lines] - first[lines]) / width
    columns = cumulated[lines], first[lines], 2 * slope, knots[lines], width - 1
    base, speed, twice, start, most = (np.repeat(column, many) for column in columns)
    rest = points - base
    root = np.sqrt(np.maximum(speed * speed + twice * rest, 0.0))
    # The root of a quadratic, in the form that loses no digits when the slope is small.
    into = 2 * rest / np.maximum(speed + root, np.finfo(float).tiny)
    times: Int64 = start + np.minimum(into, most).astype(np.int64)
    return times
