"""What sim/tables.py promises: a table that breaks a rule is never made, and says which."""

import numpy as np
import pytest

from sim.tables import (
    ALWAYS,
    EFFORT_MAX,
    TIME_MAX,
    Fate,
    Outcome,
    Playbook,
    Roster,
    Routing,
    Trigger,
    Turn,
    Workload,
    heads,
)
from tests.worlds import world


def test_turns_of_one_instant_go_in_the_order_of_the_contract():
    assert [turn.name for turn in sorted(Turn)] == [
        "FINISH", "LEAVE", "JOIN", "LINES", "ARRIVE", "RETURN", "ABANDON", "OVERFLOW",
    ]  # fmt: skip


def test_every_table_may_be_empty():
    empty = world(agents=0, horizon=0)
    assert empty.workload.n == empty.workload.outside == empty.roster.agents == empty.roster.segments == 0
    Routing(
        push=[],
        pull=[],
        after=[],
        pace=[],
        urgency=[],
        allowance=[],
        within=[],
        channel=[],
        crowding=[],
        lines=[],
    )


def test_contacts_from_outside_are_the_first_rows():
    assert world(time=[0, 1, 2, 3], parent=[-1, -1, 0, 2]).workload.outside == 2
    assert world(time=[0, 1]).workload.outside == 2


def test_columns_have_the_type_of_the_design_and_are_read_only():
    w = world(time=[1, 2], lines=[(0, 0, 5)])
    assert w.workload.time.dtype == w.roster.start.dtype == w.routing.lines.dtype == np.int64
    assert w.workload.type.dtype == w.roster.group.dtype == w.routing.push.dtype == np.int32
    assert w.workload.trigger.dtype == np.int8
    with pytest.raises(ValueError, match="read-only"):
        w.workload.time[0] = 9


def test_the_largest_values_allowed_fit():
    w = world(time=[TIME_MAX], effort=EFFORT_MAX, patience=TIME_MAX, horizon=TIME_MAX, pace=10_000)
    assert w.workload.time.tolist() == [TIME_MAX]


@pytest.mark.parametrize(
    ("where", "columns"),
    [
        ("Workload.time", {"time": [2, 1]}),
        ("Workload.time", {"time": [-1]}),
        ("Workload.time", {"time": [TIME_MAX + 1]}),
        ("Workload.time", {"time": [0.5]}),
        ("Workload.time", {"time": [0, 0], "parent": [-1, 0]}),
        ("Workload.effort", {"time": [0], "effort": 0}),
        ("Workload.effort", {"time": [0], "effort": EFFORT_MAX + 1}),
        ("Workload.patience", {"time": [0], "patience": -2}),
        ("Workload.parent", {"time": [0, 1, 1], "parent": [-1, 0, -1]}),
        ("Workload.parent", {"time": [0, 1], "parent": [-1, 1]}),
        ("Workload.parent", {"time": [0, 1, 1], "parent": [-1, 0, 0]}),
        ("Workload.case", {"time": [0, 1], "parent": [-1, 0], "case": [0, 1]}),
        ("Workload.label", {"time": [0], "label": -1}),
        ("Roster.slots", {"slots": 0}),
        ("Roster.agent", {"agent": [1]}),
        ("Roster.start", {"start": -1}),
        ("Roster.start", {"agent": [0, 0], "start": [0, 4], "end": [5, 9]}),
        ("Roster.end", {"start": 5, "end": 5}),
        ("Routing.push", {"push": -2}),
        ("Routing.pull", {"pull": -1}),
        ("Routing.after", {"after": -1}),
        ("Routing.pace", {"pace": 0}),
        ("Routing.pace", {"pace": 10_001}),
        ("Routing.urgency", {"urgency": -1}),
        ("Routing.allowance", {"allowance": -1}),
        ("Routing.within", {"within": -2}),
        ("Routing.channel", {"channel": -1}),
        ("Routing.crowding", {"crowding": [[0]]}),
        ("Routing.crowding", {"crowding": np.empty((1, 0))}),
        ("Routing.lines", {"lines": [(0, 0, -2)]}),
        ("Routing.lines", {"lines": [(-1, 0, 0)]}),
        ("Routing.lines", {"lines": [(0, -1, 0)]}),
        ("Playbook.horizon", {"horizon": -1, "end": 5}),
        ("Roster.team", {"team": 1, "crowding": [[1000]]}),
    ],
)
def test_a_broken_rule_is_refused_and_named(where, columns):
    with pytest.raises(ValueError, match=f"^{where}: "):
        world(**columns)


AGAIN = {"time": [0, 1], "parent": [-1, 0]}


@pytest.mark.parametrize(
    ("where", "rule", "columns"),
    [
        ("Workload.trigger", "values lie in 0 … 4", {**AGAIN, "trigger": [0, 5]}),
        ("Workload.reason", "values lie in", {"time": [0], "reason": [-2], "odds": [[5, 5]]}),
        ("Workload.reason", "routing has only 1 rows for it", {"time": [0], "reason": [1], "odds": [[5, 5]]}),
        ("Workload.chance", "values lie in 0 … 4294967294", {"time": [0], "chance": [ALWAYS]}),
        ("Workload.merge", "values lie in 0 … 4294967294", {"time": [0], "merge": [ALWAYS]}),
        ("Workload.question", "values lie in", {"time": [0], "question": [-1]}),
        (
            "Workload.question",
            "of a follow-up is a new one",
            {**AGAIN, "trigger": [0, 1], "question": [3, 3]},
        ),
        (
            "Workload.question",
            "of a redial, a move or a nudge is the parent's",
            {**AGAIN, "trigger": [0, 2], "question": [3, 4]},
        ),
        (
            "Workload.question",
            "of a redial, a move or a nudge is the parent's",
            {**AGAIN, "trigger": [0, 3], "question": [3, 4]},
        ),
        (
            "Workload.question",
            "of a redial, a move or a nudge is the parent's",
            {**AGAIN, "trigger": [0, 4], "question": [3, 4]},
        ),
        (
            "Workload.question",
            "of a bystander's post is its own",
            {**AGAIN, "case": [0, 1], "trigger": [0, 4], "question": [3, 3]},
        ),
        (
            "Workload.question",
            "is asked first by one contact only",
            {"time": [0, 1, 2], "question": [3, 4, 3]},
        ),
        (
            "Workload.case",
            "is the parent's, but for a bystander's",
            {**AGAIN, "case": [0, 1], "trigger": [0, 2], "question": [3, 3]},
        ),
        (
            "Workload.parent",
            "has at most one child a trigger",
            {"time": [0, 1, 1], "parent": [-1, 0, 0], "trigger": [0, 4, 4]},
        ),
        ("Routing.merge_odds", "values fit uint32", {"merge_odds": ALWAYS + 1}),
        ("Routing.duplicate_effort", "values lie in 1", {"duplicate_effort": 0}),
        ("Routing.odds", "has a column a team and one more", {"odds": [[5, 5, 5]]}),
    ],
)
def test_a_broken_rule_of_those_who_come_again_is_refused_with_its_words(where, rule, columns):
    with pytest.raises(ValueError, match=f"^{where}: {rule}"):
        world(**columns)


def test_a_contact_may_have_a_child_of_every_trigger_and_questions_in_any_order():
    some = world(time=[0, 3, 1, 1, 1, 1, 1], parent=[-1, -1, 0, 0, 0, 0, 5], trigger=[0, 0, 1, 2, 3, 4, 4],
                 case=[0, 1, 0, 0, 0, 0, 2], question=[9, 4, 7, 9, 9, 9, 2])  # fmt: skip
    assert some.workload.repeats.tolist() == [False, False, False, True, True, True, False]


def test_a_chain_of_any_length_has_one_head():
    assert heads(np.array([0, 1, 0, 2, 1, 3, 5, 6])).tolist() == [0, 1, 0, 0, 1, 0, 0, 0]
    assert heads(np.maximum(np.arange(100) - 1, 0)).tolist() == [0] * 100
    assert heads(np.array([], np.int32)).dtype == np.int32


def test_questions_that_are_left_out_are_those_of_repeats_and_otherwise_new():
    some = world(
        time=[0, 3, 1, 1, 1, 1],
        parent=[-1, -1, 0, 2, 3, 3],
        trigger=[0, 0, 4, 2, 1, 3],
        case=[0, 1, 0, 0, 0, 0],
    )
    assert some.workload.question.tolist() == [0, 1, 0, 0, 4, 0]
    assert world().workload.question.tolist() == []


def test_touching_segments_and_unsorted_segments_are_fine():
    assert world(agent=[0, 0, 0], start=[5, 0, 3], end=[9, 3, 5]).roster.segments == 3


def test_columns_of_one_table_have_one_length():
    with pytest.raises(ValueError, match=r"^Workload.case: axis 'n' is 1 long, not 2"):
        Workload(
            time=[0], case=[0, 1], type=[0], label=[0], effort=[1], patience=[-1], parent=[-1], trigger=[0]
        )


def test_a_column_of_routing_has_an_entry_for_every_type():
    with pytest.raises(ValueError, match=r"^Routing\.within"):
        Routing(
            push=[[0, 0]],
            pull=[[0, 0]],
            after=[[0, 0]],
            pace=[[1, 1]],
            urgency=[0, 0],
            allowance=[0, 0],
            within=[-1],
            channel=[0, 0],
            crowding=[[1000]],
            lines=[],
        )


def test_trigger_none_is_exactly_for_those_from_outside():
    row = {
        "time": [1],
        "case": [0],
        "type": [0],
        "label": [0],
        "effort": [1],
        "patience": [-1],
        "parent": [-1],
    }
    with pytest.raises(ValueError, match=r"^Workload\.trigger: is NONE exactly where parent is -1"):
        Workload(**row, trigger=[Trigger.ON_REPLY])


@pytest.mark.parametrize(
    ("where", "columns"), [("Workload.type", {"type": [1]}), ("Roster.group", {"group": [1]})]
)
def test_a_world_refuses_rows_that_its_routing_does_not_have(where, columns):
    from sim.tables import World

    w = world(time=[0])
    rows = {"workload": w.workload, "roster": w.roster} | {
        "Workload.type": {"workload": world(time=[0], type=[1]).workload},
        "Roster.group": {"roster": world(group=[1]).roster},
    }[where]
    with pytest.raises(ValueError, match=f"^{where}: "):
        World(**rows, routing=w.routing, playbook=Playbook(9))


def test_outcome_is_a_table_too():
    with pytest.raises(ValueError, match=r"^Outcome\.begun"):
        Outcome(arrived=[0], begun=[], ended=[0], agent=[0], fate=[Fate.OPEN], joined=[], left=[])


def test_a_roster_counts_its_rows():
    r = Roster(team=[0, 0], group=[0, 0], slots=[1, 1], agent=[0], start=[0], end=[1])
    assert (r.agents, r.segments) == (2, 1)
