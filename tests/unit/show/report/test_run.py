"""The report of a run as one HTML file: whole, the same for the same findings, and of nothing but what it is
given.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.clock import Clock, epoch
from sim.measure.stats.verdicts import Ruling
from sim.scenario.reading import read
from sim.show.content import run_tables as summaries
from sim.show.content.tables import pick
from sim.show.content.yaml_text import scenario_text
from sim.show.report import run_charts as charts
from sim.show.report.compare import compare_page
from sim.show.report.html import ASSETS, html, save
from sim.show.report.page import Cell, Chart, Code, Grid, Head, Page, Prose, Section, Verdicts, grid
from sim.show.report.plotly import around, runs, short
from sim.show.report.run import run_page
from sim.show.report.time_chart import spread_words, value_words
from sim.show.terminal import compare as comparison
from sim.show.terminal import sweep as sweeping
from sim.show.terminal.run import report
from sim.study.findings import Findings
from sim.units import DAY, HOUR
from tests import studies
from tests.findings import NASTY, Builder, findings, lens, verdict, without

ROOT = Path(__file__).parents[4]
VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}


class Reader(HTMLParser):
    """The elements of a page, as a browser would find them: (name, attributes, text directly in it)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[dict[str, Any]] = []
        self.all: list[dict[str, Any]] = []
        self.feed(text)
        self.close()
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = {
            "tag": tag,
            "attributes": dict(attrs),
            "text": "",
            "parents": [item["tag"] for item in self.open],
        }
        self.all.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()["tag"] == tag, f"</{tag}> ends what it began"

    def handle_data(self, data: str) -> None:
        inner = self.open[-1:] if self.open and self.open[-1]["tag"] in ("script", "style") else self.open
        for item in inner:
            item["text"] += data

    def named(self, tag: str) -> list[dict[str, Any]]:
        return [item for item in self.all if item["tag"] == tag]


def charts_in(text: str) -> list[dict[str, Any]]:
    (data,) = [
        item for item in Reader(text).named("script") if item["attributes"].get("type") == "application/json"
    ]
    found: list[dict[str, Any]] = json.loads(data["text"])
    return found


def grids(page: Page) -> dict[str, Grid]:
    return {
        part.caption: part for section in page.sections for part in section.parts if isinstance(part, Grid)
    }


@pytest.fixture(scope="module", params=["run", "compare", "sweep", "grid"])
def page(request: pytest.FixtureRequest) -> Page:
    return studies.pages()[request.param]


@pytest.fixture(scope="module")
def text(page: Page) -> str:
    return html(page)


@pytest.fixture(scope="module")
def parsed(text: str) -> Reader:
    return Reader(text)


# The file


def test_the_page_is_well_formed_and_has_its_parts_in_order(page: Page, text: str, parsed: Reader) -> None:
    charts, page = len(page.charts), parsed
    assert text.startswith('<!doctype html>\n<html lang="en">')
    headings = [int(item["tag"][1]) for item in page.all if re.fullmatch("h[1-6]", item["tag"])]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))
    assert len(page.named("main")) == 1
    ids = [item["attributes"]["id"] for item in page.all if "id" in item["attributes"]]
    assert len(ids) == len(set(ids))
    links = [item["attributes"]["href"] for item in page.named("a")]
    assert {link[1:] for link in links} <= set(ids)
    for table in page.named("table"):
        assert table["parents"].count("table") == 0
    assert len(page.named("caption")) == len(page.named("table"))
    assert len(page.named("figcaption")) == len(page.named("figure")) == charts > 0


def test_the_page_asks_nothing_of_a_network_and_its_policy_says_so(text: str, parsed: Reader) -> None:
    page = parsed
    assert not {item["tag"] for item in page.all} & {
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "audio",
        "video",
        "source",
    }
    for item in page.all:
        for name in (
            "src",
            "href",
            "action",
            "data",
            "style",
            *(key for key in item["attributes"] if key.startswith("on")),
        ):
            value = item["attributes"].get(name) or ""
            assert not value or (name == "href" and (value[0] == "#" or value == "data:,")), (
                item["tag"],
                name,
            )
    (policy,) = [item["attributes"]["content"] for item in page.named("meta")
                 if item["attributes"].get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert (
        rules["default-src"] == rules["connect-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    )
    assert "unsafe" not in rules["script-src"] + rules["style-src"]
    run = [item["text"] for item in page.named("script") if "type" not in item["attributes"]]
    for texts, rule in ((run, "script-src"), ([item["text"] for item in page.named("style")], "style-src")):
        assert texts
        for inside in texts:
            assert f"'sha256-{b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in rules[rule]
    assert policy.index("default-src") < text.index("<style>")


def test_the_vendored_bundle_keeps_its_licence_and_stands_in_the_page(text: str) -> None:
    bundle = (ASSETS / "plotly-cartesian.min.js").read_text()
    said = (ASSETS / "README.md").read_text()
    version = re.search(r"plotly\.js \(cartesian - minified\) v([\d.]+)", bundle)
    assert version is not None
    assert f"plotly.js {version[1]} " in said
    assert "Licensed under the MIT license" in bundle[:300]
    assert bundle in text
    assert "MIT" in (ASSETS / "plotly-LICENSE").read_text()


@pytest.mark.slow
def test_the_same_findings_give_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.studies import pages; from sim.show.report.html "
        "import save\n"
        "for name, page in pages().items(): (folder := Path(sys.argv[1], name)).mkdir(exist_ok=True); "
        "save(page, folder)"
    )
    expected = {name: html(page).encode() for name, page in studies.pages().items()}
    for salt in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": salt, "TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C"}
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment, cwd=ROOT)
        assert {name: (tmp_path / name / "report.html").read_bytes() for name in expected} == expected
    assert html(run_page(findings(crowd=1.9))).encode() != expected["run"]


def test_the_page_of_200_simulations_of_ten_languages_is_below_3_megabytes(tmp_path: Path) -> None:
    """Ten languages and four promises, of which each period, hour and window has rows: more than any scenario
    has.
    """
    view, build = lens(), Builder(200)
    names = tuple(f"language {row}" for row in range(10))
    promises = tuple(replace(view.promises[0], name=name) for name in ("one", "two", "three", "four"))
    sizes = (
        ("backlog", "contacts", 1e4),
        ("oldest", "ms", 1e7),
        ("on_duty", "agents", 99.0),
        ("needed", "agents", 120.0),
        ("busy", "agents", 80.0),
        ("occupancy", "share", 1.0),
    )
    for row in range(view.horizon // view.period):
        wave = 0.5 + 0.4 * np.sin(row)
        for promise in promises:
            build.add("service_level", "share", wave, "period", promise=promise.name, time=row * view.period)
        for measure, unit, size in sizes:
            build.add(measure, unit, wave * size, "period", time=row * view.period)
        if row % 4 == 0:
            build.add("service_level", "share", wave, "window", promise="one", time=row * view.period)
    for member in names:
        for hour in range(24):
            build.add("service_level", "share", 0.5, "hour", member, promise="one", hour=hour)
    found = findings(
        estimates=build.table(),
        lens=replace(view, languages=names, promises=promises),
        verdicts=(),
        breaks=(),
    )
    assert save(run_page(found), tmp_path).stat().st_size < 3_000_000


def test_the_page_of_a_comparison_of_four_plans_is_below_3_megabytes() -> None:
    found = studies.comparison()
    four = replace(
        found,
        names=(*found.names, "again"),
        findings=(*found.findings, found.findings[0]),
        priced=(*found.priced, found.priced[0]),
    )
    assert len(html(compare_page(four)).encode()) < 3_000_000


# What a user writes stays text


@pytest.mark.parametrize("kind", ["run", "compare", "sweep"])
def test_no_text_of_a_user_becomes_markup(kind: str) -> None:
    made = html(studies.nasty_pages()[kind])
    plain, evil = (Reader(text) for text in (html(studies.pages()[kind]), made))
    assert "b" not in {item["tag"] for item in evil.all}
    assert len(evil.named("script")) == len(plain.named("script"))
    assert evil.named("title")[0]["text"] == evil.named("h1")[0]["text"] == NASTY
    cells = [item["text"].strip() for item in evil.named("td")]
    assert NASTY in cells
    assert "<!--" not in made
    assert "49" not in evil.named("h1")[0]["text"]


@pytest.mark.parametrize("kind", ["run", "compare", "sweep"])
def test_in_charts_a_name_is_escaped_for_the_tags_that_plotly_reads(kind: str) -> None:
    found = charts_in(html(studies.nasty_pages()[kind]))
    read_by_plotly: list[str] = []

    def collect(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                collect(item, name)
        elif isinstance(value, list):
            for item in value:
                collect(item, key)
        elif isinstance(value, str):
            read_by_plotly.append(value)

    collect(found)
    named = [value for value in read_by_plotly if "script" in value]
    assert named
    for value in read_by_plotly:
        tags = set(re.findall(r"<[^>]*>", value))
        assert tags <= {"<b>", "</b>", "<br>", "<extra>", "</extra>"}, value
        assert value.count("<b>") == value.count("</b>") <= 1
    templates = [
        trace.get(key, "")
        for chart in found
        for trace in chart["data"]
        for key in ("hovertemplate", "texttemplate")
    ]
    assert {*templates} <= {"", "%{customdata}", "%{customdata}<extra></extra>", "%{text}"}


# The numbers


def test_tables_say_what_the_findings_say_and_sort_by_their_values() -> None:
    table = summaries.rows_table(findings())
    made = grids(run_page(findings()))["Contacts, cases in time and waits: mean (95 %)"]
    rows = [row for group in made.groups for row in group]
    assert [len(group) for group in made.groups] == [1, 7, 5, 2]
    assert [row[0].text for row in rows] == list(table.labels)
    for column, part in enumerate(table.columns, 1):
        assert [(row[column].text, row[column].rest) for row in rows] == list(part.cells)
        assert [row[column].key for row in rows] == pytest.approx(list(part.raw), nan_ok=True)
    kept = pick(findings().estimates, "service_level", "language", "first_reply", "es")
    (spanish,) = [row for row in rows if row[0].text == "language es"]
    assert spanish[2].key == kept.mean[0]
    assert spanish[2].text == f"{100 * kept.mean[0]:.1f}"


TOLD = {
    "run": (100, lambda: report(findings(), 400)),
    "compare": (100, lambda: comparison.report(studies.comparison(), 400)),
    "sweep": (15, lambda: sweeping.report(studies.sweep(), 400)),
}


@pytest.mark.parametrize("kind", TOLD)
def test_every_estimate_that_the_terminal_prints_is_on_the_page(kind: str) -> None:
    shown = " ".join(Reader(html(studies.pages()[kind])).named("main")[0]["text"].split())
    least, told = TOLD[kind]
    numbers = re.findall(r"[−+\d,.]+ \([−+\d,.]+(?:–| to )[−+\d,.<]+\)", told())
    assert len(numbers) > least
    assert [number for number in numbers if number not in shown] == []


def test_verdicts_are_told_by_words_first_what_decides_the_exit_code() -> None:
    (part,) = [part for part in run_page(findings()).sections[0].parts if isinstance(part, Verdicts)]
    assert (part.ruling, part.sentence) == ("BREAKS", "A promise breaks.")
    assert [row.ruling for row in part.rows] == [row.ruling for row in findings().verdicts]
    assert part.rows[0].kept == "≥ 90 % in time in 138 of 200 simulations (62–75 %, asked 95 %)"
    held = findings(verdicts=(verdict(ruling=Ruling.HOLDS),))
    (part,) = [part for part in run_page(held).sections[0].parts if isinstance(part, Verdicts)]
    assert part.sentence == "Every promise holds."


def test_assumptions_are_listed_with_basis_value_range_and_source() -> None:
    made = grids(run_page(findings()))["Numbers and their basis"]
    rows = [[cell.text for cell in row] for row in made.groups[0]]
    assert rows == [
        [item.path, item.basis, item.value, item.range, item.where] for item in findings().assumptions
    ]


def test_it_says_how_to_run_it_again() -> None:
    *_, last = run_page(findings()).sections
    assert [part.text for part in last.parts if isinstance(part, Code)] == [
        "sim run scenarios/ashcloud.yaml -v hundred"
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_scenario_that_is_shown_is_the_scenario_that_ran(path: Path, tmp_path: Path) -> None:
    resolved = read(path).resolved
    again = tmp_path / "again.yaml"
    again.write_text(scenario_text(resolved))
    assert read(again).resolved == resolved


def test_words_that_yaml_would_read_otherwise_are_quoted() -> None:
    words = [
        "a: b",
        "- x",
        "#1",
        "it's",
        "[",
        "{",
        "x,y",
        "*",
        "&a",
        "!t",
        "",
        " a",
        "a ",
        "a\nb",
        "a:",
        "a #b",
        "\\",
        '"',
        "12:30",
    ]
    assert scenario_text({"title": words[0]}) == 'title: "a: b"\n'
    assert scenario_text({"title": "12:30"}) == "title: 12:30\n"
    assert scenario_text({"title": "5 %"}) == "title: 5 %\n"
    import ruamel.yaml

    loaded = ruamel.yaml.YAML(typ="base").load(scenario_text({word or "none": word for word in words}))
    assert loaded == {word or "none": word for word in words}


# The charts


def test_a_line_passes_through_the_means_and_its_hover_tells_them() -> None:
    chart = charts.service_level(findings())
    rows = pick(findings().estimates, "service_level", "period", "first_reply")
    (line,) = [trace for trace in chart.data if trace.get("name") == "first reply within 1 h"]
    assert line["x"] == (rows.time / lens().period).tolist()
    assert line["y"] == pytest.approx(rows.mean.tolist(), abs=1e-4)
    assert line["customdata"] == [spread_words(rows, row) for row in range(len(rows.mean))]
    assert line["customdata"][0].startswith(value_words(rows, 0))
    dashes = [trace["line"]["dash"] for trace in chart.data if "customdata" in trace]
    assert len(set(dashes)) == len(dashes) == 3  # colour is never alone


def test_the_promise_is_a_line_and_breaks_are_named_in_local_time() -> None:
    chart = charts.service_level(findings())
    levels = {shape["y0"] for shape in chart.layout["shapes"] if shape["y0"] == shape["y1"]}
    assert levels == {0.9, 0.999}
    said = [note["text"] for note in chart.layout["annotations"]]
    assert "<b>breaks first</b> Fri 16 Apr 19:00" in said
    assert "<b>safe again</b> Tue 20 Apr 03:00" in said
    assert chart.layout["xaxis"]["labelalias"][str(67 * 4)] == "Fri 16 Apr 19:00–19:15"


def test_over_a_change_of_the_clock_no_hour_is_hidden_and_hover_says_which_it_is() -> None:
    clock = Clock(epoch("2010-10-30 12:00", "Europe/Amsterdam"), "Europe/Amsterdam")
    view, build = lens(), Builder(200)
    hours = 30
    for hour in range(hours):
        build.add("occupancy", "share", 0.5, "period", time=hour * HOUR)
    changed = replace(
        view, clock=clock, period=HOUR, lasts=hours * HOUR, horizon=hours * HOUR, judged=(0, hours * HOUR),
        days=np.array(clock.midnights(0, hours * HOUR)),
    )  # fmt: skip
    chart = charts.occupancy(findings(lens=changed, estimates=build.table(), breaks=()))
    (line,) = [trace for trace in chart.data if trace.get("name") == "all teams"]
    assert line["x"] == list(range(hours))
    said = chart.layout["xaxis"]["labelalias"]
    assert said["14"] == "Sun 31 Oct 02:00–02:00 (+02:00)"
    assert said["15"] == "Sun 31 Oct 02:00–03:00 (+01:00)"
    assert len(set(said.values())) == hours


def test_what_is_missing_is_hatched_and_only_that() -> None:
    def hatched(found: Findings) -> list[dict[str, Any]]:
        return [dict(trace) for trace in charts.staffing(found).data if "fillpattern" in trace]

    table = findings().estimates
    plenty = np.where(table.measure == "on_duty", 1000.0, table.mean)
    (gap,) = hatched(findings())
    assert gap["fillpattern"]["shape"] == "/"
    assert None in gap["x"]  # in pieces
    assert hatched(findings(estimates=replace(table, mean=plenty))) == []


def test_a_heat_map_has_every_cell_in_its_place_and_marks_few_cases() -> None:
    build = Builder(200)
    for hour, (mean, cases) in enumerate(((0.95, 500.0), (0.5, 500.0), (0.95, 49.0))):
        build.add("service_level", "share", mean, "hour", "en", promise="first_reply", hour=hour, cases=cases)
    chart = charts.service_level_by_language(findings(estimates=build.table()))
    assert chart is not None
    many, few, outline = chart.data
    row = lens().languages.index("en")
    assert many["z"][row][:3] == [0.95, 0.5, None]
    assert few["z"][row][:3] == [None, None, 0.95]
    assert many["text"][row][:2] == ["95", "<b>50</b>"]
    assert few["text"][row][2] == "95†"
    assert "fewer than 50 †" in few["customdata"][row][2]
    assert set(outline["x"]) == {0.5, 1.5, None}
    assert charts.service_level_by_day(findings(estimates=build.table())) is None


@pytest.mark.parametrize(
    "measures",
    [("service_level",), ("needed", "on_duty", "busy"), ("backlog", "oldest"), ("occupancy",)],
    ids=str,
)
def test_a_page_without_some_measures_is_still_a_page(measures: tuple[str, ...]) -> None:
    Reader(html(run_page(findings(estimates=without(findings().estimates, *measures)))))


def test_a_page_of_nothing_and_a_page_of_two_months_can_be_made() -> None:
    nothing = findings(
        estimates=Builder(1).table(),
        verdicts=(),
        breaks=(),
        shortfalls=(),
        assumptions=(),
        record={},
        lens=replace(lens(), promises=()),
    )
    assert "Nothing is promised." in html(run_page(nothing))
    view = lens()
    horizon = 60 * DAY
    days = np.array(view.clock.midnights(0, horizon))
    page = run_page(findings(lens=replace(view, horizon=horizon, lasts=horizon, days=days)))
    assert all(4 <= len(chart.layout["xaxis"]["ticktext"]) <= 12 for chart in page.charts[:4])


# The parts of any page


def test_a_page_is_a_list_of_parts_and_one_without_charts_carries_no_plotly() -> None:
    heads = [Head("plan", number=False), Head("service_level", "%")]
    rows = [[Cell("a", "", "a"), Cell("71", "(69–73)", 0.71)], [Cell("b", "", "b"), Cell("–", "", nan)]]
    made = html(
        Page(
            "Which is better?",
            "two plans",
            [Section("plans", "Plans", [Prose(["Said."]), Grid("Plans", heads, [rows])])],
        )
    )
    assert len(made) < 30_000
    page = Reader(made)
    assert [item["attributes"].get("data-key") for item in page.named("td")] == ["0.71", None]
    assert [
        item["attributes"]["data-key"] for item in page.named("th") if item["attributes"]["scope"] == "row"
    ] == ["a", "b"]
    with_chart = html(Page("", "", [Section("one", "One", [Chart("A & B", "Said.", [], {})])]))
    assert "A &amp; B" in with_chart
    assert len(with_chart) > 1_000_000


def test_what_never_comes_sorts_after_all_and_what_is_missing_is_last() -> None:
    assert (Cell("never", "", inf).sorts, Cell("", "", -inf).sorts) == ("Infinity", "-Infinity")
    assert Cell("–", "", nan).sorts is Cell("").sorts is None


def test_a_row_set_in_names_the_row_it_belongs_to() -> None:
    made = grid(summaries.times_table(findings()), "Times", "clock")
    assert [row[0].text for row in made.groups[0]] == ["first reply", "solved", "solved, time elapsed"]


def test_numbers_are_drawn_with_four_digits() -> None:
    assert short([0.123456, 12345.6, 7.0, nan, inf, -3.0]) == [0.1235, 12350, 7, None, None, -3]
    assert short(np.arange(3) * 100_000.0) == [0, 100000, 200000]


def test_an_area_goes_along_its_upper_side_and_back_along_the_lower() -> None:
    times, low, high = np.array([0, 10]), np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert around(times, low, high) == ([0, 10, 10, 0], [3, 4, 2, 1])
    assert around(times, low, high, 10) == ([0, 10, 10, 20, 20, 10, 10, 0], [3, 3, 4, 4, 2, 2, 1, 1])
    assert runs(np.array([True, True, False, True])) == [slice(0, 2), slice(3, 4)]
