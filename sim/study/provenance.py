"""How findings came about: all that is needed to reproduce them, and nothing that differs between runs."""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.engine import DEFAULT
from sim.measure.stats.verdicts import Bounds
from sim.plan import BASE
from sim.scenario.reading import Reading
from sim.study.store.files import RECORD

NAME_MOST = 100  # characters of a folder's name, before the digest
PACKAGES = ("surgesim", "numpy", "numba", "scipy", "simpy")
WITH_VALUE, FLAGS = ("--jobs", "--engine", "--out", "--keep"), ("--json",)  # options that change no finding


@dataclass(frozen=True)
class RunSettings:
    """The seed of a study, how many replications it was to run, and how many it has run."""

    seed: int
    most: int  # the number of replications; with `precision` or `decide` the maximum
    surge: float = 1.0
    engine: str = DEFAULT
    precision: float | None = None  # half-width of the mean service level at which to stop
    decide: bool = False  # whether to stop once every verdict is decided
    finished: int = 0
    stopped: str = ""  # why at this number, in words
    partial: bool = False  # whether it was interrupted

    @property
    def fixed(self) -> int | None:
        """The number of replications, if it is fixed beforehand."""
        return None if self.decide or self.precision is not None else self.most

    @property
    def bounds(self) -> Bounds:
        """The bounds of verdicts: with `decide` those that may be checked again and again."""
        return Bounds.SEQUENCE if self.decide else Bounds.FIXED


def provenance(reading: Reading, run_settings: RunSettings, arguments: Sequence[str]) -> dict[str, Any]:
    """The record of a run: the scenario with its changes applied, the seed, the versions and the command."""
    return {
        "scenario": reading.scenario.name,
        "title": reading.scenario.title,
        "variant": reading.variant,
        "changes": list(reading.changes),
        "resolved": reading.resolved,
        "seed": run_settings.seed,
        "replications": run_settings.finished,
        "most": run_settings.most,
        "stopped": run_settings.stopped,
        "partial": run_settings.partial,
        "precision": run_settings.precision,
        "decide": run_settings.decide,
        "surge": run_settings.surge,
        "engine": run_settings.engine,
        "versions": versions(),
        "command": ["sim", *reproducing(arguments)],
    }


def origin(reading: Reading) -> dict[str, Any]:
    """Where the values of a baseline come from: the scenario and the versions."""
    return {
        "scenario": reading.scenario.name,
        "variant": reading.variant,
        "resolved": reading.resolved,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """The versions that can change a result: Python, this program and the packages it computes with."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def provenance_of_several(
    names: Sequence[str], first: Reading, run_settings: RunSettings, arguments: Sequence[str]
) -> dict[str, Any]:
    """The record of a study of several plans, each of which also has a record of its own."""
    record = provenance(first, run_settings, arguments)
    return {
        name: value for name, value in record.items() if name not in ("variant", "changes", "resolved")
    } | {"plans": names}


def reproducing(arguments: Sequence[str]) -> list[str]:
    """The arguments that can change a finding: without jobs, engine, and where and how to write."""
    chosen, words = [], iter(arguments)
    for word in words:
        option, _, joined = word.partition("=")
        if option in WITH_VALUE and not joined:
            next(words, None)
        elif option not in (*WITH_VALUE, *FLAGS):
            chosen.append(word)
    return chosen


def folder_name(reading: Reading, run_settings: RunSettings) -> str:
    """The folder of a run below its scenario: the variant, and a digest of other changes."""
    return _marked(reading.variant or BASE, [*reading.changes, *_surge(run_settings)])


def destination(out: Path, reading: Reading, run_settings: RunSettings) -> Path:
    """The folder for the results of a run; an interrupted one does not replace a finished one."""
    return _free(out / reading.scenario.name / folder_name(reading, run_settings), run_settings)


def destination_of(
    out: Path,
    study: str,
    name: str,
    reading: Reading,
    run_settings: RunSettings,
    settings: Sequence[str] = (),
) -> Path:
    """The folder for the results of a study of several plans; a long name of theirs is cut and digested."""
    changed = [*settings, *reading.changes, *_surge(run_settings), *([name] if len(name) > NAME_MOST else [])]
    return _free(out / reading.scenario.name / study / _marked(name[:NAME_MOST], changed), run_settings)


def _surge(run_settings: RunSettings) -> list[str]:
    return [f"surge={run_settings.surge!r}"] if run_settings.surge != 1 else []


def _marked(name: str, changed: Sequence[str]) -> str:
    """The name, with a short digest of what was changed, if anything was."""
    if not changed:
        return name
    mark = hashlib.blake2b("\n".join(changed).encode(), digest_size=4).hexdigest()
    return f"{name}+{mark}"


def _free(folder: Path, run_settings: RunSettings) -> Path:
    if run_settings.partial and _finished(folder):
        return folder.with_name(f"{folder.name}+partial")
    return folder


def _finished(folder: Path) -> bool:
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8"))["record"]["partial"] is False
    except (OSError, ValueError, KeyError, TypeError):
        return False
