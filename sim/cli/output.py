"""Where commands print and write, and how they end if they cannot."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from sim.cli.app import BAD_INPUT

WIDTH, WIDTH_LEAST = 160, 80


def echo(text: str, nl: bool = True) -> None:
    """Prints a result to stdout."""
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:  # the reader, such as head, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail(f"cannot write to standard output: {error.strerror}")


def fail(message: str) -> NoReturn:
    """Ends with a message about what the user has to correct."""
    click.echo(message, err=True)
    sys.exit(BAD_INPUT)


def write_or_fail(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file, or ends with the reason why it cannot be written."""
    try:
        write(path)
    except OSError as error:
        unwritable(path, error)


def unwritable(path: Path, error: OSError) -> NoReturn:
    """Ends with the reason why a file or folder cannot be written."""
    fail(f"cannot write {path}: {error.strerror or error}")


def width() -> int:
    """The width of the terminal in columns, from 80 to 160; 160 without a terminal."""
    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH_LEAST), WIDTH)
