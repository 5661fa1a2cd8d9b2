"""Workload W2 as a user of SimPy would write it.

    python simpy_hub.py FOLDER

A customer is a process, idle agents lie in a store, and patience is a race.  FOLDER holds the arrays that
sim/bench/w2.py describes.  The program prints, as JSON, the number of contacts, the share that abandoned, the
mean wait in ms of those that were served, and the CPU seconds it took.  Events of one millisecond happen in
the order in which SimPy comes to them, not in that of the engine's contract.
"""

import json
import sys
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import simpy

NEVER = -1
Process = Generator[simpy.Event, object, None]


class Agent:
    """An agent and the types of contact it answers."""

    def __init__(self, types: list[int]) -> None:
        self.types = frozenset(types)
        self.on_duty = False
        self.talking = False


class Hub:
    """Customers, the agents they wait for, and the agents' shifts."""

    def __init__(self, folder: Path) -> None:
        def numbers(name: str, size: int) -> list[int]:
            return list(map(int, np.fromfile(folder / name, f"<i{size}")))

        self.arrivals, self.efforts, self.patiences = (
            numbers(f"{name}.i8", 8) for name in ("arrive", "effort", "patience")
        )
        self.types = numbers("type.i4", 4)
        agents, _, skills = numbers("shape.i4", 4)
        skill = numbers("skill.i4", 4)
        self.agents = [Agent(skill[row * skills : (row + 1) * skills]) for row in range(agents)]
        self.duties = list(
            zip(
                numbers("duty_time.i8", 8),
                numbers("duty_turn.i4", 4),
                numbers("duty_agent.i4", 4),
                strict=True,
            )
        )
        self.begun: list[float] = [NEVER] * len(self.arrivals)

    def play(self) -> None:
        """Runs the whole workload."""
        self.env = simpy.Environment()
        self.idle = simpy.FilterStore(self.env)
        self.env.process(self.shifts())
        self.env.process(self.customers())
        self.env.run()

    def customers(self) -> Process:
        """Customers come, one after the other."""
        env = self.env
        for row, arrival in enumerate(self.arrivals):
            yield env.timeout(arrival - env.now)
            env.process(self.customer(row, self.types[row]))

    def customer(self, row: int, kind: int) -> Process:
        """A customer waits for an agent who can help, until patience runs out."""
        env, idle = self.env, self.idle
        answer = idle.get(lambda agent: kind in agent.types)
        yield answer | env.timeout(self.patiences[row])
        if not answer.triggered:
            answer.cancel()
            return
        agent: Agent = answer.value  # type: ignore[assignment]  # SimPy knows no type of what a store holds
        agent.talking = True
        self.begun[row] = env.now
        yield env.timeout(self.efforts[row])
        agent.talking = False
        if agent.on_duty:
            idle.put(agent)

    def shifts(self) -> Process:
        """Agents join and leave."""
        for moment, joins, row in self.duties:
            yield self.env.timeout(moment - self.env.now)
            agent = self.agents[row]
            agent.on_duty = bool(joins)
            if agent.talking:
                continue
            if agent.on_duty:
                self.idle.put(agent)
            elif agent in self.idle.items:
                self.idle.items.remove(agent)


if __name__ == "__main__":
    hub = Hub(Path(sys.argv[1]))
    start = time.process_time()
    hub.play()
    seconds = time.process_time() - start
    waits = [begun - came for came, begun in zip(hub.arrivals, hub.begun, strict=True) if begun != NEVER]
    abandoned = 1 - len(waits) / len(hub.arrivals)
    print(
        json.dumps(
            {
                "contacts": len(hub.arrivals),
                "abandoned": abandoned,
                "wait": np.mean(waits),
                "seconds": [seconds],
            }
        )
    )
