"""The pictures of a report to look into: what the planner's sheet shows, as plotly's data, with every number
in words.

All text is escaped where it enters: plotly reads some tags in it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.measure.stats.verdicts import CASES_LEAST
from sim.show.content import heat
from sim.show.content.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY
from sim.show.content.tables import pick
from sim.show.content.words import moment, number, promise_names, promise_words, shortfall_words, span
from sim.show.report import heat_map as maps
from sim.show.report import plotly as drawing
from sim.show.report.page import Chart
from sim.show.report.plotly import PERCENT, plain
from sim.show.report.time_chart import Canvas, hour_words, span_words, value_words
from sim.study.findings import Estimates, Findings
from sim.units import HOUR, duration_text, percent_text

LINES = ((BLUE, "solid"), (GREEN, "dash"), (PURPLE, "dashdot"), (ORANGE, "dot"))  # by promise
BY_DAY, BY_LANGUAGE = "by day and hour", "by language and hour"
TEAMS = 3  # whose occupancy is drawn

STAFFED = (
    "Agents on duty (band: 10–90 % of events), those of them that are busy, and the agents that the work "
    "of the mean event "
    "would need to be in time; where more are needed than are there, the gap is hatched."
)


def kept(findings: Findings) -> Chart:
    """The share of cases in time by the period they came in, of every promise: 95 % interval and 10–90 % of
    events as bands.
    """
    lens = findings.lens
    canvas = Canvas.over(findings.lens, 360)
    lowest = []
    for promise, (colour, dash) in zip(lens.promises, LINES * len(lens.promises), strict=False):
        rows = pick(findings.estimates, "service_level", "period", promise.name)
        if not len(rows.mean):
            continue
        canvas.band(rows.time, rows.p10, rows.p90, colour, 0.13)
        canvas.band(rows.time, rows.lower, rows.upper, colour, 0.3)
        canvas.line(rows, promise_words(promise), colour, dash)
        if not np.isnan(rows.mean).all():
            least = int(np.nanargmin(rows.mean))
            lowest.append(
                f"{promise_words(promise)} {value_words(rows, least)} "
                f"at {moment(lens, int(rows.time[least]))}"
            )
    for share in sorted({promise.share for promise in lens.promises}):
        which = " and ".join(
            promise_words(promise).split(" within ")[0] for promise in lens.promises if promise.share == share
        )
        canvas.level(share, f"{which}: promised {percent_text(share)}", f"promised {percent_text(share)}")
    for start, end in ((0, lens.judged[0]), (lens.judged[1], lens.horizon)):
        if end - start > lens.horizon / 20:
            canvas.word((start + end) / 2, 0.5, "not judged")
    canvas.marks(findings.breaks, words=True)
    canvas.yaxis(**PERCENT, range=[0, 1.04])
    period = duration_text(lens.period)
    caption = (
        f"Share of cases in time, by the {period} in which they came: the line is the mean over events, "
        f"the darker band its "
        "95 % interval, the lighter one where 10–90 % of events lie; what is promised is a dashed line. "
    )
    return canvas.chart("Cases in time", caption + (f"Lowest: {'; '.join(lowest)}." if lowest else ""))


def backlog(findings: Findings) -> Chart:
    """Contacts waiting and, below, how long the oldest of them has waited, with 10–90 % of events."""
    canvas = Canvas.over(findings.lens, 400)
    waiting, oldest = (pick(findings.estimates, measure, "period") for measure in ("backlog", "oldest"))
    canvas.band(waiting.time, waiting.p10, waiting.p90, BLUE, 0.22)
    canvas.line(waiting, "contacts waiting", BLUE, "solid")
    canvas.band(oldest.time, oldest.p10 / HOUR, oldest.p90 / HOUR, BLACK, 0.14, yaxis="y2")
    canvas.line(oldest, "wait of the oldest", BLACK, "dash", scale=HOUR, yaxis="y2")
    canvas.marks(findings.breaks)
    canvas.yaxis(title="contacts", domain=[0.54, 1], rangemode="tozero")
    canvas.yaxis("yaxis2", title="hours", domain=[0, 0.46], rangemode="tozero", anchor="x")
    canvas.layout["xaxis"]["anchor"] = "y2"
    canvas.layout["hoversubplots"] = "axis"
    most = [
        f"the mean is highest with {value_words(rows, at)} at {moment(findings.lens, int(rows.time[at]))}"
        for rows in (waiting, oldest)
        if len(rows.mean) and not np.isnan(rows.mean).all()
        for at in (int(np.nanargmax(rows.mean)),)
    ]
    caption = (
        "Above, the contacts that wait at the end of each period; below, how long the oldest of them "
        "has waited. "
    )
    caption += "Lines are means over events, bands hold 10–90 % of them."
    if len(most) == 2:
        caption += f" Above {most[0]}; below {most[1]}."
    return canvas.chart("Backlog and its oldest contact", caption)


def staffing(findings: Findings) -> Chart:
    """Agents on duty against agents needed, the gaps hatched, the largest shortfalls by name."""
    top = 1.6 * agents_most(findings)  # room for words
    canvas = _staffed(findings, 380, top)
    for row, item in enumerate(findings.shortfalls[:3]):
        words = shortfall_words(item)[0]
        canvas.stretch(item.start, item.end, top * (0.9 - 0.1 * row), f"{words} in events that break", words)
    caption = STAFFED + " "
    if findings.shortfalls:
        caption += "Bars on top: the largest shortfalls, over the events that break a promise."
    elif len(pick(findings.estimates, "on_duty", "period").mean):
        caption += "In no hour are agents missing."
    return canvas.chart("Agents on duty against agents needed", caption)


def staffing_panel(findings: Findings, name: str, top: float) -> Chart:
    """The same of one plan of several, on the scale of all; the largest shortfall in words below, and no
    legend.
    """
    largest = findings.shortfalls[:1]
    said = [
        f"{shortfall_words(item)[0]}, {span(item.start, item.end, findings.lens)}, in events that break"
        for item in largest
    ]
    canvas = _staffed(findings, 230, top, spread=False)
    canvas.layout["showlegend"] = False
    return canvas.chart(name, f"Largest shortfall: {said[0]}." if said else "In no hour are agents missing.")


def agents_most(findings: Findings) -> float:
    """The most agents on duty, or needed."""
    most = (pick(findings.estimates, measure, "period").p90 for measure in ("on_duty", "needed"))
    return max(1.0, *(float(np.nanmax(values, initial=0)) for values in most))


def _staffed(findings: Findings, height: int, top: float, spread: bool = True) -> Canvas:
    canvas = Canvas.over(findings.lens, height)
    duty, needed, busy = (
        pick(findings.estimates, measure, "period") for measure in ("on_duty", "needed", "busy")
    )
    below: dict[str, Any] = {
        "line": {"width": 0, "shape": "hv", "color": SKY},
        "fill": "tozeroy",
        "fillcolor": drawing.faded(SKY, 0.45),
    }
    canvas.line(busy, "busy", SKY, "solid", spread=spread, **below)
    canvas.band(duty.time, duty.p10, duty.p90, BLUE, 0.18, step=True)
    if np.array_equal(duty.time, needed.time):
        canvas.gap(duty.time, duty.mean, needed.mean, "missing")
    canvas.line(duty, "on duty", BLUE, "solid", shape="hv")
    canvas.line(needed, "needed on average", RED, "dash", shape="hv", spread=spread)
    canvas.marks(findings.breaks)
    canvas.yaxis(title="agents", range=[0, round(top, 1)])
    return canvas


def occupancy(findings: Findings) -> Chart:
    """The share of time on duty that agents are busy, with 10–90 % of events, and the mean of the three
    largest teams.
    """
    canvas = Canvas.over(findings.lens, 320)
    rows = pick(findings.estimates, "occupancy", "period")
    canvas.band(rows.time, rows.p10, rows.p90, BLUE, 0.18)
    canvas.line(rows, "all teams", BLUE, "solid")
    teams, hours = (pick(findings.estimates, measure, "team") for measure in ("occupancy", "agent_hours"))
    largest = np.argsort(
        -hours.mean if len(hours.member) == len(teams.member) else np.zeros(len(teams.member)), kind="stable"
    )[:TEAMS]
    told = []
    for row, (colour, dash) in zip(largest.tolist(), LINES[1:], strict=False):
        words = f"{teams.member[row]}, mean {value_words(teams, row)}"
        canvas.across(float(teams.mean[row]), str(teams.member[row]), colour, dash)
        told.append(words)
    canvas.marks(findings.breaks)
    canvas.yaxis(**PERCENT, range=[0, 1.04])
    caption = (
        "The share of the time on duty that agents are busy, of all teams together; the band holds "
        "10–90 % of events."
    )
    return canvas.chart("Occupancy", caption + (f" Level lines: {'; '.join(told)}." if told else ""))


def kept_by_day(findings: Findings) -> Chart | None:
    """A heat map of the leading promise by day and local hour; None without cells."""
    lens = findings.lens

    def words(rows: Estimates, row: int, _: str) -> str:
        return span_words(lens, int(rows.time[row]), HOUR)

    return _heat(findings, heat.by_day(findings, heat.leading(findings)), BY_DAY, words)


def kept_by_language(findings: Findings) -> Chart | None:
    """A heat map of the leading promise by language and local hour; None without cells."""

    def words(rows: Estimates, row: int, label: str) -> str:
        return hour_words(label, int(rows.hour[row]))

    return _heat(findings, heat.by_language(findings, heat.leading(findings)), BY_LANGUAGE, words)


def _heat(
    findings: Findings, cells: heat.Heat, dimension: str, words: Callable[[Estimates, int, str], str]
) -> Chart | None:
    """Shares as colours and numbers in cells; those surely below the promise outlined and bold, those of few
    cases veiled.
    """
    if np.isnan(cells.service_level).all():
        return None
    rows = cells.rows
    least = percent_text(cells.asked)
    texts, told = (np.full(cells.service_level.shape, "", object) for _ in range(2))
    for place in zip(*np.nonzero(cells.at >= 0), strict=True):
        row = int(cells.at[place])
        figure = number(100 * float(cells.service_level[place]), 0) + "†" * bool(cells.few[place])
        texts[place] = f"<b>{figure}</b>" if cells.broken[place] else figure
        told[place] = "<br>".join(
            [
                f"<b>{plain(words(rows, row, cells.labels[place[0]]))}</b>",
                f"{value_words(rows, row)} in time (95 %)",
                f"{number(float(rows.cases[row]), 0)} cases an event"
                + f", fewer than {CASES_LEAST} †" * bool(cells.few[place]),
                *([f"surely below {least}"] if cells.broken[place] else []),
            ]
        )
    name = promise_names(findings.lens).get(heat.leading(findings), "nothing promised")
    caption = (
        f"Share of the cases kept, {dimension} of arrival, in percent. Outlined and bold: "
        f"surely below {least}. "
        f"Paler, with †: fewer than {CASES_LEAST} cases an event. Point at a cell for its interval."
    )
    tiles = maps.Tiles(cells.service_level, texts, told, cells.few, cells.broken)
    axes = maps.labels(cells.labels), maps.hours(findings.lens.clock)
    return maps.heat_map(f"{name[:1].upper()}{name[1:]}, {dimension}", caption, tiles, maps.KEPT, *axes)
