"""Many events of one plan: drawn, run and counted, each by itself."""

import os
import signal
import sys
from collections.abc import Iterator

from sim.draw.world import draw
from sim.engine import run
from sim.measure.tally import Tally, tally
from sim.measure.timeline import Timeline, timeline
from sim.scenario.plan import Plan

# A forked worker has everything loaded; elsewhere than on Linux a fork is not safe, and a worker loads it anew.
START = "fork" if sys.platform == "linux" else "spawn"
ALONE = 8  # so few replications are done here before other processes have started

Event = tuple[Tally, Timeline]


def replicate(plan: Plan, seed: int, replications: int, surge: float = 1.0, engine: str = "simpy") -> Iterator[Event]:
    """The tally and the timeline of replications 0, 1, …, in this order, each as soon as it is there.

    On several cores in as many processes.  The results do not depend on how many: an event knows only its own number.  A
    worker that dies loses its event, which is then done here.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores == 1 or replications <= ALONE:
        for replication in range(replications):
            yield event(plan, seed, replication, surge, engine)
        return
    from multiprocessing import get_context

    from pebble import ProcessExpired, ProcessPool

    with ProcessPool(min(cores, replications), initializer=_leave_interrupts, context=get_context(START)) as pool:
        futures = [pool.schedule(event, (plan, seed, replication, surge, engine)) for replication in range(replications)]
        try:
            for replication, future in enumerate(futures):
                try:
                    yield future.result()
                except ProcessExpired:
                    yield event(plan, seed, replication, surge, engine)
        finally:
            pool.stop()  # type: ignore[no-untyped-call]


def event(plan: Plan, seed: int, replication: int, surge: float, engine: str) -> Event:
    """One replication, from dice to counts."""
    world = draw(plan, seed, replication, surge)
    outcome = run(world, engine)
    return tally(world, outcome, plan.lens), timeline(world, outcome, plan.lens)


def _leave_interrupts() -> None:
    """A worker leaves Ctrl-C to the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
