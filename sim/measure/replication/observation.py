"""What is kept of one event: the sums, shares and states that a study estimates from, and nothing of single
contacts.

Whole numbers are kept in the narrowest type that holds them, for a study may have 20,000 events.
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

Whole = NDArray[Any]  # whole numbers, in the narrowest type
WIDTHS = (np.uint8, np.uint16, np.uint32, np.int64)
STAFF_TIMES = ("on_duty", "busy", "overtime")
HOURLY = (
    *COUNTS,
    "waited",
    "handled",
    "wasted",
    "next_waited",
)  # the COUNTS and SUMS that are kept by hour too


@dataclass(frozen=True)
class Missed:
    """What an event that breaks a promise tells about who was missing."""

    effort: Whole  # [u, c] ms by hour and cell of arrival
    able: Mapping[bytes, Int64]  # Timeline.able


@dataclass(frozen=True)
class Observation:
    """One event by promise q, hour u, slice v, period p, local day d, team m, language l, topic o and
    cell c.
    """

    cases: Whole  # [q, u, x] as in Tally, of the slices before the types
    in_time: Whole  # [q, u, x]
    cases_types: Whole  # [q, c] over all hours
    in_time_types: Whole  # [q, c]
    cases_period: Whole  # [q, p]
    in_time_period: Whole  # [q, p]
    times: Float  # [q, PERCENTS] as in Tally
    elapsed: Float  # [q, PERCENTS]
    counts: Whole  # [COUNTS, v] contacts of the judged hours
    sums: Whole  # [SUMS, v] ms, likewise
    hourly: Mapping[
        str, Whole
    ]  # [u] each of HOURLY of all contacts, in all hours; without those that are 0 throughout
    teams: Whole  # [TEAM, m] as in Tally
    flow: Whole  # [ORIGINS, h, FATES] as in Tally
    moves: Whole  # [h, h]
    work_cells: Whole  # [WORK, c] ms over all hours
    answered_topics: Whole  # [o] contacts answered, over all hours
    backlog: Whole  # [p] as in Timeline
    oldest: Whole  # [p]
    in_hand: Whole  # [p]
    fluid: (
        Float  # [p] agents who serve the work that came, at pace 1000, before its deadline: `staffing.fluid`
    )
    backlog_peak: int
    oldest_peak: int
    backlog_languages: Whole  # [u, l] contacts waiting at the end of the hour
    backlog_channels: Whole  # [h] the same, added up over the judged hours
    on_duty: Whole  # [p] agent-ms of all teams
    busy: Whole  # [p]
    staff_judged: Whole  # [STAFF_TIMES, m] agent-ms of the judged hours
    staff_day: Whole  # [STAFF_TIMES, m, d]
    customers: bytes  # `customers` of its workload
    missed: Missed | None  # None if every promise is kept


def observe(world: World, outcome: Outcome, lens: Lens) -> Observation:
    """What a study keeps of a world and what happened in it."""
    return reduced(
        tally(world, outcome, lens), timeline(world, outcome, lens), lens, customers(world.workload)
    )


def customers(work: Workload) -> bytes:
    """A digest of who comes from outside: when, and under which label.  Plans that meet the same are compared
    in pairs.
    """
    mark = blake2b(digest_size=8)
    for column in (work.time, work.label):
        mark.update(column[: work.outside].tobytes())
    return mark.digest()


def reduced(counted: Tally, states: Timeline, lens: Lens, came: bytes) -> Observation:
    """What is kept of a tally and a timeline, and of who `came`."""
    table = slices(lens)
    whole, types, topics, languages, channels = (
        table.rows(dimension) for dimension in ("all", "type", "topic", "language", "channel")
    )
    contacts = counted.contacts
    staff = np.stack([getattr(states, name) for name in STAFF_TIMES])  # [STAFF_TIMES, m, p]
    columns: dict[str, Whole] = {
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
        missed=None if _all_kept(counted, whole[0], lens)
        else Missed(narrow(table.gather(contacts.effort)[:, types].astype(np.int64)), states.able),
        customers=came,
    )  # fmt: skip


def narrow(column: NDArray[Any]) -> Whole:
    """The same whole numbers, none negative, in the narrowest type that holds them."""
    assert column.min(initial=0) >= 0, "nothing negative is kept"
    most = int(column.max(initial=0))
    return column.astype(next(width for width in WIDTHS if most <= np.iinfo(width).max))


def _all_kept(counted: Tally, whole: int, lens: Lens) -> bool:
    """Whether the event keeps every promise."""
    cases, in_time = (column[..., whole].sum(axis=1).tolist() for column in (counted.cases, counted.in_time))
    rows = zip(in_time, cases, lens.promises, strict=True)
    return all(bool(keeps(over, under, promise.share)) for over, under, promise in rows)
