"""How findings came about: everything needed to get them again, and nothing that differs from one time to the
next.
"""

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
from sim.scenario.consistency import BASE
from sim.scenario.reading import Reading
from sim.study.store.files import RECORD

NAME_MOST = 100  # characters of a folder's name, before the mark
PACKAGES = ("surgesim", "numpy", "numba", "scipy", "simpy")
WITH_VALUE, FLAGS = ("--jobs", "--engine", "--out", "--keep"), ("--json",)  # options that change no finding


@dataclass(frozen=True)
class Run:
    """The dice of a run, how many events it was to play, and how many it has."""

    seed: int
    most: int  # events: so many, or with `precision` or `decide` at most so many
    surge: float = 1.0
    engine: str = DEFAULT
    precision: float | None = None  # half-width of the mean share kept at which to stop
    decide: bool = False  # whether to stop once every verdict is decided
    finished: int = 0
    stopped: str = ""  # why with so many, in words
    partial: bool = False  # whether it was interrupted

    @property
    def bounds(self) -> Bounds:
        """The bounds that decide: with `decide` those that one may look at until they do."""
        return Bounds.SEQUENCE if self.decide else Bounds.FIXED


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
        "most": how.most,
        "stopped": how.stopped,
        "partial": how.partial,
        "precision": how.precision,
        "decide": how.decide,
        "surge": how.surge,
        "engine": how.engine,
        "versions": versions(),
        "command": ["sim", *that_matter(arguments)],
    }


def origin(reading: Reading) -> dict[str, Any]:
    """Where values come from that are kept to be compared with later ones: the scenario, and the versions."""
    return {
        "scenario": reading.scenario.name,
        "variant": reading.variant,
        "resolved": reading.resolved,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """What may change a result: Python, this program and the packages it computes with."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def provenance_of_several(
    names: Sequence[str], first: Reading, how: Run, arguments: Sequence[str]
) -> dict[str, Any]:
    """The record of a study of several plans: what they share with the first; each has a record of
    its own.
    """
    whole = provenance(first, how, arguments)
    return {
        name: value for name, value in whole.items() if name not in ("variant", "changes", "resolved")
    } | {"plans": names}


def that_matter(arguments: Sequence[str]) -> list[str]:
    """The arguments without those that change no finding: how many jobs, which engine, where and how it is
    written.
    """
    kept, words = [], iter(arguments)
    for word in words:
        option, _, joined = word.partition("=")
        if option in WITH_VALUE and not joined:
            next(words, None)
        elif option not in (*WITH_VALUE, *FLAGS):
            kept.append(word)
    return kept


def folder_name(reading: Reading, how: Run) -> str:
    """The folder of a run below its scenario: the variant, and a mark of what else was changed."""
    return _marked(reading.variant or BASE, [*reading.changes, *_surge(how)])


def destination(out: Path, reading: Reading, how: Run) -> Path:
    """The folder for what a run leaves; an interrupted one does not take the place of a finished one."""
    return _free(out / reading.scenario.name / folder_name(reading, how), how)


def destination_of(
    out: Path, study: str, name: str, reading: Reading, how: Run, settings: Sequence[str] = ()
) -> Path:
    """The folder for what a study of several plans leaves, by a name for them; one that is long is cut short,
    and marked.
    """
    changed = [*settings, *reading.changes, *_surge(how), *([name] if len(name) > NAME_MOST else [])]
    return _free(out / reading.scenario.name / study / _marked(name[:NAME_MOST], changed), how)


def _surge(how: Run) -> list[str]:
    return [f"surge={how.surge!r}"] if how.surge != 1 else []


def _marked(name: str, changed: Sequence[str]) -> str:
    """The name, with a short mark of what was changed if anything was."""
    if not changed:
        return name
    mark = hashlib.blake2b("\n".join(changed).encode(), digest_size=4).hexdigest()
    return f"{name}+{mark}"


def _free(folder: Path, how: Run) -> Path:
    if how.partial and _finished(folder):
        return folder.with_name(f"{folder.name}+partial")
    return folder


def _finished(folder: Path) -> bool:
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8"))["record"]["partial"] is False
    except (OSError, ValueError, KeyError, TypeError):
        return False
