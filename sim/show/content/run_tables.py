"""The tables of the report: worst moments, times, rows and staffing; every number with its interval."""

from collections.abc import Sequence
from math import nan

import numpy as np

from sim.measure.stats.verdicts import CASES_LEAST
from sim.measures import FIRST_NIGHT, MEASURES, PEAKS, PERCENTS, WORST_DAY
from sim.plan import Lens
from sim.show.content.tables import Column, TextTable, pick
from sim.show.content.words import (
    FLAWLESS,
    duration,
    estimate,
    moment,
    percent,
    percent_decimals,
    promise_columns,
    promise_names,
    promise_words,
    row_words,
)
from sim.show.content.words import share as share_words
from sim.study.findings import Estimates, Findings

ALWAYS = ("service_level", "agent_hours", "contacts")  # also where they are zero everywhere
HEAP = 0.02  # of all contacts: a backlog whose end is worth a line
DOUBT = "†"  # marks what is too few to judge


def moments(findings: Findings, width: int) -> list[str]:
    """The worst moments as text."""
    return moments_table(findings).lines(width)


def moments_table(findings: Findings) -> TextTable:
    """The worst day and the first night of every promise: a long quiet tail hides a crisis.

    Those of at least 99.95 % in 9 of 10 simulations share one line.
    """
    labels, rows, flawless = [], [], []
    for name, words in promise_names(findings.lens).items():
        for measure in (WORST_DAY, FIRST_NIGHT):
            found = pick(findings.estimates, measure.name, "all", name)
            if len(found.mean) and found.p10[0] >= FLAWLESS:
                flawless.append(f"{measure.label}, {words}")
            elif len(found.mean):
                labels.append(f"{measure.label}, {words}")
                rows.append(found)
    points = (
        ("p50", ("in time in the", "median simulation, %")),
        ("p10", ("1 simulation in 10", "has less than, %")),
    )
    columns = [
        Column(
            title,
            [_point(getattr(row, point)[0], row) for row in rows],
            [float(getattr(row, point)[0]) for row in rows],
        )
        for point, title in points
    ]
    means = Column(
        ("mean, %", "(95 %)"), [_percent(row, 0) for row in rows], [float(row.mean[0]) for row in rows]
    )
    notes = (
        [f"in 9 of 10 simulations at least {share_words(FLAWLESS, 2)} % in time: {'; '.join(flawless)}"]
        if flawless
        else []
    )
    if not rows:
        return TextTable("Worst moments", [], [], [f"Worst moments: {note}" for note in notes])
    return TextTable("Worst moments", labels, [*columns, means], notes)


def _percent(rows: Estimates, at: int) -> tuple[str, str]:
    return percent(float(rows.mean[at]), float(rows.lower[at]), float(rows.upper[at]))


def _point(value: float, row: Estimates) -> tuple[str, str]:
    return share_words(value, percent_decimals(float(row.lower[0]), float(row.upper[0]))), ""


def times(findings: Findings, width: int) -> list[str]:
    """How long it takes, as text."""
    return times_table(findings).lines(width)


def times_table(findings: Findings) -> TextTable:
    """How long it takes, over all cases in scope, the never-answered as longer than any.

    The median simulation and 10–90 % of simulations: a mean is infinite if one in a thousand has such a case.
    """
    labels, rows = [], []
    for promise in findings.lens.promises:
        for measure, label in (
            (promise.clock, promise_words(promise).partition(" within ")[0]),
            ("elapsed", "  time elapsed"),
        ):
            found = [
                pick(findings.estimates, f"{measure}_p{percent}", "all", promise.name) for percent in PERCENTS
            ]
            if all(len(point.mean) for point in found):
                labels.append(label)
                rows.append(
                    [(float(point.p50[0]), float(point.p10[0]), float(point.p90[0])) for point in found]
                )
    titles = [MEASURES[f"elapsed_p{percent}"].title for percent in PERCENTS]
    columns = [
        Column(title, [duration(*point) for point in column], [point[0] for point in column])
        for title, column in zip(titles, zip(*rows, strict=True), strict=False)
    ]
    return TextTable("Median simulation (10–90 %)", labels, columns)


def rows(findings: Findings, width: int) -> list[str]:
    """The table by day, by language and by channel, as text."""
    return rows_table(findings).lines(width)


def rows_table(findings: Findings) -> TextTable:
    """By day, by language and by channel: contacts, service level by promise, waits."""
    lens = findings.lens
    contacts = pick(findings.estimates, "contacts", "day")
    order = np.argsort(contacts.time, kind="stable")
    start, end = (lens.clock.date(time) for time in (lens.judged[0], lens.judged[1] - 1))
    keys = [("all", "")] + [
        ("day", str(contacts.member[row])) for row in order if start <= contacts.member[row] <= end
    ]
    for dimension in ("language", "channel"):
        if len(lens.names(dimension)) > 1:
            keys += [(dimension, member) for member in lens.names(dimension)]
    columns = [column(findings.estimates, keys, "contacts")]
    columns += [
        column(findings.estimates, keys, "service_level", title, name)
        for name, title in promise_columns(lens).items()
    ]
    columns += [
        column(findings.estimates, keys, measure) for measure in ("abandoned", "blocked", "wait_served")
    ]
    columns = [column for column in columns if any(cell[1] for cell in column.cells)]
    labels = [key_words(lens, dimension, member) for dimension, member in keys]
    doubtful = any(DOUBT in cell[1] for column in columns for cell in column.cells)
    notes = (
        [f"{DOUBT} fewer than {CASES_LEAST} cases a simulation: pooled, too few to judge"] if doubtful else []
    )
    return TextTable("Mean (95 %)", labels, columns, notes, [dimension for dimension, _ in keys])


def key_words(lens: Lens, dimension: str, member: str) -> str:
    """A row of a table as a planner names it."""
    return "all" if dimension == "all" else row_words(lens, dimension, member)


def column(
    estimates: Estimates,
    keys: Sequence[tuple[str, str]],
    measure: str,
    title: tuple[str, str] | None = None,
    promise: str = "",
) -> Column:
    """A measure by row, each with its interval, under the title of the measure unless another is given.

    A row without it is empty; a measure that is zero everywhere is no column.
    """
    found = {dimension: pick(estimates, measure, dimension, promise) for dimension in dict(keys)}
    cells, raw = [], []
    for dimension, member in keys:
        at = np.flatnonzero(found[dimension].member == member)
        cells.append(cell(found[dimension], int(at[0])) if len(at) else ("", ""))
        raw.append(float(found[dimension].mean[at[0]]) if len(at) else nan)
    shown = measure in ALWAYS or any(np.nan_to_num(rows.mean).any() for rows in found.values())
    title = title or MEASURES[measure].title
    return Column(title, cells if shown else [("", "")] * len(cells), raw)


def across(
    estimates: Sequence[Estimates], measure: str, title: tuple[str, str] | None = None, promise: str = ""
) -> Column:
    """A measure of the whole hub, a row for each of several tables of estimates."""
    found = [pick(each, measure, "all", promise) for each in estimates]
    cells = [cell(rows, 0) if len(rows.mean) else ("", "") for rows in found]
    values = [float(rows.mean[0]) if len(rows.mean) else nan for rows in found]
    return Column(title or MEASURES[measure].title, cells, values)


def nonempty(columns: Sequence[Column], nothing: str = "–") -> list[Column]:
    """The columns in which some value is more than nothing."""
    return [column for column in columns if any(value.strip(nothing) for value, _ in column.cells)]


def cell(rows: Estimates, at: int) -> tuple[str, str]:
    """A mean and its interval in the form of its unit, marked if it is of too few cases to judge."""
    bounds = float(rows.mean[at]), float(rows.lower[at]), float(rows.upper[at])
    form = {"share": percent, "ms": duration}.get(str(rows.unit[at]), estimate)
    value, interval = form(*bounds)
    doubt = f" {DOUBT}" if interval and rows.promise[at] and rows.cases[at] < CASES_LEAST else ""
    return value, interval + doubt


def staffing(findings: Findings, width: int) -> list[str]:
    """Hours, occupancy, cost and peaks, as text."""
    return staffing_table(findings).lines(width)


def staffing_table(findings: Findings) -> TextTable:
    """Hours, occupancy and cost by team, and the peaks of the queue."""
    keys = [("all", ""), *(("team", team) for team in findings.lens.teams)]
    columns = [
        column(findings.estimates, keys, measure)
        for measure in ("agent_hours", "overtime", "occupancy", "cost")
    ]
    columns = [column for column in columns if any(cell[1] for cell in column.cells)]
    notes = []
    for measure in PEAKS:
        found = pick(findings.estimates, measure.name, "all")
        if len(found.mean):
            notes.append(f"{measure.label}: {' '.join(cell(found, 0))}")
    cleared, peak, came = (
        pick(findings.estimates, measure, "all") for measure in ("cleared", "backlog_peak", "contacts")
    )
    if all(len(found.mean) for found in (cleared, peak, came)) and peak.mean[0] >= HEAP * came.mean[0]:
        early, median, late = (
            moment(findings.lens, float(time[0])) for time in (cleared.p10, cleared.p50, cleared.p90)
        )
        notes.append(
            f"backlog cleared: {median} in the median simulation (10–90 % of simulations: {early} – {late})"
        )
    return TextTable(
        "Judged hours (95 %)",
        ["all", *findings.lens.teams],
        columns,
        notes,
        [dimension for dimension, _ in keys],
    )
