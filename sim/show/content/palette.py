"""Okabe & Ito's colours, which people who confuse red and green tell apart."""

from sim.measure.stats.verdicts import Ruling

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
RULINGS = {Ruling.HOLDS: GREEN, Ruling.BREAKS: RED, Ruling.UNDECIDED: "#8A6000", Ruling.TOO_FEW: "#666666"}
