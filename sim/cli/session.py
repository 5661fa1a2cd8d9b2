"""A study from the first event to what it leaves: played, finished and saved, whatever interrupts it."""

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sim.cli.options import REPLICATIONS, REPLICATIONS_MOST
from sim.cli.output import unwritable


def asked(
    seed: int,
    replications: int | None,
    surge: float,
    engine: str,
    precision: float | None = None,
    decide: bool = False,
) -> Any:
    """How a study is to be played."""
    from sim.study.provenance import Run

    open_end = decide or precision is not None
    return Run(
        seed,
        replications or (REPLICATIONS_MOST if open_end else REPLICATIONS),
        surge,
        engine,
        precision,
        decide,
    )


def carried_out(
    how: Any,
    name: str,
    played: Callable[[], Sequence[Any]],
    playing: Callable[[Path | None], Iterable[Any]],
    place: Callable[[Any], Path],
    finish: Callable[[Any], Any],
    *,
    out: Path,
    page: Callable[[Any], Any],
    total: int | None,
    keep: bool = False,
) -> tuple[Any, Path, Any]:
    """Plays a study, finishes it and saves what is found, with how it went and where it lies; Ctrl-C keeps
    what is finished.

    played: the events so far, of each plan, to which `playing` adds, with the folder for contacts if they are
    to be kept;
    total: how many, if anybody knows; place, finish: the folder, below `out`, and the findings of the study
    by how it went;
    page: of the findings, for the report.
    """
    from sim.show.sheet.painter import painter
    from sim.show.terminal.progress import progress
    from sim.study.play.stopping import stopped
    from sim.study.store.contacts import Unwritten, contacts_folder

    check_place(place(how))
    with painter() as paint, contacts_folder(place(how)) if keep else nullcontext() as contacts:
        try:
            with progress(total if how.precision is None else None, name) as advance:
                for _ in playing(contacts):
                    advance()
        except KeyboardInterrupt:
            if not played() or not played()[0].size:
                raise
            how = replace(how, partial=True)
        except Unwritten as error:
            unwritable(place(how), error)
        with undisturbed():
            replications = played()
            how = replace(how, finished=replications[0].size, stopped=stopped(how, *replications))
            folder = place(how)
            found = finish(how)
            save(found, folder, paint, contacts, page)
            catalogued(out, folder)
    return how, folder, found


@contextmanager
def undisturbed() -> Iterator[None]:
    """What is finished is kept, however often Ctrl-C is pressed meanwhile."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def check_place(folder: Path) -> None:
    """Ends at once, rather than after all the work, if results cannot be put there."""
    from sim.study.store import files as stored

    try:
        stored.check_place(folder)
    except OSError as error:
        unwritable(folder, error)


def save(
    findings: Any, folder: Path, paint: Callable[..., Any], contacts: Path | None, page: Callable[[Any], Any]
) -> None:
    """Record, tables, plots and report, and contacts where they were kept: whole or not at all."""
    from sim.show.report.html import save as save_report
    from sim.study.store.contacts import move_contacts
    from sim.study.store.files import staged

    try:
        with staged(folder) as fresh:
            painted = paint(findings, fresh)
            findings.save(fresh)
            save_report(page(findings), fresh)
            painted()
            if contacts is not None:
                move_contacts(contacts, fresh, findings.record["replications"])
    except OSError as error:
        unwritable(folder, error)


def catalogued(out: Path, folder: Path) -> None:
    """Has `sim list` know what was kept; where it cannot, that is said, and nothing is lost."""
    from sim.study.store import catalogue

    try:
        catalogue.add(out, folder)
    except OSError as error:
        click.echo(
            f"cannot write {out / catalogue.FILE}: {error.strerror or error}; {folder} is kept all the same",
            err=True,
        )
