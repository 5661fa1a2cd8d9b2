"""What must not matter does not: the unit of time, the numbers of rows, and what engines have no business to
read.
"""

import numpy as np
import pytest

from sim.engine import ENGINES, run
from sim.tables import ALWAYS
from tests.worlds import change, columns, facts, random_world, repr_world
from tests.worlds import world as make

WORLDS = 300
BY_TYPE = ("urgency", "allowance", "within", "merge_odds", "duplicate_effort")
PER_CONTACT = ("arrived", "begun", "ended", "agent", "fate")

laws = pytest.mark.parametrize("engine", ENGINES)


def worlds(seed, **shape):
    rng = np.random.default_rng(seed)
    return rng, (random_world(rng, **shape) for _ in range(WORLDS))


def both(one, other):
    """Two lines to paste into a test."""
    return f"\n{repr_world(one)}\n{repr_world(other)}"


def stretched(times, by):
    return np.where(np.asarray(times) < 0, -1, np.asarray(times) * by)


@laws
def test_a_world_three_times_as_slow_has_the_same_outcome_three_times_as_late(engine):
    _, drawn = worlds(0, plain_factors=True)
    for world in drawn:
        given = columns(world)
        names = (
            "time",
            "effort",
            "patience",
            "start",
            "end",
            "after",
            "allowance",
            "within",
            "duplicate_effort",
            "horizon",
        )
        slow = {name: stretched(given[name], 3) for name in names}
        slow["horizon"] = int(slow["horizon"])
        slow["lines"] = world.routing.lines * [3, 1, 1]
        slower = change(world, **slow)
        expected, got = run(world, engine), run(slower, engine)
        for name in ("arrived", "begun", "ended", "joined", "left"):
            assert getattr(got, name).tolist() == stretched(getattr(expected, name), 3).tolist(), both(
                world, slower
            )
        assert got.agent.tolist() == expected.agent.tolist(), both(world, slower)


@laws
def test_renumbered_types_groups_teams_channels_reasons_and_questions_change_nothing(engine):
    rng, drawn = worlds(1)
    for world in drawn:
        routing = world.routing
        groups, types = routing.push.shape
        teams, channels = (
            len(routing.crowding),
            1 + int(max(routing.channel.max(initial=0), routing.lines[:, 1].max(initial=0))),
        )
        sizes = (groups, types, teams, channels, len(routing.odds), world.workload.n)
        new_group, new_type, new_team, new_channel, new_reason, new_question = map(rng.permutation, sizes)
        old_group, old_type, old_team, old_reason = map(
            np.argsort, (new_group, new_type, new_team, new_reason)
        )
        lines = routing.lines.copy()
        lines[:, 1] = new_channel[lines[:, 1]]
        renumbered = change(
            world,
            type=new_type[world.workload.type],
            group=new_group[world.roster.group],
            team=new_team[world.roster.team],
            channel=new_channel[routing.channel[old_type]],
            crowding=routing.crowding[old_team],
            odds=routing.odds[:, [*old_team, teams]][old_reason],
            reason=np.append(new_reason, -1)[world.workload.reason],
            question=new_question[world.workload.question],
            lines=lines,
            **{
                name: getattr(routing, name)[old_group][:, old_type]
                for name in ("push", "pull", "after", "pace")
            },
            **{name: getattr(routing, name)[old_type] for name in BY_TYPE},
        )
        assert facts(run(renumbered, engine)) == facts(run(world, engine)), both(world, renumbered)


@laws
def test_renumbered_agents_do_the_same_under_their_new_numbers(engine):
    rng, drawn = worlds(2)
    for world in drawn:
        new = rng.permutation(world.roster.agents)
        old = np.argsort(new)
        renumbered = change(
            world,
            agent=new[world.roster.agent],
            **{name: getattr(world.roster, name)[old] for name in ("team", "group", "slots")},
        )
        expected = facts(run(world, engine))
        expected["agent"] = [-1 if agent < 0 else int(new[agent]) for agent in expected["agent"]]
        assert facts(run(renumbered, engine)) == expected, both(world, renumbered)


@laws
def test_case_and_label_are_nothing_to_an_engine(engine):
    _, drawn = worlds(3)
    for world in drawn:
        work = world.workload
        # Bystanders' posts keep a case of their own: that is what they are.
        other = change(world, case=1000 - work.case, label=np.arange(work.n))
        assert facts(run(other, engine)) == facts(run(world, engine)), both(world, other)


@laws
def test_what_is_left_out_is_a_world_without_repeats_in_which_everybody_comes(engine):
    _, drawn = worlds(6)
    for world in drawn:
        plain = change(
            world, merge_odds=0, odds=np.full_like(world.routing.odds, ALWAYS), chance=world.workload.chance
        )
        given = columns(plain)
        bare = {
            name: given[name]
            for name in given
            if name not in ("question", "reason", "chance", "merge", "merge_odds", "odds")
        }
        assert facts(run(make(**bare), engine)) == facts(run(plain, engine)), repr_world(plain)


@laws
def test_agents_and_contacts_that_can_never_meet_do_not_disturb_each_other(engine):
    """A second hub beside the first, with types, groups, teams and channels of its own, changes nothing in
    the first.
    """
    _, drawn = worlds(4)
    previous = random_world(np.random.default_rng(5))
    for world in drawn:
        joint, first = beside(world, previous)
        got, expected = run(joint, engine), facts(run(world, engine))
        for name in PER_CONTACT:
            assert getattr(got, name)[first].tolist() == expected[name], both(world, joint)
        segments = world.roster.segments
        assert got.joined[:segments].tolist() == expected["joined"], both(world, joint)
        assert got.left[:segments].tolist() == expected["left"], both(world, joint)
        previous = world


def beside(one, other):
    """(both hubs in one world under the first one's horizon and freshness, the rows there of the first one's
    contacts)
    """
    a, b = columns(one), columns(other)
    (groups, types), teams, agents = one.routing.push.shape, len(one.routing.crowding), one.roster.agents
    channels = 1 + int(max(one.routing.channel.max(initial=0), one.routing.lines[:, 1].max(initial=0)))
    contacts = one.workload.n
    reasons = len(one.routing.odds)
    for name, by in (
        ("type", types),
        ("group", groups),
        ("team", teams),
        ("agent", agents),
        ("channel", channels),
        ("question", contacts),
        ("case", contacts),
    ):
        b[name] = [value + by for value in b[name]]
    b["reason"] = [reason if reason < 0 else reason + reasons for reason in b["reason"]]
    b["parent"] = [parent if parent < 0 else parent + contacts for parent in b["parent"]]
    b["lines"] = [[time, channel + channels, limit] for time, channel, limit in b["lines"]]
    per_contact = (
        "time",
        "case",
        "question",
        "type",
        "label",
        "effort",
        "patience",
        "parent",
        "trigger",
        "reason",
        "chance",
        "merge",
    )
    per_row = ("team", "group", "slots", "agent", "start", "end", "channel", *BY_TYPE, "lines")
    joint = {name: a[name] + b[name] for name in (*per_contact, *per_row)}
    # Contacts from outside come first, by time, and latent ones after their parents: a stable sort keeps each
    # hub's order.
    latent = np.array(joint["parent"], int) >= 0
    order = np.lexsort((np.where(latent, 0, joint["time"]), latent))
    row_of = np.argsort(order)
    joint["parent"] = [parent if parent < 0 else int(row_of[parent]) for parent in joint["parent"]]
    for name in per_contact:
        joint[name] = [joint[name][row] for row in order]
    for name, missing in (("push", -1), ("pull", 0), ("after", 0), ("pace", 1000)):
        block = np.full(np.add(one.routing.push.shape, other.routing.push.shape), missing)
        block[:groups, :types], block[groups:, types:] = a[name], b[name]
        joint[name] = block
    odds = np.full((reasons + len(other.routing.odds), teams + len(other.routing.crowding) + 1), ALWAYS)
    odds[:reasons, [*range(teams), -1]], odds[reasons:, teams:] = one.routing.odds, other.routing.odds
    joint["odds"] = odds
    width = max(one.routing.crowding.shape[1], other.routing.crowding.shape[1])
    joint["crowding"] = [row + row[-1:] * (width - len(row)) for row in a["crowding"] + b["crowding"]]
    joint |= {
        "agents": agents + other.roster.agents,
        "horizon": a["horizon"],
        "fresh_first": a["fresh_first"],
    }
    return change(one, **joint), row_of[:contacts]
