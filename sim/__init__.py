"""Does this staffing plan keep its promise in a crisis?

Five names are the architecture; docs/architecture.md opens with a program that uses them.

- read: a scenario's YAML file, checked → Reading
- lower: its names and units as numbers → Plan
- draw_world: a plan, a seed and the number of a replication → World
- run: what happens in that world, on either engine → Outcome
- observe: what a study keeps of it → Observation
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.draw.world import draw_world
    from sim.engine import run
    from sim.measure.replication.observation import observe
    from sim.scenario.lowering import lower
    from sim.scenario.reading import read

__all__ = ["draw_world", "lower", "observe", "read", "run"]

_HOMES = {
    "read": "sim.scenario.reading",
    "lower": "sim.scenario.lowering",
    "draw_world": "sim.draw.world",
    "run": "sim.engine",
    "observe": "sim.measure.replication.observation",
}


def __getattr__(name: str) -> object:
    """An exported name, loaded when it is first used: so `import sim` loads nothing heavy (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
