"""Painting in another process: the same pictures, whatever becomes of it."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.show.sheet import painter
from sim.show.sheet import sheet as sheets
from tests.findings import findings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is painted here."""
    folder = tmp_path_factory.mktemp("painted")
    sheets.save(findings(), folder)
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def kill() -> None:
    for process in multiprocessing.active_children():
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()


def nothing() -> None:
    pass


@pytest.mark.parametrize(("before", "after"), [(nothing, nothing), (kill, nothing), (nothing, kill)])
def test_pictures_are_the_same_whoever_paints_them(
    painted: dict[str, bytes], tmp_path: Path, before: Callable[[], None], after: Callable[[], None]
) -> None:
    with painter.painter() as paint:
        assert len(multiprocessing.active_children()) == 1
        before()
        done = paint(findings(), tmp_path)
        after()
        done()
        assert files(tmp_path) == painted
    assert multiprocessing.active_children() == []


def test_where_no_process_can_be_forked_they_are_painted_here(
    painted: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(painter, "FORKS", False)
    with painter.painter() as paint:
        assert multiprocessing.active_children() == []
        paint(findings(), tmp_path)()
    assert files(tmp_path) == painted


def test_what_cannot_be_painted_is_told_here(tmp_path: Path) -> None:
    with painter.painter() as paint, pytest.raises(FileNotFoundError):
        paint(findings(), tmp_path / "nowhere")()


def test_one_file_that_fails_is_painted_and_told_here(tmp_path: Path) -> None:
    """The second of the two is painted by a process of its own."""
    (tmp_path / "sheet.svg").mkdir()
    with painter.painter() as paint, pytest.raises(IsADirectoryError):
        paint(findings(), tmp_path)()


def test_nobody_is_left_if_there_is_nothing_to_paint() -> None:
    with painter.painter():
        pass
    assert multiprocessing.active_children() == []
