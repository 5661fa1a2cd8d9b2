"""As many events as a precision asks for."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from sim.measure.estimate import ratio
from sim.measure.events import Events

FEWEST = 50
GROWTH = 4  # at most so many times as many at the next look

T = TypeVar("T")


def until_precise(found: Iterable[T], events: Sequence[Events], precision: float) -> Iterator[T]:
    """The events in order until the mean share kept of every promise is known to within ± precision (95 %), 50 at least.

    events: those so far, of each plan.  It is looked at after numbers of events that the results alone decide, so the same
    events always end at the same number.  The interval is of a fixed number of events: stopping by it makes it a little too
    narrow, and it decides no verdict.
    """
    look = FEWEST
    for event in found:
        yield event
        if events[0].size == look:
            width = half_width(events)
            if width <= precision:
                return
            # The width falls with the root of the number.
            look = max(look + 1, math.ceil(look * min(GROWTH, (width / precision) ** 2)))


def half_width(events: Sequence[Events]) -> float:
    """The widest half interval of the mean share kept, over the plans and the promises that judge a case; 0 if none does."""
    shares = [ratio(plan.totals("in_time"), plan.totals("cases")) for plan in events]
    return max(float(np.nanmax((share.upper - share.lower) / 2, initial=0.0)) for share in shares)
