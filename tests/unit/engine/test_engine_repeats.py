"""The engine's contract where contacts bring others, by hand: one tiny world a rule, each with the outcome
that only it gives.

Columns not named are those of `world`: one agent on duty from 0 to the horizon 1000, effort 1, nobody
abandons.
"""

import pytest

from sim.engine import ENGINES
from sim.engine import run as run_engine
from sim.tables import ALWAYS, DRAW_MAX, Fate, Outcome, Trigger, World
from tests.worlds import world

NEVER, OPEN, ANSWERED, ABANDONED, BLOCKED, MERGED = Fate
NONE, ON_REPLY, ON_ABANDON, ON_BLOCK, ON_SILENCE = Trigger


@pytest.fixture(params=ENGINES)
def run(request):
    def outcome(world_: World) -> Outcome:
        return run_engine(world_, request.param)

    return outcome


# What brings a contact.


def test_who_abandons_comes_again_its_delay_after_its_patience_ended(run):
    o = run(
        world(
            time=[0, 1, 5],
            effort=9,
            patience=[-1, 2, -1],
            parent=[-1, -1, 1],
            trigger=[NONE, NONE, ON_ABANDON],
        )
    )
    assert o.arrived.tolist() == [0, 1, 1 + 2 + 5]
    assert o.fate.tolist() == [ANSWERED, ABANDONED, ANSWERED]


def test_who_is_served_in_the_instant_in_which_patience_ends_does_not_come_again(run):
    o = run(
        world(
            time=[0, 1, 1],
            effort=3,
            patience=[-1, 2, -1],
            parent=[-1, -1, 1],
            trigger=[NONE, NONE, ON_ABANDON],
        )
    )
    assert o.begun.tolist() == [0, 3, -1]
    assert o.fate.tolist() == [ANSWERED, ANSWERED, NEVER]


def test_who_finds_no_line_comes_again_its_delay_later(run):
    o = run(
        world(time=[0, 1, 4], effort=3, lines=[(0, 0, 1)], parent=[-1, -1, 1], trigger=[NONE, NONE, ON_BLOCK])
    )
    assert o.arrived.tolist() == [0, 1, 5]
    assert o.fate.tolist() == [ANSWERED, BLOCKED, ANSWERED]


def test_who_loses_its_line_while_waiting_comes_again_from_then(run):
    o = run(
        world(time=[0, 1, 4], effort=9, lines=[(6, 0, 1)], parent=[-1, -1, 1], trigger=[NONE, NONE, ON_BLOCK])
    )
    assert (o.arrived[1], o.ended[1], o.fate[1]) == (1, 6, BLOCKED)
    assert o.arrived[2] == 6 + 4


@pytest.mark.parametrize("fate", [ABANDONED, BLOCKED, ANSWERED])
def test_of_the_children_of_every_fate_only_that_of_its_own_comes(run, fate):
    columns = {
        ABANDONED: {"patience": [-1, 1, -1, -1, -1]},
        BLOCKED: {"lines": [(0, 0, 1)]},
        ANSWERED: {},
    }[fate]
    o = run(world(time=[0, 0, 9, 9, 9], effort=[3, 1, 1, 1, 1], parent=[-1, -1, 1, 1, 1],
                  trigger=[NONE, NONE, ON_REPLY, ON_ABANDON, ON_BLOCK], **columns))  # fmt: skip
    assert o.fate[1] == fate
    assert (o.arrived[2:] >= 0).tolist() == [fate == ANSWERED, fate == ABANDONED, fate == BLOCKED]


def test_silence_lasts_from_when_the_parent_comes_whatever_becomes_of_it(run):
    silent = {"time": [0, 0, 2], "parent": [-1, -1, 1], "trigger": [NONE, NONE, ON_SILENCE], "effort": 9}
    waits = run(world(**silent))
    abandons = run(world(**silent, patience=[-1, 1, -1]))
    blocked = run(world(**silent, lines=[(0, 0, 1)]))
    assert [o.arrived[2] for o in (waits, abandons, blocked)] == [2, 2, 2]
    assert [o.fate[1] for o in (waits, abandons, blocked)] == [ANSWERED, ABANDONED, BLOCKED]


def test_a_merged_contact_brings_the_next_one_by_silence_too(run):
    o = run(
        world(
            time=[0, 2, 2],
            effort=9,
            parent=[-1, 0, 1],
            trigger=[NONE, ON_SILENCE, ON_SILENCE],
            merge_odds=ALWAYS,
        )
    )
    assert o.fate.tolist() == [ANSWERED, MERGED, MERGED]
    assert o.ended.tolist() == [9, 2, 4]


def test_who_never_came_brings_nobody(run):
    o = run(
        world(
            time=[0, 2], agents=0, parent=[-1, 0], trigger=[NONE, ON_SILENCE], reason=[0, -1], odds=[[0, 0]]
        )
    )
    assert o.fate.tolist() == [NEVER, NEVER]


def test_what_would_come_at_the_horizon_does_not(run):
    o = run(
        world(
            time=[0, 4, 3],
            patience=[1, -1, -1],
            agents=0,
            parent=[-1, 0, 0],
            trigger=[NONE, ON_ABANDON, ON_SILENCE],
            horizon=5,
        )
    )
    assert o.arrived.tolist() == [0, -1, 3]


# Whether it comes at all.


def test_nobody_writes_again_about_what_is_answered_not_even_in_that_instant(run):
    o = run(world(time=[0, 3], effort=3, parent=[-1, 0], trigger=[NONE, ON_SILENCE]))
    assert o.fate.tolist() == [ANSWERED, NEVER]
    later = run(world(time=[0, 3], effort=4, parent=[-1, 0], trigger=[NONE, ON_SILENCE]))
    assert later.arrived.tolist() == [0, 3]


def test_an_answer_to_a_repeat_answers_the_question_of_all_of_them(run):
    # The first waits for a type that nobody serves; its nudge is answered at 3, so the next nudge at 4 does
    # not come.
    o = run(
        world(
            time=[0, 2, 2],
            type=[0, 1, 1],
            push=[[-1, 0]],
            parent=[-1, 0, 1],
            trigger=[NONE, ON_SILENCE, ON_SILENCE],
        )
    )
    assert o.arrived.tolist() == [0, 2, -1]
    assert o.fate.tolist() == [OPEN, ANSWERED, NEVER]


def test_a_bystander_asks_a_question_of_its_own_and_comes_even_if_the_other_is_answered(run):
    o = run(world(time=[0, 5], effort=3, parent=[-1, 0], case=[0, 1], trigger=[NONE, ON_SILENCE]))
    assert o.arrived.tolist() == [0, 5]


@pytest.mark.parametrize(("chance", "comes"), [(0, True), (4, True), (5, False), (DRAW_MAX, False)])
def test_a_contact_comes_if_its_chance_is_below_the_odds_of_its_reason(run, chance, comes):
    o = run(world(time=[2], reason=[0], chance=[chance], odds=[[ALWAYS, 5]]))
    assert o.fate.tolist() == [ANSWERED if comes else NEVER]


@pytest.mark.parametrize(("team", "comes"), [(0, False), (1, True)])
def test_a_follow_up_comes_by_the_odds_of_the_team_that_replied(run, team, comes):
    o = run(
        world(
            time=[0, 2],
            agents=2,
            team=[0, 1],
            group=[0, 1],
            push=[[team], [1 - team]],
            crowding=[[1000], [1000]],
            parent=[-1, 0],
            reason=[-1, 0],
            chance=[0, 7],
            odds=[[7, 8, 0]],
        )
    )
    assert o.agent[0] == team
    assert (o.arrived[1] >= 0) == comes


def test_every_other_trigger_goes_by_the_last_column(run):
    o = run(
        world(
            time=[0, 2],
            patience=[1, -1],
            agents=0,
            parent=[-1, 0],
            trigger=[NONE, ON_ABANDON],
            reason=[-1, 0],
            chance=[0, 7],
            odds=[[0, 8]],
        )
    )
    assert o.arrived.tolist() == [0, 3]


# Repeats.


def test_a_repeat_is_merged_only_while_another_contact_of_its_question_waits_or_is_in_hand(run):
    nudge = {"time": [0, 2], "parent": [-1, 0], "merge_odds": 5, "merge": [0, 4]}
    in_hand = run(world(**nudge, effort=9, trigger=[NONE, ON_SILENCE]))
    waiting = run(world(**nudge, agents=0, trigger=[NONE, ON_SILENCE]))
    gone = run(world(**nudge, agents=0, patience=[1, -1], trigger=[NONE, ON_SILENCE]))
    redial = run(world(**nudge, agents=0, patience=[1, -1], trigger=[NONE, ON_ABANDON]))
    assert [o.fate[1] for o in (in_hand, waiting, gone, redial)] == [MERGED, MERGED, OPEN, OPEN]
    assert (in_hand.arrived[1], in_hand.begun[1], in_hand.ended[1], in_hand.agent[1]) == (2, -1, 2, -1)


def test_who_abandons_in_the_instant_of_its_repeat_still_waits_for_it(run):
    o = run(
        world(
            time=[0, 2],
            agents=0,
            patience=[2, -1],
            parent=[-1, 0],
            trigger=[NONE, ON_SILENCE],
            merge_odds=ALWAYS,
        )
    )
    assert o.fate.tolist() == [ABANDONED, MERGED]


@pytest.mark.parametrize(("merge", "fate"), [(4, MERGED), (5, OPEN)])
def test_a_repeat_is_recognised_if_its_draw_is_below_the_odds_of_its_own_type(run, merge, fate):
    o = run(
        world(
            time=[0, 2],
            type=[0, 1],
            agents=0,
            parent=[-1, 0],
            trigger=[NONE, ON_SILENCE],
            merge=[0, merge],
            merge_odds=[ALWAYS, 5],
        )
    )
    assert o.fate[1] == fate


def test_a_repeat_that_finds_no_line_is_blocked_and_not_merged(run):
    o = run(
        world(
            time=[0, 2],
            effort=9,
            parent=[-1, 0],
            trigger=[NONE, ON_SILENCE],
            merge_odds=ALWAYS,
            lines=[(0, 0, 1)],
        )
    )
    assert o.fate.tolist() == [ANSWERED, BLOCKED]


def test_a_merged_contact_holds_no_line(run):
    o = run(
        world(
            time=[0, 3, 2],
            effort=9,
            parent=[-1, -1, 0],
            trigger=[NONE, NONE, ON_SILENCE],
            merge_odds=ALWAYS,
            lines=[(0, 0, 2)],
        )
    )
    assert o.fate.tolist() == [ANSWERED, ANSWERED, MERGED]


def test_a_contact_from_outside_is_no_repeat(run):
    o = run(world(time=[0, 1], effort=9, merge_odds=ALWAYS))
    assert o.fate.tolist() == [ANSWERED, ANSWERED]


def test_who_begins_after_its_question_was_answered_takes_the_duplicate_effort(run):
    # A nudge of another type is served first; the first contact, taken at 4, then takes 2 in place of 50.
    o = run(world(time=[0, 1], type=[0, 1], effort=[50, 3], urgency=[1, 0], start=[1], parent=[-1, 0],
                  trigger=[NONE, ON_SILENCE], duplicate_effort=[2, 7], agents=1, push=[[0, 0]],
                  after=[[4, 0]]))  # fmt: skip
    assert o.begun.tolist() == [4, 1]
    assert o.ended.tolist() == [4 + 2, 1 + 3]


def test_the_duplicate_effort_is_paced_like_any_other(run):
    o = run(
        world(
            time=[0, 1],
            type=[0, 1],
            effort=[50, 1],
            parent=[-1, 0],
            trigger=[NONE, ON_SILENCE],
            duplicate_effort=4,
            after=[[9, 0]],
            pace=[[1500, 1000]],
        )
    )
    assert o.ended.tolist() == [9 + 6, 2]


def test_who_is_in_hand_when_its_question_is_answered_finishes_as_it_began(run):
    o = run(
        world(
            time=[0, 1],
            effort=[9, 2],
            agents=2,
            parent=[-1, 0],
            trigger=[NONE, ON_SILENCE],
            duplicate_effort=1,
        )
    )
    assert o.ended.tolist() == [9, 3]


def test_a_finish_answers_the_question_before_its_agent_takes_the_next(run):
    o = run(
        world(time=[0, 1], effort=[3, 50], parent=[-1, 0], trigger=[NONE, ON_SILENCE], duplicate_effort=2)
    )
    assert o.begun.tolist() == [0, 3]
    assert o.ended.tolist() == [3, 5]
