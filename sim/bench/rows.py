"""The figures of the benchmark's table: one function for a row or two, and one that yields them all.

A ratio is taken in one run, its two measurements in turn, in CPU time, except where several cores or whole
programs are timed.  The denominator is a yardstick or the same program at another size, never a number of
another day.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sim.bench import crisis, memory, yardstick
from sim.bench.table import (
    AGENTS,
    COMPILED_LIMIT,
    COMPILED_SIMPY,
    CONTACTS,
    EVERYTHING,
    JOBS,
    MEMORY,
    REFERENCE_SIMPY,
    REPLICATION,
    START,
    TYPES,
    Figure,
    LeftOut,
    Row,
    alternate,
    figure,
)
from sim.bench.w2 import Shape, make, world
from sim.draw.world import draw_world
from sim.engine import run
from sim.plan import Plan
from sim.scenario.lowering import lower
from sim.scenario.reading import read
from sim.study.play.replicate import replicate, simulate
from sim.tables import World

W2 = Shape()
MANY_AGENTS = Shape(agents=6000)
MANY_TYPES = Shape(agents=240, types=120, skills=12, groups=80)
MANY_CONTACTS = Shape(contacts=20_000_000)
REPEATS = 5  # of work that takes milliseconds: the fastest counts
SCENARIOS = Path(__file__).parent
IMPORT = "import numpy, numba"
PROGRAM = "from sim.cli import program; program()"


def figures() -> Iterator[Figure | LeftOut]:
    """Every row of the table, in order, as soon as it is measured; a row that lacks a program is left out."""
    with TemporaryDirectory() as folder:
        loop = yardstick.build(Path(folder))
        run(world(make(Shape(contacts=1000))), "compiled")  # compiled, or loaded
        yield from per_simpy(W2)
        if loop is None:
            yield LeftOut(COMPILED_LIMIT, yardstick.COMPILER)
            yield LeftOut(REPLICATION, yardstick.COMPILER)
        else:
            yield per_loop(loop, W2)
            yield replication(loop, W2, w2_plan())
    yield cost(AGENTS, MANY_AGENTS, W2)
    yield cost(CONTACTS, MANY_CONTACTS, W2, rounds=3)
    yield cost(TYPES, MANY_TYPES, W2)
    yield everything_on(W2)
    yield peak_memory(MANY_CONTACTS.contacts) if memory.STATUS.exists() else LeftOut(MEMORY, "Linux")
    yield jobs(w2_plan(), 30)
    yield start()


def per_simpy(shape: Shape, rounds: int = 3) -> Iterator[Figure]:
    """Contacts a second of either engine ÷ those of the SimPy yardstick, all three in turn."""
    with placed(shape) as (made, folder):
        seconds = [
            (played(made), played(made, "simpy", 1), yardstick.play_simpy(folder).pace) for _ in range(rounds)
        ]
    yield figure(COMPILED_SIMPY, [(shape.contacts / compiled, pace) for compiled, _, pace in seconds])
    yield figure(REFERENCE_SIMPY, [(shape.contacts / reference, pace) for _, reference, pace in seconds])


def per_loop(loop: Path, shape: Shape, rounds: int = 9) -> Figure:
    """Contacts a second of the compiled engine ÷ those of the C++ yardstick, on one workload."""
    with placed(shape) as (made, folder):
        return alternate(
            COMPILED_LIMIT,
            rounds,
            lambda: shape.contacts / played(made),
            lambda: yardstick.play_loop(loop, folder, REPEATS).pace,
        )


def replication(loop: Path, shape: Shape, plan: Plan, rounds: int = 9) -> Figure:
    """Seconds a contact of a whole replication (draw, run, observe) ÷ those of the C++ yardstick."""
    contacts = draw_world(plan, 1, 0).workload.n
    with placed(shape) as (_, folder):
        return alternate(
            REPLICATION, rounds,
            lambda: fastest(lambda: simulate(plan, 1, 0, surge=1.0, engine="compiled")) / contacts,
            lambda: 1 / yardstick.play_loop(loop, folder, REPEATS).pace,
        )  # fmt: skip


def cost(row: Row, shape: Shape, than: Shape, rounds: int = 9) -> Figure:
    """Seconds a contact of the compiled engine on one workload ÷ those on another."""
    made, other = world(make(shape)), world(make(than))
    repeats = REPEATS if rounds > REPEATS else 1
    return alternate(
        row,
        rounds,
        lambda: played(made, repeats=repeats) / shape.contacts,
        lambda: played(other) / than.contacts,
    )


def everything_on(shape: Shape, rounds: int = 9) -> Figure:
    """Contacts that came a second with everything on that customers may do ÷ those of the plain workload."""
    arrays = make(shape)
    plain, crowd = world(arrays), crisis.world(arrays, shape)
    came = int(np.count_nonzero(run(crowd, "compiled").arrived >= 0))
    return alternate(EVERYTHING, rounds, lambda: came / played(crowd), lambda: shape.contacts / played(plain))


def peak_memory(contacts: int) -> Figure:
    """Bytes that making and running a world takes at its peak, above import, ÷ its contacts."""
    command = [sys.executable, "-m", memory.__name__, str(contacts)]
    taken = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return figure(MEMORY, [(taken, contacts)])


def jobs(plan: Plan, replications: int, rounds: int = 3) -> Figure:
    """Replications a second with two jobs ÷ those with one."""

    def pace(jobs: int) -> float:
        return replications / elapsed(
            lambda: list(replicate(plan, 1, replications, engine="compiled", jobs=jobs))
        )

    return alternate(JOBS, rounds, lambda: pace(2), lambda: pace(1))


def start(rounds: int = 3) -> Figure:
    """Seconds of `sim run` on a tiny scenario, one replication ÷ those of importing numpy and numba.

    Both are cached.
    """
    # The modules of the package are to be cached too, which this variable would forbid.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with TemporaryDirectory() as out:
        words = ["run", str(SCENARIOS / "tiny.yaml"), "--replications", "1", "--out", out]

        def program() -> None:
            ended = subprocess.run(
                [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, env=environment
            )
            assert "first reply" in ended.stdout, ended.stderr  # its exit code is the verdict

        def modules() -> None:
            subprocess.run([sys.executable, "-c", IMPORT], check=True, env=environment)

        program()  # whatever is cached on disk is there now
        return alternate(START, rounds, lambda: elapsed(program), lambda: elapsed(modules))


def w2_plan() -> Plan:
    """W2 as a planner would write it."""
    reading = read(SCENARIOS / "w2.yaml")
    return lower(reading.scenario, reading.resolved)


@contextmanager
def placed(shape: Shape) -> Iterator[tuple[World, Path]]:
    """A workload as a world, and the folder where the yardsticks find it."""
    arrays = make(shape)
    with TemporaryDirectory() as folder:
        arrays.write(Path(folder))
        yield world(arrays), Path(folder)


def played(made: World, engine: str = "compiled", repeats: int = REPEATS) -> float:
    """CPU seconds of the engine on the world, the fastest of so many runs."""
    return fastest(lambda: run(made, engine), repeats)


def fastest(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """CPU seconds of the work, the fastest of so many."""

    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return min(once() for _ in range(repeats))


def elapsed(work: Callable[[], object]) -> float:
    """Seconds on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
