"""Tiny worlds: built by hand from the columns that matter, or drawn at random with times in 0–12 so that ties
happen.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from sim.tables import ALWAYS, Outcome, Playbook, Roster, Routing, Trigger, Workload, World, heads

TABLES = ("workload", "roster", "routing", "playbook")


def world(
    time: Any = (),
    type: Any = 0,
    effort: Any = 1,
    patience: Any = -1,
    parent: Any = -1,
    case: Any = None,
    label: Any = 0,
    trigger: Any = None,
    question: Any = None,
    reason: Any = -1,
    chance: Any = 0,
    merge: Any = 0,
    agents: int | None = None,
    team: Any = 0,
    group: Any = 0,
    slots: Any = 1,
    agent: Any = None,
    start: Any = 0,
    end: Any = None,
    push: Any = 0,
    pull: Any = 0,
    after: Any = 0,
    pace: Any = 1000,
    urgency: Any = 0,
    allowance: Any = 0,
    within: Any = -1,
    channel: Any = 0,
    crowding: Any = 1000,
    lines: Any = (),
    fresh_first: bool = False,
    horizon: int = 1000,
    merge_odds: Any = 0,
    duplicate_effort: Any = 1,
    odds: Any = None,
) -> World:
    """A world from the columns that matter; a number stands for a whole column, and sizes follow from the
    rest.

    Without a word about them: one agent on duty from 0 to the horizon (any number of `agents` likewise), one
    contact type, one group, one team, one channel, everybody serves everything at pace 1000, nobody abandons,
    effort 1, horizon 1000. A contact with a parent is its follow-up (ON_REPLY), in the case of its parent;
    every contact but a repeat asks a question of its own, none is recognised as a repeat, and all of them
    come.
    """
    contacts = len(time)
    parents = np.broadcast_to(parent, contacts)
    if case is None:
        case = heads(np.where(parents < 0, np.arange(contacts), parents))
    if trigger is None:
        trigger = np.where(parents >= 0, Trigger.ON_REPLY, Trigger.NONE)
    if agents is None:
        agents = max([1, *(len(column) for column in (team, group, slots) if np.ndim(column))])
    if agent is None:
        agent = np.arange(agents)
    segments = len(agent)
    groups = 1 + int(np.max(group, initial=0))
    types = 1 + int(np.max(type, initial=0))
    for array in (push, pull, after, pace):
        groups, types = (max(pair) for pair in zip((groups, types), np.shape(array) or (0, 0), strict=True))
    for column in (urgency, allowance, within, channel, merge_odds, duplicate_effort):
        types = max(types, np.size(column))
    crowding = np.asarray(crowding)
    crowding = np.broadcast_to(
        crowding, (1 + int(np.max(team, initial=0)), 1) if crowding.ndim == 0 else crowding.shape
    )
    if odds is None:
        odds = np.full((1 + int(np.max(reason, initial=-1)), 1 + len(crowding)), ALWAYS)
    return World(
        Workload(
            time=time,
            case=case,
            type=np.broadcast_to(type, contacts),
            label=np.broadcast_to(label, contacts),
            effort=np.broadcast_to(effort, contacts),
            patience=np.broadcast_to(patience, contacts),
            parent=parents,
            trigger=np.broadcast_to(trigger, contacts),
            question=question,
            **{
                name: np.broadcast_to(column, contacts)
                for name, column in {"reason": reason, "chance": chance, "merge": merge}.items()
            },
        ),
        Roster(
            team=np.broadcast_to(team, agents),
            group=np.broadcast_to(group, agents),
            slots=np.broadcast_to(slots, agents),
            agent=agent,
            start=np.broadcast_to(start, segments),
            end=np.broadcast_to(max(horizon, 1) if end is None else end, segments),
        ),
        Routing(
            **{
                name: np.broadcast_to(array, (groups, types))
                for name, array in {"push": push, "pull": pull, "after": after, "pace": pace}.items()
            },
            **{
                name: np.broadcast_to(column, types)
                for name, column in {
                    "urgency": urgency,
                    "allowance": allowance,
                    "within": within,
                    "channel": channel,
                    "merge_odds": merge_odds,
                    "duplicate_effort": duplicate_effort,
                }.items()
            },
            crowding=crowding,
            odds=odds,
            lines=lines,
            fresh_first=fresh_first,
        ),
        Playbook(horizon),
    )


def columns(world: World) -> dict[str, Any]:
    """The columns of a world by name, as lists and numbers, such that world(**columns(w)) is w."""
    listed = {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for table in TABLES
        for name, value in vars(getattr(world, table)).items()
    }
    return listed | {"agents": world.roster.agents}


def change(world_: World, **changes: Any) -> World:
    """The same world with other columns."""
    return world(**(columns(world_) | changes))


def repr_world(world_: World) -> str:
    """A line to paste into a test: the call of `world` that makes this world, without the columns that
    defaults give.
    """
    full = columns(world_)
    kept = dict(full)
    for name in full:
        rest = {key: value for key, value in kept.items() if key != name}
        try:
            if columns(world(**rest)) == full:
                kept = rest
        except (ValueError, IndexError, TypeError):  # without it the others do not fit
            continue
    return f"world({', '.join(f'{name}={value!r}' for name, value in kept.items())})"


def facts(outcome: Outcome) -> dict[str, list[int]]:
    """The columns of an outcome as lists, to compare two and to see where they differ."""
    return {name: column.tolist() for name, column in vars(outcome).items()}


def random_world(rng: np.random.Generator, plain_factors: bool = False) -> World:
    """A random world that uses every column, with times in 0–12 and few of everything, so that ties happen.

    plain_factors: every factor is 1000, so that times may be stretched without rounding.
    """
    contacts, agents, groups, teams, types, channels = (int(rng.integers(low, high)) for low, high in
        ((0, 13), (0, 5), (1, 4), (1, 3), (1, 4), (1, 3)))  # fmt: skip
    outside = int(rng.integers(1, contacts + 1)) if contacts else 0
    parent, trigger = np.full(contacts, -1), np.full(contacts, int(Trigger.NONE))
    cases, question = np.arange(contacts), rng.permutation(contacts)
    for row in range(outside, contacts):
        taken = set(zip(parent[outside:row].tolist(), trigger[outside:row].tolist(), strict=True))
        left = [(p, int(t)) for p in range(row) for t in tuple(Trigger)[1:] if (p, int(t)) not in taken]
        parent[row], trigger[row] = left[rng.integers(len(left))]
        own_case = trigger[row] == Trigger.ON_SILENCE and rng.random() < 0.3  # a bystander's post
        if not own_case:
            cases[row] = cases[parent[row]]
            if trigger[row] != Trigger.ON_REPLY:
                question[row] = question[parent[row]]
    span = int(rng.choice([3, 13]))  # half of the worlds are a rush
    delay = rng.integers(1, rng.choice([2, 5]), contacts - outside)
    time = np.concatenate([np.sort(rng.integers(0, span, outside)), delay])
    segments = [(agent, start, end) for agent in range(agents) for start, end in random_duty(rng)]
    order = rng.permutation(len(segments))
    agent, start, end = np.array(segments, int).reshape(-1, 3)[order].T
    per_pair = (groups, types)
    ranked = rng.integers(
        0, 2
    )  # in half of the worlds only deadlines and arrivals decide, so that they tie more often
    rows = int(rng.integers(0, 4))
    lines = np.column_stack(
        [rng.integers(0, 13, rows), rng.integers(0, channels, rows), rng.integers(-1, 5, rows)]
    )
    factors = [1000] if plain_factors else [1000, 500, 1300, 2600, 1]
    reasons = int(rng.integers(0, 3))
    draws = [0, 2, 5, ALWAYS - 1]  # below, between, at and above thresholds
    thresholds = [0, 2, 5, 6, ALWAYS]
    return world(
        time=time,
        type=rng.integers(0, types, contacts),
        effort=rng.integers(1, rng.choice([3, 7]), contacts),
        case=cases,
        patience=rng.choice([-1, 0, 1, 2, 3, 5, 8], contacts),
        parent=parent,
        label=rng.integers(0, 2, contacts),
        trigger=trigger,
        question=question,
        reason=np.where(rng.random(contacts) < 0.5, rng.integers(-1, reasons, contacts), -1),
        chance=rng.choice(draws, contacts),
        merge=rng.choice(draws, contacts),
        merge_odds=rng.choice(thresholds, types),
        duplicate_effort=rng.integers(1, 4, types),
        odds=rng.choice(thresholds, (reasons, teams + 1), p=[0.1, 0.1, 0.1, 0.1, 0.6]),
        agents=agents,
        team=rng.integers(0, teams, agents),
        group=rng.integers(0, groups, agents),
        slots=rng.choice([1, 1, 2, 3], agents),
        agent=agent,
        start=start,
        end=end,
        push=rng.choice([-1, 0, 0, 1], per_pair),
        pull=ranked * rng.integers(0, 2, per_pair),
        after=rng.choice([0, 0, 1, 2, 3], per_pair),
        pace=rng.choice(factors, per_pair),
        urgency=ranked * rng.choice([0, 0, 1], types),
        allowance=rng.integers(0, 4, types),
        within=rng.integers(-1, 4, types),
        channel=rng.integers(0, channels, types),
        crowding=rng.choice(factors, (teams, int(rng.integers(1, 4)))),
        lines=lines,
        fresh_first=bool(rng.integers(0, 2)),
        horizon=int(rng.choice([0, 6, 13, 20, 100])),
    )


def random_duty(rng: np.random.Generator) -> list[tuple[int, int]]:
    """Segments (start, end) of one agent in 0–12 that never overlap and often touch."""
    cuts = np.unique(rng.integers(0, 13, int(rng.integers(2, 6)))).tolist()
    return [pair for pair in pairwise(cuts) if rng.random() < 0.8]
