"""The links of chains: contacts that may bring more, and what the next link has to know of each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draw.keyed_draws import Uint64
from sim.habits import COUNTS
from sim.tables import Int64

COLUMNS = (
    "root",  # place of the contact from outside that began the chain
    "parent",  # its own row among the latent contacts drawn together; -1 from outside
    "question_of",  # row there of the contact that asked its question first; -1 that from outside
    "case_of",  # row there of the contact that began its case; -1 that from outside
    "stream",
    "channel",
    "language",
    "topic",
    "began",  # ms, when the contact from outside came: shares that change over time depend on it
    "arrives",  # ms, when it comes if it does; -1 where that depends on the engine
    "effort",  # ms
    "patience",  # ms
    *COUNTS,  # links so far
)
ROW = {name: row for row, name in enumerate(COLUMNS)}


def _column(name: str) -> Any:
    return property(lambda links: links.column(name))


class Links:
    """Contacts [x] by COLUMNS; all in one table, for it is picked from and joined as a whole."""

    root: Int64 = _column("root")
    parent: Int64 = _column("parent")
    question_of: Int64 = _column("question_of")
    case_of: Int64 = _column("case_of")
    stream: Int64 = _column("stream")
    channel: Int64 = _column("channel")
    language: Int64 = _column("language")
    topic: Int64 = _column("topic")
    began: Int64 = _column("began")
    arrives: Int64 = _column("arrives")
    effort: Int64 = _column("effort")
    patience: Int64 = _column("patience")

    def __init__(self, number: Uint64, table: Int64) -> None:
        """number [x] as in `keyed_draws`; table [COLUMNS, x]."""
        self.number, self.table = number, table

    def __len__(self) -> int:
        return len(self.number)

    def column(self, name: str) -> Int64:
        """[x] one of COLUMNS."""
        column: Int64 = self.table[ROW[name]]
        return column

    def take(self, rows: NDArray[np.intp] | slice, number: Uint64 | None = None, **changed: Any) -> "Links":
        """Some of them, with another number and other columns."""
        table = self.table.copy() if isinstance(rows, slice) else self.table.take(rows, axis=1)
        for name, column in changed.items():
            table[ROW[name]] = column
        return Links(self.number[rows] if number is None else number, table)


def links(number: Uint64, **columns: Any) -> Links:
    """Links from their columns, each an array or the one value that all have."""
    table = np.empty((len(COLUMNS), len(number)), np.int64)
    for name, row in ROW.items():
        table[row] = columns[name]
    return Links(number, table)


def joined(parts: Sequence[Links]) -> Links:
    """The links of several tables, in order."""
    return Links(
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.table for part in parts], axis=1),
    )
