"""Every committed scenario and variant runs, its numbers have their basis, and its staffing plans come out as
they should.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine import DEFAULT
from sim.forecast import advise
from sim.measure.pooled.replications import Replications
from sim.plan import Plan
from sim.scenario.reading import read
from sim.study.play.replicate import replicate, simulate
from sim.study.run import answer
from sim.units import HOUR
from tests.plans import variants_of
from tests.scenarios.played import FOLDER, plan_of

FILES = sorted(FOLDER.glob("*.yaml"))
NAMES = [path.stem for path in FILES]
VARIANTS = [(path.stem, variant) for path in FILES for variant in variants_of(path)]


def events(plan: Plan, replications: int, seed: int = 1) -> Replications:
    return Replications(plan.lens, replicate(plan, seed, replications))


def kept(found: Replications, q: int = 0) -> np.ndarray:
    """The share in time of promise q, by event."""
    in_time, cases = (found.column(name, q, slice(None), 0).sum(axis=1) for name in ("in_time", "cases"))
    return np.asarray(in_time / cases)


def test_there_are_scenarios() -> None:
    assert {"announced-strike", "ashcloud", "brussels-2016", "covid-2020", "hub-2011", "it-outage"} <= set(
        NAMES
    )


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_scenario_opens_with_its_question_and_gives_the_basis_of_its_numbers(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith("?")
    assert len(read(path).scenario.sources) >= 3


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_every_variant_gives_a_verdict_a_promise(name: str, variant: str | None) -> None:
    plan = plan_of(name, variant)
    findings = answer(
        plan,
        Replications(plan.lens, (simulate(plan, 7, replication, 0.2, DEFAULT) for replication in range(2))),
        {},
    )
    promises = [row.promise for row in findings.verdicts if not row.dimension]
    assert promises == [promise.name for promise in plan.lens.promises] + ["all"]
    assert all(row.replications == 2 for row in findings.verdicts)


@pytest.mark.slow
def test_more_volunteers_keep_the_promise_of_the_ash_cloud_in_more_events() -> None:
    chances = [
        (kept(events(plan_of("ashcloud", variant), 60)) >= 0.9).mean()
        for variant in ("hundred", "hundred-fifty", "hundred-eighty")
    ]
    # With 60 events the standard error of each is at most 6.5 points: 30 points lie more than three of a
    # difference apart.
    assert chances[0] < 0.45
    assert chances[1] > chances[0] + 0.30
    assert chances[2] >= chances[1]
    assert chances[2] > 0.85


def test_without_volunteers_the_ash_cloud_drowns_the_staff() -> None:
    assert kept(events(plan_of("ashcloud", "no-volunteers"), 4)).max() < 0.3


def test_a_later_call_never_helps() -> None:
    now, later = (kept(events(plan_of("ashcloud", variant), 8)) for variant in (None, "call-up-12h-later"))
    assert (later < now).all()  # the same events: paired


def test_nobody_can_reply_within_the_hour_before_seven_when_the_hub_opens_at_eight() -> None:
    plan = plan_of("hub-2011", "day-only-all-ask", "teams.hub.people=500")
    found = events(plan, 10)
    cases = found.column("cases", 0, slice(None), 0)
    by_day = np.isin(found.hour, range(7, 23))
    cap = cases[:, by_day].sum(axis=1) / cases.sum(axis=1)
    assert (kept(found) <= cap).all()
    assert (kept(found) > cap - 0.03).all()  # and 500 people come close


def test_the_night_cap_of_the_home_profile_is_87_percent_and_validate_says_so_beforehand() -> None:
    plan = plan_of("hub-2011", "day-only-all-ask", "teams.hub.people=500", "demand.everyday.day=home")
    promise, cap = "first_reply", advise(plan).caps[0]
    assert (cap.promise, round(cap.share, 3)) == (promise, 0.870)
    share = kept(events(plan, 60))
    # Sampling moves the mean of 60 weeks of 4,200 cases by 0.14 points (two standard errors, hourly busyness
    # included).
    assert share.mean() == pytest.approx(0.870, abs=0.005)


def test_the_night_shift_pays_off_for_those_who_write_at_night() -> None:
    round_the_clock, day_only = (events(plan_of("hub-2011", variant), 12) for variant in (None, "day-only"))
    assert kept(round_the_clock).mean() > kept(day_only).mean() + 0.1
    morning = [
        found.column("backlog")[:, 8 * HOUR // found.lens.period - 1].mean()
        for found in (round_the_clock, day_only)
    ]
    assert morning[1] > 3 * morning[0]  # the heap at eight o'clock


def test_brussels_is_cleared_near_the_published_time_by_45_people_and_never_by_two() -> None:
    published = (3 * 24 + 18) * HOUR  # Friday 25 March 18:00, from Tuesday midnight

    def cleared(variant: str | None) -> np.ndarray:
        plan = plan_of("brussels-2016", variant)
        estimates = answer(plan, events(plan, 30), {}).estimates
        row = np.flatnonzero(estimates.measure == "cleared")[0]
        return np.array([estimates.p10[row], estimates.p50[row], estimates.p90[row]])

    early, middle, late = cleared(None)
    assert early - 6 * HOUR <= published <= late + 6 * HOUR
    assert abs(middle - published) <= 8 * HOUR
    assert cleared("four-minutes")[2] < published
    assert np.isinf(cleared("two-people")).all()


def numbers(tree: Any, path: str = "") -> Iterator[str]:
    """The dotted paths of everything with a digit in it that is a number of the model: not of its clock or
    its names.
    """
    for key, value in tree.items() if isinstance(tree, dict) else ():
        below = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from numbers(value, below)
        elif any(character.isdigit() for character in str(value)):
            yield below


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_number_of_a_scenario_has_its_basis(path: Path) -> None:
    resolved = read(path).resolved
    parts = ("promises", "days", "channels", "topics", "then", "ends", "busyness", "demand", "teams")
    model = {key: resolved[key] for key in parts if key in resolved}
    known = resolved["sources"]

    def based(number: str) -> bool:
        steps = number.split(".")
        return any(".".join(steps[:size]) in known for size in range(1, len(steps) + 1))

    assert [number for number in numbers(model) if not based(number)] == []
