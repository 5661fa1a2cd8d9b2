"""Okabe & Ito's colours, which people who confuse red and green tell apart, and what they stand for.

Colour is never alone: a look is a colour and the name of a dash ("solid", "dash", "dashdot", "dot" …), and a
ruling has a mark ("circle", "x", "square").  Each medium draws dashes and marks in its own way.
"""

from itertools import cycle, islice

from sim.measure.stats.verdicts import Ruling

BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
RULINGS = {Ruling.HOLDS: GREEN, Ruling.BREAKS: RED, Ruling.UNDECIDED: "#8A6000", Ruling.TOO_FEW: "#666666"}
MARKS = {Ruling.HOLDS: "circle", Ruling.BREAKS: "x", Ruling.UNDECIDED: "square"}
PROMISES = ((BLUE, "solid"), (GREEN, "dash"), (PURPLE, "dashdot"), (ORANGE, "dot"))
PLAN_COLOURS = (BLUE, RED, GREEN, PURPLE, ORANGE, BLACK, SKY)
PLAN_DASHES = ("solid", "dash", "dashdot", "dot", "longdash", "longdashdot")
NIGHTFALL = "#1A2A55"  # over nights, nearly transparent
VEIL = "#BBBBBB"  # over cells of a heat map that say little

Look = tuple[str, str]  # colour, dash


def promise_looks(promises: int) -> list[Look]:
    """The looks of the lines of so many promises."""
    return list(islice(cycle(PROMISES), promises))


def plan_looks(plans: int) -> list[Look]:
    """The looks of the lines of so many plans."""
    return list(islice(zip(cycle(PLAN_COLOURS), cycle(PLAN_DASHES), strict=False), plans))
