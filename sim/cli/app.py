"""The program: its commands, how it starts and ends, and what its exit codes mean."""

import gc
import os
import signal
import sys
from typing import Any, NoReturn

import click

DONE, BUG, BAD_INPUT, BREAKS, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 4, 130


def codes(done: str, breaks: str, undecided: str) -> str:
    """The exit codes of a command, as its help ends: what it found in words of its own, "" for a code that it
    never gives.
    """
    said = {
        DONE: done,
        BUG: "a bug of this program",
        BAD_INPUT: "bad input or usage",
        BREAKS: breaks,
        UNDECIDED: undecided,
        INTERRUPTED: "interrupted; what was finished is kept",
    }
    return "\n".join(["\b", "Exit codes:", *(f"  {code:<5}{words}" for code, words in said.items() if words)])


EXIT_CODES = codes(
    "done, and every promise asked about holds",
    "a promise breaks, or a scenario regressed",
    "undecided at this many replications",
)


class Sim(click.Group):
    """The commands; Ctrl-C ends any of them with a code of its own."""

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
    """Does this staffing plan keep its promise in a crisis, how sure is that, and where does it break
    first?
    """


def program() -> NoReturn:
    """`sim` as its users start it: who is asked to end, ends as by Ctrl-C.

    It ends at once, for to take down all that was loaded takes a fifth of a second; to look for garbage in it
    again and again would take a tenth of the time of a short run.
    """
    gc.set_threshold(50_000, 20, 100)
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
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
