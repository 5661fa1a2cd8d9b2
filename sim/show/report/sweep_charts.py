"""The charts of a sweep: how often promises are kept, and how much of them, against the value of a setting or
two.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sim.measure.stats.verdicts import Ruling, Verdict
from sim.show.content import curves as points
from sim.show.content.palette import BLACK
from sim.show.content.sweep import asked
from sim.show.content.tables import pick
from sim.show.content.words import kept_words, percent_range, promise_words, row_words
from sim.show.report import heat_map as maps
from sim.show.report import plotly as drawing
from sim.show.report import run_charts as charts
from sim.show.report.page import Chart
from sim.show.report.plotly import INK, PERCENT, plain
from sim.show.report.time_chart import value_words
from sim.study.sweep import Sweep
from sim.units import percent_text

LABELS_MOST, LABELS_MOST_NARROW = 16, 6  # along an axis
BREAKS = "×"  # marks a cell


def probability_kept(found: Sweep) -> Chart:
    """The probability that an event keeps each promise against the value, with its 95 % band; the least that
    is enough.
    """

    def words(point: int, promise: str) -> str:
        return _kept(found, found.weakest(point, promise))

    layout, data = _curves(found, points.probability, words)
    _asked(layout, "asked", {promise.events for promise in found.lens.promises})
    narrow = _narrow(found)
    for row, (item, place) in enumerate(points.least(found)):
        colour = _colour(found, item.promise)
        line = {"color": colour, "width": 2, "dash": "dash"}
        layout["shapes"].append(
            {"type": "line", "yref": "paper", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": line}
        )
        said = f"<b>{plain(str(item.value))} holds</b>: {plain(asked(found)[item.promise])}"
        side = (
            {"xanchor": "left", "xshift": 4}
            if place <= np.mean(layout["xaxis"]["range"])
            else {"xanchor": "right", "xshift": -4}
        )
        words_at = {
            "x": place,
            "y": 0.05 + 0.09 * row,
            "yanchor": "bottom",
            "font": {"size": 12, "color": INK},
        }
        narrow.append(
            (
                f"layout.annotations.{len(layout['annotations'])}.text",
                f"<b>{plain(str(item.value))} holds</b>",
            )
        )
        layout["annotations"].append(drawing.words(said, **words_at, **side))
    caption = (
        "In how many events each promise is kept, by value: the band is the 95 % interval of the "
        "probability that an event "
        "keeps it, the dashed level what is asked, a dashed upright the least value that holds."
    )
    return Chart("Probability that an event keeps the promise", caption, data, layout, narrow)


def share_kept(found: Sweep) -> Chart:
    """The mean share of cases in time of each promise against the value, with 10–90 % of events."""

    def words(point: int, promise: str) -> str:
        rows = pick(found.estimates[point], "service_level", "all", promise)
        return f"{value_words(rows, 0)}, events {percent_range(float(rows.p10[0]), float(rows.p90[0]))}"

    layout, data = _curves(found, points.share_kept, words)
    _asked(layout, "promised", {promise.share for promise in found.lens.promises})
    caption = (
        "Share of cases in time, by value: lines are means over events, bands hold 10–90 % of events, the "
        "dashed levels are "
        "what is promised."
    )
    return Chart("Cases in time", caption, data, layout, _narrow(found))


def grid(found: Sweep, promise: str) -> Chart:
    """A heat map of the share of events that keep a promise, the first setting down, the second across."""
    cells, (down, across) = points.cells(found, promise), found.settings
    texts, told = (np.full(cells.shares.shape, "", object) for _ in range(2))
    for place in zip(*np.nonzero(cells.at >= 0), strict=True):
        point = int(cells.at[place])
        verdict = found.weakest(point, promise)
        figure = f"{100 * float(cells.shares[place]):.0f}"
        texts[place] = (
            f"<b>{figure}</b>"
            if verdict.ruling is Ruling.HOLDS
            else figure + BREAKS * (verdict.ruling is Ruling.BREAKS)
        )
        pairs = (
            f"<b>{plain(item.path)} {plain(value)}</b>"
            for item, value in zip(found.settings, found.points[point], strict=True)
        )
        told[place] = "<br>".join([*pairs, _kept(found, verdict)])
    nothing = np.zeros(cells.shares.shape, bool)
    tiles = maps.Tiles(cells.shares, texts, told, nothing, cells.holds)
    caption = (
        f"Percent of events that keep it. Outlined and bold: HOLDS; with {BREAKS}: BREAKS; neither: "
        f"UNDECIDED. "
        "Point at a cell for its interval."
    )
    axes = maps.labels(down.values, down.path), maps.labels(across.values, across.path)
    said = asked(found)[promise]
    return maps.heat_map(f"{said[:1].upper()}{said[1:]}", caption, tiles, maps.KEPT, *axes, outline=BLACK)


def _kept(found: Sweep, row: Verdict) -> str:
    """How often it was kept, of which row if it is one, and the ruling."""
    member = f"{plain(row_words(found.lens, row.dimension, row.member))}: " if row.dimension else ""
    return f"{member}{kept_words(row)} {row.ruling}"


def _curves(
    found: Sweep, curve_of: Callable[[Sweep, str], points.Curve], words: Callable[[int, str], str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A line a promise with its band over the values, each point with its words."""
    places, data = np.array(points.places(found)), []
    for promise, (colour, dash) in zip(
        found.lens.promises, charts.LINES * len(found.lens.promises), strict=False
    ):
        curve, name = curve_of(found, promise.name), plain(promise_words(promise))
        x, y = drawing.around(places, curve.low, curve.high)
        band = {
            "fill": "toself",
            "fillcolor": drawing.faded(colour, 0.18),
            "line": {"width": 0},
            "hoverinfo": "skip",
        }
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": drawing.short(x, 8),
                "y": drawing.short(y),
                "showlegend": False,
                **band,
            }
        )
        data.append(
            {"type": "scatter", "mode": "lines+markers", "name": name,
             "x": drawing.short(places, 8), "y": drawing.short(curve.middle),
             "line": {"color": colour, "dash": dash, "width": 2}, "marker": {"size": 6},
             "customdata": [plain(words(point, promise.name)) for point in range(len(found.points))],
             "hovertemplate": "%{customdata}"}
        )  # fmt: skip
    layout = drawing.layout(360)
    room = 0.03 * (places.max() - places.min()) or 0.5
    ticks = _ticks(found, LABELS_MOST)
    names = {
        f"{place:g}": plain(value) for place, (value, *_) in zip(places.tolist(), found.points, strict=True)
    }
    layout["xaxis"] = drawing.axis(
        found.settings[0].path,
        range=[float(places.min() - room), float(places.max() + room)],
        labelalias=names,
        **ticks,
    )
    layout["yaxis"] = drawing.axis(**PERCENT, range=[0, 1.05])
    return layout, data


def _ticks(found: Sweep, most: int) -> dict[str, Any]:
    """The values listed, as many as there is room for."""
    at = dict(zip((point[0] for point in found.points), points.places(found), strict=True))
    listed = [value for value in found.settings[0].values if value in at]
    some = listed[:: -(-len(listed) // most) or 1]
    return {"tickvals": [at[value] for value in some], "ticktext": [plain(value) for value in some]}


def _narrow(found: Sweep) -> list[tuple[str, Any]]:
    ticks = _ticks(found, LABELS_MOST_NARROW)
    lines = [
        (f"data.{2 * row + 1}.hovertemplate", "<br>%{customdata}") for row in range(len(found.lens.promises))
    ]
    return [
        *((f"layout.xaxis.{name}", value) for name, value in ticks.items()),
        ("layout.hoverlabel.font.size", 11),
        *lines,
    ]


def _asked(layout: dict[str, Any], word: str, shares: Iterable[float]) -> None:
    """A dashed level for each share that is asked or promised, with its words."""
    for share in sorted(shares):
        line = {"color": BLACK, "width": 1.2, "dash": "6px,3px"}
        layout["shapes"].append(
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": share, "y1": share, "line": line}
        )
        place = {
            "xref": "paper",
            "x": 1,
            "y": share,
            "xanchor": "right",
            "yanchor": "top",
            "font": {"size": 12, "color": INK},
        }
        layout["annotations"].append(drawing.words(f"{word} {percent_text(share)}", **place))


def _colour(found: Sweep, promise: str) -> str:
    """The colour of a promise's line; black for all of them."""
    names = [item.name for item in found.lens.promises]
    return charts.LINES[names.index(promise) % len(charts.LINES)][0] if promise in names else BLACK
