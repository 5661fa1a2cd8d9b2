"""Stretches of time as pairs of arrays: their unions by whose they are, and how much of them falls into each period.

A stretch lasts from its start (inclusive) to its end (exclusive).  All arithmetic is on int64 and exact.
"""

import numpy as np

from sim.tables import Int64


def edges(horizon: int, step: int) -> Int64:
    """The boundaries [p+1] of the periods of `step` ms from 0 to the horizon; the last period may be shorter."""
    return np.append(np.arange(0, horizon, step), horizon).astype(np.int64)


def covered_before(key: Int64, end: Int64) -> Int64:
    """The latest end among the earlier stretches of the same key, -1 if there is none.

    key [x] small and not falling, end [x] at least 0, both in order of (key, start).
    """
    span = int(end.max(initial=0)) + 1
    assert int(key.max(initial=0)) * span < 2**62, "keys × time fit into 64 bits"
    # Shifted so that every end of one key lies above every end of those before it: then one running maximum serves all.
    before = np.full(len(end), -1, np.int64)
    before[1:] = np.maximum.accumulate(end + key * span)[:-1] - key[1:] * span
    return np.maximum(before, -1)


def union(key: Int64, start: Int64, end: Int64) -> tuple[Int64, Int64, Int64]:
    """The stretches (key, start, end) in which a key has at least one stretch, in order of (key, start).

    Those of one key neither overlap nor touch.
    """
    order = np.lexsort((start, key))
    key, start, end = key[order], start[order], end[order]
    fresh = np.flatnonzero(start > covered_before(key, end))
    return key[fresh], start[fresh], np.maximum.reduceat(end, fresh) if len(fresh) else end


def overlap(start: Int64, end: Int64, edges: Int64) -> Int64:
    """The time [p] that stretches have in common with each period, added up over all of them."""
    return np.asarray(np.diff(_elapsed(start, edges) - _elapsed(end, edges)))


def standing(since: Int64, until: Int64, horizon: int, step: int) -> Int64:
    """How many stretches last at the end of each period [p]: since < end of the period <= until.

    until -1 never ends.  What begins or ends at the very end of a period counts as not yet begun or ended, as at the horizon.
    """
    periods = -(-horizon // step)
    begun, ended = (np.bincount(times // step, minlength=periods) for times in (since, until[until >= 0]))
    return np.cumsum(begun - ended)


def _elapsed(moments: Int64, times: Int64) -> Int64:
    """The time since each moment, added up over the moments before each of the times."""
    moments = np.sort(moments)
    passed = np.searchsorted(moments, times)
    return np.asarray(passed * times - np.append(0, np.cumsum(moments))[passed], np.int64)
