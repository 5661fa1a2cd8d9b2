"""Where contacts came from and what became of them, and who came again: as text and as bands."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import matplotlib.style
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.transforms import Bbox

from sim.habits import ORIGINS
from sim.measure.replication.flow import FATES
from sim.show.content import run_figures
from sim.show.sheet import flow as alluvial
from sim.show.sheet import sheet as sheets
from sim.show.terminal.run import report
from sim.study.findings import Findings
from tests.findings import Builder, findings, lens, ways, without

Way = tuple[str, str, str]
SMALL = {("outside", "facebook", "answered"): 0.5, ("outside", "twitter", "answered"): 0.2,
         ("nudge", "twitter", "merged"): 0.3}  # fmt: skip


def found(
    shares: dict[Way, float], contacts: float = 1000.0, channels: tuple[str, ...] = lens().channels
) -> Findings:
    """Findings of nothing but where contacts came from and what became of them."""
    build = Builder(200)
    ways(build, contacts, shares)
    return findings(estimates=build.table(), lens=replace(lens(), channels=channels))


def block(text: str, start: str) -> list[list[str]]:
    """The cells of the lines of the table that starts so."""
    part = next(part for part in text.split("\n\n") if part.startswith(start))
    return [re.split(" {2,}", line) for line in part.splitlines()]


# Text


def test_the_table_says_of_each_origin_how_many_came_and_what_became_of_them() -> None:
    lines = block(report(found(SMALL), 120), "Where contacts came from")
    assert lines[0] == ["Where contacts came from", "contacts", "answered", "merged"]
    assert [line[0] for line in lines[2:5]] == ["outside", "nudge", "all"]
    assert [[re.sub(r" \(.*\)", "", cell) for cell in line[1:]] for line in lines[2:5]] == [
        ["700", "700"], ["300", "300"], ["1,000", "700", "300"],
    ]  # fmt: skip
    assert lines[2][1] == "700 (690–710)"


def test_the_busiest_ways_from_channel_to_channel_are_told_largest_first_and_the_rest_counted() -> None:
    build = Builder(200)
    ways(build, 1000.0, SMALL)
    for row, mean in enumerate((3.0, 50.0, 8.0, 7.0, 6.0, 5.0)):
        build.add("moves", "contacts", mean, "move", f"c{row} > c{row + 1}")
    told = report(findings(estimates=build.table()), 120).splitlines()
    moved = [line.split(":")[0] for line in told if line.startswith("moved from")]
    expected = (("c1", "c2"), ("facebook", "twitter"), ("c2", "c3"), ("c3", "c4"), ("c4", "c5"))
    assert moved == [f"moved from {one} to {other}" for one, other in expected]
    assert "and 2 smaller ways" in told


def test_who_came_again_is_told_by_channel_with_intervals_and_the_answers_by_team() -> None:
    text = report(findings(), 200)
    lines = block(text, "Who came again")
    assert [line[0] for line in lines[2:]] == ["all", "channel facebook", "channel twitter"]
    assert lines[0][1:] == [
        "repeats",
        "from another",
        "merged",
        "wasted",
        "bystanders",
        "solved at first",
        "follow-ups",
        "next reply",
        "mean time to",
    ]
    assert "within 1 h, %" in lines[1]
    assert lines[2][4].startswith("3.1 (3.1–")
    assert [line[0] for line in block(text, "Answers by team")[2:]] == list(lens().teams)


def test_of_a_hub_with_one_channel_there_is_one_line() -> None:
    one = found(
        {("outside", "facebook", "answered"): 0.9, ("follow-up", "facebook", "answered"): 0.1},
        channels=("facebook",),
    )
    assert [line[0] for line in block(report(one, 300), "Who came again")[2:]] == ["all"]


def test_where_nobody_came_again_nothing_of_it_is_told_or_drawn() -> None:
    plain = findings(estimates=without(findings().estimates, "repeat"))
    for words in ("Where contacts came from", "Who came again", "Answers by team", "moved from"):
        assert words in report(findings())
        assert words not in report(plain)
    assert len(sheets.sheet(plain).axes) == len(sheets.sheet(findings()).axes) - 1


@pytest.mark.parametrize("missing", ["flow", "moves", "wasted", "next_reply"])
def test_what_is_absent_leaves_a_gap(missing: str) -> None:
    table = without(findings().estimates, missing)
    assert "nan" not in report(findings(estimates=table))
    sheets.sheet(findings(estimates=table)).draw_without_rendering()


# Bands


def drawn(shown: Findings) -> Axes:
    """The picture in the place that the sheet has for it."""
    with matplotlib.style.context(["default", sheets.STYLE]):
        figure = Figure(figsize=(sheets.WIDE, 5.6))
        FigureCanvasAgg(figure)
        axes = figure.add_axes(
            (sheets.LEFT / sheets.WIDE, 0.03, (sheets.RIGHT - sheets.LEFT) / sheets.WIDE, 5 / 5.6)
        )
        flow = run_figures.flow(shown)
        assert flow is not None
        alluvial.flow(flow, axes)
        figure.draw_without_rendering()
    return axes


def bands(axes: Axes) -> list[tuple[float, float, float, float]]:
    """Where each band begins and ends across, its top at the end, and its height."""
    solid = [patch for patch in axes.patches if isinstance(patch, PathPatch) and patch.get_fill()]
    paths = [np.asarray(patch.get_path().vertices, float) for patch in solid]
    return [(path[0, 0], path[3, 0], path[3, 1], path[4, 1] - path[3, 1]) for path in paths]


def blocks(axes: Axes) -> dict[float, list[tuple[float, float]]]:
    """From where to where the blocks of each column reach down, by where the column begins across."""
    columns: dict[float, list[tuple[float, float]]] = {}
    for patch in axes.patches:
        if isinstance(patch, Rectangle):
            columns.setdefault(patch.get_x(), []).append((patch.get_y(), patch.get_y() + patch.get_height()))
    return columns


def test_bands_are_as_wide_as_contacts_and_fill_the_blocks_they_come_from_and_go_to() -> None:
    axes = drawn(found(SMALL))
    assert len(bands(axes)) == 9  # three ways, each to, through and from its channel
    heights = np.array([height for left, *_, height in bands(axes) if left == alluvial.COLUMNS[0][1]])
    assert np.allclose(heights / heights.sum(), [0.5, 0.2, 0.3])
    for column in blocks(axes).values():
        assert sum(bottom - top for top, bottom in column) == pytest.approx(heights.sum())
    for _, right, top, height in bands(axes):
        if right != alluvial.COLUMNS[1][1]:
            inside = [
                start - 1e-9 <= top and top + height <= end + 1e-9 for start, end in blocks(axes)[right]
            ]
            assert sum(inside) == 1


def test_every_origin_has_a_colour_and_all_but_outside_a_hatch_of_its_own() -> None:
    assert len({colour for colour, _ in alluvial.LOOKS.values()}) == len(ORIGINS)
    assert len({hatch for _, hatch in alluvial.LOOKS.values()}) == len(ORIGINS)
    hatched = [patch for patch in drawn(found(SMALL)).patches if patch.get_hatch()]
    assert len(hatched) == 3
    assert {to_hex(patch.get_edgecolor()) for patch in hatched} == {alluvial.LOOKS["nudge"][0].lower()}


def test_blocks_have_their_names_and_numbers() -> None:
    told = " | ".join(" ".join(text.get_text().split()) for text in drawn(found(SMALL)).texts)
    for words in (
        "outside 700 (690–710)",
        "nudge 300 (",
        "facebook 500 (",
        "twitter 500 (",
        "answered 700 (",
        "merged 300 (",
    ):
        assert words in told


def crowded(channels: int, contacts: float) -> Findings:
    """Everything that can happen, on so many channels, most of it rare."""
    names = tuple(f"channel {row}" for row in range(channels))
    shares: dict[Any, float] = {
        (origin, name, fate): 10.0 ** -((row + place + kind) % 6)
        for row, name in enumerate(names)
        for kind, origin in enumerate(ORIGINS)
        for place, fate in enumerate(FATES)
    }
    whole = sum(shares.values())
    return found({way: share / whole for way, share in shares.items()}, contacts, names)


@pytest.mark.parametrize("channels", [1, 2, 5, 12])
def test_no_name_lies_on_another_or_off_the_page_however_much_happens(channels: int) -> None:
    axes = drawn(crowded(channels, 888_888.0))
    boxes = [(text.get_text(), text.get_window_extent()) for text in axes.texts]
    assert [
        (one[0], other[0]) for one, other in combinations(boxes, 2) if Bbox.intersection(one[1], other[1])
    ] == []
    page = axes.figure.bbox
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for _, box in boxes)
    for column in blocks(axes).values():
        assert all(end <= below for (_, end), (below, _) in pairwise(column))
        assert column[-1][1] <= 1 + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("shown", [found(SMALL), crowded(8, 1e5), crowded(20, 1e5)], ids=["small", "8", "20"])
def test_the_fullest_column_fills_the_picture(shown: Findings) -> None:
    tall = [column[-1][1] - column[0][0] for column in blocks(drawn(shown)).values()]
    assert 0.9 < max(tall) <= 1 + 1e-9
