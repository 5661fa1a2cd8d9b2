"""The planner's sheets: pictures on a page, of one plan or of several side by side."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.measure.stats.verdicts import overall
from sim.show.content import heat
from sim.show.content.compare import choice, settings_told, shown
from sim.show.content.palette import BLACK, RULINGS
from sim.show.content.sweep import asked, enough, weakest_told
from sim.show.content.tables import pick, wrap
from sim.show.content.words import heading, verdict_words
from sim.show.sheet import compare as sides
from sim.show.sheet import run as plots
from sim.show.sheet import sweep as curves
from sim.show.sheet.flow import flow
from sim.study.compare import Comparison
from sim.study.findings import Findings
from sim.study.sweep import Sweep

WIDE, EDGE, LEFT, MIDDLE, RIGHT = (
    16.0,
    0.14,
    1.06,
    7.9,
    15.2,
)  # inches: the page, its upper edge, where pictures begin and end
LINE = 0.215  # inches of height of a line of verdicts
ROWS = (
    (3.5, 0.9),
    (2.6, 0.9),
    (2.95, 0.9),
    (1.95, 0.86),
    (3.2, 0.76),
)  # inches: heights of pictures, and of words below
FLOW = (
    (0.4, 0.0),
    (5.0, 0.15),
)  # its title, and the picture of where contacts came from, if anybody came again or stayed away
NARROW, GUTTER, COLUMNS_MOST = (
    5.2,
    0.35,
    4,
)  # inches: a column of several plans at least, and between two; how many fit
COLUMN_HEAD, SIDE_BELOW, ROW_OF_HEAT = (
    0.95,
    1.15,
    0.24,
)  # inches: above the columns, below a heat map, a row of it
SIDE_ROWS = (
    (2.7, 0.95),
    (2.5, 0.95),
    (2.2, 0.95),
)  # inches: heights of pictures side by side, and of words below
OVERVIEW = (3.4, 0.7)
RULING = 1.3  # inches beside the name of a plan
LETTERS_AN_INCH = 11
UPRIGHT = "Upright: from here a promise surely breaks; dashed, it is safe again; tinted, between"
SWEPT = (3.6, 1.1)
GRID_NAMES = 1.2  # inches: more room for values down the side
SIDE: tuple[Callable[[Comparison, int, Axes], None], ...] = (
    sides.kept_over_time, sides.staffing, sides.backlog, sides.by_hour_and_day, sides.by_hour_and_language,
)  # fmt: skip
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


def sheet(findings: Findings) -> Figure:
    """The six pictures on one page, 16 × about 20 inch, verdicts on top; styled by the caller's rcParams: in
    `save`, STYLE.

    Where anybody came again or stayed away, a seventh shows where contacts came from and what became of them.

    Every place is known in inches, but for the room that names of languages take: to solve for a layout costs
    as much as to draw it.
    """
    flows = all(len(pick(findings.estimates, *rows).mean) for rows in (("repeat", "all"), ("flow", "flow")))
    rows = ((LINE * (len(findings.verdicts) + 3), 0.5), *ROWS, *(FLOW if flows else ()))
    tall = EDGE + sum(height + below for height, below in rows)
    figure = Figure(figsize=(WIDE, tall))
    FigureCanvasAgg(figure)
    bottoms = tall - EDGE - np.cumsum([height + below for height, below in rows])

    def place(row: int, left: float = LEFT, right: float = RIGHT) -> Axes:
        height, below = rows[row]
        return figure.add_axes(
            (left / WIDE, (bottoms[row] + below) / tall, (right - left) / WIDE, height / tall)
        )

    _verdicts(findings, place(0))
    for row, draw in enumerate((plots.kept_over_time, plots.backlog, plots.staffing, plots.occupancy), 1):
        draw(findings, place(row))
    plots.kept_by_hour_and_day(findings, place(5, right=MIDDLE))
    languages = place(5, left=MIDDLE)
    plots.kept_by_hour_and_language(findings, languages)
    names = (
        max((name.get_window_extent().width for name in languages.get_yticklabels()), default=0) / figure.dpi
    )
    box = languages.get_position()
    box.x0 += (names + 0.3) / WIDE
    languages.set_position(box)
    if flows:
        flow(findings, place(7))
    return figure


def side_by_side(found: Comparison) -> Figure:
    """A column a plan on the same axes, and below them cost against promise; of more than four the first, the
    best and others.

    Above stands the choice.  The first plan's heat maps show what it keeps, those of others what they keep
    more.
    """
    columns = shown(found, COLUMNS_MOST)
    column = max(NARROW, (RIGHT - LEFT - GUTTER * (len(columns) - 1)) / len(columns))
    wide = LEFT + (column + GUTTER) * len(columns) - GUTTER + WIDE - RIGHT
    letters = int(wide * LETTERS_AN_INCH)
    said = (*settings_told(found), *([UPRIGHT] if any(map(plots.uprights, found.findings)) else []))
    lines = choice(found, letters) + [line for text in said for line in wrap(text, letters)]
    head = LINE * (len(lines) + 3.5) + COLUMN_HEAD
    days, languages = (ROW_OF_HEAT * max(2, len(names)) for names in (heat.days(found), found.lens.languages))
    rows = (*SIDE_ROWS, (days, SIDE_BELOW), (languages, SIDE_BELOW), OVERVIEW)
    tall = EDGE + head + sum(height + below for height, below in rows)
    figure = Figure(figsize=(wide, tall))
    FigureCanvasAgg(figure)
    bottoms = tall - EDGE - head - np.cumsum([height + below for height, below in rows])
    lefts = [LEFT + place * (column + GUTTER) for place in range(len(columns))]

    def place(row: int, left: float, width: float) -> Axes:
        height, below = rows[row]
        return figure.add_axes((left / wide, (bottoms[row] + below) / tall, width / wide, height / tall))

    _choice(found, lines, figure.text, wide, tall)
    up = (tall - EDGE - head + COLUMN_HEAD - 0.2) / tall
    for plan, left in zip(columns, lefts, strict=True):
        ruling = overall(found.findings[plan].verdicts)
        name = figure.text(left / wide, up, found.names[plan], size=15, weight="bold")
        long = name.get_window_extent().width / figure.dpi
        name.set_fontsize(15 * min(1.0, (column - RULING) / long))
        end = left + min(long, column - RULING)
        figure.text((end + 0.15) / wide, up, str(ruling), size=11.5, weight="bold", color=RULINGS[ruling])
    for row, picture in enumerate(SIDE):
        axes = [place(row, left, column) for left in lefts]
        for plan, each in zip(columns, axes, strict=True):
            picture(found, plan, each)
        _on_one_scale(axes)
        if all(each.get_title("left") for each in axes):
            _fit_titles(axes)
    sides.overview(found, place(len(SIDE), LEFT, RIGHT - LEFT))
    return figure


def _choice(
    found: Comparison | Sweep, lines: Sequence[str], write: Callable[..., object], wide: float, tall: float
) -> None:
    """Title, what was run, and which plan to take."""
    title, subtitle = heading(found.lens, found.record)
    top, left = tall - EDGE, LEFT / wide
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
    letters = int(WIDE * LETTERS_AN_INCH)
    lines = enough(found, letters) + [line for text in weakest_told(found) for line in wrap(text, letters)]
    pictures: list[Callable[[Sweep, Axes], None]] = [curves.probability_kept, curves.share_kept]
    rows = [SWEPT] * len(pictures)
    if len(found.settings) > 1:
        pictures = [partial(_grid, promise=promise) for promise in asked(found)]
        rows = [(max(1.2, 0.3 * len(found.settings[0].values)), 1.7)] * len(pictures)
    head = LINE * (len(lines) + 3.5) + 0.4
    tall = EDGE + head + sum(height + below for height, below in rows)
    figure = Figure(figsize=(WIDE, tall))
    FigureCanvasAgg(figure)
    _choice(
        found,
        lines,
        partial(figure.text, family="monospace") if len(found.settings) > 1 else figure.text,
        WIDE,
        tall,
    )
    bottom, left = tall - EDGE - head, LEFT + (GRID_NAMES if len(found.settings) > 1 else 0.0)
    for picture, (height, below) in zip(pictures, rows, strict=True):
        bottom -= height + below
        axes = figure.add_axes((left / WIDE, (bottom + below) / tall, (RIGHT - left) / WIDE, height / tall))
        picture(found, axes)
        plots.legend_of(axes)
    return figure


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
