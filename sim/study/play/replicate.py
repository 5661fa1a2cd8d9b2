"""Replications of one plan, or of several with the same random numbers: drawn, run and observed."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

from sim.draw.world import draw_together, draw_world
from sim.engine import DEFAULT, run, warm
from sim.measure.replication.observation import Observation, observe
from sim.plan import Plan
from sim.study.processes import ended, interrupts_held, started
from sim.study.store.contacts import write_contacts

ALONE = 8  # so few replications are done here before other processes have started
AHEAD = 2  # replications given to a worker at a time: while one is handed in, it runs the next

T = TypeVar("T")
Play = Callable[[int], T]  # one replication


def cores() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def replicate(
    plan: Plan,
    seed: int,
    replications: int,
    surge: float = 1.0,
    engine: str = DEFAULT,
    jobs: int | None = None,
    contacts: Path | None = None,
) -> Iterator[Observation]:
    """The observations of the replications 0, 1, … in this order, each as soon as it is ready.

    contacts: a folder for every contact, None to drop them; raises Unwritten if it cannot be written.
    jobs: the number of processes; None: one for each core.  The results do not depend on it, as a replication
    knows only its own number.  The replications of a worker that dies or fails are run in this process.  So
    is the first one, so that whatever is loaded once is loaded before a worker is made.
    """
    return _played(
        partial(simulate, plan, seed, surge=surge, engine=engine, contacts=contacts),
        replications,
        engine,
        jobs,
    )


def replicate_together(
    plans: Sequence[Plan],
    seed: int,
    replications: int,
    surge: float = 1.0,
    engine: str = DEFAULT,
    jobs: int | None = None,
) -> Iterator[tuple[Observation, ...]]:
    """The observations of each plan in the replications 0, 1, …, as `replicate` yields them for one plan.

    The plans have the same random numbers: where demand is equal, the customers are the same.
    """
    return _played(
        partial(simulate_together, tuple(plans), seed, surge=surge, engine=engine), replications, engine, jobs
    )


def simulate(
    plan: Plan, seed: int, replication: int, surge: float, engine: str, contacts: Path | None = None
) -> Observation:
    """The observation of one replication, drawn and run."""
    world = draw_world(plan, seed, replication, surge)
    outcome = run(world, engine)
    if contacts is not None:
        write_contacts(world, outcome, plan.lens, contacts, replication)
    return observe(world, outcome, plan.lens)


def simulate_together(
    plans: Sequence[Plan], seed: int, replication: int, surge: float, engine: str
) -> tuple[Observation, ...]:
    """The observations of one replication of each plan."""
    worlds = draw_together(plans, seed, replication, surge)
    return tuple(
        observe(world, run(world, engine), plan.lens) for plan, world in zip(plans, worlds, strict=True)
    )


def _played(play: Play[T], replications: int, engine: str, jobs: int | None) -> Iterator[T]:
    with interrupts_held():  # what is compiled or loaded must not be left half-way
        warm(engine)
    jobs = cores() if jobs is None else jobs
    numbers = range(replications)
    if jobs == 1 or replications <= ALONE:
        yield from map(play, numbers)
    else:
        yield play(0)
        yield from _shared(play, numbers[1:], jobs)


def _shared(play: Play[T], numbers: range, jobs: int) -> Iterator[T]:
    """The replications in order; whichever worker is free runs the next.

    Each worker has a pipe of its own, so that none that dies can leave a lock taken or a message torn.
    """
    workers: dict[Connection, BaseProcess] = {}
    playing: dict[Connection, deque[int]] = {}  # which replications, in order
    finished: dict[int, T] = {}
    following = iter(numbers)

    def give(pipe: Connection, most: int) -> None:
        for replication in islice(following, most):
            playing[pipe].append(replication)
            with suppress(BrokenPipeError):  # it died: its answer is an end of file
                pipe.send(replication)

    def hire() -> None:
        try:
            pipe, process = started(_work, play)
        except OSError:  # the system allows no more processes: the others go on, or this one
            return
        workers[pipe], playing[pipe] = process, deque()
        give(pipe, AHEAD)

    try:
        for _ in range(min(jobs, len(numbers))):
            hire()
        for replication in numbers:
            while replication not in finished:
                if not workers:
                    finished |= {alone: play(alone) for alone in islice(following, 1)}
                    continue
                for pipe in wait([pipe for pipe in playing if playing[pipe]]):
                    assert isinstance(pipe, Connection)
                    try:
                        finished[playing[pipe][0]] = pipe.recv()
                        playing[pipe].popleft()
                        give(pipe, 1)
                    except (EOFError, OSError):
                        ended(pipe, workers.pop(pipe))
                        finished |= {lost: play(lost) for lost in playing.pop(pipe)}
                        hire()
            yield finished.pop(replication)
    finally:
        for pipe, process in workers.items():
            ended(pipe, process)


def _work(pipe: Connection, play: Play[object]) -> None:
    """Runs replications until the other end is closed.

    One that fails here is run again in the process that asked for it, and raises there.
    """
    while True:
        pipe.send(play(pipe.recv()))
