"""Long columns, a block at a time: what is made on the way stays in the cache, and no more of it is held than of a block."""

from collections.abc import Iterator

import numpy as np

from sim.scenario.plan import Float
from sim.tables import Int64

ROWS = 2**14  # of a block: few enough for the cache, enough to forget what a call costs


def blocks(rows: int) -> Iterator[slice]:
    """The rows of a long table, in order, a block at a time; one empty block if there are none."""
    return (slice(first, first + ROWS) for first in range(0, max(rows, 1), ROWS))


def count_into(totals: Float, place: Int64, weights: Int64 | None = None) -> None:
    """Adds to totals [·] how much has its place there: the count, or the sum of weights; exact up to 2^53.

    place [x] 0 or more.  Of totals longer than a block only the stretch between the first and the last place is touched: what
    comes together lies close together.
    """
    if len(totals) <= len(place):
        totals += np.bincount(place, weights, len(totals))
    elif len(place):
        first = int(place.min())
        counted = np.bincount(place - first, weights)
        totals[first : first + len(counted)] += counted
