"""The answer of a study: who is judged, what is needed, and that no corner of the language makes it
stumble.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from sim.engine import DEFAULT
from sim.measure.pooled.replications import Replications
from sim.measure.replication.agents_needed import deadline
from sim.measure.replication.observation import Observation
from sim.measure.stats.verdicts import Ruling, overall
from sim.plan import Plan
from sim.show.content.tables import pick
from sim.show.sheet import sheet as sheets
from sim.show.terminal import run as text
from sim.study.findings import Findings
from sim.study.play.replicate import replicate, simulate
from sim.study.run import answer
from sim.study.store.files import staged
from sim.units import DAY, HOUR, MINUTE
from tests.lenses import lens, promise
from tests.plans import hub, plan

WIDE = {
    "lasts": "2 d",
    "languages": "[nl, en]",
    "channels": "{post: {}, chat: {live: true}, phone: {live: true, patience: {mean: 5 min, cv: 1}, lines: "
    "3}}",
    "topics": "{info: {handle_time: 5 min}, claim: {handle_time: {mean: 9 min, cv: 1}}}",
    "then": "{info: {topic: claim, share: 20 %, after: 10 min}}",
    "demand": "{all: {rate: 8 / h, language: {nl: 60 %, en: 40 %}, channel: {post: 50 %, chat: 30 %, "
    "phone: 20 %}, "
    "topic: {info: 70 %, claim: 30 %}}, "
    "few: {rate: 1 / d, language: {nl: 100 %}, channel: {post: 100 %}, topic: {claim: 100 %}}}",
    "teams": hub(2, speaks="{nl: 100 %, en: 50 %}"),
}


def played(made: Plan, events: int = 3) -> tuple[list[Observation], Findings]:
    found = list(replicate(made, 5, events))
    return found, answer(
        made, Replications(made.lens, found), {"scenario": made.lens.name, "replications": events, "seed": 5}
    )


def rows(findings: Findings) -> list[tuple[str, str, str]]:
    return [(verdict.promise, verdict.dimension, verdict.member) for verdict in findings.verdicts]


# Who is judged


def test_each_value_in_scope_and_each_day_with_a_case_has_a_row() -> None:
    promises = (
        "{first_reply: {within: 1 h, share: 90 %, for: {channel: [chat, post]}, each: [channel, "
        "day, topic, language]}}"
    )
    judged = "{from: 2010-06-07 06:00, to: 2010-06-09 00:00}"
    _, findings = played(plan(**WIDE | {"promises": promises, "judged": judged, "lasts": "3 d"}))
    assert [row[1:] for row in rows(findings)] == [
        ("", ""), ("channel", "post"), ("channel", "chat"), ("day", "2010-06-07"), ("day", "2010-06-08"),
        ("topic", "info"), ("topic", "claim"), ("language", "nl"), ("language", "en"),
    ]  # fmt: skip


def test_a_row_counts_its_own_cases_and_the_promise_all_of_them() -> None:
    each = "{first_reply: {within: 1 h, share: 60 %, each: [language, channel, topic, day]}}"
    _, findings = played(plan(**WIDE | {"promises": each}))
    cases = {row[1:]: verdict.cases for row, verdict in zip(rows(findings), findings.verdicts, strict=True)}
    for dimension in ("language", "channel", "topic", "day"):
        assert sum(value for key, value in cases.items() if key[0] == dimension) == pytest.approx(
            cases["", ""], rel=1e-12
        )
    kept = {row[1:]: verdict.kept for row, verdict in zip(rows(findings), findings.verdicts, strict=True)}
    estimates = findings.estimates
    for dimension, member in cases:
        if dimension:
            row = pick(estimates, "service_level", dimension, "first_reply", member)
            assert row.cases[0] == cases[dimension, member]
    events = [
        in_time >= 0.6 * cases
        for in_time, cases in zip(
            findings.replications["in_time"], findings.replications["cases"], strict=True
        )
    ]
    assert kept["", ""] == sum(events)


def test_several_promises_on_one_clock_are_judged_each_by_its_own_limit() -> None:
    promises = (
        "{quick: {clock: first_reply, within: 1 min, share: 50 %}, slow: {clock: first_reply, "
        "within: 60 min, share: 50 %}}"
    )
    found, findings = played(plan(promises=promises))
    assert rows(findings) == [("quick", "", ""), ("slow", "", ""), ("all", "", "")]
    quick, slow, together = findings.verdicts
    assert (quick.mean, slow.mean) == (0, 1)  # a reply takes 5 minutes, or 10 at the most
    assert (quick.kept, slow.kept, together.kept) == (0, 3, 0)
    assert findings.replications["in_time"].tolist()[::2] == [0, 0, 0]
    assert findings.replications["cases"].tolist()[::2] == [event.cases[0, :, 0].sum() for event in found]


def test_a_promise_without_a_case_in_scope_is_kept() -> None:
    scope = "{first_reply: {within: 1 h, share: 90 %, for: {language: [en]}, each: [language, day]}}"
    speaks = hub(2, speaks="{nl: 100 %, en: 100 %}")
    languages = {
        "languages": "[nl, en]",
        "demand": "{all: {rate: 1 / h, language: {nl: 100 %}}}",
        "teams": speaks,
    }
    _, findings = played(plan(promises=scope, **languages))
    whole, row = findings.verdicts
    assert (whole.kept, whole.replications, whole.cases, isnan(whole.mean)) == (3, 3, 0, True)
    assert (row.member, row.ruling) == ("en", Ruling.TOO_FEW)


def test_one_replication_decides_nothing_that_it_keeps() -> None:
    _, findings = played(plan(), 1)
    assert overall(findings.verdicts) is Ruling.UNDECIDED
    assert np.isnan(findings.estimates.lower[~np.isin(findings.estimates.unit, "")]).all()


def test_replications_are_listed_by_replication_and_promise() -> None:
    promises = "{first_reply: {within: 1 h, share: 90 %}, answered: {share: 90 %}}"
    found, findings = played(plan(promises=promises), 2)
    assert findings.replications["replication"].tolist() == [0, 0, 1, 1]
    assert findings.replications["promise"].tolist() == ["first_reply", "answered"] * 2
    assert findings.replications["cases"].tolist() == [
        int(event.cases[q, :, 0].sum()) for event in found for q in (0, 1)
    ]


# What is needed


@pytest.mark.parametrize(
    ("promised", "due"),
    [
        ([("first_reply", HOUR), ("first_reply", 2 * HOUR), ("solved", MINUTE)], HOUR),
        ([("solved", DAY), ("answered", -1), ("solved", 2 * HOUR)], 2 * HOUR),
        ([("answered", -1)], 3 * HOUR),
        ([], 3 * HOUR),
    ],
)
def test_work_is_due_by_the_shortest_first_reply_else_by_the_shortest_promise_else_within_the_drain(
    promised: Sequence[tuple[str, int]], due: int
) -> None:
    view = replace(lens(promises=[promise(*row) for row in promised]), lasts=7 * HOUR)
    assert deadline(view) == due


def test_people_who_take_twice_as_long_are_needed_twice() -> None:
    """Constant handle times and people enough, so that the pace decides: exact but for whole ms."""
    need = []
    for pace in ("100 %", "200 %"):
        demand = {"demand": "{all: {rate: 30 / h}}", "topics": "{info: {handle_time: 5 min}}"}
        _, findings = played(plan(teams=hub(40, pace=pace), **demand))
        need.append(pick(findings.estimates, "needed", "period").mean)
    assert need[0].sum() > 0
    np.testing.assert_allclose(need[1], 2 * need[0], rtol=1e-9)


def test_nobody_is_needed_where_nothing_comes_and_nobody_short_where_the_promise_holds() -> None:
    _, quiet = played(plan(demand="{all: {rate: 0 / h}}"))
    assert not pick(quiet.estimates, "needed", "period").mean.any()
    _, ample = played(plan(teams=hub(50)))
    assert quiet.shortfalls == ample.shortfalls == ()


def test_where_nobody_comes_all_work_is_short_and_all_is_missed() -> None:
    _, findings = played(plan(demand="{all: {rate: 30 / h}}", teams=hub(0)))
    (verdict,) = findings.verdicts
    assert (verdict.ruling, verdict.mean) == (Ruling.BREAKS, 0)
    assert (
        findings.shortfalls[0].agents >= 3
    )  # 30 an hour, 5 minutes each: 2.5 agents, and some against chance
    assert sum(row.end - row.start for row in findings.shortfalls) > 40 * HOUR


def test_agents_missing_are_those_of_the_replications_that_break_a_promise() -> None:
    """One event without a contact, one with more than one agent can do: what is missing is missing in the
    second.
    """
    quiet, busy = (
        plan(demand=f"{{all: {{rate: {rate} / h}}}}", topics="{info: {handle_time: 5 min}}")
        for rate in (0, 60)
    )
    kept, broken = (simulate(made, 5, 0, 1.0, DEFAULT) for made in (quiet, busy))
    alone, both, neither = (
        answer(busy, Replications(busy.lens, found), {}) for found in ([broken], [kept, broken], [kept])
    )
    assert alone.shortfalls
    assert both.shortfalls == alone.shortfalls
    assert neither.shortfalls == ()


# Corners


CORNERS = {
    "plain": {},
    "no contacts": {"demand": "{all: {rate: 0 / d}}"},
    "nobody at work": {"teams": hub(0)},
    "everything": WIDE
    | {
        "promises": "{first_reply: {within: 1 h, share: 90 %, each: [language, channel, topic, day]}, "
        "solved: {within: 1 h, share: 90 %}, answered: {share: 90 %, for: {topic: [claim]}}}"
    },
    "5 min": {"period": "5 min", "lasts": "90 min", "drain": "70 min"},
    "60 min": {
        "period": "60 min",
        "promises": "{first_reply: {within: 1 min, share: 90 %}}",
        "drain": "1 min",
    },
    "three weeks": {"lasts": "21 d"},
    "a clock change": {"timezone": "Europe/Amsterdam", "starts": "2010-10-30 12:00"},
    "judged by day": {"judged": "{from: 2010-06-07 09:00, to: 2010-06-07 18:00}"},
    "answered alone": {"promises": "{answered: {share: 90 %}}", "drain": "0 min"},
    "a jam": {
        "demand": "{all: {rate: 60 / h}}",
        "channels": "{phone: {live: true, patience: {mean: 1 min, cv: 1}, lines: 2}}",
    },
}


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("events", [1, 3])
def test_every_corner_has_an_answer_that_can_be_told_kept_and_drawn(
    corner: str, events: int, tmp_path: Path
) -> None:
    _, findings = played(plan(**CORNERS[corner]), events)
    for width in (80, 160):
        told = text.report(findings, width)
        assert not {"nan", "inf", "None"} & set(told.replace("(", " ").replace("–", " ").split())
        assert max(map(len, told.splitlines())) <= width
    with staged(tmp_path / "service_level") as folder:
        findings.save(folder)
        if events == 3:
            sheets.save(findings, folder)
    findings.json()


@pytest.mark.parametrize("corner", CORNERS)
def test_estimates_lie_in_their_intervals_and_quantiles_are_in_order(corner: str) -> None:
    _, findings = played(plan(**CORNERS[corner]))
    table = findings.estimates
    for name in ("lower", "p10"):
        bounds = (
            (table.lower, table.mean, table.upper) if name == "lower" else (table.p10, table.p50, table.p90)
        )
        for low, high in pairwise(bounds):
            known = ~(np.isnan(low) | np.isnan(high))
            assert (low[known] <= high[known] + 1e-9 * np.abs(high[known])).all()
    shares = table.unit == "share"
    for column in (table.mean, table.p10, table.p50, table.p90):
        assert not ((column[shares] < 0) | (column[shares] > 1)).any()
