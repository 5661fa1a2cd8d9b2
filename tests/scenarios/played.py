"""Events of the committed scenarios, contact by contact, and what their tests count in them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.draw.world import draw_world
from sim.engine import DEFAULT, run
from sim.plan import DIMENSIONS, Bool, Float, Plan
from sim.scenario.lowering import lower
from sim.scenario.reading import read
from sim.tables import Fate, Outcome, Workload, World

FOLDER = Path(__file__).parents[2] / "scenarios"


def plan_of(name: str, variant: str | None = None, *changes: str) -> Plan:
    """The plan of a committed scenario, perhaps a variant of it, with changes as of `-c`."""
    reading = read(FOLDER / f"{name}.yaml", variant, changes)
    return lower(reading.scenario, reading.resolved)


@dataclass(frozen=True)
class Event:
    """One event; masks are [n] contacts."""

    plan: Plan
    world: World
    outcome: Outcome

    @property
    def work(self) -> Workload:
        """The contacts."""
        return self.world.workload

    @property
    def outside(self) -> slice:
        """Those from outside."""
        return slice(self.work.outside)

    @cached_property
    def came(self) -> Bool:
        """Those that came."""
        return np.asarray(self.outcome.fate != Fate.NEVER)

    def row(self, dimension: str) -> NDArray[np.int32]:
        """[n] the stream, channel, language or topic of each."""
        return self.plan.lens.labels[self.work.label, DIMENSIONS.index(dimension)]

    def on(self, *channels: str) -> Bool:
        """Those that came on these channels."""
        return self.came & np.isin(
            self.row("channel"), [self.plan.lens.channels.index(name) for name in channels]
        )

    def during(self, start: int, end: int) -> Bool:
        """Those that came from start to end, ms."""
        return self.came & (start <= self.outcome.arrived) & (self.outcome.arrived < end)

    @cached_property
    def repeats(self) -> Bool:
        """Those that came and repeat a question."""
        return self.came & self.work.repeats

    @cached_property
    def moved(self) -> Bool:
        """Repeats on another channel than the contact before."""
        channel = self.row("channel")
        return self.repeats & (channel != channel[self.work.parent])


def played(name: str, variant: str | None, size: int, *changes: str) -> list[Event]:
    """The first events of a plan: those of two plans are paired, for they have the same dice."""
    plan = plan_of(name, variant, *changes)
    worlds = (draw_world(plan, 1, replication) for replication in range(size))
    return [Event(plan, world, run(world, DEFAULT)) for world in worlds]


def each(found: list[Event], count: Callable[[Event], float]) -> Float:
    """A figure by event."""
    return np.array([count(event) for event in found], np.float64)
