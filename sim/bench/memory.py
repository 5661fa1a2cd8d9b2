"""The memory of a run of the compiled engine: `python -m sim.bench.memory CONTACTS` prints it, in bytes.

It is the most that was resident at once while a world was made from its arrays and run, above what was
resident once everything was imported and the engine was warm.  It is measured in a process of its own,
because only there nothing else was ever resident.
"""

import sys
from pathlib import Path

from sim.bench.w2 import Shape, make, world
from sim.engine import run

STATUS = Path("/proc/self/status")  # Linux; ru_maxrss will not do, as a child begins with its parent's


def resident(what: str) -> int:
    """Bytes that are resident now (VmRSS), or the most that ever were (VmHWM)."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Prints the bytes that a run of this many contacts takes."""
    run(world(make(Shape(contacts=1000))), "compiled")
    before = resident("VmRSS")
    run(world(make(Shape(contacts=int(sys.argv[1])))), "compiled")
    print(resident("VmHWM") - before)


if __name__ == "__main__":
    main()
