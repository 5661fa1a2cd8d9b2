"""When a study stops: at a number of replications, at a precision, or once verdicts are decided."""

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

PRECISE_LEAST = 50  # replications before the first look at a precision
PRECISE_GROWTH = 4  # the next look comes after at most so many times as many
DECIDE_FIRST = 20  # replications before the first look at verdicts
DECIDE_GROWTH = 10  # each look comes after 1/10 more of them

T = TypeVar("T")


def until_precise(
    observations: Iterable[T], replications: Sequence[Replications], precision: float
) -> Iterator[T]:
    """Replications until the mean service level of every promise is known to within ± precision (95 %).

    replications: those so far, of each plan; at least 50 are run.  The results alone decide after which
    numbers the interval is checked, so the same seed always stops at the same number.  The interval is one
    for a fixed number of replications: stopping by it makes it a little too narrow, but it decides no
    verdict.
    """
    look = PRECISE_LEAST
    for observation in observations:
        yield observation
        if replications[0].size == look:
            width = half_width(replications)
            if width <= precision:
                return
            # The width falls with the root of the number.
            look = max(look + 1, math.ceil(look * min(PRECISE_GROWTH, (width / precision) ** 2)))


def half_width(replications: Sequence[Replications]) -> float:
    """The widest half interval of a mean service level, over plans and promises; 0 without cases."""
    shares = [ratio(plan.totals("in_time"), plan.totals("cases")) for plan in replications]
    return max(float(np.nanmax((share.upper - share.lower) / 2, initial=0.0)) for share in shares)


def until_decided(
    replications: Iterable[T], claims: Callable[[], Sequence[Claim]], limit: int
) -> Iterator[T]:
    """Replications until every verdict on `claims` of those so far is HOLDS or BREAKS; at most `limit`.

    Verdicts TOO FEW don't count.  Verdicts are checked after 20, 22, … replications, so the same seed always
    stops at the same number; and by the confidence sequence, so that checking so often gives no more wrong
    verdicts than checking once may.
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
    """Whether the confidence sequence decides every verdict on these claims that is not TOO FEW."""
    return Ruling.UNDECIDED not in rulings(claims, bounds=Bounds.SEQUENCE)


def looks(limit: int) -> Iterator[int]:
    """After how many replications verdicts are checked: 20, a tenth more each time, at last `limit`."""
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
    """Runs the replications 0, 1, … of one plan, each yielded as soon as it is in `replications`.

    jobs, contacts: as in `replicate`.
    """
    observations = _added(
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
        return until_precise(observations, [replications], run_settings.precision)
    if run_settings.decide:
        return until_decided(observations, lambda: claims(replications), run_settings.most)
    return observations


def play_together(
    plans: Sequence[Plan],
    run_settings: RunSettings,
    replications: Sequence[Replications],
    jobs: int | None = None,
) -> Iterator[tuple[Observation, ...]]:
    """Runs the replications 0, 1, … of several plans with the same random numbers.

    Each is added to `replications` of its plan and yielded as soon as it is ready.
    """

    def added() -> Iterator[tuple[Observation, ...]]:
        for observations in replicate_together(
            plans, run_settings.seed, run_settings.most, run_settings.surge, run_settings.engine, jobs
        ):
            with interrupts_held():  # so that all plans have equally many
                for pooled, observation in zip(replications, observations, strict=True):
                    pooled.add(observation)
            yield observations

    return (
        added()
        if run_settings.precision is None
        else until_precise(added(), replications, run_settings.precision)
    )


def _added(observations: Iterator[Observation], replications: Replications) -> Iterator[Observation]:
    for observation in observations:
        replications.add(observation)
        yield observation


def stopped(run_settings: RunSettings, *replications: Replications) -> str:
    """Why a study ended with these replications of each plan; "" if it ran the number that was set."""
    if run_settings.partial:
        return (
            "interrupted"
            if run_settings.decide or run_settings.precision is not None
            else f"interrupted: {run_settings.most:,} were to be run"
        )
    if run_settings.precision is not None:
        if not any(plan.totals("cases").any() for plan in replications):
            return "no promise had a case to judge"
        width = half_width(replications)
        if width <= run_settings.precision:
            return f"enough to know the mean service level to within ± {percent_text(run_settings.precision)}"
        return f"the maximum: the mean service level is known to within ± {percent_text(width, 2)}"
    if run_settings.decide:
        return (
            "enough to decide every verdict"
            if all(decided(claims(plan)) for plan in replications)
            else "the maximum, and not every verdict is decided"
        )
    return ""
