"""How many events a study plays: as many as asked for, as a precision needs, or as the verdicts do."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from sim.measure.pooled.claims import claims
from sim.measure.pooled.replications import Replications
from sim.measure.replication.observation import Observation
from sim.measure.stats.estimate import ratio
from sim.measure.stats.verdicts import Bounds, Claim, Ruling, rulings
from sim.plan import Plan
from sim.study.play.replicate import replicate, replicate_together
from sim.study.processes import interrupts_held
from sim.study.provenance import RunSettings
from sim.units import percent_text

PRECISE_LEAST = 50  # events before the first look at a precision
PRECISE_GROWTH = 4  # at most so many times as many at the next look
DECIDE_FIRST = 20  # events before the first look at verdicts
DECIDE_GROWTH = 10  # each look comes after 1/10 more of them

T = TypeVar("T")


def until_precise(found: Iterable[T], replications: Sequence[Replications], precision: float) -> Iterator[T]:
    """The events in order until the mean share kept of every promise is known to within ± precision (95 %),
    50 at least.

    events: those so far, of each plan.  It is looked at after numbers of events that the results alone
    decide, so the same events always end at the same number.  The interval is of a fixed number of events:
    stopping by it makes it a little too narrow, and it decides no verdict.
    """
    look = PRECISE_LEAST
    for observation in found:
        yield observation
        if replications[0].size == look:
            width = half_width(replications)
            if width <= precision:
                return
            # The width falls with the root of the number.
            look = max(look + 1, math.ceil(look * min(PRECISE_GROWTH, (width / precision) ** 2)))


def half_width(replications: Sequence[Replications]) -> float:
    """The widest half interval of the mean share kept, over the plans and the promises that judge a case; 0
    if none does.
    """
    shares = [ratio(plan.totals("in_time"), plan.totals("cases")) for plan in replications]
    return max(float(np.nanmax((share.upper - share.lower) / 2, initial=0.0)) for share in shares)


def until_decided(
    replications: Iterable[T], claims: Callable[[], Sequence[Claim]], limit: int
) -> Iterator[T]:
    """The events in order until every verdict on `claims`, of those so far, is HOLDS or BREAKS; at most
    `limit` of them.

    Verdicts TOO FEW don't count.  It is looked at after 20, 22, … events, so the same events always end at
    the same number; and by the confidence sequence, so that looking so often decides no more runs wrongly
    than looking once may.
    """
    following = looks(limit)
    look = next(following)
    for number, observation in enumerate(replications, 1):
        yield observation
        if number == look:
            if look == limit or decided(claims()):
                return
            look = next(following)


def decided(claims: Sequence[Claim]) -> bool:
    """Whether every verdict on these claims is HOLDS or BREAKS by the confidence sequence, but for those TOO
    FEW.
    """
    return Ruling.UNDECIDED not in rulings(claims, bounds=Bounds.SEQUENCE)


def looks(limit: int) -> Iterator[int]:
    """After how many events it is looked: 20, then each time a tenth more (rounded down), last of all
    `limit`.
    """
    look = DECIDE_FIRST
    while look < limit:
        yield look
        look += look // DECIDE_GROWTH
    yield limit


def play(
    plan: Plan,
    run_settings: RunSettings,
    replications: Replications,
    jobs: int | None = None,
    contacts: Path | None = None,
) -> Iterator[Observation]:
    """The events 0, 1, … of a run, each as soon as it is there and added to `events`: as many with any number
    of jobs.

    jobs, contacts: as in `replicate`.
    """
    found = _added(
        replicate(
            plan,
            run_settings.seed,
            run_settings.most,
            run_settings.surge,
            run_settings.engine,
            jobs,
            contacts,
        ),
        replications,
    )
    if run_settings.precision is not None:
        return until_precise(found, [replications], run_settings.precision)
    return (
        until_decided(found, lambda: claims(replications), run_settings.most)
        if run_settings.decide
        else found
    )


def play_together(
    plans: Sequence[Plan],
    run_settings: RunSettings,
    replications: Sequence[Replications],
    jobs: int | None = None,
) -> Iterator[tuple[Observation, ...]]:
    """The events 0, 1, … of several plans on the same dice, each as soon as it is there and added to that of
    its plan.
    """

    def added() -> Iterator[tuple[Observation, ...]]:
        for found in replicate_together(
            plans, run_settings.seed, run_settings.most, run_settings.surge, run_settings.engine, jobs
        ):
            with interrupts_held():  # all plans have as many
                for mine, observation in zip(replications, found, strict=True):
                    mine.add(observation)
            yield found

    return (
        added()
        if run_settings.precision is None
        else until_precise(added(), replications, run_settings.precision)
    )


def _added(found: Iterator[Observation], replications: Replications) -> Iterator[Observation]:
    for observation in found:
        replications.add(observation)
        yield observation


def stopped(run_settings: RunSettings, *replications: Replications) -> str:
    """Why a study ended with these events, of each plan, in words; "" if there are as many as were
    asked for.
    """
    if run_settings.partial:
        return (
            "interrupted"
            if run_settings.decide or run_settings.precision is not None
            else f"interrupted: {run_settings.most:,} were asked for"
        )
    if run_settings.precision is not None:
        if not any(plan.totals("cases").any() for plan in replications):
            return "no case came that a promise judges"
        width = half_width(replications)
        if width <= run_settings.precision:
            return f"enough to know the mean share kept to within ± {percent_text(run_settings.precision)}"
        return f"the most there may be: the mean share kept is known to within ± {percent_text(width, 2)}"
    if run_settings.decide:
        return (
            "enough to decide every verdict"
            if all(decided(claims(plan)) for plan in replications)
            else "the most there may be, and not decided"
        )
    return ""
