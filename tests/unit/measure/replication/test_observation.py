"""What is kept of a replication: little, narrow, and enough; missing agents are added up."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from sim.draw.world import draw_world
from sim.engine import DEFAULT, run
from sim.measure.pooled.replications import Replications
from sim.measure.replication.observation import narrow, observe
from sim.measure.replication.tally import tally
from sim.measure.replication.timeline import timeline
from sim.measure.replication.windows import (
    by_day,
    day_of_period,
    day_of_window,
    first_of_day,
    judged_periods,
    judged_windows,
)
from sim.scenario.lowering import lower
from sim.scenario.reading import read
from sim.study.play.replicate import simulate
from sim.units import DAY, HOUR
from tests.lenses import answered, happened, lens, open_
from tests.plans import hub, plan

SCENARIOS = sorted(Path(__file__).parents[4].joinpath("scenarios").glob("*.yaml"))


@pytest.mark.parametrize(
    ("most", "width"),
    [(0, "u1"), (255, "u1"), (256, "u2"), (2**16 - 1, "u2"), (2**16, "u4"), (2**32, "i8"), (2**62, "i8")],
)
def test_whole_numbers_are_kept_as_they_are_in_the_narrowest_type(most: int, width: str) -> None:
    column = np.array([[0, most]], np.int64)
    kept = narrow(column)
    assert kept.dtype == width
    assert kept.astype(np.int64).tolist() == column.tolist()
    assert narrow(column[:, :0]).shape == (1, 0)


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_an_event_of_a_scenario_is_kept_in_a_hundred_kilobytes(file: Path) -> None:
    reading = read(file)
    made = lower(reading.scenario, reading.resolved)
    replications = Replications(made.lens, [simulate(made, 1, 0, 1.0, DEFAULT)])
    assert len(pickle.dumps(replications._observations)) < 100_000


def test_what_is_kept_by_the_hour_is_nothing_where_it_is_left_out() -> None:
    contacts = [answered(0, 0, 5, 6, 9), open_(1, 0, HOUR + 1)]
    kept = [observe(*happened(chosen, 2 * HOUR), lens(2 * HOUR)) for chosen in (contacts, contacts[:1], [])]
    alone = {"came", "begun", "answered", "cases", "solved_first", "waited", "handled"}
    assert [set(observation.hourly) for observation in kept[1:]] == [alone, set()]
    replications = Replications(lens(2 * HOUR), kept)
    assert replications.hourly("came").tolist() == [[1, 1], [1, 0], [0, 0]]
    assert replications.hourly("open").tolist() == [[0, 1], [0, 0], [0, 0]]
    assert replications.hourly("handled").tolist() == [[3, 0], [3, 0], [0, 0]]


def test_only_events_that_break_a_promise_say_who_was_missing() -> None:
    promises = "{first_reply: {within: 10 min, share: 90 %}, answered: {share: 90 %}}"
    busy, quiet = (
        plan(promises=promises, demand=f"{{all: {{rate: {rate} / h}}}}", teams=hub(2)) for rate in (40, 1)
    )
    missing = [simulate(busy, 3, row, 1.0, DEFAULT) for row in range(2)]
    replications = Replications(busy.lens, [missing[0], simulate(quiet, 3, 0, 1.0, DEFAULT), missing[1]])
    assert (replications.size, replications.breaking) == (3, 2)
    effort, able = np.zeros_like(replications.missed_effort()), np.zeros(len(replications.windows))
    for row in range(2):
        world = draw_world(busy, 3, row)
        outcome = run(world)
        worth = replications.slices.gather(tally(world, outcome, busy.lens).contacts.effort)
        effort += worth[:, replications.slices.rows("type")] / 2
        able += sum(timeline(world, outcome, busy.lens).able.values()) / HOUR / 2
    assert np.array_equal(replications.missed_effort(), effort)
    assert np.allclose(sum(replications.missed_able().values()), able, rtol=1e-12)
    assert effort.sum() > 0


def test_one_promise_of_two_that_breaks_is_enough() -> None:
    promises = "{first_reply: {within: 1 min, share: 100 %}, answered: {share: 1 %}}"
    made = plan(promises=promises, demand="{all: {rate: 40 / h}}", teams=hub(1))
    world = draw_world(made, 1, 0)
    assert observe(world, run(world), made.lens).missed is not None


# Hours


def test_the_day_of_a_window_is_the_local_one_it_begins_in() -> None:
    look = lens(50 * HOUR)  # from local midnight
    assert day_of_window(look).tolist() == [0] * 24 + [1] * 24 + [2] * 2
    assert first_of_day(day_of_window(look)).tolist() == [0, 24, 48]
    assert by_day(np.ones((2, 50), int), day_of_window(look)).tolist() == [[24, 24, 2]] * 2


def test_an_hour_is_judged_if_any_of_it_is() -> None:
    look = lens(2 * DAY, HOUR // 2, judged=(HOUR + 1, 3 * HOUR + 1))
    assert np.flatnonzero(judged_windows(look)).tolist() == [1, 2, 3]
    assert np.flatnonzero(judged_periods(look)).tolist() == [2, 3, 4, 5, 6, 7]
    assert len(day_of_period(look)) == 96
