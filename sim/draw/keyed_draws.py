"""Draws keyed by the contact they are of, and by their use.

Every contact has a number of its own: one from outside by its stream, layer and place there, a latent one by
its parent and what brings it.  What it draws is a function of that number and of the use alone, so that no
change of a share or a bound moves the draws of another contact.  The numbers are mixed as in SplitMix64
(Steele, Lea & Flood 2014); keyed draws are those of counter-based generators (Salmon, Moraes, Dror & Shaw
2011).
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from sim.plan import Float

Uint64 = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MULTIPLIERS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)
ONE = 2.0**-53


def key(*words: object) -> np.uint64:
    """The number of these words, such as a seed, a replication and a use."""
    text = "\x1f".join(map(str, words)).encode()
    return np.uint64(np.frombuffer(hashlib.blake2b(text, digest_size=8).digest(), "<u8")[0])


def mixed(numbers: Uint64) -> Uint64:
    """The numbers [x] with every bit mixed into every other; overwrites them."""
    for shift, multiplier in zip(SHIFTS, MULTIPLIERS, strict=False):
        numbers ^= numbers >> shift
        numbers *= multiplier
    numbers ^= numbers >> SHIFTS[2]
    return numbers


def roots(whose: np.uint64, first: int, size: int) -> Uint64:
    """[size] the numbers of contacts from outside, from this place on in the layer of this key."""
    return mixed(np.arange(first, first + size, dtype=np.uint64) * GOLDEN + whose)


def children(numbers: Uint64, brought: np.uint64) -> Uint64:
    """[x] the numbers of what is brought to contacts [x] in this way, a key."""
    return mixed(numbers ^ brought)


def uniform(numbers: Uint64, use: np.uint64) -> Float:
    """[x] a draw in 0 (inclusive) … 1 for each contact and this use, a key."""
    return np.asarray((mixed(numbers + use) >> np.uint64(11)) * ONE)


def chances(draws: Float) -> NDArray[np.uint32]:
    """Draws 0 … 1 as integers 0 … 2³²−2: a draw is below a share if its integer is below the threshold."""
    return np.minimum(draws * 2.0**32, 2.0**32 - 2).astype(np.uint32)
