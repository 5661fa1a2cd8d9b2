"""A sweep: every value as a run finds it, the least that is enough, and none where more is not better
throughout.
"""

import json

import numpy as np
import pytest

from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.stats.verdicts import Ruling, verdicts
from sim.plan import Plan
from sim.study import sweep as study
from sim.study.least_enough import AT_ONCE, Direction, Enough, Point, direction_of, headline
from sim.study.play.replicate import replicate
from sim.study.provenance import RunSettings
from sim.study.sweep import Sweep
from sim.study.sweep_values import setting
from tests.plans import hub, plan

HOW = RunSettings(5, 80)
RATE = "{all: {rate: 30 / h}}"  # two and a half agents are busy
ONE = "{first_reply: {within: 10 min, share: 80 %, events: 90 %}}"
BOTH = "{first_reply: {within: 10 min, share: 80 %, events: 90 %}, answered: {share: 10 %, events: 90 %}}"


def made(people: str, promises: str = ONE, **team: str) -> Plan:
    return plan(demand=RATE, lasts="10 h", promises=promises, teams=hub(int(people), **team))


def swept(
    *settings: str, promises: str = ONE, how: RunSettings = HOW
) -> tuple[Sweep, dict[Point, Replications]]:
    asked = [setting(text) for text in settings]
    events: dict[Point, Replications] = {}

    def plan_of(point: Point) -> Plan:
        return made(point[0], promises, **({"pace": point[1]} if len(point) > 1 else {}))

    for _ in study.play(asked, plan_of, how, events, 1):
        pass
    return study.sweep(asked, events, {"seed": 5}), events


@pytest.mark.slow
def test_every_value_is_found_as_a_run_finds_it() -> None:
    found, _ = swept("teams.hub.people=1..5/2")
    for point, rows in zip(found.points, found.verdicts, strict=True):
        alone = made(point[0])
        assert rows == verdicts(claims(Replications(alone.lens, replicate(alone, 5, 80))))


def test_the_smallest_that_holds_is_searched_for_between_the_values_listed() -> None:
    found, events = swept("teams.hub.people=1..21/10")
    (item,) = found.enough
    assert (item.direction, item.searched) == ("rising", True)
    assert item.value is not None
    assert item.short is not None
    assert int(item.value) - int(item.short) == 1
    rulings = {int(point[0]): ruling for point, ruling in zip(found.points, found.rulings, strict=True)}
    assert all((ruling is Ruling.HOLDS) == (people >= int(item.value)) for people, ruling in rulings.items())
    assert list(rulings) == sorted(rulings)
    assert {each.size for each in events.values()} == {80}
    assert len(events) < 3 + 4 * AT_ONCE
    assert found.held


def test_a_search_passes_over_values_that_make_no_scenario() -> None:
    events: dict[Point, Replications] = {}
    tried = []

    def plan_of(point: Point) -> Plan | None:
        tried.append(point)
        return made(point[0]) if int(point[0]) % 4 else None

    for _ in study.play([setting("teams.hub.people=1..21/10")], plan_of, HOW, events, 1):
        pass
    (item,) = study.sweep([setting("teams.hub.people=1..21/10")], events, {}).enough
    assert item.value is not None
    assert item.short is not None
    assert len(set(tried)) == len(tried) > len(events) > 3
    assert set(events) == {point for point in tried if int(point[0]) % 4}
    assert not set(range(int(item.short) + 1, int(item.value))) & {int(value) for (value,) in events}


@pytest.mark.slow
def test_more_of_what_does_harm_has_a_largest_value_that_holds() -> None:
    asked = [setting("teams.hub.pace=50..450%/200")]
    events: dict[Point, Replications] = {}
    for _ in study.play(asked, lambda point: made("4", pace=point[0]), HOW, events, 1):
        pass
    (item,) = study.sweep(asked, events, {}).enough
    assert item.direction == "falling"
    assert item.value is not None
    assert item.short is not None
    assert int(item.short.split()[0]) - int(item.value.split()[0]) == 1


def test_what_holds_at_all_values_or_at_none_is_not_searched_for() -> None:
    (enough,) = swept("teams.hub.people=5,6")[0].enough
    assert (enough.direction, enough.value, enough.short, enough.searched) == ("rising", "5", None, False)
    (plenty,) = swept("teams.hub.people=10..30/10")[0].enough
    assert (plenty.direction, plenty.value, plenty.short, plenty.searched) == ("", None, None, False)
    found = swept("teams.hub.people=1,2")[0]
    assert (found.enough[0].value, found.enough[0].short, found.enough[0].searched) == (None, "2", False)
    assert not found.held


def test_each_promise_has_its_own_least_and_all_together_one() -> None:
    found, _ = swept("teams.hub.people=1..9/4", promises=BOTH)
    least = {item.promise: item.value for item in found.enough}
    assert list(least) == ["first_reply", "answered", "all"]
    assert least["answered"] is not None
    assert int(least["answered"]) < int(least["first_reply"] or 0) == int(least["all"] or 0)


def test_a_promise_that_is_judged_by_row_holds_where_every_row_does() -> None:
    """Nobody is there after 23:00, so that the second day, from midnight on, keeps nothing with any number of
    people.
    """
    asked = [setting("teams.hub.people=2..10/4")]
    promises = "{first_reply: {within: 10 min, share: 30 %, events: 90 %, each: [day]}}"
    events: dict[Point, Replications] = {}

    def plan_of(point: Point) -> Plan:
        team = hub(int(point[0]), shifts="{day: {hours: 10:00-23:00}}")
        return plan(demand=RATE, starts="2024-05-06 10:00", lasts="20 h", promises=promises, teams=team)

    for _ in study.play(asked, plan_of, HOW, events, 1):
        pass
    found = study.sweep(asked, events, {})
    for point, rows in enumerate(found.verdicts):
        weakest = found.weakest(point, "first_reply")
        assert {row.dimension for row in rows} == {"", "day"}
        assert weakest.kept == min(row.kept for row in rows)
        assert weakest.ruling is found.rulings[point] is Ruling.BREAKS
        if rows[0].ruling is Ruling.HOLDS:  # the promise as a whole
            assert (weakest.dimension, weakest.member) == ("day", "2024-05-07")
    assert Ruling.HOLDS in {rows[0].ruling for rows in found.verdicts}
    assert [item.value for item in found.enough] == [None]
    assert not found.held


def test_in_too_few_replications_nothing_can_hold() -> None:
    found = swept("teams.hub.people=1,9", how=RunSettings(5, 20))[0]
    assert found.below_minimum_replications() == 36  # 0.9 ** 36 is below 2.5 %
    assert swept("teams.hub.people=1,9", how=RunSettings(5, 40))[0].below_minimum_replications() is None


def test_two_settings_make_a_grid_with_a_least_for_each_value_of_the_second() -> None:
    found, events = swept("teams.hub.people=4..12/4", "teams.hub.pace=100 %, 200 %")
    assert found.points == tuple((people, pace) for people in ("4", "8", "12") for pace in ("100 %", "200 %"))
    assert [item.given for item in found.enough] == ["100 %", "200 %"]
    values = [int(item.value or 0) for item in found.enough]
    assert 0 < values[0] < values[1]
    assert len(events) == 6


@pytest.mark.parametrize(
    ("rows", "shares", "expected"),
    [
        ([[0, 0, 0], [0, 1, 0], [1, 1, 1]], [0.1, 0.2, 0.3], "rising"),
        ([[1, 1, 1], [0, 1, 0], [0, 0, 0]], [0.1, 0.2, 0.3], "falling"),
        ([[1, 1, 1], [1, 1, 1]], [0.98, 0.99], "rising"),
        ([[0, 0, 0], [0, 0, 0]], [0.2, 0.1], "falling"),
        ([[1, 1, 1], [1, 1, 1]], [1.0, 1.0], ""),
        ([[1, 0, 0], [0, 1, 1], [0, 0, 0]], [0.1, 0.2, 0.3], "falling"),
    ],
)
def test_the_direction_is_where_replications_go_and_if_nowhere_where_cases_do(
    rows: list[list[int]], shares: list[float], expected: str
) -> None:
    assert direction_of(np.array(rows, bool), np.array(shares)) == expected


def test_what_rises_and_falls_has_no_direction_and_chance_alone_no_turn() -> None:
    up_and_down = np.zeros((3, 40), bool)
    up_and_down[1, :30] = True
    assert direction_of(up_and_down, np.arange(3.0)) == ""
    wobble = np.zeros((3, 40), bool)
    wobble[1, :30], wobble[2, 1:40] = True, True
    assert direction_of(wobble, np.zeros(3)) == "rising"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("solved", "", "rising", "3"), ("all", "", "rising", "5")], "least 5"),
        ([("solved", "", "falling", "3 min")], "most 3 min"),
        ([("solved", "", "", None)], "none holds with certainty"),
        (
            [("all", "1 h", "rising", "5"), ("all", "2 h", "rising", None)],
            "least 5 at 1 h, none holds with certainty at 2 h",
        ),
        ([], ""),
    ],
)
def test_the_headline_is_the_least_that_is_enough_for_all_promises(
    rows: list[tuple[str, str, Direction, str | None]], words: str
) -> None:
    assert headline([Enough(*row, None, False) for row in rows]) == words


def test_the_document_is_plain_json_and_points_that_lack_replications_are_left_out() -> None:
    found, events = swept("teams.hub.people=1..5/2")
    document = json.loads(found.json())
    assert [point["values"] for point in document["points"]] == [
        {"teams.hub.people": point[0]} for point in found.points
    ]
    assert len(set(map(len, document["estimates"].values()))) == 1
    late = Replications(made("2").lens, replicate(made("2"), 5, 3))
    again = study.sweep([setting("teams.hub.people=1..5/2")], {("1",): events["1",], ("2",): late}, {})
    assert again.points == (("1",),)
