"""The two fixed yardsticks, written by others: in $SURGESIM_BENCH, or a folder beside the clone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(
    os.environ.get("SURGESIM_BENCH", Path(__file__).resolve().parents[2].parent / "shared" / "bench")
)
LOOP, PROCESSES, MAKER = (FOLDER / name for name in ("limit.cpp", "simpy_w2.py", "w2.py"))

needs_compiler = pytest.mark.skipif(
    shutil.which("g++") is None, reason="no yardstick to compare with: g++ not found"
)
needs_fixed = pytest.mark.skipif(
    not LOOP.is_file(), reason=f"no fixed yardstick to compare with: {LOOP} not found"
)


def build(folder):
    """The fixed loop, compiled."""
    program = folder / "limit"
    subprocess.run(["g++", "-O2", "-o", program, LOOP], check=True)
    return program


def make(folder, **sizes):
    """Leaves the arrays of the fixed maker in the folder."""
    words = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    subprocess.run([sys.executable, MAKER, folder, *words], check=True)


def played(program, folder):
    """Begun and agent of every contact, by either loop."""
    subprocess.run([program, folder, "1"], check=True, stdout=subprocess.DEVNULL)
    return np.fromfile(folder / "begun.i8", "<i8"), np.fromfile(folder / "agent.i4", "<i4")
