"""The table of the benchmark: what was measured beside what is due and what is aimed at, in words."""

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
    """A number with three digits, and so many more."""
    whole = math.floor(math.log10(abs(value))) if value else 0
    return number(value, max(2 - whole, 0) + more)


def _rate(value: float) -> str:
    return f"{_digits(value / 1e6)} M/s" if value >= 1e6 else f"{_digits(value / 1e3)} k/s"


def _nanoseconds(value: float) -> str:
    return f"{_digits(1e9 * value)} ns"


# Title, what is counted, and how its two measurements are told.
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


def lines(found: Figure | LeftOut, width: int = 100) -> list[str]:
    """A row of the table and whether it is good enough, then what was counted; lines at most `width` (at
    least 80) long.
    """
    row = found.row
    title, counted, above, below = WORDS[row]
    sign = "≥" if row.at_least else "≤"
    bounds = "".join(f"{f'{sign} {bound:g}':>{CELL}}" for bound in (row.due, row.aim))
    if isinstance(found, LeftOut):
        why = f"needs {INSTALL.get(found.needs, found.needs)}"
        return [f"{title:<{LABEL}}{'–':>{CELL}}{bounds}  left out", *wrap(why, width, INDENT, INDENT)]
    spread = (
        f", median of {found.rounds} ({_digits(found.lowest)}–{_digits(found.highest)})"
        if found.rounds > 1
        else ""
    )
    parts = f"{counted}: {above(found.above)} ÷ {below(found.below)}{spread}"
    return [
        f"{title:<{LABEL}}{_measured(found):>{CELL}}{bounds}  {_ruling(found)}",
        *wrap(parts, width, INDENT, INDENT),
    ]


def _measured(found: Figure) -> str:
    """The ratio, rounded so that it never seems to meet a bound that it misses."""
    row, missed = (
        found.row,
        [bound for bound in (found.row.due, found.row.aim) if not found.row.met(found.value, bound)],
    )
    texts = [_digits(found.value, more) for more in range(MOST)]
    return next(
        (text for text in texts if not any(row.met(float(text.replace(",", "")), bound) for bound in missed)),
        texts[-1],
    )


def _ruling(found: Figure) -> str:
    """In words, so that no colour is needed."""
    if not found.due_met:
        return "MISSES DUE"
    return "aim met" if found.aim_met else "due met"


def document(found: Figure | LeftOut) -> dict[str, Any]:
    """The row for machines; `above` ÷ `below` are medians in contacts, replications or bytes, seconds, and
    their ratios.
    """
    row = found.row
    bounds = {"row": row.name, "due": row.due, "aim": row.aim, "at_least": row.at_least}
    if isinstance(found, LeftOut):
        return bounds | {"measured": None, "needs": found.needs}
    return bounds | {
        "measured": found.value,
        "lowest": found.lowest,
        "highest": found.highest,
        "rounds": found.rounds,
        "above": found.above,
        "below": found.below,
        "due_met": found.due_met,
        "aim_met": found.aim_met,
    }
