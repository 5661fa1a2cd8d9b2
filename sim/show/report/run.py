"""The report of a run: its findings as a page."""

from dataclasses import replace

from sim.measure.stats.verdicts import Ruling, overall
from sim.show.content import origin_tables as flows
from sim.show.content import run_tables as summaries
from sim.show.content.advice import notes
from sim.show.content.run import BROKEN, MISSING, NOTHING, UNBROKEN, below_minimum_sentences, breaks
from sim.show.content.words import heading, shortfall_words, span
from sim.show.report import parts
from sim.show.report import run_charts as charts
from sim.show.report.page import Bullets, Cell, Grid, Head, Page, Part, Prose, Section
from sim.study.findings import Findings

SENTENCES = {
    Ruling.HOLDS: "Every promise holds.",
    Ruling.BREAKS: "A promise breaks.",
    Ruling.UNDECIDED: "Undecided at this many simulations: run more to know.",
}


def run_page(findings: Findings) -> Page:
    """The page that `sim run` leaves."""
    sections = [
        Section("verdict", "Does the promise hold?", _verdicts(findings)),
        Section("breaks", BROKEN, _breaks(findings)),
        Section("staff", "Who is missing, and when", _staff(findings)),
        Section("rows", "By day, language and channel", _rows(findings)),
        Section("flow", "Where contacts came from, and who came again", _flow(findings)),
        Section("assumptions", parts.ASSUMPTIONS, parts.assumptions(findings.assumptions)),
        Section("scenario", parts.SCENARIO, parts.scenario(findings.lens.name, findings.record)),
        Section("again", parts.AGAIN, parts.again(findings.record)),
    ]
    return Page(*heading(findings.lens, findings.record), [section for section in sections if section.parts])


def _verdicts(findings: Findings) -> list[Part]:
    part = parts.verdicts(findings)
    if not part.rows:
        return [replace(part, sentence=NOTHING)]
    said = [*below_minimum_sentences(findings), *notes(findings.advice, findings.lens, parts.WHOLE)]
    decided = replace(part, sentence=SENTENCES[overall(findings.verdicts)])
    return [decided, *([Bullets([(0, line) for line in said])] if said else [])]


def _breaks(findings: Findings) -> list[Part]:
    told = breaks(findings)
    said: list[Part] = [Bullets(told)] if told else [Prose([UNBROKEN])] if findings.verdicts else []
    return [
        *said,
        Prose([parts.HOVER], screen=True),
        charts.service_level(findings),
        *parts.table(summaries.moments_table(findings), "Worst moments", "moment"),
        charts.backlog(findings),
    ]


def _staff(findings: Findings) -> list[Part]:
    lens = findings.lens
    rows = []
    for item in findings.shortfalls:
        who, kinds = shortfall_words(item)
        when = span(item.start, item.end, lens)
        rows.append(
            [
                Cell(when, "", float(item.start)),
                Cell(str(item.agents), "", float(item.agents)),
                Cell(kinds or who, "", kinds or who),
            ]
        )
    heads = [Head("when"), Head("agents", "missing"), Head("of which kinds", number=False)]
    short: list[Part] = [Grid(MISSING, heads, [rows])] if rows else []
    return [
        charts.staffing(findings),
        *short,
        charts.occupancy(findings),
        *parts.table(summaries.staffing_table(findings), "Teams over the judged hours: mean (95 %)", "team"),
    ]


def _rows(findings: Findings) -> list[Part]:
    maps = (charts.service_level_by_day(findings), charts.service_level_by_language(findings))
    return [
        *parts.table(
            summaries.rows_table(findings),
            "Contacts, cases in time and waits: mean (95 %)",
            "day, language, channel",
        ),
        *(chart for chart in maps if chart is not None),
        *parts.table(
            summaries.times_table(findings),
            "How long it takes: median simulation (10–90 % of simulations)",
            "clock",
        ),
    ]


def _flow(findings: Findings) -> list[Part]:
    if not flows.came_again(findings):
        return []
    return [
        *parts.table(
            flows.flow_table(findings),
            "Contacts by where they came from, and what became of them: mean (95 %)",
            "came from",
        ),
        *parts.table(flows.again_table(findings), "Who came again: mean (95 %)", "channel"),
        *parts.table(
            flows.teams_table(findings), "What the answers of each team led to: mean (95 %)", "team"
        ),
    ]
