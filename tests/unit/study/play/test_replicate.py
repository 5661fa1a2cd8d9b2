"""Many events: in order, the same however many processes play them and whatever becomes of those, and none
left behind.
"""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.draw import world
from sim.draw.demand import draw_demand
from sim.engine import DEFAULT
from sim.measure.replication.observation import Observation
from sim.plan import Plan
from sim.study import processes
from sim.study.play.replicate import ALONE, replicate, replicate_together, simulate
from tests.plans import hub, plan

REPLICATIONS = ALONE + 4
BUSY = plan(demand="{all: {rate: 20 / h}}", busyness="{event: 30 %}")  # about 15 ms an event


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)


@pytest.fixture(scope="module")
def alone() -> list[bytes]:
    """The events played one after the other, here."""
    return [told(simulate(BUSY, 7, row, 1.5, DEFAULT)) for row in range(REPLICATIONS)]


def told(found: Observation) -> bytes:
    """Every number of an event; a pickle depends on what shares memory, so parts are pickled by
    themselves.
    """
    columns = list(vars(found).values())
    if found.missed is not None:
        columns[-1:] = vars(found.missed).values()
    return b"".join(
        pickle.dumps(sorted((key, part.tobytes()) for key, part in value.items()))
        if isinstance(value, dict)
        else f"{value.dtype}{value.shape}".encode() + value.tobytes()
        for value in (value if isinstance(value, dict) else np.asarray(value) for value in columns)
    )


def workers() -> list[int]:
    return [process.pid for process in multiprocessing.active_children() if process.pid is not None]


def state(pid: int) -> str:
    """The letter that Linux has for the state of a process: S waits, Z has ended but was not waited for; ""
    is gone.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def running(pid: int) -> bool:
    return state(pid) not in ("", "Z")


def wait_for(fact: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while not fact() and time.monotonic() < until:
        time.sleep(0.01)
    return fact()


def test_replications_differ_by_replication_and_by_seed(alone: list[bytes]) -> None:
    assert (
        len({*alone, told(simulate(BUSY, 8, 0, 1.5, DEFAULT)), told(simulate(BUSY, 7, 0, 1.0, DEFAULT))})
        == REPLICATIONS + 2
    )


def test_few_are_played_here_and_in_order(alone: list[bytes]) -> None:
    found = replicate(BUSY, 7, ALONE, 1.5)
    assert [told(next(found)) for _ in range(ALONE)] == alone[:ALONE]
    assert not workers()
    assert next(found, None) is None


def test_on_one_core_all_are_played_here(alone: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    found = replicate(BUSY, 7, REPLICATIONS, 1.5)
    assert told(next(found)) == alone[0]
    assert not workers()


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_processes_change_neither_results_nor_order(
    alone: list[bytes], monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(processes, "FORKS", start == "fork")
    found = replicate(BUSY, 7, REPLICATIONS, 1.5)
    first = [told(next(found)), told(next(found))]
    assert len(workers()) == 2
    assert [*first, *map(told, found)] == alone
    assert not workers()


@pytest.mark.parametrize("dead", [1, 2])
def test_killed_workers_lose_and_change_nothing(alone: list[bytes], dead: int) -> None:
    found = replicate(BUSY, 7, REPLICATIONS, 1.5)
    made = [told(next(found)), told(next(found))]
    assert len(workers()) == 2
    for pid in workers()[:dead]:
        os.kill(pid, signal.SIGKILL)
    made += map(told, found)
    assert made == alone
    assert not workers()


def test_workers_that_die_at_every_replication_lose_and_change_nothing(alone: list[bytes]) -> None:
    made = []
    for found in replicate(BUSY, 7, REPLICATIONS, 1.5):
        made.append(told(found))
        for pid in workers():
            os.kill(pid, signal.SIGKILL)
    assert made == alone


def test_a_worker_that_dies_after_handing_in_its_replication_loses_and_changes_nothing() -> None:
    """Its event is small enough for the pipe to hold; what it is to do next cannot be sent."""
    small = plan(lasts="2 h")
    alone = [told(simulate(small, 7, row, 1.0, DEFAULT)) for row in range(REPLICATIONS)]
    found = replicate(small, 7, REPLICATIONS)
    made = [told(next(found)), told(next(found))]
    assert wait_for(lambda: all(state(pid) == "S" for pid in workers()))
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: not any(map(running, workers())))
    assert [*made, *map(told, found)] == alone


def test_closing_early_ends_the_workers() -> None:
    found = replicate(BUSY, 7, 20_000)
    next(found)
    next(found)
    pids = workers()
    assert len(pids) == 2
    found.close()  # type: ignore[attr-defined]
    assert not any(map(running, pids))


def test_a_fault_in_a_replication_is_reported_once_and_here_and_ends_the_workers(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match="no such engine"):
        list(replicate(BUSY, 7, REPLICATIONS, engine="no such engine"))
    assert not workers()
    assert capfd.readouterr().err == ""


def orphan_maker(broken: Plan) -> None:
    """Plays on and on, after saying who its workers are."""
    found = replicate(broken, 7, 20_000)
    next(found)
    for _ in found:
        print(*workers(), flush=True)


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_the_process_that_started_them_without_a_word(end: signal.Signals) -> None:
    """Ctrl-C in a terminal is sent to the workers too; only the process that started them says so."""
    script = (
        "import os; os.sched_getaffinity = lambda _: {0, 1}; "
        "from tests.unit.study.play.test_replicate import BUSY, orphan_maker; orphan_maker(BUSY)"
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, "-c", script], **pipes, text=True, start_new_session=True
    ) as process:  # type: ignore[call-overload]
        pids = [int(word) for word in process.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(running, pids))
        if end == signal.SIGINT:
            os.killpg(process.pid, end)
        else:
            process.send_signal(end)
        _, errors = process.communicate(timeout=30)
        assert wait_for(lambda: not any(map(running, pids)))
    assert errors.count("Traceback") == (end == signal.SIGINT)


@pytest.mark.parametrize("most", [0, 1])
def test_where_no_more_processes_may_be_had_those_there_are_play_or_this_one(
    alone: list[bytes], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    had: list[object] = []

    def started(*work: object) -> object:
        if len(had) == most:
            raise OSError(11, "Resource temporarily unavailable")
        had.append(work)
        return processes.started(*work)  # type: ignore[arg-type]

    monkeypatch.setattr("sim.study.play.replicate.started", started)
    assert [told(found) for found in replicate(BUSY, 7, REPLICATIONS, 1.5, jobs=3)] == alone
    assert not workers()


# Several plans


def test_plans_played_together_are_as_played_alone_and_meet_the_same_customers() -> None:
    plans = [BUSY, plan(demand="{all: {rate: 20 / h}}", busyness="{event: 30 %}", teams=hub(3)), plan()]
    together = list(replicate_together(plans, 7, REPLICATIONS, 1.5))
    for row, found in enumerate(together):
        assert [told(one) for one in found] == [told(simulate(each, 7, row, 1.5, DEFAULT)) for each in plans]
        assert found[0].customers == found[1].customers != found[2].customers


def test_equal_demand_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(
        world, "draw_demand", lambda demand, *dice: drawn.append(demand) or draw_demand(demand, *dice)
    )
    many = [plan(teams=hub(people)) for people in (1, 2, 3)]
    assert len(list(world.draw_together([*many, BUSY], 7, 0))) == 4
    assert len(drawn) == 2
