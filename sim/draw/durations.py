"""How long things take and how long people wait: draws of one law, or of the law of each contact's kind."""

import math
from collections.abc import Iterable

import numpy as np

from sim.draw.mixes import Kind, Picked
from sim.draw.rng import Dice, factors
from sim.plan import Bool, Demand, Float, Law
from sim.tables import EFFORT_MAX, NEVER, Int64


def durations(dice: np.random.Generator, law: Law, mean: float, size: int, least: int = 1) -> Int64:
    """[size] ms of a law with this mean, rounded, at least `least` and at most the tables' limit."""
    scale, spread = _form(law, mean)
    return _rounded(_scaled(law, _standard(law, dice, size), scale, spread), least)


def _standard(law: Law, dice: np.random.Generator, size: int) -> Float:
    """[size] draws of a law that know nothing of its mean and, but for the gamma law, of its spread."""
    if law.law == "lognormal":
        return dice.standard_normal(size)
    if law.law == "exponential":
        return dice.standard_exponential(size)
    return factors(dice, law.cv if law.law == "gamma" else 0.0, size)


def _form(law: Law, mean: float) -> tuple[float, float]:
    """Scale and spread: a lognormal has the mean exp(mu + sigma² / 2) and the squared cv exp(sigma²) − 1."""
    variance = math.log1p(law.cv**2) if law.law == "lognormal" else 0.0
    return mean * math.exp(-variance / 2), math.sqrt(variance)


def _scaled(law: Law, standard: Float, scale: Float | float, spread: Float | float) -> Float:
    """[n] ms; overwrites the draws."""
    if law.law == "lognormal":
        standard *= spread
        np.exp(standard, out=standard)
    standard *= scale
    return standard


def _rounded(values: Float, least: int) -> Int64:
    """[n] ms within the tables' limits; overwrites the values."""
    np.rint(values, out=values)
    return np.clip(values, least, EFFORT_MAX, out=values).astype(np.int64)


def _inverted(law: Law, uniform: Float) -> Float:
    """What `_standard` draws, by inversion of uniform draws."""
    from scipy import special  # only where customers come again is it needed

    if law.law == "lognormal":
        return np.asarray(special.ndtri(uniform))
    if law.law == "exponential":
        return -np.log1p(-uniform)
    if law.law == "constant":
        return np.ones(len(uniform))
    shape = law.cv**-2
    return np.asarray(special.gammaincinv(shape, uniform) / shape)


Laws = dict[int, tuple[str, Law, float] | None]  # by kind that may occur its name, law and mean; None for -1


class _Laws:
    """The laws of durations by kind, those of one shape together."""

    def __init__(self, laws: Laws, size: int, least: int) -> None:
        """laws of so many kinds; least: ms that any takes."""
        self._least = least
        self._scale, self._spread = np.zeros(size), np.zeros(size)
        self._shapes: dict[tuple[str, ...], tuple[Law, Bool]] = {}
        for row, (name, law, mean) in ((row, law) for row, law in laws.items() if law is not None):
            self._scale[row], self._spread[row] = _form(law, mean)
            self._shapes.setdefault(self._shape(name, law), (law, np.zeros(size, np.bool_)))[1][row] = True

    def _shape(self, name: str, law: Law) -> tuple[str, ...]:
        """What laws have in common that share their draws."""
        raise NotImplementedError


class Inverted(_Laws):
    """Durations by the kind of each contact, each by inversion of its own uniform draw."""

    def _shape(self, name: str, law: Law) -> tuple[str, ...]:
        return (law.law, repr(law.cv)) if law.law == "gamma" else (law.law,)

    def draw(self, kind: Int64, uniform: Float) -> Int64:
        """[x] whole ms for contacts of these kinds and with these draws; -1 for a kind without a law."""
        values = np.full(len(kind), NEVER, np.int64)
        for law, has_law in self._shapes.values():
            here = np.flatnonzero(has_law[kind])
            if len(here):
                kinds = kind[here]
                standard = _inverted(law, uniform[here])
                values[here] = _rounded(
                    _scaled(law, standard, self._scale[kinds], self._spread[kinds]), self._least
                )
        return values


class Durations(_Laws):
    """Durations of one use by the kind of each contact, drawn block by block.

    For every shape of law (gamma: every law) that may be wanted, all contacts of a block draw, whatever they
    are about: what one contact is does not move the numbers of another.  Laws of one shape share their draws,
    for no contact has two of them.
    """

    def __init__(self, dice: Dice, use: str, laws: Laws, size: int, least: int) -> None:
        """laws of so many kinds; least: ms that any takes."""
        super().__init__(laws, size, least)
        self._alone = len(self._shapes) == 1 and None not in laws.values()  # one shape for all
        self._dice = {shape: dice.of(use, *shape) for shape in self._shapes}

    def _shape(self, name: str, law: Law) -> tuple[str, ...]:
        return (law.law, name) if law.law == "gamma" else (law.law,)

    def draw(self, kind: Kind, size: int, picked: Picked) -> Int64 | int:
        """[picked] whole ms for those picked from a block of so many contacts; `kind` is of those picked."""
        values: Int64 | int = NEVER
        for shape, (law, has) in self._shapes.items():
            standard = _standard(law, self._dice[shape], size)[picked]
            drawn = _rounded(_scaled(law, standard, self._scale[kind], self._spread[kind]), self._least)
            values = drawn if self._alone else np.where(has[kind], drawn, values)
        return values


def efforts_of(demand: Demand, topics: Iterable[int], dice: Dice) -> Laws:
    """The handle times of contacts about these topics."""
    names = demand.topic_names
    return {
        row: _law(f"topics.{names[row]}.handle_time.mean", names[row], demand.handle_time[row], dice)
        for row in topics
    }


def patiences_of(demand: Demand, channels: Iterable[int], dice: Dice) -> tuple[Laws, Float]:
    """How long customers wait on these channels, and by channel [h] the share that gives up at once."""
    laws: Laws = {}
    at_once = np.zeros(len(demand.channel_names))
    for row in channels:
        path, patience = f"channels.{demand.channel_names[row]}.patience", demand.patience[row]
        laws[row] = None
        if patience is not None:
            laws[row] = _law(f"{path}.mean", path, patience.law, dice)
            at_once[row] = dice.number(f"{path}.at_once", patience.at_once)
    return laws, at_once


def _law(path: str, name: str, law: Law, dice: Dice) -> tuple[str, Law, float]:
    return name, law, dice.number(path, law.mean)
