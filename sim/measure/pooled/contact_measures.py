"""What became of contacts, over all events: of all and of each row, by team, and from where they came to
where they went.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.catalog import AGAIN, CONTACTS, FLOW, MOVES, TEAMS, Measure
from sim.measure.pooled.events import Events
from sim.measure.pooled.rows import SLICES, Rows, dates, made
from sim.measure.replication.cases import reply_within
from sim.measure.replication.contacts import COUNTS, SUMS, TEAM
from sim.measure.replication.flow import FATES
from sim.measure.replication.origins import ORIGINS
from sim.plan import STAYED_AWAY


def contact_rows(events: Events) -> Iterator[Rows]:
    """Every measure of contacts, in the order of the report."""
    for measure in CONTACTS:
        yield from _contacts(events, measure)
    yield from _again(events)
    yield from _teams(events)
    yield from _flow(events)


def _contacts(events: Events, measure: Measure) -> Iterator[Rows]:
    table = events.slices

    def gathered(name: str) -> NDArray[np.int64]:
        if name in COUNTS:
            return events.column("counts", COUNTS.index(name))
        return events.column("sums", SUMS.index(name))

    over = gathered(measure.over)
    under = None if measure.under is None else gathered(measure.under)
    for by in SLICES:
        rows = table.rows(by)
        of = [table.of[row] for row in rows]
        yield made(
            measure.name, measure.unit, by, of, over[:, rows], None if under is None else under[:, rows]
        )
    over = events.hourly(measure.over)
    under = None if measure.under is None else events.hourly(measure.under)
    daily = None if under is None else events.by_day(np.where(events.judged, under, 0))
    judged = events.by_day(np.where(events.judged, over, 0))
    yield made(measure.name, measure.unit, "day", dates(events), judged, daily, time=events.days)
    yield made(
        measure.name, measure.unit, "window", [""] * len(events.windows), over, under, time=events.windows
    )


def _again(events: Events) -> Iterator[Rows]:
    """What only customers who come again, draw bystanders or stay away make."""
    happened = events.total("counts")[
        [COUNTS.index(name) for name in ("follow_ups", "repeats", "bystanders", *STAYED_AWAY)]
    ]
    promised = reply_within(events.lens) is not None
    for measure in AGAIN if happened.any() else ():
        if promised or measure.over != "next_in_time":
            yield from _contacts(events, measure)


def _teams(events: Events) -> Iterator[Rows]:
    """What the answers of each team led to."""
    sums = events.column("teams")
    for measure in TEAMS:
        under = None if measure.under is None else sums[:, TEAM.index(measure.under)]
        yield made(
            measure.name, measure.unit, "team", events.lens.teams, sums[:, TEAM.index(measure.over)], under
        )


def _flow(events: Events) -> Iterator[Rows]:
    """Where contacts came from and what became of them, each way that somebody took; and who moved from where
    to where.
    """
    flow, channels = events.column("flow"), events.lens.channels  # [r, ORIGINS, h, FATES]
    for by, axes, names in (
        ("all", (1, 2, 3), ()),
        ("origin", (2, 3), (ORIGINS,)),
        ("channel", (1, 3), (channels,)),
        ("fate", (1, 2), (FATES,)),
        ("origin_fate", (2,), (ORIGINS, FATES)),
        ("flow", (), (ORIGINS, channels, FATES)),
    ):
        yield _ways(FLOW, by, flow.sum(axis=axes), names)
    yield _ways(MOVES, "move", events.column("moves"), (channels, channels))


def _ways(measure: Measure, by: str, counted: NDArray[np.int64], names: Sequence[Sequence[str]]) -> Rows:
    """The rows of [r, …] contacts for the places that anybody took in any event: "nudge > facebook >
    merged".
    """
    ways = [" > ".join(way) for way in product(*names)]
    counted = counted.reshape(len(counted), len(ways))
    taken = np.flatnonzero(counted.any(axis=0)).tolist()
    of = [ways[way] for way in taken]
    return made(measure.name, measure.unit, by, of, counted[:, taken], None)
