"""The least of a setting that is enough: from which value on promises hold, and which values to try next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.stats.estimate import chance_of_more
from sim.measure.stats.verdicts import Ruling, Verdict, overall, replications_kept, verdicts
from sim.plan import ALL
from sim.study.sweep_values import Setting, between, scale

AT_ONCE = 3  # values tried together in a search: to draw customers costs as much as to serve them twice
CERTAIN = 0.01  # p-value at which a fall between two values is not by chance

LEAST = {"rising": "least", "falling": "most"}

Point = tuple[str, ...]  # a value of each setting
Direction = Literal["rising", "falling", ""]


@dataclass(frozen=True)
class Enough:
    """The least of the first setting that is enough for a promise, given a value of the second."""

    promise: str  # name, with every row that it is judged by; "all" for every promise
    given: str  # value of the second setting, "" without one
    direction: Direction  # whether the promise is kept more or less often with more of it; "" neither
    value: str | None  # the first from which on, up or down, every value HOLDS; None if the last one does not
    short: str | None  # the nearest value tried that does not hold, None if all hold
    searched: bool  # whether values between those listed were tried


def every_enough(
    settings: Sequence[Setting],
    replications: Mapping[Point, Replications],
    rows: Mapping[Point, Sequence[Verdict]],
) -> Iterator[Enough]:
    """The least for every promise, then for all if they are several, at every value of the second setting.

    rows: the verdicts at every point.
    """
    names = list(dict.fromkeys(row.promise for row in next(iter(rows.values()))))
    for given in settings[1].values if len(settings) > 1 else ("",):
        line = [
            point for point in in_order(settings, list(replications)) if len(point) == 1 or point[1] == given
        ]
        for name in names:
            kept, shares = map(
                np.array, zip(*(_kept(replications[point], name) for point in line), strict=True)
            )  # [x, r] and [x]
            holds = [overall(of_promise(rows[point], name)) is Ruling.HOLDS for point in line]
            yield _enough(
                name,
                given,
                [point[0] for point in line],
                direction_of(kept, shares),
                holds,
                len(line) > len(settings[0].values),
            )


def headline(rows: Sequence[Enough]) -> str:
    """The least that is enough for the last promise, which is ALL if they are several: "least 150".

    With a second setting: "least 150 at 120 %, none holds with certainty at 160 %".
    """
    words = []
    for row in rows:
        if row.promise == rows[-1].promise:
            none = row.value is None
            least = "none holds with certainty" if none else f"{LEAST[row.direction]} {row.value}"
            words.append(f"{least} at {row.given}" if row.given else least)
    return ", ".join(words)


def values_to_try(settings: Sequence[Setting], replications: Mapping[Point, Replications]) -> list[Point]:
    """The next values in the search for the least, between one that holds and one that does not."""
    values: set[str] = set()
    rows = {point: verdicts(claims(pooled)) for point, pooled in replications.items()}
    for enough in every_enough(settings, replications, rows):
        ends = (enough.short, enough.value)
        low, high = ends if enough.direction == "rising" else reversed(ends)
        if low is not None and high is not None and scale([low, high]) is not None:
            values |= set(between(low, high, settings[0].values, AT_ONCE))
    return in_order(settings, [(value,) for value in values])


def in_order(settings: Sequence[Setting], points: list[Point]) -> list[Point]:
    """The points as the settings list them; a value that was searched for stands where it belongs."""
    if len(settings) > 1:
        return points
    numbers = scale([point[0] for point in points])
    return points if numbers is None else [points[row] for row in np.argsort(numbers)]


def of_promise(rows: Sequence[Verdict], promise: str) -> list[Verdict]:
    """The verdicts on a promise and its rows; every verdict for ALL."""
    return [row for row in rows if promise in (ALL, row.promise)]


def _kept(replications: Replications, promise: str) -> tuple[NDArray[np.bool_], float]:
    """[r] whether each replication keeps a promise, or all of them, and the share of all cases in time."""
    rows = [
        claim for claim in claims(replications) if promise in (ALL, claim.promise) and not claim.dimension
    ]
    cases, in_time = (sum(int(getattr(claim, name).sum()) for claim in rows) for name in ("cases", "in_time"))
    return np.asarray(
        np.logical_and.reduce([replications_kept(claim) for claim in rows])
    ), in_time / cases if cases else 0.0


def _enough(
    promise: str,
    given: str,
    values: Sequence[str],
    direction: Direction,
    holds: Sequence[bool],
    searched: bool,
) -> Enough:
    """The least that is enough: from the end where the promise is kept most often, back while values HOLD.

    So one wrong HOLDS is as rare as in one verdict.  (A fixed sequence of tests needs no correction: Maurer,
    Hothorn & Lehmacher 1995.)
    """
    value, short = None, None
    pairs = list(zip(values, holds, strict=True))
    if not direction:
        short = next((one for one, held in pairs if not held), None)
        return Enough(promise, given, direction, value, short, searched)
    for one, held in reversed(pairs) if direction == "rising" else pairs:
        if not held:
            short = one
            break
        value = one
    return Enough(promise, given, direction, value, short, searched)


def direction_of(kept: NDArray[np.bool_], shares: NDArray[np.float64]) -> Direction:
    """Whether more replications [x, r] are kept with every further value, or fewer, beyond chance.

    Where as many are kept at both ends, the share of cases [x] in time decides; "" if that is equal too.
    """
    more, fewer = ((kept[1:] & ~kept[:-1]).sum(axis=1), (~kept[1:] & kept[:-1]).sum(axis=1))
    falls, rises = (bool((chance_of_more(side, more + fewer, 0.5) < CERTAIN).any()) for side in (fewer, more))
    if falls and rises:
        return ""
    if not falls and not rises:
        first, last = (
            (replications.sum(), share)
            for replications, share in zip(kept[[0, -1]], shares[[0, -1]], strict=True)
        )
        falls, rises = last < first, last > first
    return "falling" if falls else "rising" if rises else ""
