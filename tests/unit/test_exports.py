"""The five names that `sim` exports: lazily, and none of them hides a module."""

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

import sim

# What takes long to load, by its top package.
HEAVY = {"numpy", "numba", "scipy", "pydantic", "ruamel", "simpy", "matplotlib", "click", "duckdb", "jinja2"}


def beside(package: str) -> set[str]:
    """The modules and packages in a package."""
    return {module.name for module in iter_modules(import_module(package).__path__)}


def test_the_five_names_that_are_the_architecture_are_exported():
    assert set(sim.__all__) == {"read", "lower", "draw_world", "run", "observe"}
    assert set(sim.__all__) <= set(dir(sim))


@pytest.mark.parametrize("name", sim.__all__)
def test_an_exported_name_is_that_of_no_module_beside_it(name: str):
    value = getattr(sim, name)
    assert value.__name__ == name
    home = import_module(value.__module__)
    package = value.__module__ if hasattr(home, "__path__") else home.__package__
    assert name not in beside("sim")
    assert name not in beside(package)


@pytest.mark.parametrize("name", sim.__all__)
def test_an_exported_name_is_the_one_of_its_module(name: str):
    value = getattr(sim, name)
    assert getattr(import_module(value.__module__), name) is value


def test_importing_sim_loads_nothing_heavy():
    code = "import sys, sim; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not HEAVY & set(loaded.split())


def test_a_name_that_is_not_exported_is_refused():
    with pytest.raises(AttributeError, match="has no attribute 'simulate'"):
        _ = sim.simulate  # type: ignore[attr-defined]
