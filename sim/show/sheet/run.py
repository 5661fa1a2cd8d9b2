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

from sim.measure.pooled.breaks import Break
from sim.measure.stats.verdicts import CASES_LEAST
from sim.show.content import heat
from sim.show.content.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, RED, SKY
from sim.show.content.tables import pick
from sim.show.content.words import promise_names, promise_words, shortfall_words
from sim.study.findings import Findings
from sim.units import HOUR, percent_text

LINES = ((BLUE, "-"), (GREEN, "--"), (PURPLE, "-."), (ORANGE, ":"))  # by promise
WORDS_AN_INCH = 3.7  # points of a word of one letter in a cell, for each inch that a heat map is wide
CAPTION_AN_INCH = 1.6
CELLS_MOST = 24  # rows of a heat map up to which numbers fit into its cells
DAY_LEAST = 0.88  # inches of a day whose every hour tick and night fits
NIGHT = ((0, 7), (23, 24))  # local hours
PAPER = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1}  # behind words that lie on lines


def kept_over_time(findings: Findings, axes: Axes, *, words: bool = True) -> None:
    """The share of cases in time by the period they came in, of every promise: 95 % interval and 10–90 % of
    events as bands.

    words: whether there is room to say what breaks when.
    """
    lens = findings.lens
    for promise, (colour, style) in zip(lens.promises, LINES * len(lens.promises), strict=False):
        rows = pick(findings.estimates, "service_level", "period", promise.name)
        if not len(rows.mean):
            continue
        axes.fill_between(rows.time, rows.p10, rows.p90, color=colour, alpha=0.14, linewidth=0)
        axes.fill_between(rows.time, rows.lower, rows.upper, color=colour, alpha=0.35, linewidth=0)
        axes.plot(rows.time, rows.mean, style, color=colour, linewidth=1.8, label=promise_words(promise))
    for share in sorted({promise.share for promise in lens.promises}):
        axes.axhline(share, color=BLACK, linewidth=1.1, linestyle=(0, (6, 3)))
        asked = " and ".join(
            promise_words(promise).split(" within ")[0] for promise in lens.promises if promise.share == share
        )
        what = f"{asked}: promised {percent_text(share)} " if words else f"{percent_text(share)} "
        axes.text(lens.horizon, share - 0.01, what, size=10, ha="right", va="top", bbox=PAPER)
    for start, end in ((0, lens.judged[0]), (lens.judged[1], lens.horizon)):
        if end - start > lens.horizon / 20:
            axes.text((start + end) / 2, 0.5, "not judged", color="#777777", ha="center")
    axes.set_title("Cases in time, by when they came  (bands: 95 %; 10–90 % of events)")
    axes.set_ylabel("share of cases in time")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_ylim(0, 1.03)
    _time_axis(findings, axes, words=words)
    legend_of(axes)


def backlog(findings: Findings, axes: Axes) -> None:
    """Contacts waiting (left axis) and how long the oldest of them has waited (right axis), with 10–90 % of
    events.
    """
    waiting, oldest = (pick(findings.estimates, measure, "period") for measure in ("backlog", "oldest"))
    axes.fill_between(waiting.time, waiting.p10, waiting.p90, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(waiting.time, waiting.mean, color=BLUE, linewidth=1.8, label="contacts waiting (left)")
    axes.set_ylabel("contacts waiting", color=BLUE)
    axes.set_ylim(bottom=0)
    axes.set_title("Backlog and its oldest contact  (bands: 10–90 % of events)")
    _time_axis(findings, axes)
    right = axes.twinx()
    right.fill_between(
        oldest.time, oldest.p10 / HOUR, oldest.p90 / HOUR, color=BLACK, alpha=0.15, linewidth=0
    )
    right.plot(
        oldest.time, oldest.mean / HOUR, "--", color=BLACK, linewidth=1.3, label="wait of the oldest (right)"
    )
    right.set_ylabel("wait of the oldest, h")
    right.set_ylim(bottom=0)
    right.spines["right"].set_visible(True)
    legend_of(axes, right)


def staffing(findings: Findings, axes: Axes, *, words: bool = True) -> None:
    """Agents on duty against agents needed, the gaps hatched, the largest shortfalls by name if there is room
    for words.
    """
    duty, needed = (pick(findings.estimates, measure, "period") for measure in ("on_duty", "needed"))
    busy = pick(findings.estimates, "busy", "period")
    axes.fill_between(busy.time, 0, busy.mean, step="post", color=SKY, alpha=0.45, linewidth=0, label="busy")
    axes.fill_between(duty.time, duty.p10, duty.p90, step="post", color=BLUE, alpha=0.2, linewidth=0)
    axes.step(duty.time, duty.mean, where="post", color=BLUE, linewidth=2, label="on duty")
    axes.step(
        needed.time, needed.mean, "--", where="post", color=RED, linewidth=1.5, label="needed on average"
    )
    if np.array_equal(duty.time, needed.time):
        missing = needed.mean > duty.mean
        axes.fill_between(
            duty.time, duty.mean, needed.mean, where=missing.tolist(), step="post",
            facecolor="none", edgecolor=RED, hatch="////", linewidth=0, label="missing",
        )  # fmt: skip
    axes.set_ylabel("agents")
    top = 1.6 * max(1.0, *(float(np.max(rows.p90, initial=0)) for rows in (duty, needed)))  # room for words
    axes.set_ylim(0, top)
    axes.set_title("Agents on duty against agents needed  (band: 10–90 % of events)")
    largest = findings.shortfalls[:3] if words else ()
    for row, item in enumerate(largest):
        height = top * (0.83 - 0.09 * row)
        axes.plot((item.start, item.end), (height, height), color=RED, linewidth=5, solid_capstyle="butt")
        axes.text(
            item.end,
            height,
            f"  {shortfall_words(item)[0]} in events that break",
            color=RED,
            size=10,
            va="center",
            bbox=PAPER,
        )
    _time_axis(findings, axes)
    legend_of(axes)


def occupancy(findings: Findings, axes: Axes) -> None:
    """The share of time on duty that agents are busy, with 10–90 % of events, and the mean of the three
    largest teams.
    """
    rows = pick(findings.estimates, "occupancy", "period")
    axes.fill_between(rows.time, rows.p10, rows.p90, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(rows.time, rows.mean, color=BLUE, linewidth=1.6, label="all teams, by period")
    teams, hours = (pick(findings.estimates, measure, "team") for measure in ("occupancy", "agent_hours"))
    largest = np.argsort(
        -hours.mean if len(hours.member) == len(teams.member) else np.zeros(len(teams.member)), kind="stable"
    )[:3]
    for row, (colour, style) in zip(largest.tolist(), LINES[1:], strict=False):
        label = f"{teams.member[row]}, mean {100 * teams.mean[row]:.0f} %"
        axes.axhline(teams.mean[row], linestyle=style, color=colour, linewidth=1.5, label=label)
    axes.set_ylabel("share of time busy")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_ylim(0, 1.03)
    axes.set_title("Occupancy  (band: 10–90 % of events)")
    _time_axis(findings, axes)
    legend_of(axes)


def kept_by_hour_and_day(findings: Findings, axes: Axes, promise: str | None = None) -> None:
    """A heat map of a promise, or the leading one: days down, local hours across; of an hour that comes
    twice, the worse.
    """
    name = heat.leading(findings) if promise is None else promise
    _heat(findings, axes, heat.by_day(findings, name))
    axes.set_title(f"{promise_names(findings.lens).get(name, 'nothing promised')}: % kept, by day and hour")


def kept_by_hour_and_language(findings: Findings, axes: Axes, promise: str | None = None) -> None:
    """A heat map of a promise, or the leading one: languages down, local hours across."""
    name = heat.leading(findings) if promise is None else promise
    _heat(findings, axes, heat.by_language(findings, name))
    axes.set_title(
        f"{promise_names(findings.lens).get(name, 'nothing promised')}: % kept, by language and hour"
    )


def _heat(findings: Findings, axes: Axes, cells: heat.Heat) -> None:
    """Shares as colours and numbers in cells (row, hour); cells surely below the promise outlined, few cases
    veiled.
    """
    kept = cells.service_level
    words = [[f"{100 * value:.0f}" for value in row] for row in np.nan_to_num(kept)]
    heat_map(
        axes,
        cells.labels,
        kept,
        words,
        kept < 0.5,
        veiled=cells.few,
        outlined=cells.broken,
        colours=("cividis", 0.0, 1.0),
    )
    marks = (
        f"outlined, bold: surely below {percent_text(cells.asked)};  grey, hatched: fewer "
        f"than {CASES_LEAST} cases an event"
    )
    say_below(axes, f"local hour of arrival, {findings.lens.clock.zone}\n{marks}")


def heat_map(
    axes: Axes,
    labels: Sequence[str],
    values: NDArray[np.float64],
    words: Sequence[Sequence[str]],
    dark: NDArray[np.bool_],
    *,
    veiled: NDArray[np.bool_],
    outlined: NDArray[np.bool_],
    colours: tuple[str, float, float],
) -> None:
    """Values [labels, 24] by local hour as colours (map, lowest, highest) with words in the cells, white
    where it is dark.

    NaN is no cell; without any the axes are empty.  Veiled cells are grey and hatched, outlined ones bold.
    """
    if np.isnan(values).all():
        axes.set_axis_off()
        return
    axes.set_facecolor("#F2F2F2")
    mesh = axes.pcolormesh(
        values, cmap=colours[0], vmin=colours[1], vmax=colours[2], edgecolors="white", linewidth=0.6
    )
    veil = PathOf.make_compound_path(
        *(
            PathOf([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)], closed=True)
            for y, x in np.argwhere(veiled).tolist()
        )
    )
    axes.add_patch(PathPatch(veil, facecolor="#BBBBBB", alpha=0.5, linewidth=0))
    axes.add_patch(PathPatch(veil, fill=False, edgecolor="#8A8A8A", hatch="//", linewidth=0))
    if len(labels) <= CELLS_MOST:
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
        axes.figure.colorbar(mesh, ax=axes, label="share kept", format=PercentFormatter(1))
    axes.add_collection(
        LineCollection(heat.outline(outlined), colors=RED, linewidths=2.5, capstyle="round", clip_on=False)
    )
    axes.set_ylim(len(labels), 0)
    step = -(-len(labels) // CELLS_MOST) or 1
    axes.set_yticks(np.arange(0, len(labels), step) + 0.5, labels[::step])
    axes.set_xticks(np.arange(0, 24, 3) + 0.5, [f"{hour:02}" for hour in range(0, 24, 3)])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def say_below(axes: Axes, words: str) -> None:
    """What a heat map shows, no wider than it is."""
    axes.set_xlabel(words, size=min(11.0, inches(axes) * CAPTION_AN_INCH))


def inches(axes: Axes) -> float:
    """How wide the axes are."""
    return float(axes.get_window_extent().width / axes.figure.dpi) if axes.figure else 0.0


def uprights(findings: Findings) -> list[Break]:
    """The breaks that stand as upright lines in every picture over time: of promises as a whole."""
    return [item for item in findings.breaks if item.dimension == "all" and item.broken >= 0]


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
    axes.grid(axis="x", color="#BBBBBB", linewidth=0.8)
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
    labels = {daily(time, 12 * HOUR): f"12\n{lens.clock.day_words(time)}" for time in midnights[:-1:step]}
    if step == 1:
        labels |= {daily(time, hour * HOUR): f"{hour:02}" for time in midnights[:-1] for hour in (6, 18)}
        nights = [
            (daily(time, start * HOUR), daily(time, end * HOUR))
            for time in midnights[:-1]
            for start, end in NIGHT
        ]
        axes.broken_barh(
            [(start, end - start) for start, end in nights], (0, 1), transform=axes.get_xaxis_transform(),
            color="#1A2A55", alpha=0.06, linewidth=0,
        )  # fmt: skip
    shown = sorted(time for time in labels if 0 <= time <= lens.horizon)
    axes.set_xticks(shown, [labels[time] for time in shown], minor=True)
    axes.tick_params(axis="x", which="major", length=9)
    axes.tick_params(axis="x", which="minor", labelsize=9, length=3)
    labelled: list[Bbox] = []
    for item in uprights(findings):
        end = item.safe if item.safe >= 0 else lens.judged[1]
        axes.axvspan(item.broken, end, color=RED, alpha=0.05, linewidth=0)
        for time, colour, word in ((item.broken, RED, "breaks first"), (item.safe, GREEN, "safe again")):
            if time >= 0:
                axes.axvline(time, color=colour, linewidth=2, linestyle="-" if colour == RED else "--")
                if words:
                    text = f" {promise_names(lens)[item.promise]} {word} \n {lens.clock.words(time)} "
                    side = "left" if time < 0.8 * lens.horizon else "right"
                    label = axes.text(
                        time, 0.03, text, color=colour, weight="bold", size=10, ha=side, bbox=PAPER
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
