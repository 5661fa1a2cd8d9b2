"""The yardsticks: two programs that run workload W2 without the package, and time themselves.

Their sources are in yardsticks/: a hand-written loop in C++, and what a user of SimPy would write.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).with_name("yardsticks")
COMPILER = "g++"


@dataclass(frozen=True)
class Played:
    """The figures that a yardstick prints."""

    contacts: int
    abandoned: float  # share of them
    seconds: float  # CPU time of the fastest repeat

    @property
    def pace(self) -> float:
        """Contacts a second."""
        return self.contacts / self.seconds


def build(folder: Path) -> Path | None:
    """The loop compiled into the folder; None where there is no compiler."""
    compiler = shutil.which(COMPILER)
    if compiler is None:
        return None
    program = folder / "loop"
    subprocess.run(
        [compiler, "-std=c++17", "-O3", "-march=native", "-o", program, SOURCES / "loop.cpp"], check=True
    )
    return program


def play_loop(program: Path, folder: Path, repeats: int) -> Played:
    """Runs the C++ loop on the arrays in the folder; it leaves begun.i8 and agent.i4 there."""
    return _played([str(program), str(folder), str(repeats)])


def play_simpy(folder: Path) -> Played:
    """Runs the SimPy program on the arrays in the folder."""
    return _played([sys.executable, str(SOURCES / "simpy_hub.py"), str(folder)])


def _played(command: list[str]) -> Played:
    printed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Played(printed["contacts"], printed["abandoned"], min(printed["seconds"]))
