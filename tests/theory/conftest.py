"""The engine under test: `pytestmark = pytest.mark.usefixtures("engine")` runs a module's tests on every
engine, and on the compiled one at two lengths.
"""

import pytest

from tests.theory import queues

LENGTHS = (
    pytest.param(("simpy", 1), id="simpy", marks=pytest.mark.slow),
    pytest.param(("compiled", queues.PART), id="compiled"),
    pytest.param(("compiled", 1), id="compiled, long", marks=pytest.mark.long),
)


@pytest.fixture(params=LENGTHS)
def engine(request, monkeypatch):
    """Each in turn; the compiled one sees half a percent in the long tests, and two in the others."""
    name, part = request.param
    monkeypatch.setattr(queues, "ENGINE", name)
    monkeypatch.setattr(queues, "PART", part)
    return name
