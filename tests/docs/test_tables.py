"""docs/tables.md against sim/tables.py: every column with its type, shape, unit and neutral value."""

import re
from dataclasses import MISSING, fields
from enum import IntEnum
from pathlib import Path

import pytest

from sim import tables
from sim.tables import Fate, Outcome, Playbook, Roster, Routing, Table, Trigger, Workload

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    below = PAGE[PAGE.index(heading) :].splitlines()
    first = next(place for place, line in enumerate(below) if line.startswith("|---"))
    body = []
    for line in below[first + 1 :]:
        if not line.startswith("|"):
            break
        body.append([cell.strip() for cell in line.strip("|").split("|")])
    return body


def documented(table: type[Table]) -> list[tuple[str, ...]]:
    """(column, type, shape, unit, neutral) as the page has them."""
    return [tuple(row[:5]) for row in rows(f"## {table.__name__}\n")]


def declared(table: type[Table]) -> list[tuple[str, ...]]:
    """(column, type, shape, unit, neutral) as the fields have them."""
    columns = []
    for item in fields(table):
        if "dtype" in item.metadata:
            shape = ", ".join(map(str, item.metadata["shape"]))
            neutral = str(item.metadata.get("neutral", ""))
            columns.append(
                (f"`{item.name}`", str(item.metadata["dtype"]), shape, item.metadata["unit"], neutral)
            )
        else:  # a plain value: its type and default
            default = "" if item.default is MISSING else str(item.default)
            unit = "ms" if item.name == "horizon" else ""
            columns.append((f"`{item.name}`", item.type.__name__, "", unit, default))
    return columns


@pytest.mark.parametrize("table", [Workload, Roster, Routing, Playbook, Outcome])
def test_every_column_of_a_table_is_described_as_it_is(table: type[Table]):
    assert documented(table) == declared(table)


@pytest.mark.parametrize("kind", [Fate, Trigger])
def test_every_value_of_a_kind_is_described(kind: type[IntEnum]):
    described = [(row[0], int(row[1])) for row in rows(f"| `{kind.__name__}` |")]
    assert described == [(value.name, value.value) for value in kind]


def test_every_table_has_a_section():
    made = {
        name for name, value in vars(tables).items() if isinstance(value, type) and issubclass(value, Table)
    }
    assert made - {"Table"} | {"World"} == set(re.findall(r"^## (\w+)$", PAGE, re.MULTILINE))
