"""The charts of several plans: each a line among the others, and what they differ by."""

from collections.abc import Callable

import numpy as np

from sim.show.content import heat, run_figures
from sim.show.content.compare_figures import drawn, leading_level
from sim.show.content.heat import POINTS, UNSURE
from sim.show.content.palette import plan_looks
from sim.show.content.run_figures import Line
from sim.show.content.tables import pick
from sim.show.content.words import change, leading_words
from sim.show.report import heat_map as maps
from sim.show.report import run_charts as charts
from sim.show.report.page import Chart, Panels
from sim.show.report.plotly import PERCENT, plain
from sim.show.report.time_chart import Canvas, hour_words, span_words
from sim.study.compare import Comparison
from sim.units import HOUR, duration_text

STAFFED = (
    "All on one scale. Solid: agents on duty, the band around it 10–90 % of simulations; filled: those of "
    "them that are busy; dashed: agents that the work of the mean simulation would need to be in time; "
    "hatched: where more are needed than are there."
)
TOGGLED = (
    "A click on a plan in the legend, or its number there typed on the chart, hides it or shows it again."
)


def service_level(found: Comparison) -> Chart:
    """The share of cases in time of the leading promise by the period they came in, a line a plan with its 95
    % interval.
    """
    canvas = Canvas.over(found.lens, 380)
    _lines(found, canvas, "service_level", found.leading)
    level = leading_level(found)
    if level is not None:
        canvas.level(level)
    canvas.yaxis(**PERCENT, range=[0, 1.04])
    what = leading_words(found.lens, found.leading)
    caption = (
        f"Share of cases in time ({what}), by the {duration_text(found.lens.period)} in which they came: "
        f"lines are means over "
        f"simulations, bands their 95 % intervals. {TOGGLED}{_left_out(found)}"
    )
    return canvas.chart(f"{run_figures.ServiceLevel.title}: {what}", caption)


def backlog(found: Comparison) -> Chart:
    """Contacts waiting, a line a plan with its 95 % interval."""
    canvas = Canvas.over(found.lens, 340)
    _lines(found, canvas, "backlog")
    canvas.yaxis(title="contacts", rangemode="tozero")
    caption = (
        f"Contacts that wait at the end of each period: lines are means over simulations, bands their 95 % "
        f"intervals. {TOGGLED}"
        f"{_left_out(found)}"
    )
    return canvas.chart("Backlog", caption)


def _lines(found: Comparison, canvas: Canvas, measure: str, promise: str = "") -> None:
    looks = plan_looks(len(found.names))
    for plan in drawn(found):
        rows = pick(found.findings[plan].estimates, measure, "period", promise)
        if not len(rows.mean):
            continue
        line = Line(found.names[plan], *looks[plan], rows)
        group = plain(line.name)
        canvas.band(rows.time, rows.lower, rows.upper, line.colour, 0.2, legendgroup=group)
        canvas.line(line, spread=False, showlegend=True, legendgroup=group)
    toggle = {"itemclick": "toggle", "itemdoubleclick": "toggleothers"}
    canvas.layout["legend"] = {**canvas.layout["legend"], **toggle}


def _left_out(found: Comparison) -> str:
    """Which plans there is no room for."""
    rest = [name for row, name in enumerate(found.names) if row not in drawn(found)]
    return f" Not drawn: {', '.join(rest)}." if rest else ""


def staffing(found: Comparison) -> Panels:
    """Agents on duty against agents needed, a panel a plan, all on one scale."""
    plans = [(found.names[plan], found.findings[plan]) for plan in drawn(found)]
    top = 1.08 * max(run_figures.staffing(findings).most for _, findings in plans)
    panels = [charts.staffing_panel(findings, name, top) for name, findings in plans]
    return Panels(run_figures.Staffing.title, STAFFED + _left_out(found), panels)


def more_by_day(found: Comparison, plan: int) -> Chart | None:
    """A heat map of the points more in time than the first plan, by day and hour; None without cells."""

    def words(row: int, _: str) -> str:
        return span_words(found.lens, int(found.differences.time[row]), HOUR)

    return _more(found, plan, heat.more_by_day(found, plan), words)


def more_by_language(found: Comparison, plan: int) -> Chart | None:
    """A heat map of the points more in time than the first plan, by language and hour; None without cells."""

    def words(row: int, label: str) -> str:
        return hour_words(label, int(found.differences.hour[row]))

    return _more(found, plan, heat.more_by_language(found, plan), words)


def _more(found: Comparison, plan: int, cells: heat.More, words: Callable[[int, str], str]) -> Chart | None:
    if np.isnan(cells.more).all():
        return None
    rows, (name, first), points = found.differences, (found.names[plan], found.names[0]), cells.points
    texts, hover = (np.full(cells.more.shape, "", object) for _ in range(2))
    for place in zip(*np.nonzero(cells.at >= 0), strict=True):
        row, unsure = int(cells.at[place]), bool(cells.unsure[place])
        bounds = (float(getattr(rows, key)[row]) for key in ("mean", "lower", "upper"))
        texts[place] = points[place[0]][place[1]] + "?" * unsure
        hover[place] = "<br>".join(
            [
                f"<b>{plain(words(row, cells.labels[place[0]]))}</b>",
                f"{' '.join(change('share', *bounds))} points (95 %)",
                *([f"{UNSURE} ?"] if unsure else []),
            ]
        )
    caption = (
        f"Points more in time ({cells.promise}) with {name} than with {first}, {cells.split} of arrival: "
        f"blue and + is more, red and − is less. Paler, with ?: {UNSURE}. Point at a cell for its interval."
    )
    tiles = maps.Tiles(cells.more, texts, hover, cells.unsure, np.zeros(cells.more.shape, bool))
    axes = maps.labels(cells.labels), maps.hours(found.lens.clock)
    title = f"{name}: {cells.title}, {cells.split}"
    return maps.heat_map(title, caption, tiles, POINTS, *axes)
