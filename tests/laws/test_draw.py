"""Common random numbers as exact identities: what a change is not about stays where it was."""

from itertools import pairwise

import numpy as np
import pytest

from sim.draw.world import draw_world
from sim.plan import Plan
from sim.tables import World
from tests.plans import REGIONS, described, hub, plan

EVENT = {
    "lasts": "3 d",
    "days": REGIONS,
    "languages": "[nl, en]",
    "channels": "{mail: {}, phone: {patience: {mean: 6 min, cv: 1, at_once: 5 %}}}",
    "topics": "{info: {handle_time: {mean: {uniform: [4 min, 6 min]}, cv: 0.8}}, refund: {handle_time: "
    "{mean: 9 min, cv: 1}}}",
    "then": "{info: {topic: refund, share: {uniform: [10 %, 30 %]}, after: {mean: 1 h, cv: 1}}}",
    "busyness": "{event: 10 %, day: 20 %, hour: 30 %}",
    "teams": hub(
        60,
        drawn="true",
        speaks="{nl: 90 %, en: 60 %}",
        works="5 of 7 d",
        absence="15 %",
        call_up="{at: 2010-06-07 10:00, lead: {mean: 3 h, cv: 0.7}, show_up: 80 %, drop_out: 5 %}",
    ),
}
ALL = """all: {rate: {mean: 300 / d, cv: 20 %}, day: {home: 70 %, asia: 30 %}, channel: {mail: 60 %,
 phone: 40 %},
  language: {by: channel, mail: {nl: 70 %, en: 30 %}, phone: {nl: 45 %, en: 55 %}}, topic: {info: 80 %,
  refund: 20 %}}"""


def event(**sections: str) -> Plan:
    return plan(**EVENT | {"demand": f"{{{ALL}}}"} | sections)


def same_supply(one: World, other: World) -> bool:
    columns = ("team", "group", "slots", "agent", "start", "end")
    return all(np.array_equal(getattr(one.roster, name), getattr(other.roster, name)) for name in columns)


@pytest.mark.parametrize("replication", range(5))
def test_demand_is_nested_in_surge(replication: int) -> None:
    some = event()
    found = [
        described(some, draw_world(some, 3, replication, surge).workload)
        for surge in (0, 0.4, 0.7, 1, 1.5, 1.7, 2, 2.3)
    ]
    assert not found[0]
    assert max(found[-1].values()) == 1  # and none comes twice
    for smaller, larger in pairwise(found):
        assert smaller < larger  # every contact of the smaller: time, kind, effort, patience and what follows


def test_counts_scale_with_surge() -> None:
    some = plan(demand="{all: {rate: 10000 / d}}")
    for surge in (0.25, 1.0, 1.5, 2.0, 2.3):
        expected = 20_000 * surge
        assert abs(draw_world(some, 1, 0, surge).workload.n - expected) < 4.5 * expected**0.5  # sees 2–6 %


def test_the_same_key_draws_the_same_world_and_another_does_not() -> None:
    some = event()
    one, again, other, seeded = (draw_world(some, *key) for key in ((1, 0), (1, 0), (1, 1), (2, 0)))
    assert described(some, one.workload) == described(some, again.workload)
    assert same_supply(one, again)
    for world in (other, seeded):
        assert not described(some, one.workload) & described(some, world.workload)
        assert not same_supply(one, world)


def test_another_stream_leaves_every_contact_of_the_first() -> None:
    one = event()
    rest = "channel: phone, language: nl, topic: info, busyness: {hour: 30 %}"
    for more in (f"{{{ALL}, more: {{rate: 50 / d, {rest}}}}}", f"{{more: {{rate: 50 / d, {rest}}}, {ALL}}}"):
        two = event(demand=more)
        first = described(one, draw_world(one, 1, 0).workload)
        both = described(two, draw_world(two, 1, 0).workload)
        assert first == {key: count for key, count in both.items() if key[1] == "all"}
        assert len(both) > len(first)


def test_another_team_leaves_every_contact_and_every_agent_of_the_first() -> None:
    one, two = (
        event(),
        event(teams=EVENT["teams"][:-1] + ", more: {people: 3, absence: 20 %, " + hub()[18:-1] + "}"),
    )
    first, both = draw_world(one, 1, 0), draw_world(two, 1, 0)
    assert described(one, first.workload) == described(two, both.workload)
    assert both.roster.agents == first.roster.agents + 3
    mine = both.roster.agent < first.roster.agents
    assert np.array_equal(both.roster.start[mine], first.roster.start)
    assert np.array_equal(both.roster.agent[mine], first.roster.agent)


def test_another_language_leaves_who_speaks_the_others() -> None:
    teams = EVENT["teams"].replace("speaks: {", "speaks: {de: 30 %, ")
    one, two = event(), event(languages="[de, nl, en]", teams=teams)
    first, both = draw_world(one, 1, 0), draw_world(two, 1, 0)
    assert described(one, first.workload) == described(two, both.workload)

    def speaks(world: World, types: list[int]) -> np.ndarray:
        return world.routing.push[world.roster.group][:, types] >= 0

    # Types of mail about info, by language.
    mail = [
        plan.demand.type_of[0, language, 0] for plan, language in ((one, 0), (one, 1), (two, 1), (two, 2))
    ]
    assert np.array_equal(speaks(first, mail[:2]), speaks(both, mail[2:]))
    assert np.array_equal(first.roster.start, both.roster.start)


def test_another_topic_leaves_contacts_about_the_others_as_they_were() -> None:
    topics = EVENT["topics"][:-1] + ", claim: {handle_time: {mean: 30 min, cv: 2}}}"
    one, two = (
        event(),
        event(topics=topics, demand=f"{{{ALL.replace('refund: 20 %', 'refund: 5 %, claim: 15 %')}}}"),
    )
    first, both = (
        described(one, draw_world(one, 1, 0).workload),
        described(two, draw_world(two, 1, 0).workload),
    )
    kept = {key for key in both if key[4] != "claim"}
    assert kept < first.keys()
    assert {key for key in first if key[4] == "info"} < kept
    assert {key[:4] for key in first} == {key[:4] for key in both}


def test_fewer_contacts_about_a_topic_keep_what_is_drawn_of_each() -> None:
    one, two = (
        event(),
        event(demand=f"{{{ALL.replace('info: 80 %, refund: 20 %', 'info: 50 %, refund: 50 %')}}}"),
    )
    first, both = (
        described(one, draw_world(one, 1, 0).workload),
        described(two, draw_world(two, 1, 0).workload),
    )
    assert {key for key in both if key[4] == "info"} < first.keys()
    assert {key for key in first if key[4] == "refund"} < both.keys()


@pytest.mark.parametrize(
    "law", ["law: gamma, cv: 2", "law: lognormal, cv: 2", "law: exponential", "law: constant"]
)
def test_another_law_for_one_topic_leaves_contacts_about_the_others(law: str) -> None:
    one, two = (
        event(),
        event(topics=EVENT["topics"].replace("{mean: 9 min, cv: 1}", f"{{mean: 7 min, {law}}}")),
    )
    first, both = ([*described(some, draw_world(some, 1, 0).workload)] for some in (one, two))
    assert [key[:5] + key[6:7] for key in first] == [key[:5] + key[6:7] for key in both]
    efforts = [[key[5] for key in keys if key[4] == "info"] for keys in (first, both)]
    assert efforts[0] == efforts[1]
    assert [key[5] for key in first] != [key[5] for key in both]


def test_a_plan_never_gets_what_was_worked_out_for_another() -> None:
    # One after another, so that each may lie in memory where the one before it lay.
    rates = [
        draw_world(event(demand=f"{{{ALL.replace('300', str(rate))}}}"), 1, 0).workload.outside
        for rate in (300, 600) * 3
    ]
    people = [
        draw_world(event(teams=EVENT["teams"].replace("60", str(people), 1)), 1, 0).roster.agents
        for people in (60, 80) * 3
    ]
    assert rates[:2] * 3 == rates
    assert 1.7 < rates[1] / rates[0] < 2.3
    assert people == [60, 80] * 3


def test_another_mix_of_languages_moves_nothing_else() -> None:
    one, two = event(), event(demand=f"{{{ALL.replace('{nl: 70 %, en: 30 %}', '{nl: 20 %, en: 80 %}')}}}")
    first, both = ([*described(some, draw_world(some, 1, 0).workload)] for some in (one, two))
    assert [(*key[:3], *key[4:]) for key in first] == [(*key[:3], *key[4:]) for key in both]
    assert first != both


def test_another_share_of_follow_ups_keeps_those_that_come_anyway() -> None:
    def shared(share: str) -> list[tuple[object, ...]]:
        some = event(then=f"{{info: {{topic: refund, share: {share}, after: {{mean: 1 h, cv: 1}}}}}}")
        return list(described(some, draw_world(some, 1, 0).workload))

    few, many = shared("10 %"), shared("30 %")
    assert [key[:7] for key in few] == [key[:7] for key in many]
    assert all(one[7] == other[7] for one, other in zip(few, many, strict=True) if one[7] is not None)
    assert sum(key[7] is None for key in few) > sum(key[7] is None for key in many)


@pytest.mark.parametrize(
    "change", [("people: 60", "people: 80"), ("speaks:", "pace: 160 %, speaks:"), ("80 %", "50 %")]
)
def test_another_plan_meets_the_same_contacts(change: tuple[str, str]) -> None:
    assert change[0] in EVENT["teams"]
    one, two = event(), event(teams=EVENT["teams"].replace(*change))
    assert described(one, draw_world(one, 1, 0).workload) == described(two, draw_world(two, 1, 0).workload)


def test_another_pace_leaves_the_roster_and_fewer_show_ups_leave_those_who_come() -> None:
    first = draw_world(event(), 1, 0)
    assert same_supply(
        first, draw_world(event(teams=EVENT["teams"].replace("speaks:", "pace: 160 %, speaks:")), 1, 0)
    )
    fewer = draw_world(event(teams=EVENT["teams"].replace("show_up: 80 %", "show_up: 50 %")), 1, 0).roster
    columns = ("agent", "start", "end")
    before, after = (
        set(zip(*(getattr(roster, name) for name in columns), strict=True))
        for roster in (first.roster, fewer)
    )
    assert after < before


def test_at_a_higher_rate_the_first_contacts_are_the_same_but_sooner() -> None:
    topics = "{info: {handle_time: {mean: 5 min, cv: 0.8}}}"
    one, two = (plan(demand=f"{{all: {{rate: {rate} / d}}}}", topics=topics) for rate in (300, 600))
    first, both = (draw_world(some, 1, 0).workload for some in (one, two))
    assert np.array_equal(both.effort[: first.n], first.effort)
    assert np.abs(both.time[: first.n] - first.time / 2).max() <= 1


HABITS = {
    "channels": """{mail: {recognised: 30 %, writes_again: {share: 50 %, after: {mean: 3 h, cv: 1}, most: 2},
        bystanders: {share: 30 %, after: {mean: 10 min, cv: 1}}},
      phone: {lines: 5, patience: {mean: 6 min, cv: 1, at_once: 5 %},
        gives_up: {share: 40 %, to: {phone: 60 %, mail: 40 %}, after: {mean: 20 min, cv: 1}, most: 2}}}""",
    "then": """{info: {topic: refund, share: 20 %, by: {hub: 30 %}, after: {mean: 1 h, cv: 1}, most: 2},
      refund: {topic: info, share: 20 %, after: {mean: 1 h, cv: 1}, most: 3}}""",
    "ends": """{reopening: {announced: [2010-06-08 06:00, 2010-06-08 18:00], moved: 50 %,
      again: {share: 50 %, after: {mean: 1 h, cv: 1}}}}""",
    "demand": """{all: {rate: [[2010-06-07 00:00, 300 / d], [2010-06-08 18:00, 300 / d], [2010-06-09 12:00,
    20 / d]],
      until: reopening, bursts: {share: 20 %, after: {mean: 10 min, cv: 1}}, channel: {mail: 60 %,
      phone: 40 %},
      language: {nl: 70 %, en: 30 %}, topic: {info: 80 %, refund: 20 %}}}""",
}


def families(some: Plan, replication: int = 0, surge: float = 1.0) -> set[tuple[object, ...]]:
    """All contacts, each with the ways and delays that lead to it from outside: whatever the order of the
    rows.
    """
    work = draw_world(some, 3, replication, surge).workload
    columns = ("time", "type", "effort", "patience", "merge", "trigger", "parent")
    time, kind, effort, patience, merge, trigger, parent = (getattr(work, name).tolist() for name in columns)
    way: list[tuple[object, ...]] = []
    for row in range(work.n):
        before = way[parent[row]] if parent[row] >= 0 else ()
        way.append((*before, (trigger[row], time[row], kind[row], effort[row], patience[row], merge[row])))
    assert len(set(way)) == work.n
    return set(way)


def habitual(**changes: tuple[str, str]) -> Plan:
    """The event with every habit, and in these sections one text put in place of another."""
    sections = dict(HABITS)
    for name, (old, new) in changes.items():
        assert sections[name].count(old) == 1
        sections[name] = sections[name].replace(old, new)
    return event(**sections)


@pytest.mark.parametrize(
    "more",
    [
        {
            "channels": (
                "share: 50 %, after: {mean: 3 h, cv: 1}, most: 2",
                "share: 60 %, after: {mean: 3 h, cv: 1}, most: 3",
            )
        },
        {"channels": ("share: 40 %, to", "share: 55 %, to")},
        {"channels": ("mean: 20 min, cv: 1}, most: 2", "mean: 20 min, cv: 1}, most: 3")},
        {"then": ("by: {hub: 30 %}", "by: {hub: 45 %}")},
        {"then": ("most: 2", "most: 3")},
    ],
    ids=lambda more: next(iter(more.values()))[1],
)
def test_customers_who_come_again_more_often_come_again_all_the_times_they_did(
    more: dict[str, tuple[str, str]],
) -> None:
    # But that who writes again of himself does not wait until an end is moved: so no end is, here.
    settled = {"ends": ("again: {share: 50 %", "again: {share: 0 %")}
    for replication in range(3):
        few, many = (
            families(habitual(**settled), replication),
            families(habitual(**settled, **more), replication),
        )
        assert few < many


def test_who_comes_again_at_a_surge_is_there_at_a_larger_one() -> None:
    some = habitual()
    found = [families(some, 0, surge) for surge in (0.4, 1.0, 1.7)]
    for smaller, larger in pairwise(found):
        assert smaller < larger


def test_a_habit_of_one_channel_leaves_what_comes_of_the_others() -> None:
    def by_mail_alone(some: Plan) -> set[tuple[object, ...]]:
        mail = set(some.demand.type_of[0].ravel().tolist())
        return {way for way in families(some) if all(link[2] in mail for link in way)}

    one, other = habitual(), habitual(channels=("share: 40 %, to", "share: 10 %, to"))
    assert by_mail_alone(one) == by_mail_alone(other)
    assert len(by_mail_alone(one)) > 500


def test_how_well_repeats_are_recognised_moves_no_contact() -> None:
    one, other = habitual(), habitual(channels=("recognised: 30 %", "recognised: 80 %"))
    assert families(one) == families(other)


def test_another_plan_meets_the_same_customers_whatever_they_may_do() -> None:
    one, other = event(**HABITS), event(**HABITS, teams=EVENT["teams"].replace("people: 60", "people: 80"))
    assert families(one) == families(other)
