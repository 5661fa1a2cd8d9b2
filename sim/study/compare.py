"""`sim compare`: which of several plans is better, by how much, with the same random numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.rows import Rows, rows_of
from sim.measure.pooled.summary import effort, summary
from sim.measure.stats.choice import Choice, Standing, choose, on_the_front
from sim.measure.stats.difference import Difference, difference
from sim.measure.stats.estimate import linear
from sim.measure.stats.verdicts import Ruling, overall, replications_kept
from sim.measures import KEPT
from sim.plan import DIMENSIONS, Lens, Plan
from sim.study.findings import Findings, columns_of, together
from sim.study.play.stopping import play_together
from sim.study.provenance import RunSettings, destination_of, provenance, provenance_of_several
from sim.study.run import answer
from sim.study.store.files import dumped, plain, save
from sim.study.study import StudyOptions, plan_of

if TYPE_CHECKING:
    from sim.scenario.reading import Reading

DIFFER_BY = ("all", "channel", "language", "topic", "stream", "type", "team", "day", "hour", "window")
MOST = 20  # plans


class Incomparable(Exception):
    """Raised for plans that are not judged alike."""


@dataclass(frozen=True)
class Differences:
    """The tidy table of paired differences, `plan` less `against`: one array for each column, equally long.

    The other columns are as in Estimates.
    """

    plan: NDArray[np.str_]
    against: NDArray[np.str_]
    measure: NDArray[np.str_]  # a measure of Estimates, or KEPT: the share of simulations that keep a promise
    promise: NDArray[np.str_]
    dimension: NDArray[np.str_]
    member: NDArray[np.str_]
    time: NDArray[np.int64]
    hour: NDArray[np.int64]
    mean: NDArray[np.float64]
    lower: NDArray[np.float64]  # 95 % interval of the mean
    upper: NDArray[np.float64]
    saved: NDArray[np.float64]  # variance of the difference of two independent studies ÷ that of this one
    unit: NDArray[np.str_]


@dataclass(frozen=True)
class Priced:
    """The price of a plan and its service level on the leading promise, for the overview."""

    price: float  # mean of a replication
    service_level: float  # mean
    front: bool  # no other plan is cheaper with a higher service level
    same_customers: bool  # as those of the first plan, in every replication


@dataclass(frozen=True)
class Comparison:
    """The findings of each plan, the differences, and which plan to take."""

    record: Mapping[str, Any]
    names: tuple[str, ...]  # [k]
    findings: tuple[Findings, ...]  # [k]
    # the promise that the choice is made by: the first that does not hold in some plan, else the first; ""
    # for none
    leading: str
    priced_in: str  # the measure of the price: cost if every team has a wage, else agent_hours
    priced: tuple[Priced, ...]  # [k]
    choice: Choice
    differences: Differences  # of each plan from the first

    @property
    def lens(self) -> Lens:
        """The lens of the first plan; windows, promises and clock are those of all."""
        return self.findings[0].lens

    def document(self) -> dict[str, Any]:
        """Record, choice and every plan as plain JSON."""
        choice = asdict(self.choice)
        choice["plan"] = self.names[self.choice.plan]
        choice["may_hold"] = [self.names[row] for row in self.choice.may_hold]
        choice["rivals"] = [{**asdict(rival), "plan": self.names[rival.plan]} for rival in self.choice.rivals]
        both = zip(self.names, self.findings, self.priced, strict=True)
        plans = [{"name": name, **asdict(priced), **findings.document()} for name, findings, priced in both]
        best = "best" if self.choice.certain else "best so far"
        content = {
            "study": "compare",
            "headline": f"{best} {choice['plan']}",
            "record": self.record,
            "leading": self.leading,
            "priced_in": self.priced_in,
            "choice": choice,
            "plans": plans,
        }
        document: dict[str, Any] = plain(content)
        return document

    def json(self) -> str:
        """The document with the estimates of every plan and the differences, as one line of JSON."""
        document = self.document()
        for part in (document, *document["plans"]):
            part["record"].pop("engine", None)
        for part, findings in zip(document["plans"], self.findings, strict=True):
            part["estimates"] = columns_of(findings.tables()["estimates"], findings.lens)
        return dumped({**document, "differences": columns_of(vars(self.differences), self.lens)}) + "\n"

    def save(self, folder: Path) -> None:
        """Writes record.json, differences.parquet, and the tables of all plans with a column `plan`."""
        save(
            folder,
            self.record,
            self.document(),
            together(self.names, self.findings) | {"differences": vars(self.differences)},
        )


class CompareStudy:
    """Several plans, from their first replication to the comparison; raises Incomparable."""

    def __init__(self, names: Sequence[str], readings: Sequence["Reading"], options: StudyOptions) -> None:
        self.names, self.readings, self.options = names, readings, options
        self.plans = [plan_of(reading) for reading in readings]
        comparable(names, self.plans)
        self.title, self.total = self.plans[0].lens.name, options.run_settings.fixed
        self.replications = [Replications(plan.lens) for plan in self.plans]

    def play(self, contacts: Path | None) -> Iterator[object]:
        """Runs the replications, one of every plan at a time."""
        assert contacts is None, "a comparison keeps no contacts"
        return play_together(self.plans, self.options.run_settings, self.replications, self.options.jobs)

    def folder(self, run_settings: RunSettings) -> Path:
        """The folder for the results."""
        name = ",".join(self.names)
        return destination_of(self.options.out, "compare", name, self.readings[0], run_settings)

    def finish(self, run_settings: RunSettings) -> Comparison:
        """The comparison."""
        arguments = self.options.arguments
        records = [provenance(reading, run_settings, arguments) for reading in self.readings]
        record = provenance_of_several(self.names, self.readings[0], run_settings, arguments)
        return compare(self.names, self.plans, self.replications, records, record)


def comparable(names: Sequence[str], plans: Sequence[Plan]) -> None:
    """Raises Incomparable unless all plans are judged alike: by the same promises, over the same time."""
    if len(plans) > MOST:
        raise Incomparable(f"{len(plans)} plans are too many to compare: name at most {MOST}")
    first = plans[0].lens
    for name, plan in zip(names[1:], plans[1:], strict=True):
        theirs = _judged_by(plan.lens, first)
        for what, ours in _judged_by(first, plan.lens).items():
            if ours != theirs[what]:
                raise Incomparable(f"{names[0]} and {name} are not judged alike: give both the same {what}")


def compare(
    names: Sequence[str],
    plans: Sequence[Plan],
    replications: Sequence[Replications],
    records: Sequence[Mapping[str, Any]],
    record: Mapping[str, Any],
) -> Comparison:
    """The comparison of several plans, whose replications r have the same random numbers, with the first.

    records, record: how the findings of each plan, and the comparison, came about.
    """
    findings = tuple(
        answer(plan, pooled, own) for plan, pooled, own in zip(plans, replications, records, strict=True)
    )
    leading = _leading(findings)
    priced_in = "cost" if all(np.isfinite(plan.lens.wages).all() for plan in plans) else "agent_hours"
    price = np.stack([_price(pooled, priced_in) for pooled in replications])
    in_time, cases = (
        np.stack([pooled.totals(name)[:, leading] for pooled in replications])
        if leading is not None
        else np.ones_like(price, np.int64)
        for name in ("in_time", "cases")
    )
    service_level = np.array([float(linear(*pair).average) for pair in zip(in_time, cases, strict=True)])
    front = on_the_front(price.mean(axis=1), service_level)
    return Comparison(
        record,
        tuple(names),
        findings,
        "" if leading is None else replications[0].lens.promises[leading].name,
        priced_in,
        tuple(
            Priced(
                float(price[row].mean()),
                float(service_level[row]),
                bool(front[row]),
                pooled.customers == replications[0].customers,
            )
            for row, pooled in enumerate(replications)
        ),
        choose(Standing([overall(each.verdicts) for each in findings], price, in_time, cases)),
        _differences(names, replications),
    )


def _leading(findings: Sequence[Findings]) -> int | None:
    """The first promise that does not hold in some plan, else the first."""
    names = [promise.name for promise in findings[0].lens.promises]
    open_yet = {
        row.promise
        for each in findings
        for row in each.verdicts
        if row.ruling is not Ruling.HOLDS and not row.dimension
    }
    return next((row for row, name in enumerate(names) if name in open_yet), 0 if names else None)


def _price(replications: Replications, measure: str) -> NDArray[np.float64]:
    """[r] the price of the whole hub in every replication, in this measure."""
    rows = next(rows for rows in effort(replications) if rows.measure == measure and rows.dimension == "all")
    return np.asarray(rows.over[:, 0], np.float64)


def _differences(names: Sequence[str], replications: Sequence[Replications]) -> Differences:
    first = {_key(rows): rows for rows in _rows(replications[0])}
    parts = [
        {
            **part,
            "plan": np.repeat(np.array([name]), len(part["member"])),
            "against": np.repeat(np.array(names[:1]), len(part["member"])),
        }
        for name, pooled in zip(names[1:], replications[1:], strict=True)
        for rows in _rows(pooled)
        if _key(rows) in first
        for part in _of_measure(rows, first[_key(rows)])
    ]
    return Differences(
        **{item.name: np.concatenate([part[item.name] for part in parts]) for item in fields(Differences)}
    )


def _rows(replications: Replications) -> Iterator[Rows]:
    """The rows in which plans may differ."""
    for claim in claims(replications):
        kept = replications_kept(claim).astype(np.float64)[:, None]
        yield rows_of(KEPT, claim.dimension or "all", [claim.member], kept, None, claim.promise)
    yield from (rows for rows in summary(replications) if rows.dimension in DIFFER_BY)


def _key(rows: Rows) -> tuple[str, ...]:
    own = rows.member[0] if rows.measure == KEPT.name else ""
    return rows.measure, rows.promise, rows.dimension, own


def _of_measure(rows: Rows, other: Rows) -> Iterator[dict[str, NDArray[Any]]]:
    """The differences of one measure for the rows that both plans have."""
    place = {
        key: row
        for row, key in enumerate(zip(other.member, other.time.tolist(), other.hour.tolist(), strict=True))
    }
    keys = list(zip(rows.member, rows.time.tolist(), rows.hour.tolist(), strict=True))
    here = [row for row, key in enumerate(keys) if key in place]
    there = [place[keys[row]] for row in here]
    if not here:
        return
    apart: Difference = difference(
        rows.over[:, here], None if rows.under is None else rows.under[:, here],
        other.over[:, there], None if other.under is None else other.under[:, there],
    )  # fmt: skip
    same = {
        name: np.repeat(np.array([getattr(rows, name)]), len(here))
        for name in ("measure", "promise", "dimension", "unit")
    }
    estimates = {name: np.asarray(getattr(apart, name)) for name in ("mean", "lower", "upper", "saved")}
    yield {
        **same,
        "member": np.array(rows.member, np.str_)[here],
        "time": rows.time[here],
        "hour": rows.hour[here],
        **estimates,
    }


def _judged_by(lens: Lens, other: Lens) -> dict[str, Any]:
    """What must be equal, by the keys to write; a scope is its labels, by name, that both scenarios know."""
    named = [
        tuple(lens.names(dimension)[row] for dimension, row in zip(DIMENSIONS, label, strict=True))
        for label in lens.labels.tolist()
    ]
    known = [
        all(name in other.names(dimension) for dimension, name in zip(DIMENSIONS, label, strict=True))
        for label in named
    ]
    scopes = [
        {label for label, both, inside in zip(named, known, promise.scope, strict=True) if both and inside}
        for promise in lens.promises
    ]
    return {
        "starts, lasts, drain, timezone and period": (lens.clock, lens.lasts, lens.horizon, lens.period),
        "judged": lens.judged,
        "promises": [
            (item.name, item.clock, item.within, item.share, item.events, item.each) for item in lens.promises
        ],
        "`for` of each promise": scopes,
    }
