"""The compiled engine as plain Python (NUMBA_DISABLE_JIT): an index out of bounds raises, and every line can
be counted.
"""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import coverage
import numpy as np
import pytest

from sim.engine import run
from sim.tables import World
from tests.equivalence.test_small_worlds import PLANES
from tests.worlds import facts, random_world, repr_world, world

ROOT = Path(__file__).parents[2]
RANDOM, EVERY = 600, 60  # so many random worlds, and one in so many of the small ones


def worlds() -> Iterator[World]:
    rng = np.random.default_rng(2026)
    for _ in range(RANDOM):
        yield random_world(rng)
    for plane in PLANES:
        yield from (make() for make in islice(plane(), 0, None, EVERY))
    yield world(time=[0, 1], parent=[-1, 0], trigger=[0, 4], question=[9, 9])  # numbers beyond those of rows


def play_uncompiled() -> None:
    """In a process of its own: compares the engines world by world, prints what of the compiled one was never
    reached.
    """
    watch = coverage.Coverage(
        data_file=None, branch=True, include=["*/sim/engine/compiled.py"], config_file=False
    )
    watch.start()
    from sim.engine import compiled

    assert not hasattr(compiled.play, "signatures"), "it is compiled"
    column = np.arange(3)
    assert column[compiled.u(2)] == 2
    for row in (-1, np.int64(-1), np.int32(-1), 3):  # none counts from the end
        with pytest.raises((IndexError, OverflowError)):
            column[compiled.u(row)]
    warnings.simplefilter("error")
    for some in worlds():
        assert facts(run(some, "compiled")) == facts(run(some, "simpy")), repr_world(some)
    watch.stop()
    watch.json_report(outfile="-")


@pytest.fixture(scope="module")
def functions():
    """What all these worlds together leave out of each function, but for those that only numba runs, or that
    run numba.
    """
    play = f"from {__name__} import play_uncompiled; play_uncompiled()"
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", play], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (report,) = json.loads(done.stdout)["files"].values()
    numbas = {"compiled", "_fetch", "_fetch.generate", "soon_compiled", "soon_compiled.implementation"}
    assert {"play", "contact_for", "lay_out", *numbas} <= set(report["functions"])
    return {name: found for name, found in report["functions"].items() if name not in numbas}


def test_uncompiled_it_goes_as_the_reference_engine_and_these_worlds_reach_every_line(functions):
    assert {name: found["missing_lines"] for name, found in functions.items() if found["missing_lines"]} == {}


def test_these_worlds_take_every_branch_both_ways(functions):
    assert {
        name: found["missing_branches"] for name, found in functions.items() if found["missing_branches"]
    } == {}
