"""What is kept of one replication: sums, shares and states to estimate from, no single contacts.

Whole numbers are kept in the narrowest type that holds them, because a study may have 20,000 replications.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication.agents_needed import deadline, fluid
from sim.measure.replication.contacts import COUNTS, SUMS
from sim.measure.replication.slices import slices
from sim.measure.replication.tally import Tally, tally
from sim.measure.replication.timeline import Timeline, timeline
from sim.measure.replication.windows import by_day, day_of_period, judged_periods, judged_windows
from sim.measure.stats.verdicts import keeps
from sim.plan import Float, Lens
from sim.tables import Int64, Outcome, Workload, World

Narrow = NDArray[Any]  # whole numbers, in the narrowest type
WIDTHS = (np.uint8, np.uint16, np.uint32, np.int64)
STAFF_TIMES = ("on_duty", "busy", "overtime")
HOURLY = (*COUNTS, "waited", "handled", "wasted", "next_waited")  # the COUNTS and SUMS kept by hour too


@dataclass(frozen=True)
class Missed:
    """What a replication that breaks a promise says about missing agents."""

    effort: Narrow  # [u, c] ms by hour and cell of arrival
    able: Mapping[bytes, Int64]  # Timeline.able


@dataclass(frozen=True)
class Observation:
    """One replication, by its axes.

    Axes: q promises · u hours · v slices · p periods · d local days · h channels · m teams · l languages · o
    topics · c cells.
    """

    cases: Narrow  # [q, u, x] as in Tally, of the slices before the types
    in_time: Narrow  # [q, u, x]
    cases_types: Narrow  # [q, c] over all hours
    in_time_types: Narrow  # [q, c]
    cases_period: Narrow  # [q, p]
    in_time_period: Narrow  # [q, p]
    times: Float  # [q, PERCENTS] as in Tally
    elapsed: Float  # [q, PERCENTS]
    counts: Narrow  # [COUNTS, v] contacts of the judged hours
    sums: Narrow  # [SUMS, v] ms, of contacts of the judged hours
    # [u] each of HOURLY, of all contacts in all hours; without those that are 0 throughout
    hourly: Mapping[str, Narrow]
    teams: Narrow  # [TEAM, m] as in Tally
    flow: Narrow  # [ORIGINS, h, FATES] as in Tally
    moves: Narrow  # [h, h]
    work_cells: Narrow  # [WORK, c] ms over all hours
    answered_topics: Narrow  # [o] contacts answered, over all hours
    backlog: Narrow  # [p] as in Timeline
    oldest: Narrow  # [p]
    in_hand: Narrow  # [p]
    fluid: Float  # [p] agents that serve the work that came, at pace 1000, by its deadline
    backlog_peak: int
    oldest_peak: int
    backlog_languages: Narrow  # [u, l] contacts waiting at the end of the hour
    backlog_channels: Narrow  # [h] contacts waiting at the ends of the judged hours, added up
    on_duty: Narrow  # [p] agent-ms of all teams
    busy: Narrow  # [p]
    staff_judged: Narrow  # [STAFF_TIMES, m] agent-ms of the judged hours
    staff_day: Narrow  # [STAFF_TIMES, m, d]
    customers: bytes  # `customers` of its workload
    missed: Missed | None  # None if every promise is kept


def observe(world: World, outcome: Outcome, lens: Lens) -> Observation:
    """What a study keeps of a world and what happened in it."""
    return reduced(
        tally(world, outcome, lens), timeline(world, outcome, lens), lens, customers(world.workload)
    )


def customers(work: Workload) -> bytes:
    """A digest of the contacts from outside: when each comes, and under which label.

    Plans that meet the same customers are compared in pairs.
    """
    mark = blake2b(digest_size=8)
    for column in (work.time, work.label):
        mark.update(column[: work.outside].tobytes())
    return mark.digest()


def reduced(counted: Tally, states: Timeline, lens: Lens, digest: bytes) -> Observation:
    """What is kept of a tally, a timeline and a digest of the customers."""
    table = slices(lens)
    total_row, types, topics, languages, channels = (
        table.rows(dimension) for dimension in ("all", "type", "topic", "language", "channel")
    )
    contacts = counted.contacts
    staff = np.stack([getattr(states, name) for name in STAFF_TIMES])  # [STAFF_TIMES, m, p]
    columns: dict[str, Narrow] = {
        "cases_types": counted.cases[..., types].sum(axis=1),
        "in_time_types": counted.in_time[..., types].sum(axis=1),
        "counts": table.gather(contacts.counts).astype(np.int64),
        "sums": table.gather(contacts.sums).astype(np.int64),
        "work_cells": table.gather(contacts.work)[..., types].astype(np.int64),
        "answered_topics": table.gather(contacts.answered)[topics].astype(np.int64),
        "backlog_languages": states.backlog_slices[:, languages],
        "backlog_channels": states.backlog_slices[judged_windows(lens)][:, channels].sum(axis=0),
        "on_duty": states.on_duty.sum(axis=0),
        "busy": states.busy.sum(axis=0),
        "staff_judged": staff[..., judged_periods(lens)].sum(axis=2),
        "staff_day": by_day(staff, day_of_period(lens)),
    }
    columns |= {name: getattr(counted, name)[..., : types[0]] for name in ("cases", "in_time")}
    columns |= {
        name: getattr(counted, name) for name in ("cases_period", "in_time_period", "teams", "flow", "moves")
    }
    columns |= {name: getattr(states, name) for name in ("backlog", "oldest", "in_hand")}
    hours = dict(zip((*COUNTS, *SUMS), (*contacts.counts_hour, *contacts.sums_hour), strict=True))
    narrowed = {name: narrow(column) for name, column in columns.items()}
    return Observation(
        **narrowed, hourly={name: narrow(hours[name]) for name in HOURLY if hours[name].any()},
        times=counted.times, elapsed=counted.elapsed, fluid=fluid(states.work, lens.period, deadline(lens)),
        backlog_peak=states.backlog_peak, oldest_peak=states.oldest_peak,
        missed=None if _all_kept(counted, total_row[0], lens)
        else Missed(narrow(table.gather(contacts.effort)[:, types].astype(np.int64)), states.able),
        customers=digest,
    )  # fmt: skip


def narrow(column: NDArray[Any]) -> Narrow:
    """The column in the narrowest type that holds its whole numbers; none may be negative."""
    assert column.min(initial=0) >= 0, "nothing negative is kept"
    most = int(column.max(initial=0))
    return column.astype(next(width for width in WIDTHS if most <= np.iinfo(width).max))


def _all_kept(counted: Tally, total_row: int, lens: Lens) -> bool:
    """Whether the replication keeps every promise."""
    cases, in_time = (
        column[..., total_row].sum(axis=1).tolist() for column in (counted.cases, counted.in_time)
    )
    rows = zip(in_time, cases, lens.promises, strict=True)
    return all(bool(keeps(over, under, promise.share)) for over, under, promise in rows)
