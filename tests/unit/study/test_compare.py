"""Plans side by side: the same customers, paired differences, and what cannot be compared."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim.measure.pooled.replications import Replications
from sim.measure.stats.difference import difference
from sim.plan import Plan
from sim.show.content.compare import below_minimum_lines, settings_sentences
from sim.study.compare import Comparison, Differences, Incomparable, comparable, compare
from sim.study.play.stopping import play_together
from sim.study.provenance import RunSettings
from sim.study.run import answer
from tests.plans import hub, plan

RATE = "{all: {rate: 14 / h, language: {nl: 70 %, en: 30 %}}}"
PROMISES = "{first_reply: {within: 10 min, share: 80 %, each: [language]}, answered: {share: 50 %}}"
SPEAKS = "{nl: 100 %, en: 100 %}"
EVENTS = 12


def made(people: int, rate: str = RATE, wage: str = "30 / h", **sections: str) -> Plan:
    rest = {
        "promises": PROMISES,
        "languages": "[nl, en]",
        "lasts": "1 d",
        "busyness": "{event: 20 %}",
    } | sections
    return plan(demand=rate, teams=hub(people, speaks=SPEAKS, wage=wage), **rest)


def played(*plans: Plan) -> list[Replications]:
    found = [Replications(each.lens) for each in plans]
    for _ in play_together(plans, RunSettings(3, EVENTS), found, 1):
        pass
    return found


FEW, SOME, MORE = made(1), made(2), made(3)
OTHERS = made(2, rate="{all: {rate: 16 / h, language: {nl: 70 %, en: 30 %}}}")


@cache
def events() -> list[Replications]:
    return played(FEW, SOME, MORE)


@cache
def compared() -> Comparison:
    names = ["few", "some", "more"]
    records = [{"scenario": name, "partial": False} for name in names]
    return compare(names, [FEW, SOME, MORE], events(), records, {"scenario": "plain", "plans": names})


def row(differences: Differences, *key: str) -> dict[str, float]:
    columns = (
        differences.plan,
        differences.measure,
        differences.promise,
        differences.dimension,
        differences.member,
    )
    (at,) = np.flatnonzero(
        np.all([column == part for column, part in zip(columns, key, strict=True)], axis=0)
    )
    return {name: float(getattr(differences, name)[at]) for name in ("mean", "lower", "upper", "saved")}


def test_every_plan_is_found_as_it_is_alone() -> None:
    found = compared()
    for each, mine, alone in zip(found.findings, events(), (FEW, SOME, MORE), strict=True):
        assert each.json() == answer(alone, mine, each.record).json()


def test_the_difference_of_a_promise_is_that_of_its_paired_cases() -> None:
    few, some, _ = events()
    over, under = ([side.totals(name)[:, 0] for side in (some, few)] for name in ("in_time", "cases"))
    expected = difference(over[0], under[0], over[1], under[1])
    told = row(compared().differences, "some", "service_level", "first_reply", "all", "")
    assert told == {
        name: pytest.approx(float(getattr(expected, name))) for name in ("mean", "lower", "upper", "saved")
    }


def test_differences_are_reported_in_all_and_by_language_channel_and_day() -> None:
    rows = compared().differences
    for measure, promise in (("service_level", "first_reply"), ("wait_served", ""), ("backlog_mean", "")):
        wanted = (rows.measure == measure) & (rows.promise == promise) & (rows.plan == "more")
        assert {"all", "language", "channel", "day"} <= set(rows.dimension[wanted].tolist())
    for measure in ("cost", "overtime", "agent_hours"):
        assert {"all", "team", "day"} <= set(rows.dimension[rows.measure == measure].tolist())
    assert set(rows.against.tolist()) == {"few"}


def test_one_agent_round_the_clock_costs_a_day_and_the_drain_more() -> None:
    found = compared()
    hours = row(found.differences, "some", "agent_hours", "", "all", "")["mean"]
    assert hours + row(found.differences, "some", "overtime", "", "all", "")["mean"] == pytest.approx(
        24, abs=3
    )
    assert found.priced_in == "cost"
    assert found.priced[1].price > found.priced[0].price


def test_how_often_replications_keep_a_promise_differs_by_the_share_of_replications() -> None:
    few, some, _ = events()
    share = [
        np.mean(side.totals("in_time")[:, 0] >= 0.8 * side.totals("cases")[:, 0]) for side in (few, some)
    ]
    told = row(compared().differences, "some", "replications_kept", "first_reply", "all", "")
    assert told["mean"] == pytest.approx(share[1] - share[0])
    assert row(compared().differences, "some", "replications_kept", "first_reply", "language", "en")


def test_customers_are_the_same_where_demand_is() -> None:
    plans = [FEW, MORE, OTHERS]
    found = compare(["few", "more", "others"], plans, played(*plans), [{}] * 3, {})
    assert [priced.same_customers for priced in found.priced] == [True, True, False]


def test_what_one_team_has_no_wage_for_is_priced_in_hours() -> None:
    free = plan(
        promises=PROMISES,
        languages="[nl, en]",
        demand=RATE,
        lasts="1 d",
        teams=hub(2, speaks=SPEAKS).replace("hub:", "free:")[:-1]
        + ", "
        + hub(1, speaks=SPEAKS, wage="30 / h")[1:],
    )
    found = compare(["a", "b"], [free, free], played(free, free), [{}, {}], {})
    assert found.priced_in == "agent_hours"
    assert set(row(found.differences, "b", "service_level", "first_reply", "all", "").values()) == {
        0.0,
        np.inf,
    }


@pytest.mark.parametrize(("sure", "words"), [(True, "best more"), (False, "best so far more")])
def test_the_headline_is_the_best_plan(sure: bool, words: str) -> None:
    found = compared()
    choice = replace(found.choice, plan=1, certain=sure)
    document = replace(found, names=("base", "more", *found.names[2:]), choice=choice).document()
    assert (document["study"], document["headline"]) == ("compare", words)


def test_the_document_names_plans_and_is_plain_json() -> None:
    found = compared()
    document = json.loads(found.json())
    assert [part["name"] for part in document["plans"]] == ["few", "some", "more"]
    assert document["choice"]["plan"] == found.names[found.choice.plan]
    assert {len(column) for column in document["differences"].values()} == {len(found.differences.mean)}
    assert document["leading"] == "first_reply"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (made(1, lasts="2 d"), "starts, lasts, drain, timezone and period"),
        (made(1, judged="{from: 2010-06-07 01:00, to: 2010-06-08 00:00}"), "judged"),
        (made(1, promises=PROMISES.replace("80 %", "81 %")), "promises"),
        (made(1, promises=PROMISES.replace("each: [language]", "each: [channel]")), "promises"),
        (
            made(1, promises=PROMISES.replace("share: 80 %", "share: 80 %, for: {language: nl}")),
            "`for` of each promise",
        ),
    ],
)
def test_plans_that_are_judged_otherwise_are_not_compared(other: Plan, words: str) -> None:
    with pytest.raises(Incomparable, match=f"few and other are not judged alike: give both the same {words}"):
        comparable(["few", "other"], [FEW, other])


def test_plans_with_other_languages_are_compared_in_those_both_have() -> None:
    more = plan(
        promises=PROMISES, languages="[nl, en, de]", lasts="1 d", busyness="{event: 20 %}",
        demand="{all: {rate: 14 / h, language: {nl: 60 %, en: 30 %, de: 10 %}}}",
        teams=hub(2, speaks="{nl: 100 %, en: 100 %, de: 100 %}", wage="30 / h"),
    )  # fmt: skip
    comparable(["few", "more"], [FEW, more])
    found = compare(["few", "more"], [FEW, more], played(FEW, more), [{}, {}], {})
    rows = found.differences
    assert set(rows.member[(rows.dimension == "language") & (rows.measure == "service_level")].tolist()) == {
        "nl",
        "en",
    }


def test_a_plan_is_reported_by_what_sets_it_apart_from_the_first() -> None:
    found = compared()
    resolved = (
        {"name": name, "teams": {"hub": {"people": people}}}
        for name, people in zip(found.names, "122", strict=True)
    )
    records = [{"resolved": each, "scenario": "plain"} for each in resolved]
    findings = [replace(each, record=record) for each, record in zip(found.findings, records, strict=True)]
    told = settings_sentences(replace(found, findings=tuple(findings)))
    assert told == [f"Changes from few to {name}: teams.hub.people 1 → 2" for name in ("some", "more")]


def test_too_few_replications_for_any_verdict_to_hold_are_reported() -> None:
    assert below_minimum_lines(compared()) == ["With a 95 % target, HOLDS needs at least 72 replications."]
