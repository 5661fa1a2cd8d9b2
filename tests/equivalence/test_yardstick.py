"""Both engines against the hand-written loops: the fixed one is an oracle that no engine's author wrote, ours
its twin.
"""

import numpy as np
import pytest

from sim.bench import yardstick
from sim.bench.w2 import make, world
from sim.engine import ENGINES, run
from sim.tables import Fate
from tests.bench import fixed
from tests.bench.test_yardsticks import SHAPES, coarse

pytestmark = fixed.needs_compiler
BUILD = {"ours": yardstick.build, "fixed": fixed.build}


@pytest.fixture(scope="module", params=["ours", pytest.param("fixed", marks=fixed.needs_fixed)])
def loop(request, tmp_path_factory):
    """A yardstick, compiled."""
    return BUILD[request.param](tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("unit", [1, 10_000])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_contact_begins_when_and_with_whom_the_yardstick_says(engine, shape, unit, loop, tmp_path):
    arrays = coarse(make(shape), unit)
    arrays.write(tmp_path)
    begun, agent = fixed.played(loop, tmp_path)
    outcome = run(world(arrays), engine)
    assert np.array_equal(outcome.begun, begun)
    assert np.array_equal(outcome.agent, agent)
    served = outcome.begun >= 0
    assert 0.5 < served.mean() < 1
    assert set(outcome.fate[~served].tolist()) == {Fate.ABANDONED}
