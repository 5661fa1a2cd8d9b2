"""The command line: parse, call, print, exit code; no logic but that of Ctrl-C."""

from sim.cli import checks, looks, studies
from sim.cli.group import main, program

__all__ = ["checks", "looks", "main", "program", "studies"]
