"""The report of a sweep: the least that is enough, and what every value does, as a page."""

from dataclasses import replace

from sim.measure.stats.verdicts import Ruling
from sim.plan import Assumption
from sim.show.content.run import NOTHING
from sim.show.content.sweep import (
    CHOSEN,
    asked,
    confirming,
    enough_sentences,
    enough_table,
    points_table,
    weakest_sentences,
)
from sim.show.content.words import heading
from sim.show.report import parts, sweep_charts
from sim.show.report.page import Bullets, Code, Page, Part, Prose, Section, Verdicts
from sim.study.sweep import Sweep

SENTENCES = {
    Ruling.HOLDS: "Every promise holds at some of these values.",
    Ruling.BREAKS: "A promise breaks at every one of these values.",
    Ruling.UNDECIDED: "At none of these values every promise surely holds.",
}
WORDS = {ruling: str(ruling) for ruling in Ruling}


def sweep_page(found: Sweep) -> Page:
    """The page that `sim sweep` leaves."""
    first, *second = (setting.path for setting in found.settings)
    question = f"How much {first} is enough{''.join(f', by {path}' for path in second)}?"
    sections = [
        Section("verdict", question, _enough(found)),
        Section("values", "What each value does", _values(found)),
        Section(
            "assumptions",
            parts.ASSUMPTIONS,
            parts.assumptions([_swept(found, item) for item in found.assumptions]),
        ),
        Section("scenario", parts.SCENARIO, parts.scenario(found.lens.name, found.record)),
        Section("again", parts.AGAIN, parts.again(found.record)),
    ]
    return Page(*heading(found.lens, found.record), [section for section in sections if section.parts])


def _enough(found: Sweep) -> list[Part]:
    """What the exit code says, and the least for each promise."""
    if not found.enough:
        return [Verdicts("", NOTHING, [])]
    ruling = (
        Ruling.HOLDS
        if found.held
        else Ruling.BREAKS
        if set(found.rulings) == {Ruling.BREAKS}
        else Ruling.UNDECIDED
    )
    told, least, command = enough_sentences(found), enough_table(found), confirming(found)
    confirmed: list[Part] = [Prose([CHOSEN]), Code(command)] if command else []
    return [
        Verdicts(str(ruling), SENTENCES[ruling], []),
        *([Bullets([(0, f"{line}.") for line in told])] if told else []),
        *(parts.table(least, least.title, found.settings[1].path) if least else []),
        *confirmed,
    ]


def _values(found: Sweep) -> list[Part]:
    if len(found.settings) == 1:
        charts = (
            [sweep_charts.probability(found), sweep_charts.service_level(found)]
            if found.lens.promises
            else []
        )
    else:
        charts = [sweep_charts.grid(found, promise) for promise in asked(found)]
    rows, weakest = points_table(found, WORDS), weakest_sentences(found)
    return [
        *([Prose([parts.HOVER], screen=True)] if charts else []),
        *charts,
        *parts.table(
            rows, "Every point: simulations that keep a promise, and means (95 %)", found.settings[0].path
        ),
        *([Prose(weakest)] if weakest else []),
    ]


def _swept(found: Sweep, item: Assumption) -> Assumption:
    """An assumption, with the values that were tried if it is what was swept."""
    values = {setting.path: ", ".join(setting.values) for setting in found.settings}
    return replace(item, value=f"tried: {values[item.path]}") if item.path in values else item
