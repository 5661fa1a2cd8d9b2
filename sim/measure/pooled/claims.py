"""What verdicts are about: every promise, and each row by which it is judged."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.replications import Replications
from sim.measure.stats.verdicts import Claim


def claims(replications: Replications) -> list[Claim]:
    """Every promise, each followed by the rows by which it is judged."""
    return [claim for q in range(len(replications.lens.promises)) for claim in _claims(replications, q)]


def _claims(replications: Replications, q: int) -> Iterator[Claim]:
    """The promise itself, then its rows: each member in its scope, and each day with a case."""
    promise, table = replications.lens.promises[q], replications.slices
    cases, in_time = replications.stacked("cases", q), replications.stacked("in_time", q)  # [r, u, x]
    in_scope = np.any(table.contains[promise.scope], axis=0)  # [v]

    def claim(dimension: str, member: str, over: NDArray[Any], under: NDArray[Any]) -> Claim:
        return Claim(promise.name, dimension, member, promise.share, promise.events, over, under)

    total_row = table.rows("all")[0]
    yield claim("", "", in_time[:, :, total_row].sum(axis=1), cases[:, :, total_row].sum(axis=1))
    for dimension in promise.each:
        if dimension == "day":
            over, under = (
                replications.by_day(in_time[:, :, total_row]),
                replications.by_day(cases[:, :, total_row]),
            )
            for day, time in enumerate(replications.days):
                if under[:, day].any():
                    yield claim(
                        dimension, replications.lens.clock.date(int(time)), over[:, day], under[:, day]
                    )
        else:
            for row in [row for row in table.rows(dimension) if in_scope[row]]:
                yield claim(
                    dimension, table.member[row], in_time[:, :, row].sum(axis=1), cases[:, :, row].sum(axis=1)
                )
