"""The values of a scenario that was last accepted, by replication, for comparison with its values now."""

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.replications import Replications
from sim.measure.pooled.summary import summary
from sim.measure.stats.difference import Difference, difference
from sim.measure.stats.estimate import linear
from sim.measure.stats.verdicts import CASES_LEAST
from sim.measures import MEASURES, SERVICE_LEVEL
from sim.plan import Plan, Spread
from sim.study.store.files import plain

FORMAT = 1
SLOWER = 1.02  # factor on every handle time in the probe
POWER = 0.9
GUARDED = {name: measure for name, measure in MEASURES.items() if measure.guarded}

Key = tuple[str, str, str, str]  # measure, promise, dimension, member
Values = NDArray[np.float64]


class BadBaseline(Exception):
    """A baseline that can't be read."""


@dataclass(frozen=True, eq=False)
class Guard:
    """One measure of one row, by replication."""

    key: Key
    unit: str
    over: Values  # [r]
    under: Values | None  # [r]

    @property
    def measured(self) -> bool:
        """Whether any replication had something to measure."""
        return self.under is None or bool(self.under.any())

    @property
    def name(self) -> str:
        """The name as an expectation writes it: "service_level{promise=first_reply, language=es}"."""
        measure, promise, dimension, member = self.key
        keys = [f"promise={promise}"] if promise else []
        keys += [f"{dimension}={member}"] if dimension != "all" else []
        return f"{measure}{{{', '.join(keys)}}}" if keys else measure


@dataclass(frozen=True, eq=False)
class Baseline:
    """Values by replication, and where they come from."""

    origin: Mapping[str, Any]  # scenario, variant, seed, surge, versions, resolved
    customers: tuple[str, ...]  # [r] digest of the customers
    guards: tuple[Guard, ...]
    # by promise: mean and standard deviation over replications of the drop in service level in the probe
    probe: Mapping[str, tuple[float, float]]

    @property
    def size(self) -> int:
        """The number of replications."""
        return len(self.customers)

    def save(self, path: Path) -> None:
        """Writes the file, a line for each guard; raises OSError."""
        guards = [
            {
                "key": guard.key,
                "unit": guard.unit,
                "over": _whole_numbers(guard.over),
                "under": None if guard.under is None else _whole_numbers(guard.under),
            }
            for guard in self.guards
        ]
        head = {
            "format": FORMAT,
            "origin": plain(self.origin),
            "customers": self.customers,
            "probe": self.probe,
        }
        lines = [
            f'"{key}": {json.dumps(value, sort_keys=True, ensure_ascii=False)}' for key, value in head.items()
        ]
        rows = ",\n".join(json.dumps(guard, sort_keys=True, ensure_ascii=False) for guard in guards)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}-fresh")
        fresh.write_text("{\n" + ",\n".join([*lines, f'"guards": [\n{rows}\n]']) + "\n}\n", encoding="utf-8")
        fresh.replace(path)


def load(path: Path) -> Baseline | None:
    """The baseline in a file, None if there is no file; raises BadBaseline."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise BadBaseline(
                f"{path}: this baseline was written by another version of sim: replace it with --update"
            )
        guards = tuple(
            Guard(
                tuple(row["key"]),
                row["unit"],
                np.array(row["over"], np.float64),
                None if row["under"] is None else np.array(row["under"], np.float64),
            )
            for row in document["guards"]
        )
        probe = {name: (float(drop), float(spread)) for name, (drop, spread) in document["probe"].items()}
        baseline = Baseline(document["origin"], tuple(document["customers"]), guards, probe)
        _check(baseline)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadBaseline(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadBaseline(
            f"{path}: this is not a baseline ({error}): restore it, or replace it with --update"
        ) from error
    return baseline


def _check(baseline: Baseline) -> None:
    """Raises ValueError unless the baseline is complete."""
    columns = [
        column for guard in baseline.guards for column in (guard.over, guard.under) if column is not None
    ]
    if not baseline.size or not columns or any(column.shape != (baseline.size,) for column in columns):
        raise ValueError("the columns are not equally long")
    if not all(np.isfinite(column).all() for column in columns):
        raise ValueError("a value is not a number")
    if not all(
        len(guard.key) == 4 and guard.key[0] in GUARDED and all(isinstance(part, str) for part in guard.key)
        for guard in baseline.guards
    ):
        raise ValueError("an unknown measure")
    if int(baseline.origin["seed"]) < 0 or not isinstance(baseline.origin["versions"], dict):
        raise ValueError("an origin without a seed or versions")
    if "resolved" not in baseline.origin or not np.isfinite(list(baseline.probe.values())).all():
        raise ValueError("no scenario, or a probe that is not a number")


def guards(replications: Replications, keys: Collection[Key] | None = None) -> Iterator[Guard]:
    """The guards of the replications so far.

    keys: which ones; None: guarded measures of the whole, and of rows with at least 50 cases on average.
    """
    for rows in summary(replications):
        if rows.dimension not in MEASURES[rows.measure].guarded:
            continue
        for place, member in enumerate(rows.member):
            over = np.asarray(rows.over[:, place], np.float64)
            under = None if rows.under is None else np.asarray(rows.under[:, place], np.float64)
            key = (rows.measure, rows.promise, rows.dimension, str(member))
            many = rows.dimension == "all" or under is None or under.mean() >= CASES_LEAST
            if many if keys is None else key in keys:
                yield Guard(key, rows.unit, over, under)


def against(now: Guard, before: Guard, *, paired: bool) -> Difference:
    """The difference of a guard from its baseline."""
    return difference(now.over, now.under, before.over, before.under, paired=paired)


def slower(plan: Plan) -> Plan:
    """The probe: the plan with every handle time 2 % longer."""

    def stretched(pace: Any) -> Any:
        return (
            Spread(pace.law, tuple(part * SLOWER for part in pace.parameters))
            if isinstance(pace, Spread)
            else pace * SLOWER
        )

    return replace(plan, teams=tuple(replace(team, pace=stretched(team.pace)) for team in plan.teams))


def probed(replications: Replications, worse: Replications) -> dict[str, tuple[float, float]]:
    """The drop in service level in the probe, by promise: mean and standard deviation over replications."""
    before = {guard.key: guard for guard in guards(replications)}
    drops: dict[str, tuple[float, float]] = {}
    for guard in guards(worse):
        measure, promise, dimension, _ = guard.key
        if measure == SERVICE_LEVEL.name and dimension == "all" and guard.key in before:
            with_all, less = (linear(side.over, side.under) for side in (before[guard.key], guard))
            spread = np.std(with_all.added - less.added, ddof=1) * replications.size
            drops[promise] = float(with_all.average - less.average), float(spread)
    return drops


def least_drop(baseline: Baseline, now: Sequence[Guard], level: float, *, paired: bool) -> float:
    """The smallest drop in service level, 0–1, that a test at this level detects with 90 % power.

    It is the largest over all promises.  Paired, it follows from the variance of differences, which is taken
    to grow with the drop as in the probe: a small worsening makes some cases late that were just in time, and
    each adds its own part (a compound Poisson law).  So a drop is detected from quantiles² · variance ÷ (drop
    in the probe · replications) on; NaN if the probe has no drop.  Unpaired, it follows from the variance of
    both samples.
    """
    from scipy import special

    n = baseline.size
    quantiles = float(special.stdtrit(n - 1, 1 - level) + special.stdtrit(n - 1, POWER))
    if paired:
        return quantiles**2 * (_dispersion(baseline.probe) or math.nan) / n
    before = {guard.key: guard for guard in baseline.guards}
    pairs = [
        (guard, before[guard.key])
        for guard in now
        if guard.key[0] == SERVICE_LEVEL.name and guard.key in before
    ]
    variances = [
        sum(float(linear(side.over, side.under).variance) for side in pair)
        for pair in pairs
        if pair[0].key[2] == "all"
    ]
    return quantiles * math.sqrt(max(variances, default=0.0))


def enough_replications(probe: Mapping[str, tuple[float, float]], level: float, drop: float) -> int:
    """The replications that a paired test at this level needs to detect a drop with 90 % power."""
    from scipy import special

    quantiles = float(special.ndtri(1 - level) + special.ndtri(POWER))
    return math.ceil(1.05 * quantiles**2 * _dispersion(probe) / drop)  # 5 % for Student's t


def _dispersion(probe: Mapping[str, tuple[float, float]]) -> float:
    """The variance of paired differences ÷ the drop, taken as equal for any drop; the largest of all."""
    return max((spread**2 / drop for drop, spread in probe.values() if drop > 0), default=0.0)


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The differences between the origins of two baselines, in words: settings, versions, seed."""
    words = [
        f"{name} {before.get(name)} → {now.get(name)}"
        for name in ("seed", "surge", "variant")
        if before.get(name) != now.get(name)
    ]
    versions = [
        (name, str(before["versions"].get(name)), str(now["versions"].get(name)))
        for name in sorted(now["versions"])
    ]
    words += [f"{name} {old} → {new}" for name, old, new in versions if old != new]
    old, new = (dict(_leaves(origin["resolved"])) for origin in (before, now))
    words += [
        f"{path} {old.get(path, 'none')} → {new.get(path, 'none')}"
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]
    return words


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a scenario with its dotted path, but for the title, sources and expectations."""
    items: Any = (
        tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    )
    for key, below in items:
        if path or key not in ("title", "sources", "expect"):
            yield from _leaves(below, f"{path}.{key}" if path else str(key))
    if not isinstance(tree, Mapping | list):
        yield path, str(tree)


def _whole_numbers(values: Values) -> list[float | int]:
    return [int(value) if float(value).is_integer() else float(value) for value in values]
