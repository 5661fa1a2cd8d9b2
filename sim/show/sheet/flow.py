"""The picture of where contacts came from and what became of them: bands from origins over channels
to fates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.habits import ORIGINS
from sim.show.content.palette import BLUE, GREEN, ORANGE, PURPLE, RED, SKY
from sim.show.content.run_figures import Flow

LOOKS = dict(  # of bands, by where they come from: a colour and a hatch
    zip(
        ORIGINS,
        ((BLUE, ""), (GREEN, ".."), (ORANGE, "\\\\\\"), (RED, "xxx"), (PURPLE, "///"), (SKY, "oo")),
        strict=True,
    )
)
COLUMNS = ((0.165, 0.175), (0.43, 0.58), (0.815, 0.825))  # where the blocks of each lie across the picture
TITLES = ("where they came from", "on which channel", "what became of them")
GAP, LEAST, TALL = (
    0.018,
    0.045,
    0.085,
)  # of the height: between blocks, room for a line of words, and for two of them
CROWDED = 12  # blocks of a column, from which on there is less room for each


@dataclass
class Block:
    """A block of a column: its place, and how far up its sides are taken by bands; heights count down from
    the top.
    """

    top: float
    height: float
    left: float = 0.0
    right: float = 0.0

    def take(self, side: str, height: float) -> float:
        """The top of a band that takes so much more of a side."""
        taken: float = getattr(self, side)
        setattr(self, side, taken + height)
        return self.top + taken


def flow(figure: Flow, axes: Axes) -> None:
    """Bands as wide as mean contacts a simulation; origins have colours and hatches, blocks names."""
    scale = _scale([[size for size in column.values() if size] for column in figure.sizes])
    blocks = [_stacked(column, scale) for column in figure.sizes]
    names = [list(column) for column in figure.sizes]
    for way in sorted(
        figure.ways,
        key=lambda way: tuple(place.index(name) for place, name in zip(names, way, strict=True)),
    ):
        size = scale * figure.ways[way]
        origin, channel, fate = (column[name] for column, name in zip(blocks, way, strict=True))
        starts = origin.take("right", size), channel.take("left", size)
        _band(axes, (COLUMNS[0][1], COLUMNS[1][0]), starts, size, way[0])
        way_out = channel.take("right", size)
        _band(axes, (COLUMNS[1][0], COLUMNS[1][1]), (starts[1], way_out), size, way[0])
        _band(axes, (COLUMNS[1][1], COLUMNS[2][0]), (way_out, fate.take("left", size)), size, way[0])
    for place, words in enumerate(figure.words):
        _named(axes, place, blocks[place], words)
    axes.set_title(f"{figure.title}  (mean contacts of the judged hours, 95 %)")
    axes.set_xlim(0, 1)
    axes.set_ylim(1, -0.05)
    axes.set_axis_off()


def _scale(columns: Sequence[Sequence[float]]) -> float:
    """The height of a contact with which the fullest column just fills the picture, words included."""
    low, high = 0.0, 1 / sum(columns[0])
    for _ in range(40):
        scale = (low + high) / 2
        fits = all(_height(column, scale) <= 1 for column in columns)
        low, high = (scale, high) if fits else (low, scale)
    return low


def _height(column: Sequence[float], scale: float) -> float:
    gap, least = _room(len(column))
    return sum(max(scale * size, least) for size in column) + gap * (len(column) - 1)


def _room(blocks: int) -> tuple[float, float]:
    """The gap between so many blocks, and the least room for one."""
    crowd = max(1.0, blocks / CROWDED)
    return GAP / crowd, LEAST / crowd


def _stacked(column: Mapping[str, float], scale: float) -> dict[str, Block]:
    """The blocks of a column below each other, in the middle of the height; one that is low has room for its
    words.
    """
    sizes = {name: scale * size for name, size in column.items() if size}
    gap, least = _room(len(sizes))
    top = (1 - _height([size for size in column.values() if size], scale)) / 2
    blocks = {}
    for name, size in sizes.items():
        room = max(size, least)
        blocks[name] = Block(top + (room - size) / 2, size)
        top += room + gap
    return blocks


def _band(
    axes: Axes, across: tuple[float, float], tops: tuple[float, float], size: float, origin: str
) -> None:
    """A band from a block to the next, along a smooth line."""
    colour, hatch = LOOKS[origin]
    (left, right), (start, end) = across, tops
    middle = (left + right) / 2
    points = [
        (left, start),
        (middle, start),
        (middle, end),
        (right, end),
        (right, end + size),
        (middle, end + size),
        (middle, start + size),
        (left, start + size),
        (left, start),
    ]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.45, linewidth=0))
    if hatch:
        axes.add_patch(
            PathPatch(Path(points, codes), fill=False, edgecolor=colour, hatch=hatch, linewidth=0, alpha=0.8)
        )


def _named(axes: Axes, place: int, blocks: Mapping[str, Block], words: Mapping[str, str]) -> None:
    """The blocks of a column with what they stand for: left of the first column, right of the last, inside
    between.
    """
    left, right = COLUMNS[place]
    at, side = ((left - 0.006, "right"), ((left + right) / 2, "center"), (right + 0.006, "left"))[place]
    axes.text(
        (left + right) / 2 if place == 1 else at,
        -0.035,
        TITLES[place],
        ha=side,
        va="center",
        color="#666666",
        size=10,
    )
    for name, block in blocks.items():
        colour = LOOKS[name][0] if place == 0 else "#333333"
        frame = Rectangle((left, block.top), right - left, block.height, linewidth=0, facecolor=colour)
        if place == 1:
            frame.set(fill=False, edgecolor=colour, linewidth=1)
        axes.add_patch(frame)
        middle = block.top + block.height / 2
        paper = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1} if place == 1 else None
        text = f"{name}{chr(10) if block.height >= TALL else '  '}{words.get(name, '')}"
        axes.text(at, middle, text, ha=side, va="center", size=10, linespacing=1.25, bbox=paper)
