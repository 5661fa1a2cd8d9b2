"""Processes beside this one: each with a pipe of its own, and deaf to Ctrl-C, which is this one's to answer."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

# A forked process has everything loaded; elsewhere than on Linux a fork is not safe, and a process loads it anew.
FORKS = sys.platform == "linux"

Work = Callable[..., None]  # of the pipe to the process that asked for it, and more


def started(work: Work, *more: object) -> tuple[Connection, BaseProcess]:
    """A new process that does work(pipe, *more), and the other end of its pipe, which ends when the process does.

    It ends with this process, or when this end is closed and it reads or writes.  A fault in it is not told.
    """
    context = get_context("fork" if FORKS else "spawn")
    ours, theirs = context.Pipe()
    process: BaseProcess = context.Process(target=_work, args=(work, theirs, ours, *more), daemon=True)  # type: ignore[attr-defined]
    with _interrupts_held():
        process.start()
    theirs.close()
    return ours, process


def ended(pipe: Connection, process: BaseProcess) -> None:
    """Closes the pipe, and waits until the process is gone."""
    pipe.close()
    process.kill()
    process.join()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until the block is over: a process made in it has time to become deaf."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(work: Work, pipe: Connection, other: Connection, *more: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    other.close()
    with suppress(Exception):
        work(pipe, *more)
