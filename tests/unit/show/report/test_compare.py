"""The page of a comparison: what the terminal says, and every plan among the others."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from sim.show.content import heat
from sim.show.content.compare import choice_sentences, differences_table
from sim.show.content.tables import pick
from sim.show.content.yaml_text import differing
from sim.show.report import compare_charts
from sim.show.report.compare import compare_page
from sim.show.report.overview_chart import overview
from sim.show.report.page import Bullets, Chart, Grid, Page, Prose, Verdicts
from sim.study.compare import Comparison
from tests.findings import lens
from tests.studies import comparison, sweep

FOUND = comparison()


def parts(page: Page, kind: type) -> list[Any]:
    return [part for section in page.sections for part in section.parts if isinstance(part, kind)]


def test_it_says_first_which_plan_to_take_and_why_then_what_becomes_of_each() -> None:
    first, *plans = parts(compare_page(FOUND), Verdicts)
    told = choice_sentences(FOUND)
    assert first.sentence == f"{told[0][1]}."
    assert first.ruling == "UNDECIDED"  # the exit code is that of a best plan that is not surely found
    assert [line for _, line in parts(compare_page(FOUND), Bullets)[0].lines] == [
        line for _, line in told[1:]
    ]
    assert [(plan.name, plan.ruling) for plan in plans] == [
        ("hundred", "BREAKS"),
        ("more", "HOLDS"),
        ("others", "BREAKS"),
    ]
    sure = replace(FOUND, choice=replace(FOUND.choice, certain=True))
    assert parts(compare_page(sure), Verdicts)[0].ruling == "HOLDS"


def test_it_says_which_plans_meet_other_customers() -> None:
    said = [line for part in parts(compare_page(FOUND), Prose) for line in part.lines]
    assert "The same seed, but not the same customers as with hundred: others" in said
    alike = replace(FOUND, priced=tuple(replace(priced, same_customers=True) for priced in FOUND.priced))
    assert not any(
        "same customers" in line for part in parts(compare_page(alike), Prose) for line in part.lines
    )


def test_every_plan_is_a_line_of_its_own_colour_and_dash_and_band_that_one_click_hides() -> None:
    for chart, measure in (
        (compare_charts.service_level(FOUND), "service_level"),
        (compare_charts.backlog(FOUND), "backlog"),
    ):
        lines = [trace for trace in chart.data if "customdata" in trace]
        assert [line["name"] for line in lines] == list(FOUND.names)
        looks = [(line["line"]["color"], line["line"]["dash"]) for line in lines]
        assert all(one[0] != other[0] and one[1] != other[1] for one, other in combinations(looks, 2))
        bands = [trace["legendgroup"] for trace in chart.data if trace.get("fill") == "toself"]
        assert bands == [line["legendgroup"] for line in lines]
        rows = pick(
            FOUND.findings[1].estimates,
            measure,
            "period",
            "first_reply" if measure == "service_level" else "",
        )
        assert lines[1]["y"] == pytest.approx(rows.mean.tolist(), rel=1e-3)
        assert chart.layout["legend"]["itemclick"] == "toggle"


def test_panels_of_agents_are_on_one_scale_and_gaps_are_hatched() -> None:
    panels = compare_charts.staffing(FOUND).charts
    assert [panel.title for panel in panels] == list(FOUND.names)
    assert len({tuple(panel.layout["yaxis"]["range"]) for panel in panels}) == 1
    assert any("fillpattern" in trace for trace in panels[0].data)


def test_cost_is_drawn_against_the_promise_with_intervals_the_front_and_what_is_asked() -> None:
    chart = overview(FOUND)
    assert chart is not None
    front, marks, *_ = chart.data
    assert (front["x"], front["y"]) == ([6000, 7000], [0.62, 0.94])
    assert sorted(marks["text"]) == ["hundred *", "more *", "others"]
    assert all(len(marks[bar]["array"]) == 3 for bar in ("error_x", "error_y"))
    assert [shape["y0"] for shape in chart.layout["shapes"]] == [0.9]
    assert len(set(zip(marks["text"], marks["textposition"], strict=True))) == 3


def test_names_of_plans_that_lie_at_one_place_stand_on_different_sides() -> None:
    same = replace(FOUND, findings=(FOUND.findings[0],) * 3)
    chart = overview(same)
    assert chart is not None
    assert len(set(chart.data[1]["textposition"])) == 3


def test_a_map_of_differences_has_every_cell_in_its_place_and_marks_what_may_be_nothing() -> None:
    rows, cells = FOUND.differences, heat.more_by_language(FOUND, 1)
    chart = compare_charts.more_by_language(FOUND, 1)
    assert chart is not None
    wanted = (
        (rows.plan == "more")
        & (rows.measure == "service_level")
        & (rows.promise == "first_reply")
        & (rows.dimension == "hour")
    )
    (at,) = np.flatnonzero(wanted & (rows.member == "de") & (rows.hour == 9))
    place = (lens().languages.index("de"), 9)
    assert cells.more[place] == rows.mean[at]
    sure, unsure = chart.data[0], chart.data[1]
    both = np.array(sure["text"], object) + np.array(unsure["text"], object)
    assert np.array_equal(np.char.endswith(both.astype(str), "?"), cells.unsure)
    assert cells.unsure.any()
    assert not cells.unsure.all()
    assert all(("perhaps" in said) == doubt for said, doubt in zip((np.array(sure["customdata"]) + np.array(
        unsure["customdata"], object)).ravel(), cells.unsure.ravel(), strict=True))  # fmt: skip
    assert (sure["zmin"], sure["zmax"]) == (-1, 1)


def test_the_table_of_differences_sorts_by_their_values_within_days_and_languages() -> None:
    grids = {part.caption: part for part in parts(compare_page(FOUND), Grid)}
    (made,) = [part for caption, part in grids.items() if caption.startswith("more less hundred")]
    table = differences_table(FOUND, "more")
    assert [len(group) for group in made.groups] == [1, 7, 5, 2]
    for column, part in enumerate(table.columns, 1):
        keys = [row[column].key for group in made.groups for row in group]
        assert keys == pytest.approx(list(part.raw), nan_ok=True)


def test_of_other_plans_it_shows_what_differs_from_the_scenario_of_the_first() -> None:
    grids = {part.caption: part for part in parts(compare_page(FOUND), Grid)}
    rows = [[cell.text for cell in row] for row in grids["more: what differs from hundred"].groups[0]]
    assert rows == [["teams.volunteers.people", "100", "180"]]
    said = [line for part in parts(compare_page(FOUND), Prose) for line in part.lines]
    assert "others ran the same scenario as hundred." in said


def test_scenarios_differ_in_what_is_changed_added_or_gone() -> None:
    one = {"lasts": "1 d", "teams": {"a": {"people": "1", "pace": "90 %"}}, "gone": ["x"]}
    other = {"lasts": "1 d", "teams": {"a": {"people": "2", "pace": "90 %"}, "b": {"people": "9" * 200}}}
    found = differing(one, other)
    assert [row[:2] for row in found] == [("teams.a.people", "1"), ("teams.b", ""), ("gone", "[x]")]
    assert found[0][2] == "2"
    assert found[1][2].endswith("…")
    assert found[2][2] == ""


def test_a_mix_that_differs_in_many_entries_is_one_line() -> None:
    one, other = (
        {"mix": {"nl": "70 %", "en": "30 %"}},
        {"mix": {"nl": "60 %", "en": "30 %", "de": "5 %", "fr": "5 %"}},
    )
    assert differing(one, other) == [
        ("mix", "{nl: 70 %, en: 30 %}", "{nl: 60 %, en: 30 %, de: 5 %, fr: 5 %}")
    ]


def test_of_many_plans_as_many_are_drawn_as_there_is_room_for_and_all_are_in_tables() -> None:
    many = 12
    names = tuple(f"plan {row}" for row in range(many))
    found = Comparison(
        FOUND.record,
        names,
        FOUND.findings[:1] * many,
        FOUND.leading,
        FOUND.priced_in,
        FOUND.priced[:1] * many,
        replace(FOUND.choice, plan=11, rivals=()),
        FOUND.differences,
    )
    chart = compare_charts.service_level(found)
    drawn = [trace["name"] for trace in chart.data if "customdata" in trace]
    assert drawn == [*names[:3], "plan 11"]
    assert "Not drawn: plan 3, plan 4, plan 5, plan 6, plan 7, plan 8, plan 9, plan 10." in chart.caption
    plans = parts(compare_page(found), Grid)[0]
    assert len(plans.groups[0]) == many


def test_without_promises_it_is_still_a_page() -> None:
    silent = tuple(
        replace(each, verdicts=(), breaks=(), lens=replace(each.lens, promises=())) for each in FOUND.findings
    )
    found = replace(
        FOUND, findings=silent, leading="", choice=replace(FOUND.choice, criterion="service_level")
    )
    page = compare_page(found)
    assert parts(page, Verdicts)[0].ruling == ""
    assert not any("more in time" in chart.title for chart in parts(page, Chart))
    assert sweep().lens.promises
