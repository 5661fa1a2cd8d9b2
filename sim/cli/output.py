"""Where commands print and write to, and how they end if that cannot be."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from sim.cli.app import BAD_INPUT

WIDTH, WIDTH_LEAST = 160, 80


def say(text: str, nl: bool = True) -> None:
    """Prints a result."""
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail(f"cannot write to standard output: {error.strerror}")


def fail(message: str) -> NoReturn:
    """Ends with what the user must mend."""
    click.echo(message, err=True)
    sys.exit(BAD_INPUT)


def written(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file, or ends with why it cannot be written."""
    try:
        write(path)
    except OSError as error:
        unwritable(path, error)


def unwritable(folder: Path, error: OSError) -> NoReturn:
    """Ends with why results cannot be put there."""
    fail(f"cannot write {folder}: {error.strerror or error}")


def width() -> int:
    """How wide to print: as the terminal is; where there is none, as wide as the line that decides."""
    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH_LEAST), WIDTH)
