"""Stretches of time as arrays of starts and ends: their union, and how much of them falls into each period.

A stretch lasts from its start (inclusive) to its end (exclusive), within 0 … horizon.  All arithmetic is
exact.
"""

from collections.abc import Iterator

import numpy as np

from sim.plan import Float
from sim.tables import Int32, Int64

ROWS = 2**14  # of a block: few enough for the cache, enough to forget what a call costs


def blocks(rows: int) -> Iterator[slice]:
    """The rows of a long table, in order, a block at a time; one empty block if there are none."""
    return (slice(first, first + ROWS) for first in range(0, max(rows, 1), ROWS))


def count_into(totals: Float, place: Int64, weights: Int64 | None = None) -> None:
    """Add to totals [·] how much has its place there: the count, or the sum of weights; exact up to 2^53.

    place [x] 0 or more.  If totals are longer than a block, only the stretch between the first and the last
    place is touched: what comes together lies close together.
    """
    if len(totals) <= len(place):
        totals += np.bincount(place, weights, len(totals))
    elif len(place):
        first = int(place.min())
        counted = np.bincount(place - first, weights)
        totals[first : first + len(counted)] += counted


def edges(horizon: int, step: int) -> Int64:
    """The boundaries [p+1] of the periods of `step` ms from 0 to the horizon.

    The last period may be shorter.
    """
    return np.append(np.arange(0, horizon, step), horizon).astype(np.int64)


def covered_before(key: Int64, end: Int64) -> Int64:
    """The latest end among the earlier stretches of the same key, -1 if there is none.

    key [x] small and not falling, end [x] at least 0, both in order of (key, start).
    """
    span = int(end.max(initial=0)) + 1
    assert int(key.max(initial=0)) * span < 2**62, "keys × time fit into 64 bits"
    # Shifted so that every end of one key lies above every end of those before it: then one running maximum
    # serves all.
    before = np.full(len(end), -1, np.int64)
    before[1:] = np.maximum.accumulate(end + key * span)[:-1] - key[1:] * span
    return np.maximum(before, -1)


def union(start: Int64, end: Int64) -> tuple[Int64, Int64]:
    """The stretches in which there is at least one stretch, in order; they neither overlap nor touch.

    Sorts both columns in place.
    """
    # Each by itself, which is much faster than in pairs: nothing lasts before a start if as many have ended
    # as have started.
    start.sort()
    end.sort()
    apart = np.ones(len(start) + 1, bool)
    np.greater(start[1:], end[:-1], out=apart[1:-1])
    return start[np.flatnonzero(apart[:-1])], end[np.flatnonzero(apart[1:])]


def overlap(row: Int32 | Int64, start: Int64, end: Int64, rows: int, horizon: int, step: int) -> Int64:
    """The time [rows, p] that the stretches of each row have in common with each period."""
    periods = -(-horizon // step)
    started, ended, late, early = np.zeros((4, rows * (periods + 1)))  # a period more, for the horizon
    for block in blocks(len(start)):
        for times, counts, sums in ((start[block], started, late), (end[block], ended, early)):
            period = times // step
            into = times - period * step
            period += row[block] * np.int64(periods + 1)
            count_into(counts, period)
            count_into(sums, period, into)
    lasting, spare = (
        (a - b).reshape(rows, periods + 1)[:, :periods] for a, b in ((started, ended), (early, late))
    )
    # A stretch that has started and not ended fills the period, but for the time before its start and after
    # its end.
    return (np.cumsum(lasting, axis=1) * np.diff(edges(horizon, step)) + spare).astype(np.int64)
