"""What every study has in common: how it is set up, and what it offers to whoever carries it out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sim.scenario.lowering import lower

if TYPE_CHECKING:
    from sim.measure.pooled.replications import Replications
    from sim.plan import Plan
    from sim.scenario.reading import Reading
    from sim.study.provenance import RunSettings


@dataclass(frozen=True)
class StudyOptions:
    """How a study is run, where its results go, and the command that its record quotes."""

    run_settings: "RunSettings"
    jobs: int | None  # processes at once; None: one for each core
    out: Path  # the folder that holds the results of every study
    arguments: Sequence[str]  # of the command, without "sim"


class Answer(Protocol):
    """The findings of a study."""

    @property
    def record(self) -> Mapping[str, Any]:
        """How the findings came about."""

    def json(self) -> str:
        """The findings as one line of JSON."""

    def save(self, folder: Path) -> None:
        """Writes record.json and the tables into a folder that exists."""


AnswerT = TypeVar("AnswerT", bound=Answer, covariant=True)


class Study(Protocol[AnswerT]):
    """A question about one plan or several: replications to run, and the answer they give."""

    @property
    def options(self) -> StudyOptions:
        """How it is run."""

    @property
    def title(self) -> str:
        """The name of its scenario."""

    @property
    def total(self) -> int | None:
        """The number of steps of `play`; None if the results decide it."""

    @property
    def replications(self) -> Sequence["Replications"]:
        """The replications finished so far, of each plan: equally many."""

    def play(self, contacts: Path | None) -> Iterator[object]:
        """Runs the replications, one step at a time; contacts: the folder for every contact, None for
        none.
        """

    def folder(self, run_settings: "RunSettings") -> Path:
        """The folder for its results, given how the replications went."""

    def finish(self, run_settings: "RunSettings") -> AnswerT:
        """The answer, given how the replications went."""


def plan_of(reading: "Reading") -> "Plan":
    """The plan of a scenario that was read."""
    return lower(reading.scenario, reading.resolved, reading.changed)
