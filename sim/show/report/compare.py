"""The report of a comparison: which plan to take and why, and what the plans differ by, as a page."""

from sim.measure.stats.verdicts import Ruling, overall
from sim.show.content.compare import (
    below_minimum_lines,
    choice_sentences,
    differences_table,
    differences_title,
    other_customers,
    plans_table,
    settings,
    settings_sentences,
)
from sim.show.content.compare_figures import drawn
from sim.show.content.words import counted, heading
from sim.show.report import compare_charts, parts
from sim.show.report.overview_chart import overview
from sim.show.report.page import Bullets, Cell, Grid, Head, Page, Part, Prose, Section, Verdicts
from sim.study.compare import Comparison

CHANGES_MOST = 40  # of a scenario against the first, that are listed


def compare_page(found: Comparison) -> Page:
    """The page that `sim compare` leaves."""
    first = found.findings[0]
    charts = (overview(found),)
    sections = [
        Section("verdict", "Which plan to take", _choice(found)),
        Section(
            "plans",
            "What each plan costs, and how much is in time",
            [
                Prose([parts.HOVER], screen=True),
                *(chart for chart in charts if chart is not None),
                *parts.table(plans_table(found), "The mean simulation of each plan (95 %)", "plan"),
            ],
        ),
        Section("time", "Hour by hour", [compare_charts.service_level(found), compare_charts.backlog(found)]),
        Section("staff", "Who is on duty, and who is missing", [compare_charts.staffing(found)]),
        Section("differences", "What the plans differ by", _differences(found)),
        Section("assumptions", parts.ASSUMPTIONS, parts.assumptions(first.assumptions)),
        Section("scenario", parts.SCENARIO, _scenarios(found)),
        Section("again", parts.AGAIN, parts.again(found.record)),
    ]
    return Page(*heading(found.lens, found.record), [section for section in sections if section.parts])


def _choice(found: Comparison) -> list[Part]:
    (_, first), *others = choice_sentences(found)
    best = overall(found.findings[found.choice.plan].verdicts) if found.choice.certain else Ruling.UNDECIDED
    behind = [(0, line) for _, line in others]
    said, few = [*settings_sentences(found), *other_customers(found)], below_minimum_lines(found)
    plans = [parts.verdicts(each, name=name) for name, each in zip(found.names, found.findings, strict=True)]
    return [
        Verdicts(str(best) if found.leading else "", f"{first}.", []),
        *([Bullets(behind, verbatim=True)] if behind else []),
        *([Prose(said)] if said else []),
        *(plan for plan in plans if plan.rows),
        *([Prose(few)] if few else []),
    ]


def _differences(found: Comparison) -> list[Part]:
    """Of each plan to the first: the table, and where there is room the maps."""
    told: list[Part] = []
    plans_drawn = drawn(found)
    for plan, name in list(enumerate(found.names))[1:]:
        told += parts.table(
            differences_table(found, name), differences_title(found, name), "day, language, channel"
        )
        maps = (
            (compare_charts.more_by_day(found, plan), compare_charts.more_by_language(found, plan))
            if plan in plans_drawn
            else ()
        )
        told += [chart for chart in maps if chart is not None]
    return told


def _scenarios(found: Comparison) -> list[Part]:
    """The scenario of the first plan, and where those of the others differ from it."""
    first = found.findings[0]
    told = parts.scenario(f"{first.lens.name}, {found.names[0]}", first.record)
    for name, rows in settings(found):
        heads = [
            Head("setting", number=False),
            *(Head(plan, number=False) for plan in (found.names[0], name)),
        ]
        cells = [[Cell(text, "", text or None) for text in row] for row in rows[:CHANGES_MOST]]
        more = (
            [f"and {counted(len(rows) - CHANGES_MOST, 'more difference')}"]
            if len(rows) > CHANGES_MOST
            else []
        )
        if rows:
            told.append(Grid(f"{name}: what differs from {found.names[0]}", heads, [cells], more))
        elif told:
            told.append(Prose([f"{name} ran the same scenario as {found.names[0]}."]))
    return told
