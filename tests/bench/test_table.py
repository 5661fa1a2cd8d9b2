"""The table of issues 3 and 4, and how it is printed."""

import json

import pytest

from sim.bench import table
from sim.bench.table import ROWS, LeftOut, Row, alternate, figure
from sim.show.terminal import bench

TO_REACH = [  # issue 3, and "everything on" of issue 4: at least or at most, what is due, the aim
    ("≥", 150, 400),
    ("≥", 0.5, 1),
    ("≥", 0.5, 0.9),
    ("≤", 6, 3),
    ("≤", 2, 1.4),
    ("≤", 1.5, 1.1),
    ("≤", 6, 2.5),
    ("≥", 0.5, 0.7),
    ("≤", 200, 120),
    ("≥", 1.7, 1.95),
    ("≤", 4, 2),
]


def test_every_row_of_the_issues_is_there_with_what_is_due_and_the_aim():
    assert [("≥" if row.at_least else "≤", row.due, row.aim) for row in ROWS] == TO_REACH


def test_the_figure_is_the_median_of_the_ratios_of_each_round():
    found = figure(Row("", 1, 2), [(10.0, 5.0), (9.0, 3.0), (100.0, 1.0)])
    assert (found.value, found.lowest, found.highest, found.rounds) == (3, 2, 100, 3)
    assert (found.above, found.below) == (10, 3)


def test_measurements_are_taken_in_turn():
    order = []
    alternate(Row("", 1, 2), 2, lambda: order.append("above") or 1.0, lambda: order.append("below") or 1.0)
    assert order == ["above", "below"] * 2


def test_a_bound_itself_is_good_enough():
    assert Row("", 2, 1).met(2, 2)
    assert Row("", 1, 2, at_least=True).met(1, 1)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_in_words_whether_its_due_and_aim_are_met(row):
    worse, better = (0.99, 1.01) if row.at_least else (1.01, 0.99)
    for value, word in ((row.due * worse, "MISSES DUE"), (row.due, "due met"), (row.aim * better, "aim met")):
        line = bench.lines(figure(row, [(value, 1.0)]))[0]
        assert line.endswith(f"  {word}")
        assert f" {row.due:g} " in line
        assert f" {row.aim:g} " in line


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_lines_are_no_wider_than_asked(row, width):
    for found in (figure(row, [(1.23e7, 2.34e8), (5.0, 6.0)]), LeftOut(row, "g++")):
        assert max(map(len, [bench.heading(), *bench.lines(found, width)])) <= width


@pytest.mark.parametrize(
    ("value", "text"), [(0.49999, "0.49999"), (0.4994, "0.499"), (0.5, "0.500"), (0.89997, "0.89997")]
)
def test_rounding_never_makes_a_row_meet_its_bound(value, text):
    assert bench.lines(figure(table.COMPILED_LIMIT, [(value, 1.0)]))[0][bench.LABEL :].split()[0] == text


def test_a_row_left_out_says_what_to_install():
    first, *rest = bench.lines(LeftOut(table.COMPILED_LIMIT, "g++"))
    assert first.endswith("left out")
    assert "apt-get install g++" in " ".join(rest)


def test_machines_get_figures_and_bounds():
    document = bench.document(figure(table.COMPILED_LIMIT, [(6.0, 10.0)]))
    assert json.loads(json.dumps(document)) == {
        "row": "compiled_per_limit",
        "due": 0.5,
        "aim": 0.9,
        "at_least": True,
        "measured": 0.6,
        "lowest": 0.6,
        "highest": 0.6,
        "rounds": 1,
        "above": 6.0,
        "below": 10.0,
        "due_met": True,
        "aim_met": False,
    }
    assert bench.document(LeftOut(table.REPLICATION, "g++")) == {
        "row": "replication_per_limit",
        "due": 6,
        "aim": 3,
        "at_least": False,
        "measured": None,
        "needs": "g++",
    }
