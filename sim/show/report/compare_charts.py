"""The charts of several plans: each a line among the others, what they cost against what they keep, and what
they differ by.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice, pairwise
from typing import Any

import numpy as np

from sim.measure.stats.verdicts import Ruling
from sim.show.content import heat
from sim.show.content.compare import FRONT, Spot, front, price_title, price_unit, shown, spots
from sim.show.content.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, RULINGS, SKY
from sim.show.content.tables import pick
from sim.show.content.words import change, promise_names, promise_words, signed
from sim.show.report import heat_map as maps
from sim.show.report import plotly as drawing
from sim.show.report import run_charts as charts
from sim.show.report.page import Chart, Panels
from sim.show.report.plotly import INK, PERCENT, plain
from sim.show.report.time_chart import Canvas, hour_words, span_words, value_words
from sim.study.compare import Comparison
from sim.units import HOUR, duration_text, percent_text

PLANS_MOST = 4  # that are drawn: the page stays below 3 MB
COLOURS = (BLUE, RED, GREEN, PURPLE, ORANGE, BLACK, SKY)
DASHES = ("solid", "dash", "dashdot", "dot", "longdash", "longdashdot")
SYMBOLS = {Ruling.HOLDS: "circle", Ruling.BREAKS: "x", Ruling.UNDECIDED: "square"}
WIDE, SMALL = (
    (600, 300),
    (270, 260),
)  # pixels of the overview, on paper (on a screen there is more room) and on a phone
SIZES = (13, 11)  # of names there
LETTER, HEIGHT, MARK = (
    0.54,
    1.25,
    7.0,
)  # of a name the width of a letter and the height, in its size; pixels: half a mark
DOTS = 60  # along the line, which names do not cross if they need not
ASIDE = [(low, left) for left in ("right", "left", "center") for low in ("top", "bottom", "middle")]
ASIDE.remove(("middle", "center"))
MARGIN_X, MARGIN_Y = 0.16, 0.2  # of the range of the marks, around them
STAFFED = (
    "All on one scale. Solid: agents on duty, the band around it 10–90 % of events; filled: those of them "
    "that are busy; "
    "dashed: agents that the work of the mean event would need to be in time; hatched: where more are "
    "needed than are there."
)
Box = tuple[float, float, float, float]  # left, low, right, high
TOGGLED = (
    "A click on a plan in the legend, or its number there typed on the chart, hides it or shows it again."
)


def drawn(found: Comparison) -> list[int]:
    """The plans that there is room for."""
    return shown(found, PLANS_MOST)


def overview(found: Comparison) -> Chart | None:
    """What each plan costs against what it keeps, with 95 % intervals, the promise, and the front; None
    without cases.
    """
    marked = sorted(spots(found), key=lambda spot: float(spot.price.mean[0]))
    if not marked:
        return None
    data: list[dict[str, Any]] = []
    best = front(found)
    line = {"color": BLUE, "width": 1.4}
    data.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": drawing.short([price for price, _ in best], 6),
            "y": drawing.short([kept for _, kept in best]),
            "line": line,
            "hoverinfo": "skip",
            "name": f"* {FRONT}",
        }
    )
    data.append(_marks(found, marked))
    for ruling in (ruling for ruling in SYMBOLS if any(spot.ruling is ruling for spot in marked)):
        marker = {"symbol": SYMBOLS[ruling], "color": RULINGS[ruling], "size": 10}
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [None],
                "y": [None],
                "name": str(ruling),
                "marker": marker,
            }
        )
    layout = drawing.layout(400) | {"hovermode": "closest"}
    layout["xaxis"] = drawing.axis(
        price_title(found), range=_around(marked, "price", MARGIN_X), tickformat=","
    )
    low, high = _around(marked, "service_level", MARGIN_Y)
    layout["yaxis"] = drawing.axis(**PERCENT, range=[max(low, -0.04), min(high, 1.12)])
    what = promise_names(found.lens).get(found.leading, "nothing promised")
    asked = {promise.name: promise.share for promise in found.lens.promises}.get(found.leading)
    if asked is not None:
        level = {"color": BLACK, "width": 1.2, "dash": "6px,3px"}
        layout["shapes"].append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": asked,
                "y1": asked,
                "line": level,
                "layer": "below",
            }
        )
        place = {
            "xref": "paper",
            "x": 1,
            "y": asked,
            "xanchor": "right",
            "yanchor": "top",
            "font": {"size": 12, "color": INK},
        }
        layout["annotations"].append(drawing.words(f"promised {percent_text(asked)}", **place))
    caption = (
        f"Up, the mean share of cases in time ({what}); across, {price_title(found)}. Bars are 95 % "
        f"intervals. "
        f"A line joins the plans with a *: {FRONT}."
    )
    data[1]["textposition"] = _aside(found, marked, layout, WIDE, SIZES[0])
    narrow = [
        ("data.1.textfont.size", SIZES[1]),
        ("data.1.textposition", _aside(found, marked, layout, SMALL, SIZES[1])),
        ("layout.hoverlabel.font.size", 11),
    ]
    return Chart("Cost against promise", caption, data, layout, narrow)


def _marks(found: Comparison, marked: Sequence[Spot]) -> dict[str, Any]:
    """A mark with its name and bars for each plan."""
    told = [
        f"<b>{plain(spot.name)}</b> {spot.ruling}<br>{value_words(spot.service_level, 0)} in time"
        f"<br>{value_words(spot.price, 0)} {price_unit(found)}"
        for spot in marked
    ]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": drawing.short([spot.price.mean[0] for spot in marked], 6),
        "y": drawing.short([spot.service_level.mean[0] for spot in marked]),
        "showlegend": False,
        "error_x": _bars([spot.price for spot in marked], 6),
        "error_y": _bars([spot.service_level for spot in marked], 4),
        "marker": {
            "symbol": [SYMBOLS[spot.ruling] for spot in marked],
            "color": [RULINGS[spot.ruling] for spot in marked],
            "size": 11,
        },
        "text": [plain(_mark_words(spot)) for spot in marked],
        "cliponaxis": False,
        "textfont": {"size": SIZES[0], "color": INK},
        "customdata": told,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _mark_words(spot: Spot) -> str:
    return f"{spot.name}{' *' if spot.front else ''}"


def _aside(
    found: Comparison, marked: Sequence[Spot], layout: Mapping[str, Any], size: tuple[int, int], font: int
) -> list[str]:
    """Where each name stands beside its mark on a chart of about this size, so that it lies on nothing else
    if that can be.
    """
    ranges = layout["xaxis"]["range"], layout["yaxis"]["range"]
    letter, tall = LETTER * font, HEIGHT * font

    def pixels(*place: float) -> tuple[float, float]:
        x, y = (
            (one - low) / (high - low) * most
            for one, (low, high), most in zip(place, ranges, size, strict=True)
        )
        return x, y

    at = [pixels(float(spot.price.mean[0]), float(spot.service_level.mean[0])) for spot in marked]
    taken = [(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in at]
    for one, other in pairwise(pixels(*place) for place in front(found)):
        line = zip(
            np.linspace(one[0], other[0], DOTS).tolist(),
            np.linspace(one[1], other[1], DOTS).tolist(),
            strict=True,
        )
        taken += [(x - 1, y - 1, x + 1, y + 1) for x, y in line]
    for note in layout["annotations"]:
        _, y = pixels(ranges[0][0], note["y"])
        taken.append((size[0] - letter * len(note["text"]), y - tall, float(size[0]), y))
    places: dict[str, str] = {}
    for (x, y), spot in sorted(zip(at, marked, strict=True), key=lambda pair: pair[0], reverse=True):
        wide = letter * len(_mark_words(spot))
        lefts = {"right": x + MARK, "left": x - MARK - wide, "center": x - wide / 2}
        lows = {"top": y + MARK, "bottom": y - MARK - tall, "middle": y - tall / 2}
        boxes = {
            f"{low} {left}": (lefts[left], lows[low], lefts[left] + wide, lows[low] + tall)
            for low, left in ASIDE
        }
        costs = {
            name: sum(_shared(box, other) for other in taken) + _beyond(box, size)
            for name, box in boxes.items()
        }
        best = min(costs, key=lambda name: costs[name])
        taken.append(boxes[best])
        places[spot.name] = best
    return [places[spot.name] for spot in marked]


def _shared(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    wide, tall = (min(one[side + 2], other[side + 2]) - max(one[side], other[side]) for side in (0, 1))
    return max(wide, 0.0) * max(tall, 0.0)


def _beyond(box: Box, size: tuple[int, int]) -> float:
    """The area of a box that lies outside."""
    return (box[2] - box[0]) * (box[3] - box[1]) - _shared(box, (0.0, 0.0, *size))


def _bars(rows: Sequence[Any], digits: int) -> dict[str, Any]:
    up, down = (
        [float(abs(getattr(row, end)[0] - row.mean[0])) for row in rows] for end in ("upper", "lower")
    )
    return {
        "type": "data",
        "symmetric": False,
        "array": drawing.short(up, digits),
        "arrayminus": drawing.short(down, digits),
        "color": INK,
        "thickness": 1.2,
        "width": 4,
    }


def _around(marked: Sequence[Spot], name: str, margin: float) -> list[float]:
    """From below the least to above the most."""
    rows = [getattr(spot, name) for spot in marked]
    least = min(float(np.nanmin([row.mean[0], row.lower[0]])) for row in rows)
    most = max(float(np.nanmax([row.mean[0], row.upper[0]])) for row in rows)
    room = margin * ((most - least) or abs(most) or 1.0)
    return [float(f"{least - room:.6g}"), float(f"{most + room:.6g}")]


def kept(found: Comparison) -> Chart:
    """The share of cases in time of the leading promise by the period they came in, a line a plan with its 95
    % interval.
    """
    canvas = Canvas.over(found.lens, 380)
    _lines(found, canvas, "service_level", found.leading)
    for promise in (promise for promise in found.lens.promises if promise.name == found.leading):
        canvas.level(
            promise.share,
            f"promised {percent_text(promise.share)}",
            f"promised {percent_text(promise.share)}",
        )
    canvas.yaxis(**PERCENT, range=[0, 1.04])
    what = promise_names(found.lens).get(found.leading, "nothing promised")
    caption = (
        f"Share of cases in time ({what}), by the {duration_text(found.lens.period)} in which they came: "
        f"lines are means over "
        f"events, bands their 95 % intervals. {TOGGLED}{_left_out(found)}"
    )
    return canvas.chart(f"Cases in time: {what}", caption)


def backlog(found: Comparison) -> Chart:
    """Contacts waiting, a line a plan with its 95 % interval."""
    canvas = Canvas.over(found.lens, 340)
    _lines(found, canvas, "backlog")
    canvas.yaxis(title="contacts", rangemode="tozero")
    caption = (
        f"Contacts that wait at the end of each period: lines are means over events, bands their 95 % "
        f"intervals. {TOGGLED}"
        f"{_left_out(found)}"
    )
    return canvas.chart("Backlog", caption)


def _lines(found: Comparison, canvas: Canvas, measure: str, promise: str = "") -> None:
    looks = list(islice(zip(cycle(COLOURS), cycle(DASHES), strict=False), len(found.names)))
    for plan in drawn(found):
        rows = pick(found.findings[plan].estimates, measure, "period", promise)
        if not len(rows.mean):
            continue
        colour, dash = looks[plan]
        group = plain(found.names[plan])
        canvas.band(rows.time, rows.lower, rows.upper, colour, 0.2, legendgroup=group)
        canvas.line(rows, found.names[plan], colour, dash, spread=False, showlegend=True, legendgroup=group)
    canvas.layout["legend"] = {
        **canvas.layout["legend"],
        "itemclick": "toggle",
        "itemdoubleclick": "toggleothers",
    }


def _left_out(found: Comparison) -> str:
    """Which plans there is no room for."""
    rest = [name for row, name in enumerate(found.names) if row not in drawn(found)]
    return f" Not drawn: {', '.join(rest)}." if rest else ""


def staffing(found: Comparison) -> Panels:
    """Agents on duty against agents needed, a panel a plan, all on one scale."""
    plans = [(found.names[plan], found.findings[plan]) for plan in drawn(found)]
    top = 1.08 * max(charts.agents_most(findings) for _, findings in plans)
    panels = [charts.staffing_panel(findings, name, top) for name, findings in plans]
    return Panels("Agents on duty against agents needed", STAFFED + _left_out(found), panels)


def more_by_day(found: Comparison, plan: int) -> Chart | None:
    """A heat map of the points that a plan keeps more than the first, by day and local hour; None without
    cells.
    """

    def words(row: int, _: str) -> str:
        return span_words(found.lens, int(found.differences.time[row]), HOUR)

    return _more(found, plan, heat.more_by_day(found, plan), charts.BY_DAY, words)


def more_by_language(found: Comparison, plan: int) -> Chart | None:
    """The same by language and local hour."""

    def words(row: int, label: str) -> str:
        return hour_words(label, int(found.differences.hour[row]))

    return _more(found, plan, heat.more_by_language(found, plan), charts.BY_LANGUAGE, words)


def _more(
    found: Comparison, plan: int, cells: heat.More, dimension: str, words: Callable[[int, str], str]
) -> Chart | None:
    if np.isnan(cells.more).all():
        return None
    rows, (name, first) = found.differences, (found.names[plan], found.names[0])
    texts, told = (np.full(cells.more.shape, "", object) for _ in range(2))
    for place in zip(*np.nonzero(cells.at >= 0), strict=True):
        row = int(cells.at[place])
        points, interval = change(
            "share", *(float(getattr(rows, key)[row]) for key in ("mean", "lower", "upper"))
        )
        texts[place] = signed(100 * float(cells.more[place]), 0) + "?" * bool(cells.unsure[place])
        told[place] = "<br>".join(
            [
                f"<b>{plain(words(row, cells.labels[place[0]]))}</b>",
                f"{points} {interval} points (95 %)",
                *(["perhaps no difference ?"] if cells.unsure[place] else []),
            ]
        )
    what = next(
        (promise_words(item) for item in found.lens.promises if item.name == found.leading),
        "nothing promised",
    )
    caption = (
        f"Points of {what} that {name} keeps more than {first}, {dimension} of arrival: blue and + is more, "
        f"red and − is less. "
        "Paler, with ?: perhaps no difference. Point at a cell for its interval."
    )
    tiles = maps.Tiles(cells.more, texts, told, cells.unsure, np.zeros(cells.more.shape, bool))
    axes = maps.labels(cells.labels), maps.hours(found.lens.clock)
    return maps.heat_map(
        f"{name}: points kept more than by {first}, {dimension}", caption, tiles, maps.MORE, *axes
    )
