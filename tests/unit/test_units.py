import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import units
from sim.units import DAY, DURATION_MAX, HOUR, MINUTE, SECOND, UnitError


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0 s", 0),
        ("90 s", 90 * SECOND),
        ("7 min", 7 * MINUTE),
        ("7m", 7 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("1 h 30 min", 90 * MINUTE),
        ("1.5 h", 90 * MINUTE),
        (".5 h", 30 * MINUTE),
        ("2 weeks", 14 * DAY),
        ("250 ms", 250),
        ("PT1H", HOUR),
        ("P1DT12H", 36 * HOUR),
        ("P2W", 14 * DAY),
        ("PT0.5M", 30 * SECOND),
        ("3660 d", DURATION_MAX),
    ],
)
def test_a_duration_means_its_milliseconds(text: str, ms: int) -> None:
    assert units.duration(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", "9", "9 parsecs", "-1 h", "1e3 s", "nan h", "P", "PT", "1 h h", "30 min 1 h", "1 h 2 h", "٣ h"],
)
def test_what_is_no_duration_is_refused_with_help(text: str) -> None:
    with pytest.raises(UnitError, match="is not a duration") as caught:
        units.duration(text)
    assert caught.value.help.startswith("write ")


def test_a_bare_number_is_offered_its_units() -> None:
    with pytest.raises(UnitError) as caught:
        units.duration("9")
    assert caught.value.help == "write the unit: '9 s', '9 min', '9 h' or '9 d'"


def test_a_duration_above_ten_years_is_refused() -> None:
    with pytest.raises(UnitError, match="longer than ten years"):
        units.duration("3660 d 1 ms")


@given(st.integers(0, DAY // MINUTE * 400).map(lambda minutes: minutes * MINUTE))
def test_a_duration_comes_back_from_its_largest_two_units(ms: int) -> None:
    back = units.duration(units.duration_text(ms))
    unit = DAY if ms >= DAY else HOUR
    assert back <= ms < back + (HOUR if unit == DAY else MINUTE)


@given(st.integers(0, 10**6))
def test_a_share_comes_back_from_its_percents(millionths: int) -> None:
    assert units.share(units.percent_text(millionths / 10**6)) == pytest.approx(millionths / 10**6, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "help"), [("0.9", "write '90 %'"), ("1", "write '100 %'"), ("60", "write '60 %'")]
)
def test_a_bare_share_is_offered_its_percents(text: str, help: str) -> None:
    with pytest.raises(UnitError) as caught:
        units.share(text)
    assert caught.value.help == help


@pytest.mark.parametrize("text", ["101 %", "-1 %", "nan %", "%", "", "1e1 %", "half"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        units.share(text)


def test_a_share_may_be_allowed_above_100_percent() -> None:
    assert units.share("500 %", 5.0) == 5.0
    with pytest.raises(UnitError, match=r"more than 500 %"):
        units.share("501 %", 5.0)


@pytest.mark.parametrize("unit", ["d", "h", "min", "s", "week"])
def test_a_rate_counts_events_in_its_unit(unit: str) -> None:
    assert units.rate(f"300 / {unit}") * units.duration(f"1 {unit}") == pytest.approx(300, rel=1e-15)


@pytest.mark.parametrize("text", ["300", "300 / fortnight", "-3 / d", "3 per day", "/ d", "inf / d"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match="is not a rate"):
        units.rate(text)


def test_a_wage_is_money_an_hour_and_nothing_else() -> None:
    assert units.money_an_hour("32.50 / h") == 32.5
    with pytest.raises(UnitError, match="is not a wage"):
        units.money_an_hour("250 / d")


@given(st.integers(-50, 50))
def test_a_whole_number_is_itself_within_its_range_only(value: int) -> None:
    if 0 <= value <= 20:
        assert units.whole(str(value), 0, 20) == value
    else:
        with pytest.raises(UnitError, match="out of range"):
            units.whole(str(value), 0, 20)


@pytest.mark.parametrize("text", ["nan", "inf", "1e3", "-1", "1_000", "2000000000", "", "0x10"])
def test_a_plain_number_is_finite_positive_and_plainly_written(text: str) -> None:
    with pytest.raises(UnitError, match="is not a number"):
        units.number(text)


@given(st.text(max_size=30) | st.from_regex(r"[0-9PTWDHMS.%/ a-z+-]{0,20}", fullmatch=True))
def test_any_text_is_read_or_refused_with_help(text: str) -> None:
    for read in (units.duration, units.share, units.rate, units.money_an_hour, units.whole, units.number):
        refused: UnitError | None = None
        try:
            read(text)
        except UnitError as error:
            refused = error
        assert refused is None or (str(refused) and refused.help)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (45 * SECOND, "45 s"),
        (90 * MINUTE, "1 h 30 min"),
        (DAY, "24 h"),
        (DAY + MINUTE, "24 h 1 min"),
        (3 * DAY, "3 d"),
        (1500, "1 s"),
        (250, "250 ms"),
    ],
)
def test_a_duration_reads_in_at_most_two_units(ms: int, text: str) -> None:
    assert units.duration_text(ms) == text
