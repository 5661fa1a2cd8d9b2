"""Ctrl-C waits where it must, and is answered by one process alone."""

import os
import signal
import threading
import time
from multiprocessing.connection import Connection

import pytest

from sim.study.processes import ended, interrupts_held, started


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_waits_until_the_block_is_over() -> None:
    done = []

    def held() -> None:
        with interrupts_held():
            interrupt()
            interrupt()
            time.sleep(0.01)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        held()
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_the_block_is_reported_rather_than_ctrl_c() -> None:
    def held() -> None:
        with interrupts_held():
            interrupt()
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        held()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_ctrl_c_is_ignored_it_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_held():
            interrupt()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_hold_nothing() -> None:
    found: list[object] = []

    def held() -> None:
        with interrupts_held():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=held)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]


def tell_handlers(pipe: Connection) -> None:
    pipe.send([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)])
    pipe.recv()


def test_a_process_is_deaf_to_ctrl_c_and_ends_when_it_is_asked_to() -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        pipe, process = started(tell_handlers)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert pipe.recv() == [signal.SIG_IGN, signal.SIG_DFL]
    ended(pipe, process)
    assert not process.is_alive()
