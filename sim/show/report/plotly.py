"""What every chart is drawn with: layouts, axes, colours and numbers as plotly has them; nothing of what they
show.
"""

from collections.abc import Sequence
from html import escape
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.show.content.palette import BLACK

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, FAINT, RULE = "#1c1c1c", "#5c5c5c", "#ececec"
PAPER = "rgba(255,255,255,0.85)"  # behind words that lie on lines
DIGITS = 4  # of a number that is drawn
PERCENT: dict[str, Any] = {
    "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1], "ticktext": ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"],
}  # fmt: skip
HOVER = {
    "bgcolor": "rgba(255,255,255,0.94)",
    "bordercolor": "#b5b5b5",
    "font": {"size": 12, "color": INK},
    "align": "left",
    "namelength": -1,
}
LEGEND = {
    "orientation": "h",
    "x": 0,
    "y": 1,
    "yanchor": "bottom",
    "itemclick": False,
    "itemdoubleclick": False,
    "font": {"size": 12},
    "bgcolor": "rgba(0,0,0,0)",
}


def layout(height: int) -> dict[str, Any]:
    """An empty chart, so many pixels high; what belongs to one place is told together."""
    return {
        "height": height,
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "#ffffff",
        "margin": {"l": 56, "r": 10, "t": 8, "b": 40},
        "hovermode": "x unified",
        "hoverlabel": HOVER,
        "legend": LEGEND,
        "shapes": [],
        "annotations": [],
    }


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis that does not zoom."""
    words = (
        {"title": {"text": plain(title), "standoff": 6, "font": {"size": 12, "color": FAINT}}}
        if title
        else {}
    )
    return {
        "gridcolor": RULE,
        "ticks": "",
        "zeroline": False,
        "fixedrange": True,
        "tickfont": {"size": 12},
        **words,
        **more,
    }


def plain(text: str) -> str:
    """What a user wrote as text that plotly shows as it is: it reads tags and some entities, but none for
    quotes.
    """
    return escape(text, quote=False)


def words(text: str, **more: Any) -> dict[str, Any]:
    """Words on a chart; `text` is markup that plotly reads, so make `plain` what a user wrote."""
    return {"text": text, "showarrow": False, "bgcolor": PAPER, "borderpad": 1, **more}


def level(share: float) -> dict[str, Any]:
    """A dashed level line from end to end."""
    line = {"color": BLACK, "width": 1.2, "dash": "6px,3px"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": share, "y1": share, "line": line}


def below_level(share: float) -> dict[str, Any]:
    """The place of words under the right end of a level line."""
    font = {"size": 12, "color": INK}
    return {"xref": "paper", "x": 1, "y": share, "xanchor": "right", "yanchor": "top", "font": font}


def short(values: ArrayLike, digits: int = DIGITS) -> list[float | int | None]:
    """Numbers as JSON has them, with so many digits; None for none, and for a time that never comes."""
    array = np.asarray(values, np.float64)
    if np.isfinite(array).all() and (np.abs(array) < 10.0**digits).all() and (array == np.trunc(array)).all():
        whole: list[float | int | None] = array.astype(np.int64).tolist()
        return whole
    found: list[float | int | None] = []
    for value in array.tolist():
        if not isfinite(value):
            found.append(None)
            continue
        rounded = float(f"{value:.{digits}g}")
        found.append(int(rounded) if rounded == int(rounded) else rounded)
    return found


def runs(within: NDArray[np.bool_]) -> list[slice]:
    """The stretches that are in."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], within, [False]]).astype(np.int8)))
    return [slice(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def around(
    times: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64], step: int = 0
) -> tuple[list[float], list[float]]:
    """The way round an area: along its upper side and back along the lower; in steps where each lasts so
    long.

    Points in the middle of a level line are left out.
    """
    if step:
        times = np.stack([times, times + step], axis=1).ravel()
        low, high = np.repeat(low, 2), np.repeat(high, 2)
    across, up = np.concatenate([times, times[::-1]]), np.concatenate([high, low[::-1]])
    level = (up[1:-1] == up[:-2]) & (up[1:-1] == up[2:])  # in the middle of a level line no point is needed
    kept = np.concatenate([[True], ~level, [True]]) if len(up) > 2 else np.ones(len(up), bool)
    return across[kept].tolist(), up[kept].tolist()


def faded(colour: str, alpha: float) -> str:
    """A colour that lets through what lies below."""
    return f"rgba({','.join(map(str, _parts(colour)))},{alpha})"


def mixed(colour: str, other: str) -> str:
    """The colour half-way between two."""
    return "#" + "".join(
        f"{(one + two) // 2:02x}" for one, two in zip(_parts(colour), _parts(other), strict=True)
    )


def scale(colours: Sequence[str]) -> list[list[float | str]]:
    """Colours from 0 to 1, equally far apart."""
    return [[row / (len(colours) - 1), colour] for row, colour in enumerate(colours)]


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
