"""The rows that every count is taken for: all contacts, each stream, channel, language, topic and type."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario.plan import DIMENSIONS, Bool, Float, Lens
from sim.tables import Int32, Int64
from sim.units import HOUR

LANGUAGE, TOPIC = DIMENSIONS.index("language"), DIMENSIONS.index("topic")


@dataclass(frozen=True)
class Slices:
    """What to count apart, one row a slice: ("all", ""), ("language", "nl") or ("type", "nl information")."""

    by: tuple[str, ...]  # [v]
    of: tuple[str, ...]  # [v]
    member: Bool  # [b, v] whether a label belongs to the slice

    def rows(self, *by: str) -> NDArray[np.intp]:
        """The rows of the slices by these dimensions, in order."""
        return np.flatnonzero(np.isin(self.by, by))

    def gather(self, counted: Float) -> Float:
        """What was counted by label [..., b] by slice: [..., v].  Floats are exact up to 2^53: 285,000 years of ms."""
        return np.asarray(counted @ self.member.astype(np.float64))


def slices(lens: Lens) -> Slices:
    """The slices of a scenario: all, every value of each dimension, then every type of work.

    A type is a language and a topic, a cell for short; by language, then topic, whether any label lies in it or not.
    """
    names, columns = [("all", "")], [np.ones((len(lens.labels), 1), bool)]
    for row, dimension in enumerate(DIMENSIONS):
        names += [(dimension, name) for name in lens.names(dimension)]
        columns.append(_one_hot(lens.labels[:, row], len(lens.names(dimension))))
    names += [("type", f"{language} {topic}") for language in lens.languages for topic in lens.topics]
    columns.append(_one_hot(cell_of(lens), len(lens.languages) * len(lens.topics)))
    by, of = zip(*names, strict=True)
    return Slices(by, of, np.concatenate(columns, axis=1))


def cell_of(lens: Lens) -> Int32:
    """The cell of each label: [b] language × number of topics + topic."""
    return lens.labels[:, LANGUAGE] * np.int32(len(lens.topics)) + lens.labels[:, TOPIC]


def by_label(times: Int64, label: Int32, lens: Lens, weights: Int64 | None = None) -> Float:
    """The count, or the sum of weights, of what happened at `times` under `label`: [u, b] by whole hours from 0."""
    windows, labels = -(-lens.horizon // HOUR), len(lens.labels)
    counted = np.bincount(times // HOUR * labels + label, weights, windows * labels)
    return counted.astype(np.float64).reshape(windows, labels)


def _one_hot(values: Int32, size: int) -> Bool:
    return np.equal(values[:, None], np.arange(size))
