"""Every contact of every replication, on disk, for --keep contacts."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.plan import DIMENSIONS, Lens
from sim.study.store.files import CONTACTS, parquet
from sim.tables import NEVER, Fate, Outcome, Trigger, World


class Unwritten(OSError):
    """Raised where contacts cannot be written."""


def write_contacts(world: World, outcome: Outcome, lens: Lens, folder: Path, replication: int) -> None:
    """Writes one row for each contact to `folder`/<replication>.parquet; raises Unwritten.

    Latent contacts that never came are rows too.  Times are ms from the start, -1 for none; `contact`,
    `parent` and `agent` are rows of the world; `reason` names what decides whether a contact comes, "" if
    nothing does.
    """
    work, labels = world.workload, lens.labels[world.workload.label]
    team = np.where(outcome.agent >= 0, np.append(world.roster.team, NEVER)[outcome.agent], NEVER)
    columns: dict[str, NDArray[Any]] = {
        "replication": np.full(work.n, replication, np.int32),
        "contact": np.arange(work.n, dtype=np.int32),
        "case": work.case,
        "question": work.question,
        "parent": work.parent,
        "trigger": np.array([trigger.name for trigger in Trigger])[work.trigger],
        "reason": np.array([*lens.reasons, ""])[work.reason],
        **{name: np.array(lens.names(name))[labels[:, row]] for row, name in enumerate(DIMENSIONS)},
        "arrived": outcome.arrived,
        "begun": outcome.begun,
        "ended": outcome.ended,
        "fate": np.array([fate.name for fate in Fate])[outcome.fate],
        "team": np.array([*lens.teams, ""])[team],
        "agent": outcome.agent,
        "effort": work.effort,
        "patience": work.patience,
    }
    try:
        parquet(columns, _file(folder, replication), {})
    except OSError as error:
        raise Unwritten(*error.args) from error


@contextmanager
def contacts_folder(beside: Path) -> Iterator[Path]:
    """A folder for contacts next to that of the results, removed when the block ends."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{beside.name}-{CONTACTS}-", dir=beside.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def move_contacts(folder: Path, to: Path, finished: int) -> None:
    """Moves the contacts of the finished replications into the results; workers may have run more of them."""
    (to / CONTACTS).mkdir()
    for replication in range(finished):
        file = _file(folder, replication)
        file.rename(to / CONTACTS / file.name)


def _file(folder: Path, replication: int) -> Path:
    return folder / f"{replication:05}.parquet"
