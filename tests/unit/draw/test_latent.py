"""Latent contacts: chains of follow-ups, tries, repeats and bystanders, as the habits of customers say.

Where shares are 0 % or 100 % and delays constant the whole chain is known, and held to exactly.
"""

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from sim.draw.arrivals import end_of
from sim.draw.demand import draw_demand
from sim.draw.world import draw_world
from sim.plan import Plan
from sim.scenario.document.problems import ScenarioError
from sim.scenario.lowering import lower
from sim.scenario.repeat_count import latent_contacts
from sim.tables import ALWAYS, NEVER, Trigger, Workload, threshold
from sim.units import DAY, HOUR, MINUTE
from tests.plans import RARE, SIGMAS, hub, plan, reading

ONE = "{all: {rate: 500 / d}}"  # some thousand contacts on the first channel, about the first topic
TWO = {
    "channels": "{phone: {live: true, lines: 5, patience: 6 min%s}, mail: {%s}}",
    "demand": "{all: {rate: 500 / d, channel: phone}}",
}


def chained(habit: str, elsewhere: str = "", **sections: str) -> Plan:
    """Customers who call, with a habit of the phone, and perhaps one of the mail."""
    channels = TWO["channels"] % (f", {habit}" if habit else "", elsewhere)
    return plan(**{"channels": channels, "demand": TWO["demand"]} | sections)


def drawn(some: Plan) -> Workload:
    return draw_demand(some.demand, 1, 0)


def lineage(work: Workload, row: int) -> list[str]:
    """What brought a contact, from its root on."""
    words: list[str] = []
    while work.parent[row] >= 0:
        words.insert(0, Trigger(work.trigger[row]).name.removeprefix("ON_").lower())
        row = work.parent[row]
    return words


def each_root(work: Workload) -> Counter[tuple[str, ...]]:
    """How often each chain of triggers stands in a workload, for each contact from outside."""
    found = Counter(tuple(lineage(work, row)) for row in range(work.outside, work.n))
    assert all(count % work.outside == 0 for count in found.values())
    return Counter({chain: count // work.outside for chain, count in found.items()})


def channel(some: Plan, work: Workload) -> np.ndarray:
    return some.lens.labels[work.label, 1]


def test_without_a_habit_nothing_is_latent() -> None:
    work = drawn(chained(""))
    assert work.n == work.outside > 500


def test_who_fails_tries_again_once_for_either_way_to_fail_up_to_the_most() -> None:
    some = chained("gives_up: {share: 100 %, after: 10 min, most: 2}")
    work = drawn(some)
    ways = ("abandon", "block")
    assert each_root(work) == Counter([(one,) for one in ways] + [(one, two) for one in ways for two in ways])
    latent, parent = slice(work.outside, None), work.parent[work.outside :]
    for column in (work.case, work.question, work.effort, work.type):
        assert np.array_equal(column[latent], column[parent])  # the same matter
    assert set(work.time[latent]) == {10 * MINUTE}
    assert set(work.patience) == {6 * MINUTE}
    assert set(work.reason) == {NEVER}


@pytest.mark.parametrize(
    ("of_the_phone", "chains"),
    [
        ("lines: 5", {("block",)}),
        ("patience: 6 min", {("abandon",)}),
        ("lines: [[2010-06-07 00:00, unlimited], [2010-06-08 00:00, 0]]", {("block",)}),
    ],
)
def test_only_what_can_happen_on_a_channel_brings_a_next_try(
    of_the_phone: str, chains: set[tuple[str]]
) -> None:
    habit = "gives_up: {share: 100 %, to: mail, after: 10 min}"
    some = plan(channels=f"{{phone: {{{of_the_phone}, {habit}}}, mail: {{}}}}", demand=TWO["demand"])
    work = drawn(some)
    assert set(each_root(work)) == chains
    assert set(channel(some, work)[: work.outside]) == {0}
    assert set(channel(some, work)[work.outside :]) == {1}
    assert set(work.patience[work.outside :]) == {-1}  # on mail all wait for ever


def test_both_tries_after_one_contact_are_the_same_try() -> None:
    some = chained(
        "gives_up: {share: 60 %, to: {phone: 50 %, mail: 50 %}, after: {mean: 10 min, cv: 1}, most: 1}"
    )
    work = drawn(some)
    by_parent = {
        trigger: np.flatnonzero(work.trigger == trigger) for trigger in (Trigger.ON_ABANDON, Trigger.ON_BLOCK)
    }
    one, other = by_parent.values()
    assert np.array_equal(work.parent[one], work.parent[other])
    assert np.array_equal(work.time[one], work.time[other])
    assert np.array_equal(channel(some, work)[one], channel(some, work)[other])
    assert abs(len(one) / work.outside - 0.6) < SIGMAS * (0.24 / work.outside) ** 0.5  # sees 7 points
    assert abs(channel(some, work)[one].mean() - 0.5) < SIGMAS * (0.25 / len(one)) ** 0.5


def test_where_customers_move_may_change_over_time_and_go_by_language() -> None:
    to = "{by: language, nl: [[2010-06-07 00:00, phone], [2010-06-09 00:00, mail]], en: mail}"
    demand = "{all: {rate: 5000 / d, channel: phone, language: {nl: 50 %, en: 50 %}}}"
    some = chained(
        f"gives_up: {{share: 100 %, to: {to}, after: 10 min, most: 1}}", languages="[nl, en]", demand=demand,
        teams=hub(speaks="{nl: 100 %, en: 100 %}"),
    )  # fmt: skip
    work = drawn(some)
    latent = np.flatnonzero(work.trigger == Trigger.ON_BLOCK)
    began, to_mail = work.time[work.parent[latent]], channel(some, work)[latent] == 1
    dutch = some.lens.labels[work.label[latent], 2] == 0
    assert to_mail[~dutch].all()
    late = began > DAY
    for half, share in ((~late, 0.25), (late, 0.75)):
        assert (
            abs(to_mail[dutch & half].mean() - share) < SIGMAS * (0.19 / (dutch & half).sum()) ** 0.5
        )  # sees 4 points


def test_who_hears_nothing_writes_again_up_to_the_most() -> None:
    some = chained(
        "",
        "writes_again: {share: 100 %, after: 2 h, most: 3}",
        demand="{all: {rate: 500 / d, channel: mail}}",
    )
    work = drawn(some)
    latent, parent = slice(work.outside, None), work.parent[work.outside :]
    for column in (work.case, work.question, work.effort, work.type, work.label):
        assert np.array_equal(column[latent], column[parent])
    assert set(work.time[latent]) == {2 * HOUR}
    # Who came in the last hours writes again as long as the horizon lets him.
    links = np.bincount(work.case[latent], minlength=work.outside)
    assert np.array_equal(links, np.minimum(3, (some.horizon - 1 - work.time[: work.outside]) // (2 * HOUR)))


def test_a_repeat_that_draws_a_bystander_leaves_it_to_others_to_go_on() -> None:
    habits = (
        "writes_again: {share: 100 %, after: 2 h, most: 3}, bystanders: {share: 100 %, after: 10 min, "
        "most: 2}"
    )
    some = plan(drain="2 d", channels=f"{{mail: {{{habits}}}}}", demand=ONE)
    work = drawn(some)
    silences = ("silence",) * 4
    # A repeat, the post it draws, that customer's repeat, the post that one draws, and three repeats of the
    # last.
    assert each_root(work) == Counter(
        [silences[:links] for links in (1, 2, 3, 4)] + [("silence",) * more for more in (5, 6, 7)]
    )
    latent = np.arange(work.outside, work.n)
    drawn_by = work.case[latent] != work.case[work.parent[latent]]
    streams = some.lens.labels[work.label, 0]
    assert some.lens.streams == ("all", "bystanders")
    depth = np.array([len(lineage(work, row)) for row in latent])
    assert set(depth[drawn_by]) == {2, 4}
    assert set(work.time[latent][drawn_by]) == {10 * MINUTE}
    assert set(streams[latent][depth == 1]) == {0}
    assert set(streams[latent][depth > 1]) == {1}
    assert len(set(work.question.tolist())) == len(set(work.case.tolist())) == 3 * work.outside


def test_a_reply_is_followed_up_in_chains_each_link_a_new_question_of_the_case() -> None:
    topics = "{info: {handle_time: 5 min}, refund: {handle_time: 9 min}}"
    then = (
        "{info: {topic: refund, share: 100 %, after: 1 h, most: 3}, refund: {topic: info, share: 100 %, "
        "after: 2 h, most: 3}}"
    )
    some = plan(topics=topics, then=then, demand="{all: {rate: 500 / d, topic: info}}")
    work = drawn(some)
    replies = ("reply",) * 3
    assert each_root(work) == Counter([replies[:links] for links in (1, 2, 3)])
    latent = np.arange(work.outside, work.n)
    depth = np.array([len(lineage(work, row)) for row in latent])
    assert np.array_equal(work.case[latent], work.case[work.parent[latent]])
    assert len(set(work.question.tolist())) == work.n
    assert [set(work.effort[latent][depth == link]) for link in (1, 2, 3)] == [
        {9 * MINUTE},
        {5 * MINUTE},
        {9 * MINUTE},
    ]
    assert [set(work.time[latent][depth == link]) for link in (1, 2, 3)] == [{HOUR}, {2 * HOUR}, {HOUR}]


def test_a_follow_up_after_one_team_is_among_those_after_another_that_is_followed_up_more() -> None:
    teams = hub(1)[:-1] + ", helpers: {people: 1, " + hub()[18:-1] + "}"
    some = plan(
        lasts="10 d", teams=teams, demand="{all: {rate: 2000 / d}}",
        then="{info: {topic: info, share: 20 %, by: {helpers: 50 %}, after: 1 h}}",
    )  # fmt: skip
    world = draw_world(some, 1, 0)
    work, odds = world.workload, world.routing.odds
    assert some.lens.reasons == ("self_service", "closed", "then.info")
    assert odds.tolist() == [[0, 0, 0], [0, 0, 0], [threshold(0.2), threshold(0.5), 0]]
    latent = slice(work.outside, None)
    assert set(work.reason[latent]) == {2}
    assert set(work.reason[: work.outside]) == {NEVER}
    for team, share in ((0, 0.2), (1, 0.5)):
        come = (work.chance[latent] < odds[2, team]).sum() / work.outside
        assert abs(come - share) < SIGMAS * (share * (1 - share) / work.outside) ** 0.5  # sees 1.6 points
    assert (work.chance[latent] < odds[2, 1]).all()  # nothing is drawn that no team can bring


ENDS = """{reopening: {announced: [2010-06-07 06:00, 2010-06-07 18:00, 2010-06-08 12:00], moved: [100 %, %s],
  again: {share: 100 %%, after: 30 min}}}""".replace("[100 %", "[100 %%")
UNTIL = (
    "{all: {rate: [[2010-06-07 00:00, 40 / h], [2010-06-08 12:00, 40 / h], [2010-06-08 18:00, 0 / h]], "
    "until: reopening}}"
)


def test_who_has_no_answer_when_an_end_is_moved_asks_again_after_each() -> None:
    some = plan(ends=ENDS % "100 %", demand=UNTIL)
    work = drawn(some)
    slips = np.array([6 * HOUR, 18 * HOUR])
    time = work.time[: work.outside]
    assert np.array_equal(
        np.bincount(work.case[work.outside :], minlength=work.outside), (time[:, None] < slips).sum(axis=1)
    )
    arrives = work.time.copy()
    for row in range(work.outside, work.n):
        arrives[row] += arrives[work.parent[row]]
    assert set(arrives[work.outside :]) == set(slips + 30 * MINUTE)
    assert work.repeats[work.outside :].all()
    assert set(work.trigger[work.outside :]) == {Trigger.ON_SILENCE}


def test_in_a_replication_that_ends_earlier_the_rest_comes_so_much_earlier_and_nobody_asks_again() -> None:
    late, early = (drawn(plan(ends=ENDS % moved, demand=UNTIL)) for moved in ("100 %", "0 %"))
    assert late.time[: late.outside].max() > 40 * HOUR
    assert 22 * HOUR < early.time[: early.outside].max() < 24 * HOUR
    same = early.time[: early.outside] < 18 * HOUR
    assert np.array_equal(early.time[: early.outside][same], late.time[: same.sum()])
    assert set(np.bincount(early.case[early.outside :])) <= {0, 1}  # the first end was moved all the same


def test_an_end_is_moved_in_so_many_replications_as_its_chance_says() -> None:
    some = plan(ends=ENDS % "30 %", demand=UNTIL)
    ends = some.demand.streams[0].ends
    assert ends is not None
    found = np.array([end_of(ends, 1, replication) for replication in range(2000)])
    assert set(found) == {1, 2}  # the first is always moved
    assert abs((found == 2).mean() - 0.3) < SIGMAS * (0.21 / len(found)) ** 0.5  # sees 5 points


def test_of_a_nudge_and_a_question_after_a_moved_end_the_earlier_comes() -> None:
    channels = "{mail: {writes_again: {share: 100 %, after: 3 h, most: 2}}}"
    both = drawn(plan(ends=ENDS % "100 %", demand=UNTIL, channels=channels))
    time = both.time[: both.outside]
    first = np.full(both.outside, -1)
    children = np.flatnonzero(both.parent[both.outside :] < both.outside) + both.outside
    first[both.parent[children]] = both.time[children]
    slips = np.array([6 * HOUR, 18 * HOUR, 10**12])
    until_slip = slips[np.searchsorted(slips, time, "right")] - time + 30 * MINUTE
    assert np.array_equal(first, np.minimum(3 * HOUR, until_slip))


CLOSED = "{mail: {open: 08:00-20:00, closed: {wait: 50 %, move: 20 %, vanish: 30 %, to: chat}}, chat: {}}"


def test_outside_opening_hours_demand_waits_moves_or_vanishes() -> None:
    some = plan(channels=CLOSED, demand="{all: {rate: 5000 / d, channel: mail}}")
    work = drawn(some)
    shut = (work.time % DAY < 8 * HOUR) | (work.time % DAY >= 20 * HOUR)
    assert set(work.reason[~shut]) == {NEVER}
    assert set(channel(some, work)[~shut]) == {0}
    vanish, move = work.reason == 1, channel(some, work) == 1
    for mask, share in ((vanish, 0.3), (move, 0.2)):
        assert (
            abs(mask[shut].mean() - share) < SIGMAS * (share * (1 - share) / shut.sum()) ** 0.5
        )  # sees 3 points
    assert not (vanish & move).any()
    assert set(work.type[move]) == {some.demand.type_of[1, 0, 0]}


def test_night_demand_is_the_same_once_the_night_is_served() -> None:
    demand = "{all: {rate: 5000 / d, channel: mail}}"
    closed, opened = (drawn(plan(channels=text, demand=demand)) for text in (CLOSED, "{mail: {}, chat: {}}"))
    for column in ("time", "effort", "patience", "case"):
        assert np.array_equal(getattr(closed, column), getattr(opened, column))
    assert set(opened.reason) == {NEVER}


def test_a_night_span_and_several_spans_of_opening_hours_are_local() -> None:
    channels = "{mail: {open: [22:00-02:00, 08:00-10:00], closed: {vanish: 100 %}}}"
    work = drawn(plan(channels=channels, timezone="Europe/Amsterdam", demand="{all: {rate: 5000 / d}}"))
    hour = work.time % DAY // HOUR
    assert set(hour[work.reason == NEVER].tolist()) == {22, 23, 0, 1, 8, 9}


def test_who_helps_himself_never_comes_and_the_share_may_grow() -> None:
    topics = "{info: {handle_time: 5 min, self_service: [[2010-06-07 00:00, 0 %], [2010-06-09 00:00, 80 %]]}}"
    work = drawn(plan(topics=topics, demand="{all: {rate: 5000 / d}}"))
    helped = work.reason == 0
    for half, share in ((work.time < DAY, 0.2), (work.time >= DAY, 0.6)):
        assert abs(helped[half].mean() - share) < SIGMAS * (0.24 / half.sum()) ** 0.5  # sees 3 points
    assert set(work.reason) == {NEVER, 0}


def test_who_stays_away_brings_nobody() -> None:
    topics = "{info: {handle_time: 5 min, self_service: 50 %}}"
    then = "{info: {topic: info, share: 100 %, after: 1 h}}"
    work = drawn(plan(topics=topics, then=then, demand=ONE))
    assert np.array_equal(
        np.bincount(work.parent[work.outside :], minlength=work.outside) == 0,
        work.reason[: work.outside] == 0,
    )


def test_how_well_repeats_are_recognised_and_how_long_they_take_go_by_channel_and_topic() -> None:
    some = plan(
        channels="{mail: {recognised: 25 %}, chat: {}}",
        demand="{all: {rate: 1 / h, channel: mail, topic: info}}",
        topics="{info: {handle_time: 5 min, repeat_time: 2 min}, refund: {handle_time: 9 min}}",
    )
    routing = draw_world(some, 1, 0).routing
    of = some.demand.type_of
    assert routing.merge_odds[of[0, 0, 0]] == round(0.25 * ALWAYS)
    assert routing.merge_odds[of[1, 0, 0]] == 0
    assert [routing.duplicate_effort[of[0, 0, topic]] for topic in (0, 1)] == [2 * MINUTE, MINUTE]


def test_lines_change_in_steps() -> None:
    lines = "[[2010-06-06 00:00, 9], [2010-06-07 06:00, 0], [2010-06-07 12:00, unlimited]]"
    some = plan(
        channels=f"{{mail: {{}}, phone: {{lines: {lines}}}}}", demand="{all: {rate: 1 / h, channel: mail}}"
    )
    assert some.rules.lines.tolist() == [[0, 1, 9], [6 * HOUR, 1, 0], [12 * HOUR, 1, -1]]


def test_a_team_that_is_down_is_off_duty_meanwhile() -> None:
    down = "[{from: 2010-06-07 06:00, to: 2010-06-07 09:00}, {from: 2010-06-07 23:00, to: 2010-06-08 01:00}]"
    shifts = (
        "{day: {hours: 08:00-16:00, share: 50 %, breaks: ['12:00-12:30']}, night: {hours: "
        "22:00-06:00, share: 50 %}}"
    )
    some = plan(lasts="1 d", teams=hub(2, shifts=shifts, down=down))
    roster = draw_world(some, 1, 0).roster
    spans = sorted(zip((roster.start / HOUR).tolist(), (roster.end / HOUR).tolist(), strict=True))
    assert spans == [(0, 6), (9, 12), (12.5, 16), (22, 23)]


def test_the_expected_number_of_latent_contacts_is_that_of_the_draw() -> None:
    habits = "writes_again: {share: 60 %, to: {phone: 30 %, mail: 70 %}, after: 1 ms, most: 2}"
    some = reading(
        lasts="20 d",
        channels="{phone: {lines: 5, patience: 6 min, gives_up: {share: 40 %, to: {phone: 60 %, mail: 40 "
        "%}, after: 10 min,"
        f" most: 2}}}}, mail: {{{habits}, bystanders: {{share: 30 %, after: 1 min, most: 2}}}}}}",
        topics="{info: {handle_time: 5 min}, refund: {handle_time: 9 min}}",
        then="{info: {topic: refund, share: 30 %, after: 1 h, most: 2}, refund: {topic: info, share: 20 %, "
        "after: 1 h}}",
        demand="{all: {rate: 2000 / d, channel: phone, topic: info}}",
    )
    work = drawn(lower(some.scenario, some.resolved))
    assert work.outside > 35_000
    links = np.bincount(root_of(work), minlength=work.outside) - 1
    expected = latent_contacts(some.scenario)
    assert 2 < expected < 8
    assert abs(links.mean() - expected) < SIGMAS * links.std() / work.outside**0.5  # sees 3 %


def root_of(work: Workload) -> np.ndarray:
    root = np.arange(work.n)
    for row in range(work.outside, work.n):
        root[row] = root[work.parent[row]]
    return root


def test_delays_and_patience_of_latent_contacts_follow_their_laws() -> None:
    habit = "gives_up: {share: 100 %, after: {mean: 10 min, cv: 1.5, law: gamma}, most: 1}"
    channels = f"{{phone: {{lines: 3, patience: {{mean: 6 min, cv: 0.7, at_once: 20 %}}, {habit}}}}}"
    work = drawn(plan(channels=channels, demand="{all: {rate: 5000 / d}}"))
    latent = work.trigger == Trigger.ON_BLOCK
    shape = 1.5**-2
    assert (
        stats.kstest(work.time[latent], stats.gamma(shape, scale=10 * MINUTE / shape).cdf).pvalue > RARE
    )  # sees 2.4 %
    waits = work.patience[latent]
    assert abs((waits == 0).mean() - 0.2) < SIGMAS * (0.16 / len(waits)) ** 0.5
    variance = np.log1p(0.7**2)
    law = stats.lognorm(variance**0.5, scale=6 * MINUTE * np.exp(-variance / 2))
    assert stats.kstest(waits[waits > 0], law.cdf).pvalue > RARE


HEAVY = """phone: {lines: 5, patience: 5 min, gives_up: {share: 90 %, after: 1 min, most: 3},
  writes_again: {share: 90 %, after: 1 min}}"""


@pytest.mark.parametrize(
    ("web", "channel"),
    [
        ("open: 08:00-08:01, closed: {move: 100 %, to: phone}", "web"),
        (
            "patience: 5 min, gives_up: {share: 50 %, to: [[2010-06-07 00:00, web], [2010-06-09 00:00, "
            "phone]], after: 1 min}",
            "web",
        ),
        ("", "[[2010-06-07 00:00, web], [2010-06-08 00:00, web], [2010-06-09 00:00, phone]]"),
        ("", "{by: language, nl: web, en: web, de: phone}"),
    ],
    ids=["a closed door", "a move that changes", "a mix that changes", "a mix by language"],
)
def test_no_detour_leads_to_more_latent_contacts_than_are_allowed(web: str, channel: str) -> None:
    with pytest.raises(
        ScenarioError, match=r"each contact would generate [0-9,.]+ follow-on contacts on average"
    ):
        plan(
            languages="[nl, en, de]", teams=hub(speaks="{nl: 100 %, en: 100 %, de: 100 %}"),
            channels=f"{{web: {{{web}}}, {HEAVY}}}",
            demand=f"{{all: {{rate: 1 / h, channel: {channel}, language: {{nl: 99 %, en: 1 %}}}}}}",
        )  # fmt: skip
