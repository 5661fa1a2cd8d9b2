"""Pictures of a plan: when and where a promise breaks, why, and who is missing; one function a picture.

A picture draws what it is given on the axes it is given: it computes nothing, saves nothing and sets no
rcParams.  Colours are Okabe & Ito's, heat maps cividis; whatever a colour says, a line style, a hatch, a
number or a word says too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as PathOf
from matplotlib.text import Text
from matplotlib.ticker import PercentFormatter
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sim.show.content import heat, run_figures
from sim.show.content.heat import HOURS_NAMED, ROWS_MOST, SHARES, Scale, hours_title
from sim.show.content.palette import BLACK, NIGHTFALL, RED, VEIL
from sim.show.content.run_figures import Broken, Level, Line
from sim.show.content.words import SHARE_IN_TIME
from sim.study.findings import Findings
from sim.units import HOUR, percent_text

DASHES = {"solid": "-", "dash": "--", "dashdot": "-.", "dot": ":"}
WORDS_AN_INCH = 3.7  # points of a word of one letter in a cell, for each inch that a heat map is wide
CAPTION_AN_INCH = 1.6
DAY_LEAST = 0.88  # inches of a day whose every hour tick and night fits
PAPER = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1}  # behind words that lie on lines
GRID, DAYLINE, HATCH = "#E4E4E4", "#BBBBBB", "#8A8A8A"


def service_level(findings: Findings, axes: Axes, *, words: bool = True) -> None:
    """The share of cases in time by the period they came in, of every promise: 95 % interval and 10–90 % of
    simulations as bands.

    words: whether there is room to say what breaks when.
    """
    figure = run_figures.service_level(findings)
    for line in figure.lines:
        rows = line.rows
        axes.fill_between(rows.time, rows.p10, rows.p90, color=line.colour, alpha=0.14, linewidth=0)
        axes.fill_between(rows.time, rows.lower, rows.upper, color=line.colour, alpha=0.35, linewidth=0)
        _line(axes, line, linewidth=1.8)
    for each in figure.levels:
        level(
            axes, each, f"{each.promises}: {each.words} " if words else f"{percent_text(each.share)} ", 0.01
        )
    for start, end in figure.unjudged:
        axes.text((start + end) / 2, 0.5, run_figures.UNJUDGED, color="#777777", ha="center")
    axes.set_title(f"{figure.title}, by when they came  (bands: 95 %; 10–90 % of simulations)")
    axes.set_ylabel(SHARE_IN_TIME)
    shares_up(axes)
    _time_axis(findings, axes, words=words)
    legend_of(axes)


def backlog(findings: Findings, axes: Axes) -> None:
    """Contacts waiting (left axis) and how long the oldest of them has waited (right axis), with 10–90 % of
    simulations.
    """
    figure = run_figures.backlog(findings)
    waiting, oldest = figure.waiting, figure.oldest
    rows = waiting.rows
    axes.fill_between(rows.time, rows.p10, rows.p90, color=waiting.colour, alpha=0.25, linewidth=0)
    _line(axes, waiting, label=f"{waiting.name} (left)", linewidth=1.8)
    axes.set_ylabel(waiting.name, color=waiting.colour)
    axes.set_ylim(bottom=0)
    axes.set_title(f"{figure.title}  (bands: 10–90 % of simulations)")
    _time_axis(findings, axes)
    right, rows = axes.twinx(), oldest.rows
    right.fill_between(
        rows.time, rows.p10 / HOUR, rows.p90 / HOUR, color=oldest.colour, alpha=0.15, linewidth=0
    )
    _line(right, oldest, HOUR, label=f"{oldest.name} (right)", linewidth=1.3)
    right.set_ylabel(f"{oldest.name}, h")
    right.set_ylim(bottom=0)
    right.spines["right"].set_visible(True)
    legend_of(axes, right)


def staffing(findings: Findings, axes: Axes, *, words: bool = True) -> None:
    """Agents on duty against agents needed, the gaps hatched, the largest shortfalls by name if there is room
    for words.
    """
    figure = run_figures.staffing(findings)
    duty, busy, needed = figure.duty, figure.busy, figure.needed
    axes.fill_between(
        busy.rows.time, 0, busy.rows.mean, step="post", color=busy.colour, alpha=0.45, linewidth=0,
        label=busy.name,
    )  # fmt: skip
    axes.fill_between(
        duty.rows.time, duty.rows.p10, duty.rows.p90, step="post", color=duty.colour, alpha=0.2, linewidth=0
    )
    _line(axes, duty, drawstyle="steps-post", linewidth=2)
    _line(axes, needed, drawstyle="steps-post", linewidth=1.5)
    if len(figure.gap):
        axes.fill_between(
            duty.rows.time, duty.rows.mean, needed.rows.mean, where=figure.gap.tolist(), step="post",
            facecolor="none", edgecolor=needed.colour, hatch="////", linewidth=0, label=figure.gap_name,
        )  # fmt: skip
    axes.set_ylabel("agents")
    axes.set_ylim(0, figure.top)
    axes.set_title(f"{figure.title}  (band: 10–90 % of simulations)")
    for row, item in enumerate(figure.largest if words else ()):
        height = figure.top * (0.83 - 0.09 * row)
        axes.plot((item.start, item.end), (height, height), color=RED, linewidth=5, solid_capstyle="butt")
        said = f"  {item.words} {run_figures.IN_BREAKING}"
        axes.text(item.end, height, said, color=RED, size=10, va="center", bbox=PAPER)
    _time_axis(findings, axes)
    legend_of(axes)


def occupancy(findings: Findings, axes: Axes) -> None:
    """The share of time on duty that agents are busy, with 10–90 % of simulations, and large teams' means."""
    figure = run_figures.occupancy(findings)
    rows, teams = figure.all_teams.rows, figure.by_team
    axes.fill_between(rows.time, rows.p10, rows.p90, color=figure.all_teams.colour, alpha=0.2, linewidth=0)
    _line(axes, figure.all_teams, label=f"{figure.all_teams.name}, by period", linewidth=1.6)
    for row, (colour, dash) in figure.largest:
        label = f"{teams.member[row]}, mean {100 * teams.mean[row]:.0f} %"
        axes.axhline(teams.mean[row], linestyle=DASHES[dash], color=colour, linewidth=1.5, label=label)
    axes.set_ylabel("share of time busy")
    shares_up(axes)
    axes.set_title(f"{figure.title}  (band: 10–90 % of simulations)")
    _time_axis(findings, axes)
    legend_of(axes)


def service_level_by_day(findings: Findings, axes: Axes, promise: str | None = None) -> None:
    """A heat map of a promise, or of the leading one: days down, local hours across."""
    _heat(findings, axes, heat.by_day(findings, heat.leading(findings) if promise is None else promise))


def service_level_by_language(findings: Findings, axes: Axes, promise: str | None = None) -> None:
    """A heat map of a promise, or of the leading one: languages down, local hours across."""
    _heat(findings, axes, heat.by_language(findings, heat.leading(findings) if promise is None else promise))


def _heat(findings: Findings, axes: Axes, cells: heat.Heat) -> None:
    """Shares as colours and numbers in cells (row, hour); cells surely below the promise outlined, few cases
    veiled.
    """
    shares = cells.service_level
    heat_map(
        axes, cells.labels, shares, cells.percents, shares < 0.5,
        veiled=cells.few, outlined=cells.broken, scale=SHARES,
    )  # fmt: skip
    marks = f"outlined, bold: {cells.broken_words};  grey, hatched: {cells.few_words}"
    caption(axes, f"{hours_title(findings.lens.clock)}\n{marks}")
    axes.set_title(f"{cells.promise}: % in time, {cells.split}")


def heat_map(
    axes: Axes,
    labels: Sequence[str],
    values: NDArray[np.float64],
    words: Sequence[Sequence[str]],
    dark: NDArray[np.bool_],
    *,
    veiled: NDArray[np.bool_],
    outlined: NDArray[np.bool_],
    scale: Scale,
) -> None:
    """Values [labels, 24] by local hour as colours, with words in the cells, white where it is dark.

    NaN is no cell; without any the axes are empty.  Veiled cells are grey and hatched, outlined ones bold.
    """
    if np.isnan(values).all():
        axes.set_axis_off()
        return
    axes.set_facecolor("#F2F2F2")
    mesh = axes.pcolormesh(
        values, cmap=scale.colours, vmin=scale.lowest, vmax=scale.highest, edgecolors="white", linewidth=0.6
    )
    veil = PathOf.make_compound_path(
        *(
            PathOf([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)], closed=True)
            for y, x in np.argwhere(veiled).tolist()
        )
    )
    axes.add_patch(PathPatch(veil, facecolor=VEIL, alpha=0.5, linewidth=0))
    axes.add_patch(PathPatch(veil, fill=False, edgecolor=HATCH, hatch="//", linewidth=0))
    if len(labels) <= ROWS_MOST:
        longest = max(3, *(len(word) for row in words for word in row))
        size = min(8.5, inches(axes) * WORDS_AN_INCH / longest)
        for row, hour in np.argwhere(~np.isnan(values)):
            colour = "white" if dark[row, hour] and not veiled[row, hour] else "black"
            weight = "bold" if outlined[row, hour] else "normal"
            axes.text(
                hour + 0.5,
                row + 0.5,
                words[row][hour],
                color=colour,
                weight=weight,
                size=size,
                ha="center",
                va="center",
            )
    elif axes.figure:
        axes.figure.colorbar(mesh, ax=axes, label=SHARE_IN_TIME, format=PercentFormatter(1))
    axes.add_collection(
        LineCollection(heat.outline(outlined), colors=RED, linewidths=2.5, capstyle="round", clip_on=False)
    )
    axes.set_ylim(len(labels), 0)
    step = -(-len(labels) // ROWS_MOST) or 1
    axes.set_yticks(np.arange(0, len(labels), step) + 0.5, labels[::step])
    axes.set_xticks(np.array(HOURS_NAMED) + 0.5, [f"{hour:02}" for hour in HOURS_NAMED])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def caption(axes: Axes, words: str) -> None:
    """What a heat map shows, no wider than it is."""
    axes.set_xlabel(words, size=min(11.0, inches(axes) * CAPTION_AN_INCH))


def inches(axes: Axes) -> float:
    """How wide the axes are."""
    return float(axes.get_window_extent().width / axes.figure.dpi) if axes.figure else 0.0


def shares_up(axes: Axes) -> None:
    """Shares from 0 to 100 % up."""
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_ylim(0, 1.03)


def level(axes: Axes, each: Level, words: str, below: float, alpha: float = 0.8) -> None:
    """A dashed level line with words so far below its right end."""
    axes.axhline(each.share, color=BLACK, linewidth=1.1, linestyle=(0, (6, 3)))
    place: dict[str, Any] = {"ha": "right", "va": "top", "transform": axes.get_yaxis_transform()}
    axes.text(1, each.share - below, words, size=10, bbox={**PAPER, "alpha": alpha}, **place)


def _line(axes: Axes, line: Line, unit: float = 1.0, **more: Any) -> None:
    """The means of a line, in this unit."""
    look: dict[str, Any] = {"color": line.colour, "label": line.name, **more}
    axes.plot(line.rows.time, line.rows.mean / unit, DASHES[line.dash], **look)


def _time_axis(findings: Findings, axes: Axes, words: bool = False) -> None:
    """Local time across: midnights, hours, days by name, nights shaded, and where a promise breaks first and
    is safe again.
    """
    lens = findings.lens
    midnights = [int(time) for time in lens.days]
    step = max(1, -(-len(midnights) // max(1, int(inches(axes) / DAY_LEAST))))
    daily = lens.clock.daily
    axes.set_xlim(0, lens.horizon)
    axes.set_xticks([time for time in midnights[::step] if 0 <= time <= lens.horizon], [])
    axes.grid(axis="x", color=DAYLINE, linewidth=0.8)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    labels = {noon: f"12\n{day}" for noon, day in run_figures.noons(lens)[::step]}
    if step == 1:
        labels |= {daily(time, hour * HOUR): f"{hour:02}" for time in midnights[:-1] for hour in (6, 18)}
        nights = run_figures.nights(lens)
        axes.broken_barh(
            [(start, end - start) for start, end in nights], (0, 1), transform=axes.get_xaxis_transform(),
            color=NIGHTFALL, alpha=0.06, linewidth=0,
        )  # fmt: skip
    shown = sorted(time for time in labels if 0 <= time <= lens.horizon)
    axes.set_xticks(shown, [labels[time] for time in shown], minor=True)
    axes.tick_params(axis="x", which="major", length=9)
    axes.tick_params(axis="x", which="minor", labelsize=9, length=3)
    _uprights(run_figures.broken(findings), findings, axes, words)


def _uprights(broken: Sequence[Broken], findings: Findings, axes: Axes, words: bool) -> None:
    """Upright lines where promises break and are safe again, tinted between; `words` says it beside them."""
    labelled: list[Bbox] = []
    for item in broken:
        axes.axvspan(item.start, item.end, color=RED, alpha=0.05, linewidth=0)
        for each in item.uprights:
            axes.axvline(each.time, color=each.colour, linewidth=2, linestyle=DASHES[each.dash])
            if words:
                text = f" {each.promise} {each.words} \n {findings.lens.clock.words(each.time)} "
                side = "left" if each.time < 0.8 * findings.lens.horizon else "right"
                label = axes.text(
                    each.time, 0.03, text, color=each.colour, weight="bold", size=10, ha=side, bbox=PAPER
                )
                labelled.append(_lifted(label, labelled))


def _lifted(label: Text, others: list[Bbox]) -> Bbox:
    """The place of the label once it stands above the others that it would cover."""
    while any(label.get_window_extent().overlaps(other) for other in others):
        label.set_y(label.get_position()[1] + 0.13)
    return label.get_window_extent()


def legend_of(*together: Axes) -> None:
    """One legend, above on the right, of what was drawn on all of these axes, if anything was."""
    handles, labels = [], []
    for axes in together:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.append(handle)
            labels.append(str(label))
    if handles:
        legend(together[0], handles, labels)


def legend(axes: Axes, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """One line of legend, above on the right."""
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.1}
    axes.legend(handles, labels, ncols=len(labels), columnspacing=1.4, **place)
