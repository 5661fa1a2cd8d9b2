"""A mechanism at its neutral value is no mechanism: the same bytes as if the file had never heard of it."""

import pytest

from sim.draw.world import draw_world
from sim.engine import ENGINES, run
from sim.plan import Plan
from tests.plans import plan

EVENT = {
    "lasts": "3 d",
    "channels": "{mail: {%s}, phone: {live: true, lines: 2, patience: {mean: 6 min, cv: 1}%s}}",
    "topics": "{info: {handle_time: {mean: 5 min, cv: 0.8}%s}}",
    "demand": "{all: {rate: [[2010-06-07 00:00, 20 / h], [2010-06-10 00:00, 10 / h]], channel: {mail: 60 "
    "%%, phone: 40 %%}%s}}",
    "teams": "{hub: {people: 2, speaks: {nl: 100 %%}, shifts: {always: {hours: 00:00-24:00}}%s}}",
}
HOLES = {"channels": 2, "topics": 1, "demand": 1, "teams": 1}

NEUTRAL = {
    "nobody tries again": {"channels": ("", ", gives_up: {share: 0 %, to: mail, after: 10 min}")},
    "nobody writes again": {"channels": ("writes_again: {share: 0 %, after: 1 h}", "")},
    "nobody joins in": {"channels": ("bystanders: {share: 0 %, after: 1 h}", "")},
    "nothing is recognised": {"channels": ("recognised: 0 %", "")},
    "who would write at night writes all the same": {
        "channels": ("open: 08:00-20:00, closed: {wait: 100 %}", ", open: 08:00-20:00, closed: {wait: 100 %}")
    },
    "nobody helps himself": {"topics": (", self_service: 0 %",)},
    "self-service grows from nothing to nothing": {
        "topics": (", self_service: [[2010-06-07 00:00, 0 %], [2010-06-09 00:00, 0 %]]",)
    },
    "how long repeats take where there are none": {"topics": (", repeat_time: 1 min",)},
    "no contact brings another": {"demand": (", bursts: {share: 0 %, after: 10 min}",)},
    "the end comes when the points say": {
        "ends": "{end: {announced: [2010-06-08 00:00, 2010-06-10 00:00], moved: 100 %, again: {share: 0 %, "
        "after: 1 h}}}",
        "demand": (", until: end",),
    },
    "nobody comes back": {"then": "{info: {topic: info, share: 0 %, after: 1 h, most: 3}}"},
    "lines that stay as they are": {"channels": ("lines: unlimited", "")},
    "nobody is down": {"teams": (", down: []",)},
}


def event(**filled: str | tuple[str, ...]) -> Plan:
    sections = {
        name: text % filled.get(name, ("",) * HOLES[name]) if name in HOLES else text
        for name, text in EVENT.items()
    }
    return plan(**sections | {name: text for name, text in filled.items() if isinstance(text, str)})


def written(some: Plan, replication: int) -> dict[str, bytes]:
    """Every column of the world and of its outcome."""
    world = draw_world(some, 5, replication)
    tables = {"workload": world.workload, "roster": world.roster, "routing": world.routing}
    tables |= {engine: run(world, engine) for engine in ENGINES}
    return {
        f"{name}.{column}": bytes(values)
        for name, table in tables.items()
        for column, values in vars(table).items()
    }


@pytest.fixture(scope="module")
def without() -> list[dict[str, bytes]]:
    return [written(event(), replication) for replication in range(2)]


@pytest.mark.parametrize("filled", NEUTRAL.values(), ids=NEUTRAL)
def test_a_mechanism_at_its_neutral_value_gives_the_same_bytes_as_none(filled, without) -> None:
    assert [written(event(**filled), replication) for replication in range(2)] == without


def test_a_mechanism_that_is_on_does_not() -> None:
    on = event(channels=("", ", gives_up: {share: 50 %, to: mail, after: 10 min}"))
    assert written(on, 0) != written(event(), 0)
