"""Values of a setting: lists and ranges as planners write them, and what lies between."""

import pytest

from sim.study.sweep_values import VALUES_MOST, between, scale, setting
from sim.units import UnitError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("80..120/20", ["80", "100", "120"]),
        ("80..130/20", ["80", "100", "120"]),
        ("150,100,180", ["100", "150", "180"]),
        ("10..20/5, 50", ["10", "15", "20", "50"]),
        ("10 %..30 %/10 %", ["10 %", "20 %", "30 %"]),
        ("10..30%/10", ["10 %", "20 %", "30 %"]),
        ("0.1..0.3/0.1", ["0.1", "0.2", "0.3"]),
        ("300 / d..500 / d/100", ["300 / d", "400 / d", "500 / d"]),
        ("1.5 h..2.5 h/30 min", None),
        ("07:30..09:00/45 min", ["07:30", "08:15", "09:00"]),
        (
            "2010-02-28 22:00..2010-03-01 02:00/2 h",
            ["2010-02-28 22:00", "2010-03-01 00:00", "2010-03-01 02:00"],
        ),
        ("2010-04-16..2010-04-18/1 d", ["2010-04-16 00:00", "2010-04-17 00:00", "2010-04-18 00:00"]),
        ("oldest first, earliest deadline first", ["oldest first", "earliest deadline first"]),
        ("[nl, en], [nl]", ["[nl, en]", "[nl]"]),
        ("{mean: 3 h, cv: 1}, 2 h", ["{mean: 3 h, cv: 1}", "2 h"]),
    ],
)
def test_a_list_or_a_range_is_so_many_values(text: str, values: list[str] | None) -> None:
    if values is None:
        with pytest.raises(UnitError, match="with one unit"):
            setting(f"a.b={text}")
    else:
        assert list(setting(f"a.b={text}").values) == values


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("teams.hub.people", "is not a setting with values"),
        ("=1,2", "is not a setting with values"),
        ("a=", "is not a setting with values"),
        ("a=3", "has one value"),
        ("a=3..3/1", "has one value"),
        ("a=1,2,1", "has 1 twice"),
        ("a=1,,2", "has an empty value"),
        ("a=5..1/1", "is empty"),
        ("a=1..5/0", "has no step"),
        ("a=1..5", "is not a range"),
        ("a=1..", "is not a range"),
        ("a=1..2..3/1", "is not a range"),
        ("a=x..y/1", "is not a range of numbers with one unit"),
        (f"a=0..{VALUES_MOST}/1", f"has more than {VALUES_MOST} values"),
        ("a=1..999999999999/0.000001", f"has more than {VALUES_MOST} values"),
        ("a=07:00..09:00/1 s", "times are whole minutes apart"),
        ("a=07:00..9/1 h", "is not a time of day"),
        ("a=2010-04-15 20:00..2010-04-31/1 h", "is not in the calendar"),
        ("a=2010-04-15..2010-04-16/1", "is not a duration"),
    ],
)
def test_what_is_no_list_and_no_range_is_reported(argument: str, words: str) -> None:
    with pytest.raises(UnitError, match=words) as error:
        setting(argument)
    assert error.value.help


@pytest.mark.parametrize(
    ("first", "last", "values", "found"),
    [
        ("80", "100", ["80", "100"], ["85", "90", "95"]),
        ("80", "82", ["80", "100"], ["81"]),
        ("80", "81", ["80", "100"], []),
        ("80", "83", ["80", "100"], ["81", "82"]),
        ("10 %", "20 %", ["10 %", "20 %"], ["12 %", "15 %", "18 %"]),
        ("1 h", "2 h", ["0.5 h", "1 h", "2 h"], ["1.2 h", "1.5 h", "1.8 h"]),
        ("1 h", "90 min", ["1 h", "90 min"], []),
        ("07:00", "08:00", ["07:00", "08:00"], []),
        ("07:00", "11:00", ["07:00", "11:00"], []),
        ("07:00-22:00", "11:00-22:00", ["07:00-22:00", "11:00-22:00"], []),
        ("2010-04-15", "2012-04-15", ["2010-04-15", "2012-04-15"], []),
    ],
)
def test_between_two_values_lie_others_to_the_last_digit_written(
    first: str, last: str, values: list[str], found: list[str]
) -> None:
    assert between(first, last, values, 3) == found


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["80", "9"], [80, 9]),
        (["80 %", "9%"], [80, 9]),
        (["60 min", "90 s", "2 h"], [3_600_000, 90_000, 7_200_000]),
        (["07:00", "11:00"], None),
        (["07:00-22:00", "11:00-22:00"], None),
        (["80 %", "9"], None),
        (["nl", "en"], None),
    ],
)
def test_numbers_of_one_unit_and_durations_have_an_order(
    values: list[str], numbers: list[float] | None
) -> None:
    assert scale(values) == numbers
