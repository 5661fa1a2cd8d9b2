"""The cells of heat maps, rows down and local hours across: the service level, and the points by which one
plan's is higher than another's.

Marked are cells of few cases, those surely below what is promised, and differences that may be nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.clock import Clock
from sim.measure.stats.verdicts import CASES_LEAST, Ruling
from sim.show.content.tables import pick
from sim.show.content.words import leading_words, signed
from sim.study.compare import Comparison
from sim.study.findings import Estimates, Findings
from sim.units import percent_text

HOURS = 24
HOURS_NAMED = range(0, HOURS, 3)
BY_DAY, BY_LANGUAGE = "by day and hour", "by language and hour"
ROWS_MOST = 24  # up to which words fit into cells, and every row has a name
UNSURE = "perhaps no difference"


@dataclass(frozen=True)
class Scale:
    """The name of a colour map, and the values at its ends."""

    colours: str
    lowest: float
    highest: float


SHARES, POINTS = Scale("cividis", 0.0, 1.0), Scale("RdBu", -1.0, 1.0)


@dataclass(frozen=True)
class Heat:
    """A share for each row and local hour, and what marks it; all arrays [rows, 24]."""

    few_least: ClassVar[str] = f"fewer than {CASES_LEAST}"
    few_words: ClassVar[str] = f"{few_least} cases a simulation"
    promise: str  # in words
    split: str  # BY_DAY or BY_LANGUAGE
    labels: Sequence[str]  # of the rows
    at: NDArray[np.intp]  # row of `rows`, -1 where there is nothing
    service_level: NDArray[np.float64]  # NaN where there is nothing
    few: NDArray[np.bool_]  # fewer cases than it takes to judge
    broken: NDArray[np.bool_]  # surely below what is promised
    rows: Estimates  # that the cells are of
    target: float  # the share of cases that is promised

    @property
    def broken_words(self) -> str:
        """What a cell that is `broken` says."""
        return f"surely below {percent_text(self.target)}"

    @property
    def percents(self) -> list[list[str]]:
        """The words of every cell."""
        return percents(self.service_level)


def percents(shares: NDArray[np.float64]) -> list[list[str]]:
    """Shares of cells in percent, without the sign; "0" where there is nothing."""
    return [[f"{100 * share:.0f}" for share in row] for row in np.nan_to_num(shares).tolist()]


def hours_title(clock: Clock) -> str:
    """What the hours across are."""
    return f"local hour of arrival, {clock.zone}"


def by_day(findings: Findings, promise: str) -> Heat:
    """One row per day; a repeated clock hour shows the worse value."""
    clock = findings.lens.clock
    rows = pick(findings.estimates, "service_level", "window", promise)
    days = [clock.day_words(int(time)) for time in rows.time]
    labels = list(dict.fromkeys(day for day, mean in zip(days, rows.mean, strict=True) if not isnan(mean)))
    at = [
        (labels.index(day) if day in labels else -1, clock.hour(int(time)))
        for day, time in zip(days, rows.time, strict=True)
    ]
    return _heat(findings, promise, BY_DAY, rows, at, labels)


def by_language(findings: Findings, promise: str) -> Heat:
    """One row per language."""
    languages = findings.lens.languages
    rows = pick(findings.estimates, "service_level", "hour", promise)
    at = [(languages.index(member), int(hour)) for member, hour in zip(rows.member, rows.hour, strict=True)]
    return _heat(findings, promise, BY_LANGUAGE, rows, at, languages)


@dataclass(frozen=True)
class More:
    """By how many points a plan's service level is higher than the first plan's, for each row and local hour;
    all arrays [rows, 24].
    """

    promise: str  # in words
    split: str  # BY_DAY or BY_LANGUAGE
    labels: Sequence[str]  # of the rows
    at: NDArray[np.intp]  # row of the differences, -1 where there is nothing
    more: NDArray[np.float64]  # NaN where there is nothing
    unsure: NDArray[np.bool_]  # may be nothing
    first: str  # the plan that the others are compared with

    @property
    def title(self) -> str:
        """What the values are."""
        return f"points more in time than {self.first}"

    @property
    def points(self) -> list[list[str]]:
        """The words of every cell: "+12", "−3"; "–" where there is nothing."""
        return [[signed(100 * share, 0) for share in row] for row in self.more.tolist()]


def more_by_day(found: Comparison, plan: int) -> More:
    """One row per day, for the leading promise."""
    clock = found.lens.clock

    def place_of(_: str, time: int, __: int) -> tuple[str, int]:
        return clock.day_words(time), clock.hour(time)

    return _more(found, plan, BY_DAY, "window", days(found), place_of)


def more_by_language(found: Comparison, plan: int) -> More:
    """One row per language, for the leading promise."""

    def place_of(member: str, _: int, hour: int) -> tuple[str, int]:
        return member, hour

    return _more(found, plan, BY_LANGUAGE, "hour", found.lens.languages, place_of)


def days(found: Comparison) -> list[str]:
    """The days, by name, on which cases come."""
    rows = pick(found.findings[0].estimates, "service_level", "window", found.leading)
    times = [int(time) for time, mean in zip(rows.time, rows.mean, strict=True) if not isnan(mean)]
    return list(dict.fromkeys(map(found.lens.clock.day_words, times)))


def _more(
    found: Comparison,
    plan: int,
    split: str,
    dimension: str,
    labels: Sequence[str],
    place_of: Callable[[str, int, int], tuple[str, int]],
) -> More:
    """Differences in cells by label and hour; a repeated clock hour shows the larger."""
    rows, shape = found.differences, (len(labels), HOURS)
    at, more, unsure = np.full(shape, -1), np.full(shape, np.nan), np.zeros(shape, bool)
    wanted = (
        (rows.plan == found.names[plan])
        & (rows.measure == "service_level")
        & (rows.promise == found.leading)
        & (rows.dimension == dimension)
    )
    for row in np.flatnonzero(wanted & ~np.isnan(rows.mean)).tolist():
        label, hour = place_of(str(rows.member[row]), int(rows.time[row]), int(rows.hour[row]))
        if label not in labels:
            continue
        place, mean = (labels.index(label), hour), float(rows.mean[row])
        if at[place] < 0 or abs(mean) > abs(more[place]):
            at[place], more[place] = row, mean
            unsure[place] = not (rows.lower[row] > 0 or rows.upper[row] < 0)
    return More(leading_words(found.lens, found.leading), split, labels, at, more, unsure, found.names[0])


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
    findings: Findings,
    promise: str,
    split: str,
    rows: Estimates,
    cells: Sequence[tuple[int, int]],
    labels: Sequence[str],
) -> Heat:
    """Shares in cells (row, hour); the worst of several in one cell."""
    target = {each.name: each.share for each in findings.lens.promises}.get(promise, 0.0)
    shape = (len(labels), HOURS)
    at, shares = np.full(shape, -1), np.full(shape, np.nan)
    few, broken = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, (place, mean) in enumerate(zip(cells, rows.mean, strict=True)):
        if isnan(mean) or shares[place] <= mean:
            continue
        at[place], shares[place] = row, mean
        few[place], broken[place] = rows.cases[row] < CASES_LEAST, rows.upper[row] < target
    words = leading_words(findings.lens, promise)
    return Heat(words, split, labels, at, shares, few, broken, rows, target)
