"""`sim sweep`: how often promises are kept at each value of a setting, and the least that is enough."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.summary import summary
from sim.measure.stats.verdicts import Ruling, Verdict, overall, too_few, verdicts
from sim.plan import BASE, Assumption, Lens, Plan
from sim.scenario.document.problems import ScenarioError
from sim.scenario.reading import read_each
from sim.study.findings import Estimates, columns_of, verdict_columns
from sim.study.least_enough import Enough, Point, every_enough, headline, in_order, of_promise, values_to_try
from sim.study.play.stopping import play_together
from sim.study.provenance import RunSettings, destination_of, provenance
from sim.study.store.files import dumped, plain, save
from sim.study.study import StudyOptions, plan_of
from sim.study.sweep_values import Setting, setting
from sim.units import UnitError

MOST = 400  # points of the grid
WORST_FIRST = (Ruling.BREAKS, Ruling.UNDECIDED, Ruling.HOLDS, Ruling.TOO_FEW)


@dataclass(frozen=True)
class Sweep:
    """The verdicts and estimates at every value, and the least that is enough."""

    record: Mapping[str, Any]
    lens: Lens
    settings: tuple[Setting, ...]  # one or two
    points: tuple[Point, ...]  # [x] listed and searched, in order of the settings
    verdicts: tuple[tuple[Verdict, ...], ...]  # [x] equal to those of `sim run`
    estimates: tuple[Estimates, ...]  # [x] of the whole hub
    # for each promise, then for all if they are several; for each value of the second setting
    enough: tuple[Enough, ...]
    assumptions: tuple[Assumption, ...]  # of the plan without a value of the settings

    @property
    def rulings(self) -> tuple[Ruling, ...]:
        """[x] the ruling on all promises together."""
        return tuple(map(overall, self.verdicts))

    @property
    def held(self) -> bool:
        """Whether all promises hold at some value."""
        return Ruling.HOLDS in self.rulings

    def weakest(self, point: int, promise: str) -> Verdict:
        """The row that decides a promise, or ALL, at a point: the worst ruling, then the least often kept."""
        rows = of_promise(self.verdicts[point], promise)
        return min(rows, key=lambda row: (WORST_FIRST.index(row.ruling), row.kept / row.replications))

    def below_minimum_replications(self) -> int | None:
        """The fewest replications with which any verdict can be HOLDS, if there were fewer; else None."""
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
        content = {
            "study": "sweep",
            "headline": headline(self.enough),
            "record": self.record,
            "settings": settings,
            "points": points,
            "enough": list(map(asdict, self.enough)),
            "assumptions": list(map(asdict, self.assumptions)),
        }
        document: dict[str, Any] = plain(content)
        return document

    def json(self) -> str:
        """The document and the estimates by columns, as one line of JSON."""
        document = self.document()
        document["record"].pop("engine", None)
        return dumped({**document, "estimates": columns_of(self._estimates(), self.lens)}) + "\n"

    def save(self, folder: Path) -> None:
        """Writes record.json, and verdicts and estimates of every point, with a column for each setting."""
        at = self._at([len(rows) for rows in self.verdicts])
        verdicts = at | verdict_columns(row for rows in self.verdicts for row in rows)
        save(folder, self.record, self.document(), {"verdicts": verdicts, "estimates": self._estimates()})

    def _estimates(self) -> dict[str, NDArray[Any]]:
        names = vars(self.estimates[0])
        columns = {name: np.concatenate([getattr(each, name) for each in self.estimates]) for name in names}
        return self._at([len(each.mean) for each in self.estimates]) | columns

    def _at(self, sizes: Sequence[int]) -> dict[str, NDArray[Any]]:
        """The values of each setting as columns, with `sizes` rows for each point."""
        return {
            setting.path: np.repeat(np.array([point[place] for point in self.points]), sizes)
            for place, setting in enumerate(self.settings)
        }


class SweepStudy:
    """The values of a setting or two, from the first replication to the sweep.

    Raises UnitError for what is no setting, and ScenarioError for what is no scenario.
    """

    total = None  # the search decides how many values are tried

    def __init__(
        self,
        file: Path,
        variant: str | None,
        changes: Sequence[str],
        arguments: Sequence[str],
        options: StudyOptions,
    ) -> None:
        self.file, self.variant, self.changes, self.arguments = file, variant, changes, arguments
        self.options = options
        self.settings = [setting(text) for text in arguments]
        points = grid(self.settings)
        if len(points) > MOST:
            raise UnitError(f"{len(points)} points are too many", f"write at most {MOST}, with larger steps")
        self.base, *readings = read_each(file, variant, [changes, *map(self._changed, points)])
        self.title = self.base.scenario.name
        self._plans: dict[Point, Plan] = dict(zip(points, map(plan_of, readings), strict=True))
        self._by_point: dict[Point, Replications] = {}

    @property
    def replications(self) -> list[Replications]:
        """The replications of the points that have as many as the first."""
        return finished(self._by_point)

    def play(self, contacts: Path | None) -> Iterator[object]:
        """Runs the replications, one of every point at a time."""
        assert contacts is None, "a sweep keeps no contacts"
        options = self.options
        return play(self.settings, self._plan, options.run_settings, self._by_point, options.jobs)

    def folder(self, run_settings: RunSettings) -> Path:
        """The folder for the results."""
        name = ",".join([self.variant or BASE, *(each.path for each in self.settings)])
        return destination_of(self.options.out, "sweep", name, self.base, run_settings, self.arguments)

    def finish(self, run_settings: RunSettings) -> Sweep:
        """The sweep."""
        record = provenance(self.base, run_settings, self.options.arguments)
        record |= {"settings": list(self.arguments), "file": str(self.file)}
        return sweep(self.settings, self._by_point, record, plan_of(self.base).assumptions)

    def _changed(self, point: Point) -> tuple[str, ...]:
        values = (f"{each.path}={value}" for each, value in zip(self.settings, point, strict=True))
        return (*self.changes, *values)

    def _plan(self, point: Point) -> Plan | None:
        """The plan of a point; None for a value between those listed that the scenario does not allow."""
        if point in self._plans:
            return self._plans[point]
        try:
            (reading,) = read_each(self.file, self.variant, [self._changed(point)])
        except ScenarioError:
            return None
        return plan_of(reading)


def grid(settings: Sequence[Setting]) -> list[Point]:
    """Every point of the values listed."""
    return list(product(*(setting.values for setting in settings)))


def play(
    settings: Sequence[Setting],
    plan_at: Callable[[Point], Plan | None],
    run_settings: RunSettings,
    replications: dict[Point, Replications],
    jobs: int | None = None,
) -> Iterator[object]:
    """Runs the replications of every point listed, then of those between that a search for the least tries.

    They are added to `replications`.  All points have the same random numbers, and all points listed meet one
    set of customers where the settings leave demand as it is.  The search skips points without a plan.
    """
    points, look, without = grid(settings), run_settings, set[Point]()
    while points:
        plans = {point: plan for point in points if (plan := plan_at(point)) is not None}
        without |= set(points) - set(plans)
        fresh = {point: Replications(plan.lens) for point, plan in plans.items()}
        replications |= fresh
        if plans:
            yield from play_together(list(plans.values()), look, list(fresh.values()), jobs)
        look = replace(run_settings, most=finished(replications)[0].size, precision=None)
        points = (
            [point for point in values_to_try(settings, replications) if point not in without]
            if len(settings) == 1
            else []
        )


def sweep(
    settings: Sequence[Setting],
    replications: Mapping[Point, Replications],
    record: Mapping[str, Any],
    assumptions: Sequence[Assumption] = (),
) -> Sweep:
    """The sweep, from the replications of every point; points with fewer than the first are left out.

    An interrupted study has such points.
    """
    size = finished(replications)[0].size
    done = {point: pooled for point, pooled in replications.items() if pooled.size == size}
    points = in_order(settings, list(done))
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
        tuple(every_enough(settings, done, rows)),
        tuple(assumptions),
    )


def finished(replications: Mapping[Point, Replications]) -> list[Replications]:
    """The replications of the points that have as many as the first."""
    return [
        pooled for pooled in replications.values() if pooled.size == next(iter(replications.values())).size
    ]
