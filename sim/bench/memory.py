"""How much memory a run of the compiled engine takes: python -m sim.bench.memory CONTACTS prints it, in
bytes.

Counted is the most that was resident at once while a world was made from its arrays and run, above what was
resident once everything was imported and the engine warm.  It has a process to itself, as only there nothing
else was ever resident.
"""

import sys
from pathlib import Path

from sim.bench.w2 import Shape, make, world
from sim.engine import run

STATUS = Path("/proc/self/status")  # Linux; ru_maxrss will not do, as a child begins with its parent's


def resident(what: str) -> int:
    """Bytes: what is resident now (VmRSS), or the most that ever was (VmHWM)."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Prints how many bytes a run of so many contacts takes."""
    run(world(make(Shape(contacts=1000))), "compiled")
    before = resident("VmRSS")
    run(world(make(Shape(contacts=int(sys.argv[1])))), "compiled")
    print(resident("VmHWM") - before)


if __name__ == "__main__":
    main()
