"""The program: its commands, how it starts and ends, and what its exit codes mean."""

import gc
import os
import signal
import sys
from typing import Any, NoReturn

import click

DONE, BUG, BAD_INPUT, BREAKS, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 4, 130


def codes(done: str, breaks: str, undecided: str) -> str:
    """The exit codes that end the help of a command; "" leaves out a code that the command never gives."""
    meanings = {
        DONE: done,
        BUG: "a bug in this program",
        BAD_INPUT: "bad input or usage",
        BREAKS: breaks,
        UNDECIDED: undecided,
        INTERRUPTED: "interrupted; finished replications were saved",
    }
    lines = (f"  {code:<5}{words}" for code, words in meanings.items() if words)
    return "\n".join(["\b", "Exit codes:", *lines])


EXIT_CODES = codes(
    "done; every promise that was checked holds",
    "a promise breaks, or a scenario regressed",
    "undecided at this number of replications",
)


class Sim(click.Group):
    """The group of commands; Ctrl-C ends any of them with an exit code of its own."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)


@click.group(
    cls=Sim,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(package_name="surgesim", prog_name="sim")
def main() -> None:
    """Does this staffing plan keep its promises in a crisis, how certain is that, and where does it break
    first?
    """


def program() -> NoReturn:
    """`sim` as a user starts it; SIGTERM and SIGHUP end it as Ctrl-C does.

    It exits without cleaning up: to take down all modules takes a fifth of a second.  The garbage collector
    runs rarely: to scan the modules again and again would take a tenth of the time of a short run.
    """
    gc.set_threshold(50_000, 20, 100)
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, signal.default_int_handler)
    try:
        main()
    except SystemExit as end:
        code = end.code
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a shell can close them
            stream.flush()
    assert isinstance(code, int)
    os._exit(code)
