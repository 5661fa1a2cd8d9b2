"""What contacts are about: channel, language and topic, each by the shares of a mix.

A draw is the value into whose share it falls, so that a little more of one value moves only the contacts at
its edge.  Where all contacts are of one value nothing is drawn, and a plain number stands for the column.
"""

from dataclasses import dataclass

import numpy as np

from sim.draw.memo import remembered
from sim.draw.rng import Dice
from sim.plan import DIMENSIONS, Bool, Float, Mixing, Stream
from sim.tables import Int64

CELLS = 256  # of a guide; a power of two, so that neither a cell nor its edges are rounded

Kind = Int64 | int  # [n] rows of the values of a dimension, or the one row that all have
Picked = Int64 | slice  # the rows of a block that are wanted: some, or all


class Kinds:
    """The kinds of the contacts of one layer of a stream, drawn block by block."""

    def __init__(self, origin: Stream, dice: Dice) -> None:
        self._mixes = [
            (dimension, mixing, None if _certain(mixing) else dice.of(DIMENSIONS[dimension]))
            for dimension, mixing in origin.mixes
        ]

    def draw(self, time: Int64, picked: Picked) -> dict[int, Kind]:
        """The kinds, by dimension, of the contacts picked from a block with these times [block] ms.

        Every contact of the block gets a draw, so the choice of contacts does not move the draws of others.
        """
        kinds: dict[int, Kind] = {}
        for dimension, mixing, dice in self._mixes:
            given = 0 if mixing.by is None else kinds[mixing.by]
            if dice is None:
                kinds[dimension] = mixing.shares[0].argmax(axis=1)[given]
                continue
            kinds[dimension] = valued(mixing, time[picked], given, dice.random(len(time))[picked])
        return kinds


def valued(mixing: Mixing, time: Int64, given: Kind, drawn: Float) -> Int64:
    """[n] the values of draws at these times, by what the mix goes by."""
    if len(mixing.times) > 1:
        return _moving(mixing, time, given, drawn)
    return found(guide(mixing), given, drawn)


def reached(mixing: Mixing) -> list[int]:
    """The rows of the values that some contact may get."""
    return np.flatnonzero((mixing.shares > 0).any(axis=(0, 1))).tolist()


def possible(origin: Stream, dimension: int) -> Bool:
    """[size] which values of a dimension some contact of a stream may have."""
    return np.asarray((dict(origin.mixes)[dimension].shares > 0).any(axis=(0, 1)))


def _certain(mixing: Mixing) -> bool:
    """Whether the value follows from that of the dimension it goes by, at all times."""
    return len(mixing.times) == 1 and bool((mixing.shares.max(axis=2) == 1).all())


@dataclass(frozen=True)
class Guide:
    """Shares cut into cells of equal width, so that few steps find a value (Chen & Asau 1974)."""

    least: Int64  # [given × cells] the value at the lower edge of a cell
    edges: tuple[
        Float, ...
    ]  # each [given × cells]: where inside a cell one more value begins; infinity where none does


@remembered(1024)
def guide(mixing: Mixing) -> Guide:
    """The guide to shares that do not move."""
    ends = np.cumsum(mixing.shares[0], axis=1)[
        :, :-1
    ]  # [given, size - 1]; the last takes what rounding leaves
    grid = np.arange(CELLS + 1) / CELLS
    least = np.stack([np.searchsorted(row, grid[:-1], "right") for row in ends])
    beyond = np.stack([np.searchsorted(row, grid[1:], "left") for row in ends])
    padded = np.pad(ends, ((0, 0), (0, 1)), constant_values=np.inf)
    edges = [
        np.where(
            least + step < beyond,
            np.take_along_axis(padded, np.minimum(least + step, ends.shape[1]), axis=1),
            np.inf,
        )
        for step in range(int((beyond - least).max()))
    ]
    return Guide(least.ravel(), tuple(edge.ravel() for edge in edges))


def found(guide: Guide, given: Kind, drawn: Float) -> Int64:
    """[n] the values of draws, by what the mix goes by."""
    cell = (drawn * CELLS).astype(np.int64) + given * CELLS
    values: Int64 = guide.least[cell]
    for edge in guide.edges:
        values += drawn >= edge[cell]
    return values


def _moving(mixing: Mixing, time: Int64, given: Kind, drawn: Float) -> Int64:
    """[n] the values of draws by shares on straight lines between times."""
    ends = np.cumsum(mixing.shares, axis=2)[..., :-1]  # [t, given, size - 1]
    right = np.clip(np.searchsorted(mixing.times, time, "right"), 1, len(mixing.times) - 1)
    left = right - 1
    weight = np.clip((time - mixing.times[left]) / (mixing.times[right] - mixing.times[left]), 0.0, 1.0)
    values = np.zeros(len(time), np.int64)
    for end in np.moveaxis(ends, 2, 0):
        values += drawn >= (1 - weight) * end[left, given] + weight * end[right, given]
    return values
