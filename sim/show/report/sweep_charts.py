"""The charts of a sweep: how often promises are kept, and the service level, by one setting or two."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.measure.stats.verdicts import Verdict
from sim.show.content import sweep_figures
from sim.show.content.heat import SHARES
from sim.show.content.palette import BLACK
from sim.show.content.sweep_figures import Curves, Least
from sim.show.content.tables import pick
from sim.show.content.words import kept_words, percent_range, row_words
from sim.show.report import heat_map as maps
from sim.show.report import plotly as drawing
from sim.show.report.page import Chart
from sim.show.report.plotly import INK, PERCENT, plain
from sim.show.report.time_chart import value_words
from sim.study.sweep import Sweep

LABELS_MOST_NARROW = 6  # along an axis, on a phone
BREAKS = "×"  # marks a cell


def probability(found: Sweep) -> Chart:
    """The probability that a simulation keeps each promise, with its band, and the least value that holds."""

    def words(point: int, promise: str) -> str:
        return _kept(found, found.weakest(point, promise))

    figure = sweep_figures.probability(found)
    layout, data = _curves(found, figure, words)
    narrow = _narrow(found)
    for row, least in enumerate(sweep_figures.least(found)):
        _least(layout, narrow, row, least)
    caption = (
        "In how many simulations each promise is kept, by value: the band is the 95 % interval of the "
        "probability that a simulation keeps it, the dashed level what is asked, a dashed upright "
        "the least value that holds."
    )
    return Chart(figure.title, caption, data, layout, narrow)


def _least(layout: dict[str, Any], narrow: list[tuple[str, Any]], row: int, least: Least) -> None:
    """A dashed upright at the least value, with words beside it, fewer of them on a phone."""
    line = {"color": least.colour, "width": 2, "dash": "dash"}
    ends = {"x0": least.place, "x1": least.place, "y0": 0, "y1": 1}
    layout["shapes"].append({"type": "line", "yref": "paper", **ends, "line": line})
    few, font = f"<b>{plain(least.value)} holds</b>", {"size": 12, "color": INK}
    narrow.append((f"layout.annotations.{len(layout['annotations'])}.text", few))
    place = {"x": least.place, "y": 0.05 + 0.09 * row, "yanchor": "bottom", "font": font}
    left = least.place <= np.mean(layout["xaxis"]["range"])
    side = {"xanchor": "left", "xshift": 4} if left else {"xanchor": "right", "xshift": -4}
    layout["annotations"].append(drawing.words(f"{few}: {plain(least.promise)}", **place, **side))


def service_level(found: Sweep) -> Chart:
    """The mean share of cases in time of each promise against the value, with 10–90 % of simulations."""

    def words(point: int, promise: str) -> str:
        rows = pick(found.estimates[point], "service_level", "all", promise)
        return f"{value_words(rows, 0)}, simulations {percent_range(float(rows.p10[0]), float(rows.p90[0]))}"

    figure = sweep_figures.service_level(found)
    layout, data = _curves(found, figure, words)
    caption = (
        "Share of cases in time, by value: lines are means over simulations, bands hold 10–90 % of "
        "simulations, the dashed levels are what is promised."
    )
    return Chart(figure.title, caption, data, layout, _narrow(found))


def grid(found: Sweep, promise: str) -> Chart:
    """A heat map of the share of simulations that keep a promise: first setting down, second across."""
    cells, (down, across) = sweep_figures.cells(found, promise), found.settings
    percents = cells.percents
    texts, hover = (np.full(cells.shares.shape, "", object) for _ in range(2))
    for place in zip(*np.nonzero(cells.at >= 0), strict=True):
        point, percent = int(cells.at[place]), percents[place[0]][place[1]]
        texts[place] = (
            f"<b>{percent}</b>" if cells.holds[place] else percent + BREAKS * bool(cells.breaks[place])
        )
        pairs = (
            f"<b>{plain(item.path)} {plain(value)}</b>"
            for item, value in zip(found.settings, found.points[point], strict=True)
        )
        hover[place] = "<br>".join([*pairs, _kept(found, found.weakest(point, promise))])
    nothing = np.zeros(cells.shares.shape, bool)
    tiles = maps.Tiles(cells.shares, texts, hover, nothing, cells.holds)
    caption = (
        f"Percent of simulations that keep it. Outlined and bold: HOLDS; with {BREAKS}: BREAKS; "
        "neither: UNDECIDED. Point at a cell for its interval."
    )
    axes = maps.labels(down.values, down.path), maps.labels(across.values, across.path)
    title = f"{cells.promise[:1].upper()}{cells.promise[1:]}"
    return maps.heat_map(title, caption, tiles, SHARES, *axes, outline=BLACK)


def _kept(found: Sweep, row: Verdict) -> str:
    """How often it was kept, of which row if it is one, and the ruling."""
    member = f"{plain(row_words(found.lens, row.dimension, row.member))}: " if row.dimension else ""
    return f"{member}{kept_words(row)} {row.ruling}"


def _curves(
    found: Sweep, figure: Curves, words: Callable[[int, str], str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A line a promise with its band over the values, each point with its words, and the levels."""
    places, data = np.array(sweep_figures.places(found)), []
    for curve in figure.curves:
        x, y = drawing.around(places, curve.low, curve.high)
        data.append(
            {"type": "scatter", "mode": "lines", "x": drawing.short(x, 8), "y": drawing.short(y),
             "showlegend": False, "fill": "toself", "fillcolor": drawing.faded(curve.colour, 0.18),
             "line": {"width": 0}, "hoverinfo": "skip"}
        )  # fmt: skip
        data.append(
            {"type": "scatter", "mode": "lines+markers", "name": plain(curve.name),
             "x": drawing.short(places, 8), "y": drawing.short(curve.middle),
             "line": {"color": curve.colour, "dash": curve.dash, "width": 2}, "marker": {"size": 6},
             "customdata": [plain(words(point, curve.promise)) for point in range(len(found.points))],
             "hovertemplate": "%{customdata}"}
        )  # fmt: skip
    layout = drawing.layout(360)
    room = 0.03 * (places.max() - places.min()) or 0.5
    names = {
        f"{place:g}": plain(value) for place, (value, *_) in zip(places.tolist(), found.points, strict=True)
    }
    layout["xaxis"] = drawing.axis(
        found.settings[0].path,
        range=[float(places.min() - room), float(places.max() + room)],
        labelalias=names,
        **_ticks(found, sweep_figures.LABELS_MOST),
    )
    layout["yaxis"] = drawing.axis(**PERCENT, range=[0, 1.05])
    for level in figure.levels:
        layout["shapes"].append(drawing.level(level.share))
        layout["annotations"].append(drawing.words(level.words, **drawing.below_level(level.share)))
    return layout, data


def _ticks(found: Sweep, most: int) -> dict[str, Any]:
    """The values listed, as many as there is room for."""
    ticks = sweep_figures.ticks(found, most)
    return {"tickvals": [place for place, _ in ticks], "ticktext": [plain(value) for _, value in ticks]}


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
