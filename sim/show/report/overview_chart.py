"""The chart of cost against promise: a mark a plan, whose name lies on nothing else if that can be."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from sim.show.content import compare_figures
from sim.show.content.compare import FRONT, price_unit
from sim.show.content.compare_figures import Overview, Spot
from sim.show.content.palette import BLUE, MARKS, RULINGS
from sim.show.report import plotly as drawing
from sim.show.report.page import Chart
from sim.show.report.plotly import INK, PERCENT, plain
from sim.show.report.time_chart import value_words
from sim.study.compare import Comparison
from sim.study.findings import Estimates

WIDE, SMALL = (600, 300), (270, 260)  # pixels, on paper (a screen has more room) and on a phone
SIZES = (13, 11)  # of names there
LETTER, HEIGHT = 0.54, 1.25  # the width of a letter of a name and the height of the name, in its size
MARK = 7.0  # pixels: half a mark
DOTS = 60  # along the line, which names do not cross if they need not
ASIDE = [(low, left) for left in ("right", "left", "center") for low in ("top", "bottom", "middle")]
ASIDE.remove(("middle", "center"))
MARGIN_X, MARGIN_Y = 0.16, 0.2  # of the range of the marks, around them
Box = tuple[float, float, float, float]  # left, low, right, high


def overview(found: Comparison) -> Chart | None:
    """What each plan costs against its service level, with 95 % intervals, the promise, and the front; None
    without cases.
    """
    figure = compare_figures.overview(found)
    marked = sorted(figure.spots, key=lambda spot: float(spot.price.mean[0]))
    if not marked:
        return None
    layout = _layout(figure, marked)
    marks = _marks(marked, price_unit(found))
    marks["textposition"] = _aside(figure, marked, layout, WIDE, SIZES[0])
    caption = (
        f"Up, the mean share of cases in time ({figure.promise}); across, {figure.price_title}. "
        f"Bars are 95 % intervals. A line joins the plans with a *: {FRONT}."
    )
    narrow = [
        ("data.1.textfont.size", SIZES[1]),
        ("data.1.textposition", _aside(figure, marked, layout, SMALL, SIZES[1])),
        ("layout.hoverlabel.font.size", 11),
    ]
    return Chart(figure.title, caption, [_front(figure), marks, *_legend(marked)], layout, narrow)


def _layout(figure: Overview, marked: Sequence[Spot]) -> dict[str, Any]:
    """The axes around all marks, and what is promised."""
    layout = drawing.layout(400) | {"hovermode": "closest"}
    prices = _around([spot.price for spot in marked], MARGIN_X)
    layout["xaxis"] = drawing.axis(figure.price_title, range=prices, tickformat=",")
    low, high = _around([spot.service_level for spot in marked], MARGIN_Y)
    layout["yaxis"] = drawing.axis(**PERCENT, range=[max(low, -0.04), min(high, 1.12)])
    if figure.level is not None:
        share, words = figure.level.share, figure.level.words
        layout["shapes"].append(drawing.level(share) | {"layer": "below"})
        layout["annotations"].append(drawing.words(words, **drawing.below_level(share)))
    return layout


def _front(figure: Overview) -> dict[str, Any]:
    """A line through the plans than which none is both cheaper and better."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": drawing.short([price for price, _ in figure.front], 6),
        "y": drawing.short([share for _, share in figure.front]),
        "line": {"color": BLUE, "width": 1.4},
        "hoverinfo": "skip",
        "name": f"* {FRONT}",
    }


def _legend(marked: Sequence[Spot]) -> list[dict[str, Any]]:
    """The mark of each ruling that some plan has."""
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": str(ruling),
            "marker": {"symbol": mark, "color": RULINGS[ruling], "size": 10},
        }
        for ruling, mark in MARKS.items()
        if any(spot.ruling is ruling for spot in marked)
    ]


def _marks(marked: Sequence[Spot], unit: str) -> dict[str, Any]:
    """A mark with its name and bars for each plan."""
    hover = [
        f"<b>{plain(spot.plan)}</b> {spot.ruling}<br>{value_words(spot.service_level, 0)} in time"
        f"<br>{value_words(spot.price, 0)} {unit}"
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
            "symbol": [MARKS[spot.ruling] for spot in marked],
            "color": [RULINGS[spot.ruling] for spot in marked],
            "size": 11,
        },
        "text": [plain(spot.name) for spot in marked],
        "cliponaxis": False,
        "textfont": {"size": SIZES[0], "color": INK},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _aside(
    figure: Overview, marked: Sequence[Spot], layout: Mapping[str, Any], size: tuple[int, int], font: int
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
    for one, other in pairwise(pixels(*place) for place in figure.front):
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
        wide = letter * len(spot.name)
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
        places[spot.plan] = best
    return [places[spot.plan] for spot in marked]


def _shared(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    wide, tall = (min(one[side + 2], other[side + 2]) - max(one[side], other[side]) for side in (0, 1))
    return max(wide, 0.0) * max(tall, 0.0)


def _beyond(box: Box, size: tuple[int, int]) -> float:
    """The area of a box that lies outside."""
    return (box[2] - box[0]) * (box[3] - box[1]) - _shared(box, (0.0, 0.0, *size))


def _bars(rows: Sequence[Estimates], digits: int) -> dict[str, Any]:
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


def _around(rows: Sequence[Estimates], margin: float) -> list[float]:
    """From below the least to above the most."""
    least = min(float(np.nanmin([row.mean[0], row.lower[0]])) for row in rows)
    most = max(float(np.nanmax([row.mean[0], row.upper[0]])) for row in rows)
    room = margin * ((most - least) or abs(most) or 1.0)
    return [float(f"{least - room:.6g}"), float(f"{most + room:.6g}")]
