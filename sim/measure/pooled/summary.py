"""Every measure of a study, for all and for each row that a planner may ask about.

Sums and peaks, and contacts by day, are over the hours that promises judge, so that quiet days before and
after do not water them down.  What goes by window or period, and hours and cost by day, is over the whole
scenario and its drain.

Axes: r replications · q promises · u windows (hours) · v slices · p periods · m teams · d local days.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.measure.pooled.contact_measures import contact_rows
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.rows import Rows, Sums, dates, rows_of
from sim.measure.replication.intervals import edges
from sim.measure.replication.observation import STAFF_TIMES
from sim.measure.stats.verdicts import CASES_LEAST
from sim.measures import (
    BACKLOG_MEAN,
    CLEARED,
    EFFORT,
    FIRST_NIGHT,
    MEASURES,
    PEAKS,
    PERCENTS,
    SERVICE_LEVEL,
    SLICES,
    STAFF,
    STATES,
    WORST_DAY,
)
from sim.plan import Float, Lens
from sim.tables import Int64
from sim.units import DAY, HOUR

LOW = 0.01  # of its peak: the backlog is cleared
NIGHT = (23 * HOUR, 31 * HOUR)  # of a local day


def summary(replications: Replications) -> Iterator[Rows]:
    """Every measure of a study, in the order of the report."""
    for q in range(len(replications.lens.promises)):
        yield from _service_level(replications, q)
        yield from _extremes(replications, q)
        yield from _times(replications, q)
    yield from contact_rows(replications)
    yield from _states(replications)
    yield from _staff(replications)
    yield from effort(replications)


def first_night(lens: Lens) -> tuple[int, int]:
    """The first night that is judged, 23:00–07:00 local, ms; the rest of it if judging begins within one.

    It ends before it starts if judging ends before the first night comes.
    """
    midnights = lens.clock.midnights(lens.judged[0] - DAY, lens.judged[1])
    nights = ([lens.clock.daily(midnight, offset) for offset in NIGHT] for midnight in midnights)
    start, end = next(night for night in nights if night[1] > lens.judged[0])
    return max(start, lens.judged[0]), min(end, lens.judged[1])


def _service_level(replications: Replications, q: int) -> Iterator[Rows]:
    promise, table = replications.lens.promises[q], replications.slices
    cases, in_time = replications.stacked("cases", q), replications.stacked("in_time", q)  # [r, u, x]

    def level_rows(
        dimension: str,
        member: Sequence[str],
        over: Sums,
        under: Sums,
        time: Int64 | None = None,
        hour: Int64 | None = None,
    ) -> Rows:
        return rows_of(SERVICE_LEVEL, dimension, member, over, under, promise.name, time, hour)

    for dimension in SLICES:
        rows = table.rows(dimension)
        member = [table.member[row] for row in rows]
        if dimension == "type":
            yield level_rows(
                dimension,
                member,
                replications.column("in_time_types", q),
                replications.column("cases_types", q),
            )
        else:
            yield level_rows(
                dimension, member, in_time[:, :, rows].sum(axis=1), cases[:, :, rows].sum(axis=1)
            )
    total_row = table.rows("all")[0]
    over, under = in_time[:, :, total_row], cases[:, :, total_row]
    yield level_rows(
        "day",
        dates(replications),
        replications.by_day(over),
        replications.by_day(under),
        time=replications.days,
    )
    yield level_rows("window", [""] * len(replications.windows), over, under, time=replications.windows)
    over, under = replications.column("in_time_period", q), replications.column("cases_period", q)
    yield level_rows("period", [""] * len(replications.periods), over, under, time=replications.periods)
    languages = table.rows("language")
    hours = np.equal(replications.hour[:, None], np.arange(24)).astype(np.int64)  # [u, 24]
    over, under = (
        np.einsum("ruv,uh->rvh", counts[:, :, languages], hours, optimize=True).reshape(replications.size, -1)
        for counts in (in_time, cases)
    )
    names = [table.member[row] for row in languages for _ in range(24)]
    yield level_rows("hour", names, over, under, hour=np.tile(np.arange(24, dtype=np.int64), len(languages)))


def _extremes(replications: Replications, q: int) -> Iterator[Rows]:
    """The worst day and the first night, which a long quiet tail would hide."""
    promise, total_row = replications.lens.promises[q], replications.slices.rows("all")[0]
    cases, in_time = (replications.column(name, q, slice(None), total_row) for name in ("cases", "in_time"))
    over, under = replications.by_day(in_time), replications.by_day(cases)
    busy = under.mean(axis=0) >= CASES_LEAST
    if busy.any():
        over, under = over[:, busy], under[:, busy]
        shares = np.divide(over, under, out=np.ones(over.shape), where=under > 0)
        yield rows_of(WORST_DAY, "all", [""], shares.min(axis=1)[:, None], None, promise.name)
    start, end = first_night(replications.lens)
    night = (replications.windows >= start - start % HOUR) & (replications.windows < end)
    if cases[:, night].any():
        over, under = (counts[:, night].sum(axis=1)[:, None] for counts in (in_time, cases))
        time = np.array([start], np.int64)
        yield rows_of(FIRST_NIGHT, "all", [""], over, under, promise.name, time)


def _times(replications: Replications, q: int) -> Iterator[Rows]:
    promise = replications.lens.promises[q]
    weight = replications.totals("cases")[:, q].mean()[None]
    for clock, name in ((promise.clock, "times"), ("elapsed", "elapsed")):
        for column, percent in enumerate(PERCENTS):
            times = replications.column(name, q, column)
            if not np.isnan(times).all():
                measure = MEASURES[f"{clock}_p{percent}"]
                yield rows_of(measure, "all", [""], times[:, None], None, promise.name, weight=weight)


def _states(replications: Replications) -> Iterator[Rows]:
    for measure in STATES:
        over = replications.column(measure.over)
        yield rows_of(measure, "period", [""] * over.shape[1], over, None, time=replications.periods)
    yield from _waiting(replications)
    for measure in PEAKS:
        yield rows_of(measure, "all", [""], replications.column(measure.over)[:, None], None)
    cleared = _cleared(replications)
    if not np.isnan(cleared).all():
        yield rows_of(CLEARED, "all", [""], cleared[:, None], None)


def _waiting(replications: Replications) -> Iterator[Rows]:
    """Contacts waiting at the ends of hours, by language; and their mean over the judged hours.

    The mean is told by channel, language and day too.
    """
    waiting = replications.column("backlog_languages")  # [r, u, l]
    languages, channels = replications.lens.languages, replications.lens.channels
    names, time = languages * len(replications.windows), np.repeat(replications.windows, len(languages))
    yield rows_of(
        MEASURES["backlog"], "language", names, waiting.reshape(replications.size, -1), None, time=time
    )
    judged = np.where(replications.judged[:, None], waiting, 0)
    hours = replications.judged.sum()
    by_language, by_channel = judged.sum(axis=1), replications.column("backlog_channels")
    total = by_language.sum(axis=1, keepdims=True)
    for dimension, member, over in (
        ("all", ("",), total),
        ("channel", channels, by_channel),
        ("language", languages, by_language),
    ):
        yield rows_of(BACKLOG_MEAN, dimension, member, over / hours, None)
    by_day = replications.by_day(judged.sum(axis=2)) / np.maximum(
        replications.by_day(replications.judged.astype(np.int64)), 1
    )
    yield rows_of(BACKLOG_MEAN, "day", dates(replications), by_day, None, time=replications.days)


def _cleared(replications: Replications) -> Float:
    """[r] ms, when the backlog is down to a hundredth of its peak of the judged hours, first after that peak.

    inf if never; NaN for a replication in which no contact waits at the end of any period.
    """
    backlog = replications.column("backlog")
    judged = np.where(replications.judged_periods, backlog, -1)
    peak = judged.max(axis=1, keepdims=True)
    low = backlog <= LOW * peak
    after = low & (np.arange(backlog.shape[1]) > judged.argmax(axis=1, keepdims=True))
    ends = np.minimum(replications.periods + replications.lens.period, replications.lens.horizon)
    cleared = np.where(after.any(axis=1), ends[after.argmax(axis=1)], np.inf)
    return np.where(peak[:, 0] > 0, cleared, np.nan)


def _staff(replications: Replications) -> Iterator[Rows]:
    """Agents on duty and busy over time."""
    starts = replications.periods
    length = np.diff(edges(replications.lens.horizon, replications.lens.period))
    for measure in STAFF:
        over = replications.column(measure.over)  # [r, p] agent-ms
        under = None if measure.under is None else replications.column(measure.under)
        values = over / length if under is None else over
        yield rows_of(measure, "period", [""] * len(starts), values, under, time=starts)


def effort(replications: Replications) -> Iterator[Rows]:
    """Hours, occupancy and cost: by team, in all and by day."""
    lens = replications.lens
    judged, daily = (
        _hours(replications.column(name), lens) for name in ("staff_judged", "staff_day")
    )  # [r, m] and [r, m, d]

    def summed(name: str, dimension: str) -> Sums:
        if dimension == "team":
            return judged[name]
        by_hub = daily[name] if dimension == "day" else judged[name][..., None]
        return np.asarray(np.nansum(by_hub, axis=1))

    for measure in EFFORT:
        if measure.over == "cost" and np.isnan(lens.wages).all():
            continue
        for dimension, member, time in (
            ("team", lens.teams, None),
            ("all", ("",), None),
            ("day", dates(replications), replications.days),
        ):
            under = None if measure.under is None else summed(measure.under, dimension)
            over = summed(measure.over, dimension)
            yield rows_of(measure, dimension, member, over, under, time=time)


def _hours(times: Sums, lens: Lens) -> dict[str, Sums]:
    """Hours by kind, paid hours, and what they cost, [r, m, …], from times [r, STAFF_TIMES, m, …] ms."""
    hours = {name: times[:, row] / HOUR for row, name in enumerate(STAFF_TIMES)}
    hours["paid"] = hours["on_duty"] + hours["overtime"]
    wages = lens.wages.reshape(-1, *[1] * (times.ndim - 3))
    hours["cost"] = hours["paid"] * wages  # NaN for a team without a wage, which is not in the cost
    return hours
