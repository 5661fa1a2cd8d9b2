"""Painting beside the work: a process that loads what painting takes while simulations run, then paints."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIGKILL

from sim.study.compare import Comparison
from sim.study.findings import Findings
from sim.study.processes import FORKS, ended, started
from sim.study.sweep import Sweep

Found = Findings | Comparison | Sweep
Paint = Callable[[Found, Path], Callable[[], None]]


@contextmanager
def painter() -> Iterator[Paint]:
    """A function that begins to paint findings into a folder, and returns one that returns once all is
    painted.

    Where a process can't be forked, or it dies, the painting is done here: and told, if it fails.
    """
    try:
        pipe, process = started(_work) if FORKS else (None, None)
    except OSError:  # no more processes may be had
        pipe, process = None, None
    if pipe is None or process is None:
        yield lambda findings, folder: lambda: _paint(findings, folder)
        return

    def begin(findings: Found, folder: Path) -> Callable[[], None]:
        with suppress(BrokenPipeError):  # it died: then there is an end of file in place of its answer
            pipe.send((findings, folder))
        return lambda: end(findings, folder)

    def end(findings: Found, folder: Path) -> None:
        try:
            pipe.recv()
        except (EOFError, OSError):
            _paint(findings, folder)

    assert process.pid is not None, "a process that was started has a number"
    try:
        yield begin
    finally:
        with suppress(ProcessLookupError):  # it has come to nothing yet, or has gone
            os.killpg(process.pid, SIGKILL)
        ended(pipe, process)


def _work(pipe: Connection) -> None:
    """Paints what it is sent, the two files at once, each in a process of one group: what ends the one ends
    the other.
    """
    os.setpgid(0, 0)
    from sim.show.sheet import sheet as sheets

    findings, folder = pipe.recv()
    first, second = sheets.FILES
    twin = os.fork()
    if not twin:
        try:
            sheets.save(findings, folder, [second])
            os._exit(0)
        finally:
            os._exit(1)
    sheets.save(findings, folder, [first])
    if os.waitpid(twin, 0)[1] == 0:
        pipe.send(True)


def _paint(findings: Found, folder: Path) -> None:
    from sim.show.sheet import sheet as sheets

    sheets.save(findings, folder)
