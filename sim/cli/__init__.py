"""The command line: parse, call, print, exit code; no logic but that of Ctrl-C."""

from sim.cli import check as checks
from sim.cli import inspect as looks
from sim.cli import studies
from sim.cli.app import main, program

__all__ = ["checks", "looks", "main", "program", "studies"]
