"""How findings came about: everything needed to get them again, and nothing that differs from one time to the next."""

import hashlib
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from sim.scenario.read import Reading

BASE = "base"  # the folder of a scenario without a variant
PACKAGES = ("surgesim", "numpy", "scipy", "simpy")


@dataclass(frozen=True)
class Run:
    """The dice and the engine of a run."""

    seed: int
    replications: int  # asked for
    finished: int
    surge: float
    engine: str


def provenance(reading: Reading, how: Run) -> dict[str, Any]:
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
        "partial": how.finished < how.replications,
        "surge": how.surge,
        "engine": how.engine,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "command": ["sim", *sys.argv[1:]],
    }


def folder_name(reading: Reading, how: Run) -> str:
    """The folder of a run below its scenario: the variant, and a mark of what else was changed."""
    name = reading.variant or BASE
    changed = [*reading.changes, *([f"surge={how.surge!r}"] if how.surge != 1 else [])]
    if not changed:
        return name
    mark = hashlib.blake2b("\n".join(changed).encode(), digest_size=4).hexdigest()
    return f"{name}+{mark}"
