"""The rows that every count is taken for: all contacts, each stream, channel, language, topic and type."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.plan import DIMENSIONS, Bool, Float, Lens
from sim.tables import Int32, Int64
from sim.units import HOUR

LANGUAGE, TOPIC = DIMENSIONS.index("language"), DIMENSIONS.index("topic")
REMEMBERED = 16  # scenarios whose slices are kept; every replication of a study asks for the same ones


@dataclass(frozen=True)
class Slices:
    """The slices to count by, one row each: ("all", ""), ("language", "nl") or ("type", "nl information")."""

    dimension: tuple[str, ...]  # [v]
    member: tuple[str, ...]  # [v]
    contains: Bool  # [b, v] whether a label belongs to the slice, read-only

    def rows(self, *dimension: str) -> NDArray[np.intp]:
        """The rows of the slices by these dimensions, in order."""
        return np.flatnonzero(np.isin(self.dimension, dimension))

    def gather(self, counted: Float | Int32 | Int64 | Bool) -> Float:
        """Counts by label [..., b] added up by slice: [..., v].

        Floats are exact up to 2^53: 285,000 years of ms.
        """
        return np.asarray(counted @ self._weights)

    @cached_property
    def _weights(self) -> Float:
        return self.contains.astype(np.float64)


def slices(lens: Lens) -> Slices:
    """The slices of a scenario: all, every value of each dimension, then every type of work.

    A type is a language and a topic, a cell for short; they come by language, then topic, whether any label
    lies in them or not.
    """
    return _slices(lens.labels.tobytes(), tuple(lens.names(dimension) for dimension in DIMENSIONS))


@lru_cache(REMEMBERED)
def _slices(labels: bytes, named: tuple[tuple[str, ...], ...]) -> Slices:
    """The slices of labels (stream, channel, language, topic) and the names of each dimension."""
    of_label = np.frombuffer(labels, np.int32).reshape(-1, len(DIMENSIONS))
    names, columns = [("all", "")], [np.ones((len(of_label), 1), bool)]
    for row, dimension in enumerate(DIMENSIONS):
        names += [(dimension, name) for name in named[row]]
        columns.append(_one_hot(of_label[:, row], len(named[row])))
    languages, topics = named[LANGUAGE], named[TOPIC]
    names += [("type", f"{language} {topic}") for language in languages for topic in topics]
    columns.append(
        _one_hot(of_label[:, LANGUAGE] * len(topics) + of_label[:, TOPIC], len(languages) * len(topics))
    )
    dimensions, members = zip(*names, strict=True)
    contains = np.concatenate(columns, axis=1)
    contains.flags.writeable = False
    return Slices(dimensions, members, contains)


def places(times: Int64, label: Int32, lens: Lens) -> Int64:
    """[x] the place among `totals` of what happened at `times` under `label`.

    Times of -1, never, count nowhere.
    """
    place = times // HOUR
    place += 1  # so that what never happened lies in a window of its own, before the others
    place *= len(lens.labels)
    place += label
    return place


def totals(lens: Lens, kinds: int = 1) -> Float:
    """Zeros for counts by place; with several kinds, for counts by place × kinds + kind."""
    return np.zeros((-(-lens.horizon // HOUR) + 1) * len(lens.labels) * kinds)


def by_label(totals: Float, lens: Lens, kinds: int = 1) -> Float:
    """The totals of each kind by whole hours from 0 and label: [kinds, u, b]."""
    return totals.reshape(-1, len(lens.labels), kinds)[1:].transpose(2, 0, 1)


def _one_hot(values: Int32, size: int) -> Bool:
    return np.equal(values[:, None], np.arange(size))
