"""Does the promise hold: verdicts, measures, where it breaks and what is missing, from the events of one plan."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.estimate import Claim, events_kept, mean, verdicts
from sim.measure.pressure import able_agents, first_breaks, shortfalls
from sim.measure.staffing import cell_needs, handle_cv, needed, paced
from sim.measure.summary import Events, Rows, summary
from sim.measure.tally import COUNTS, SUMS
from sim.scenario.advise import advise
from sim.scenario.plan import Float, Lens, Plan, Promise
from sim.study.findings import Estimates, Findings
from sim.study.replicate import Event
from sim.tables import NEVER
from sim.units import HOUR

SUM_ROWS = tuple(SUMS.index(name) for name in ("effort", "handled", "effort_answered"))


def answer(plan: Plan, found: Sequence[Event], record: Mapping[str, Any]) -> Findings:
    """The findings from the events of a plan; `record` says how they came about.  At least one event is needed."""
    lens = plan.lens
    events = Events([tally for tally, _ in found], [timeline for _, timeline in found], lens)
    claims = [claim for q in range(len(lens.promises)) for claim in _claims(events, q)]
    # What is missing is asked of the events that break a promise: the others had enough.
    broken = np.flatnonzero(~np.logical_and.reduce([events_kept(claim) for claim in claims if not claim.by]))
    rows, by_cell = _needs(events, broken)
    able = able_agents([events.timelines[event].able for event in broken.tolist()], lens)
    return Findings(
        record=record,
        lens=lens,
        verdicts=verdicts(claims),
        estimates=Estimates.of_rows([*summary(events), rows]),
        breaks=tuple(
            item
            for q, promise in enumerate(lens.promises)
            for item in first_breaks(promise, events.slices, events.tally.cases[:, q], events.tally.in_time[:, q])
        ),
        shortfalls=shortfalls(np.where(events.judged[:, None], by_cell, 0.0), able, lens) if len(broken) else (),
        assumptions=plan.assumptions,
        advice=advise(plan),
        events=_by_event(events),
    )


def _claims(events: Events, q: int) -> Iterator[Claim]:
    """The promise itself, then a row for every value in its scope, and every day with a case, as it asks for them."""
    promise, table = events.lens.promises[q], events.slices
    cases, in_time = events.tally.cases[:, q], events.tally.in_time[:, q]  # [r, u, v]
    in_scope = np.any(table.member[promise.scope], axis=0)  # [v]

    def claim(by: str, of: str, over: NDArray[Any], under: NDArray[Any]) -> Claim:
        return Claim(promise.name, by, of, promise.share, promise.events, over, under)

    whole = table.rows("all")[0]
    yield claim("", "", in_time[:, :, whole].sum(axis=1), cases[:, :, whole].sum(axis=1))
    for by in promise.each:
        if by == "day":
            over, under = events.by_day(in_time[:, :, whole]), events.by_day(cases[:, :, whole])
            for day, time in enumerate(events.days):
                if under[:, day].any():
                    yield claim(by, events.lens.clock.date(int(time)), over[:, day], under[:, day])
        else:
            for row in [row for row in table.rows(by) if in_scope[row]]:
                yield claim(by, table.of[row], in_time[:, :, row].sum(axis=1), cases[:, :, row].sum(axis=1))


def _by_event(events: Events) -> dict[str, NDArray[Any]]:
    """What a paired test of two plans needs, and SQL over many runs: one row an event and promise."""
    names = [promise.name for promise in events.lens.promises]
    whole = events.slices.rows("all")[0]
    return {
        "replication": np.repeat(np.arange(events.size), len(names)),
        "promise": np.tile(np.array(names), events.size),
        "cases": events.tally.cases[..., whole].sum(axis=2).reshape(-1),
        "in_time": events.tally.in_time[..., whole].sum(axis=2).reshape(-1),
    }


def deadline(lens: Lens) -> int:
    """The time by which work must be done when agents are counted.

    The shortest `within` of a first-reply promise, else of any promise, else the drain.
    """

    def shortest(promises: Sequence[Promise]) -> int | None:
        return min((promise.within for promise in promises if promise.within != NEVER), default=None)

    first = shortest([promise for promise in lens.promises if promise.clock == "first_reply"])
    return next((within for within in (first, shortest(lens.promises)) if within is not None), lens.horizon - lens.lasts)


def _needs(events: Events, broken: NDArray[np.intp]) -> tuple[Rows, Float]:
    """Agents needed: by period, as rows of the table; and [u, c] by hour and cell for the mean work of some events."""
    lens, table = events.lens, events.slices
    cells, topics = table.rows("type"), table.rows("topic")
    effort, handled, answered = (
        np.mean([tally_sums[row][:, cells] for tally_sums in events.tally.sums], axis=0) for row in SUM_ROWS
    )
    busy = float(sum(events.states(name).sum() for name in ("busy", "overtime")) / events.size)
    by_cell = paced(effort, handled.sum(axis=0), answered.sum(axis=0), busy)  # [u, c]
    factor = by_cell.sum() / effort.sum() if effort.sum() else 1.0
    contacts = events.tally.counts[:, COUNTS.index("answered")][:, :, topics].sum(axis=1).mean(axis=0)  # [o]
    service = float(handled.sum() / contacts.sum()) if contacts.sum() else float(lens.handle_time.mean())
    cv = handle_cv(lens, contacts)
    within = deadline(lens)
    agents = np.stack([needed(work * factor, lens.period, within, service, cv) for work in events.states("work")])
    starts = np.arange(0, lens.horizon, lens.period, dtype=np.int64)
    rows = Rows(
        "needed", "agents", "", "period", [""] * len(starts), starts, np.full(len(starts), NEVER, np.int64),
        mean(agents), np.full(len(starts), np.nan),
    )  # fmt: skip
    efforts = events.tally.sums[broken, SUMS.index("effort")][:, :, cells].sum(axis=0) / max(len(broken), 1)
    work = paced(efforts, handled.sum(axis=0), answered.sum(axis=0), busy)
    return rows, cell_needs(work, HOUR, within, service, cv)
