"""The engine's contract by hand: one tiny world a rule, each with the outcome that only the rule gives.

Columns not named are those of `world`: one agent on duty from 0 to the horizon 1000, effort 1, nobody
abandons.
"""

import pytest

from sim.engine import ENGINES
from sim.engine import run as run_engine
from sim.tables import Fate, Outcome, World
from tests.worlds import facts, world

NEVER, OPEN, ANSWERED, ABANDONED, BLOCKED, MERGED = Fate


@pytest.fixture(params=ENGINES)
def run(request):
    def outcome(world_: World) -> Outcome:
        return run_engine(world_, request.param)

    return outcome


def test_an_unknown_engine_is_refused_with_the_choices():
    with pytest.raises(ValueError, match=r"unknown engine 'warp': choose from compiled, simpy"):
        run_engine(world(), "warp")


# Traces known exactly.


def test_trace_one_agent_arrivals_every_7_service_11_patience_3(run):
    o = run(world(time=[7, 14, 21, 28], effort=11, patience=3))
    assert o.ended.tolist() == [18, 17, 32, 31]
    assert o.fate.tolist() == [ANSWERED, ABANDONED, ANSWERED, ABANDONED]


def test_trace_one_three_one_agents_finish_what_they_have_begun(run):
    o = run(world(time=[0, 0, 0], effort=2, agents=3, start=[0, 1, 1], end=[1000, 2, 2]))
    assert o.ended.tolist() == [2, 3, 3]
    assert o.left.tolist() == [-1, 2, 2]


# Edges of a world.


def test_a_world_without_anything_has_an_outcome_without_rows(run):
    o = run(world(agents=0, horizon=0))
    assert all(column == [] for column in facts(o).values())


def test_with_horizon_0_nothing_happens(run):
    o = run(world(time=[0], horizon=0))
    assert o.fate.tolist() == [NEVER]
    assert o.joined.tolist() == [-1]


def test_what_is_due_at_the_horizon_does_not_happen(run):
    o = run(world(time=[1, 5], effort=4, start=[0], end=[5], horizon=5))
    assert o.arrived.tolist() == [1, -1]
    assert o.fate.tolist() == [OPEN, NEVER]
    assert o.ended.tolist() == [-1, -1]
    assert o.left.tolist() == [-1]


def test_what_is_due_just_before_the_horizon_happens(run):
    o = run(world(time=[1, 5], effort=4, start=[0], end=[5], horizon=6))
    assert o.fate.tolist() == [ANSWERED, OPEN]
    assert o.left.tolist() == [5]


def test_in_hand_at_the_horizon_is_open_and_keeps_begun_and_agent(run):
    o = run(world(time=[1, 2], effort=100, horizon=10))
    assert o.fate.tolist() == [OPEN, OPEN]
    assert o.begun.tolist() == [1, -1]
    assert o.agent.tolist() == [0, -1]


def test_patience_that_ends_at_the_horizon_leaves_the_contact_open(run):
    assert run(world(time=[1], patience=9, agents=0, horizon=10)).fate.tolist() == [OPEN]
    assert run(world(time=[1], patience=8, agents=0, horizon=10)).fate.tolist() == [ABANDONED]


def test_a_segment_that_starts_at_the_horizon_is_never_joined(run):
    o = run(world(agent=[0, 0], start=[9, 10], end=[10, 12], horizon=10))
    assert o.joined.tolist() == [9, -1]
    assert o.left.tolist() == [-1, -1]


def test_times_near_the_largest_allowed_are_exact(run):
    late = 10**15 - 1
    o = run(world(time=[0, late - 10], effort=[1, 10**10], pace=10_000, horizon=10**15))
    assert o.begun.tolist() == [0, late - 10]
    assert o.ended.tolist() == [10, -1]


def test_the_engine_counts_in_whole_numbers_without_overflow(run):
    o = run(world(time=[1], effort=10**10, pace=10_000, crowding=[[10_000]], horizon=10**15))
    assert o.ended.tolist() == [1 + 10**12]


# Turns: what happens first at one instant.


def test_a_finish_at_the_end_of_the_segment_still_takes_a_contact_then_overtime(run):
    o = run(world(time=[0, 1], effort=[5, 3], start=[0], end=[5]))
    assert o.begun.tolist() == [0, 5]
    assert o.ended.tolist() == [5, 8]
    assert o.left.tolist() == [5]


def test_who_has_left_takes_nothing_after_overtime(run):
    o = run(world(time=[0, 1], effort=6, start=[0], end=[5]))
    assert o.begun.tolist() == [0, -1]


def test_a_leave_comes_before_an_arrival_of_that_instant(run):
    assert run(world(time=[5], start=[0], end=[5])).begun.tolist() == [-1]


def test_a_join_comes_before_an_arrival_of_that_instant(run):
    o = run(world(time=[5, 5], effort=9, agents=2, start=[0, 5], end=99))
    assert o.agent.tolist() == [0, 1]


def test_an_agent_that_joins_takes_who_waits_before_an_arrival_of_that_instant_can(run):
    o = run(world(time=[1, 5], start=[5], end=[99], effort=3, type=[0, 1], urgency=[1, 0]))
    assert o.begun.tolist() == [5, 8]


def test_finishes_of_one_instant_go_by_row_of_the_contact(run):
    # Agent 1 has contact 0 in hand, agent 0 contact 1: contact 2 goes to whoever finishes the lower row.
    o = run(world(time=[0, 0, 1], effort=3, agent=[1, 0], start=0, end=99, agents=2))
    assert o.agent.tolist() == [1, 0, 1]


def test_a_finish_comes_before_a_join_of_that_instant(run):
    o = run(world(time=[0, 1], effort=5, agents=2, start=[0, 5], end=99))
    assert o.agent.tolist() == [0, 0]


def test_segments_of_one_instant_are_joined_by_row_of_the_segment(run):
    o = run(world(time=[0, 0], effort=9, agents=2, agent=[1, 0], start=5, end=99))
    assert o.agent.tolist() == [1, 0]


def test_a_touching_segment_is_joined_at_the_instant_of_leaving(run):
    o = run(world(time=[5], agent=[0, 0], start=[0, 5], end=[5, 9]))
    assert o.begun.tolist() == [5]
    assert o.left.tolist() == [5, 9]
    assert o.joined.tolist() == [0, 5]


def test_a_segment_is_left_before_the_next_is_joined_also_if_its_row_is_higher(run):
    o = run(world(time=[6], agent=[0, 0], start=[5, 0], end=[9, 5]))
    assert o.begun.tolist() == [6]


def test_joining_is_a_change_also_at_the_instant_of_leaving(run):
    # Agent 0 has been idle since 0, agent 1 since 2; at 5 agent 0 leaves and joins, so agent 1 is idle
    # longest.
    o = run(world(time=[6], agents=2, agent=[0, 1, 0], start=[0, 2, 5], end=[5, 99, 99]))
    assert o.agent.tolist() == [1]


def test_lines_are_set_before_an_arrival_of_that_instant(run):
    assert run(world(time=[5], lines=[(5, 0, 0)])).fate.tolist() == [BLOCKED]


def test_lines_are_set_after_a_join_of_that_instant_has_emptied_the_queue(run):
    o = run(world(time=[0], start=[5], end=[9], lines=[(5, 0, 0)]))
    assert o.begun.tolist() == [5]


def test_of_two_limits_set_at_one_instant_the_higher_row_counts(run):
    assert run(world(time=[5], lines=[(5, 0, 0), (5, 0, 1)])).fate.tolist() == [ANSWERED]
    assert run(world(time=[5], lines=[(5, 0, 1), (5, 0, 0)])).fate.tolist() == [BLOCKED]


def test_an_arrival_comes_before_a_follow_up_of_that_instant(run):
    o = run(world(time=[0, 5, 4], parent=[-1, -1, 0], effort=[1, 9, 1]))
    assert o.arrived.tolist() == [0, 5, 5]
    assert o.begun.tolist() == [0, 5, 14]


def test_a_finish_frees_a_line_for_an_arrival_of_that_instant(run):
    o = run(world(time=[0, 5], effort=5, lines=[(0, 0, 1)]))
    assert o.fate.tolist() == [ANSWERED, ANSWERED]


def test_an_abandonment_frees_no_line_for_an_arrival_of_that_instant(run):
    o = run(world(time=[0, 5, 6], patience=[5, -1, -1], agents=0, lines=[(0, 0, 1)]))
    assert o.fate.tolist() == [ABANDONED, BLOCKED, OPEN]


def test_an_abandonment_comes_before_an_overflow_of_that_instant(run):
    assert run(world(time=[1], patience=4, after=4)).fate.tolist() == [ABANDONED]
    assert run(world(time=[1], patience=5, after=4)).begun.tolist() == [5]


# Patience.


def test_patience_0_is_served_by_an_agent_that_is_free(run):
    assert run(world(time=[3], patience=0)).fate.tolist() == [ANSWERED]


def test_patience_0_is_served_by_an_agent_that_finishes_or_joins_at_that_instant(run):
    assert run(world(time=[0, 3], patience=0, effort=3)).begun.tolist() == [0, 3]
    assert run(world(time=[3], patience=0, start=[3], end=[9])).begun.tolist() == [3]


def test_patience_0_is_gone_at_once_where_nobody_is_free(run):
    o = run(world(time=[0, 2], patience=0, effort=3))
    assert o.fate.tolist() == [ANSWERED, ABANDONED]
    assert o.ended.tolist() == [3, 2]


def test_an_agent_that_finishes_as_patience_ends_still_takes_the_contact(run):
    assert run(world(time=[0, 1], patience=[-1, 4], effort=5)).begun.tolist() == [0, 5]
    assert run(world(time=[0, 1], patience=[-1, 3], effort=5)).ended.tolist() == [5, 4]


def test_patience_is_over_once_handling_begins(run):
    assert run(world(time=[0], patience=2, effort=9)).ended.tolist() == [9]


# Which agent a contact takes.


def test_a_contact_takes_the_lowest_push_before_the_fewest_in_hand(run):
    o = run(world(time=[0, 1], effort=9, group=[0, 1], slots=[1, 2], push=[[1], [0]]))
    assert o.agent.tolist() == [1, 1]


def test_a_contact_takes_the_fewest_in_hand_before_the_longest_unchanged(run):
    # At 2 agent 0 has one in hand since 0; agent 1 joined at 1 and has none.
    o = run(world(time=[0, 2], effort=9, agents=2, slots=2, start=[0, 1], end=99))
    assert o.agent.tolist() == [0, 1]


def test_among_equals_a_contact_takes_the_agent_changed_longest_ago(run):
    # Finished at 4 (agent 0) and at 3 (agent 1): agent 1 has been idle longer.
    o = run(world(time=[0, 0, 5], effort=[4, 3, 1], agents=2))
    assert o.agent.tolist() == [0, 1, 1]


def test_changes_of_one_instant_are_ordered_by_the_events_that_made_them(run):
    # Both finish at 3; contact 0 (agent 1) is the lower row.
    o = run(world(time=[0, 0, 4], effort=3, agents=2, agent=[1, 0], start=0, end=99))
    assert o.agent.tolist() == [1, 0, 1]


def test_longest_unchanged_is_judged_across_groups(run):
    o = run(world(time=[0, 0, 5], effort=[4, 3, 1], group=[0, 1]))
    assert o.agent.tolist() == [0, 1, 1]


def test_taking_a_contact_is_a_change_of_the_number_in_hand(run):
    # Both have one in hand: agent 0 since 0, agent 1 since 1.
    o = run(world(time=[0, 1, 2, 3], effort=9, agents=2, slots=3))
    assert o.agent.tolist() == [0, 1, 0, 1]


def test_who_cannot_serve_a_type_never_takes_it(run):
    o = run(world(time=[0, 0], type=[0, 1], group=[0], push=[[0, -1]]))
    assert o.begun.tolist() == [0, -1]


# Which contact an agent takes.


def first_taken(run, **columns):
    """Rows of two contacts that wait from times 1 and 2 on (types 0 and 1), in the order in which one agent
    takes them at 9.
    """
    o = run(world(**({"time": [1, 2], "type": [0, 1], "start": [9], "end": [99]} | columns)))
    return sorted(range(2), key=o.begun.tolist().__getitem__)


def test_an_agent_takes_the_oldest_contact(run):
    assert first_taken(run) == [0, 1]


def test_of_two_that_came_at_one_instant_an_agent_takes_the_lower_row(run):
    assert first_taken(run, time=[1, 1], type=[1, 0]) == [0, 1]


def test_urgency_goes_before_everything(run):
    assert first_taken(run, urgency=[1, 0], pull=[[0, 1]], allowance=[0, 50]) == [1, 0]


def test_pull_goes_before_the_deadline(run):
    assert first_taken(run, pull=[[1, 0]], allowance=[0, 50]) == [1, 0]


def test_the_earliest_deadline_goes_before_the_oldest(run):
    assert first_taken(run, allowance=[2, 0]) == [1, 0]


def test_equal_deadlines_go_by_arrival_before_row(run):
    # The follow-up (row 2) came at 3 and may wait 1, row 1 came at 4 and may wait 0.
    o = run(
        world(
            time=[0, 4, 2],
            parent=[-1, -1, 0],
            type=[0, 0, 1],
            allowance=[0, 1],
            agent=[0, 0],
            start=[0, 9],
            end=[2, 99],
        )
    )
    assert o.arrived.tolist() == [0, 4, 3]
    assert o.begun.tolist() == [0, 10, 9]


def test_fresh_goes_before_overdue_but_after_urgency(run):
    assert first_taken(run, within=[7, 7], fresh_first=True) == [1, 0]
    assert first_taken(run, within=[7, 7], fresh_first=True, urgency=[0, 1]) == [0, 1]
    assert first_taken(run, within=[7, 7], fresh_first=True, pull=[[0, 1]]) == [1, 0]


def test_without_fresh_first_overdue_does_not_matter(run):
    assert first_taken(run, within=[7, 7]) == [0, 1]


def test_a_contact_is_overdue_only_once_it_waited_longer_than_within(run):
    assert first_taken(run, within=[8, 7], fresh_first=True) == [0, 1]
    assert first_taken(run, within=[-1, 7], fresh_first=True) == [0, 1]


def test_fresh_goes_first_within_one_type_too_and_then_the_oldest_overdue(run):
    o = run(world(time=[0, 1, 6, 7], start=[9], end=[99], within=4, fresh_first=True))
    assert o.begun.tolist() == [11, 12, 9, 10]


# Overflow.


def test_a_group_takes_a_contact_only_once_it_has_waited_after(run):
    assert run(world(time=[1], after=4)).begun.tolist() == [5]


def test_an_agent_that_finishes_at_exactly_after_takes_the_contact_before_the_overflow(run):
    # Agent 1 is idle and preferred, but its turn to take contact 1 comes only with the overflow at 5.
    o = run(
        world(
            time=[0, 1], type=[0, 1], effort=5, group=[0, 1], push=[[0, 1], [-1, 0]], after=[[0, 4], [0, 4]]
        )
    )
    assert o.agent.tolist() == [0, 0]
    assert o.begun.tolist() == [0, 5]


def test_at_an_overflow_the_contact_takes_an_agent_as_if_it_just_came(run):
    # Both groups open at 4: the lower push wins, not the lower row.
    o = run(world(time=[0], group=[0, 1], push=[[1], [0]], after=4))
    assert (o.agent.tolist(), o.begun.tolist()) == ([1], [4])


def test_every_distinct_after_offers_the_contact_once_more(run):
    o = run(world(time=[0, 0], effort=99, group=[0, 1], after=[[3], [6]]))
    assert o.begun.tolist() == [3, 6]
    assert o.agent.tolist() == [0, 1]


def test_overflows_of_one_instant_go_by_row(run):
    o = run(world(time=[1, 1], effort=99, after=4))
    assert o.begun.tolist() == [5, 104]


# Handle time, slots, overtime.


def test_handle_time_is_rounded_after_each_factor_and_at_least_1(run):
    # 5 × 0.5 = 2.5 → 3; 3 × 0.5 = 1.5 → 2, where 5 × 0.25 would give 1.  1 × 0.001 → at least 1.
    o = run(world(time=[0, 10], type=[0, 1], effort=[5, 1], pace=[[500, 1]], crowding=[[500]]))
    assert o.ended.tolist() == [2, 11]


def test_crowding_counts_the_contacts_in_hand_with_this_one_and_its_last_entry_lasts(run):
    o = run(world(time=[0, 0, 0], effort=10, slots=3, crowding=[[1000, 1500]]))
    assert o.ended.tolist() == [10, 15, 15]


def test_crowding_is_looked_up_when_the_contact_begins_and_stays(run):
    o = run(world(time=[0, 5], effort=10, slots=2, crowding=[[1000, 2000]]))
    assert o.ended.tolist() == [10, 25]


def test_crowding_is_that_of_the_team_and_pace_that_of_the_group(run):
    o = run(world(time=[0], effort=10, group=[1], team=[0], pace=[[1], [1300]], crowding=[[2000], [1]]))
    assert o.ended.tolist() == [26]


def test_an_agent_that_joins_takes_contacts_until_it_is_full(run):
    o = run(world(time=[0, 0, 0], effort=5, slots=2, start=[3], end=[99]))
    assert o.begun.tolist() == [3, 3, 8]


def test_who_joins_while_still_in_overtime_has_only_the_other_slots_free(run):
    o = run(world(time=[0, 6, 6], effort=[10, 9, 9], slots=2, agent=[0, 0], start=[0, 5], end=[2, 99]))
    assert o.begun.tolist() == [0, 6, 10]


def test_who_has_one_slot_and_is_in_overtime_joins_without_taking(run):
    o = run(world(time=[0, 1], effort=10, agent=[0, 0], start=[0, 5], end=[2, 99]))
    assert o.begun.tolist() == [0, 10]
    assert o.joined.tolist() == [0, 5]


# Lines.


def test_a_channel_holds_waiting_and_in_hand_of_all_its_types_together(run):
    o = run(world(time=[0, 0, 0], type=[0, 1, 0], effort=9, lines=[(0, 0, 2)]))
    assert o.fate.tolist() == [ANSWERED, ANSWERED, BLOCKED]


def test_channels_hold_lines_of_their_own(run):
    o = run(world(time=[0, 0, 0], type=[0, 1, 0], channel=[0, 1], effort=9, lines=[(0, 0, 1)]))
    assert o.fate.tolist() == [ANSWERED, ANSWERED, BLOCKED]


def test_who_is_blocked_ends_as_it_comes_and_holds_no_line(run):
    o = run(world(time=[0, 2, 5], effort=5, patience=3, lines=[(0, 0, 1)]))
    assert o.ended.tolist() == [5, 2, 10]
    assert o.fate.tolist() == [ANSWERED, BLOCKED, ANSWERED]


def test_before_its_first_row_and_after_minus_1_a_channel_has_no_limit(run):
    o = run(world(time=[0, 4, 7], effort=99, lines=[(6, 0, -1), (3, 0, 0)]))
    assert o.fate.tolist() == [ANSWERED, BLOCKED, ANSWERED]


def test_a_lowered_limit_blocks_who_waits_latest_arrival_then_highest_row_first(run):
    o = run(world(time=[0, 1, 2, 2], type=[0, 1, 1, 0], agents=0, lines=[(5, 0, 2)]))
    assert o.fate.tolist() == [OPEN, OPEN, BLOCKED, BLOCKED]
    o = run(world(time=[0, 1, 2, 2], type=[0, 1, 1, 0], agents=0, lines=[(5, 0, 3)]))
    assert o.fate.tolist() == [OPEN, OPEN, OPEN, BLOCKED]
    assert (o.arrived[3], o.ended[3]) == (2, 5)


def test_a_lowered_limit_goes_by_arrival_before_row(run):
    # The follow-up (row 2) came at 3, the contact from outside (row 1) at 4; both types share the channel.
    o = run(world(time=[0, 4, 2], parent=[-1, -1, 0], type=[0, 0, 1], start=[0], end=[2], lines=[(5, 0, 1)]))
    assert o.arrived.tolist() == [0, 4, 3]
    assert o.fate.tolist() == [ANSWERED, BLOCKED, OPEN]


def test_a_lowered_limit_never_cuts_off_what_is_in_hand(run):
    o = run(world(time=[0, 0], effort=9, agents=2, lines=[(5, 0, 0)]))
    assert o.fate.tolist() == [ANSWERED, ANSWERED]


def test_a_lowered_limit_blocks_overdue_and_fresh_alike(run):
    # At 5 the agent takes contact 2, the oldest fresh one; contacts 0 and 1 are overdue by then, contact 3 is
    # not.
    def fates(limit):
        return run(world(time=[0, 0, 4, 4], effort=99, start=[5], end=[6], within=2, fresh_first=True,
                         lines=[(7, 0, limit)])).fate.tolist()  # fmt: skip

    assert fates(4) == [OPEN, OPEN, ANSWERED, OPEN]
    assert fates(3) == [OPEN, OPEN, ANSWERED, BLOCKED]
    assert fates(2) == [OPEN, BLOCKED, ANSWERED, BLOCKED]
    assert fates(0) == [BLOCKED, BLOCKED, ANSWERED, BLOCKED]


def test_lines_of_a_channel_nobody_uses_change_nothing(run):
    assert run(world(time=[5], lines=[(0, 7, 0)])).fate.tolist() == [ANSWERED]


# Follow-ups.


def test_a_follow_up_comes_its_delay_after_its_parent_is_finished_and_may_have_one_itself(run):
    o = run(world(time=[0, 5, 2], parent=[-1, 0, 1], effort=[3, 4, 1], start=[1], end=[99]))
    assert o.arrived.tolist() == [0, 9, 15]


def test_a_follow_up_of_a_contact_that_was_never_finished_never_comes(run):
    o = run(
        world(
            time=[0, 0, 0, 1, 1, 1],
            parent=[-1, -1, -1, 0, 1, 2],
            effort=900,
            patience=[-1, 3, -1, -1, -1, -1],
            lines=[(0, 0, 2)],
            horizon=500,
        )
    )
    assert o.fate.tolist() == [OPEN, ABANDONED, BLOCKED, NEVER, NEVER, NEVER]


def test_a_follow_up_due_at_the_horizon_never_comes(run):
    assert run(world(time=[0, 4], parent=[-1, 0], horizon=5)).fate.tolist() == [ANSWERED, NEVER]
    assert run(world(time=[0, 4], parent=[-1, 0], horizon=6)).fate.tolist() == [ANSWERED, OPEN]


def test_a_follow_up_has_type_effort_and_patience_of_its_own(run):
    o = run(world(time=[0, 2], parent=[-1, 0], type=[0, 1], effort=[1, 7], patience=[-1, 2], group=[0, 1],
                  push=[[0, -1], [-1, 0]], channel=[0, 1], lines=[(0, 0, 1)]))  # fmt: skip
    assert o.agent.tolist() == [0, 1]
    assert o.ended.tolist() == [1, 10]
