"""Workload W2 is what its description says."""

import numpy as np
import pytest

from sim.bench.w2 import Shape, make, world
from sim.engine import run
from sim.tables import Fate
from sim.units import DAY, HOUR, WEEK
from tests.bench import fixed


def test_the_same_shape_gives_the_same_arrays_and_another_seed_others():
    first, again, other = (make(Shape(contacts=1000, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.arrive, again.arrive)
    assert not np.array_equal(first.arrive, other.arrive)


def test_arrivals_are_a_daily_wave_with_a_surge_on_the_fourth_day():
    arrive = make(Shape()).arrive
    hours = np.bincount(arrive // HOUR, minlength=7 * 24)
    assert len(hours) == 7 * 24
    assert np.all(np.diff(arrive) >= 0)
    days = np.delete(hours.reshape(7, 24), 3, axis=0).sum(axis=0)
    assert days.argmax() in (14, 15)
    assert days.max() / days.min() == pytest.approx(1.6 / 0.4, rel=0.05)
    surge = hours[3 * 24 + 12 : 3 * 24 + 14].sum() / (days[12:14].sum() / 6)
    assert surge == pytest.approx(2, rel=0.1)


def test_a_fifth_work_at_night_and_everybody_eight_hours_a_day():
    made = world(make(Shape(contacts=10)))
    roster = made.roster
    start = roster.start % DAY // HOUR
    assert np.all(roster.end - roster.start == 8 * HOUR)
    assert np.bincount(roster.agent).tolist() == [7] * 60
    assert {hour: np.count_nonzero(start == hour) // 7 for hour in (0, 8, 16)} == {0: 12, 8: 24, 16: 24}


@pytest.mark.parametrize(
    "shape",
    [
        Shape(),
        Shape(agents=6000),
        Shape(agents=240, types=120, skills=12, groups=80),
        Shape(types=5, skills=5, groups=1),
    ],
    ids=str,
)
def test_groups_answer_as_many_types_as_they_should_and_each_type_is_answered_round_the_clock(shape):
    made = world(make(Shape(**{**vars(shape), "contacts": 10})))
    serves = made.routing.push >= 0
    assert serves.shape == (shape.groups, shape.types)
    assert np.all(serves.sum(axis=1) == shape.skills)
    for hour in (4, 12, 20):
        on_duty = made.roster.agent[(made.roster.start <= hour * HOUR) & (made.roster.end > hour * HOUR)]
        assert np.all(serves[made.roster.group[on_duty]].any(axis=0))
    start_of = made.roster.start % DAY
    for group in np.flatnonzero(np.bincount(made.roster.group) >= 3):
        assert len(set(start_of[made.roster.group[made.roster.agent] == group])) > 1  # not all on one shift


def test_those_on_duty_are_loaded_to_089_and_nine_in_a_hundred_abandon():
    made = world(make(Shape()))
    work = made.workload.effort.sum() / (20 * WEEK)
    assert work == pytest.approx(0.893, rel=0.02)
    outcome = run(made, "compiled")
    assert np.mean(outcome.fate == Fate.ABANDONED) == pytest.approx(0.09, abs=0.01)


@fixed.needs_fixed
def test_it_is_written_as_the_fixed_maker_writes(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    make(Shape(contacts=100)).write(ours)
    fixed.make(theirs, contacts=100)
    assert {file.name: file.stat().st_size for file in ours.iterdir()} == {
        file.name: file.stat().st_size for file in theirs.iterdir()
    }
    for name in ("duty_time.i8", "duty_turn.i4", "shape.i4"):
        assert (ours / name).read_bytes() == (theirs / name).read_bytes()
