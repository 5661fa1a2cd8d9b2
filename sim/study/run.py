"""`sim run`: verdicts, measures, where promises break and what is missing, of one plan."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.forecast import advise
from sim.measure.pooled.breaks import first_breaks
from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.rows import Rows, rows_of
from sim.measure.pooled.shortfall import shortfalls
from sim.measure.pooled.summary import summary
from sim.measure.replication.agents_needed import cell_needs, deadline, handle_cv, paced, safety
from sim.measure.replication.observation import Observation
from sim.measure.stats.verdicts import Bounds, verdicts
from sim.measures import NEEDED
from sim.plan import Float, Plan
from sim.study.findings import Estimates, Findings
from sim.study.play.stopping import play
from sim.study.provenance import RunSettings, destination, provenance
from sim.study.study import StudyOptions, plan_of
from sim.units import HOUR

if TYPE_CHECKING:
    from sim.scenario.reading import Reading


class RunStudy:
    """One plan, from its first replication to its findings."""

    def __init__(self, reading: "Reading", options: StudyOptions) -> None:
        self.reading, self.options = reading, options
        self.plan = plan_of(reading)
        self.title, self.total = self.plan.lens.name, options.run_settings.fixed
        self._replications = Replications(self.plan.lens)

    @property
    def replications(self) -> Sequence[Replications]:
        """The replications finished so far."""
        return [self._replications]

    def play(self, contacts: Path | None) -> Iterator[Observation]:
        """Runs the replications, one at a time."""
        options = self.options
        return play(self.plan, options.run_settings, self._replications, options.jobs, contacts)

    def folder(self, run_settings: RunSettings) -> Path:
        """The folder for the results."""
        return destination(self.options.out, self.reading, run_settings)

    def finish(self, run_settings: RunSettings) -> Findings:
        """The findings."""
        record = provenance(self.reading, run_settings, self.options.arguments)
        return answer(self.plan, self._replications, record, run_settings.bounds)


def answer(
    plan: Plan, replications: Replications, record: Mapping[str, Any], bounds: Bounds = Bounds.FIXED
) -> Findings:
    """The findings from the replications of a plan, of which there is at least one.

    record: how they came about; bounds: SEQUENCE if the verdicts decided the number of replications.
    """
    lens = plan.lens
    # Shortfalls are those of replications that break a promise: the others had enough agents.
    rows, by_cell = _needs(replications)
    short = np.where(replications.judged[:, None], by_cell, 0.0)
    return Findings(
        record=record,
        lens=lens,
        verdicts=verdicts(claims(replications), bounds=bounds),
        estimates=Estimates.of_rows([*summary(replications), rows]),
        breaks=tuple(
            item
            for q, promise in enumerate(lens.promises)
            for item in first_breaks(
                promise,
                replications.slices,
                replications.stacked("cases", q),
                replications.stacked("in_time", q),
            )
        ),
        shortfalls=shortfalls(short, replications.missed_able(), lens) if replications.breaking else (),
        assumptions=plan.assumptions,
        advice=advise(plan),
        replications=_by_replication(replications),
    )


def _by_replication(replications: Replications) -> dict[str, NDArray[Any]]:
    """The table for paired tests of plans and for SQL: a row for each replication and promise."""
    names = [promise.name for promise in replications.lens.promises]
    return {
        "replication": np.repeat(np.arange(replications.size), len(names)),
        "customers": np.repeat(np.array(replications.customers), len(names)),
        "promise": np.tile(np.array(names), replications.size),
        **{name: replications.totals(name).reshape(-1) for name in ("cases", "in_time")},
    }


def _needs(replications: Replications) -> tuple[Rows, Float]:
    """Agents needed: rows of the table by period; and [u, c] by hour and cell.

    The second are for the mean work of replications that break a promise.
    """
    lens = replications.lens
    effort, handled, answered = replications.total("work_cells") / replications.size  # [c]
    busy = float(replications.total("staff_day")[1:].sum() / replications.size)
    by_cell = paced(effort, handled, answered, busy)
    factor = by_cell.sum() / effort.sum() if effort.sum() else 1.0
    contacts = replications.total("answered_topics") / replications.size
    service = float(handled.sum() / contacts.sum()) if contacts.sum() else float(lens.handle_time.mean())
    cv = handle_cv(lens, contacts)
    within = deadline(lens)
    agents = (
        replications.column("fluid") * factor
    )  # [r, p]; the fewest for a multiple of the work are that multiple
    agents += safety(agents, within, service, cv)
    starts = replications.periods
    rows = rows_of(NEEDED, "period", [""] * len(starts), agents, None, time=starts)
    work = paced(replications.missed_effort(), handled, answered, busy)
    return rows, cell_needs(work, HOUR, within, service, cv)
