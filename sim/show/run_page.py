"""The report of a run: its findings as a page."""

import shlex

from sim.measure.verdicts import Ruling, overall
from sim.show import charts, flows, summaries
from sim.show.advice import notes
from sim.show.page import Cell, Code, Decision, Facts, Grid, Head, Page, Part, Points, Prose, Section, Verdicts, grid
from sim.show.rows import Table
from sim.show.scenario import scenario_text
from sim.show.text import BROKEN, MISSING, NOTHING, UNBROKEN, breaks, hopeless
from sim.show.words import counted, heading, shortfall_words, span, verdict_words
from sim.study.findings import Findings

WHOLE = 10**6  # columns: a line is not broken
SENTENCES = {
    Ruling.HOLDS: "Every promise holds.",
    Ruling.BREAKS: "A promise breaks.",
    Ruling.UNDECIDED: "Undecided at this many events: play more to know.",
}
HOVER = (
    "Point at a chart, or tab to it and press the arrow keys, for the numbers; drag across to zoom, double-click to go back."
)


def run_page(findings: Findings) -> Page:
    """The page that `sim run` leaves."""
    sections = [
        Section("verdict", "Does the promise hold?", _verdicts(findings)),
        Section("breaks", BROKEN, _breaks(findings)),
        Section("staff", "Who is missing, and when", _staff(findings)),
        Section("rows", "By day, language and channel", _rows(findings)),
        Section("flow", "Where contacts came from, and who came again", _flow(findings)),
        Section("assumptions", "What it rests on", _assumptions(findings)),
        Section("scenario", "The scenario as it ran", _scenario(findings)),
        Section("again", "How to run it again", _again(findings)),
    ]
    return Page(*heading(findings.lens, findings.record), [section for section in sections if section.parts])


def _verdicts(findings: Findings) -> list[Part]:
    rows = [
        Decision(name.strip(), kept, str(ruling), behind, bool(verdict.by))
        for verdict in findings.verdicts
        for name, kept, ruling, behind in (verdict_words(verdict, findings),)
    ]
    ruling = overall(findings.verdicts)
    sentence = SENTENCES[ruling] if rows else NOTHING
    said = [*hopeless(findings), *notes(findings.advice, findings.lens, WHOLE)] if rows else []
    return [Verdicts(str(ruling) if rows else "", sentence, rows), *([Points([(0, line) for line in said])] if said else [])]


def _breaks(findings: Findings) -> list[Part]:
    told = breaks(findings)
    parts: list[Part] = [Points(told)] if told else [Prose([UNBROKEN])] if findings.verdicts else []
    return [
        *parts,
        Prose([HOVER], screen=True),
        charts.kept(findings),
        *_grid(summaries.moments_table(findings), "Worst moments", "moment"),
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
        *_grid(summaries.staffing_table(findings), "Teams over the judged hours: mean (95 %)", "team"),
    ]


def _rows(findings: Findings) -> list[Part]:
    maps = (charts.kept_by_day(findings), charts.kept_by_language(findings))
    return [
        *_grid(summaries.rows_table(findings), "Contacts, cases in time and waits: mean (95 %)", "day, language, channel"),
        *(chart for chart in maps if chart is not None),
        *_grid(summaries.times_table(findings), "How long it takes: median event (10–90 % of events)", "clock"),
    ]


def _flow(findings: Findings) -> list[Part]:
    if not flows.came_again(findings):
        return []
    return [
        *_grid(
            flows.flow_table(findings), "Contacts by where they came from, and what became of them: mean (95 %)", "came from"
        ),
        *_grid(flows.again_table(findings), "Who came again: mean (95 %)", "channel"),
        *_grid(flows.teams_table(findings), "What the answers of each team led to: mean (95 %)", "team"),
    ]


def _assumptions(findings: Findings) -> list[Part]:
    rows = [
        [Cell(item.path, "", item.path), Cell(item.basis, "", item.basis),
         Cell("see the scenario below" if item.value == "as in the file" else item.value, "", item.value),
         Cell(item.range, "", item.range or None), Cell(item.where, "", item.where or None)]
        for item in findings.assumptions
    ]  # fmt: skip
    heads = [Head(text, number=False) for text in ("number", "basis", "value", "range", "where from, or why")]
    assumed = sum(item.basis == "assumed" for item in findings.assumptions)
    said = f"Of {counted(len(rows), 'number')} with a source {assumed} are assumed: the verdict rests on them."
    return [Prose([said]), Grid("Numbers and their basis", heads, [rows])] if rows else []


def _scenario(findings: Findings) -> list[Part]:
    resolved = findings.record.get("resolved")
    if not resolved:
        return []
    changes = findings.record.get("changes") or []
    said = [f"Changed by the command: {', '.join(changes)}."] if changes else []
    text = scenario_text(resolved)
    return [
        Prose([*said, "With variant and changes applied; saved as a file, it runs as it is."]),
        Code(text, f"All of {findings.lens.name}: {counted(text.count(chr(10)), 'line')}"),
    ]


def _again(findings: Findings) -> list[Part]:
    record = findings.record
    command = record.get("command", [])
    versions = record.get("versions", {})
    facts = [(name, str(record[key])) for name, key in (("events", "replications"), ("seed", "seed")) if key in record]
    facts += [("versions", ", ".join(f"{name} {version}" for name, version in versions.items()))] if versions else []
    said = "The same command with the same versions gives the same bytes; the tables beside this page hold every number."
    return [*([Code(shlex.join(command))] if command else []), Facts(facts), Prose([said])]


def _grid(table: Table, caption: str, label: str) -> list[Part]:
    """The table with its notes, or what is left of it."""
    if table.columns:
        return [grid(table, caption, label)]
    return [Prose(table.notes)] if table.notes else []
