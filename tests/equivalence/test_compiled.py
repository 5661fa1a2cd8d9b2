"""What is the compiled engine's own: its constants, its bits, and that it can be kept on disk and run by
threads.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from sim import tables
from sim.engine import compiled, run, warm
from sim.tables import ALWAYS, Trigger, heads
from tests.worlds import facts, random_world, repr_world, world


def test_its_literals_are_those_of_the_tables():
    assert compiled.NEVER == tables.NEVER
    fates = (compiled.OPEN, compiled.ANSWERED, compiled.ABANDONED, compiled.BLOCKED, compiled.MERGED)
    assert (tables.Fate.NEVER, *fates) == tuple(tables.Fate)
    triggers = (compiled.ON_REPLY, compiled.ON_ABANDON, compiled.ON_BLOCK, compiled.ON_SILENCE)
    assert (tables.Trigger.NONE, *triggers) == tuple(tables.Trigger)
    assert (compiled.LEAVE, compiled.JOIN, compiled.LINES) == (
        tables.Turn.LEAVE,
        tables.Turn.JOIN,
        tables.Turn.LINES,
    )
    assert compiled.FOREVER > 10 * (tables.TIME_MAX + tables.EFFORT_MAX * tables.FACTOR_MAX**2 // 1000**2)


def test_each_of_32_bits_is_told_by_its_product():
    table = compiled.bits_of()
    assert [table[((compiled.DE_BRUIJN << bit) & 0xFFFFFFFF) >> 27] for bit in range(32)] == list(range(32))


@pytest.mark.parametrize("groups", [31, 32, 33, 64, 65, 100])
def test_any_number_of_groups_is_served_as_by_the_reference_engine(groups):
    rng = np.random.default_rng(groups)
    contacts, types = 400, 5
    busy = world(
        time=np.sort(rng.integers(0, 120, contacts)), type=rng.integers(0, types, contacts),
        effort=rng.integers(1, 60, contacts), patience=rng.integers(-1, 30, contacts),
        group=rng.permutation(np.arange(2 * groups) % groups), slots=rng.integers(1, 4, 2 * groups),
        push=rng.integers(-1, 3, (groups, types)), after=rng.choice([0, 0, 3, 9], (groups, types)),
        start=rng.integers(0, 50, 2 * groups), end=rng.integers(60, 200, 2 * groups),
    )  # fmt: skip
    outcome = facts(run(busy, "compiled"))
    assert outcome == facts(run(busy, "simpy")), repr_world(busy)
    assert len(set(outcome["agent"])) > groups


@pytest.mark.parametrize("seed", range(8))
def test_thousands_of_contacts_with_everything_at_once_go_as_by_the_reference_engine(seed):
    rng = np.random.default_rng(seed)
    outside, agents, groups, types, hours, reasons = 3000, 40, 6, 8, 30, 3
    start = rng.integers(0, 1500, agents)
    parents, triggers = [np.full(outside, -1)], [np.zeros(outside, int)]
    rows = np.arange(outside)
    for _ in range(2):  # children, and children of theirs
        for trigger in (Trigger.ON_REPLY, Trigger.ON_ABANDON, Trigger.ON_BLOCK, Trigger.ON_SILENCE):
            parents.append(rng.choice(rows, len(rows) // 4, replace=False))
            triggers.append(np.full(len(rows) // 4, trigger))
        rows = np.arange(sum(map(len, parents)))[len(rows) :]
    parent, trigger = np.concatenate(parents), np.concatenate(triggers)
    contacts = len(parent)
    own_case = parent < 0
    silence = np.flatnonzero(trigger == Trigger.ON_SILENCE)
    own_case[silence] = rng.random(len(silence)) >= 0.8  # a bystander
    case = heads(np.where(own_case, np.arange(contacts), parent))
    everything = world(
        time=[*np.sort(rng.integers(0, 2000, outside)), *rng.integers(1, 200, contacts - outside)],
        parent=parent,
        trigger=trigger,
        case=case,
        reason=rng.integers(-1, reasons, contacts),
        chance=rng.integers(0, ALWAYS, contacts),
        odds=rng.integers(0, ALWAYS, (reasons, 3)),
        merge=rng.integers(0, ALWAYS, contacts),
        merge_odds=rng.integers(0, ALWAYS, types),
        duplicate_effort=rng.integers(1, 20, types),
        type=rng.integers(0, types, contacts),
        effort=rng.integers(1, 60, contacts),
        patience=rng.integers(-1, 300, contacts),
        team=rng.integers(0, 2, agents),
        group=np.arange(agents) % groups,
        slots=rng.integers(1, 4, agents),
        start=start,
        end=start + rng.integers(100, 1000, agents),
        push=rng.integers(-1, 2, (groups, types)),
        pull=rng.integers(0, 2, (groups, types)),
        after=rng.choice([0, 0, 20, 50], (groups, types)),
        pace=rng.integers(500, 2000, (groups, types)),
        urgency=rng.integers(0, 2, types),
        allowance=rng.integers(0, 100, types),
        within=rng.integers(-1, 200, types),
        channel=np.arange(types) % 3,
        crowding=rng.integers(500, 2000, (2, 2)),
        fresh_first=bool(seed % 2),
        horizon=1900,
        lines=np.column_stack(
            [rng.integers(0, 2000, hours), rng.integers(0, 2, hours), rng.integers(-1, 100, hours)]
        ),
    )
    outcome = run(everything, "compiled")
    assert facts(outcome) == facts(run(everything, "simpy")), repr_world(everything)
    assert np.bincount(outcome.fate, minlength=6).min() >= 10
    assert np.sum((outcome.fate == tables.Fate.BLOCKED) & (outcome.ended > outcome.arrived)) >= 10
    came = outcome.arrived >= 0
    assert min(np.sum(came & (trigger == each)) for each in Trigger) >= 10


def test_questions_may_have_any_numbers():
    again = {"parent": [-1, -1, 0, 1], "trigger": [0, 0, 4, 4], "merge_odds": ALWAYS, "case": [0, 1, 0, 1]}
    few, many = (
        world(time=[0, 1, 2, 2], effort=[3, 9, 1, 1], question=question, **again)
        for question in ([0, 1, 0, 1], [2_000_000_000, 7, 2_000_000_000, 7])
    )
    assert facts(run(many, "compiled")) == facts(run(few, "compiled")) == facts(run(many, "simpy"))


def test_one_compilation_serves_every_world():
    rng = np.random.default_rng(3)
    warm("compiled")
    for _ in range(20):
        run(random_world(rng), "compiled")
    assert len(compiled.play.signatures) == 1


def test_threads_do_not_disturb_each_other():
    rng = np.random.default_rng(4)
    worlds = [random_world(rng) for _ in range(200)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda world: facts(run(world, "compiled")), worlds))
    for each, outcome in zip(worlds, together, strict=True):
        assert outcome == facts(run(each, "compiled")), repr_world(each)


def test_another_text_of_the_same_age_and_size_is_compiled_anew(tmp_path):
    copy = tmp_path / "copied.py"
    text = Path(compiled.__file__).read_text()
    use = "import copied; heap = copied.heap_of(1); copied.push(heap, 0, 5, 7); print(heap[0])"
    printed = []
    for version in (
        text,
        text.replace("= time\n    heap[u(2 * place + 1)]", "= key \n    heap[u(2 * place + 1)]"),
    ):
        copy.write_text(version)
        os.utime(copy, (0, 0))
        environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", use],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            check=True,
            text=True,
        )
        printed.append(done.stdout.strip())
    assert printed == ["5", "7"]
