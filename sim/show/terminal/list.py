"""The table of saved studies, one row each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import zip_longest
from pathlib import PurePath
from textwrap import TextWrapper
from typing import Any

from sim.plan import CONTROL
from sim.study.store.catalogue import Entry

GAP = "  "
COLUMNS = ("saved_at", "study", "folder", "changes", "replications", "seed", "headline", "version")
NARROWED = ("folder", "changes", "headline")  # columns whose text is wrapped where the width is short
LEAST = 24  # characters to which they are narrowed before others are left out
SPARED = ("seed", "study")  # columns that may be left out, in this order; the folder tells the study too
RIGHT = ("replications", "seed")
TITLES = {"saved_at": "saved (UTC)", "replications": "simulations", "headline": "result", "changes": "with"}


class Wrapped(TextWrapper):
    """Text that is broken between words, or within the long ones of paths."""

    wordsep_simple_re = re.compile(r"(\s+|(?<=[/,.=]))")

    def __init__(self, width: int) -> None:
        super().__init__(width, break_on_hyphens=False)


def listing(entries: Sequence[Entry], width: int) -> str:
    """A row a study, in columns, lines at most `width` (at least 80) long."""
    columns = {name: [_clean(_cell(entry, name)) for entry in entries] for name in COLUMNS}
    if len(set(columns["version"])) == 1:
        del columns["version"]
    return "\n".join(_table({name: cells for name, cells in columns.items() if any(cells)}, width))


def nothing(out: PurePath, scenario: str | None, others: Iterable[str]) -> str:
    """A sentence for a folder without results, or without those of the scenario that was named."""
    names = sorted(set(others))
    if scenario is not None and names:
        return _clean(f"There are no results of {scenario} under {out}, only of {', '.join(names)}.")
    return _clean(f"There are no results under {out} yet: `sim run FILE` writes some.")


def document(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The studies as plain JSON, without the columns that only the catalogue needs."""
    return [
        {name: value for name, value in asdict(entry).items() if name not in ("written", "size")}
        for entry in entries
    ]


def _clean(text: str) -> str:
    """The text without control characters: records may come from elsewhere."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def _cell(entry: Entry, name: str) -> str:
    match name:
        case "saved_at":
            return entry.saved_at[:16].replace("T", " ")
        case "changes":
            surge = [f"surge {entry.surge:g}"] if entry.surge != 1 else []
            return ", ".join([*entry.settings, *entry.changes, *surge])
        case "replications":
            return f"{entry.replications:,}"
        case "headline":
            return ", ".join(
                [*([entry.headline] if entry.headline else []), *(["interrupted"] if entry.partial else [])]
            )
        case _:
            return str(getattr(entry, name))


def _table(columns: Mapping[str, Sequence[str]], width: int) -> list[str]:
    """Titles and rows; where they do not fit some columns are left out, and the widest are narrowed."""
    widths = {name: max(map(len, (TITLES.get(name, name), *cells))) for name, cells in columns.items()}
    for name in SPARED:
        if (
            _total({key: min(size, LEAST) if key in NARROWED else size for key, size in widths.items()})
            > width
        ):
            widths.pop(name, None)
    while _total(widths) > width:
        widest = max((name for name in NARROWED if name in widths), key=lambda name: widths[name])
        widths[widest] -= 1
    rows = [{name: TITLES.get(name, name) for name in widths}]
    rows += [{name: columns[name][row] for name in widths} for row in range(len(columns["saved_at"]))]
    return [line for row in rows for line in _lines(row, widths)]


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + len(GAP) * (len(widths) - 1)


def _lines(row: Mapping[str, str], widths: Mapping[str, int]) -> list[str]:
    """The lines of a row, as many as its longest cell takes."""
    cells = [(name, Wrapped(widths[name]).wrap(row[name])) for name in widths]
    parts = zip_longest(
        *(
            ([f"{line:{'>' if name in RIGHT else '<'}{widths[name]}}" for line in lines])
            for name, lines in cells
        )
    )
    blank = [" " * size for size in widths.values()]
    return [
        GAP.join(part or empty for part, empty in zip(line, blank, strict=True)).rstrip() for line in parts
    ]
