"""What became of contacts, over all replications: by row and by team, and from origin to fate."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sim.habits import ORIGINS
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.rows import Rows, dates, rows_of
from sim.measure.replication.cases import reply_within
from sim.measure.replication.contacts import COUNTS, SUMS, TEAM
from sim.measure.replication.flow import FATES
from sim.measures import CONTACTS, FLOW, HABITS, MOVES, SLICES, TEAMS, Measure
from sim.plan import STAYED_AWAY


def contact_rows(replications: Replications) -> Iterator[Rows]:
    """Every measure of contacts, in the order of the report."""
    for measure in CONTACTS:
        yield from _contacts(replications, measure)
    yield from _habits(replications)
    yield from _teams(replications)
    yield from _flow(replications)


def _contacts(replications: Replications, measure: Measure) -> Iterator[Rows]:
    table = replications.slices

    def column(name: str) -> NDArray[np.int64]:
        if name in COUNTS:
            return replications.column("counts", COUNTS.index(name))
        return replications.column("sums", SUMS.index(name))

    over = column(measure.over)
    under = None if measure.under is None else column(measure.under)
    for dimension in SLICES:
        rows = table.rows(dimension)
        member = [table.member[row] for row in rows]
        yield rows_of(measure, dimension, member, over[:, rows], None if under is None else under[:, rows])
    over = replications.hourly(measure.over)
    under = None if measure.under is None else replications.hourly(measure.under)
    daily = None if under is None else replications.by_day(np.where(replications.judged, under, 0))
    judged = replications.by_day(np.where(replications.judged, over, 0))
    yield rows_of(measure, "day", dates(replications), judged, daily, time=replications.days)
    nameless = [""] * len(replications.windows)
    yield rows_of(measure, "window", nameless, over, under, time=replications.windows)


def _habits(replications: Replications) -> Iterator[Rows]:
    """The measures that are told only where a customer came again, drew a bystander or stayed away."""
    happened = replications.total("counts")[
        [COUNTS.index(name) for name in ("follow_ups", "repeats", "bystanders", *STAYED_AWAY)]
    ]
    promised = reply_within(replications.lens) is not None
    for measure in HABITS if happened.any() else ():
        if promised or measure.over != "next_in_time":
            yield from _contacts(replications, measure)


def _teams(replications: Replications) -> Iterator[Rows]:
    """The measures of the answers of each team."""
    sums = replications.column("teams")
    for measure in TEAMS:
        under = None if measure.under is None else sums[:, TEAM.index(measure.under)]
        over = sums[:, TEAM.index(measure.over)]
        yield rows_of(measure, "team", replications.lens.teams, over, under)


def _flow(replications: Replications) -> Iterator[Rows]:
    """Contacts by origin, channel and fate, each combination that occurred; and moves between channels."""
    flow, channels = replications.column("flow"), replications.lens.channels  # [r, ORIGINS, h, FATES]
    for dimension, axes, names in (
        ("all", (1, 2, 3), ()),
        ("origin", (2, 3), (ORIGINS,)),
        ("channel", (1, 3), (channels,)),
        ("fate", (1, 2), (FATES,)),
        ("origin_fate", (2,), (ORIGINS, FATES)),
        ("flow", (), (ORIGINS, channels, FATES)),
    ):
        yield _ways(FLOW, dimension, flow.sum(axis=axes), names)
    yield _ways(MOVES, "move", replications.column("moves"), (channels, channels))


def _ways(
    measure: Measure, dimension: str, counted: NDArray[np.int64], names: Sequence[Sequence[str]]
) -> Rows:
    """The rows of a measure for the combinations that occurred: "nudge > facebook > merged".

    counted [r, …] contacts, an axis for each entry of `names`.
    """
    ways = [" > ".join(way) for way in product(*names)]
    counted = counted.reshape(len(counted), len(ways))
    taken = np.flatnonzero(counted.any(axis=0)).tolist()
    member = [ways[way] for way in taken]
    return rows_of(measure, dimension, member, counted[:, taken], None)
