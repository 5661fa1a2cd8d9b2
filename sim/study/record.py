"""How findings came about: everything needed to get them again, and nothing that differs from one time to the next."""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.scenario.coherence import BASE
from sim.scenario.read import Reading
from sim.study.findings import RECORD

PACKAGES = ("surgesim", "numpy", "scipy", "simpy")


@dataclass(frozen=True)
class Run:
    """The dice and the engine of a run."""

    seed: int
    replications: int  # asked for; by a precision the most
    finished: int
    surge: float
    engine: str
    precision: float | None = None  # half-width of the mean share kept, if that was asked for

    @property
    def partial(self) -> bool:
        """Whether it was interrupted."""
        return self.finished < self.replications


def provenance(reading: Reading, how: Run, arguments: Sequence[str]) -> dict[str, Any]:
    """The record of a run: the scenario with its changes applied, the dice, the versions and the command."""
    return {
        "scenario": reading.scenario.name,
        "title": reading.scenario.title,
        "variant": reading.variant,
        "changes": list(reading.changes),
        "resolved": reading.resolved,
        "seed": how.seed,
        "replications": how.finished,
        "asked": how.replications,
        "partial": how.partial,
        "precision": how.precision,
        "surge": how.surge,
        "engine": how.engine,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "command": ["sim", *arguments],
    }


def folder_name(reading: Reading, how: Run) -> str:
    """The folder of a run below its scenario: the variant, and a mark of what else was changed."""
    name = reading.variant or BASE
    changed = [*reading.changes, *([f"surge={how.surge!r}"] if how.surge != 1 else [])]
    if not changed:
        return name
    mark = hashlib.blake2b("\n".join(changed).encode(), digest_size=4).hexdigest()
    return f"{name}+{mark}"


def destination(out: Path, reading: Reading, how: Run) -> Path:
    """The folder for what a run leaves; an interrupted one does not take the place of a finished one."""
    folder = out / reading.scenario.name / folder_name(reading, how)
    if how.partial and _finished(folder):
        return folder.with_name(f"{folder.name}+partial")
    return folder


def _finished(folder: Path) -> bool:
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8"))["record"]["partial"] is False
    except (OSError, ValueError, KeyError, TypeError):
        return False
