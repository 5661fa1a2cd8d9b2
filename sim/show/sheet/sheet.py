"""The planner's sheets: pictures on a page, of one plan or of several side by side."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.measure.stats.verdicts import overall
from sim.show.content import heat, run_figures
from sim.show.content.compare import choice, settings_sentences
from sim.show.content.compare_figures import drawn
from sim.show.content.origin_tables import came_again
from sim.show.content.palette import BLACK, RULINGS
from sim.show.content.sweep import asked, enough, weakest_sentences
from sim.show.content.tables import wrap
from sim.show.content.words import heading, verdict_words
from sim.show.sheet import compare as sides
from sim.show.sheet import run as plots
from sim.show.sheet import sweep as curves
from sim.show.sheet.flow import flow
from sim.study.compare import Comparison
from sim.study.findings import Findings
from sim.study.sweep import Sweep

# All sizes are in inches.
WIDE, EDGE = 16.0, 0.14  # the page of a run or a sweep, and its upper edge
LEFT, MIDDLE, RIGHT = 1.06, 7.9, 15.2  # where pictures begin, the second of two begins, and they end
LINE = 0.215  # the height of a line of verdicts
NARROW, GUTTER = 5.2, 0.35  # a column of several plans at least, and between two
COLUMN_HEAD, RULING = 0.95, 1.3  # above the columns; beside the name of a plan
ROW_OF_HEAT = 0.24  # the height of a row of a heat map beside others
GRID_NAMES = 1.2  # more room for values down the side
LETTERS_AN_INCH = 11
UPRIGHT = "Upright: from here a promise surely breaks; dashed, it is safe again; tinted, between"


class Room(NamedTuple):
    """What a row of pictures takes: their height, and that of the words below."""

    height: float
    below: float


HEAT_MAPS, FLOW_TITLE, FLOW = Room(3.2, 0.76), Room(0.4, 0.0), Room(5.0, 0.15)
OVER_TIME: tuple[tuple[Callable[[Findings, Axes], None], Room], ...] = (  # of a run
    (plots.service_level, Room(3.5, 0.9)),
    (plots.backlog, Room(2.6, 0.9)),
    (plots.staffing, Room(2.95, 0.9)),
    (plots.occupancy, Room(1.95, 0.86)),
)
SIDE_HEAT_BELOW, OVERVIEW, CURVES = 1.15, Room(3.4, 0.7), Room(3.6, 1.1)
SIDE_OVER_TIME: tuple[tuple[Callable[[Comparison, int, Axes], None], Room], ...] = (  # of several plans
    (sides.service_level, Room(2.7, 0.95)),
    (sides.staffing, Room(2.5, 0.95)),
    (sides.backlog, Room(2.2, 0.95)),
)
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "text.parse_math": False,  # a planner's $ is money
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # else every drawing looks for it
    "axes.formatter.limits": (-9, 9),  # there is no room for a power of ten above
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "savefig.dpi": 100,
    "svg.fonttype": "path",
    "svg.hashsalt": "sim",  # ids of an SVG are hashes: without a fixed salt they differ from run to run
}
FORMATS: dict[str, dict[str, Any]] = {
    "sheet.png": {
        "metadata": {"Software": None},
        "pil_kwargs": {"compress_level": 3},
    },  # 6: 1 % smaller, 1.5 × as long
    "sheet.svg": {"metadata": {"Date": None, "Creator": None}},
}
FILES = tuple(FORMATS)


Found = Findings | Comparison | Sweep


def save(found: Found, folder: Path, names: Sequence[str] = FILES) -> list[Path]:
    """These of FILES, painted into `folder`; the same findings give the same bytes."""
    with matplotlib.style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Glyph .* missing from font"
        )  # drawn as a box; the report has the word
        figure = _page(found)
        for name in names:
            figure.savefig(folder / name, **FORMATS[name])
    return [folder / name for name in names]


def _page(found: Found) -> Figure:
    if isinstance(found, Findings):
        return sheet(found)
    return side_by_side(found) if isinstance(found, Comparison) else swept(found)


class Page:
    """A figure with rows of pictures, from the top down, below a head."""

    def __init__(self, wide: float, head: float, rows: Sequence[Room]) -> None:
        self.wide, self.rows = wide, rows
        self.tall = EDGE + head + sum(height + below for height, below in rows)
        self.figure = Figure(figsize=(wide, self.tall))
        FigureCanvasAgg(self.figure)
        self._bottoms = self.tall - EDGE - head - np.cumsum([height + below for height, below in rows])

    def axes(self, row: int, left: float = LEFT, width: float = RIGHT - LEFT) -> Axes:
        """The place of a picture in a row."""
        height, below = self.rows[row]
        bottom = (self._bottoms[row] + below) / self.tall
        box = left / self.wide, bottom, width / self.wide, height / self.tall
        return self.figure.add_axes(box)


def sheet(findings: Findings) -> Figure:
    """The six pictures on one page, 16 × about 20 inch, verdicts on top; styled by the caller's rcParams: in
    `save`, STYLE.

    Where anybody came again or stayed away, a seventh shows where contacts came from and what became of them.

    Every place is known in inches, but for the room that names of languages take: to solve for a layout costs
    as much as to draw it.
    """
    ways = run_figures.flow(findings) if came_again(findings) else None
    verdicts = Room(LINE * (len(findings.verdicts) + 3), 0.5)
    over_time = [room for _, room in OVER_TIME]
    page = Page(WIDE, 0.0, (verdicts, *over_time, HEAT_MAPS, *((FLOW_TITLE, FLOW) if ways else ())))
    _verdicts(findings, page.axes(0))
    for row, (draw, _) in enumerate(OVER_TIME, 1):
        draw(findings, page.axes(row))
    heat_maps = 1 + len(OVER_TIME)
    plots.service_level_by_day(findings, page.axes(heat_maps, LEFT, MIDDLE - LEFT))
    languages = page.axes(heat_maps, MIDDLE, RIGHT - MIDDLE)
    plots.service_level_by_language(findings, languages)
    widths = [name.get_window_extent().width for name in languages.get_yticklabels()]
    box = languages.get_position()
    box.x0 += (max(widths, default=0) / page.figure.dpi + 0.3) / WIDE
    languages.set_position(box)
    if ways:
        flow(ways, page.axes(heat_maps + 2))
    return page.figure


def side_by_side(found: Comparison) -> Figure:
    """A column a plan on the same axes, and below them cost against promise; of more than four the first, the
    best and others.

    Above stands the choice.  The first plan's heat maps show its service level, those of others by how many
    points theirs is higher.
    """
    columns = drawn(found)
    column = max(NARROW, (RIGHT - LEFT - GUTTER * (len(columns) - 1)) / len(columns))
    wide = LEFT + (column + GUTTER) * len(columns) - GUTTER + WIDE - RIGHT
    letters = int(wide * LETTERS_AN_INCH)
    upright = [UPRIGHT] if any(map(run_figures.broken, found.findings)) else []
    lines = choice(found, letters)
    lines += [line for text in (*settings_sentences(found), *upright) for line in wrap(text, letters)]
    head = LINE * (len(lines) + 3.5) + COLUMN_HEAD
    days, languages = (
        Room(ROW_OF_HEAT * max(2, len(names)), SIDE_HEAT_BELOW)
        for names in (heat.days(found), found.lens.languages)
    )
    pictures = (*SIDE_OVER_TIME, (sides.by_hour_and_day, days), (sides.by_hour_and_language, languages))
    page = Page(wide, head, (*(room for _, room in pictures), OVERVIEW))
    _choice(found, lines, page.figure.text, page)
    lefts = [LEFT + place * (column + GUTTER) for place in range(len(columns))]
    for plan, left in zip(columns, lefts, strict=True):
        _column_head(found, plan, page, left, column, page.tall - EDGE - head + COLUMN_HEAD - 0.2)
    for row, (picture, _) in enumerate(pictures):
        axes = [page.axes(row, left, column) for left in lefts]
        for plan, each in zip(columns, axes, strict=True):
            picture(found, plan, each)
        _on_one_scale(axes)
        if all(each.get_title("left") for each in axes):
            _fit_titles(axes)
    sides.overview(found, page.axes(len(pictures)))
    return page.figure


def _column_head(found: Comparison, plan: int, page: Page, left: float, column: float, height: float) -> None:
    """The name of a plan, no wider than its column, and what is decided of it."""
    ruling, up = overall(found.findings[plan].verdicts), height / page.tall
    name = page.figure.text(left / page.wide, up, found.names[plan], size=15, weight="bold")
    long = name.get_window_extent().width / page.figure.dpi
    name.set_fontsize(15 * min(1.0, (column - RULING) / long))
    end = (left + min(long, column - RULING) + 0.15) / page.wide
    page.figure.text(end, up, str(ruling), size=11.5, weight="bold", color=RULINGS[ruling])


def _choice(
    found: Comparison | Sweep, lines: Sequence[str], write: Callable[..., object], page: Page
) -> None:
    """Title, what was run, and which plan to take."""
    title, subtitle = heading(found.lens, found.record)
    top, left, tall = page.tall - EDGE, LEFT / page.wide, page.tall
    write(left, (top - 0.15) / tall, title, size=24, weight="bold", va="center")
    write(left, (top - 0.45) / tall, subtitle, va="center", color="#444444")
    for row, line in enumerate(lines):
        write(left, (top - 0.8 - LINE * row) / tall, line, va="center", weight="normal" if row else "bold")


def _on_one_scale(row: Sequence[Axes]) -> None:
    """The same heights in a row; titles of the row and labels stand where it begins, legend and right labels
    where it ends.
    """
    last = len(row) - 1
    both = [
        [axes, *(other for other in axes.get_shared_x_axes().get_siblings(axes) if other is not axes)]
        for axes in row
    ]
    for side in zip(*both, strict=False):
        if all(axes.get_ylim()[0] == 0 for axes in side):
            for axes in side:
                axes.set_ylim(0, max(other.get_ylim()[1] for other in side))
    for place, (axes, *twins) in enumerate(both):
        legend = axes.get_legend()
        if place:
            axes.set_ylabel("")
            axes.tick_params(axis="y", labelleft=False)
            axes.set_title(axes.get_title("left") if axes.get_title("left").startswith("points") else "")
        if place < last:
            for twin in twins:
                twin.set_ylabel("")
                twin.tick_params(axis="y", labelright=False)
            if legend is not None:
                legend.remove()


def swept(found: Sweep) -> Figure:
    """What is enough in words, and the curves over the values of a setting, or the heat map of two."""
    two, letters = len(found.settings) > 1, int(WIDE * LETTERS_AN_INCH)
    lines = enough(found, letters) + [
        line for text in weakest_sentences(found) for line in wrap(text, letters)
    ]
    pictures: list[Callable[[Sweep, Axes], None]] = [curves.probability, curves.service_level]
    room = CURVES
    if two:
        pictures = [partial(_grid, promise=promise) for promise in asked(found)]
        room = Room(max(1.2, 0.3 * len(found.settings[0].values)), 1.7)
    page = Page(WIDE, LINE * (len(lines) + 3.5) + 0.4, [room] * len(pictures))
    write = partial(page.figure.text, family="monospace") if two else page.figure.text
    _choice(found, lines, write, page)
    left = LEFT + (GRID_NAMES if two else 0.0)
    for row, picture in enumerate(pictures):
        axes = page.axes(row, left, RIGHT - left)
        picture(found, axes)
        plots.legend_of(axes)
    return page.figure


def _grid(found: Sweep, axes: Axes, promise: str) -> None:
    curves.grid(found, promise, axes)


def _fit_titles(row: Sequence[Axes]) -> None:
    """Each title no wider than its picture, all of one size."""
    titles = [axes.set_title(axes.get_title("left")) for axes in row]
    wide = max(
        title.get_window_extent().width / axes.bbox.width for title, axes in zip(titles, row, strict=True)
    )
    for title in titles:
        title.set_fontsize(float(title.get_fontsize()) / max(1.0, wide))


def _verdicts(findings: Findings, axes: Axes) -> None:
    """Title and verdicts, one unit of height a line."""
    title, subtitle = heading(findings.lens, findings.record)
    axes.set_axis_off()
    axes.set_ylim(len(findings.verdicts) + 3, 0)
    axes.text(0, 0.7, title, size=24, weight="bold", va="center")
    axes.text(0, 2, subtitle, va="center", color="#444444")
    told = [verdict_words(verdict, findings) for verdict in findings.verdicts]  # name, kept, ruling, behind
    end = 0.0  # of the column before
    for column, place, size in ((2, 0.0, 11.5), (0, 0.085, 11.5), (1, 0.295, 9.5), (3, 0.635, 9.5)):
        place = max(place, end)
        for row, (verdict, words) in enumerate(zip(findings.verdicts, told, strict=True)):
            bold = column == 2 or (column == 0 and not verdict.dimension)
            piece = axes.text(
                place, row + 3.3, words[column], color=BLACK if place else RULINGS[verdict.ruling], size=size,
                weight="bold" if bold else "normal", va="center",
            )  # fmt: skip
            box = axes.transData.inverted().transform_bbox(piece.get_window_extent())
            end = max(end, float(box.x1) + 0.01)
