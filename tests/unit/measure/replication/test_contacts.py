"""Contacts by what brought them and what became of them, by hand for each rule and by a loop on random
worlds; all exact.
"""

from collections import Counter

import numpy as np
import pytest

from sim.habits import ORIGINS
from sim.measure.replication.contacts import COUNTS, SUMS, TEAM, WORK
from sim.measure.replication.flow import FATES
from sim.measure.replication.origins import origins
from sim.measure.replication.slices import slices
from sim.measure.replication.tally import tally
from sim.tables import Fate, Trigger
from sim.units import DAY, HOUR
from tests.lenses import answered, happened, lens, lost, open_, promise, random_outcome
from tests.worlds import repr_world

FACEBOOK, PHONE = 0, 1  # labels of TWO: each its own channel, the second live
TWO = {"labels": [(0, 0, 0, 0), (0, 1, 0, 0)], "live": [1]}
NONE, REPLY, ABANDON, BLOCK, SILENCE = Trigger


def by_hour(found, name):
    """The contacts or ms [u] of one of the COUNTS or SUMS."""
    counts = found.contacts
    return counts.counts_hour[COUNTS.index(name)] if name in COUNTS else counts.sums_hour[SUMS.index(name)]


def by_label(found, name):
    """The same [b] of the judged hours."""
    return (
        found.contacts.counts[COUNTS.index(name)] if name in COUNTS else found.contacts.sums[SUMS.index(name)]
    )


def counted(contacts, parent, trigger, horizon=10 * HOUR, promises=None, looked=None, **columns):
    """What is counted, of all that is not 0, of contacts on labels FACEBOOK and PHONE; and the tally
    itself.
    """
    look = lens(horizon, promises=promises or [promise(labels=2)], judged=looked, **TWO)
    found = tally(*happened(contacts, horizon, parent=parent, trigger=trigger, **columns), look)
    named = {name: int(by_hour(found, name).sum()) for name in (*COUNTS, *SUMS)}
    return {name: number for name, number in named.items() if number}, found


# What became of them


def test_contacts_count_by_what_became_of_them_in_the_hour_and_slice_they_came():
    contacts = [
        answered(0, 0, 10, 30, 70),
        lost(1, 1, 20, 25),
        lost(2, 0, 30, 30, Fate.BLOCKED),
        open_(3, 0, HOUR, HOUR + 5),
        open_(4, 1, HOUR + 1),
        lost(4, 1, HOUR + 2, HOUR + 2, Fate.MERGED),
    ]
    columns = {"effort": [9, 8, 7, 6, 5, 4], "parent": [-1] * 5 + [4], "trigger": [NONE] * 5 + [SILENCE]}
    found = tally(*happened(contacts, **columns), lens(promises=[promise(labels=2)], **TWO))
    hours = {
        "came": [3, 3],
        "begun": [1, 1],
        "answered": [1, 0],
        "abandoned": [1, 0],
        "blocked": [1, 0],
        "open": [0, 2],
        "merged": [0, 1],
        "repeats": [0, 1],
        "cases": [3, 2],
        "solved_first": [1, 0],
        "waited": [20, 5],
        "handled": [40, 0],
        "effort": [24, 15],
        "effort_answered": [9, 0],
    }
    channels = {
        "came": [3, 3],
        "begun": [2, 0],
        "answered": [1, 0],
        "abandoned": [0, 1],
        "blocked": [1, 0],
        "open": [1, 1],
        "merged": [0, 1],
        "repeats": [0, 1],
        "cases": [3, 2],
        "solved_first": [1, 0],
        "waited": [25, 0],
        "handled": [40, 0],
        "effort": [22, 17],
        "effort_answered": [9, 0],
    }
    for name in (*COUNTS, *SUMS):
        assert by_hour(found, name).tolist() == hours.get(name, [0, 0]) + [0] * 8, name
        assert by_label(found, name).tolist() == channels.get(name, [0, 0]), name
    assert found.contacts.effort[:2].tolist() == [[16, 8], [6, 9]]
    assert found.contacts.work.tolist() == [[22, 17], [40, 0], [9, 0]]
    assert found.contacts.answered.tolist() == [1, 0]


def test_by_label_only_contacts_of_the_judged_hours_count_but_for_what_agents_are_needed_for():
    contacts = [
        answered(0, 0, HOUR - 1, HOUR, HOUR + 1),
        answered(1, 1, HOUR, HOUR, HOUR + 5),
        open_(2, 0, 2 * HOUR),
    ]
    _, found = counted(contacts, -1, NONE, looked=(HOUR + 5, 2 * HOUR))
    assert (by_label(found, "came").tolist(), by_label(found, "handled").tolist()) == ([0, 1], [0, 5])
    assert by_hour(found, "came")[:3].tolist() == [1, 1, 1]
    assert found.contacts.answered.tolist() == [1, 1]
    assert found.contacts.work.tolist() == [[2, 1], [1, 5], [1, 1]]


# What brought them


@pytest.mark.parametrize(
    ("trigger", "label", "case", "origin"),
    [
        (REPLY, FACEBOOK, 0, "follow-up"), (REPLY, PHONE, 0, "follow-up"),
        (ABANDON, FACEBOOK, 0, "redial"), (ABANDON, PHONE, 0, "move"),
        (BLOCK, FACEBOOK, 0, "redial"), (BLOCK, PHONE, 0, "move"),
        (SILENCE, FACEBOOK, 0, "nudge"), (SILENCE, PHONE, 0, "nudge"), (SILENCE, FACEBOOK, 1, "bystander"),
    ],
)  # fmt: skip
def test_a_contact_is_what_made_it_come(trigger, label, case, origin):
    contacts = [lost(0, FACEBOOK, 1, 2), open_(case, label, 5)]
    found, made = counted(contacts, [-1, 0], [NONE, trigger])
    world, _ = happened(contacts, parent=[-1, 0], trigger=[NONE, trigger])
    assert [ORIGINS[row] for row in origins(world.workload, lens(**TWO), np.arange(2))] == ["outside", origin]
    repeats = origin in ("redial", "move", "nudge")
    elsewhere = repeats and label == PHONE
    assert (found.get("repeats", 0), found.get("moved", 0)) == (repeats, elsewhere)
    assert (found.get("follow_ups", 0), found.get("bystanders", 0)) == (
        origin == "follow-up",
        origin == "bystander",
    )
    assert found["cases"] == 1 + (origin == "bystander")
    assert made.moves.tolist() == [[0, int(elsewhere)], [0, 0]]
    assert made.flow[ORIGINS.index(origin)].sum() == 1


def test_a_latent_contact_that_did_not_come_is_talliednowhere():
    found, made = counted(
        [answered(0, 0, 1, 2, 3), (0, PHONE, -1, -1, -1, Fate.NEVER)], [-1, 0], [NONE, REPLY]
    )
    assert found == {
        "came": 1,
        "begun": 1,
        "answered": 1,
        "cases": 1,
        "solved_first": 1,
        "waited": 1,
        "handled": 1,
        "effort": 1,
        "effort_answered": 1,
    }
    assert made.flow.sum() == 1


@pytest.mark.parametrize(("came", "reopened"), [(100 + DAY - 1, 0), (100 + DAY, 1)])
def test_a_follow_up_reopens_its_case_after_a_day_of_silence(came, reopened):
    contacts = [answered(0, 0, 0, 1, 100), answered(0, 0, came, came + 1, came + 2)]
    found, _ = counted(contacts, [-1, 0], [NONE, REPLY], 3 * DAY)
    assert (found["follow_ups"], found.get("reopened", 0)) == (1, reopened)


def test_a_case_does_not_reopen_while_another_of_its_contacts_is_open():
    contacts = [answered(0, 0, 0, 1, 100), open_(0, 0, 50), answered(0, 0, 2 * DAY, 2 * DAY + 1, 2 * DAY + 2)]
    assert "reopened" not in counted(contacts, [-1, -1, 0], [NONE, NONE, REPLY], 3 * DAY)[0]


def test_who_tries_again_after_a_day_does_not_reopen_a_case():
    contacts = [lost(0, 0, 0, 100), open_(0, 0, 2 * DAY)]
    assert "reopened" not in counted(contacts, [-1, 0], [NONE, ABANDON], 3 * DAY)[0]


# Solved at first contact


def test_a_case_is_solved_at_first_contact_if_one_contact_came_and_was_answered():
    contacts = [
        answered(0, 0, 1, 2, 3),
        lost(1, 0, 2, 3),
        answered(2, 0, 3, 4, 5),
        open_(3, 0, 4),
        answered(2, 0, 6, 7, 8),
    ]
    found, _ = counted(contacts, [-1] * 4 + [2], [NONE] * 4 + [REPLY])
    assert (found["cases"], found["solved_first"]) == (4, 1)


# Wasted work


@pytest.mark.parametrize(
    ("first", "second", "wasted"),
    [
        ((10, 50), (20, 57), 37), ((10, 50), (20, 49), 40), ((10, 50), (20, 50), 30), ((10, 50), (60, 61), 1),
    ],
    ids=["the nudge is late", "the nudge is first", "at one instant by row", "begun when it was answered"],
)  # fmt: skip
def test_the_handle_time_of_who_is_answered_second_is_wasted(first, second, wasted):
    contacts = [answered(0, FACEBOOK, 0, *first), answered(0, PHONE, 5, *second)]
    found, made = counted(contacts, [-1, 0], [NONE, SILENCE])
    assert (found["duplicates"], found["wasted"]) == (1, wasted)
    again = made.flow[:, :, FATES.index("answered again")]
    late = second[1] >= first[1]
    assert again.tolist() == [[int(not late), 0], [0, 0], [0, 0], [0, 0], [0, int(late)], [0, 0]]
    assert made.flow[:, :, FATES.index("answered")].sum() == 1


def test_each_answer_to_a_question_but_the_first_is_wasted_and_the_next_question_is_not():
    contacts = [
        answered(0, 0, 0, 1, 10),
        answered(0, 0, 1, 2, 12),
        answered(0, 0, 2, 3, 14),
        answered(0, 0, 20, 21, 25),
    ]
    found, _ = counted(contacts, [-1, 0, 1, 0], [NONE, SILENCE, SILENCE, REPLY])
    assert (found["duplicates"], found["wasted"], found["handled"]) == (2, 10 + 11, 9 + 10 + 11 + 4)


def test_what_is_in_hand_or_lost_when_its_question_is_answered_is_not_wasted_work_yet():
    contacts = [answered(0, 0, 0, 1, 10), open_(0, 0, 1, 2), lost(0, 0, 3, 4)]
    found, _ = counted(contacts, [-1, 0, 1], [NONE, SILENCE, SILENCE])
    assert not {"duplicates", "wasted"} & set(found)


# Next replies


def followed(second, within=20, rest=(), **columns):
    """Follow-ups, those replied to and in time, and their time to the reply, where a contact answered at 10
    draws `second`.
    """
    contacts = [answered(0, FACEBOOK, 0, 1, 10), second, *rest]
    latent = [REPLY] + [SILENCE] * len(rest)
    promises = [promise("first_reply", within, labels=2), promise("first_reply", within + 1, labels=2)]
    found, _ = counted(contacts, [-1, *range(1 + len(rest))], [NONE, *latent], promises=promises, **columns)
    return tuple(found.get(name, 0) for name in ("follow_ups", "next_replied", "next_in_time", "next_waited"))


@pytest.mark.parametrize(("ended", "in_time"), [(120, 1), (121, 0)])
def test_a_follow_up_is_in_time_within_the_shortest_first_reply_promised_to_the_ms(ended, in_time):
    assert followed(answered(0, FACEBOOK, 100, 101, ended)) == (1, 1, in_time, ended - 100)


@pytest.mark.parametrize(("begun", "in_time"), [(120, 1), (121, 0)])
def test_on_a_live_channel_the_reply_is_when_it_begins(begun, in_time):
    assert followed(answered(0, PHONE, 100, begun, 500)) == (1, 1, in_time, begun - 100)
    assert followed(open_(0, PHONE, 100, begun)) == (1, 1, in_time, begun - 100)


def test_a_reply_to_whoever_repeats_the_follow_up_counts_from_the_follow_up_on():
    assert followed(open_(0, FACEBOOK, 100), rest=[answered(0, PHONE, 110, 115, 300)]) == (1, 1, 1, 15)
    assert followed(open_(0, FACEBOOK, 100), rest=[answered(0, FACEBOOK, 110, 115, 121)]) == (1, 1, 0, 21)


def test_a_follow_up_that_nobody_replied_to_has_no_time_and_is_not_in_time():
    assert followed(open_(0, FACEBOOK, 100)) == followed(lost(0, PHONE, 100, 110)) == (1, 0, 0, 0)


def test_without_a_first_reply_promised_no_follow_up_is_in_time():
    contacts = [answered(0, 0, 0, 1, 10), answered(0, 0, 20, 21, 22)]
    found, _ = counted(contacts, [-1, 0], [NONE, REPLY], promises=[promise("solved", DAY, labels=2)])
    assert (found["next_replied"], found.get("next_in_time", 0)) == (1, 0)


# Who stays away


def test_who_stays_away_is_talliedby_the_reason_in_the_hour_it_would_have_come():
    contacts = [(case, label, -1, -1, -1, Fate.NEVER) for case, label in enumerate([0, 1, 1, 0, 0, 0])]
    look = lens(promises=[promise(labels=2)], reasons=("self_service", "closed", "then"), **TWO)
    time = [5, HOUR, HOUR + 1, HOUR + 2, look.horizon, look.horizon]
    found = tally(*happened(contacts, time=time, reason=[0, 1, 1, 2, 0, -1]), look)
    assert (by_hour(found, "self_service")[:3].tolist(), by_label(found, "self_service").tolist()) == (
        [1, 0, 0],
        [1, 0],
    )
    assert (by_hour(found, "closed")[:3].tolist(), by_label(found, "closed").tolist()) == ([0, 2, 0], [0, 2])
    assert (found.contacts.counts_hour.sum(axis=1) > 0).sum() == 2
    assert found.flow[0, :, -2:].tolist() == [[1, 0], [0, 2]]
    assert found.flow.sum() == 3


# Teams


def test_answers_count_for_the_team_that_gave_them():
    """m0 answers a case that is followed up, m1 the follow-up and a case for good, m0 a nudge too late."""
    contacts = [answered(0, 0, 0, 1, 10), answered(1, 0, 5, 6, 9), open_(2, 0, 6), answered(3, 0, 7, 7, 8),
                answered(0, 0, 20, 21, 25), answered(1, 0, 7, 8, 11)]  # fmt: skip
    columns = {
        "parent": [-1] * 4 + [0, 1],
        "trigger": [NONE] * 4 + [REPLY, SILENCE],
        "team": [0, 1],
        "by": [0, 1, 0, 1, 1, 0],
    }
    found = tally(*happened(contacts, crowding=[[1000]] * 2, **columns), lens(teams=2))
    assert dict(zip(TEAM, found.teams.tolist(), strict=True)) == {
        "answered": [2, 3],
        "handled": [9 + 3, 3 + 1 + 4],
        "wasted": [3, 0],
        "followed_up": [1, 0],
        "cases": [1, 2],
        "solved_first": [0, 1],
    }


# The judged hours


def test_teams_flow_and_moves_are_of_contacts_that_came_in_hours_that_are_judged():
    """The first hour is judged in part, the second not at all: what came in the first counts whole."""
    contacts = [
        lost(0, FACEBOOK, 0, 10),
        answered(1, FACEBOOK, 1, 2, HOUR + 5),
        lost(2, FACEBOOK, HOUR, HOUR + 1),
        answered(0, PHONE, HOUR - 1, HOUR, HOUR + 1),
        answered(2, PHONE, HOUR + 2, HOUR + 3, HOUR + 4),
        open_(1, FACEBOOK, HOUR + 10),
    ]
    _, found = counted(
        contacts, [-1] * 3 + [0, 2, 1], [NONE] * 3 + [ABANDON, ABANDON, REPLY], looked=(HOUR // 2, HOUR)
    )
    came = {(ORIGINS[origin], channel, FATES[fate]): int(found.flow[origin, channel, fate])
            for origin, channel, fate in np.argwhere(found.flow)}  # fmt: skip
    assert came == {("outside", 0, "abandoned"): 1, ("outside", 0, "answered"): 1, ("move", 1, "answered"): 1}
    assert found.moves.tolist() == [[0, 1], [0, 0]]
    assert dict(zip(TEAM, found.teams[:, 0].tolist(), strict=True)) == {
        "answered": 2, "handled": HOUR + 4, "wasted": 0, "followed_up": 1, "cases": 1, "solved_first": 0,
    }  # fmt: skip


# Random worlds


def kind_by_loop(world, look, row):
    """What a contact is, read aloud."""
    work = world.workload
    parent, trigger = int(work.parent[row]), Trigger(int(work.trigger[row]))
    same_channel = parent >= 0 and look.labels[work.label[row], 1] == look.labels[work.label[parent], 1]
    if trigger == NONE:
        return "outside"
    if trigger == REPLY:
        return "follow-up"
    if trigger == SILENCE:
        return "nudge" if work.case[row] == work.case[parent] else "bystander"
    return "redial" if same_channel else "move"


def replies_by_loop(world, outcome, look, question):
    """When each contact of a question was replied to."""
    for row in np.flatnonzero((world.workload.question == question) & (outcome.begun >= 0)).tolist():
        if look.live[look.labels[world.workload.label[row], 1]]:
            yield int(outcome.begun[row])
        elif outcome.fate[row] == Fate.ANSWERED:
            yield int(outcome.ended[row])


def facts_by_loop(world, outcome, look):
    """Of each contact that came, or stayed away: its row, when, what counts of it, its ms, its origin and its
    fate in words.
    """
    work = world.workload
    within = min(item.within for item in look.promises if item.clock == "first_reply")
    for row in range(work.n):
        fate, kind, when = Fate(outcome.fate[row]), kind_by_loop(world, look, row), int(outcome.arrived[row])
        if fate == Fate.NEVER:
            if kind == "outside" and work.reason[row] in (0, 1) and work.time[row] < look.horizon:
                name = look.reasons[work.reason[row]]
                yield row, int(work.time[row]), {name: 1}, {}, kind, name.replace("_", "-")
            continue
        begun, ended = int(outcome.begun[row]), int(outcome.ended[row])
        same_case = [
            other
            for other in np.flatnonzero(work.case == work.case[row]).tolist()
            if outcome.arrived[other] >= 0
        ]
        earlier = [other for other in same_case if (outcome.arrived[other], other) < (when, row)]
        silent = all(0 <= outcome.ended[other] <= when - DAY for other in earlier)
        answers = [
            (int(outcome.ended[other]), other)
            for other in np.flatnonzero(work.question == work.question[row]).tolist()
            if outcome.fate[other] == Fate.ANSWERED
        ]
        again = fate == Fate.ANSWERED and min(answers) < (ended, row)
        reply = (
            min(replies_by_loop(world, outcome, look, work.question[row]), default=None)
            if kind == "follow-up"
            else None
        )
        repeats = kind in ("redial", "move", "nudge")
        elsewhere = (
            repeats and look.labels[work.label[row], 1] != look.labels[work.label[work.parent[row]], 1]
        )
        counts = {"came": 1, "begun": begun >= 0, fate.name.lower(): 1, "follow_ups": kind == "follow-up",
                  "reopened": kind == "follow-up" and silent, "repeats": repeats, "moved": elsewhere,
                  "bystanders": kind == "bystander", "duplicates": again, "next_replied": reply is not None,
                  "next_in_time": reply is not None and reply - when <= within, "cases": not earlier,
                  "solved_first": len(same_case) == 1 and fate == Fate.ANSWERED}  # fmt: skip
        handled = ended - begun if fate == Fate.ANSWERED else 0
        sums = {
            "waited": begun - when if begun >= 0 else 0,
            "handled": handled,
            "effort": int(work.effort[row]),
            "effort_answered": int(work.effort[row]) if fate == Fate.ANSWERED else 0,
            "wasted": handled if again else 0,
            "next_waited": reply - when if reply is not None else 0,
        }
        yield row, when, counts, sums, kind, "answered again" if again else fate.name.lower()


@pytest.mark.parametrize("seed", range(2))
def test_contacts_teams_and_flow_are_those_of_a_loop_over_contacts(seed):
    rng = np.random.default_rng(seed)
    seen = Counter()
    for _ in range(400):
        world, outcome, look = random_outcome(rng)
        found = tally(world, outcome, look)
        tallied = {
            name: np.zeros((found.contacts.counts_hour.shape[1], len(look.labels)), int)
            for name in (*COUNTS, *SUMS)
        }
        answers, flow, moves = Counter(), np.zeros_like(found.flow), np.zeros_like(found.moves)
        first, last = look.judged[0] // HOUR, -(-look.judged[1] // HOUR)
        for row, when, facts, times, kind, fate in facts_by_loop(world, outcome, look):
            here = when // HOUR, world.workload.label[row]
            for name, fact in (facts | times).items():
                tallied[name][here] += fact
            if not first <= when // HOUR < last:
                continue
            channel, parent = look.labels[world.workload.label[row], 1], world.workload.parent[row]
            flow[ORIGINS.index(kind), channel, FATES.index(fate)] += 1
            if facts.get("moved"):
                moves[look.labels[world.workload.label[parent], 1], channel] += 1
            if fate.startswith("answered"):
                team = int(world.roster.team[outcome.agent[row]])
                drew = (
                    (world.workload.parent == row)
                    & (world.workload.trigger == REPLY)
                    & (outcome.arrived >= 0)
                )
                led = {
                    "answered": 1,
                    "handled": times["handled"],
                    "wasted": times["wasted"],
                    "followed_up": int(drew.sum()),
                    "cases": facts["cases"],
                    "solved_first": facts["solved_first"],
                }
                answers.update({(name, team): number for name, number in led.items()})
        assert all((by_hour(found, name) == tallied[name].sum(axis=1)).all() for name in tallied), repr_world(
            world
        )
        assert all(
            (by_label(found, name) == tallied[name][first:last].sum(axis=0)).all() for name in tallied
        ), repr_world(world)
        assert (found.contacts.effort == tallied["effort"]).all()
        assert (found.contacts.work == [tallied[name].sum(axis=0) for name in WORK]).all()
        assert (found.contacts.answered == tallied["answered"].sum(axis=0)).all()
        assert (found.flow == flow).all(), repr_world(world)
        assert (found.moves == moves).all(), repr_world(world)
        assert found.teams.tolist() == [
            [answers[name, team] for team in range(len(look.teams))] for name in TEAM
        ]
        seen.update({name: int(tallied[name].sum()) for name in COUNTS})
        seen.update({name: int(number) for name, number in zip(ORIGINS, flow.sum(axis=(1, 2)), strict=True)})
        seen["a team's follow-up"] += sum(answers[name] for name in answers if name[0] == "followed_up")
    assert not [name for name in (*COUNTS, *ORIGINS, "a team's follow-up") if not seen[name]]


def test_every_contact_that_came_has_one_fate_and_one_way():
    rng = np.random.default_rng(10)
    for _ in range(50):
        world, outcome, look = random_outcome(rng)
        found = tally(world, outcome, look)
        for by in (by_hour, by_label):
            fates = sum(by(found, name) for name in ("answered", "abandoned", "blocked", "merged", "open"))
            assert (fates == by(found, "came")).all()
        by_channel = slices(look).gather(by_label(found, "came"))[slices(look).rows("channel")]
        assert (found.flow[:, :, :-2].sum(axis=(0, 2)) == by_channel).all()
