"""As many events as a precision asks for."""

import math
from collections.abc import Iterator

import numpy as np

from sim.measure.estimate import ratio
from sim.scenario.plan import Plan
from sim.study.replicate import Event, replicate

FEWEST, MOST = 50, 20_000
GROWTH = 4  # at most so many times as many in the next round


def until_precise(plan: Plan, seed: int, precision: float, surge: float = 1.0, engine: str = "simpy") -> Iterator[Event]:
    """Events 0, 1, … until the mean share kept of every promise is known to within ± precision (95 %), 50 to 20,000 of them.

    It is looked at after rounds whose sizes the results alone decide, so the same seed always ends at the same number.  The
    interval is of a fixed number of events: stopping by it makes it a little too narrow, and it decides no verdict.
    """
    kept: list[tuple[list[int], list[int]]] = []
    goal = FEWEST
    while True:
        for event in replicate(plan, seed, goal - len(kept), surge, engine, first=len(kept)):
            kept.append((event[0].in_time[..., 0].sum(axis=1).tolist(), event[0].cases[..., 0].sum(axis=1).tolist()))
            yield event
        width = half_width(kept)
        if width <= precision or goal == MOST:
            return
        # The width falls with the root of the number.
        goal = min(MOST, max(goal + 1, math.ceil(goal * min(GROWTH, (width / precision) ** 2))))


def half_width(kept: list[tuple[list[int], list[int]]]) -> float:
    """The widest half interval of the mean share kept, over the promises; kept: by event, cases in time and cases [q]."""
    over, under = (np.array(column) for column in zip(*kept, strict=True))  # [r, q]
    estimate = ratio(over, under)
    return float(np.nanmax((estimate.upper - estimate.lower) / 2, initial=0.0))
