"""Engines: from a world, in which all chance is drawn, to its outcome.

All engines answer to the one contract in docs/engine.md and share nothing but the tables.
"""

from typing import Any, TypeVar

import numpy as np

from sim.tables import Outcome, Playbook, Roster, Routing, Table, Workload, World, columns_of

T = TypeVar("T", bound=Table)

DEFAULT = "compiled"
ENGINES = (DEFAULT, "simpy")


def run(world: World, engine: str = DEFAULT) -> Outcome:
    """What happens in this world: a row for every contact and every segment of duty.

    engine: one of ENGINES; another name raises ValueError.
    Pure: the same world gives the same outcome, whatever the engine and however often.
    """
    if engine not in ENGINES:
        raise ValueError(f"unknown engine {engine!r}: choose from {', '.join(ENGINES)}")
    if engine == "compiled":  # each engine's package is loaded only where that engine runs a world
        from sim.engine import compiled

        return compiled.run(world)
    from sim.engine import reference

    return reference.run(world)


def warm(engine: str = DEFAULT) -> None:
    """Loads, or compiles, what the engine needs to run its first world."""
    run(World(_empty(Workload), _empty(Roster), _empty(Routing), Playbook(horizon=0)), engine)


def _empty(table: type[T]) -> T:
    """The table without a row."""
    columns: dict[str, Any] = {item.name: np.zeros(0, np.int8) for item in columns_of(table)}
    return table(**columns)
