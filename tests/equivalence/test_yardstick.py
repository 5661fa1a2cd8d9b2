"""The reference engine against bench/limit.cpp of the shared folder: an oracle that no engine's author wrote.

The folder is $SURGESIM_BENCH, or ../shared/bench beside the repository.  Without it or without g++ there is nothing to
compare with, and the tests say so by being skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.engine import ENGINES, run
from sim.tables import NEVER, TIME_MAX, Fate
from tests.worlds import world

BENCH = Path(os.environ.get("SURGESIM_BENCH", Path(__file__).resolve().parents[2].parent / "shared" / "bench"))
MISSING = [name for name, there in ((f"{BENCH}/limit.cpp", (BENCH / "limit.cpp").is_file()), ("g++", shutil.which("g++")))
           if not there]  # fmt: skip
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"no yardstick to compare with: {' and '.join(MISSING)} not found")


@pytest.fixture(scope="session")
def limit(tmp_path_factory):
    """The compiled yardstick."""
    program = tmp_path_factory.mktemp("yardstick") / "limit"
    subprocess.run(["g++", "-O2", "-o", program, BENCH / "limit.cpp"], check=True)
    return program


def read(folder, name):
    return np.fromfile(folder / name, f"<{name[-2:]}").astype(np.int64)


def world_of(folder):
    """The yardstick's arrays as a world: agents with the same set of types are one group, everything else is equal."""
    agents, types, _ = read(folder, "shape.i4")
    skill = np.sort(read(folder, "skill.i4").reshape(agents, -1), axis=1)
    skills, group = np.unique(skill, axis=0, return_inverse=True)
    push = np.full((len(skills), types), NEVER)
    np.put_along_axis(push, skills, 0, axis=1)
    duty_time, duty_agent, joins = (
        read(folder, "duty_time.i8"),
        read(folder, "duty_agent.i4"),
        read(folder, "duty_turn.i4") == 1,
    )
    # The n-th leave of an agent ends its n-th segment; duties of one instant go by agent, so segments do too.
    join, leave = (np.lexsort((duty_time[which], duty_agent[which])) for which in (joins, ~joins))
    agent, start, end = duty_agent[joins][join], duty_time[joins][join], duty_time[~joins][leave]
    order = np.lexsort((agent, start))
    return world(
        time=read(folder, "arrive.i8"), type=read(folder, "type.i4"), effort=read(folder, "effort.i8"),
        patience=read(folder, "patience.i8"), agents=int(agents), group=group.ravel(), push=push,
        agent=agent[order], start=start[order], end=end[order], horizon=TIME_MAX,
    )  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "shape",
    [
        {"contacts": 20_000, "agents": 60, "types": 8, "skills": 2, "seed": 2},
        {"contacts": 20_000, "agents": 200, "types": 8, "skills": 3, "seed": 3},
        {"contacts": 20_000, "agents": 6, "types": 3, "skills": 1, "seed": 4},
        {"contacts": 5_000, "agents": 25, "types": 5, "skills": 5, "seed": 5},
        {"contacts": 100_000, "agents": 15, "types": 4, "skills": 2, "seed": 6},
    ],
    ids=lambda shape: "-".join(f"{value}{name[0]}" for name, value in shape.items()),
)
def test_every_contact_begins_when_and_with_whom_the_yardstick_says(engine, shape, limit, tmp_path):
    sizes = [text for name, value in shape.items() for text in (f"--{name}", str(value))]
    subprocess.run([sys.executable, BENCH / "w2.py", tmp_path, *sizes], check=True)
    subprocess.run([limit, tmp_path, "1"], check=True, stdout=subprocess.DEVNULL)
    outcome = run(world_of(tmp_path), engine)
    assert np.array_equal(outcome.begun, read(tmp_path, "begun.i8"))
    assert np.array_equal(outcome.agent, read(tmp_path, "agent.i4"))
    served = outcome.begun >= 0
    assert 0.5 < served.mean() < 1
    assert set(outcome.fate[~served].tolist()) == {Fate.ABANDONED}
