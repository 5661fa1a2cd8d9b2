"""A study from its first replication to its results on disk, whatever interrupts it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from sim.cli.output import unwritable

if TYPE_CHECKING:
    from sim.show.report.page import Page
    from sim.show.sheet.painter import Found, Paint
    from sim.study.provenance import RunSettings
    from sim.study.study import Study

AnswerT = TypeVar("AnswerT", bound="Found")


def carry_out(
    study: "Study[AnswerT]", page_of: Callable[[AnswerT], "Page"], *, keep_contacts: bool = False
) -> tuple["RunSettings", Path, AnswerT]:
    """Runs a study and saves its results; returns how it went, the folder and the answer.

    page_of: the page of the report.  After Ctrl-C the replications that have finished are answered and saved;
    before the first one has finished, KeyboardInterrupt is raised.
    """
    from sim.show.sheet.painter import painter
    from sim.show.terminal.progress import progress
    from sim.study.play.stopping import stopped
    from sim.study.store.contacts import Unwritten, contacts_folder

    run_settings = study.options.run_settings
    place = study.folder(run_settings)
    check_place(place)
    with painter() as paint, contacts_folder(place) if keep_contacts else nullcontext() as contacts:
        try:
            with progress(study.total, study.title) as advance:
                for _ in study.play(contacts):
                    advance()
        except KeyboardInterrupt:
            if not study.replications or not study.replications[0].size:
                raise
            run_settings = replace(run_settings, partial=True)
        except Unwritten as error:
            unwritable(place, error)
        with interrupts_ignored():
            replications = study.replications
            run_settings = replace(
                run_settings,
                finished=replications[0].size,
                stopped=stopped(run_settings, *replications),
            )
            folder = study.folder(run_settings)
            answer = study.finish(run_settings)
            save(answer, page_of, folder, paint, contacts)
            add_to_catalogue(study.options.out, folder)
    return run_settings, folder, answer


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Ignores Ctrl-C within the block, so that finished replications are saved."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def check_place(folder: Path) -> None:
    """Ends before any replication is run if the results could not be written."""
    from sim.study.store import files

    try:
        files.check_place(folder)
    except OSError as error:
        unwritable(folder, error)


def save(
    answer: AnswerT,
    page_of: Callable[[AnswerT], "Page"],
    folder: Path,
    paint: "Paint",
    contacts: Path | None,
) -> None:
    """Saves record, tables, plots, report and, if they were kept, contacts: all of them or nothing.

    Tables and page are made here while another process paints.
    """
    from sim.show.report.html import save as save_report
    from sim.study.store.contacts import move_contacts
    from sim.study.store.files import staged

    try:
        with staged(folder) as fresh:
            finish_painting = paint(answer, fresh)
            answer.save(fresh)
            save_report(page_of(answer), fresh)
            finish_painting()
            if contacts is not None:
                move_contacts(contacts, fresh, answer.record["replications"])
    except OSError as error:
        unwritable(folder, error)


def add_to_catalogue(out: Path, folder: Path) -> None:
    """Adds saved results to what `sim list` shows; a failure is reported, and loses nothing."""
    from sim.study.store import catalogue

    try:
        catalogue.add(out, folder)
    except OSError as error:
        click.echo(
            f"could not update {out / catalogue.FILE}: {error.strerror or error}; "
            f"the results in {folder} were saved",
            err=True,
        )
