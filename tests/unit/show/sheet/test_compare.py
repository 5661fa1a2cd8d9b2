"""Sheets of several plans and of sweeps: one scale a row, all words on the page, the same bytes for the same
findings.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path

import matplotlib.style
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.measure.pooled.replications import Replications
from sim.plan import Plan
from sim.show.content import compare_figures
from sim.show.sheet import compare as sides
from sim.show.sheet import sheet as sheets
from sim.show.sheet import sweep as curves
from sim.study import sweep as study
from sim.study.compare import Comparison, compare
from sim.study.least_enough import Point
from sim.study.play.stopping import play_together
from sim.study.provenance import RunSettings
from sim.study.sweep import Sweep
from sim.study.sweep_values import setting
from tests.plans import hub, plan

LONG = "a-plan-with-a-name-that-is-quite-long-and-then-some"
PROMISES = "{first_reply: {within: 10 min, share: 80 %}, answered: {share: 50 %}}"


def made(people: int, **team: str) -> Plan:
    return plan(
        promises=PROMISES,
        languages="[nl, en]",
        lasts="2 d",
        demand="{all: {rate: 14 / h, language: {nl: 70 %, en: 30 %}}}",
        teams=hub(people, speaks="{nl: 100 %, en: 100 %}", wage="30 / h", **team),
    )


@cache
def compared(count: int = 3) -> Comparison:
    names = ["few", LONG, "more", "many", "most", "all"][:count]
    plans = [made(people) for people in range(1, count + 1)]
    replications = [Replications(each.lens) for each in plans]
    for _ in play_together(plans, RunSettings(1, 8), replications, 1):
        pass
    record = {"plans": names, "replications": 8, "seed": 1}
    return compare(names, plans, replications, [record] * count, record)


@cache
def swept(*texts: str) -> Sweep:
    asked = [setting(text) for text in texts]
    replications: dict[Point, Replications] = {}

    def plan_of(point: Point) -> Plan:
        return made(int(point[0]), **({"pace": point[1]} if len(point) > 1 else {}))

    for _ in study.play(asked, plan_of, RunSettings(1, 80), replications, 1):
        pass
    return study.sweep(asked, replications, {"replications": 80, "seed": 1, "file": "plain.yaml"})


ONE, TWO = ("teams.hub.people=1..9/4",), ("teams.hub.people=1,3,5", "teams.hub.pace=100 %,130 %")
STUDIES: dict[str, Callable[[], Comparison | Sweep]] = {
    "two": lambda: compared(2),
    "six": lambda: compared(6),
    "sweep": lambda: swept(*ONE),
    "grid": lambda: swept(*TWO),
}


def drawn(found: Comparison | Sweep) -> Figure:
    with matplotlib.style.context(["default", sheets.STYLE]):
        figure = sheets.side_by_side(found) if isinstance(found, Comparison) else sheets.swept(found)
        figure.draw_without_rendering()
    return figure


def written(figure: Figure) -> list[Text]:
    """Every text that is drawn: ticks out of sight are none."""
    found = list(figure.texts)
    for axes in figure.axes:
        found += axes.texts
        if axes.axison:
            found += [axes._left_title, axes.xaxis.label, axes.yaxis.label]  # type: ignore[attr-defined]
            for axis in (axes.xaxis, axes.yaxis):
                found += [label for tick in axis._update_ticks() for label in (tick.label1, tick.label2)]  # type: ignore[attr-defined]
        legend = axes.get_legend()
        found += legend.get_texts() if legend else []
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_all_words_are_on_the_page_and_none_lie_on_others(name: str) -> None:
    figure = drawn(STUDIES[name]())
    with matplotlib.style.context(["default", sheets.STYLE]):
        words = [text for text in written(figure) if text.get_visible() and text.get_text().strip()]
        boxes = [text.get_window_extent() for text in words]
    page = figure.bbox
    for text, box in zip(words, boxes, strict=True):
        inside = (
            page.x0 <= box.x0 + 1
            and box.x1 <= page.x1 + 1
            and page.y0 <= box.y0 + 1
            and box.y1 <= page.y1 + 1
        )
        assert inside, text.get_text()
    for one, other in combinations(range(len(words)), 2):
        if words[one].get_text() == words[other].get_text():  # of two axes in one place
            continue
        both = Bbox.intersection(boxes[one], boxes[other])
        assert both is None or min(both.width, both.height) <= 2, (
            words[one].get_text(),
            words[other].get_text(),
        )


def test_the_pictures_of_a_row_have_one_scale() -> None:
    figure = drawn(compared(3))
    rows: dict[int, list[Axes]] = {}
    for axes in figure.axes:
        rows.setdefault(round(axes.bbox.y0), []).append(axes)
    beside = [row for row in rows.values() if len(row) >= 3]
    assert len(beside) == len(sheets.SIDE_OVER_TIME) + 2  # heat maps
    for row in beside:
        assert len({axes.get_ylim() for axes in row}) == len(row) // 3  # the backlog has two


def test_of_many_plans_the_first_the_best_and_others_have_a_column() -> None:
    found = compared(6)
    columns = compare_figures.drawn(found)
    assert len(columns) == compare_figures.PLANS_MOST
    assert {0, found.choice.plan} <= set(columns)


def test_the_heat_map_of_a_difference_has_the_points_kept_more() -> None:
    found, axes = compared(3), Figure(figsize=(8, 4)).add_subplot()
    sides.by_hour_and_language(found, 1, axes)
    rows = found.differences
    wanted = (
        (rows.plan == LONG)
        & (rows.measure == "service_level")
        & (rows.promise == found.leading)
        & (rows.dimension == "hour")
    )
    shown = axes.collections[0].get_array()
    assert shown is not None
    np.testing.assert_allclose(
        np.sort(np.asarray(shown.compressed())), np.sort(rows.mean[wanted & ~np.isnan(rows.mean)])
    )


def test_the_curve_goes_through_the_share_of_simulations_that_keep_the_promise() -> None:
    found, axes = swept(*ONE), Figure(figsize=(8, 4)).add_subplot()
    curves.probability(found, axes)
    line = axes.lines[0]
    assert np.asarray(line.get_xdata()).tolist() == [float(point[0]) for point in found.points]
    kept = [rows[0].kept / rows[0].replications for rows in found.verdicts]
    assert np.asarray(line.get_ydata()).tolist() == kept


@pytest.mark.slow
@pytest.mark.parametrize("study_of", ["two", "sweep", "grid"])
def test_the_same_findings_give_the_same_bytes(study_of: str, tmp_path: Path) -> None:
    found, marks = STUDIES[study_of](), []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        marks.append(
            [hashlib.sha256(path.read_bytes()).hexdigest() for path in sheets.save(found, tmp_path / name)]
        )
    assert marks[0] == marks[1]
