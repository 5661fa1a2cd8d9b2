"""Engines: from a world, where every die is thrown, to its outcome.

All engines answer to the one contract in DESIGN.md and share nothing but the tables.
"""

from sim.tables import Outcome, World

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
