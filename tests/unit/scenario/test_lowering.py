"""From a planner's words to rows: times, profiles, mixes, shifts and labels."""

import numpy as np
import pytest

from sim.plan import Law, Spread
from sim.scenario.lowering import lower
from sim.tables import NEVER
from sim.units import DAY, HOUR, MINUTE, SECOND
from tests.plans import HOME, hub, plan, reading


def test_times_count_from_the_start_and_a_jump_takes_a_millisecond() -> None:
    rate = (
        "[[2010-06-06 12:00, 1 / h], [2010-06-07 12:00, 3 / h], [2010-06-07 12:00, 5 / h], [2010-06-07 "
        "12:00, 6 / h]]"
    )
    stream = plan(demand=f"{{all: {{rate: {rate}}}}}").demand.streams[0]
    assert stream.times.tolist() == [-12 * HOUR, 12 * HOUR, 12 * HOUR + 1, 12 * HOUR + 2]
    assert stream.level * HOUR == pytest.approx([1, 3, 5, 6])
    assert stream.scales == ()


def test_an_affected_population_scales_the_share_affected() -> None:
    text = "{people: {triangular: [1, 2, 4]}, contacts_each: 0.5 / h, affected: [[2010-06-07 12:00, 80 %]]}"
    stream = plan(demand=f"{{all: {text}}}").demand.streams[0]
    assert stream.level.tolist() == [0.8]
    people = Spread("triangular", (1.0, 2.0, 4.0))
    assert stream.scales == (("demand.all.people", people), ("demand.all.contacts_each", 0.5 / HOUR))


def test_a_profile_has_mean_one_over_its_day_whatever_its_weights() -> None:
    days = f"{{home: {{hours: {HOME}}}}}"
    stream = plan(lasts="1 d", days=days, demand="{all: {rate: 1 / h, day: home}}").demand.streams[0]
    assert stream.profile_times.tolist() == [hour * HOUR for hour in range(24)]
    assert stream.profile.mean() == pytest.approx(1)
    assert stream.profile[11] / stream.profile[3] == pytest.approx(7.2 / 0.6)


def test_mixes_come_after_those_they_go_by() -> None:
    some = plan(
        languages="[nl, en]",
        channels="{mail: {}, phone: {}}",
        topics="{a: {handle_time: 1 min}, b: {handle_time: 1 min}}",
        teams=hub(speaks="{nl: 100 %, en: 100 %}"),
        demand="""{all: {rate: 1 / h, channel: {by: language, nl: mail, en: phone}, topic: {a: 50 %, b: 50 %},
          language: {by: topic, a: nl, b: [[2010-06-07 00:00, nl], [2010-06-08 00:00, en]]}}}""",
    )
    mixes = some.demand.streams[0].mixes
    assert [dimension for dimension, _ in mixes] == [3, 2, 1]
    assert [mixing.by for _, mixing in mixes] == [None, 3, 2]
    language = mixes[1][1]
    assert language.times.tolist() == [0, DAY]
    assert language.shares.tolist() == [[[1, 0], [1, 0]], [[1, 0], [0, 1]]]


@pytest.mark.parametrize(
    ("written", "law"),
    [
        ("5 min", Law("constant", 5 * MINUTE, 0.0)),
        ("{mean: 5 min, cv: 0.8}", Law("lognormal", 5 * MINUTE, 0.8)),
        ("{mean: 5 min, cv: 0}", Law("constant", 5 * MINUTE, 0.0)),
        ("{mean: 5 min, cv: 150 %, law: gamma}", Law("gamma", 5 * MINUTE, 1.5)),
        ("{mean: 5 min, law: exponential}", Law("exponential", 5 * MINUTE, 1.0)),
        ("{mean: 5 min, law: constant}", Law("constant", 5 * MINUTE, 0.0)),
        (
            "{mean: {uniform: [4 min, 6 min]}, cv: 1}",
            Law("lognormal", Spread("uniform", (240_000, 360_000)), 1.0),
        ),
    ],
)
def test_a_duration_has_the_law_written(written: str, law: Law) -> None:
    assert plan(topics=f"{{info: {{handle_time: {written}}}}}").demand.handle_time == (law,)


def test_channels_without_patience_wait_for_ever_and_topics_without_a_sequel_have_none() -> None:
    some = plan(
        channels="{mail: {}, phone: {patience: {mean: 6 min, cv: 1, at_once: 5 %}}}",
        topics="{info: {handle_time: 1 min}, refund: {handle_time: 1 min}}",
        then="{refund: {topic: info, share: 10 %, after: 30 s}}",
        demand="{all: {rate: 1 / h, channel: mail, topic: info}}",
    )
    mail, phone = some.demand.patience
    assert mail is None
    assert phone is not None
    assert (phone.law, phone.at_once) == (Law("lognormal", 6 * MINUTE, 1.0), 0.05)
    [then] = some.demand.habits.follow_ons
    assert (then.habit.name, some.lens.topics[then.row], some.lens.topics[then.topic]) == (
        "then",
        "refund",
        "info",
    )
    assert then.shares == (("then.refund.share", 0.1),)
    assert then.after == Law("constant", 30 * SECOND, 0.0)
    assert (then.most, then.to, then.reason) == (1, None, NEVER)


def test_labels_count_through_stream_channel_language_and_topic() -> None:
    some = plan(
        languages="[nl, en]", topics="{a: {handle_time: 1 min}, b: {handle_time: 1 min}}",
        teams=hub(speaks="{nl: 100 %, en: 100 %}"),
        demand="{one: {rate: 1 / h, language: nl, topic: a}, two: {rate: 1 / h, language: nl, topic: a}}",
    )  # fmt: skip
    for row, label in enumerate(some.lens.labels.tolist()):
        assert some.demand.label_of[tuple(label)] == row
        assert some.lens.types[row] == some.demand.type_of[tuple(label[1:])]
    assert len(some.lens.labels) == 2 * 1 * 2 * 2


@pytest.mark.parametrize("start", ["00:00", "02:00", "23:00"])
def test_the_days_of_a_shift_are_rows_of_the_days_of_the_event(start: str) -> None:
    some = plan(starts=f"2010-06-07 {start}", teams=hub(shifts="{night: {hours: 22:00-06:00}}"))
    shift, days = some.teams[0].shifts[0], some.demand.days
    assert shift.day[:3].tolist() == [-1, 0, 1]
    assert days[0] <= 0 < days[1]
    for day, (begun, _) in zip(shift.day, shift.pieces[:, 0], strict=True):
        if day >= 0 and begun < some.horizon:
            assert begun == max(days[day] + 22 * HOUR, 0)


def test_a_week_of_a_shift_counts_its_days_and_not_its_breaks() -> None:
    def weekly(shift: str) -> int:
        return plan(lasts="1 d", teams=hub(shifts=f"{{one: {shift}}}")).teams[0].shifts[0].weekly

    assert weekly("{hours: 07:00-15:00}") == 56 * HOUR
    assert weekly("{hours: 23:00-07:00, breaks: [01:00-01:15, 03:00-03:45], days: [mon, sat]}") == 14 * HOUR


@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe"]
)
def test_duties_of_a_year_never_overlap_whatever_the_clock_does(zone: str) -> None:
    night = "{hours: 23:00-07:00, share: 50 %, breaks: [23:50-00:10, 00:30-00:45, 01:50-02:10, 02:15-03:05]}"
    shifts = f"{{a: {night}, b: {{hours: 00:45-00:30, share: 50 %}}}}"
    some = plan(starts="2010-01-04 00:00", lasts="365 d", timezone=zone, teams=hub(2, shifts=shifts))
    for shift in some.teams[0].shifts:
        edges = shift.pieces.ravel()
        assert np.all(np.diff(edges) >= 0)
        lengths = (shift.pieces[1:-2, :, 1] - shift.pieces[1:-2, :, 0]).sum(axis=1)
        assert abs(lengths.mean() - shift.weekly / 7) < MINUTE  # clock changes take and give


def test_a_call_without_an_end_or_a_lead_has_none() -> None:
    call = plan(teams=hub(call_up="{at: 2010-06-07 20:00}")).teams[0].call_up
    assert call is not None
    assert (call.at, call.until, call.lead, call.show_up, call.drop_out) == (20 * HOUR, NEVER, None, 1.0, 0.0)


def test_assumptions_quote_the_words_of_the_file() -> None:
    sources = """{teams.hub.people: {basis: assumed, range: 1-3}, teams.hub.speaks: {basis: derived},
      demand.all.rate: {basis: published, where: here}}"""
    found = {
        item.path: (item.value, item.basis, item.where, item.range)
        for item in plan(sources=sources).assumptions
    }
    assert found == {
        "teams.hub.people": ("1", "assumed", "", "1-3"),
        "teams.hub.speaks": ("{nl: 100 %}", "derived", "", ""),
        "demand.all.rate": ("1 / h", "published", "here", ""),
    }


def test_a_changed_number_has_no_source_any_more_unless_that_is_changed_too() -> None:
    sources = (
        "{teams.hub.people: {basis: published, where: a book, range: 2-4}, teams: {basis: derived, where: b}}"
    )
    made = reading(teams=hub(3), sources=sources)

    def basis(*changed: str) -> list[tuple[str, str, str]]:
        found = lower(made.scenario, made.resolved, changed).assumptions
        return [(item.basis, item.where, item.range) for item in found]

    changed, kept = ("assumed", "changed", ""), [("published", "a book", "2-4"), ("derived", "b", "")]
    assert basis() == kept
    assert basis("teams.hub.people") == [changed, changed]
    assert basis("teams.hub") == [changed, changed]
    assert basis("teams.hub.pace", "teams.hub.peoples") == [kept[0], changed]
    assert basis("teams.hub.people", "sources.teams.hub.people") == [kept[0], changed]
