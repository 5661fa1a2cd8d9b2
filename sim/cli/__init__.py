"""The command line: parse, call, print, exit code.  Each command has a file, which adds it to `main`."""

from sim.cli import bench, check, compare, list, new, run, schema, sweep, trace, validate  # noqa: F401
from sim.cli.app import main, program

__all__ = ["main", "program"]
