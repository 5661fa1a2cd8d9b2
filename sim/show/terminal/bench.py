"""The table of the benchmark: what was measured, beside what is due and what is aimed at."""

import math
from collections.abc import Callable
from typing import Any

from sim.bench import table
from sim.bench.table import Figure, LeftOut, Row
from sim.show.content.tables import INDENT, wrap
from sim.show.content.words import number

LABEL, CELL = 41, 9
MOST = 6  # decimals of a ratio
INSTALL = {
    "g++": "g++, which is missing here: install it with 'apt-get install g++' (Debian, Ubuntu), 'dnf "
    "install gcc-c++' (Fedora) "
    "or 'xcode-select --install' (macOS)",
}

Words = Callable[[float], str]


def _digits(value: float, more: int = 0) -> str:
    """A number with three significant digits, and `more`."""
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    return number(value, max(2 - magnitude, 0) + more)


def _rate(value: float) -> str:
    return f"{_digits(value / 1e6)} M/s" if value >= 1e6 else f"{_digits(value / 1e3)} k/s"


def _nanoseconds(value: float) -> str:
    return f"{_digits(1e9 * value)} ns"


# Title, what is counted, and the words for its two measurements.
WORDS: dict[Row, tuple[str, str, Words, Words]] = {
    table.COMPILED_SIMPY: (
        "compiled ÷ SimPy yardstick, contacts/s",
        "W2, the engine alone",
        _rate,
        _rate,
    ),
    table.REFERENCE_SIMPY: (
        "reference ÷ SimPy yardstick, contacts/s",
        "W2, the engine alone",
        _rate,
        _rate,
    ),
    table.COMPILED_LIMIT: (
        "compiled ÷ C++ yardstick, contacts/s",
        "W2, the engine alone",
        _rate,
        _rate,
    ),
    table.REPLICATION: (
        "whole replication ÷ C++ yardstick, time",
        "a contact of W2-like demand, drawn, run by the compiled engine and tallied",
        _nanoseconds,
        _nanoseconds,
    ),
    table.AGENTS: (
        "cost a contact, 6,000 agents ÷ 60",
        "W2, compiled engine",
        _nanoseconds,
        _nanoseconds,
    ),
    table.CONTACTS: (
        "cost a contact, 2e7 contacts ÷ 2e5",
        "W2, compiled engine",
        _nanoseconds,
        _nanoseconds,
    ),
    table.TYPES: (
        "cost a contact, 120 types, 80 groups ÷ W2",
        "compiled engine; a group answers 12 of the types, with 3 agents",
        _nanoseconds,
        _nanoseconds,
    ),
    table.EVERYTHING: (
        "everything on ÷ W2, contacts that came/s",
        "compiled engine; customers redial, move, write again, draw others in and ask the next question",
        _rate,
        _rate,
    ),
    table.MEMORY: (
        "peak memory, bytes a contact at 2e7",
        "resident at most while W2's world is made from its arrays and run by the compiled engine, above "
        "what is resident "
        "after imports and a first run",
        lambda value: f"{number(value / 1e6, 0)} MB",
        lambda value: f"{number(value, 0)} contacts",
    ),
    table.JOBS: (
        "two jobs ÷ one, replications/s",
        "W2-like demand, compiled engine, time on the wall",
        lambda value: f"{_digits(value)}/s",
        lambda value: f"{_digits(value)}/s",
    ),
    table.START: (
        "start of sim run ÷ import numpy, numba",
        "a tiny scenario, one replication, everything cached, time on the wall",
        lambda value: f"{_digits(value)} s",
        lambda value: f"{_digits(value)} s",
    ),
}


def heading() -> str:
    """The first line of the table."""
    return f"{'':<{LABEL}}{'measured':>{CELL}}{'due':>{CELL}}{'aim':>{CELL}}"


def lines(figure: Figure | LeftOut, width: int = 100) -> list[str]:
    """A row of the table and its ruling, then what was counted; lines at most `width` (at least 80) long."""
    row = figure.row
    title, counted, above, below = WORDS[row]
    sign = "≥" if row.at_least else "≤"
    bounds = "".join(f"{f'{sign} {bound:g}':>{CELL}}" for bound in (row.due, row.aim))
    if isinstance(figure, LeftOut):
        why = f"needs {INSTALL.get(figure.needs, figure.needs)}"
        return [f"{title:<{LABEL}}{'–':>{CELL}}{bounds}  left out", *wrap(why, width, INDENT, INDENT)]
    spread = (
        f", median of {figure.rounds} ({_digits(figure.lowest)}–{_digits(figure.highest)})"
        if figure.rounds > 1
        else ""
    )
    parts = f"{counted}: {above(figure.above)} ÷ {below(figure.below)}{spread}"
    return [
        f"{title:<{LABEL}}{_measured(figure):>{CELL}}{bounds}  {_ruling(figure)}",
        *wrap(parts, width, INDENT, INDENT),
    ]


def _measured(figure: Figure) -> str:
    """The ratio, rounded so that it never seems to meet a bound that it misses."""
    row, missed = (
        figure.row,
        [bound for bound in (figure.row.due, figure.row.aim) if not figure.row.met(figure.value, bound)],
    )
    texts = [_digits(figure.value, more) for more in range(MOST)]
    return next(
        (text for text in texts if not any(row.met(float(text.replace(",", "")), bound) for bound in missed)),
        texts[-1],
    )


def _ruling(figure: Figure) -> str:
    """Whether the ratio is good enough, in words."""
    if not figure.due_met:
        return "MISSES DUE"
    return "aim met" if figure.aim_met else "due met"


def document(figure: Figure | LeftOut) -> dict[str, Any]:
    """The row as plain JSON; `above` and `below` are medians, in contacts, replications, bytes or seconds."""
    row = figure.row
    bounds = {"row": row.name, "due": row.due, "aim": row.aim, "at_least": row.at_least}
    if isinstance(figure, LeftOut):
        return bounds | {"measured": None, "needs": figure.needs}
    return bounds | {
        "measured": figure.value,
        "lowest": figure.lowest,
        "highest": figure.highest,
        "rounds": figure.rounds,
        "above": figure.above,
        "below": figure.below,
        "due_met": figure.due_met,
        "aim_met": figure.aim_met,
    }
