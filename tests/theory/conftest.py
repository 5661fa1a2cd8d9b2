"""The engine under test: `pytestmark = pytest.mark.usefixtures("engine")` runs a module's tests on every engine."""

import pytest

from sim.engine import ENGINES
from tests.theory import queues


@pytest.fixture(params=ENGINES)
def engine(request, monkeypatch):
    monkeypatch.setattr(queues, "ENGINE", request.param)
    return request.param
