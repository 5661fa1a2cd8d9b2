"""What the averages of a plan say, against sums by hand."""

import numpy as np
import pytest

from sim.forecast import advise
from sim.plan import Plan
from sim.units import HOUR
from tests.plans import HOME, REGIONS, hub, plan

WEIGHTS = np.array(HOME.strip("[]").split(", "), float)
OPEN = "{early: {hours: 08:00-16:00, share: 50 %}, late: {hours: 15:00-23:00, share: 50 %}}"
WINTER = {"starts": "2010-01-11 00:00", "lasts": "7 d", "timezone": "Europe/Amsterdam", "days": REGIONS}
HALF_OPEN = "{day: {hours: 12:00-24:00}}"


def cap(some: Plan) -> float:
    (found,) = advise(some).caps
    return found.share


def test_who_opens_from_eight_to_eleven_in_the_evening_can_keep_87_percent() -> None:
    some = plan(**WINTER, demand="{all: {rate: 600 / d, day: home}}", teams=hub(2, shifts=OPEN))
    assert cap(some) == pytest.approx(WEIGHTS[7:23].sum() / WEIGHTS.sum())
    assert round(100 * cap(some), 1) == 87.0
    (night,) = advise(some).unserved
    assert night.hours == (0, 1, 2, 3, 4, 5, 6, 7, 23)
    assert round(100 * night.contacts / 4200, 1) == 15.6


def test_with_customers_in_america_and_asia_it_is_79_7_percent() -> None:
    demand = "{all: {rate: 600 / d, day: {home: 70 %, america: 20 %, asia: 10 %}}}"
    some = plan(**WINTER, demand=demand, teams=hub(2, shifts=OPEN))
    mixed = 0.7 * WEIGHTS + 0.2 * np.roll(WEIGHTS, 6) + 0.1 * np.roll(WEIGHTS, -7)
    assert cap(some) == pytest.approx(mixed[7:23].sum() / mixed.sum())
    assert round(100 * cap(some), 1) == 79.7
    (night,) = advise(some).unserved
    assert round(100 * night.contacts / 4200, 1) == 23.1


@pytest.mark.parametrize(
    ("within", "minutes"), [("1 min", 1), ("90 min", 90), ("11 h", 660), ("12 h", 720), ("13 h", 720)]
)
def test_a_cap_counts_who_comes_so_long_before_somebody_is_there(within: str, minutes: int) -> None:
    promises = f"{{first_reply: {{within: {within}, share: 90 %}}}}"
    some = plan(lasts="1 d", drain="13 h", promises=promises, teams=hub(shifts=HALF_OPEN))
    assert cap(some) == pytest.approx((720 + minutes) / 1440)


def test_a_cap_is_of_the_contacts_judged() -> None:
    judged = "{from: 2010-06-07 06:00, to: 2010-06-07 18:00}"
    assert cap(plan(lasts="1 d", judged=judged, teams=hub(shifts=HALF_OPEN))) == pytest.approx(7 / 12)
    assert cap(plan(lasts="1 d", teams=hub(0))) == 0
    assert cap(plan(demand="{all: {rate: 0 / h}}")) == 1


def test_a_cap_sees_who_may_take_what() -> None:
    mixed = {
        "channels": "{mail: {}, phone: {}}",
        "demand": "{all: {rate: 1 / h, channel: {mail: 75 %, phone: 25 %}}}",
        "lasts": "1 d",
    }
    teams = hub(shifts=HALF_OPEN, channels="[mail]")[:-1]
    teams += (
        ", other: {people: 1, speaks: {nl: 100 %}, channels: [phone], shifts: {all: {hours: 00:00-24:00}}}}"
    )
    some = plan(**mixed, teams=teams)
    assert cap(some) == pytest.approx(0.75 * 13 / 24 + 0.25)
    (found,) = advise(some).unserved
    assert (found.language, found.topic, found.hours) == ("nl", "info", tuple(range(12)))
    assert found.contacts == pytest.approx(9)
    phone = "{first_reply: {within: 1 h, share: 90 %, for: {channel: [phone]}}}"
    assert cap(plan(**mixed, promises=phone, teams=teams)) == 1


def test_no_lead_that_may_be_short_lowers_a_cap() -> None:
    def called(lead: str) -> float:
        return cap(plan(lasts="1 d", teams=hub(call_up=f"{{at: 2010-06-07 06:00, lead: {lead}}}")))

    assert called("3 h") == pytest.approx(1 - 8 / 24)
    assert called("{mean: 3 h, cv: 0.7}") == pytest.approx(1 - 5 / 24)
    assert called("{mean: {uniform: [2 h, 4 h]}, law: constant}") == pytest.approx(1 - 5 / 24)


def test_a_case_that_gets_into_scope_by_its_follow_up_can_be_in_time() -> None:
    topics = "{info: {handle_time: 1 min}, refund: {handle_time: 1 min}}"
    promises = "{first_reply: {within: 1 h, share: 90 %, for: {topic: [refund]}}}"
    some = plan(
        lasts="1 d",
        topics=topics,
        promises=promises,
        then="{info: {topic: refund, share: 20 %, after: 5 min}}",
        demand="{all: {rate: 10 / h, topic: {info: 50 %, refund: 50 %}}}",
        teams=hub(shifts=HALF_OPEN),
    )
    assert cap(some) == pytest.approx((120 * 13 / 24 + 24) / (120 + 24))


def test_contacts_are_the_integral_of_the_rate() -> None:
    lines = (
        "[[2010-06-07 06:20, 0 / h], [2010-06-07 12:40, 20 / h], [2010-06-07 12:40, 5 / h], "
        "[2010-06-08 00:00, 5 / h]]"
    )
    some = plan(lasts="31 h", demand=f"{{lines: {{rate: {lines}}}, even: {{rate: 7 / h}}}}")
    expected = {"lines": 10 * 19 / 3 + 5 * (11 + 1 / 3) + 5 * 7, "even": 7 * 31}
    assert dict(advise(some).contacts) == pytest.approx(expected, rel=1e-6)


def test_contacts_of_a_population_are_those_of_the_mean_of_each_number() -> None:
    text = """{people: {triangular: [500, 800, 1400]}, contacts_each: {mean: 0.1 / h, cv: 50 %},
      affected: [[2010-06-07 00:00, 50 %]]}"""
    assert dict(advise(plan(demand=f"{{all: {text}}}")).contacts) == pytest.approx(
        {"all": 900 * 0.1 * 0.5 * 48}
    )


TWO = {
    "languages": "[nl, en]",
    "topics": "{info: {handle_time: 5 min}, refund: {handle_time: 10 min}}",
    "demand": "{all: {rate: 60 / h, topic: info, language: {by: topic, info: {nl: 75 %, en: 25 %}, refund: "
    "nl}}}",
}


def test_load_is_contacts_times_handle_time_at_the_mean_pace() -> None:
    teams = hub(10, speaks="{nl: 100 %, en: 100 %}")[:-1]
    teams += (
        ", slow: {people: 30, pace: 200 %, answers: [info], speaks: {nl: 100 %}, shifts: {all: "
        "{hours: 00:00-24:00}}}}"
    )
    load = advise(plan(**TWO, teams=teams)).load
    pace = (10 * 1 + 30 * 2) / 40
    assert load[2:48] == pytest.approx(np.tile([45 * 5 / 60 * pace, 15 * 5 / 60 * pace], (46, 1)))
    assert load.shape == (49, 2)
    assert load[48, 0] < load[47, 0] / 5  # nothing comes in the drain; what is in hand is finished


def test_load_counts_follow_ups_once() -> None:
    some = plan(
        **TWO,
        then="{info: {topic: refund, share: 50 %, after: 5 min}, refund: {topic: info, share: 50 %, after: "
        "5 min}}",
        teams=hub(speaks="{nl: 100 %, en: 100 %}"),
    )
    assert advise(some).load[5].tolist() == pytest.approx([45 * (5 + 5) / 60, 15 * (5 + 5) / 60])


def test_duty_is_who_is_there_on_average_and_speaks_the_language() -> None:
    team = hub(
        20,
        speaks="{nl: 100 %, en: 40 %}",
        works="5 of 7 d",
        absence="10 %",
        shifts="{day: {hours: 08:00-12:00, share: 60 %, breaks: [10:00-10:15]}, late: {hours: 11:30-14:00, "
        "share: 40 %}}",
    )
    duty = advise(plan(**TWO, lasts="7 d", teams=team)).duty[: 7 * 24].reshape(7, 24, 2).mean(axis=0)
    there = 20 * 5 / 7 * 0.9
    expected = np.zeros(24)
    expected[8:12] = 0.6 * there
    expected[10] *= 0.75
    expected[11] += 0.4 * there / 2
    expected[12:14] = 0.4 * there
    assert duty[:, 0] == pytest.approx(expected)
    assert duty[8, 1] + duty[13, 1] == pytest.approx(0.4 * there)  # eight people, five of them by day
    assert duty[8, 1] == pytest.approx(5 / 12 * duty[8, 0])


def test_a_share_that_rounds_to_nobody_leaves_its_hours_unserved() -> None:
    shifts = "{day: {hours: 08:00-20:00, share: 90 %}, night: {hours: 20:00-08:00, share: 10 %}}"
    (found,) = advise(plan(lasts="2 d", teams=hub(4, shifts=shifts))).unserved
    assert found.hours == (0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23)
    (found,) = advise(plan(**TWO, lasts="1 d", teams=hub(4, speaks="{nl: 100 %, en: 12 %}"))).unserved
    assert (found.language, len(found.hours)) == ("en", 24)


def test_people_called_are_there_after_the_mean_lead_and_fewer_by_day() -> None:
    call = (
        "{at: 2010-06-07 10:00, lead: {mean: 90 min, cv: 1}, show_up: 80 %, drop_out: 25 %, until: "
        "2010-06-09 12:00}"
    )
    duty = advise(plan(lasts="4 d", teams=hub(10, call_up=call))).duty[:, 0]
    expected = np.repeat([8.0, 6.0, 4.5, 0.0], 24)
    expected[:11], expected[11], expected[60:72] = 0, 4, 0
    assert duty[:96] == pytest.approx(expected)


def test_unserved_hours_are_those_at_which_nobody_who_may_is_there() -> None:
    teams = (
        hub(2, speaks="{nl: 100 %}")[:-1]
        + ", en: {people: 1, speaks: {en: 50 %}, shifts: {day: {hours: 09:30-23:00}}}}"
    )
    (found,) = advise(plan(**TWO, lasts="1 d", teams=teams)).unserved
    assert (found.language, found.topic, found.hours) == ("en", "info", (0, 1, 2, 3, 4, 5, 6, 7, 8, 23))
    assert found.contacts == pytest.approx(10 * 15)


@pytest.mark.parametrize("lasts", ["1 d", "3 d", "9 d"])
def test_productive_hours_are_those_of_an_ordinary_week_however_short_the_event(lasts: str) -> None:
    teams = (
        hub(
            4,
            absence="25 %",
            shifts="{day: {hours: 07:00-15:00, share: 75 %, breaks: [11:00-12:00], days: [mon, tue, wed, "
            "thu, fri]}, "
            "night: {hours: 23:00-07:00, share: 25 %, breaks: [01:00-01:30]}}",
        )[:-1]
        + ", five: {people: 1, works: 5 of 7 d, speaks: {nl: 100 %}, shifts: {all: {hours: 09:00-17:00}}}}"
    )
    productive = dict(advise(plan(lasts=lasts, teams=teams)).productive)
    assert productive == {"hub": pytest.approx(0.75 * (0.75 * 35 + 0.25 * 52.5)), "five": pytest.approx(40)}


def test_nothing_is_said_of_promises_without_a_first_reply() -> None:
    some = plan(promises="{solved: {within: 1 h, share: 90 %}, answered: {share: 99 %}}")
    assert advise(some).caps == ()


def test_a_start_and_an_end_within_an_hour_are_counted_by_the_minute() -> None:
    some = plan(
        lasts="90 min", demand="{all: {rate: 60 / h}}", promises="{first_reply: {within: 1 min, share: 90 %}}"
    )
    assert dict(advise(some).contacts) == pytest.approx({"all": 90})
    assert len(advise(some).load) * HOUR >= some.horizon > (len(advise(some).load) - 1) * HOUR


def test_load_counts_every_link_of_a_chain_of_follow_ups_by_who_answers() -> None:
    teams = hub(10, speaks="{nl: 100 %, en: 100 %}")[:-1]
    teams += ", more: {people: 30, speaks: {nl: 100 %, en: 100 %}, shifts: {all: {hours: 00:00-24:00}}}}"
    some = plan(
        **TWO, teams=teams, then="""{info: {topic: refund, share: 20 %, by: {more: 60 %}, after: 5 min},
          refund: {topic: refund, share: 40 %, after: 5 min, most: 3}}""",
    )  # fmt: skip
    first = (10 * 0.2 + 30 * 0.6) / 40
    chain = first * (1 + 0.4 + 0.4**2)
    assert advise(some).load[5].tolist() == pytest.approx(
        [45 * (5 + 10 * chain) / 60, 15 * (5 + 10 * chain) / 60]
    )


def test_contacts_of_a_stream_with_a_moved_end_are_averaged_over_its_ends() -> None:
    ends = "{end: {announced: [2010-06-07 06:00, 2010-06-07 12:00, 2010-06-08 00:00], moved: [80 %, 50 %]}}"
    rate = "[[2010-06-07 00:00, 10 / h], [2010-06-08 00:00, 10 / h], [2010-06-08 00:00, 0 / h]]"
    some = plan(ends=ends, demand=f"{{all: {{rate: {rate}, until: end}}}}")
    assert dict(advise(some).contacts)["all"] == pytest.approx(10 * (0.2 * 6 + 0.4 * 12 + 0.4 * 24), rel=1e-3)


def test_who_stays_away_is_no_contact_and_who_moves_loads_another_channel() -> None:
    channels = (
        "{mail: {open: 06:00-18:00, closed: {wait: 50 %, move: 30 %, vanish: 20 %, to: chat}}, chat: {}}"
    )
    topics = "{info: {handle_time: 5 min, self_service: {uniform: [20 %, 60 %]}}}"
    demand = "{all: {rate: 10 / h, channel: mail}}"
    teams = (
        hub(channels="[mail]")[:-1]
        + ", chat: {people: 0, speaks: {nl: 100 %}, shifts: {all: {hours: 00:00-24:00}}}}"
    )
    found = advise(plan(lasts="1 d", channels=channels, topics=topics, demand=demand, teams=teams))
    assert dict(found.contacts)["all"] == pytest.approx(0.6 * 10 * (12 + 0.8 * 12))
    (unserved,) = found.unserved
    assert unserved.contacts == pytest.approx(
        0.6 * 10 * 0.3 * 12
    )  # those who moved to the chat, where nobody is
    assert unserved.hours == (*range(6), *range(18, 24))


def test_no_cap_is_told_where_cases_can_come_into_scope_by_another_channel() -> None:
    def share(to: str) -> float:
        phone = f"phone: {{lines: 0, gives_up: {{share: 50 %, to: {to}, after: 1 min}}}}"
        some = plan(
            lasts="1 d", channels=f"{{mail: {{}}, {phone}}}", teams=hub(shifts="{day: {hours: 08:00-16:00}}"),
            promises="{first_reply: {within: 1 h, share: 90 %, for: {channel: [mail]}}}",
            demand="{all: {rate: 1 / h, channel: {mail: 50 %, phone: 50 %}}}",
        )  # fmt: skip
        return advise(some).caps[0].share

    assert share("phone") == pytest.approx(9 / 24)
    assert share("mail") == 1
