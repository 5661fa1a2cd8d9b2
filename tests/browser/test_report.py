"""The report as people meet it in a browser: on a wide screen, on a phone, by keyboard, and on paper."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from sim.show.content.tables import pick
from sim.show.report.html import save
from sim.show.report.run import run_page
from sim.show.report.time_chart import spread_words
from tests import studies
from tests.findings import NASTY, findings, lens, nasty

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium"
)
DESKTOP, PHONE, SHEET = (1440, 900), (375, 812), (688, 1000)  # the last is A4 between its margins
KEPT = "Contacts, cases in time and waits"


@dataclass
class Seen:
    """A page, and what went wrong on it."""

    page: Page
    file: str
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(run_page(findings()), tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module", params=["run", "compare", "sweep", "grid"])
def any_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(studies.pages()[request.param], tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(studies.pages()["compare"], tmp_path_factory.mktemp("compared"))


@contextmanager
def seen(browser: Browser, file: Path, size: tuple[int, int] = DESKTOP, **more: Any) -> Iterator[Seen]:
    """The report opened from disk; at the end nothing has gone wrong and nothing was asked for."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
    page = context.new_page()
    found = Seen(page, file.as_uri())

    def asked(route: Route) -> None:
        if route.request.url.partition("#")[0] == found.file:
            route.continue_()
        else:
            found.requests.append(route.request.url)
            route.abort()

    page.on(
        "console",
        lambda message: found.faults.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: found.faults.append(str(error)))
    page.on("dialog", lambda dialog: found.faults.append(dialog.message))
    page.route("**/*", asked)
    page.goto(found.file)
    if more.get("java_script_enabled", True):
        expect(page.locator(".plot .main-svg").first).to_be_visible()
    yield found
    context.close()
    assert found.faults == []
    assert [url for url in found.requests if not url.startswith("data:")] == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_opens_from_disk_and_no_page_scrolls_sideways(
    browser: Browser, any_file: Path, size: tuple[int, int]
) -> None:
    with seen(browser, any_file, size) as found:
        drawn = found.page.locator(".plot .main-svg:first-child")
        expect(drawn).to_have_count(found.page.locator("figure").count())
        expect(found.page.locator(".overall").first).to_be_in_viewport()
        width, shown = found.page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        assert width <= shown == size[0]
        for box in found.page.locator(".plot, .wide, pre").all():
            place = box.bounding_box()
            if place is not None:  # folded away
                assert place["x"] >= 0
                assert place["x"] + place["width"] <= size[0]


def test_the_verdict_is_on_the_first_screen_of_a_phone(browser: Browser, file: Path) -> None:
    with seen(browser, file, PHONE) as found:
        place = found.page.locator(".decisions tr").nth(1).bounding_box()
        assert place is not None
        assert place["y"] + place["height"] < PHONE[1]


def test_the_policy_lets_nothing_leave_even_if_asked(browser: Browser, file: Path) -> None:
    with seen(browser, file) as found:
        said = found.page.evaluate("fetch('https://example.com/').then(() => 'sent', () => 'refused')")
        assert said == "refused"
        found.page.evaluate(
            "document.body.append(Object.assign(new Image(), {src: 'https://example.com/pixel.png'}))"
        )
        found.page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title = 1\">')"
        )
        found.page.wait_for_timeout(100)
        assert found.page.title() == lens().title
        assert found.requests == []
        assert found.faults != []  # the browser says what it refused
        found.faults.clear()


def rows(page: Page, column: int) -> list[list[tuple[str, str | None]]]:
    """Of the table of shares kept, group by group: the name of each row, and what a column sorts by."""
    found: list[list[tuple[str, str | None]]] = page.locator("table", has_text=KEPT).evaluate(
        "(table, column) => Array.from(table.tBodies, (body) => Array.from(body.rows, (row) =>"
        " [row.cells[0].textContent.trim(), row.cells[column].dataset.key ?? null]))",
        column,
    )
    return found


def test_a_table_sorts_by_keyboard_within_its_groups_by_value(browser: Browser, file: Path) -> None:
    with seen(browser, file) as found:
        table = found.page.locator("table", has_text=KEPT)
        before = rows(found.page, 2)
        table.locator("thead button").nth(1).focus()
        found.page.keyboard.press("Tab")
        found.page.keyboard.press("Enter")
        head = table.locator("thead th").nth(2)
        expect(head).to_have_attribute("aria-sort", "ascending")
        up = rows(found.page, 2)
        assert up == [sorted(group, key=lambda row: float(row[1] or "inf")) for group in before]
        assert up != before
        found.page.keyboard.press("Enter")
        expect(head).to_have_attribute("aria-sort", "descending")
        assert [name for name, _ in rows(found.page, 2)[1]] == [name for name, _ in reversed(up[1])]
        table.locator("thead button").first.click()  # by name: as it was
        assert rows(found.page, 2) == before
        assert table.locator("[aria-sort]").count() == 1


def test_what_has_no_value_stays_last_and_equals_keep_their_order(browser: Browser, file: Path) -> None:
    with seen(browser, file) as found:
        table = found.page.locator("table", has_text="Teams over the judged hours")
        names = table.locator("tbody th")
        button = table.get_by_role("button", name="cost")
        for _ in range(2):
            button.click()
            assert names.all_inner_texts()[-2:] == ["staff", "volunteers"]  # that earn nothing here
        assert names.all_inner_texts()[0] == "all"


def hover(page: Page, chart: int, across: float, down: float) -> str:
    plot = page.locator(".plot").nth(chart)
    plot.scroll_into_view_if_needed()
    place = plot.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + across * place["width"], place["y"] + down * place["height"])
    label = plot.locator(".hoverlayer text").first
    expect(label).to_be_visible()
    return plot.locator(".hoverlayer").text_content() or ""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_hover_tells_the_moment_the_value_and_its_interval(
    browser: Browser, file: Path, size: tuple[int, int]
) -> None:
    table = findings().estimates
    with seen(browser, file, size) as found:
        said = hover(found.page, 0, 0.5, 0.5)
        moment = re.search(r"(Sat|Sun|Mon) 1[789] Apr \d\d:\d\d–\d\d:\d\d", said)
        assert moment is not None, said
        kept = pick(table, "service_level", "period", "first_reply")
        (row,) = [
            row for row, time in enumerate(kept.time) if moment[0].startswith(lens().clock.words(int(time)))
        ]
        assert spread_words(kept, row) in said
        for chart in (1, 2, 3):
            assert " Apr " in hover(found.page, chart, 0.5, 0.3)
        assert re.search(r"\d+(\.\d+)? % \([\d.]+–[\d.]+\) in time", hover(found.page, 4, 0.6, 0.5))


def test_the_arrow_keys_move_along_a_chart_and_over_a_map(browser: Browser, file: Path) -> None:
    with seen(browser, file) as found:
        said = found.page.locator("#said")
        found.page.locator(".plot").first.focus()
        for moment in ("Thu 15 Apr 19:00–19:15", "Thu 15 Apr 19:15–19:30"):
            found.page.keyboard.press("ArrowRight")
            expect(said).to_contain_text(moment)
        found.page.keyboard.press("ArrowLeft")
        expect(said).to_contain_text("Thu 15 Apr 19:00–19:15")
        found.page.keyboard.press("Escape")
        expect(found.page.locator(".plot").first.locator(".hoverlayer text")).to_have_count(0)
        found.page.locator(".plot").nth(5).focus()
        for key, words in (
            ("ArrowRight", "nl, 00:00–01:00"),
            ("ArrowDown", "en, 00:00–01:00"),
            ("ArrowRight", "en, 01:00–02:00"),
        ):
            found.page.keyboard.press(key)
            expect(said).to_contain_text(words)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_control_is_reached_by_tab_and_shows_it(
    browser: Browser, any_file: Path, size: tuple[int, int]
) -> None:
    with seen(browser, any_file, size) as found:
        wanted = found.page.evaluate(
            "() => { const all = [...document.querySelectorAll('a, button, summary, [tabindex=\"0\"]')]"
            ".filter((item) => item.checkVisibility());"  # what is folded away is not reached
            " all.forEach((item, row) => { item.dataset.row = row; }); return all.length; }"
        )
        reached = []
        for _ in range(wanted):
            found.page.keyboard.press("Tab")
            row, style, width, shown = found.page.evaluate(
                "() => { const at = document.activeElement, how = getComputedStyle(at), box = "
                "at.getBoundingClientRect();"
                " return [at.dataset.row, how.outlineStyle, parseFloat(how.outlineWidth),"
                " box.width > 0 && box.bottom > 0 && box.top < innerHeight]; }"
            )
            assert style != "none", row
            assert width >= 2, row
            assert shown, row
            reached.append(int(row))
        assert reached == list(range(wanted))


def test_the_skip_link_leads_to_the_verdict(browser: Browser, file: Path) -> None:
    with seen(browser, file) as found:
        found.page.keyboard.press("Tab")
        found.page.keyboard.press("Enter")
        assert found.page.evaluate("document.activeElement.id") == "main"


def test_a_chart_drawn_anew_keeps_its_height_and_its_legend_above(browser: Browser, compared: Path) -> None:
    with seen(browser, compared, PHONE) as found:
        plot = found.page.locator(".plot").nth(1)
        height = (plot.bounding_box() or {})["height"]
        found.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        expect(plot).to_have_attribute("data-small", "false")
        assert (plot.bounding_box() or {})["height"] == height > 300
        legend, area = (
            plot.locator(part).bounding_box() or {}
            for part in (".legend", ".cartesianlayer .plotbg, .bglayer rect")
        )
        assert legend["y"] + legend["height"] <= area["y"] + 1


def test_a_plan_is_hidden_and_shown_by_its_number_and_by_a_click_in_the_legend(
    browser: Browser, compared: Path
) -> None:
    with seen(browser, compared) as found:
        plot = found.page.locator(".plot").nth(1)
        lines, said = plot.locator(".scatterlayer .trace"), found.page.locator("#said")
        both = lines.count()
        plot.focus()
        found.page.keyboard.press("2")
        expect(said).to_have_text("more hidden")
        expect(lines).to_have_count(both - 2)
        found.page.keyboard.press("2")
        expect(said).to_have_text("more shown")
        expect(lines).to_have_count(both)
        plot.locator(".legendtoggle").first.click()
        expect(lines).to_have_count(both - 2)
        found.page.keyboard.press("ArrowRight")
        expect(said).to_contain_text("more")
        assert "hundred" not in (said.text_content() or "")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_plans_and_values_say_their_numbers_to_those_who_press_keys(
    browser: Browser, compared: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    swept = save(studies.pages()["sweep"], tmp_path)
    for file, row, told in (
        (compared, 0, ("hundred", "more")),
        (compared, 7, ("points (95 %)",)),
        (swept, 0, ("100", "150", "180")),
        (swept, 1, ("100",)),
    ):
        with seen(browser, file, size) as found:
            found.page.locator(".plot").nth(row).focus()
            for words in told:
                found.page.keyboard.press("ArrowRight")
                expect(found.page.locator("#said")).to_contain_text(words)


def test_a_window_made_narrow_is_drawn_as_on_a_phone(browser: Browser, file: Path) -> None:
    with seen(browser, file) as found:
        plot = found.page.locator(".plot").first
        expect(plot).to_have_attribute("data-small", "false")
        found.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        expect(plot).to_have_attribute("data-small", "true")
        expect(plot.locator(".annotation-text").filter(has_text="Fri 16 Apr 19:00")).to_have_count(0)
        assert found.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE[0]


@pytest.mark.slow
def test_it_prints_on_pages_with_nothing_cut_off(browser: Browser, any_file: Path) -> None:
    with seen(browser, any_file, SHEET) as found:
        printed = found.page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 3
        found.page.emulate_media(media="print")
        found.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        for box in found.page.locator(".wide, pre").all():
            wide, shown = box.evaluate("(box) => [box.scrollWidth, box.clientWidth]")
            assert wide <= shown
        assert found.page.evaluate("document.scrollingElement.scrollWidth") <= SHEET[0]
        for picture in found.page.locator(".plot .main-svg").all():
            place = picture.bounding_box()
            assert place is not None
            assert place["x"] + place["width"] <= SHEET[0]
        expect(found.page.locator("nav")).to_be_hidden()
        assert found.page.locator("details:not([open])").count() == 0
        found.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert found.page.locator("details[open]").count() == 0


def test_names_that_would_be_markup_are_shown_as_they_are(browser: Browser, tmp_path: Path) -> None:
    with seen(browser, save(run_page(nasty()), tmp_path)) as found:
        assert found.page.title() == NASTY
        assert found.page.locator("main b, main i").count() == 0
        legend = found.page.locator(".plot").nth(3).locator(".legendtext")
        shown = [text.replace("\u2028", "") for text in legend.all_text_contents()]
        assert shown[1:] == [NASTY.replace("\u2028", "") + team for team in ("volunteers", "desk", "staff")]
    for kind in ("compare", "sweep"):
        with seen(browser, save(studies.nasty_pages()[kind], tmp_path)) as found:
            assert found.page.title() == NASTY
            assert found.page.locator("main b, main i").count() == 0
            drawn = found.page.locator(".plot text").filter(has_text="</script><b>")
            assert drawn.count() > 2


def test_without_scripts_the_tables_are_there_and_it_says_what_is_not(
    browser: Browser, any_file: Path
) -> None:
    with seen(browser, any_file, java_script_enabled=False) as found:
        expect(found.page.locator("table.grid").first).to_be_visible()
        expect(found.page.get_by_text("The chart needs JavaScript").first).to_be_visible()
        assert found.page.locator("button").count() == 0
