"""The pictures of a report to look into: what the planner's sheet shows, as plotly's data, with every number
in words.

All text is escaped where it enters: plotly reads some tags in it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.show.content import heat, run_figures
from sim.show.content.heat import SHARES
from sim.show.content.words import moment, number, span
from sim.show.report import heat_map as maps
from sim.show.report import plotly as drawing
from sim.show.report.page import Chart
from sim.show.report.plotly import PERCENT, plain
from sim.show.report.time_chart import Canvas, hour_words, span_words, value_words
from sim.study.findings import Estimates, Findings
from sim.units import HOUR, duration_text

STAFFED = (
    "Agents on duty (band: 10–90 % of simulations), those of them that are busy, and the agents that the "
    "work of the mean simulation would need to be in time; where more are needed than are there, the gap is "
    "hatched."
)
NONE_MISSING = "In no hour are agents missing."


def service_level(findings: Findings) -> Chart:
    """The share of cases in time by the period they came in, of every promise: 95 % interval and 10–90 % of
    simulations as bands.
    """
    lens, figure = findings.lens, run_figures.service_level(findings)
    canvas = Canvas.over(findings.lens, 360)
    lowest = []
    for line in figure.lines:
        rows = line.rows
        canvas.band(rows.time, rows.p10, rows.p90, line.colour, 0.13)
        canvas.band(rows.time, rows.lower, rows.upper, line.colour, 0.3)
        canvas.line(line)
        if not np.isnan(rows.mean).all():
            least = int(np.nanargmin(rows.mean))
            lowest.append(f"{line.name} {value_words(rows, least)} at {moment(lens, int(rows.time[least]))}")
    for level in figure.levels:
        canvas.level(level)
    for start, end in figure.unjudged:
        canvas.word((start + end) / 2, 0.5, run_figures.UNJUDGED)
    canvas.broken(run_figures.broken(findings), words=True)
    canvas.yaxis(**PERCENT, range=[0, 1.04])
    period = duration_text(lens.period)
    caption = (
        f"Share of cases in time, by the {period} in which they came: the line is the mean over simulations, "
        f"the darker band its "
        "95 % interval, the lighter one where 10–90 % of simulations lie; what is promised is a dashed line. "
    )
    return canvas.chart(figure.title, caption + (f"Lowest: {'; '.join(lowest)}." if lowest else ""))


def backlog(findings: Findings) -> Chart:
    """Contacts waiting and, below, how long the oldest of them has waited, with 10–90 % of simulations."""
    canvas, figure = Canvas.over(findings.lens, 400), run_figures.backlog(findings)
    waiting, oldest = figure.waiting.rows, figure.oldest.rows
    canvas.band(waiting.time, waiting.p10, waiting.p90, figure.waiting.colour, 0.22)
    canvas.line(figure.waiting)
    canvas.band(oldest.time, oldest.p10 / HOUR, oldest.p90 / HOUR, figure.oldest.colour, 0.14, yaxis="y2")
    canvas.line(figure.oldest, HOUR, yaxis="y2")
    canvas.broken(run_figures.broken(findings))
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
    caption += "Lines are means over simulations, bands hold 10–90 % of them."
    if len(most) == 2:
        caption += f" Above {most[0]}; below {most[1]}."
    return canvas.chart(figure.title, caption)


def staffing(findings: Findings) -> Chart:
    """Agents on duty against agents needed, the gaps hatched, the largest shortfalls by name."""
    figure = run_figures.staffing(findings)
    canvas = _staffed(findings, figure, 380, figure.top)
    for row, item in enumerate(figure.largest):
        said = f"{item.words} {run_figures.IN_BREAKING}"
        canvas.stretch(item.start, item.end, figure.top * (0.9 - 0.1 * row), said, item.words)
    caption = STAFFED + " "
    if figure.largest:
        caption += "Bars on top: the largest shortfalls, over the simulations that break a promise."
    elif len(figure.duty.rows.mean):
        caption += NONE_MISSING
    return canvas.chart(figure.title, caption)


def staffing_panel(findings: Findings, name: str, top: float) -> Chart:
    """The staffing of one plan of several, on the scale of all; the largest shortfall in words below, and no
    legend.
    """
    figure = run_figures.staffing(findings)
    said = [
        f"Largest shortfall: {item.words}, {span(item.start, item.end, findings.lens)}, "
        f"{run_figures.IN_BREAKING}."
        for item in figure.largest[:1]
    ]
    canvas = _staffed(findings, figure, 230, top, spread=False)
    canvas.layout["showlegend"] = False
    return canvas.chart(name, said[0] if said else NONE_MISSING)


def _staffed(
    findings: Findings, figure: run_figures.Staffing, height: int, top: float, spread: bool = True
) -> Canvas:
    canvas = Canvas.over(findings.lens, height)
    duty, needed, sky = figure.duty.rows, figure.needed.rows, figure.busy.colour
    below: dict[str, Any] = {
        "line": {"width": 0, "shape": "hv", "color": sky},
        "fill": "tozeroy",
        "fillcolor": drawing.faded(sky, 0.45),
    }
    canvas.line(figure.busy, spread=spread, **below)
    canvas.band(duty.time, duty.p10, duty.p90, figure.duty.colour, 0.18, step=True)
    if len(figure.gap):
        canvas.gap(duty.time, duty.mean, needed.mean, figure.gap, figure.gap_name)
    canvas.line(figure.duty, shape="hv")
    canvas.line(figure.needed, shape="hv", spread=spread)
    canvas.broken(run_figures.broken(findings))
    canvas.yaxis(title="agents", range=[0, round(top, 1)])
    return canvas


def occupancy(findings: Findings) -> Chart:
    """The share of time on duty that agents are busy, with 10–90 % of simulations, and large teams' means."""
    canvas, figure = Canvas.over(findings.lens, 320), run_figures.occupancy(findings)
    rows, teams = figure.all_teams.rows, figure.by_team
    canvas.band(rows.time, rows.p10, rows.p90, figure.all_teams.colour, 0.18)
    canvas.line(figure.all_teams)
    means = []
    for row, (colour, dash) in figure.largest:
        canvas.across(float(teams.mean[row]), str(teams.member[row]), colour, dash)
        means.append(f"{teams.member[row]}, mean {value_words(teams, row)}")
    canvas.broken(run_figures.broken(findings))
    canvas.yaxis(**PERCENT, range=[0, 1.04])
    caption = (
        "The share of the time on duty that agents are busy, of all teams together; the band holds "
        "10–90 % of simulations."
    )
    return canvas.chart(figure.title, caption + (f" Level lines: {'; '.join(means)}." if means else ""))


def service_level_by_day(findings: Findings) -> Chart | None:
    """A heat map of the leading promise by day and local hour; None without cells."""
    lens = findings.lens

    def words(rows: Estimates, row: int, _: str) -> str:
        return span_words(lens, int(rows.time[row]), HOUR)

    return _heat(findings, heat.by_day(findings, heat.leading(findings)), words)


def service_level_by_language(findings: Findings) -> Chart | None:
    """A heat map of the leading promise by language and local hour; None without cells."""

    def words(rows: Estimates, row: int, label: str) -> str:
        return hour_words(label, int(rows.hour[row]))

    return _heat(findings, heat.by_language(findings, heat.leading(findings)), words)


def _heat(findings: Findings, cells: heat.Heat, words: Callable[[Estimates, int, str], str]) -> Chart | None:
    """Shares as colours and numbers in cells; those surely below the promise outlined and bold, those of few
    cases veiled.
    """
    if np.isnan(cells.service_level).all():
        return None
    rows, percents = cells.rows, cells.percents
    texts, hover = (np.full(cells.service_level.shape, "", object) for _ in range(2))
    for place in zip(*np.nonzero(cells.at >= 0), strict=True):
        row = int(cells.at[place])
        percent = percents[place[0]][place[1]] + "†" * bool(cells.few[place])
        texts[place] = f"<b>{percent}</b>" if cells.broken[place] else percent
        hover[place] = "<br>".join(
            [
                f"<b>{plain(words(rows, row, cells.labels[place[0]]))}</b>",
                f"{value_words(rows, row)} in time (95 %)",
                f"{number(float(rows.cases[row]), 0)} cases a simulation"
                + f", {cells.few_least} †" * bool(cells.few[place]),
                *([cells.broken_words] if cells.broken[place] else []),
            ]
        )
    caption = (
        f"Share of the cases in time, {cells.split} of arrival, in percent. Outlined and bold: "
        f"{cells.broken_words}. Paler, with †: {cells.few_words}. Point at a cell for its interval."
    )
    tiles = maps.Tiles(cells.service_level, texts, hover, cells.few, cells.broken)
    axes = maps.labels(cells.labels), maps.hours(findings.lens.clock)
    title = f"{cells.promise[:1].upper()}{cells.promise[1:]}, {cells.split}"
    return maps.heat_map(title, caption, tiles, SHARES, *axes)
