"""What a report is made of, before it is HTML: a page of sections, each of parts; a study's report builds
such a list.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, ClassVar

from sim.show.content.tables import TextTable


@dataclass(frozen=True)
class Prose:
    """Paragraphs."""

    kind: ClassVar[str] = "prose"
    lines: Sequence[str]
    screen: bool = False  # of no use on paper


@dataclass(frozen=True)
class Bullets:
    """A list of sentences, each with its level: 0, or 1 for what stands below the one before."""

    kind: ClassVar[str] = "points"
    lines: Sequence[tuple[int, str]]
    verbatim: bool = False  # a name stands first: it is no capital's place


@dataclass(frozen=True)
class Facts:
    """Names and what they are."""

    kind: ClassVar[str] = "facts"
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Code:
    """Text to copy; with a summary it is folded behind that."""

    kind: ClassVar[str] = "code"
    text: str
    summary: str = ""


@dataclass(frozen=True)
class Decision:
    """The line that decides a promise, or a row of it: its pieces in words."""

    name: str
    kept: str
    ruling: str
    behind: str
    row: bool = False


@dataclass(frozen=True)
class Verdicts:
    """What is decided: one word for all (a ruling), a sentence, and a line each; with the name of the plan,
    if of one.
    """

    kind: ClassVar[str] = "verdicts"
    ruling: str
    sentence: str
    rows: Sequence[Decision]
    name: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell: a text, what stands behind it (an interval), and what it sorts by."""

    text: str
    rest: str = ""
    key: float | str | None = None  # None is last, whichever way it is sorted

    @property
    def sorts(self) -> str | None:
        """The key as an attribute."""
        if self.key is None or (isinstance(self.key, float) and math.isnan(self.key)):
            return None
        if isinstance(self.key, float) and math.isinf(self.key):
            return "Infinity" if self.key > 0 else "-Infinity"
        return str(self.key)


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    text: str
    rest: str = ""
    number: bool = True  # sorts by number, and stands to the right


@dataclass(frozen=True)
class Grid:
    """A table that sorts within each group of rows; the first cell of a row names it."""

    kind: ClassVar[str] = "grid"
    caption: str
    heads: Sequence[Head]
    groups: Sequence[Sequence[Sequence[Cell]]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Chart:
    """A chart: its title, what it shows in words, and plotly's data and layout.

    `narrow` says what differs on a phone: (path, value) such as ("layout.xaxis.tickvals", […]).
    """

    kind: ClassVar[str] = "chart"
    title: str
    caption: str
    data: Sequence[Mapping[str, Any]]
    layout: Mapping[str, Any]
    narrow: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True)
class Panels:
    """Charts of one kind beside each other, where there is room."""

    kind: ClassVar[str] = "panels"
    title: str
    caption: str
    charts: Sequence[Chart]


Part = Prose | Bullets | Facts | Code | Verdicts | Grid | Chart | Panels


@dataclass(frozen=True)
class Section:
    """A heading, a name for links, and what stands below it."""

    name: str
    heading: str
    parts: Sequence[Part] = field(default_factory=tuple)


@dataclass(frozen=True)
class Page:
    """A whole report."""

    title: str
    subtitle: str
    sections: Sequence[Section]

    @property
    def charts(self) -> list[Chart]:
        """Every chart of the page, in order."""
        parts = (part for section in self.sections for part in section.parts)
        return [chart for part in parts for chart in _charts(part)]


def _charts(part: Part) -> Sequence[Chart]:
    if isinstance(part, Panels):
        return part.charts
    return [part] if isinstance(part, Chart) else []


def grid(table: TextTable, caption: str, label: str) -> Grid:
    """The rows of a table of the report, as a table that sorts; `label` stands above their names.

    A row is sorted by its value, and by its place where it was, for the order of its names is their own.  One
    that is set in belongs to the row before it, and says so.
    """
    heads = [Head(label), *(Head(*column.title) for column in table.columns)]
    whole = ""
    names = []
    for name in table.labels:
        whole = whole if name.startswith(" ") else name
        names.append(f"{whole}, {name.strip()}" if name.startswith(" ") else name)
    rows = [
        [
            Cell(name, "", float(row)),
            *(
                Cell(*column.cells[row], float(column.raw[row]) if column.raw else None)
                for column in table.columns
            ),
        ]
        for row, name in enumerate(names)
    ]
    groups = table.groups or ("",) * len(rows)
    parts = [
        [row for _, row in pairs]
        for _, pairs in groupby(zip(groups, rows, strict=True), key=lambda pair: pair[0])
    ]
    return Grid(caption, heads, parts, table.notes)
