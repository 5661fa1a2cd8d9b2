"""Processes beside this one: each with a pipe of its own, and deaf to Ctrl-C, which is this one's to
answer.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType

# A forked process has everything loaded; elsewhere than on Linux a fork is not safe, and a process loads it
# anew.
FORKS = sys.platform == "linux"

Work = Callable[..., None]  # of the pipe to the process that asked for it, and more


def started(work: Work, *more: object) -> tuple[Connection, BaseProcess]:
    """A new process that does work(pipe, *more), and the other end of its pipe, which ends when the process
    does.

    It ends with this process, or when this end is closed and it reads or writes.  A fault in it is not told.
    """
    context = get_context("fork" if FORKS else "spawn")
    ours, theirs = context.Pipe()
    process: BaseProcess = context.Process(target=_work, args=(work, theirs, ours, *more), daemon=True)  # type: ignore[attr-defined]
    with interrupts_held():  # it has time to become deaf
        process.start()
    theirs.close()
    return ours, process


def ended(pipe: Connection, process: BaseProcess) -> None:
    """Closes the pipe, and waits until the process is gone."""
    pipe.close()
    process.kill()
    process.join()


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the block is over: for what must not be left half-way, such as the loading of a
    compiled module.
    """
    if threading.current_thread() is not threading.main_thread():  # Python tells only the main thread
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
        if signal.getsignal(number) is signal.default_int_handler:  # that end a program as by Ctrl-C
            signal.signal(number, signal.SIG_DFL)
    other.close()
    with suppress(Exception):
        work(pipe, *more)
