"""Generators keyed by name, and the draw of one uncertain number or of many factors.

A named use has numbers of its own: a new stream, team or topic never moves those of another.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from sim.plan import Float, Number, Spread


def stream(seed: int, replication: int, *names: str) -> np.random.Generator:
    """The generator of one use in one replication; the same key gives the same numbers, ever."""
    key = "\x1f".join((str(seed), str(replication), *names)).encode()
    # Words of 32 bits are what a seed sequence mixes; it takes a list of numbers four times as long to make
    # them.
    words = np.frombuffer(hashlib.blake2b(key, digest_size=16).digest(), "<u4")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


def number(seed: int, replication: int, path: str, value: Number) -> float:
    """The value of an uncertain number in one replication: the same wherever its path is asked for."""
    if not isinstance(value, Spread):
        return value
    dice = stream(seed, replication, "uncertain", path)
    if value.law == "uniform":
        low, high = value.parameters
        return dice.uniform(low, high)
    if value.law == "triangular":
        low, mode, high = value.parameters
        return dice.triangular(low, mode, high)
    mean, cv = value.parameters
    return float(mean * factors(dice, cv, 1)[0])


def factors(dice: np.random.Generator, cv: float, size: int) -> Float:
    """[size] gamma factors with mean 1 and this coefficient of variation; ones if it is 0."""
    if cv == 0:
        return np.ones(size)
    shape = cv**-2
    return dice.standard_gamma(shape, size) / shape


@dataclass(frozen=True)
class Dice:
    """The generators of one layer of a stream of contacts."""

    seed: int
    replication: int
    whose: tuple[str, ...]

    def of(self, *use: str) -> np.random.Generator:
        """The generator of one use."""
        return stream(self.seed, self.replication, *use, *self.whose)

    def number(self, path: str, value: Number) -> float:
        """An uncertain number, the same for all layers."""
        return number(self.seed, self.replication, path, value)
