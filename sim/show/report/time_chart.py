"""A chart over local time, and the words of its numbers.

Across is time in periods from the start, so that a change of the clock neither stretches nor hides an hour;
ticks and hover name the local moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sim.clock import Clock
from sim.plan import Lens
from sim.show.content import run_figures
from sim.show.content.palette import GREEN, NIGHTFALL, RED
from sim.show.content.run_figures import Broken, Level, Line
from sim.show.content.words import duration, estimate, moment, number, percent, percent_range
from sim.show.report import plotly as drawing
from sim.show.report.page import Chart
from sim.show.report.plotly import FAINT, plain, short
from sim.study.findings import Estimates

DAYS_MOST, DAYS_MOST_NARROW = 12, 8  # that are named
NIGHTS_MOST = 16  # days up to which nights are shaded
DAYLINE = "#c9c9c9"
INKS = {RED: "#9c4300", GREEN: "#006b4e"}  # of words about a line: darker than it, to be read
WHOLE = {"yref": "paper", "y0": 0, "y1": 1}  # from bottom to top

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class Canvas:
    """A chart over time as it is drawn."""

    lens: Lens
    layout: dict[str, Any]
    data: list[dict[str, Any]] = field(default_factory=list)
    narrow: list[tuple[str, Any]] = field(default_factory=list)
    times: set[int] = field(default_factory=set)  # that hover may name

    @classmethod
    def over(cls, lens: Lens, height: int) -> Self:
        """An empty one: midnights, days by name, nights shaded."""
        canvas = cls(lens, drawing.layout(height))
        midnights = [int(time) for time in lens.days]
        noons = run_figures.noons(lens)
        step, far = (-(-len(midnights) // most) for most in (DAYS_MOST, DAYS_MOST_NARROW))
        wide, narrow = (
            [(noon, day) for noon, day in noons[::by] if 0 <= noon <= lens.horizon] for by in (step, far)
        )
        canvas.layout["xaxis"] = {
            "range": canvas.x((0, lens.horizon)),
            "tickmode": "array",
            "tickvals": canvas.x(noon for noon, _ in wide),
            "ticktext": [day.replace(" ", "<br>", 1) for _, day in wide],
            "ticks": "",
            "showgrid": False,
            "zeroline": False,
            "hoverformat": "d",
            "tickangle": 0,
            "tickfont": {"size": 12},
        }
        canvas.narrow += [
            ("layout.xaxis.tickvals", canvas.x(noon for noon, _ in narrow)),
            ("layout.xaxis.ticktext", [day.replace(" ", "<br>", 1) for _, day in narrow]),
            ("layout.xaxis.tickfont.size", 11),
            ("layout.hoverlabel.font.size", 11),
        ]
        if len(midnights) <= NIGHTS_MOST:
            for dusk, dawn in run_figures.nights(lens):
                canvas._shade(dusk, dawn, NIGHTFALL, 0.06)
        for time in midnights[::step]:
            if 0 <= time <= lens.horizon:
                canvas._upright(time, {"color": DAYLINE, "width": 1}, "below")
        return canvas

    def x(self, times: Iterable[float]) -> list[float | int | None]:
        """Periods from the start."""
        return short(np.array([*times], np.float64) / self.lens.period, 8)

    def line(
        self, line: Line, /, unit: float = 1.0, shape: str = "linear", spread: bool = True, **more: Any
    ) -> None:
        """A line through means that says each with its interval, and with `spread` 10–90 % of simulations."""
        rows = line.rows
        words = spread_words if spread else value_words
        there = np.flatnonzero(~np.isnan(rows.mean))
        told = (
            range(int(there[0]), int(there[-1]) + 1) if len(there) else range(0)
        )  # nothing before and after needs room
        times, means = rows.time[told.start : told.stop], rows.mean[told.start : told.stop] / unit
        self.times.update(times.tolist())
        self.narrow.append((f"data.{len(self.data)}.hovertemplate", "<br>%{customdata}"))
        self.data.append(
            {"type": "scatter", "mode": "lines", "name": plain(line.name), "x": self.x(times),
             "y": short(means), "line": {"color": line.colour, "dash": line.dash, "width": 2, "shape": shape},
             "customdata": [words(rows, row) for row in told], "hovertemplate": "%{customdata}"} | more
        )  # fmt: skip

    def across(self, level: float, name: str, colour: str, dash: str) -> None:
        """A level line from end to end."""
        self.data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": plain(name),
                "x": self.x((0, self.lens.horizon)),
                "y": short([level] * 2),
                "line": {"color": colour, "dash": dash, "width": 1.6},
                "hoverinfo": "skip",
            }
        )

    def band(
        self,
        times: Ints,
        low: Floats,
        high: Floats,
        colour: str,
        alpha: float,
        step: bool = False,
        **more: Any,
    ) -> None:
        """A band between two lines, in pieces where there is nothing."""
        lasts = self._lasts(times) if step else 0
        pieces = drawing.runs(~(np.isnan(low) | np.isnan(high)))
        outlines = [drawing.around(times[piece], low[piece], high[piece], lasts) for piece in pieces]
        self._fill(outlines, {"fillcolor": drawing.faded(colour, alpha), "showlegend": False, **more})

    def gap(self, times: Ints, low: Floats, high: Floats, where: NDArray[np.bool_], name: str) -> None:
        """What lies between two lines, in steps, hatched."""
        pattern = {"shape": "/", "fgcolor": RED, "bgcolor": "rgba(0,0,0,0)", "size": 6, "solidity": 0.25}
        lasts = self._lasts(times)
        outlines = [
            drawing.around(times[piece], low[piece], high[piece], lasts) for piece in drawing.runs(where)
        ]
        self._fill(
            outlines, {"fillpattern": pattern, "fillcolor": drawing.faded(RED, 0.9), "name": plain(name)}
        )

    def level(self, level: Level) -> None:
        """A dashed line from end to end with words under its right end, fewer of them on a phone."""
        self.layout["shapes"].append(drawing.level(level.share))
        words = f"{level.promises}: {level.words}" if level.promises else level.words
        self._annotate(plain(words), {"text": plain(level.words)}, drawing.below_level(level.share))

    def word(self, time: float, height: float, words: str) -> None:
        """A word at a time; upright on a phone."""
        place = {
            "x": self.x([time])[0],
            "y": height,
            "font": {"size": 12, "color": FAINT},
            "bgcolor": "rgba(0,0,0,0)",
        }
        self._annotate(plain(words), {"textangle": -90}, place)

    def stretch(self, start: int, end: int, height: float, words: str, few: str) -> None:
        """A bar over a stretch of time with words beside it, fewer of them on a phone."""
        ends = self.x((start, end))
        line = {"color": RED, "width": 5}
        self.layout["shapes"].append(
            {"type": "line", "x0": ends[0], "x1": ends[1], "y0": height, "y1": height, "line": line}
        )
        place = {"y": height, "font": {"size": 12, "color": INKS[RED]}}
        self._annotate(plain(words), {"text": plain(few)}, place | self._beside(start, end, 0.6, 6))

    def broken(self, stretches: Sequence[Broken], words: bool = False) -> None:
        """Where promises break first and are safe again; `words` says it, in rows above each other."""
        height = 0.02
        for item in stretches:
            self._shade(item.start, item.end, RED, 0.05)
            for each in item.uprights:
                self._upright(each.time, {"color": each.colour, "width": 2, "dash": each.dash})
                if words:
                    promise = f"{each.promise} " if len(stretches) > 1 else ""
                    few = f"<b>{plain(promise.split(' within ')[0].strip())} {each.words}</b>"
                    font = {"size": 12, "color": INKS[each.colour]}
                    place = {"y": height, "yref": "paper", "yanchor": "bottom", "font": font}
                    said = f"<b>{plain(promise)}{each.words}</b> {plain(moment(self.lens, each.time))}"
                    place |= self._beside(each.time, each.time, 0.7, 4)
                    self._annotate(said, {"text": few}, place)
                    height = round(height + 0.09, 2)

    def yaxis(self, name: str = "yaxis", title: str = "", **more: Any) -> None:
        """A vertical axis."""
        self.layout[name] = drawing.axis(title, **more)

    def chart(self, title: str, caption: str) -> Chart:
        """The chart, with the local moments that hover names."""
        period = self.lens.period
        named = [time for time in sorted(self.times) if time % period == 0]
        self.layout["xaxis"]["labelalias"] = {
            str(time // period): span_words(self.lens, time, period) for time in named
        }
        return Chart(title, caption, self.data, self.layout, self.narrow)

    def _fill(self, outlines: Sequence[tuple[list[float], list[float]]], more: Mapping[str, Any]) -> None:
        x: list[float | int | None] = []
        y: list[float | int | None] = []
        for times, values in outlines:
            x += [*([None] if x else []), *self.x(times)]
            y += [*([None] if y else []), *short(values)]
        if outlines:
            area = {
                "type": "scatter",
                "mode": "lines",
                "x": x,
                "y": y,
                "fill": "toself",
                "line": {"width": 0},
            }
            self.data.append({**area, "hoverinfo": "skip", **more})

    def _lasts(self, times: Ints) -> int:
        """How long a step lasts."""
        return int(np.diff(times).min()) if len(times) > 1 else self.lens.period

    def _shade(self, start: int, end: int, colour: str, alpha: float) -> None:
        ends = self.x((max(start, 0), min(end, self.lens.horizon)))
        if start < self.lens.horizon and end > 0:
            fill = {"fillcolor": colour, "opacity": alpha, "line": {"width": 0}, "layer": "below"}
            self.layout["shapes"].append({"type": "rect", "x0": ends[0], "x1": ends[1], **WHOLE, **fill})

    def _upright(self, time: int, line: Mapping[str, Any], layer: str = "above") -> None:
        at = self.x([time])[0]
        self.layout["shapes"].append(
            {"type": "line", "x0": at, "x1": at, **WHOLE, "line": line, "layer": layer}
        )

    def _beside(self, start: int, end: int, far: float, shift: int) -> dict[str, Any]:
        """A place right of a stretch of time; left of it, if it ends in the last part of the chart."""
        if end < far * self.lens.horizon:
            return {"x": self.x([end])[0], "xanchor": "left", "xshift": shift}
        return {"x": self.x([start])[0], "xanchor": "right", "xshift": -shift}

    def _annotate(self, text: str, narrow: Mapping[str, Any], place: Mapping[str, Any]) -> None:
        row = len(self.layout["annotations"])
        self.narrow += [(f"layout.annotations.{row}.{key}", value) for key, value in narrow.items()]
        self.layout["annotations"].append(drawing.words(text, **place))


def spread_words(rows: Estimates, row: int) -> str:
    """A mean with its interval, and where 10–90 % of simulations lie."""
    return "–" if isnan(rows.mean[row]) else f"{value_words(rows, row)}, simulations {_spread(rows, row)}"


def value_words(rows: Estimates, row: int) -> str:
    """A mean with its unit and interval: "85 % (83–87)"."""
    bounds = float(rows.mean[row]), float(rows.lower[row]), float(rows.upper[row])
    unit = str(rows.unit[row])
    if unit == "share":
        value, interval = percent(*bounds)
        return f"{value} % {interval}" if interval else value
    return " ".join(duration(*bounds) if unit == "ms" else estimate(*bounds)).strip()


def _spread(rows: Estimates, row: int) -> str:
    """Where 10–90 % of simulations lie: "71–96 %"."""
    low, high = float(rows.p10[row]), float(rows.p90[row])
    unit = str(rows.unit[row])
    if unit == "share":
        return percent_range(low, high)
    if unit == "ms":
        value, interval = duration(high, low, high)
        _, gap, name = value.partition(" ")
        return interval.strip("()") + gap + name
    digits = 1 if high < 10 else 0
    return f"{number(low, digits)}–{number(high, digits)}"


def span_words(lens: Lens, time: int, lasts: int) -> str:
    """From when to when on the local clock: "Fri 16 Apr 09:00–09:15", with the offset where the clock changes
    meanwhile.
    """
    words = f"{_at(lens.clock, time)}–{_at(lens.clock, time + lasts)[-5:]}"
    return f"{words} ({lens.clock.iso(time)[-6:]})" if _changes(lens.clock, lens.horizon) else words


def hour_words(label: str, hour: int) -> str:
    """An hour of a row of a heat map, on whatever day: "nl, 09:00–10:00 on any day"."""
    return f"{label}, {hour:02}:00–{hour + 1:02}:00 on any day"


@lru_cache(maxsize=10_000)
def _at(clock: Clock, time: int) -> str:
    return clock.words(time)


@lru_cache(maxsize=10)
def _changes(clock: Clock, horizon: int) -> bool:
    """Whether the clock is changed in the event."""
    return clock.iso(0)[-6:] != clock.iso(horizon)[-6:]
