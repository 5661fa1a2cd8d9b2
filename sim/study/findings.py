"""The findings of a run: a tidy table of estimates, the verdicts, and the record of how they came about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sim.forecast import Advice
from sim.measure.pooled.breaks import Break
from sim.measure.pooled.rows import Rows
from sim.measure.pooled.shortfall import Shortfall
from sim.measure.stats.verdicts import Ruling, Verdict
from sim.plan import ALL, Assumption, Lens
from sim.study.store.files import dumped, plain, save

WORSE = (Ruling.BREAKS, Ruling.UNDECIDED)  # than HOLDS, the worst first
ESTIMATED = ("mean", "lower", "upper", "p10", "p50", "p90")


@dataclass(frozen=True)
class Estimates:
    """The tidy table: one row for each estimate, one array for each column, all equally long.

    `dimension` and `member` name what the estimate is of: ("all", ""), ("language", "nl"), ("type", "nl
    information"), ("day", "2010-04-16"), ("team", "volunteers"), ("period", ""), ("window", "") and ("hour",
    "nl"), the last one by local hour and language.  A type is a language and a topic here, not the contact
    type of routing.  Where contacts came from and what became of them is ("flow", "nudge > facebook >
    merged"), added up as ("origin", "nudge"), ("fate", "merged") and ("origin_fate", "nudge > merged"); and
    ("move", "phone > facebook") for those that moved.  Times are ms from the start; a state such as the
    backlog is that at the end of its period or hour.
    """

    measure: NDArray[np.str_]  # such as "service_level" or "backlog"
    promise: NDArray[np.str_]  # name of the promise it belongs to, or ""
    dimension: NDArray[np.str_]
    member: NDArray[np.str_]
    time: NDArray[np.int64]  # start of the period, window or day; -1 for none
    hour: NDArray[np.int64]  # local hour 0–23; -1 for none
    mean: NDArray[np.float64]  # NaN where there is nothing to divide by
    lower: NDArray[np.float64]  # 95 % interval of the mean
    upper: NDArray[np.float64]
    p10: NDArray[np.float64]  # quantiles over replications
    p50: NDArray[np.float64]
    p90: NDArray[np.float64]
    cases: NDArray[np.float64]  # what it is an average over: mean cases, contacts … in a replication
    unit: NDArray[np.str_]  # share, ms, moment, contacts, agents, hours, money

    @classmethod
    def of_rows(cls, rows: Iterable[Rows]) -> Self:
        """All rows below each other, in their order; values of single replications are dropped on the way."""
        parts = [_columns(part) for part in rows]
        return cls(**{item.name: np.concatenate([part[item.name] for part in parts]) for item in fields(cls)})


def _columns(rows: Rows) -> dict[str, NDArray[Any]]:
    """The rows of one measure as columns of the tidy table."""
    same = {
        name: np.repeat(np.array([getattr(rows, name)]), len(rows.member))
        for name in ("measure", "promise", "dimension", "unit")
    }
    estimates = {name: np.asarray(getattr(rows.estimate, name), np.float64) for name in ESTIMATED}
    return {
        **same,
        "member": np.array(rows.member, np.str_),
        "time": rows.time,
        "hour": rows.hour,
        **estimates,
        "cases": rows.cases,
    }


@dataclass(frozen=True)
class Findings:
    """The findings from the replications of one plan."""

    record: Mapping[str, Any]  # provenance: scenario, variant, changes, seed, replications, versions, command
    lens: Lens
    verdicts: tuple[Verdict, ...]
    estimates: Estimates
    breaks: tuple[Break, ...]
    shortfalls: tuple[Shortfall, ...]
    assumptions: tuple[Assumption, ...]
    advice: Advice  # what the averages say beforehand
    # one row for each replication and promise: replication, customers, promise, cases, in_time
    replications: Mapping[str, NDArray[Any]]

    def document(self) -> dict[str, Any]:
        """Record, verdicts, breaks, shortfalls and assumptions as plain JSON.

        Beside every time in ms stands its local moment; NaN is null, infinite "never".
        """
        times = ("broken", "safe", "broken_early", "broken_median", "broken_late", "worst", "worst_end")
        content = {
            "study": "run",
            "headline": headline(self.verdicts),
            "record": self.record,
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
            "breaks": [self._with_moments(asdict(item), times) for item in self.breaks],
            "shortfalls": [self._with_moments(asdict(item), ("start", "end")) for item in self.shortfalls],
            "assumptions": [asdict(item) for item in self.assumptions],
        }
        document: dict[str, Any] = plain(content)
        return document

    def json(self) -> str:
        """The document and the estimates, by columns, as one line of JSON with sorted keys.

        The engine is left out, as both give equal results; the record on disk names it.
        """
        document = self.document()
        document["record"].pop("engine", None)
        return dumped({**document, "estimates": columns_of(self.tables()["estimates"], self.lens)}) + "\n"

    def _with_moments(self, row: dict[str, Any], times: Sequence[str]) -> dict[str, Any]:
        clock = self.lens.clock
        return row | {f"{name}_local": clock.iso(row[name]) if row[name] >= 0 else None for name in times}

    def tables(self) -> dict[str, dict[str, NDArray[Any]]]:
        """The columns of estimates, verdicts and replications, by the name of their file; None is NaN."""
        return {
            "estimates": dict(vars(self.estimates)),
            "verdicts": verdict_columns(self.verdicts),
            "replications": dict(self.replications),
        }

    def save(self, folder: Path) -> None:
        """Writes record.json, estimates.parquet, verdicts.parquet and replications.parquet into a folder that
        exists.

        In the tables NaN and None are NULL, and what never comes is infinite.
        """
        save(folder, self.record, self.document(), self.tables())


def headline(rows: Iterable[Verdict]) -> str:
    """The worst ruling on every promise and its rows: "first_reply BREAKS, solved HOLDS".

    The ruling on all promises together is added where it is worse than each of theirs.
    """
    rulings: dict[str, set[Ruling]] = {}
    for row in rows:
        rulings.setdefault(row.promise, set()).add(row.ruling)
    worst = {
        promise: next((ruling for ruling in WORSE if ruling in those), Ruling.HOLDS)
        for promise, those in rulings.items()
    }
    together = worst.pop(ALL, None)
    if together in WORSE and together not in worst.values():
        worst[ALL] = together
    return ", ".join(f"{promise} {ruling}" for promise, ruling in worst.items())


def verdict_columns(rows: Iterable[Verdict]) -> dict[str, NDArray[Any]]:
    """Verdicts as columns; None is NaN."""
    verdicts = list(rows)
    columns = {item.name: np.array([getattr(row, item.name) for row in verdicts]) for item in fields(Verdict)}
    columns["enough"] = columns["enough"].astype(np.float64)  # also where every value is None
    return columns


def columns_of(table: Mapping[str, NDArray[Any]], lens: Lens) -> dict[str, Any]:
    """A table by columns in plain JSON, with the local moment beside every time."""
    moments = {-1: None} | {
        int(time): lens.clock.iso(int(time)) for time in np.unique(table["time"]) if time >= 0
    }
    columns = {name: column.tolist() for name, column in table.items()}
    document: dict[str, Any] = plain({**columns, "time_local": [moments[time] for time in columns["time"]]})
    return document


def together(names: Sequence[str], findings: Sequence[Findings]) -> dict[str, dict[str, NDArray[Any]]]:
    """The tables of several plans below each other, the first column the plan."""
    tables = [each.tables() for each in findings]
    joined: dict[str, dict[str, NDArray[Any]]] = {}
    for table, first in tables[0].items():
        sizes = [len(next(iter(each[table].values()))) for each in tables]
        columns = {column: np.concatenate([each[table][column] for each in tables]) for column in first}
        joined[table] = {"plan": np.repeat(np.array(names), sizes), **columns}
    return joined
