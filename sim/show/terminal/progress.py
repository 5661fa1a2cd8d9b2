"""A progress bar on stderr for people at a terminal; nothing at all for pipes and CI."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STARTING = "starting (the first run after installing compiles the engine, which takes a few seconds)"


@contextmanager
def progress(total: int | None, text: str) -> Iterator[Callable[[], None]]:
    """A function to call after each step, which moves a bar on stderr; total: the number of steps, if known.

    The bar disappears when the block ends.  Until the first step it says why that may take a few seconds.
    Where stderr is not a terminal nothing is written, even with FORCE_COLOR, and rich is not imported.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(STARTING, total=total)
        yield lambda: bar.update(task, advance=1, description=text)
