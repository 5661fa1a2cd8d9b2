"""Many events of one plan, or of several on the same dice: drawn, run and counted, each by itself."""

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
from sim.study.store.contacts import keep_contacts

ALONE = 8  # so few replications are done here before other processes have started
AHEAD = 2  # replications a worker has been given: while one is handed in it plays the next

T = TypeVar("T")
Play = Callable[[int], T]  # one replication


def cores() -> int:
    """How many processors this process may use."""
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
    """What is kept of the replications 0, 1, … in this order, each as soon as it is there; all contacts go to
    disk if asked.

    contacts: the folder for them; without it they are dropped with their world.  Raises Unwritten if it
    cannot be written.

    In as many processes as `jobs` says, or on all cores.  The results do not depend on how many: an event
    knows only its own number.  A worker that dies, or fails, loses its events, which are then done here.  The
    first event of all is done here too, so that whatever is loaded once is there before a worker is made.
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
    """As `replicate`: of every replication what is kept of each plan, on the same dice; equal demand is the
    same customers.
    """
    return _played(
        partial(event_together, tuple(plans), seed, surge=surge, engine=engine), replications, engine, jobs
    )


def simulate(
    plan: Plan, seed: int, replication: int, surge: float, engine: str, contacts: Path | None = None
) -> Observation:
    """One replication, from dice to what is kept of it."""
    world = draw_world(plan, seed, replication, surge)
    outcome = run(world, engine)
    if contacts is not None:
        keep_contacts(world, outcome, plan.lens, contacts, replication)
    return observe(world, outcome, plan.lens)


def event_together(
    plans: Sequence[Plan], seed: int, replication: int, surge: float, engine: str
) -> tuple[Observation, ...]:
    """One replication of each plan."""
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
    """The events of replications in order; whichever worker is free plays the next.

    Each worker has a pipe of its own, so that no death can leave a lock taken or a message of others torn.
    """
    workers: dict[Connection, BaseProcess] = {}
    playing: dict[Connection, deque[int]] = {}  # which replications, in order
    found: dict[int, T] = {}
    following = iter(numbers)

    def give(pipe: Connection, most: int) -> None:
        for replication in islice(following, most):
            playing[pipe].append(replication)
            with suppress(BrokenPipeError):  # it died: then there is an end of file in place of the event
                pipe.send(replication)

    def hire() -> None:
        try:
            pipe, process = started(_work, play)
        except OSError:  # no more processes may be had: those there are play, or this one
            return
        workers[pipe], playing[pipe] = process, deque()
        give(pipe, AHEAD)

    try:
        for _ in range(min(jobs, len(numbers))):
            hire()
        for replication in numbers:
            while replication not in found:
                if not workers:
                    found |= {alone: play(alone) for alone in islice(following, 1)}
                    continue
                for pipe in wait([pipe for pipe in playing if playing[pipe]]):
                    assert isinstance(pipe, Connection)
                    try:
                        found[playing[pipe][0]] = pipe.recv()
                        playing[pipe].popleft()
                        give(pipe, 1)
                    except (EOFError, OSError):
                        ended(pipe, workers.pop(pipe))
                        found |= {lost: play(lost) for lost in playing.pop(pipe)}
                        hire()
            yield found.pop(replication)
    finally:
        for pipe, process in workers.items():
            ended(pipe, process)


def _work(pipe: Connection, play: Play[object]) -> None:
    """Plays until the other end is closed; an event that fails here is played again where it was asked for,
    and told there.
    """
    while True:
        pipe.send(play(pipe.recv()))
