"""Generators keyed by name, and the draws of one number or many from a law.

A named use has numbers of its own: a new stream, team or topic never moves those of another.
"""

import hashlib

import numpy as np

from sim.scenario.plan import Float, Law, Number, Spread
from sim.tables import EFFORT_MAX, Int64


def stream(seed: int, replication: int, *names: str) -> np.random.Generator:
    """The generator of one use in one replication; the same key gives the same numbers, ever."""
    key = hashlib.blake2b("\x1f".join(names).encode(), digest_size=16).digest()
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([seed, replication, *np.frombuffer(key, "<u4").tolist()]))
    )


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


def durations(dice: np.random.Generator, law: Law, mean: float, size: int, least: int = 1) -> Int64:
    """[size] ms of a law with this mean, rounded, at least `least` and at most the tables' limit."""
    if law.law == "constant":
        values = np.full(size, mean)
    elif law.law == "exponential":
        values = mean * dice.standard_exponential(size)
    elif law.law == "gamma":
        values = mean * factors(dice, law.cv, size)
    else:  # lognormal: its mean is exp(mu + sigma² / 2), its squared cv exp(sigma²) − 1
        variance = np.log1p(law.cv**2)
        values = mean * np.exp(np.sqrt(variance) * dice.standard_normal(size) - variance / 2)
    clipped: Int64 = np.clip(np.rint(values), least, EFFORT_MAX).astype(np.int64)
    return clipped
