"""The calendar, above all where the clock changes: Europe/Amsterdam skips 2010-03-28 02:00 and repeats
2010-10-31 02:00.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import clock
from sim.clock import Clock
from sim.units import DAY, HOUR, MINUTE, UnitError

AMSTERDAM = "Europe/Amsterdam"
ZONES = (AMSTERDAM, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def clock_from(text: str, zone: str = AMSTERDAM) -> Clock:
    return Clock(clock.epoch(text, zone), zone)


SPRING = clock_from("2010-03-27 00:00")
AUTUMN = clock_from("2010-10-30 00:00")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    st.sampled_from(ZONES),
)
def test_a_moment_comes_back_with_its_offset(moment: datetime, zone: str) -> None:
    """Against zoneinfo, on whole minutes; ISO text with its offset names the instant even where a clock
    change repeats it.
    """
    instant = moment.replace(tzinfo=UTC)
    text = Clock(0, zone).iso(round(instant.timestamp() * 1000))
    assert text == instant.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")
    assert clock.epoch(f"{text[:16]} {text[16:]}", zone) == round(instant.timestamp() * 1000)


@pytest.mark.parametrize(
    "text",
    ["2010-04-16", "2010-04-16 00:00", "2010-04-16T00:00", "2010-04-15 22:00Z", "2010-04-16 00:00 +02:00"],
)
def test_a_date_is_its_local_midnight(text: str) -> None:
    assert clock.epoch(text, AMSTERDAM) == datetime(2010, 4, 15, 22, tzinfo=UTC).timestamp() * 1000


def test_a_skipped_moment_is_refused_with_the_one_after_the_gap() -> None:
    with pytest.raises(UnitError, match="the clock skips it") as caught:
        clock.epoch("2010-03-28 02:30", AMSTERDAM)
    assert caught.value.help == "write '2010-03-28 03:30'"


def test_a_repeated_moment_needs_its_offset() -> None:
    with pytest.raises(UnitError, match="the clock repeats it") as caught:
        clock.epoch("2010-10-31 02:30", AMSTERDAM)
    assert caught.value.help == "write '2010-10-31 02:30 +02:00' or '2010-10-31 02:30 +01:00'"
    first, second = (clock.epoch(f"2010-10-31 02:30 {offset}", AMSTERDAM) for offset in ("+02:00", "+01:00"))
    assert second - first == HOUR


def test_an_offset_that_does_not_hold_then_is_refused() -> None:
    with pytest.raises(UnitError, match=r"is not at \+01:00 then") as caught:
        clock.epoch("2010-07-01 12:00 +01:00", AMSTERDAM)
    assert caught.value.help == "write '2010-07-01 13:00 +02:00'"


@pytest.mark.parametrize("text", ["", "tomorrow", "2010-4-16", "16-04-2010", "2010-04-16 07:00:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match="is not a moment"):
        clock.epoch(text, AMSTERDAM)


@pytest.mark.parametrize(
    "text", ["2010-02-29", "2010-13-01", "2010-04-16 24:00", "2010-04-16 12:60", "0000-01-01"]
)
def test_what_is_not_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match="is not in the calendar"):
        clock.epoch(text, AMSTERDAM)


@given(
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?( ?[+-][0-9]{2}:[0-9]{2}|Z)?", fullmatch=True
    ),
    st.sampled_from(ZONES),
)
def test_any_moment_is_read_or_refused_with_help(text: str, zone: str) -> None:
    refused: UnitError | None = None
    try:
        clock.epoch(text, zone)
    except UnitError as error:
        refused = error
    assert refused is None or refused.help


def test_days_have_23_and_25_hours_where_the_clock_changes() -> None:
    assert [
        b - a for a, b in zip(SPRING.midnights(0, 3 * DAY), SPRING.midnights(0, 3 * DAY)[1:], strict=False)
    ][:2] == [
        DAY,
        DAY - HOUR,
    ]
    assert [
        b - a for a, b in zip(AUTUMN.midnights(0, 3 * DAY), AUTUMN.midnights(0, 3 * DAY)[1:], strict=False)
    ][:2] == [
        DAY,
        DAY + HOUR,
    ]


@given(st.integers(0, 6 * DAY), st.integers(1, 4 * DAY))
def test_midnights_enclose_the_span(start: int, length: int) -> None:
    found = AUTUMN.midnights(start, start + length)
    assert found == sorted(set(found))
    assert found[0] <= start < found[1]
    assert found[-2] < start + length <= found[-1]
    assert all(AUTUMN.iso(time)[11:16] == "00:00" for time in found)


@pytest.mark.parametrize("hour", [0, 1, 3, 7, 23])
@pytest.mark.parametrize("calendar", [SPRING, AUTUMN])
def test_daily_hours_stay_on_the_wall_clock_over_a_clock_change(calendar: Clock, hour: int) -> None:
    for midnight in calendar.midnights(0, 3 * DAY):
        time = calendar.daily(midnight, hour * HOUR)
        assert calendar.iso(time)[11:16] == f"{hour:02}:00"
        assert calendar.date(time) == calendar.date(midnight)


def test_a_daily_time_that_is_skipped_moves_forward_by_the_gap() -> None:
    sunday = SPRING.midnights(0, 3 * DAY)[1]
    assert SPRING.iso(SPRING.daily(sunday, 2 * HOUR + 30 * MINUTE)) == "2010-03-28T03:30+02:00"


def test_of_a_daily_time_that_is_repeated_the_first_counts() -> None:
    sunday = AUTUMN.midnights(0, 3 * DAY)[1]
    assert AUTUMN.iso(AUTUMN.daily(sunday, 2 * HOUR + 30 * MINUTE)) == "2010-10-31T02:30+02:00"


def test_an_offset_past_24_hours_is_on_the_next_date() -> None:
    saturday = SPRING.midnights(0, DAY)[0]
    assert SPRING.iso(SPRING.daily(saturday, 31 * HOUR)) == "2010-03-28T07:00+02:00"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("calendar", [SPRING, AUTUMN])
def test_local_hours_begin_on_the_hour_and_name_it(calendar: Clock, zone: str) -> None:
    """Half-hour zones too: Kolkata is at :30, Kathmandu at :45, Lord Howe changes by half an hour."""
    times, names = calendar.local_hours(0, 3 * DAY, zone)
    assert times[0] == 0
    assert times == sorted(set(times))
    assert times[-1] < 3 * DAY
    utc = datetime(1970, 1, 1, tzinfo=UTC)
    moments = [
        (utc + timedelta(milliseconds=calendar.start + time)).astimezone(ZoneInfo(zone)) for time in times
    ]
    assert [moment.hour for moment in moments] == names
    assert all(moment.minute == 0 for moment in moments[1:])
    assert all(later - earlier <= HOUR for earlier, later in zip(times, [*times[1:], 3 * DAY], strict=True))


def test_the_skipped_hour_never_begins_and_the_repeated_hour_begins_twice() -> None:
    assert SPRING.local_hours(DAY, DAY + 4 * HOUR, AMSTERDAM)[1] == [0, 1, 3, 4]
    assert AUTUMN.local_hours(DAY, DAY + 5 * HOUR, AMSTERDAM)[1] == [0, 1, 2, 2, 3]


def test_a_time_is_told_in_words() -> None:
    friday = clock_from("2010-04-16 09:15")
    assert (friday.words(0), friday.hour(0), friday.weekday(0), friday.date(DAY)) == (
        "Fri 16 Apr 09:15",
        9,
        4,
        "2010-04-17",
    )
    assert friday.at("2010-04-16 10:15") == HOUR


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("07:00-15:00", (7, 15)),
        ("23:00-07:00", (23, 31)),
        ("00:00-24:00", (0, 24)),
        ("7:00 – 15:00", (7, 15)),
        ("12:00-24:00", (12, 24)),
    ],
)
def test_hours_that_end_before_they_start_end_on_the_next_day(text: str, span: tuple[int, int]) -> None:
    assert clock.hours(text) == (span[0] * HOUR, span[1] * HOUR)


@pytest.mark.parametrize(
    "text", ["", "07:00", "7-15", "07:00-07:00", "24:00-08:00", "07:00-25:00", "07:60-08:00", "-07:00", "a-b"]
)
def test_what_is_no_span_of_hours_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        clock.hours(text)


def test_an_unknown_time_zone_names_the_nearest() -> None:
    with pytest.raises(UnitError) as caught:
        clock.zone("Europe/Amsterdm")
    assert caught.value.help == "did you mean 'Europe/Amsterdam'?"
