"""A heat map of a report: rows down, columns across, every cell a colour, a number, and words that hover
tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.clock import Clock
from sim.show.content import heat
from sim.show.content.heat import HOURS_NAMED, ROWS_MOST, Scale, hours_title
from sim.show.content.palette import RED, VEIL
from sim.show.report import plotly as drawing
from sim.show.report.page import Chart
from sim.show.report.plotly import plain

CIVIDIS = ("#00224e", "#1a386f", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bcae6c", "#dec958", "#fee838")
RED_TO_BLUE = (
    "#67001f",
    "#b2182b",
    "#d6604d",
    "#f4a582",
    "#f7f7f7",
    "#92c5de",
    "#4393c3",
    "#2166ac",
    "#053061",
)
COLOURS = {"cividis": CIVIDIS, "RdBu": RED_TO_BLUE}
ROW, REST = 26, 112  # pixels: the height of a row, and of what is above and below them
BAR = {
    "orientation": "h",
    "thickness": 8,
    "len": 0.6,
    "x": 0,
    "xanchor": "left",
    "y": 1,
    "yanchor": "bottom",
    "ypad": 4,
    "outlinewidth": 0,
    "tickfont": {"size": 11},
}
TICKS = {
    "cividis": {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"]},
    "RdBu": {"tickvals": [-1, -0.5, 0, 0.5, 1], "ticktext": ["−100", "−50", "0", "+50", "+100"]},
}


@dataclass(frozen=True)
class Tiles:
    """The cells; all arrays [rows, columns].  The texts are markup that plotly reads, so make `plain` what a
    user wrote.
    """

    values: NDArray[np.float64]  # NaN for no cell
    texts: NDArray[np.object_]  # in the cells
    hover: NDArray[np.object_]
    veiled: NDArray[np.bool_]
    outlined: NDArray[np.bool_]


def heat_map(
    title: str,
    caption: str,
    tiles: Tiles,
    scale: Scale,
    down: Mapping[str, Any],
    across: Mapping[str, Any],
    outline: str = RED,
) -> Chart:
    """The cells with their axes, such as `labels` or `hours` make them."""
    tall, wide = tiles.values.shape
    texts = "%{text}" if tall <= ROWS_MOST and wide <= ROWS_MOST else ""
    colours = COLOURS[scale.colours]
    paler = [drawing.mixed(colour, VEIL) for colour in colours]
    data: list[dict[str, Any]] = []
    for which, shades in ((~tiles.veiled, colours), (tiles.veiled, paler)):
        data.append(
            {
                "type": "heatmap",
                "z": [drawing.short(line) for line in np.where(which, tiles.values, np.nan)],
                "zmin": scale.lowest,
                "zmax": scale.highest,
                "colorscale": drawing.scale(shades),
                "xgap": 1,
                "ygap": 1,
                "hoverongaps": False,
                "customdata": np.where(which, tiles.hover, "").tolist(),
                "text": np.where(which, tiles.texts, "").tolist(),
                "hovertemplate": "%{customdata}<extra></extra>",
                "texttemplate": texts,
                "textfont": {"size": 11},
                "showscale": not data,
                "colorbar": {**BAR, **TICKS[scale.colours]},
            }
        )
    edges = heat.outline(tiles.outlined)
    if edges:
        x = [value for (start, _), (end, _) in edges for value in (start - 0.5, end - 0.5, None)]
        y = [value for (_, start), (_, end) in edges for value in (start - 0.5, end - 0.5, None)]
        line = {"color": outline, "width": 2.5}
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": x,
                "y": y,
                "line": line,
                "hoverinfo": "skip",
                "showlegend": False,
            }
        )
    layout = drawing.layout(ROW * tall + REST)
    layout |= {"hovermode": "closest", "margin": {"l": 10, "r": 10, "t": 40, "b": 46}}
    layout["xaxis"] = drawing.axis(range=[-0.55, wide - 0.45], showgrid=False, **across)
    layout["yaxis"] = drawing.axis(
        range=[tall - 0.45, -0.55], automargin=True, ticklabelstandoff=4, showgrid=False, **down
    )
    narrow = [(f"data.{row}.texttemplate", "") for row in range(2)] + [("layout.yaxis.tickfont.size", 11)]
    return Chart(title, caption, data, layout, narrow)


def labels(names: Sequence[str], title: str = "") -> dict[str, Any]:
    """An axis with a name for each row or column, as many of them as there is room for."""
    step = -(-len(names) // ROWS_MOST) or 1
    ticks = list(range(0, len(names), step))
    return {"title": title, "tickvals": ticks, "ticktext": [plain(name) for name in names[::step]]}


def hours(clock: Clock) -> dict[str, Any]:
    """An axis of the hours of a local day."""
    names = [f"{hour:02}" for hour in HOURS_NAMED]
    return {"title": hours_title(clock), "tickvals": list(HOURS_NAMED), "ticktext": names}
