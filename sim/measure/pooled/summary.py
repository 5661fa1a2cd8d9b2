"""Every measure of a study, for all and for each row that a planner may ask about.

Sums and peaks, contacts by day too, are over the hours that promises judge, so that quiet days before and
after do not water them down; what goes by window or period, and hours and cost by day, is over the whole
event and its drain.

Axes: r events · q promises · u windows (hours) · v slices · p periods · m teams · d local days.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.measure.pooled.catalog import EFFORT, STAFF, STATES
from sim.measure.pooled.contact_measures import contact_rows
from sim.measure.pooled.events import Events
from sim.measure.pooled.rows import SLICES, Rows, Sums, dates, made
from sim.measure.replication.intervals import edges
from sim.measure.replication.observation import STAFF_TIMES
from sim.measure.replication.tally import PERCENTS
from sim.measure.stats.verdicts import CASES_LEAST
from sim.plan import Float, Lens
from sim.tables import Int64
from sim.units import DAY, HOUR

CLEARED = 0.01  # of its peak: the backlog is cleared
NIGHT = (23 * HOUR, 31 * HOUR)  # of a local day


def summary(events: Events) -> Iterator[Rows]:
    """Every measure of a study, in the order of the report."""
    for q in range(len(events.lens.promises)):
        yield from _kept(events, q)
        yield from _extremes(events, q)
        yield from _times(events, q)
    yield from contact_rows(events)
    yield from _states(events)
    yield from _staff(events)
    yield from effort(events)


def first_night(lens: Lens) -> tuple[int, int]:
    """The first night that is judged, 23:00–07:00 local, ms; what is left of it if judging begins within one.

    It ends before it starts if judging ends before the first night comes.
    """
    midnights = lens.clock.midnights(lens.judged[0] - DAY, lens.judged[1])
    nights = ([lens.clock.daily(midnight, offset) for offset in NIGHT] for midnight in midnights)
    start, end = next(night for night in nights if night[1] > lens.judged[0])
    return max(start, lens.judged[0]), min(end, lens.judged[1])


def _kept(events: Events, q: int) -> Iterator[Rows]:
    promise, table = events.lens.promises[q], events.slices
    cases, in_time = events.stacked("cases", q), events.stacked("in_time", q)  # [r, u, x]

    def kept(
        by: str,
        of: Sequence[str],
        over: Sums,
        under: Sums,
        time: Int64 | None = None,
        hour: Int64 | None = None,
    ) -> Rows:
        return made("kept", "share", by, of, over, under, promise.name, time, hour)

    for by in SLICES:
        rows = table.rows(by)
        of = [table.of[row] for row in rows]
        if by == "type":
            yield kept(by, of, events.column("in_time_types", q), events.column("cases_types", q))
        else:
            yield kept(by, of, in_time[:, :, rows].sum(axis=1), cases[:, :, rows].sum(axis=1))
    whole = table.rows("all")[0]
    over, under = in_time[:, :, whole], cases[:, :, whole]
    yield kept("day", dates(events), events.by_day(over), events.by_day(under), time=events.days)
    yield kept("window", [""] * len(events.windows), over, under, time=events.windows)
    over, under = events.column("in_time_period", q), events.column("cases_period", q)
    yield kept("period", [""] * len(events.periods), over, under, time=events.periods)
    languages = table.rows("language")
    hours = np.equal(events.hour[:, None], np.arange(24)).astype(np.int64)  # [u, 24]
    over, under = (
        np.einsum("ruv,uh->rvh", counts[:, :, languages], hours, optimize=True).reshape(events.size, -1)
        for counts in (in_time, cases)
    )
    names = [table.of[row] for row in languages for _ in range(24)]
    yield kept("hour", names, over, under, hour=np.tile(np.arange(24, dtype=np.int64), len(languages)))


def _extremes(events: Events, q: int) -> Iterator[Rows]:
    """The worst day and the first night, which a long quiet tail would hide."""
    promise, whole = events.lens.promises[q], events.slices.rows("all")[0]
    cases, in_time = (events.column(name, q, slice(None), whole) for name in ("cases", "in_time"))
    over, under = events.by_day(in_time), events.by_day(cases)
    busy = under.mean(axis=0) >= CASES_LEAST
    if busy.any():
        over, under = over[:, busy], under[:, busy]
        shares = np.divide(over, under, out=np.ones(over.shape), where=under > 0)
        yield made("kept_worst_day", "share", "all", [""], shares.min(axis=1)[:, None], None, promise.name)
    start, end = first_night(events.lens)
    night = (events.windows >= start - start % HOUR) & (events.windows < end)
    if cases[:, night].any():
        over, under = (counts[:, night].sum(axis=1)[:, None] for counts in (in_time, cases))
        yield made(
            "kept_first_night", "share", "all", [""], over, under, promise.name, np.array([start], np.int64)
        )


def _times(events: Events, q: int) -> Iterator[Rows]:
    promise = events.lens.promises[q]
    weight = events.totals("cases")[:, q].mean()[None]
    for clock, name in ((promise.clock, "times"), ("elapsed", "elapsed")):
        for column, percent in enumerate(PERCENTS):
            times = events.column(name, q, column)
            if not np.isnan(times).all():
                yield made(
                    f"{clock}_p{percent}",
                    "ms",
                    "all",
                    [""],
                    times[:, None],
                    None,
                    promise.name,
                    weight=weight,
                )


def _states(events: Events) -> Iterator[Rows]:
    for measure in STATES:
        over = events.column(measure.over)
        yield made(
            measure.name, measure.unit, "period", [""] * over.shape[1], over, None, time=events.periods
        )
    yield from _waiting(events)
    for name, unit in (("backlog", "contacts"), ("oldest", "ms")):
        yield made(f"{name}_peak", unit, "all", [""], events.column(f"{name}_peak")[:, None], None)
    cleared = _cleared(events)
    if not np.isnan(cleared).all():
        yield made("cleared", "moment", "all", [""], cleared[:, None], None)


def _waiting(events: Events) -> Iterator[Rows]:
    """Contacts waiting at the ends of hours: by language and hour, and on average over the judged hours, of
    each day too.
    """
    waiting = events.column("backlog_languages")  # [r, u, l]
    languages, channels = events.lens.languages, events.lens.channels
    names, time = languages * len(events.windows), np.repeat(events.windows, len(languages))
    yield made("backlog", "contacts", "language", names, waiting.reshape(events.size, -1), None, time=time)
    judged = np.where(events.judged[:, None], waiting, 0)
    hours = events.judged.sum()
    by_language, by_channel = judged.sum(axis=1), events.column("backlog_channels")
    whole = by_language.sum(axis=1, keepdims=True)
    for by, of, over in (
        ("all", ("",), whole),
        ("channel", channels, by_channel),
        ("language", languages, by_language),
    ):
        yield made("backlog_mean", "contacts", by, of, over / hours, None)
    by_day = events.by_day(judged.sum(axis=2)) / np.maximum(events.by_day(events.judged.astype(np.int64)), 1)
    yield made("backlog_mean", "contacts", "day", dates(events), by_day, None, time=events.days)


def _cleared(events: Events) -> Float:
    """When each event's backlog is down to a hundredth of its peak in the judged hours for the first time
    after it.

    [r] ms, inf if never, NaN of an event in which nobody waits at the end of any period.
    """
    backlog = events.column("backlog")
    judged = np.where(events.judged_periods, backlog, -1)
    peak = judged.max(axis=1, keepdims=True)
    low = backlog <= CLEARED * peak
    after = low & (np.arange(backlog.shape[1]) > judged.argmax(axis=1, keepdims=True))
    ends = np.minimum(events.periods + events.lens.period, events.lens.horizon)
    cleared = np.where(after.any(axis=1), ends[after.argmax(axis=1)], np.inf)
    return np.where(peak[:, 0] > 0, cleared, np.nan)


def _staff(events: Events) -> Iterator[Rows]:
    """Agents on duty and busy over time."""
    starts = events.periods
    length = np.diff(edges(events.lens.horizon, events.lens.period))
    for measure in STAFF:
        over = events.column(measure.over)  # [r, p] agent-ms
        under = None if measure.under is None else events.column(measure.under)
        values = over / length if under is None else over
        yield made(measure.name, measure.unit, "period", [""] * len(starts), values, under, time=starts)


def effort(events: Events) -> Iterator[Rows]:
    """Hours, occupancy and cost by team, of all and by day."""
    lens = events.lens
    judged, daily = (
        _hours(events.column(name), lens) for name in ("staff_judged", "staff_day")
    )  # [r, m] and [r, m, d]

    def gathered(name: str, by: str) -> Sums:
        if by == "team":
            return judged[name]
        whole = daily[name] if by == "day" else judged[name][..., None]
        return np.asarray(np.nansum(whole, axis=1))

    for measure in EFFORT:
        if measure.name == "cost" and np.isnan(lens.wages).all():
            continue
        for by, of, time in (
            ("team", lens.teams, None),
            ("all", ("",), None),
            ("day", dates(events), events.days),
        ):
            under = None if measure.under is None else gathered(measure.under, by)
            yield made(measure.name, measure.unit, by, of, gathered(measure.over, by), under, time=time)


def _hours(times: Sums, lens: Lens) -> dict[str, Sums]:
    """Hours by kind, paid hours, and what they cost, [r, m, …], from [r, STAFF_TIMES, m, …] ms."""
    hours = {name: times[:, row] / HOUR for row, name in enumerate(STAFF_TIMES)}
    hours["paid"] = hours["on_duty"] + hours["overtime"]
    wages = lens.wages.reshape(-1, *[1] * (times.ndim - 3))
    hours["cost"] = hours["paid"] * wages  # NaN for a team without a wage, which is not in the cost
    return hours
