"""Many events of one plan: drawn, run and counted, each by itself."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from sim.draw.world import draw
from sim.engine import run
from sim.measure.tally import Tally, tally
from sim.measure.timeline import Timeline, timeline
from sim.scenario.plan import Plan

# A forked worker has everything loaded; elsewhere than on Linux a fork is not safe, and a worker loads it anew.
START = "fork" if sys.platform == "linux" else "spawn"
ALONE = 8  # so few replications are done here before other processes have started

Event = tuple[Tally, Timeline]
Play = Callable[[int], Event]  # one replication


def replicate(
    plan: Plan, seed: int, replications: int, surge: float = 1.0, engine: str = "simpy", first: int = 0
) -> Iterator[Event]:
    """The tally and the timeline of so many replications from `first` on, in this order, each as soon as it is there.

    On several cores in as many processes.  The results do not depend on how many: an event knows only its own number.  A
    worker that dies, or fails, loses its event, which is then done here.
    """
    play = partial(event, plan, seed, surge=surge, engine=engine)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    numbers = range(first, first + replications)
    if cores == 1 or replications <= ALONE:
        return map(play, numbers)
    return _shared(play, numbers, cores)


def event(plan: Plan, seed: int, replication: int, surge: float, engine: str) -> Event:
    """One replication, from dice to counts."""
    world = draw(plan, seed, replication, surge)
    outcome = run(world, engine)
    return tally(world, outcome, plan.lens), timeline(world, outcome, plan.lens)


def _shared(play: Play, numbers: range, cores: int) -> Iterator[Event]:
    """The events of replications in order; whichever worker is free plays the next.

    Each worker has a pipe of its own, so that no death can leave a lock taken or a message of others torn.
    """
    workers: dict[Connection, BaseProcess] = {}
    playing: dict[Connection, int] = {}  # which replication
    found: dict[int, Event] = {}
    following = iter(numbers)

    def give(pipe: Connection, replication: int) -> None:
        playing[pipe] = replication
        with suppress(BrokenPipeError):  # it died: then there is an end of file in place of the event
            pipe.send(replication)

    def hire() -> Connection:
        pipe, process = _worker(play)
        workers[pipe] = process
        return pipe

    try:
        for replication in islice(following, cores):
            give(hire(), replication)
        for replication in numbers:
            while replication not in found:
                ready = wait(list(playing))
                for pipe in [pipe for pipe in playing if pipe in ready]:
                    played = playing.pop(pipe)
                    try:
                        found[played] = pipe.recv()
                    except (EOFError, OSError):
                        _end(pipe, workers.pop(pipe))
                        found[played] = play(played)
                        pipe = hire()
                    for further in islice(following, 1):
                        give(pipe, further)
            yield found.pop(replication)
    finally:
        for pipe, process in workers.items():
            _end(pipe, process)


def _worker(play: Play) -> tuple[Connection, BaseProcess]:
    """A new process that plays the replications it is sent, and the pipe to it."""
    context = get_context(START)
    ours, theirs = context.Pipe()
    process: BaseProcess = context.Process(target=_work, args=(theirs, ours, play), daemon=True)  # type: ignore[attr-defined]
    process.start()
    theirs.close()  # so that the pipe ends when the worker does
    return ours, process


def _work(pipe: Connection, other: Connection, play: Play) -> None:
    """Plays until the other end is closed, or gone with the process that held it; Ctrl-C is left to that process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    other.close()
    with suppress(Exception):  # an event that fails here is played again, and its fault told, where it was asked for
        while True:
            pipe.send(play(pipe.recv()))


def _end(pipe: Connection, process: BaseProcess) -> None:
    pipe.close()
    process.kill()
    process.join()
