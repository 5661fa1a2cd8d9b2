"""The planner's sheet: valid, not blank, showing what it is given, and the same bytes for the same
findings.
"""

import hashlib
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib.style
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.transforms import Bbox

from sim.measure.stats.verdicts import Ruling
from sim.show.content import heat
from sim.show.content.tables import pick
from sim.show.sheet import run as plots
from sim.show.sheet import sheet as sheets
from sim.study.findings import Findings
from sim.units import HOUR
from tests.findings import Builder, findings, lens, verdict, without

PICTURES = (
    plots.service_level, plots.backlog, plots.staffing, plots.occupancy,
    plots.service_level_by_day, plots.service_level_by_language,
)  # fmt: skip


def hashes(folder: Path, found: Findings) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sheets.save(found, folder)]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return sheets.save(findings(), tmp_path_factory.mktemp("sheet"))


def drawn(picture: Callable[[Findings, Axes], None], found: Findings) -> Axes:
    """The axes with a picture on it."""
    axes = Figure(figsize=(16, 4)).add_subplot()
    picture(found, axes)
    return axes


@pytest.mark.slow
def test_every_region_of_the_sheet_shows_something(saved: list[Path]) -> None:
    pixels = imread(saved[0])
    height, width, _ = pixels.shape
    assert width == 1600
    figure = sheets.sheet(findings())
    figure.draw_without_rendering()
    regions = [axes.get_position() for axes in figure.axes if axes.axison]
    assert len(regions) == 7  # six pictures, one of them with a second axis
    for region in regions:
        rows = slice(int((1 - region.y1) * height), int((1 - region.y0) * height))
        columns = slice(int(region.x0 * width), int(region.x1 * width))
        colours = np.unique((pixels[rows, columns, :3] * 255).astype(int).reshape(-1, 3), axis=0)
        assert len(colours) > 100


def test_all_words_are_on_the_page_and_no_picture_lies_on_another() -> None:
    table, view = findings().estimates, lens()
    long = dict(
        zip(
            view.languages, ("Nederlands", "English", "Deutsch", "Français", "Español de España"), strict=True
        )
    )
    renamed = np.array([long.get(member, member) for member in table.member.tolist()])
    crowded = np.where(np.isin(table.measure, ("backlog", "on_duty")), 10_000.0, 1.0)
    found = findings(
        lens=replace(view, languages=tuple(long.values())),
        estimates=replace(
            table, member=renamed, **{name: getattr(table, name) * crowded for name in ("mean", "p10", "p90")}
        ),
    )
    with matplotlib.style.context(["default", sheets.STYLE]):
        figure = sheets.sheet(found)
        figure.draw_without_rendering()
        boxes = [axes.get_tightbbox() for axes in figure.axes]
    page = figure.bbox
    assert all(
        page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1 for box in boxes
    )
    overlaps = [
        (one, other)
        for one, other in combinations(range(len(boxes)), 2)
        if Bbox.intersection(boxes[one], boxes[other])
    ]
    assert overlaps == [(2, 3)]  # the axes on the right of the backlog


def test_the_longest_verdict_does_not_lie_on_its_mean() -> None:
    long = verdict(
        target=0.999, kept=17_903, replications=20_000, lower=0.8914, upper=0.8999,
        mean=0.99996, mean_lower=0.99995, mean_upper=0.99997, ruling=Ruling.UNDECIDED, enough=20_000,
    )  # fmt: skip
    with matplotlib.style.context(["default", sheets.STYLE]):
        figure = sheets.sheet(findings(verdicts=(long, replace(long, promise="all", target=float("nan")))))
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not any(Bbox.intersection(one, other) for one, other in combinations(boxes, 2))
    assert max(box.x1 for box in boxes) <= figure.bbox.x1


def test_the_svg_is_valid_and_its_text_needs_no_fonts(saved: list[Path]) -> None:
    root = ElementTree.parse(saved[1]).getroot()
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert root.tag.endswith("svg")
    assert {"path", "use"} <= names
    assert "text" not in names
    assert "date" not in names


@pytest.mark.slow
def test_the_same_findings_give_the_same_bytes_in_every_process_and_others_do_not(
    tmp_path: Path, saved: list[Path]
) -> None:
    here = [hashlib.sha256(path.read_bytes()).hexdigest() for path in saved]
    code = (
        "import sys; from pathlib import Path; from tests.findings import findings; from "
        "tests.unit.show.sheet.test_run import hashes; "
        "print(*hashes(Path(sys.argv[1]), findings()))"
    )
    for salt in ("1", "2"):
        folder = str(tmp_path / salt)
        environment = os.environ | {"PYTHONHASHSEED": salt}
        done = subprocess.run(
            [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, env=environment
        )
        assert done.stdout.split() == here
    others = hashes(tmp_path, findings(crowd=1.9))
    assert not set(others) & set(here)


def test_whoever_calls_keeps_their_settings_and_cannot_change_the_sheet(
    tmp_path: Path, saved: list[Path]
) -> None:
    with matplotlib.rc_context({"font.size": 20, "axes.linewidth": 6, "savefig.dpi": 30}):
        before = dict(matplotlib.rcParams)
        changed = hashes(tmp_path, findings())
        assert dict(matplotlib.rcParams) == before
    assert changed == [hashlib.sha256(path.read_bytes()).hexdigest() for path in saved]


def test_pyplot_stays_out_of_it() -> None:
    code = "import sys, sim.show.sheet.run; print('matplotlib.pyplot' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "False\n"
    )


def test_the_share_in_time_is_drawn_as_given_with_the_promise_as_a_line() -> None:
    axes = drawn(plots.service_level, findings())
    lines = {line.get_label(): line for line in axes.get_lines()}
    for name, label in (("first_reply", "first reply within 1 h"), ("solved", "solved within 24 h")):
        rows = pick(findings().estimates, "service_level", "period", name)
        assert np.array_equal(lines[label].get_xdata(), rows.time)
        assert np.array_equal(lines[label].get_ydata(), rows.mean)
    levels = {line.get_ydata()[0] for line in axes.get_lines() if np.ptp(line.get_ydata()) == 0}
    assert {0.9, 0.999} <= levels
    styles = [
        line.get_linestyle()
        for label, line in lines.items()
        if "within" in str(label) or "by the end" in str(label)
    ]
    assert len(set(styles)) == 3  # colour is never alone


def test_what_is_missing_is_hatched_and_only_that() -> None:
    def hatched(found: Findings) -> float:
        axes = drawn(plots.staffing, found)
        return sum(
            len(path.vertices) for part in axes.collections if part.get_hatch() for path in part.get_paths()
        )

    table = findings().estimates
    plenty = np.where(table.measure == "on_duty", 1000.0, table.mean)
    assert hatched(findings()) > 0
    assert hatched(findings(estimates=replace(table, mean=plenty))) == 0


def test_days_and_the_moment_of_the_break_are_named_in_local_time() -> None:
    axes = drawn(plots.service_level, findings())
    axes.figure.draw_without_rendering()  # type: ignore[union-attr]
    ticks = [label.get_text() for label in axes.get_xticklabels(minor=True)]
    words = " ".join(text.get_text() for text in axes.texts)
    assert "12\nFri 16 Apr" in ticks
    assert "breaks first \n Fri 16 Apr 19:00" in words
    assert "safe again \n Tue 20 Apr 03:00" in words


def test_the_words_at_breaks_do_not_lie_on_each_other_however_close_these_are() -> None:
    found = findings()
    broken = found.breaks[0]
    near = tuple(
        replace(broken, promise=name, safe=broken.broken + 2 * HOUR) for name in ("first_reply", "solved")
    )
    with matplotlib.style.context(["default", sheets.STYLE]):
        figure = sheets.sheet(replace(found, breaks=near))
        figure.draw_without_rendering()
        words = [text for text in figure.axes[1].texts if "Fri 16 Apr" in text.get_text()]
        boxes = [text.get_window_extent() for text in words]
    assert len(words) == 4
    assert not any(Bbox.intersection(one, other) for one, other in combinations(boxes, 2))


def numbers(axes: Axes) -> dict[tuple[float, float], str]:
    """The numbers in the cells of a heat map, by (row, hour)."""
    return {
        (text.get_position()[1] - 0.5, text.get_position()[0] - 0.5): text.get_text() for text in axes.texts
    }


def test_a_heat_map_has_the_number_of_every_cell_in_its_place() -> None:
    table = findings().estimates
    by_day = numbers(drawn(plots.service_level_by_day, findings()))
    windows = pick(table, "service_level", "window", "first_reply")
    assert len(by_day) == len(windows.mean) == 149
    assert (
        by_day[3, 0] == f"{100 * windows.mean[windows.time == 96 * 3_600_000][0]:.0f}" == "18"
    )  # Sun 18 Apr 00:00
    by_language = numbers(drawn(plots.service_level_by_language, findings()))
    rows = pick(table, "service_level", "hour", "first_reply", "es")
    assert len(by_language) == 5 * 24
    assert by_language[4, 21] == f"{100 * rows.mean[rows.hour == 21][0]:.0f}"


def test_cells_with_few_cases_are_hatched_and_cells_below_the_promise_are_bold() -> None:
    build = Builder(200)
    for hour, (mean, cases) in enumerate(((0.95, 500.0), (0.5, 500.0), (0.95, 49.0))):
        build.add("service_level", "share", mean, "hour", "nl", promise="first_reply", hour=hour, cases=cases)
    axes = drawn(plots.service_level_by_language, findings(estimates=build.table()))
    hatched = [patch.get_path().get_extents().bounds for patch in axes.patches if patch.get_hatch()]
    assert hatched == [(2, 0, 1, 1)]
    assert [text.get_position()[0] for text in axes.texts if text.get_weight() == "bold"] == [1.5]


def test_the_outline_goes_round_cells_and_not_between_them() -> None:
    edges = heat.outline(np.array([[True, True], [False, False]]))
    assert sorted(edges) == sorted(
        [
            ((0, 0), (1, 0)),
            ((1, 0), (2, 0)),
            ((0, 1), (1, 1)),
            ((1, 1), (2, 1)),
            ((0, 0), (0, 1)),
            ((2, 0), (2, 1)),
        ]
    )


def test_heat_maps_show_the_first_promise_that_breaks() -> None:
    solved = findings(verdicts=(verdict(ruling=Ruling.HOLDS), verdict(promise="solved")))
    assert drawn(plots.service_level_by_day, solved).get_title().startswith("solved within 24 h")
    assert drawn(plots.service_level_by_day, findings()).get_title().startswith("first reply within 1 h")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.__name__)
def test_a_picture_sets_nothing_but_its_axes(picture: Callable[[Findings, Axes], None]) -> None:
    before = dict(matplotlib.rcParams)
    drawn(picture, findings())
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    "measures",
    [("service_level",), ("needed", "on_duty", "busy"), ("backlog", "oldest"), ("occupancy",)],
    ids=str,
)
def test_a_sheet_without_some_measures_is_still_a_sheet(measures: tuple[str, ...]) -> None:
    sheets.sheet(findings(estimates=without(findings().estimates, *measures))).draw_without_rendering()


def test_a_sheet_of_nothing_and_a_sheet_of_two_months_can_be_drawn() -> None:
    nothing = findings(
        estimates=Builder(1).table(), verdicts=(), breaks=(), shortfalls=(), lens=replace(lens(), promises=())
    )
    sheets.sheet(nothing).draw_without_rendering()
    view = lens()
    horizon = 60 * 86_400_000
    days = np.array(view.clock.midnights(0, horizon))
    figure = sheets.sheet(findings(lens=replace(view, horizon=horizon, lasts=horizon, days=days)))
    figure.draw_without_rendering()
    labels = [label.get_text() for label in figure.axes[1].get_xticklabels(minor=True)]
    assert 10 <= len(labels) <= 16
