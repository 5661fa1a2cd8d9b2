"""The grammar of `expect:`, and how expectations are judged."""

from math import isnan

import numpy as np
import pytest

from sim.measure.pooled.claims import claims
from sim.measure.pooled.expectations import Judgement, judge
from sim.measure.pooled.replications import Replications
from sim.measure.stats.verdicts import Bounds, Ruling, verdicts
from sim.plan import Expectation
from sim.scenario.schema.expectations import expectation
from sim.scenario.schema.faults import Names
from sim.study.play.replicate import simulate
from sim.units import HOUR, MINUTE, UnitError
from tests.plans import hub, plan

NAMES = Names(
    languages=("nl", "es"),
    channels=("mail",),
    topics=("info",),
    streams=("all",),
    teams=("hub",),
    promises=("first_reply", "solved"),
)
ALONE = Names(promises=("answered",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "service_level{promise=first_reply, language=es} >= 85 %",
            ("service_level", "first_reply", "language", "es", ">=", 0.85, ""),
        ),
        ("service_level{promise=solved}>99.9%", ("service_level", "solved", "all", "", ">", 0.999, "")),
        (
            "service_level { day = 2010-04-16 , promise = solved } < 5 %",
            ("service_level", "solved", "day", "2010-04-16", "<", 0.05, ""),
        ),
        ("backlog_peak < 400", ("backlog_peak", "", "all", "", "<", 400.0, "")),
        ("backlog_mean{channel=mail} <= 3.5", ("backlog_mean", "", "channel", "mail", "<=", 3.5, "")),
        ("wait_served{topic=info} <= 30 min", ("wait_served", "", "topic", "info", "<=", 30.0 * MINUTE, "")),
        (
            "first_reply_p90{promise=first_reply} < 1h30m",
            ("first_reply_p90", "first_reply", "all", "", "<", 1.5 * HOUR, ""),
        ),
        ("occupancy{team=hub} < 85 %", ("occupancy", "", "team", "hub", "<", 0.85, "")),
        ("overtime < 12 h", ("overtime", "", "all", "", "<", 12.0, "")),
        ("verdict(first_reply) == HOLDS", ("verdict", "first_reply", "all", "", "==", 0.0, "HOLDS")),
        ("verdict(all) != BREAKS", ("verdict", "all", "all", "", "!=", 0.0, "BREAKS")),
    ],
)
def test_a_line_expects_a_measure_of_a_row_or_a_verdict(text: str, found: tuple[object, ...]) -> None:
    assert expectation(text, NAMES) == Expectation(text, *found)  # type: ignore[arg-type]


def test_the_only_promise_need_not_be_named() -> None:
    assert expectation("service_level >= 85 %", ALONE).promise == "answered"
    assert expectation("verdict == HOLDS", ALONE).promise == "answered"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no expectation"),
        ("service_level 85 %", "is no expectation"),
        ("service_level{promise=solved} >= ", "is no expectation"),
        ("servce_level{promise=solved} >= 85 %", "unknown measure 'servce_level'"),
        ("service_level >= 85 %", "does not say which promise"),
        ("verdict == HOLDS", "does not say which promise"),
        ("service_level{promise=solvd} >= 85 %", "unknown promise 'solvd'"),
        ("service_level{promise=solved, language=de} >= 85 %", "unknown language 'de'"),
        ("service_level{promise=solved, team=hub} >= 85 %", "unknown row 'team'"),
        ("service_level{promise=solved, day=Friday} >= 85 %", "'Friday' is not a date"),
        ("service_level{promise=solved, language=nl, channel=mail} >= 85 %", "narrows it twice"),
        ("service_level{promise=solved, promise=solved} >= 85 %", "'promise' is listed twice"),
        ("service_level{promise=} >= 85 %", "names nothing"),
        ("service_level{promise=solved} == 85 %", "is no expectation of a number"),
        ("service_level(solved) >= 85 %", "is no expectation of a number"),
        ("service_level{promise=solved} >= 0.85", "is not a share"),
        ("wait_served < 30", "is not a duration"),
        ("backlog_peak < 4 min", "is not a number"),
        ("backlog_peak{language=nl} < 4", "unknown row 'language'"),
        ("verdict(solved) >= HOLDS", "is no expectation"),
        ("verdict{promise=solved} == HOLDS", "is no expectation"),
        ("verdict(solved) == HELD", "unknown verdict 'HELD'"),
        ("verdict(nothing) == HOLDS", "unknown promise 'nothing'"),
    ],
)
def test_what_is_no_expectation_is_told_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(UnitError, match=words) as error:
        expectation(text, NAMES)
    assert error.value.help


# Judging


def asked(text: str) -> Expectation:
    return expectation(
        text, Names(promises=("first_reply",), languages=("nl",), channels=("mail",), topics=("info",))
    )


def quiet(people: int = 3) -> Replications:
    made = plan(demand="{all: {rate: 20 / h}}", lasts="10 h", teams=hub(people))
    return Replications(made.lens, (simulate(made, 1, row, 1.0, "compiled") for row in range(60)))


def test_an_expectation_passes_or_fails_by_its_whole_interval_only() -> None:
    replications = quiet()
    mean = float(np.mean(replications.column("backlog_peak")))
    for text, state in (
        (f"backlog_peak < {3 * mean:.1f}", Judgement.PASS),
        (f"backlog_peak > {3 * mean:.1f}", Judgement.FAIL),
        (f"backlog_peak < {mean:.1f}", Judgement.UNDECIDED),
        (f"backlog_peak >= {mean:.1f}", Judgement.UNDECIDED),
        ("service_level >= 10 %", Judgement.PASS),
        ("service_level <= 10 %", Judgement.FAIL),
    ):
        assert judge(replications, [asked(text)], 0.01)[0].state is state, text


def test_what_is_certain_is_compared_exactly() -> None:
    replications = quiet()
    (found,) = judge(replications, [asked("blocked <= 0 %")], 0.01)
    assert found.state is Judgement.UNDECIDED  # a share of nothing in many is never certain
    hours = float(replications.column("staff_judged")[0].sum() / HOUR)
    (found,) = judge(replications, [asked(f"agent_hours >= {hours / 2:.0f} h")], 0.01)
    assert found.state is Judgement.PASS


def test_a_verdict_is_as_expected_or_not_or_undecided() -> None:
    holds, breaks = quiet(9), quiet(1)
    assert judge(breaks, [asked("verdict == BREAKS")], 0.01)[0].state is Judgement.PASS
    assert judge(breaks, [asked("verdict == HOLDS")], 0.01)[0].state is Judgement.FAIL
    assert judge(breaks, [asked("verdict != BREAKS")], 0.01)[0].state is Judgement.FAIL
    assert (
        judge(holds, [asked("verdict == HOLDS")], 0.01)[0].state is Judgement.UNDECIDED
    )  # 60 replications are too few
    assert judge(holds, [asked("verdict != BREAKS")], 0.01)[0].state is Judgement.UNDECIDED


def test_a_verdict_is_that_on_the_rows_of_a_promise_too() -> None:
    """Nobody is there after 23:00: most is kept of the twenty hours, and of the second day, from midnight on,
    nothing.
    """
    promises = "{first_reply: {within: 30 min, share: 30 %, events: 90 %, each: [day]}}"
    team = "{hub: {people: 9, speaks: {nl: 100 %}, shifts: {day: {hours: 10:00-23:00}}}}"
    made = plan(
        demand="{all: {rate: 20 / h}}", starts="2024-05-06 10:00", lasts="20 h", promises=promises, teams=team
    )
    replications = Replications(made.lens, (simulate(made, 1, row, 1.0, "compiled") for row in range(60)))
    promise, *days = verdicts(claims(replications), bounds=Bounds.SEQUENCE)
    assert promise.ruling is not Ruling.BREAKS
    assert Ruling.BREAKS in {day.ruling for day in days}
    assert judge(replications, [asked("verdict == BREAKS")], 0.01)[0].state is Judgement.PASS


def test_what_was_not_measured_is_undecided() -> None:
    (found,) = judge(quiet(), [asked("service_level{day=2030-01-01} >= 10 %")], 0.01)
    assert found.state is Judgement.UNDECIDED
    assert isnan(found.mean)


def test_a_stricter_level_decides_less() -> None:
    replications = quiet()
    found = [judge(replications, [asked("backlog_peak >= 1")], level)[0] for level in (0.1, 0.001)]
    assert found[1].lower < found[0].lower <= found[0].upper < found[1].upper
