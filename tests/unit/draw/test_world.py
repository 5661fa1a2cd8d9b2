"""Routing by hand: what each team of a small scenario may take, how soon, how fast and in which order."""

import numpy as np
import pytest

from sim.draw.world import draw_world
from sim.engine import run
from sim.plan import Plan
from sim.tables import Fate, World
from sim.units import HOUR, MINUTE
from tests.plans import hub, plan

DAY_SHIFT = "shifts: {day: {hours: 00:00-24:00}}"
SMALL = {
    "languages": "[nl, en]",
    "channels": "{mail: {}, phone: {lines: 20}}",
    "topics": "{info: {handle_time: 5 min}, refund: {handle_time: 9 min, urgency: 2}, praise: "
    "{handle_time: 1 min}}",
    "demand": "{all: {rate: 10 / h, channel: {mail: 50 %, phone: 50 %}, language: {nl: 50 %, en: 50 %}, "
    "topic: {info: 50 %, refund: 40 %, praise: 10 %}}}",
    "promises": "{mail: {clock: first_reply, within: 50 min, share: 90 %, for: {channel: [mail]}}, "
    "first_reply: {within: 1 h, share: 90 %, for: {topic: [info, praise]}}, "
    "solved: {within: 1 min, share: 10 %}}",
    "teams": "{staff: {people: 2, speaks: {nl: 100 %, en: 100 %}, in_hand: 3, crowding: [100 %, 120 %, 150 "
    "%], "
    f"{DAY_SHIFT}}}, "
    f"helpers: {{people: 3, speaks: {{nl: 100 %}}, answers: [info, refund], channels: [mail], pace: 160 %, "
    f"{DAY_SHIFT}}}}}",
    "routing": "{prefer: {info: [helpers, staff], refund: [staff]}, take_first: {staff: [refund, info]}, "
    "overflow: {helpers: {refund: 30 min}}}",
}
TEAMS, CHANNELS, LANGUAGES, TOPICS = (
    ("staff", "helpers"),
    ("mail", "phone"),
    ("nl", "en"),
    ("info", "refund", "praise"),
)


def small(**sections: str) -> Plan:
    return plan(**SMALL | sections)


def kind(some: Plan, channel: str, language: str, topic: str) -> int:
    return int(some.demand.type_of[CHANNELS.index(channel), LANGUAGES.index(language), TOPICS.index(topic)])


def group(world: World, team: str) -> int:
    (found,) = set(world.roster.group[world.roster.team == TEAMS.index(team)].tolist())
    return int(found)


@pytest.mark.parametrize(
    ("team", "channel", "language", "topic", "push"),
    [
        ("helpers", "mail", "nl", "info", 0),
        ("staff", "mail", "nl", "info", 1),
        ("staff", "mail", "nl", "refund", 0),
        ("helpers", "mail", "nl", "refund", 1),  # answers it, but is not named: last
        ("staff", "mail", "nl", "praise", 0),  # nobody is named: all alike
        ("helpers", "mail", "nl", "praise", -1),  # does not answer it
        ("helpers", "mail", "en", "info", -1),  # does not speak it
        ("helpers", "phone", "nl", "info", -1),  # is not on that channel
        ("staff", "phone", "en", "info", 1),
    ],
)
def test_contacts_prefer_the_teams_named_and_reach_only_who_can_serve_them(
    team: str, channel: str, language: str, topic: str, push: int
) -> None:
    some = small()
    world = draw_world(some, 1, 0)
    assert world.routing.push[group(world, team), kind(some, channel, language, topic)] == push


def test_agents_take_first_what_their_team_is_told_and_nothing_first_without_a_word() -> None:
    some = small()
    world = draw_world(some, 1, 0)
    types = [kind(some, "mail", "nl", topic) for topic in TOPICS]
    assert world.routing.pull[group(world, "staff")][types].tolist() == [1, 0, 2]
    assert world.routing.pull[group(world, "helpers")].tolist() == [0] * len(world.routing.urgency)


def test_a_team_of_overflow_waits_for_its_topic_alone() -> None:
    some = small()
    world = draw_world(some, 1, 0)
    types = [kind(some, "mail", "nl", topic) for topic in TOPICS]
    assert world.routing.after[group(world, "helpers")][types].tolist() == [0, 30 * MINUTE, 0]
    assert not world.routing.after[group(world, "staff")].any()


def test_pace_is_of_the_team_and_crowding_goes_on_at_its_last_factor() -> None:
    some = small()
    world = draw_world(some, 1, 0)
    assert set(world.routing.pace[group(world, "staff")]) == {1000}
    assert set(world.routing.pace[group(world, "helpers")]) == {1600}
    assert world.routing.crowding.tolist() == [[1000, 1200, 1500], [1000, 1000, 1000]]
    assert world.roster.slots.tolist() == [3, 3, 1, 1, 1]


def test_an_uncertain_pace_is_one_of_an_event() -> None:
    some = plan(teams=hub(4, pace="{uniform: [100 %, 200 %]}"))
    paces = [set(draw_world(some, 1, r).routing.pace.ravel().tolist()) for r in range(20)]
    assert all(len(pace) == 1 and 1000 <= min(pace) <= 2000 for pace in paces)
    assert len(set.union(*paces)) > 15


def test_urgency_and_lines_are_those_of_topic_and_channel() -> None:
    some = small()
    routing = draw_world(some, 1, 0).routing
    for row, topic in enumerate(TOPICS):
        assert set(routing.urgency[some.demand.type_of[:, :, row].ravel()]) == {2 if topic == "refund" else 0}
    assert set(routing.channel[some.demand.type_of[1].ravel()]) == {1}
    assert routing.lines.tolist() == [[0, 1, 20]]


def test_a_contact_is_overdue_by_the_shortest_first_reply_promise_that_judges_it() -> None:
    some = small()
    routing = draw_world(some, 1, 0).routing
    within = {
        (channel, topic): int(routing.within[kind(some, channel, "en", topic)])
        for channel in CHANNELS
        for topic in TOPICS
    }
    mail = {("mail", topic): 50 * MINUTE for topic in TOPICS}
    assert within == mail | {("phone", "info"): HOUR, ("phone", "refund"): -1, ("phone", "praise"): HOUR}


def test_oldest_first_has_no_allowance_and_earliest_deadline_first_has_the_time_promised() -> None:
    assert not draw_world(small(), 1, 0).routing.allowance.any()
    some = small(routing="{order: earliest deadline first}", drain="2 h")
    routing = draw_world(some, 1, 0).routing
    assert routing.allowance[kind(some, "mail", "nl", "info")] == 50 * MINUTE
    assert routing.allowance[kind(some, "phone", "nl", "info")] == HOUR
    assert (
        routing.allowance[kind(some, "phone", "nl", "refund")] == 2 * HOUR
    )  # no promise: at the latest by the end


def test_fresh_first_is_as_written() -> None:
    assert not draw_world(small(), 1, 0).routing.fresh_first
    assert draw_world(small(routing="{fresh_first: true}"), 1, 0).routing.fresh_first


def test_contact_types_that_routing_cannot_tell_apart_are_one() -> None:
    plain = small(promises="{first_reply: {within: 1 h, share: 90 %}}", routing="{}")
    # Of each language: three topics on mail, which differ by urgency or by who answers them, but two on the
    # staff's phone.
    assert len(set(plain.demand.type_of.ravel().tolist())) == len(plain.rules.urgency) == 2 * (3 + 2)
    alike = small(
        promises="{first_reply: {within: 1 h, share: 90 %}}", routing="{}",
        topics="{info: {handle_time: 5 min}, refund: {handle_time: 9 min}, praise: {handle_time: 1 min}}",
        teams=hub(speaks="{nl: 100 %, en: 100 %}"),
    )  # fmt: skip
    assert len(alike.rules.urgency) == 2 * 2
    assert np.ptp(alike.demand.type_of, axis=2).max() == 0
    assert np.array_equal(np.unique(alike.demand.type_of), np.arange(4))


@pytest.mark.parametrize("surge", [0.0, 1.0])
def test_a_hub_without_people_has_a_world_in_which_nobody_answers(surge: float) -> None:
    world = draw_world(
        small(teams=SMALL["teams"].replace("people: 2", "people: 0").replace("people: 3", "people: 0")),
        1,
        0,
        surge,
    )
    assert world.roster.agents == 0
    assert world.routing.push.shape == (0, len(world.routing.urgency))
    outcome = run(world, "simpy")
    assert set(outcome.fate) <= {Fate.OPEN, Fate.BLOCKED}


def test_service_goes_on_through_the_drain() -> None:
    assert draw_world(small(lasts="1 d", drain="3 h"), 1, 0).playbook.horizon == 27 * HOUR
