"""How many events a study plays: as many as asked for, as a precision needs, or as the verdicts do."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.measure.claims import claims
from sim.measure.events import Events
from sim.measure.observation import Observation
from sim.scenario.plan import Plan
from sim.study.decide import decided, until_decided
from sim.study.precision import half_width, until_precise
from sim.study.processes import interrupts_held
from sim.study.record import Run
from sim.study.replicate import replicate, replicate_together
from sim.units import percent_text


def play(plan: Plan, how: Run, events: Events, jobs: int | None = None, contacts: Path | None = None) -> Iterator[Observation]:
    """The events 0, 1, … of a run, each as soon as it is there and added to `events`: as many with any number of jobs.

    jobs, contacts: as in `replicate`.
    """
    found = _added(replicate(plan, how.seed, how.most, how.surge, how.engine, jobs, contacts), events)
    if how.precision is not None:
        return until_precise(found, [events], how.precision)
    return until_decided(found, lambda: claims(events), how.most) if how.decide else found


def play_together(
    plans: Sequence[Plan], how: Run, events: Sequence[Events], jobs: int | None = None
) -> Iterator[tuple[Observation, ...]]:
    """The events 0, 1, … of several plans on the same dice, each as soon as it is there and added to that of its plan."""

    def added() -> Iterator[tuple[Observation, ...]]:
        for found in replicate_together(plans, how.seed, how.most, how.surge, how.engine, jobs):
            with interrupts_held():  # all plans have as many
                for mine, event in zip(events, found, strict=True):
                    mine.add(event)
            yield found

    return added() if how.precision is None else until_precise(added(), events, how.precision)


def _added(found: Iterator[Observation], events: Events) -> Iterator[Observation]:
    for event in found:
        events.add(event)
        yield event


def stopped(how: Run, *events: Events) -> str:
    """Why a study ended with these events, of each plan, in words; "" if there are as many as were asked for."""
    if how.partial:
        return "interrupted" if how.decide or how.precision is not None else f"interrupted: {how.most:,} were asked for"
    if how.precision is not None:
        if not any(plan.totals("cases").any() for plan in events):
            return "no case came that a promise judges"
        width = half_width(events)
        if width <= how.precision:
            return f"enough to know the mean share kept to within ± {percent_text(how.precision)}"
        return f"the most there may be: the mean share kept is known to within ± {percent_text(width, 2)}"
    if how.decide:
        return (
            "enough to decide every verdict"
            if all(decided(claims(plan)) for plan in events)
            else "the most there may be, and not decided"
        )
    return ""
