"""The compiled engine against the reference engine on every world of up to 3 contacts and 2 agents, times
0–2.

All columns at once would be some 10^12 worlds.  So there are planes, 54,500 worlds together: each is every
combination of the columns it names, with the others as `world` gives them, and every column that an engine
reads varies in one of them.  The long tests play them all; the others play one in STEP of them, which with
some random worlds is enough to tell every mutant of test_mutants.py.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations_with_replacement, islice, product

import pytest

from sim.engine import run
from sim.tables import Trigger, World
from tests.worlds import facts, repr_world, world

Small = Callable[[], World]  # makes it: whoever wants some of a plane need not make them all

STEP = 11  # prime, so that no column keeps step with it
LATE = 9  # later than everything but waiting
SEGMENTS = [(0, 1), (0, 2), (0, LATE), (1, 2), (1, LATE), (2, LATE)]
ARRIVALS = [times for contacts in (1, 2, 3) for times in combinations_with_replacement(range(3), contacts)]
THREE = [times for times in ARRIVALS if len(times) == 3]


def duties() -> Iterator[Small]:
    """Who is on duty when, and for how long each contact keeps whom: both agents take everything."""
    for times, first, second in product(ARRIVALS, SEGMENTS, SEGMENTS):
        for effort in product((1, 2), repeat=len(times)):
            start, end = zip(first, second, strict=True)
            yield partial(
                world, time=times, effort=effort, agents=2, agent=[0, 1], start=start, end=end, horizon=LATE
            )


def breaks() -> Iterator[Small]:
    """One agent in two segments that may touch, listed in both orders, or two whose segments are listed
    backwards.
    """
    pairs = [(a, b) for a in SEGMENTS for b in SEGMENTS if a[1] <= b[0]]
    for times, (early, late), backwards, horizon in product(ARRIVALS, pairs, (False, True), range(5)):
        first, second = (late, early) if backwards else (early, late)
        start, end = zip(first, second, strict=True)
        yield partial(
            world, time=times, effort=2, agents=1, agent=[0, 0], start=start, end=end, horizon=horizon
        )


def patiences() -> Iterator[Small]:
    """Who has gone, with one agent on duty or none, before every horizon."""
    for times, segment, horizon in product(ARRIVALS, SEGMENTS, (2, 3, LATE)):
        for patience in product((-1, 0, 1, 2), repeat=len(times)):
            yield partial(
                world,
                time=times,
                effort=2,
                patience=patience,
                agents=1,
                start=segment[0],
                end=segment[1],
                horizon=horizon,
            )


def skills() -> Iterator[Small]:
    """Which agents a contact prefers, and whether they can serve it, for two types and two groups of one
    agent.
    """
    for times, types, push in product(THREE, product((0, 1), repeat=3), product((-1, 0, 1), repeat=4)):
        yield partial(
            world, time=times, type=types, effort=2, group=[0, 1], push=[push[:2], push[2:]], horizon=LATE
        )


def orders() -> Iterator[Small]:
    """Which contacts an agent prefers: urgency, pull, allowance, within and fresh_first for two types."""
    choices = product((0, 1), (0, 1), (0, 1, 2), (-1, 0, 1), (False, True))
    for (urgency, pull, allowance, within, fresh_first), times in product(choices, THREE):
        for types in product((0, 1), repeat=3):
            yield partial(
                world, time=times, type=types, effort=1, start=2, urgency=[urgency, 0], pull=[[0, pull]],
                allowance=[allowance, 0], within=[within, 0], fresh_first=fresh_first, horizon=LATE,
            )  # fmt: skip


def overflows() -> Iterator[Small]:
    """When a second group may take contacts, with patience that ends before, at or after that instant."""
    for times, after, patience in product(THREE, product((0, 1, 2), repeat=2), product((-1, 1, 2), repeat=3)):
        for second in ((0, LATE), (2, LATE)):
            start, end = zip((0, 1), second, strict=True)
            yield partial(
                world,
                time=times,
                effort=2,
                patience=patience,
                group=[0, 1],
                after=[[after[0]], [after[1]]],
                agent=[0, 1],
                start=start,
                end=end,
                horizon=LATE,
            )


def slots() -> Iterator[Small]:
    """Several contacts in hand at once, by one agent and another, and what that costs."""
    for times, count, crowding in product(
        ARRIVALS, product((1, 2, 3), repeat=2), ([1000], [1000, 2000], [2000, 500, 1000])
    ):
        for effort in product((1, 2), repeat=len(times)):
            yield partial(world, time=times, effort=effort, slots=count, crowding=[crowding], horizon=LATE)


def lines() -> Iterator[Small]:
    """A limit that comes, alone or changed a moment later, on a channel that one type or two share."""
    once = [[(time, 0, most)] for time, most in product(range(3), range(3))]
    twice = [[(0, 0, most), (time, 0, then)] for most, time, then in product((-1, 1, 2), (1, 2), (-1, 0, 1))]
    for times, limit, patience in product(THREE, [[], *once, *twice], product((-1, 0, 1), repeat=3)):
        for channel in ([0, 0], [0, 1]):
            yield partial(
                world,
                time=times,
                type=[0, 1, 0],
                effort=2,
                patience=patience,
                lines=limit,
                channel=channel,
                agents=1,
                start=1,
                horizon=LATE,
            )


def follow_ups() -> Iterator[Small]:
    """One or two contacts that come again, at an arrival's instant or a moment later."""
    for first, second, delays in product(range(3), range(3), product((1, 2), repeat=2)):
        for parents, agents, horizon in product(((-1, -1, 0), (-1, -1, 1), (-1, 0, 1)), (1, 2), (3, 5, LATE)):
            outside = [first, max(first, second)][: parents.count(-1)]
            yield partial(
                world,
                time=[*outside, *delays][:3],
                parent=parents,
                effort=[1, 2, 1],
                agents=agents,
                horizon=horizon,
            )


def returns() -> Iterator[Small]:
    """One who comes again and one with a lower row wait together, who came before, after or at once, for a
    second segment.
    """
    for time, delay, allowance, types in product(
        range(4), (1, 2), product((0, 1, 2), repeat=2), product((0, 1), repeat=2)
    ):
        yield partial(
            world,
            time=[0, time, delay],
            parent=[-1, -1, 0],
            type=[0, *types],
            effort=1,
            allowance=allowance,
            agents=1,
            agent=[0, 0],
            start=[0, 4],
            end=[1, LATE],
            horizon=LATE,
        )


def chains() -> Iterator[Small]:
    """One contact and two that it may bring, one by the other or both by it, in every way, at once or a
    moment later.
    """
    ways = tuple(Trigger)[1:]
    for first, second, parent, delays in product(ways, ways, (0, 1), product((1, 2), repeat=2)):
        if parent or first != second:
            for patience, limit, agents, effort in product((-1, 1), (-1, 0, 1), (0, 1), (1, 3)):
                for lines in [[(0, 0, limit)]] if limit >= 0 else [[], [(1, 0, 0)]]:
                    yield partial(
                        world,
                        time=[0, *delays],
                        parent=[-1, 0, parent],
                        trigger=[Trigger.NONE, first, second],
                        effort=effort,
                        patience=patience,
                        lines=lines,
                        agents=agents,
                        horizon=LATE,
                    )


def repeats() -> Iterator[Small]:
    """Two repeats of a question, recognised or not, served before, with or after it, by one agent or two."""
    for delays, types, known, start, effort in product(
        product((1, 2), repeat=2),
        product((0, 1), repeat=3),
        product((0, 3), repeat=2),
        (0, 2),
        product((1, 3), repeat=3),
    ):
        for agents, patience in product((1, 2), (-1, 1)):
            yield partial(
                world,
                time=[0, *delays],
                parent=[-1, 0, 0],
                trigger=[Trigger.NONE, Trigger.ON_SILENCE, Trigger.ON_ABANDON],
                type=types,
                merge=2,
                merge_odds=known,
                effort=effort,
                duplicate_effort=[2, 1],
                urgency=[1, 0],
                start=start,
                agents=agents,
                patience=[patience, -1, -1],
                horizon=LATE,
            )


def odds() -> Iterator[Small]:
    """Who comes by the odds of a reason and of the team that replied, from outside or brought in
    every way.
    """
    for way, chance, team, reason in product(
        tuple(Trigger)[1:], (0, 4, 5), (0, 1), product((-1, 0, 1), repeat=2)
    ):
        for patience, limit, own in product((-1, 1), (-1, 0), (False, True)):
            bystander = own and way == Trigger.ON_SILENCE
            yield partial(
                world,
                time=[0, 1],
                parent=[-1, 0],
                trigger=[Trigger.NONE, way],
                case=[0, int(bystander)],
                reason=reason,
                chance=[chance, chance],
                odds=[[4, 5, 5], [5, 0, 4]],
                team=[0, 1],
                group=[0, 1],
                crowding=[[1000], [1000]],
                push=[[team], [1 - team]],
                patience=[patience, -1],
                start=0 if patience < 0 else 3,
                lines=[(0, 0, limit)] if limit >= 0 else [],
                horizon=LATE,
            )


PLANES = [
    duties,
    breaks,
    patiences,
    skills,
    orders,
    overflows,
    slots,
    lines,
    follow_ups,
    returns,
    chains,
    repeats,
    odds,
]


@pytest.mark.parametrize(
    "every", [pytest.param(STEP, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.long)]
)
@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: plane.__name__)
def test_both_engines_give_every_small_world_the_same_outcome(plane, every):
    for make in islice(plane(), 0, None, every):
        small = make()
        assert facts(run(small, "compiled")) == facts(run(small, "simpy")), repr_world(small)
