"""What every study returns: one tidy table of estimates, the verdicts, and the record of how they came about."""

import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePath
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sim.measure.pressure import Break, Shortfall
from sim.measure.rows import Rows
from sim.measure.verdicts import Verdict
from sim.scenario.advise import Advice
from sim.scenario.plan import Assumption, Lens
from sim.study.processes import interrupts_held

RECORD = "record.json"
ESTIMATED = ("mean", "lower", "upper", "p10", "p50", "p90")


@dataclass(frozen=True)
class Estimates:
    """The tidy table: one row an estimate, one array a column, all equally long.

    `by` and `of` say of what: ("all", ""), ("language", "nl"), ("type", "nl information"), ("day", "2010-04-16"),
    ("team", "volunteers"), ("period", ""), ("window", "") and ("hour", "nl"), the last one by local hour and language.  A type
    is a language and a topic here, not the contact type of routing.  Where contacts came from and what became of them is
    ("flow", "nudge > facebook > merged"), added up ("origin", "nudge"), ("fate", "merged") and ("origin_fate",
    "nudge > merged"); and ("move", "phone > facebook") of those that moved.  Times are ms from the start; a state such as the
    backlog is that at the end of its period or hour.
    """

    measure: NDArray[np.str_]  # such as "kept" or "backlog"
    promise: NDArray[np.str_]  # name of the promise it belongs to, or ""
    by: NDArray[np.str_]
    of: NDArray[np.str_]
    time: NDArray[np.int64]  # start of the period, window or day; -1 for none
    hour: NDArray[np.int64]  # local hour 0–23; -1 for none
    mean: NDArray[np.float64]  # NaN where there is nothing to divide by
    lower: NDArray[np.float64]  # 95 % interval of the mean
    upper: NDArray[np.float64]
    p10: NDArray[np.float64]  # quantiles over events
    p50: NDArray[np.float64]
    p90: NDArray[np.float64]
    cases: NDArray[np.float64]  # what it is an average over: mean cases, contacts … an event
    unit: NDArray[np.str_]  # share, ms, moment, contacts, agents, hours, money

    @classmethod
    def of_rows(cls, rows: Iterable[Rows]) -> Self:
        """All rows below each other, in their order; what single events say is dropped as they are taken."""
        parts = [_columns(part) for part in rows]
        return cls(**{item.name: np.concatenate([part[item.name] for part in parts]) for item in fields(cls)})


def _columns(rows: Rows) -> dict[str, NDArray[Any]]:
    """The rows of one measure as columns of the tidy table."""
    same = {name: np.repeat(np.array([getattr(rows, name)]), len(rows.of)) for name in ("measure", "promise", "by", "unit")}
    estimates = {name: np.asarray(getattr(rows.estimate, name), np.float64) for name in ESTIMATED}
    return {**same, "of": np.array(rows.of, np.str_), "time": rows.time, "hour": rows.hour, **estimates, "cases": rows.cases}


@dataclass(frozen=True)
class Findings:
    """The answer to a study's question."""

    record: Mapping[str, Any]  # provenance: scenario, variant, changes, seed, replications, versions, command
    lens: Lens
    verdicts: tuple[Verdict, ...]
    estimates: Estimates
    breaks: tuple[Break, ...]
    shortfalls: tuple[Shortfall, ...]
    assumptions: tuple[Assumption, ...]
    advice: Advice  # what the averages say beforehand
    events: Mapping[str, NDArray[Any]]  # one row an event and promise: replication, customers, promise, cases, in_time

    def document(self) -> dict[str, Any]:
        """Record, verdicts, breaks, shortfalls and assumptions as plain JSON.

        Beside every time in ms stands its local moment; NaN is null, infinite "never".
        """
        times = ("broken", "safe", "broken_early", "broken_median", "broken_late", "worst", "worst_end")
        whole = {
            "record": self.record,
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
            "breaks": [self._with_moments(asdict(item), times) for item in self.breaks],
            "shortfalls": [self._with_moments(asdict(item), ("start", "end")) for item in self.shortfalls],
            "assumptions": [asdict(item) for item in self.assumptions],
        }
        plain: dict[str, Any] = _plain(whole)
        return plain

    def json(self) -> str:
        """The document and the estimates, by columns, as one line of JSON with sorted keys.

        Which of two equal engines it was is no finding: that only the record on disk says.
        """
        clock = self.lens.clock
        moments = {-1: None} | {int(time): clock.iso(int(time)) for time in np.unique(self.estimates.time) if time >= 0}
        columns = {item.name: getattr(self.estimates, item.name).tolist() for item in fields(Estimates)}
        columns["time_local"] = [moments[time] for time in columns["time"]]
        document = self.document()
        document["record"].pop("engine", None)
        return _dumped({**document, "estimates": _plain(columns)}) + "\n"

    def _with_moments(self, row: dict[str, Any], times: Sequence[str]) -> dict[str, Any]:
        clock = self.lens.clock
        return row | {f"{name}_local": clock.iso(row[name]) if row[name] >= 0 else None for name in times}

    def save(self, folder: Path) -> None:
        """Writes record.json, estimates.parquet, verdicts.parquet and events.parquet into a folder that exists.

        In the tables NaN and None are NULL, and what never comes is infinite.
        """
        text = _dumped(self.document(), indent=1)
        (folder / RECORD).write_text(text + "\n", encoding="utf-8")
        estimates = {item.name: getattr(self.estimates, item.name) for item in fields(Estimates)}
        verdicts = {item.name: np.array([getattr(row, item.name) for row in self.verdicts]) for item in fields(Verdict)}
        verdicts["enough"] = verdicts["enough"].astype(np.float64)  # None is NaN, and the type the same without any
        for name, columns in (("estimates", estimates), ("verdicts", verdicts), ("events", dict(self.events))):
            parquet(columns, folder / f"{name}.parquet", self.record)


def parquet(columns: Mapping[str, NDArray[Any]], path: Path, record: Mapping[str, Any]) -> None:
    """Writes one table, with the scenario, seed and versions it comes from in the file's own metadata; OSError if it can't."""
    with interrupts_held():
        import duckdb

    keys = ("scenario", "variant", "changes", "seed", "replications", "surge", "versions")
    provenance = _dumped(_plain({key: record[key] for key in keys if key in record})).replace("'", "''")
    target = str(path).replace("'", "''")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("columns", dict(columns))
        try:
            connection.execute(
                f"COPY (SELECT * FROM columns) TO '{target}' (FORMAT parquet, KV_METADATA {{surgesim: '{provenance}'}})"
            )
        except duckdb.IOException as error:
            number = re.search(r'"errno":"(\d+)"', str(error))
            raise (OSError(int(number[1]), os.strerror(int(number[1]))) if number else OSError(str(error))) from error


def _dumped(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent)


def _plain(value: Any) -> Any:
    """The value in what JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "never"
    return str(value) if isinstance(value, PurePath) else value


def check_place(folder: Path) -> None:
    """Raises OSError if results cannot be put there: no run has left what is there, or nothing can be written."""
    if folder.exists() and not (folder / RECORD).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} holds something else than results: move it, or choose another --out")
    folder.parent.mkdir(parents=True, exist_ok=True)
    Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)).rmdir()


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `folder` and all in it when the block ends well; else nothing changes.

    Raises OSError where the place cannot be written, and FileExistsError rather than replace what no run has left there.
    """
    check_place(folder)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    old = fresh.with_name(f"{fresh.name}-old")
    try:
        yield fresh
        fresh.chmod(0o755)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        if old.exists() and not folder.exists():  # failed or interrupted between the two
            old.rename(folder)
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
