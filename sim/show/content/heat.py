"""The cells of heat maps, rows down and local hours across: shares kept, and the points that one plan keeps
more than another.

Marked are cells of few cases, those surely below what is asked, and differences that may be nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from sim.measure.stats.verdicts import CASES_LEAST, Ruling
from sim.show.content.tables import pick
from sim.study.compare import Comparison
from sim.study.findings import Estimates, Findings

HOURS = 24


@dataclass(frozen=True)
class Heat:
    """A share for each row and local hour, and what marks it; all arrays [rows, 24]."""

    labels: Sequence[str]  # of the rows
    at: NDArray[np.intp]  # row of `rows`, -1 where there is nothing
    service_level: NDArray[np.float64]  # NaN where there is nothing
    few: NDArray[np.bool_]  # fewer cases than it takes to judge
    broken: NDArray[np.bool_]  # surely below what is asked
    rows: Estimates  # that the cells are of
    asked: float  # the share of cases that is promised


def by_day(findings: Findings, promise: str) -> Heat:
    """Of a promise: days down; of an hour that the clock repeats, the worse."""
    clock = findings.lens.clock
    rows = pick(findings.estimates, "service_level", "window", promise)
    days = [clock.day_words(int(time)) for time in rows.time]
    labels = list(dict.fromkeys(day for day, mean in zip(days, rows.mean, strict=True) if not isnan(mean)))
    at = [
        (labels.index(day) if day in labels else -1, clock.hour(int(time)))
        for day, time in zip(days, rows.time, strict=True)
    ]
    return _heat(findings, promise, rows, at, labels)


def by_language(findings: Findings, promise: str) -> Heat:
    """Of a promise: languages down."""
    languages = findings.lens.languages
    rows = pick(findings.estimates, "service_level", "hour", promise)
    at = [(languages.index(member), int(hour)) for member, hour in zip(rows.member, rows.hour, strict=True)]
    return _heat(findings, promise, rows, at, languages)


@dataclass(frozen=True)
class More:
    """The points kept more than by the first plan for each row and local hour; all arrays [rows, 24]."""

    labels: Sequence[str]  # of the rows
    at: NDArray[np.intp]  # row of the differences, -1 where there is nothing
    more: NDArray[np.float64]  # NaN where there is nothing
    unsure: NDArray[np.bool_]  # may be nothing


def more_by_day(found: Comparison, plan: int) -> More:
    """Of a plan and the leading promise: days down."""
    clock = found.lens.clock
    return _more(
        found, plan, "window", days(found), lambda _, time, __: (clock.day_words(time), clock.hour(time))
    )


def more_by_language(found: Comparison, plan: int) -> More:
    """Of a plan and the leading promise: languages down."""
    return _more(found, plan, "hour", found.lens.languages, lambda member, _, hour: (member, hour))


def days(found: Comparison) -> list[str]:
    """The days, by name, on which cases come."""
    rows, clock = (
        pick(found.findings[0].estimates, "service_level", "window", found.leading),
        found.lens.clock,
    )
    some = [int(time) for time, mean in zip(rows.time, rows.mean, strict=True) if not isnan(mean)]
    return list(dict.fromkeys(map(clock.day_words, some)))


def _more(
    found: Comparison,
    plan: int,
    dimension: str,
    labels: Sequence[str],
    place_of: Callable[[str, int, int], tuple[str, int]],
) -> More:
    """Differences in cells by label and hour; of several in one, for an hour that the clock repeats, the
    larger.
    """
    rows, shape = found.differences, (len(labels), HOURS)
    made = More(labels, np.full(shape, -1), np.full(shape, np.nan), np.zeros(shape, bool))
    wanted = (
        (rows.plan == found.names[plan])
        & (rows.measure == "service_level")
        & (rows.promise == found.leading)
        & (rows.dimension == dimension)
    )
    for at in np.flatnonzero(wanted & ~np.isnan(rows.mean)).tolist():
        label, hour = place_of(str(rows.member[at]), int(rows.time[at]), int(rows.hour[at]))
        if label not in labels:
            continue
        place, mean = (labels.index(label), hour), float(rows.mean[at])
        if made.at[place] < 0 or abs(mean) > abs(made.more[place]):
            made.at[place], made.more[place] = at, mean
            made.unsure[place] = not (rows.lower[at] > 0 or rows.upper[at] < 0)
    return made


def leading(findings: Findings) -> str:
    """The promise that the heat maps show: the first that breaks, else the first; "" if nothing is
    promised.
    """
    broken = {verdict.promise for verdict in findings.verdicts if verdict.ruling is Ruling.BREAKS}
    names = [promise.name for promise in findings.lens.promises]
    return next((name for name in names if name in broken), names[0] if names else "")


def outline(cells: NDArray[np.bool_]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The edges, as pairs of points (x, y), between cells that are in and neighbours that are not."""
    padded = np.pad(cells, 1)
    across = np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]).tolist()
    down = np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]).tolist()
    return [((x, y), (x + 1, y)) for y, x in across] + [((x, y), (x, y + 1)) for y, x in down]


def _heat(
    findings: Findings, promise: str, rows: Estimates, at: Sequence[tuple[int, int]], labels: Sequence[str]
) -> Heat:
    """Shares in cells (row, hour); of several in one cell the worst."""
    asked = {each.name: each.share for each in findings.lens.promises}.get(promise, 0.0)
    shape = (len(labels), HOURS)
    cell, kept, few, broken = (
        np.full(shape, -1),
        np.full(shape, np.nan),
        np.zeros(shape, bool),
        np.zeros(shape, bool),
    )
    for row, (place, mean) in enumerate(zip(at, rows.mean, strict=True)):
        if isnan(mean) or kept[place] <= mean:
            continue
        cell[place], kept[place], few[place], broken[place] = (
            row,
            mean,
            rows.cases[row] < CASES_LEAST,
            rows.upper[row] < asked,
        )
    return Heat(labels, cell, kept, few, broken, rows, asked)
