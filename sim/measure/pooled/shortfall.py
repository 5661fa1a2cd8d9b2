"""How many agents of which kind are missing, and when."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.cover import uncovered
from sim.measure.replication.timeline import abilities
from sim.plan import Bool, Float, Lens
from sim.units import HOUR

KIND_LEAST, KINDS = 0.1, 3  # of what is missing, for a kind to be named; kinds named at most
AGENTS_LEAST = 0.5  # fewer missing are not worth a line


@dataclass(frozen=True)
class Shortfall:
    """Agents missing over a stretch of hours, and for which kinds of work."""

    agents: int  # the most missing at once, rounded up
    kinds: tuple[tuple[str, str, float], ...]  # language, topic and agents missing then, the most first
    start: int  # ms
    end: int  # ms


def shortfalls(need: Float, able: Mapping[bytes, Float], lens: Lens) -> tuple[Shortfall, ...]:
    """Stretches of consecutive hours with at least half an agent missing in all, the most missing first.

    need [u, c] agents by hour and cell, able [u] agents on duty by signature, as `cell_needs` and
    `Replications.missed_able` give them.  Every agent on duty helps wherever it can; what nobody can cover is
    spread as `uncovered` says.  A kind is named if it holds a tenth of what is missing in the worst hour, the
    three largest at most.
    """
    signatures = list(able)
    can = np.array([abilities(signature) for signature in signatures], bool).reshape(-1, need.shape[1])
    short = uncovered(
        need, np.array([able[signature] for signature in signatures]).reshape(-1, len(need)).T, can
    )
    stretches = []
    for start, end in _runs(short.sum(axis=1) >= AGENTS_LEAST).tolist():
        worst = short[start + int(short[start:end].sum(axis=1).argmax())]
        kinds = [
            (
                lens.languages[cell // len(lens.topics)],
                lens.topics[cell % len(lens.topics)],
                float(worst[cell]),
            )
            for cell in np.argsort(-worst, kind="stable")[:KINDS].tolist()
            if worst[cell] >= KIND_LEAST * worst.sum()
        ]
        agents = math.ceil(round(float(worst.sum()), 2))
        stretches.append(Shortfall(agents, tuple(kinds), start * HOUR, min(end * HOUR, lens.horizon)))
    return tuple(sorted(stretches, key=lambda row: (-row.agents, row.start - row.end, row.start)))


def _runs(mask: Bool) -> NDArray[np.intp]:
    """The start and the end (exclusive) of each run of True: [·, 2]."""
    return np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))).reshape(-1, 2)
