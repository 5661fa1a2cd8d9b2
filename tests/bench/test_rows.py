"""Every row of the table can be measured.  Whether what is due is kept, a test of the README's `sim bench`
says.
"""

import math

import numpy as np
import pytest

from sim.bench import crisis, rows, table, yardstick
from sim.bench.table import LeftOut, figure
from sim.bench.w2 import Shape, make
from sim.engine import run
from sim.tables import Fate, Trigger
from tests import plans
from tests.bench import fixed

SMALL = Shape(contacts=2000)


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    return yardstick.build(tmp_path_factory.mktemp("loop"))


def assert_measured(found, row):
    assert found.row is row
    assert 0 < found.lowest <= found.value <= found.highest < math.inf
    assert 0 < found.above < math.inf
    assert 0 < found.below < math.inf


def test_both_engines_are_held_against_the_simpy_yardstick():
    for found, row in zip(
        rows.per_simpy(SMALL, rounds=2), [table.COMPILED_SIMPY, table.REFERENCE_SIMPY], strict=True
    ):
        assert_measured(found, row)


@fixed.needs_compiler
def test_the_compiled_engine_is_held_against_the_loop(loop):
    assert_measured(rows.per_loop(loop, SMALL, rounds=2), table.COMPILED_LIMIT)


@fixed.needs_compiler
def test_a_replication_is_held_against_the_loop(loop):
    assert_measured(
        rows.replication(loop, SMALL, plans.plan(demand="{all: {rate: 100 / h}}"), rounds=2),
        table.REPLICATION,
    )


def test_a_workload_is_held_against_another():
    assert_measured(rows.cost(table.AGENTS, Shape(contacts=2000, agents=600), SMALL, rounds=2), table.AGENTS)


def test_everything_on_is_held_against_the_plain_workload():
    assert_measured(rows.everything_on(SMALL, rounds=2), table.EVERYTHING)


@pytest.mark.skipif(not rows.memory.STATUS.exists(), reason="only Linux says how much was resident")
def test_the_memory_of_a_run_is_at_least_what_its_arrays_take():
    found = rows.peak_memory(1_000_000)
    assert_measured(found, table.MEMORY)
    assert found.value > 41 + 33  # bytes a row of Workload and of Outcome


def test_two_jobs_are_held_against_one():
    assert_measured(rows.jobs(plans.plan(), 10, rounds=1), table.JOBS)


def test_the_start_is_held_against_imports():
    assert_measured(rows.start(rounds=1), table.START)


def test_w2_of_the_planner_is_w2():
    plan = rows.w2_plan()
    world = rows.draw_world(plan, 1, 0)
    assert world.workload.n == pytest.approx(200_000, abs=5 * 450)
    assert world.roster.agents == 60
    assert ((world.routing.push >= 0).sum(axis=1) == 2).all()


@pytest.fixture
def stubs(monkeypatch):
    """Rows that measure nothing."""
    monkeypatch.setattr(
        rows,
        "per_simpy",
        lambda *_: [figure(row, [(1, 1)]) for row in (table.COMPILED_SIMPY, table.REFERENCE_SIMPY)],
    )
    monkeypatch.setattr(rows, "cost", lambda row, *_, **__: figure(row, [(1, 1)]))
    for name, row in (
        ("per_loop", table.COMPILED_LIMIT), ("replication", table.REPLICATION), ("peak_memory", table.MEMORY),
        ("jobs", table.JOBS), ("start", table.START), ("everything_on", table.EVERYTHING),
    ):  # fmt: skip
        monkeypatch.setattr(rows, name, lambda *_, row=row, **__: figure(row, [(1, 1)]))


@fixed.needs_compiler
def test_all_rows_come_in_the_order_of_the_table(stubs):
    assert [found.row for found in rows.figures()] == list(table.ROWS)


def test_without_a_compiler_the_rows_that_need_it_are_left_out(stubs, monkeypatch):
    monkeypatch.setattr(yardstick, "COMPILER", "no-such-compiler")
    found = list(rows.figures())
    assert [item.row for item in found] == list(table.ROWS)
    assert [item.row for item in found if isinstance(item, LeftOut)] == [
        table.COMPILED_LIMIT,
        table.REPLICATION,
    ]


def test_with_everything_on_customers_do_all_they_may():
    made = crisis.world(make(rows.W2), rows.W2)
    outcome = run(made, "compiled")
    came = outcome.arrived >= 0
    assert min(np.bincount(made.workload.trigger[came], minlength=len(Trigger))) > 100
    assert min(np.bincount(outcome.fate, minlength=len(Fate))[Fate.ANSWERED :]) > 1000
    assert made.workload.n > 2 * np.count_nonzero(came)
    answered = outcome.fate == Fate.ANSWERED
    assert np.any(answered & (outcome.ended - outcome.begun == crisis.DUPLICATE))
