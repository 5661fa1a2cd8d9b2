"""The engine under test: `pytestmark = pytest.mark.usefixtures("engine")` runs a module's tests on every
engine.
"""

import pytest

from sim.engine import ENGINES
from tests.theory import queues


@pytest.fixture(
    params=[pytest.param(engine, marks=[pytest.mark.slow] * (engine == "compiled")) for engine in ENGINES]
)
def engine(request, monkeypatch):
    """Each in turn; the compiled one runs so long that it sees half a percent."""
    monkeypatch.setattr(queues, "ENGINE", request.param)
    return request.param
