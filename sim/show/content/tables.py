"""Rows of the tidy table by what they are about, and text in columns."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sim.study.findings import Estimates

GAP = "   "
INDENT = "    "


def pick(
    estimates: Estimates, measure: str, dimension: str, promise: str = "", member: str | None = None
) -> Estimates:
    """The rows of a measure by a dimension, in the order of the table; `of` narrows them to one value, None
    takes all.
    """
    wanted = (
        (estimates.measure == measure) & (estimates.dimension == dimension) & (estimates.promise == promise)
    )
    if member is not None:
        wanted &= estimates.member == member
    return Estimates(**{item.name: getattr(estimates, item.name)[wanted] for item in fields(Estimates)})


@dataclass(frozen=True)
class Column:
    """A column of a printed table: two lines of title, and per row a value and what stands behind it (its
    interval).
    """

    title: tuple[str, str]
    cells: Sequence[tuple[str, str]]
    raw: Sequence[float] = ()  # the value of every cell as a number, NaN for none

    def lines(self) -> list[str]:
        """Titles and cells, equally wide; values end at one place and intervals start at one place."""
        value, rest = (max((len(cell[part]) for cell in self.cells), default=0) for part in (0, 1))
        cells = [f"{cell[0]:>{value}} {cell[1]:<{rest}}".rstrip() for cell in self.cells]
        width = max(map(len, (*self.title, *cells)))
        return [f"{line:<{width}}" for line in (*self.title, *cells)]


@dataclass(frozen=True)
class TextTable:
    """A table before it is laid out: a label and a cell of every column for each row, and what is
    said below.
    """

    title: str
    labels: Sequence[str]
    columns: Sequence[Column]
    notes: Sequence[str] = ()
    groups: Sequence[str] = ()  # of every row: what it is one of; rows of a group stand together

    def lines(self, width: int) -> list[str]:
        """The table as text; without any column only the notes."""
        lines = table(self.title, self.labels, self.columns, width) if self.columns else []
        return lines + [part for note in self.notes for part in wrap(note, width)]


def table(title: str, labels: Sequence[str], columns: Sequence[Column], width: int) -> list[str]:
    """The lines of a table; columns that do not fit in `width` follow in a further block, under labels they
    have cells for.
    """
    first = [f"{label:<{max(map(len, (title, *labels)))}}" for label in (title, "", *labels)]
    blocks: list[list[str]] = []
    for column in columns:
        lines = column.lines()
        if blocks and len(blocks[-1][0]) + len(GAP) + len(lines[0]) <= width:
            blocks[-1] = [left + GAP + right for left, right in zip(blocks[-1], lines, strict=True)]
        else:
            blocks.append([left + GAP + right for left, right in zip(first, lines, strict=True)])
    whole = (
        [blocks[0], *([line for line in block if line.rstrip() not in labels] for block in blocks[1:])]
        if blocks
        else []
    )
    return [line.rstrip() for row, block in enumerate(whole) for line in ([""] if row else []) + block]


def wrap(text: str, width: int, first: str = "", rest: str = INDENT) -> list[str]:
    """The lines of a text, the first and the rest of them indented so."""
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
