"""Exact identities of every outcome, on random worlds with tiny times; a failing world prints as a line to
paste.
"""

from functools import cache

import numpy as np
import pytest

from sim.engine import ENGINES, run
from sim.measure.replication.cases import NO_TIME, cases, clocks
from sim.tables import ALWAYS, Fate, Trigger
from tests.lenses import lens, promise
from tests.worlds import random_world, repr_world

WORLDS = 300
NEVER_LEFT = 10**9

laws = pytest.mark.parametrize(
    "engine_and_seed",
    [(engine, seed) for engine in ENGINES for seed in range(4)],
    ids=lambda pair: f"{pair[0]}-{pair[1]}",
)


@cache
def outcomes(engine_and_seed, **shape):
    engine, seed = engine_and_seed
    rng = np.random.default_rng(seed)
    worlds = [random_world(rng, **shape) for _ in range(WORLDS)]
    return [(world, run(world, engine)) for world in worlds]


def holds(fact, world):
    assert np.all(fact), repr_world(world)


@laws
def test_every_contact_has_exactly_one_fate_and_its_columns_say_so(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        came, begun, ended = o.arrived >= 0, o.begun >= 0, o.ended >= 0
        expected = {  # came, begun, ended; an open contact waits or is in hand
            Fate.NEVER: ~came & ~begun & ~ended,
            Fate.OPEN: came & ~ended,
            Fate.ANSWERED: came & begun & ended,
            Fate.ABANDONED: came & ~begun & ended,
            Fate.BLOCKED: came & ~begun & ended,
            Fate.MERGED: came & ~begun & ended,
        }
        for fate, columns_say in expected.items():
            holds(columns_say[o.fate == fate], world)
        holds(begun == (o.agent >= 0), world)
        holds(np.bincount(o.fate, minlength=len(Fate)).sum() == world.workload.n, world)


@laws
def test_a_contact_arrives_before_it_begins_before_it_ends_before_the_horizon(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        begun, ended = o.begun >= 0, o.ended >= 0
        holds((o.arrived <= o.begun)[begun], world)
        holds((o.begun < o.ended)[begun & ended], world)
        holds((o.arrived <= o.ended)[ended], world)
        for column in (o.arrived, o.begun, o.ended, o.joined, o.left):
            holds(column < world.playbook.horizon, world)


@laws
def test_everybody_from_outside_whom_the_odds_let_come_comes_at_its_time(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        time, outside = world.workload.time, world.workload.parent < 0
        due = np.where((time < world.playbook.horizon) & lets_come(world, o), time, -1)
        holds((o.arrived == due)[outside], world)


@laws
def test_nobody_waits_longer_than_its_patience_and_who_abandons_waited_exactly_that(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        patience = world.workload.patience
        mortal, begun, abandoned = patience >= 0, o.begun >= 0, o.fate == Fate.ABANDONED
        still_waiting = (o.fate == Fate.OPEN) & ~begun
        holds((o.begun - o.arrived <= patience)[mortal & begun], world)
        holds((o.ended - o.arrived == patience)[abandoned], world)
        holds(mortal[abandoned], world)
        holds((world.playbook.horizon - o.arrived <= patience)[mortal & still_waiting], world)


@laws
def test_a_latent_contact_comes_exactly_its_delay_after_what_brings_it_or_never(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        work, horizon = world.workload, world.playbook.horizon
        latent = np.flatnonzero(work.parent >= 0)
        parent, trigger = work.parent[latent], work.trigger[latent]
        by_fate = {
            Trigger.ON_REPLY: Fate.ANSWERED,
            Trigger.ON_ABANDON: Fate.ABANDONED,
            Trigger.ON_BLOCK: Fate.BLOCKED,
        }
        since = np.where(trigger == Trigger.ON_SILENCE, o.arrived[parent], -1)
        for how, fate in by_fate.items():
            since = np.where((trigger == how) & (o.fate[parent] == fate), o.ended[parent], since)
        due = since + work.time[latent]
        answered = answered_at(world, o)[work.question[latent]]
        comes = (since >= 0) & (due < horizon) & lets_come(world, o)[latent] & (due < answered)
        holds(o.arrived[latent] == np.where(comes, due, -1), world)


@laws
def test_who_is_merged_was_recognised_while_another_contact_of_its_question_was_open(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        work = world.workload
        recognised = work.merge < world.routing.merge_odds[work.type]
        until = np.where(o.ended >= 0, o.ended, NEVER_LEFT)
        for row in np.flatnonzero((o.arrived >= 0) & (o.fate != Fate.BLOCKED) & recognised):
            now, others = o.arrived[row], np.arange(work.n) != row
            same = others & (work.question == work.question[row]) & (o.arrived >= 0) & (o.arrived <= now)
            open_then = same & (
                (until > now) | ((until == now) & (o.fate == Fate.ABANDONED))
            )  # ABANDON goes after RETURN
            # At one instant who came before goes by row, and who was merged or blocked as it came is not
            # open.
            surely = open_then & (o.arrived < now)
            merged = o.fate[row] == Fate.MERGED
            holds(open_then.any() if merged else not surely.any(), world)
        holds((o.arrived == o.ended)[o.fate == Fate.MERGED], world)
        holds(recognised[o.fate == Fate.MERGED], world)


def lets_come(world, o):
    """[n] whether the odds of its reason let each contact come, by the team that replied to its parent if
    that brings it.
    """
    work, teams = world.workload, len(world.routing.crowding)
    replied = np.where(work.trigger == Trigger.ON_REPLY, o.agent[work.parent], -1)
    team = np.where(replied >= 0, np.append(world.roster.team, -1)[replied], teams)
    odds = (
        np.vstack([world.routing.odds, np.full((1, teams + 1), ALWAYS)]) if len(world.routing.odds) else None
    )
    return np.ones(work.n, bool) if odds is None else work.chance < odds[work.reason, team]


def answered_at(world, o):
    """By question when a contact of it was first finished, or NEVER_LEFT."""
    found = np.full(1 + world.workload.question.max(initial=0), NEVER_LEFT)
    done = o.fate == Fate.ANSWERED
    np.minimum.at(found, world.workload.question[done], o.ended[done])
    return found


@laws
def test_the_clocks_of_every_case_are_consistent_with_its_contacts(engine_and_seed):
    names = ("first_reply", "answered", "solved")
    for world, o in outcomes(engine_and_seed):
        look = lens(
            horizon=world.playbook.horizon, labels=[(0, 0, 0, 0), (0, 1, 0, 0)], live=[1],
            promises=[promise(clock, labels=2) for clock in names],
        )  # fmt: skip
        single, histories = cases(world, o, look)
        found = [list(clocks(world, o, look, one, single, histories)) for one in look.promises]
        start, time = (
            [np.concatenate([getattr(some, column) for some in each]) for each in found]
            for column in ("start", "time")
        )
        first, answered, solved = time
        # They start as the first contact of the case comes, all three.
        came, case = o.arrived >= 0, world.workload.case
        begin = np.full(1 + case.max(initial=0), NEVER_LEFT)
        np.minimum.at(begin, case[came], o.arrived[came])
        for each in start:
            holds(each == start[0], world)
        holds(np.sort(start[0]) == np.sort(begin[begin < NEVER_LEFT]), world)
        # No reply is later than the last one, and no case is on the clock for longer than from its start to
        # that.
        holds(first <= answered, world)
        holds(solved <= answered, world)
        holds((solved == NO_TIME) == (answered == NO_TIME), world)
        # They stop with a reply: as an agent begins a call, or answers.
        done = o.fate == Fate.ANSWERED
        holds(np.isin((start[0] + answered)[answered < NO_TIME], o.ended[done]), world)
        holds(
            np.isin(
                (start[0] + first)[first < NO_TIME], np.concatenate([o.begun[o.begun >= 0], o.ended[done]])
            ),
            world,
        )
        # And so many do as have an answer to each question that was asked.
        without = np.unique(case[came & (answered_at(world, o)[world.workload.question] == NEVER_LEFT)])
        holds(np.sum(answered < NO_TIME) == len(np.unique(case[came])) - len(without), world)


@laws
def test_handle_time_is_effort_by_pace_by_crowding_rounded_after_each(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        for c in np.flatnonzero(o.begun >= 0):
            agent, crowding = o.agent[c], world.routing.crowding[world.roster.team[o.agent[c]]]
            pace = int(world.routing.pace[world.roster.group[agent], world.workload.type[c]])
            # At one instant an agent may finish, and then take several: which number the contact was is not
            # told; nor is whether another agent's FINISH of that instant that answers the question came
            # before.
            answered = answered_at(world, o)[world.workload.question[c]]
            duplicate = int(world.routing.duplicate_effort[world.workload.type[c]])
            efforts = [duplicate] * int(answered <= o.begun[c]) + [int(world.workload.effort[c])] * int(
                answered >= o.begun[c]
            )
            possible = set()
            for effort in efforts:
                for factor in crowding.tolist():
                    x = max(1, (effort * pace + 500) // 1000)
                    possible.add(max(1, (x * factor + 500) // 1000))
            end = {int(o.begun[c]) + x for x in possible}
            holds(int(o.ended[c]) in end if o.ended[c] >= 0 else max(end) >= world.playbook.horizon, world)


@laws
def test_the_integral_of_contacts_in_system_is_the_sum_of_their_sojourns(engine_and_seed):
    """Little's law without division; time in hand comes from the efforts that went in, not from what came
    out.
    """
    for world, o in outcomes(engine_and_seed, plain_factors=True):
        horizon = world.playbook.horizon
        came, begun = o.arrived >= 0, o.begun >= 0
        instants = np.arange(horizon)[:, None]
        until = np.where(o.ended >= 0, o.ended, horizon)
        in_system = (came & (o.arrived <= instants) & (instants < until)).sum()
        answered = answered_at(world, o)[world.workload.question]
        efforts = np.where(
            answered < o.begun, world.routing.duplicate_effort[world.workload.type], world.workload.effort
        )
        # Which went first of a begin and an answer of one instant is not told: then it is what it took.
        efforts = np.where(answered == o.begun, np.where(o.ended >= 0, o.ended - o.begun, horizon), efforts)
        in_hand = np.minimum(efforts, horizon - o.begun)[begun].sum()
        waits = (np.where(begun, o.begun, until) - o.arrived)[came].sum()
        holds(in_system == waits + in_hand, world)


@laws
def test_an_agent_never_has_more_in_hand_than_slots(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        until = np.where(o.ended >= 0, o.ended, NEVER_LEFT)
        for agent, slots in enumerate(world.roster.slots):
            mine = o.agent == agent
            for now in o.begun[mine]:
                holds((mine & (o.begun <= now) & (now < until)).sum() <= slots, world)


@laws
def test_nobody_begins_off_duty_but_at_the_last_instant_after_a_finish(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        start, end = world.roster.start, world.roster.end
        for c in np.flatnonzero(o.begun >= 0):
            agent, now = o.agent[c], o.begun[c]
            mine = world.roster.agent == agent
            on_duty = (mine & (start <= now) & (now < end)).any()
            last_instant = (mine & (end == now)).any() and ((o.agent == agent) & (o.ended == now)).any()
            holds(on_duty or last_instant, world)


@laws
def test_segments_are_joined_at_their_start_and_left_at_their_end_unless_the_horizon_comes_first(
    engine_and_seed,
):
    for world, o in outcomes(engine_and_seed):
        roster, horizon = world.roster, world.playbook.horizon
        holds(o.joined == np.where(roster.start < horizon, roster.start, -1), world)
        holds(o.left == np.where(roster.end < horizon, roster.end, -1), world)


@laws
def test_at_the_end_of_no_instant_is_an_able_agent_left_while_a_contact_waits(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        roster, routing = world.roster, world.routing
        begun = np.where(o.begun >= 0, o.begun, NEVER_LEFT)
        ended = np.where(o.ended >= 0, o.ended, NEVER_LEFT)
        left = np.where(o.left >= 0, o.left, NEVER_LEFT)
        for now in range(min(world.playbook.horizon, 60)):
            waiting = np.flatnonzero((o.arrived >= 0) & (o.arrived <= now) & (now < begun) & (now < ended))
            on_duty = roster.agent[(o.joined >= 0) & (o.joined <= now) & (now < left)]
            in_hand = np.bincount(o.agent[(begun <= now) & (now < ended)], minlength=roster.agents)
            free = on_duty[in_hand[on_duty] < roster.slots[on_duty]]
            group, kind = roster.group[free][:, None], world.workload.type[waiting]
            waited = now - o.arrived[waiting]
            able = (routing.push[group, kind] >= 0) & (waited >= routing.after[group, kind])
            holds(not able.any(), world)


@laws
def test_a_channel_takes_in_exactly_what_its_lines_hold(engine_and_seed):
    """Who came while the channel was full was blocked and nobody else; an ABANDON frees no line for that
    instant.
    """
    for world, o in outcomes(engine_and_seed):
        channel = world.routing.channel[world.workload.type]
        rows = np.arange(world.workload.n)
        blocked_as_it_came = (o.fate == Fate.BLOCKED) & (o.ended == o.arrived)
        for c in np.flatnonzero(o.arrived >= 0):
            now = o.arrived[c]
            earlier = (
                (o.arrived >= 0)
                & ((o.arrived < now) | ((o.arrived == now) & (rows < c)))
                & ~blocked_as_it_came
            )
            holding = (o.ended < 0) | (o.ended > now) | ((o.ended == now) & (o.fate == Fate.ABANDONED))
            held = (earlier & holding & (channel == channel[c])).sum()
            rules = [
                (time, row, limit)
                for row, (time, line_of, limit) in enumerate(world.routing.lines.tolist())
                if time <= now and line_of == channel[c]
            ]
            limit = max(rules)[2] if rules else -1
            holds(blocked_as_it_came[c] == (limit >= 0 and held >= limit), world)


@laws
def test_who_is_blocked_while_waiting_goes_when_a_limit_is_set_and_latest_first(engine_and_seed):
    for world, o in outcomes(engine_and_seed):
        channel = world.routing.channel[world.workload.type]
        shed = (o.fate == Fate.BLOCKED) & (o.ended > o.arrived)
        for c in np.flatnonzero(shed):
            now = o.ended[c]
            set_now = [
                row
                for row in world.routing.lines.tolist()
                if row[0] == now and row[1] == channel[c] and row[2] >= 0
            ]
            holds(bool(set_now), world)
            kept = (o.arrived >= 0) & (o.arrived < now) & ~shed & (channel == channel[c])
            kept &= (o.begun > now) | ((o.begun < 0) & ((o.ended < 0) | (o.ended > now)))
            holds(
                ~(
                    kept
                    & (
                        (o.arrived > o.arrived[c])
                        | ((o.arrived == o.arrived[c]) & (np.arange(len(kept)) > c))
                    )
                ),
                world,
            )
