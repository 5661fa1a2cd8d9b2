"""The rows of the benchmark's table: the bound that is due, the one aimed at, and what was measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """A ratio, the bound that is due and the one that is aimed at."""

    name: str
    due: float
    aim: float
    at_least: bool = False  # whether more is better

    def met(self, value: float, bound: float) -> bool:
        """Whether the value is as good as the bound."""
        return value >= bound if self.at_least else value <= bound


COMPILED_SIMPY = Row("compiled_per_simpy", 150, 400, at_least=True)
REFERENCE_SIMPY = Row("reference_per_simpy", 0.5, 1, at_least=True)
COMPILED_LIMIT = Row("compiled_per_limit", 0.5, 0.9, at_least=True)
REPLICATION = Row("replication_per_limit", 6, 3)
AGENTS = Row("cost_6000_agents", 2, 1.4)
CONTACTS = Row("cost_2e7_contacts", 1.5, 1.1)
TYPES = Row("cost_120_types", 6, 2.5)
EVERYTHING = Row("everything_on_per_plain", 0.5, 0.7, at_least=True)
MEMORY = Row("memory_at_2e7", 200, 120)
JOBS = Row("two_jobs_per_one", 1.7, 1.95, at_least=True)
START = Row("start_per_import", 4, 2)

ROWS = (
    COMPILED_SIMPY,
    REFERENCE_SIMPY,
    COMPILED_LIMIT,
    REPLICATION,
    AGENTS,
    CONTACTS,
    TYPES,
    EVERYTHING,
    MEMORY,
    JOBS,
    START,
)


@dataclass(frozen=True)
class Figure:
    """What was measured for a row: the median over the rounds, and the range."""

    row: Row
    value: float
    lowest: float
    highest: float
    rounds: int
    above: float  # the numerator, median
    below: float  # the denominator, median

    @property
    def due_met(self) -> bool:
        """Whether it reaches the bound that is due."""
        return self.row.met(self.value, self.row.due)

    @property
    def aim_met(self) -> bool:
        """Whether it reaches the bound that is aimed at."""
        return self.row.met(self.value, self.row.aim)


@dataclass(frozen=True)
class LeftOut:
    """A row that cannot be measured here."""

    row: Row
    needs: str  # a program, or an operating system


def figure(row: Row, pairs: Sequence[tuple[float, float]]) -> Figure:
    """The figure of a row from the numerator and denominator measured in each round."""
    ratios = [above / below for above, below in pairs]
    above, below = (median(part) for part in zip(*pairs, strict=True))
    return Figure(row, median(ratios), min(ratios), max(ratios), len(pairs), above, below)


def alternate(row: Row, rounds: int, above: Callable[[], float], below: Callable[[], float]) -> Figure:
    """The figure of a row from two measurements in turn: what slows the machine down slows both."""
    return figure(row, [(above(), below()) for _ in range(rounds)])
