"""Processes beside this one, each with a pipe of its own; they ignore Ctrl-C, which this process handles."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType

# A forked process has every module loaded.  A fork is safe on Linux only; elsewhere modules are loaded again.
FORKS = sys.platform == "linux"

Work = Callable[..., None]  # its first argument is the pipe to the process that started it


def started(work: Work, *more: object) -> tuple[Connection, BaseProcess]:
    """A new process that does work(pipe, *more), and our end of its pipe, which closes when the process ends.

    The process ends with this one, or when it reads or writes after our end was closed.  An exception in it
    is not reported.
    """
    context = get_context("fork" if FORKS else "spawn")
    ours, theirs = context.Pipe()
    process: BaseProcess = context.Process(target=_work, args=(work, theirs, ours, *more), daemon=True)  # type: ignore[attr-defined]
    with interrupts_held():  # it has time to ignore them too
        process.start()
    theirs.close()
    return ours, process


def ended(pipe: Connection, process: BaseProcess) -> None:
    """Closes the pipe, ends the process and waits until it is gone."""
    pipe.close()
    process.kill()
    process.join()


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Delays Ctrl-C until the block ends, such as while a compiled module is loaded."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread handles signals
        yield
        return
    caught: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: caught.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if caught and callable(before):
        before(*caught[0])


def _work(work: Work, pipe: Connection, other: Connection, *more: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in signal.valid_signals():
        # Signals that end the program as Ctrl-C does end this process at once.
        if signal.getsignal(number) is signal.default_int_handler:
            signal.signal(number, signal.SIG_DFL)
    other.close()
    with suppress(Exception):
        work(pipe, *more)
