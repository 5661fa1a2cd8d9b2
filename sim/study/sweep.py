"""What each value of a setting does: how often promises are kept, and the least that is enough."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.summary import summary
from sim.measure.stats.estimate import chance_of_more
from sim.measure.stats.verdicts import Ruling, Verdict, overall, replications_kept, too_few, verdicts
from sim.plan import Assumption, Lens, Plan
from sim.scenario.consistency import ALL
from sim.study.findings import Estimates, columns_of, verdict_columns
from sim.study.play.stopping import play_together
from sim.study.provenance import Run
from sim.study.store.files import dumped, plain, save
from sim.study.sweep_values import Setting, between, scale

MOST = 400  # points of the grid
WORST_FIRST = (Ruling.BREAKS, Ruling.UNDECIDED, Ruling.HOLDS, Ruling.TOO_FEW)
AT_ONCE = 3  # values looked at together in a search: to draw customers costs as much as to serve them twice
SURE = 0.01  # a fall between two values of a rising setting that chance makes as rarely is a fall

Point = tuple[str, ...]  # a value of each setting
Direction = Literal["rising", "falling", ""]


@dataclass(frozen=True)
class Enough:
    """The least of the first setting that is enough for a promise, given a value of the second."""

    promise: str  # name, with every row that it asks for; "all" for every promise
    given: str  # value of the second setting, "" without one
    direction: Direction  # whether more of it keeps more or less; "" neither
    value: str | None  # the first from which on, up or down, every value HOLDS; None if the last one does not
    short: str | None  # the nearest value looked at that does not hold, None if all hold
    searched: bool  # whether values between those listed were looked at


@dataclass(frozen=True)
class Sweep:
    """The answer: what every value does, and the least that is enough."""

    record: Mapping[str, Any]
    lens: Lens
    settings: tuple[Setting, ...]  # one or two
    points: tuple[Point, ...]  # [x] listed and searched, in order of the settings
    verdicts: tuple[tuple[Verdict, ...], ...]  # [x] as `sim run` finds them
    estimates: tuple[Estimates, ...]  # [x] of the whole hub
    enough: tuple[
        Enough, ...
    ]  # of each promise, then of all if they are several; for each value of the second setting
    assumptions: tuple[Assumption, ...]  # of the plan as it is without a value of the settings

    @property
    def rulings(self) -> tuple[Ruling, ...]:
        """[x] the ruling on all promises together."""
        return tuple(map(overall, self.verdicts))

    @property
    def held(self) -> bool:
        """Whether all promises hold at some value."""
        return Ruling.HOLDS in self.rulings

    def weakest(self, point: int, promise: str) -> Verdict:
        """What decides about a promise at a point, of ALL about all: the row with the worst ruling, then the
        least kept.
        """
        rows = _of(self.verdicts[point], promise)
        return min(rows, key=lambda row: (WORST_FIRST.index(row.ruling), row.kept / row.replications))

    def hopeless(self) -> int | None:
        """The fewest events with which any verdict could be HOLDS, if there were fewer."""
        short = too_few(row for rows in self.verdicts for row in rows)
        return short and short[0]

    def document(self) -> dict[str, Any]:
        """Record, what is enough, and the verdicts on every point as plain JSON."""
        paths = [setting.path for setting in self.settings]
        points = [
            {
                "values": dict(zip(paths, point, strict=True)),
                "ruling": ruling,
                "verdicts": [asdict(row) for row in rows],
            }
            for point, ruling, rows in zip(self.points, self.rulings, self.verdicts, strict=True)
        ]
        settings = [asdict(setting) for setting in self.settings]
        whole = {
            "record": self.record,
            "settings": settings,
            "points": points,
            "enough": list(map(asdict, self.enough)),
            "assumptions": list(map(asdict, self.assumptions)),
        }
        document: dict[str, Any] = plain(whole)
        return document

    def json(self) -> str:
        """The document and the estimates by columns, as one line of JSON."""
        document = self.document()
        document["record"].pop("engine", None)
        return dumped({**document, "estimates": columns_of(self._estimates(), self.lens)}) + "\n"

    def save(self, folder: Path) -> None:
        """Writes record.json, and verdicts and estimates of every point, with a column for each setting."""
        at = self._at([len(found) for found in self.verdicts])
        verdicts = at | verdict_columns(row for found in self.verdicts for row in found)
        save(folder, self.record, self.document(), {"verdicts": verdicts, "estimates": self._estimates()})

    def _estimates(self) -> dict[str, NDArray[Any]]:
        names = vars(self.estimates[0])
        columns = {name: np.concatenate([getattr(found, name) for found in self.estimates]) for name in names}
        return self._at([len(found.mean) for found in self.estimates]) | columns

    def _at(self, sizes: Sequence[int]) -> dict[str, NDArray[Any]]:
        """The values of each setting, each point so often."""
        return {
            setting.path: np.repeat(np.array([point[place] for point in self.points]), sizes)
            for place, setting in enumerate(self.settings)
        }


def grid(settings: Sequence[Setting]) -> list[Point]:
    """Every point of the values listed."""
    return list(product(*(setting.values for setting in settings)))


def play(
    settings: Sequence[Setting],
    plan_of: Callable[[Point], Plan | None],
    how: Run,
    replications: dict[Point, Replications],
    jobs: int | None = None,
) -> Iterator[object]:
    """The events of every point listed, then of those between that a search for the least asks for; added to
    `events`.

    All on the same dice, and all points listed meet one set of customers where the settings leave demand as
    it is.  The search passes over points of which there is no plan.
    """
    points, number, without = grid(settings), how, set[Point]()
    while points:
        plans = {point: plan for point in points if (plan := plan_of(point)) is not None}
        without |= set(points) - set(plans)
        mine = {point: Replications(plan.lens) for point, plan in plans.items()}
        replications |= mine
        if plans:
            yield from play_together(list(plans.values()), number, list(mine.values()), jobs)
        number = replace(how, most=whole(replications)[0].size, precision=None)
        points = (
            [point for point in _between(settings, replications) if point not in without]
            if len(settings) == 1
            else []
        )


def sweep(
    settings: Sequence[Setting],
    replications: Mapping[Point, Replications],
    record: Mapping[str, Any],
    assumptions: Sequence[Assumption] = (),
) -> Sweep:
    """What the events of every point tell; points that have fewer than the first, for lack of time, are left
    out.
    """
    size = whole(replications)[0].size
    done = {point: found for point, found in replications.items() if found.size == size}
    points = _in_order(settings, list(done))
    rows = {point: verdicts(claims(done[point])) for point in points}
    return Sweep(
        record,
        next(iter(done.values())).lens,
        tuple(settings),
        tuple(points),
        tuple(rows.values()),
        tuple(
            Estimates.of_rows(rows for rows in summary(done[point]) if rows.dimension == "all")
            for point in points
        ),
        tuple(_every_enough(settings, done, rows)),
        tuple(assumptions),
    )


def whole(replications: Mapping[Point, Replications]) -> list[Replications]:
    """The events of the points that have as many as the first."""
    return [found for found in replications.values() if found.size == next(iter(replications.values())).size]


def _in_order(settings: Sequence[Setting], points: list[Point]) -> list[Point]:
    """As the settings list them; what was searched for where it belongs."""
    if len(settings) > 1:
        return points
    numbers = scale([point[0] for point in points])
    return points if numbers is None else [points[row] for row in np.argsort(numbers)]


def _every_enough(
    settings: Sequence[Setting],
    replications: Mapping[Point, Replications],
    rows: Mapping[Point, Sequence[Verdict]],
) -> Iterator[Enough]:
    """Of every promise, for every value of the second setting; rows: the verdicts on each point."""
    names = list(dict.fromkeys(row.promise for row in next(iter(rows.values()))))
    for given in settings[1].values if len(settings) > 1 else ("",):
        line = [
            point for point in _in_order(settings, list(replications)) if len(point) == 1 or point[1] == given
        ]
        for name in names:
            kept, shares = map(
                np.array, zip(*(_kept(replications[point], name) for point in line), strict=True)
            )  # [x, r] and [x]
            holds = [overall(_of(rows[point], name)) is Ruling.HOLDS for point in line]
            direction = _direction(kept, shares)
            yield _enough(
                name,
                given,
                [point[0] for point in line],
                direction,
                holds,
                len(line) > len(settings[0].values),
            )


def _of(rows: Sequence[Verdict], promise: str) -> list[Verdict]:
    """The verdicts on a promise and its rows; of ALL every one."""
    return [row for row in rows if promise in (ALL, row.promise)]


def _kept(replications: Replications, promise: str) -> tuple[NDArray[np.bool_], float]:
    """[r] whether each event keeps a promise, or all, and the share of all cases in time."""
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
    """From the end where most is kept back as long as every value HOLDS: so that one wrong HOLDS is as rare
    as in one verdict.

    (A fixed sequence of tests needs no correction: Maurer, Hothorn & Lehmacher 1995.)
    """
    value, short = None, None
    if not direction:
        short = next((one for one, held in zip(values, holds, strict=True) if not held), None)
        return Enough(promise, given, direction, value, short, searched)
    for one, held in (
        reversed([*zip(values, holds, strict=True)])
        if direction == "rising"
        else zip(values, holds, strict=True)
    ):
        if not held:
            short = one
            break
        value = one
    return Enough(promise, given, direction, value, short, searched)


def _direction(kept: NDArray[np.bool_], shares: NDArray[np.float64]) -> Direction:
    """Whether more events [x, r] are kept with every further value, or fewer, but for what chance explains.

    Where as many are kept at both ends it is the share of cases [x] in time that tells; "" if that is the
    same too.
    """
    more, fewer = ((kept[1:] & ~kept[:-1]).sum(axis=1), (~kept[1:] & kept[:-1]).sum(axis=1))
    falls, rises = (bool((chance_of_more(side, more + fewer, 0.5) < SURE).any()) for side in (fewer, more))
    if falls and rises:
        return ""
    if not falls and not rises:
        first, last = (
            (replications.sum(), share)
            for replications, share in zip(kept[[0, -1]], shares[[0, -1]], strict=True)
        )
        falls, rises = last < first, last > first
    return "falling" if falls else "rising" if rises else ""


def _between(settings: Sequence[Setting], replications: Mapping[Point, Replications]) -> list[Point]:
    """The next values to look at in the search for the least: of each promise, between what holds and what
    does not.
    """
    wanted: set[str] = set()
    rows = {point: verdicts(claims(found)) for point, found in replications.items()}
    for found in _every_enough(settings, replications, rows):
        if (
            found.value is not None
            and found.short is not None
            and scale([found.value, found.short]) is not None
        ):
            low, high = (
                (found.value, found.short) if found.direction == "falling" else (found.short, found.value)
            )
            wanted |= set(between(low, high, settings[0].values, AT_ONCE))
    return _in_order(settings, [(value,) for value in wanted])
