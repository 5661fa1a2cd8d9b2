"""The tables of the report: worst moments, times, kept by day and language, staffing; every number with its interval."""

from collections.abc import Sequence

import numpy as np

from sim.measure.verdicts import CASES_LEAST
from sim.show.rows import Column, pick, table, wrap
from sim.show.words import (
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
from sim.show.words import share as share_words
from sim.study.findings import Estimates, Findings

ALWAYS = ("kept", "agent_hours", "contacts")  # also where they are zero everywhere
HEAP = 0.02  # of all contacts: a backlog whose end is worth a line
DOUBT = "†"  # marks what is too few to judge


def moments(findings: Findings, width: int) -> list[str]:
    """The worst day and the first night of every promise: a long quiet tail hides a crisis.

    Those that keep 99.95 % in nine events of ten share one line.
    """
    labels, rows, flawless = [], [], []
    for name, words in promise_names(findings.lens).items():
        for measure, label in (("kept_worst_day", "worst day"), ("kept_first_night", "first night")):
            found = pick(findings.estimates, measure, "all", name)
            if len(found.mean) and found.p10[0] >= FLAWLESS:
                flawless.append(f"{label}, {words}")
            elif len(found.mean):
                labels.append(f"{label}, {words}")
                rows.append(found)
    titles = (("kept in the", "median event, %"), ("one event in ten", "keeps less than, %"), ("mean event, %", "(95 %)"))
    means = [_percent(row, 0) for row in rows]
    points = [[_point(row.p50[0], row), _point(row.p10[0], row), mean] for row, mean in zip(rows, means, strict=True)]
    columns = [Column(title, cells) for title, cells in zip(titles, zip(*points, strict=True), strict=False)]
    lines = table("Worst moments", labels, columns, width) if rows else []
    if flawless:
        text = f"in nine events of ten at least {share_words(FLAWLESS, 2)} % kept: {'; '.join(flawless)}"
        lines += wrap(text if rows else f"Worst moments: {text}", width)
    return lines


def _percent(rows: Estimates, at: int) -> tuple[str, str]:
    return percent(float(rows.mean[at]), float(rows.lower[at]), float(rows.upper[at]))


def _point(value: float, row: Estimates) -> tuple[str, str]:
    return share_words(value, percent_decimals(float(row.lower[0]), float(row.upper[0]))), ""


def times(findings: Findings, width: int) -> list[str]:
    """How long it takes, over all cases in scope, the never-answered as longer than any.

    Of events the median and 10–90 %: a mean would be infinite if one event in a thousand had such a case.
    """
    labels, cells = [], []
    for promise in findings.lens.promises:
        for measure, label in ((promise.clock, promise_words(promise).partition(" within ")[0]), ("elapsed", "  time elapsed")):
            found = [pick(findings.estimates, f"{measure}_{point}", "all", promise.name) for point in ("p50", "p90", "p95")]
            if all(len(point.mean) for point in found):
                labels.append(label)
                cells.append([duration(float(point.p50[0]), float(point.p10[0]), float(point.p90[0])) for point in found])
    titles = (("half of the", "cases within"), ("90 % of the", "cases within"), ("95 % of the", "cases within"))
    columns = [Column(title, column) for title, column in zip(titles, zip(*cells, strict=True), strict=False)]
    return table("Median event (10–90 %)", labels, columns, width) if cells else []


def rows(findings: Findings, width: int) -> list[str]:
    """The table by day, by language and by channel: contacts, kept by promise, waits."""
    lens = findings.lens
    contacts = pick(findings.estimates, "contacts", "day")
    order = np.argsort(contacts.time, kind="stable")
    start, end = (lens.clock.date(time) for time in (lens.judged[0], lens.judged[1] - 1))
    keys = [("all", "")] + [("day", str(contacts.of[row])) for row in order if start <= contacts.of[row] <= end]
    for by in ("language", "channel"):
        if len(lens.names(by)) > 1:
            keys += [(by, of) for of in lens.names(by)]
    columns = [column(findings.estimates, keys, "contacts", ("contacts", "an event"))]
    columns += [column(findings.estimates, keys, "kept", title, name) for name, title in promise_columns(lens).items()]
    for measure, title in (
        ("abandoned", ("abandoned", "% of contacts")),
        ("blocked", ("blocked", "% of contacts")),
        ("wait_served", ("mean wait,", "served alone")),
    ):
        columns.append(column(findings.estimates, keys, measure, title))
    columns = [column for column in columns if any(cell[1] for cell in column.cells)]
    labels = ["all" if by == "all" else row_words(lens, by, of) for by, of in keys]
    lines = table("Mean (95 %)", labels, columns, width) if columns else []
    doubtful = any(DOUBT in cell[1] for column in columns for cell in column.cells)
    return lines + ([f"{DOUBT} fewer than {CASES_LEAST} cases an event: pooled, too few to judge"] if doubtful else [])


def column(
    estimates: Estimates, keys: Sequence[tuple[str, str]], measure: str, title: tuple[str, str], promise: str = ""
) -> Column:
    """A measure by row, each with its interval; a row without it is empty, a measure that is zero everywhere is no column."""
    found = {by: pick(estimates, measure, by, promise) for by in dict(keys)}
    cells = []
    for by, of in keys:
        at = np.flatnonzero(found[by].of == of)
        cells.append(cell(found[by], int(at[0])) if len(at) else ("", ""))
    shown = measure in ALWAYS or any(np.nan_to_num(rows.mean).any() for rows in found.values())
    return Column(title, cells if shown else [("", "")] * len(cells))


def cell(rows: Estimates, at: int) -> tuple[str, str]:
    """A mean and its interval in the form of its unit, marked if it is of too few cases to judge."""
    bounds = float(rows.mean[at]), float(rows.lower[at]), float(rows.upper[at])
    form = {"share": percent, "ms": duration}.get(str(rows.unit[at]), estimate)
    value, interval = form(*bounds)
    doubt = f" {DOUBT}" if interval and rows.promise[at] and rows.cases[at] < CASES_LEAST else ""
    return value, interval + doubt


def staffing(findings: Findings, width: int) -> list[str]:
    """Hours, occupancy and cost by team, and the peaks of the queue."""
    keys = [("all", ""), *(("team", team) for team in findings.lens.teams)]
    titles = {
        "agent_hours": ("agent-hours", "h"),
        "overtime": ("overtime", "h"),
        "occupancy": ("occupancy", "%"),
        "cost": ("cost", "money"),
    }
    columns = [column(findings.estimates, keys, measure, title) for measure, title in titles.items()]
    columns = [column for column in columns if any(cell[1] for cell in column.cells)]
    lines = table("Judged hours (95 %)", ["all", *findings.lens.teams], columns, width) if columns else []
    peaks = {"backlog_peak": "most contacts waiting at once", "oldest_peak": "longest wait of one contact"}
    for measure, what in peaks.items():
        found = pick(findings.estimates, measure, "all")
        if len(found.mean):
            lines.append(f"{what}: {' '.join(cell(found, 0))}")
    cleared, peak, came = (pick(findings.estimates, measure, "all") for measure in ("cleared", "backlog_peak", "contacts"))
    if all(len(found.mean) for found in (cleared, peak, came)) and peak.mean[0] >= HEAP * came.mean[0]:
        early, median, late = (moment(findings.lens, float(time[0])) for time in (cleared.p10, cleared.p50, cleared.p90))
        lines += wrap(f"backlog cleared: {median} in the median event (10–90 % of events: {early} – {late})", width)
    return lines
