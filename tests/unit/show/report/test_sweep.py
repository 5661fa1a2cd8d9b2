"""The page of a sweep: the least that is enough, curves or maps over the values, and a row a point."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.measure.stats.verdicts import Ruling
from sim.show.content.sweep import confirming, enough_sentences
from sim.show.report import sweep_charts
from sim.show.report.page import Bullets, Code, Grid, Page, Verdicts
from sim.show.report.sweep import sweep_page
from sim.study.sweep import Sweep
from sim.study.sweep_values import Setting
from tests.findings import lens
from tests.studies import sweep

ONE, TWO = sweep(), sweep(two=True)
EVERY = "Every point: simulations that keep a promise, and means (95 %)"


def parts(page: Page, kind: type) -> list[Any]:
    return [part for section in page.sections for part in section.parts if isinstance(part, kind)]


def none_holds(found: Sweep, ruling: Ruling) -> Sweep:
    rows = tuple(tuple(replace(row, ruling=ruling) for row in rows) for rows in found.verdicts)
    return replace(found, verdicts=rows, enough=tuple(replace(item, value=None) for item in found.enough))


def test_it_says_first_what_the_exit_code_says_then_the_least_for_each_promise_and_how_to_confirm_it() -> (
    None
):
    for found, ruling in (
        (ONE, "HOLDS"),
        (none_holds(ONE, Ruling.BREAKS), "BREAKS"),
        (none_holds(ONE, Ruling.UNDECIDED), "UNDECIDED"),
    ):
        assert parts(sweep_page(found), Verdicts)[0].ruling == ruling
    (points,) = parts(sweep_page(ONE), Bullets)
    assert [line for _, line in points.lines] == [f"{line}." for line in enough_sentences(ONE)]
    assert confirming(ONE) in [part.text for part in parts(sweep_page(ONE), Code)]


def test_what_is_confirmed_is_a_value_at_which_all_promises_hold_if_there_is_one() -> None:
    first = replace(ONE.enough[0], value="150", short="100")
    several = replace(ONE, enough=(first, *ONE.enough[1:]))
    assert "teams.volunteers.people=180" in confirming(several)
    none = replace(several, enough=(*several.enough[:-1], replace(several.enough[-1], value=None)))
    assert "teams.volunteers.people=150" in confirming(none)


def test_curves_pass_through_every_point_with_its_band_and_the_least_is_marked() -> None:
    chart = sweep_charts.probability(ONE)
    (line,) = [trace for trace in chart.data if trace.get("name") == "first reply within 1 h"]
    assert line["x"] == [100, 150, 180]
    assert line["y"] == [0.69, 0.95, 1]
    assert line["customdata"][0] == "≥ 90 % in time in 138 of 200 simulations (62–75 %, asked 95 %) BREAKS"
    band = chart.data[0]
    assert (band["x"], band["y"]) == ([100, 150, 180, 180, 150, 100], [0.75, 0.98, 1, 0.98, 0.91, 0.62])
    levels = {shape["y0"] for shape in chart.layout["shapes"] if shape["y0"] == shape["y1"]}
    assert levels == {0.95}
    uprights = {shape["x0"] for shape in chart.layout["shapes"] if shape["x0"] == shape["x1"]}
    assert uprights == {180.0}
    assert any(
        note["text"].startswith("<b>180 holds</b>: first reply") for note in chart.layout["annotations"]
    )


def test_the_service_level_has_the_spread_of_simulations_as_its_band() -> None:
    chart = sweep_charts.service_level(ONE)
    names = [trace["name"] for trace in chart.data if "name" in trace]
    assert names == ["first reply within 1 h", "solved within 24 h", "answered by the end"]
    assert "simulations" in chart.data[1]["customdata"][0]


def test_values_that_are_no_numbers_lie_side_by_side_by_name() -> None:
    named = ("07:00", "before noon", "20:00")
    points = dict(zip(("100", "150", "180"), named, strict=True))
    found = replace(
        ONE,
        settings=(Setting("teams.hub.shift", named),),
        points=tuple((points[point[0]],) for point in ONE.points),
        enough=tuple(replace(item, value=points[item.value or ""], short=None) for item in ONE.enough),
    )
    layout = sweep_charts.probability(found).layout
    assert layout["xaxis"]["tickvals"] == [0.0, 1.0, 2.0]
    assert layout["xaxis"]["ticktext"] == list(named)
    assert layout["xaxis"]["labelalias"]["1"] == "before noon"


def test_two_settings_make_a_map_a_promise_in_which_what_holds_is_outlined_and_what_breaks_is_marked() -> (
    None
):
    charts = sweep_page(TWO).charts
    assert [chart.title for chart in charts] == [
        "First reply within 1 h", "Solved within 24 h", "Answered by the end", "Every promise"
    ]  # fmt: skip
    cells, _, outline = charts[0].data
    assert np.array(cells["z"]).tolist() == [[0.69, 0.69], [1, 0.95], [1, 1]]
    assert cells["text"] == [["69×", "69×"], ["<b>100</b>", "95"], ["<b>100</b>", "<b>100</b>"]]
    assert "UNDECIDED" in cells["customdata"][1][1]
    assert "teams.volunteers.pace 160 %" in cells["customdata"][1][1]
    assert outline["line"]["color"] == "#000000"
    assert charts[0].layout["yaxis"]["ticktext"] == ["100", "150", "180"]


@pytest.mark.parametrize("found", [ONE, TWO], ids=["one", "two"])
def test_a_row_a_point_sorts_by_ruling_and_by_value(found: Sweep) -> None:
    made = {part.caption: part for part in parts(sweep_page(found), Grid)}[EVERY]
    (rows,) = made.groups
    assert len(rows) == len(found.points)
    column = len(found.settings)
    assert made.heads[column].text == "all promises"
    assert [row[column].text for row in rows] == [str(ruling) for ruling in found.rulings]
    order = [row[column].key for row in rows]
    assert order == [["BREAKS", "UNDECIDED", "HOLDS"].index(str(ruling)) for ruling in found.rulings]


def test_assumptions_that_were_swept_say_what_was_tried() -> None:
    found = sweep(path="teams.volunteers.pace")
    made = {part.caption: part for part in parts(sweep_page(found), Grid)}["Numbers and their basis"]
    values = {row[0].text: row[2].text for row in made.groups[0]}
    assert values["teams.volunteers.pace"] == "tried: 100, 150, 180"
    assert values["demand.stranded.people"] == "{triangular: [50000, 55000, 65000]}"


def test_without_promises_it_is_still_a_page() -> None:
    found = replace(ONE, lens=replace(lens(), promises=()), verdicts=((),) * 3, enough=())
    page = sweep_page(found)
    assert parts(page, Verdicts)[0].sentence == "Nothing is promised."
    assert page.charts == []
