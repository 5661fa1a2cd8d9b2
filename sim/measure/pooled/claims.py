"""What verdicts are about: every promise, and each row that it asks for."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.events import Events
from sim.measure.stats.verdicts import Claim


def claims(events: Events) -> list[Claim]:
    """Every promise, each with the rows it asks for."""
    return [claim for q in range(len(events.lens.promises)) for claim in _claims(events, q)]


def _claims(events: Events, q: int) -> Iterator[Claim]:
    """The promise itself, then a row for every value in its scope, and every day with a case, as it asks for
    them.
    """
    promise, table = events.lens.promises[q], events.slices
    cases, in_time = events.stacked("cases", q), events.stacked("in_time", q)  # [r, u, x]
    in_scope = np.any(table.member[promise.scope], axis=0)  # [v]

    def claim(by: str, of: str, over: NDArray[Any], under: NDArray[Any]) -> Claim:
        return Claim(promise.name, by, of, promise.share, promise.events, over, under)

    whole = table.rows("all")[0]
    yield claim("", "", in_time[:, :, whole].sum(axis=1), cases[:, :, whole].sum(axis=1))
    for by in promise.each:
        if by == "day":
            over, under = events.by_day(in_time[:, :, whole]), events.by_day(cases[:, :, whole])
            for day, time in enumerate(events.days):
                if under[:, day].any():
                    yield claim(by, events.lens.clock.date(int(time)), over[:, day], under[:, day])
        else:
            for row in [row for row in table.rows(by) if in_scope[row]]:
                yield claim(by, table.of[row], in_time[:, :, row].sum(axis=1), cases[:, :, row].sum(axis=1))
