"""`sim check`: whether every scenario meets its expectations, and is no worse than its baseline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine import DEFAULT
from sim.measure.pooled.expectations import JudgedExpectation, Judgement, judge
from sim.measure.pooled.replications import Replications
from sim.measure.stats.difference import Difference
from sim.measure.stats.verdicts import holm
from sim.plan import Plan
from sim.study.baseline import (
    GUARDED,
    Baseline,
    Guard,
    against,
    changed,
    enough_replications,
    guards,
    least_drop,
    probed,
    slower,
)
from sim.study.play.replicate import replicate, replicate_together

# Share of false alarms: of suites that have not changed, and of suites whose expectations are just met.
ALARM = 0.01
FIRST = 100  # replications of a check without a baseline, and the fewest of a baseline
MOST = 800  # replications of a check by default, before an expectation is left undecided
SIZED = 0.01  # the drop in service level that a baseline is large enough to detect
BASELINE_MOST = 2_000  # replications
COUNTED = 2  # replications from which the guards are counted


class CheckOutcome(StrEnum):
    """The result of the check of a scenario, the worst first."""

    FAIL = "FAIL"  # it regressed, or does not meet an expectation
    UNDECIDED = "UNDECIDED"
    UNCHECKED = "UNCHECKED"  # it expects nothing and has no baseline
    PASS = "PASS"


@dataclass(frozen=True)
class CheckCase:
    """A scenario to check."""

    name: str  # of the scenario, with that of its variant
    file: Path
    lines: tuple[int, ...]  # of its expectations in the file; 0 for one that is not in it
    plan: Plan
    origin: Mapping[str, Any]  # as in Baseline, without the seed
    baseline: Baseline | None
    seed: int


@dataclass(frozen=True, eq=False)
class Moved:
    """A guard and its difference from the baseline."""

    now: Guard
    before: Guard
    difference: Difference
    doubt: float  # p-value that it is worse, 0–1; 1 if it is no worse
    regressed: bool = False

    @property
    def same(self) -> bool:
        """Whether no replication moved it."""
        return bool(self.difference.mean == self.difference.lower == self.difference.upper == 0)


@dataclass(frozen=True, eq=False)
class Checked:
    """The check of a scenario."""

    case: CheckCase
    replications: int
    judged: tuple[JudgedExpectation, ...]
    moved: tuple[Moved, ...]  # against its baseline, if it has one
    gone: tuple[str, ...]  # guards of the baseline that are no longer measured
    paired: bool  # whether the baseline has the same customers
    finds: float  # the smallest drop in service level detected with 90 % power, 0–1; NaN unknown
    changes: tuple[str, ...]  # since the baseline

    @property
    def outcome(self) -> CheckOutcome:
        """The worst result of expectations and guards."""
        states = {item.state for item in self.judged}
        if Judgement.FAIL in states or any(item.regressed for item in self.moved) or self.gone:
            return CheckOutcome.FAIL
        if Judgement.UNDECIDED in states:
            return CheckOutcome.UNDECIDED
        return CheckOutcome.PASS if self.judged or self.case.baseline else CheckOutcome.UNCHECKED


def check(
    suite: Sequence[CheckCase],
    most: int = MOST,
    engine: str = DEFAULT,
    jobs: int | None = None,
    surge: float = 1.0,
) -> Iterator[Checked]:
    """The check of each scenario by itself; `marked` decides what is worse among all of them.

    Expectations are judged after as many replications as the baseline has, or 100, and after twice, four
    times … as many, up to `most`, until all are decided.  In at most 1 % of suites an expectation that is
    just met fails, whatever their number and that of looks (Bonferroni), as far as `judge` keeps its level.
    """
    expected = max(1, sum(len(case.plan.expectations) for case in suite))
    for case in suite:
        replications = Replications(case.plan.lens)
        looks = [min(FIRST, most) if case.baseline is None else case.baseline.size]
        while case.plan.expectations and looks[-1] < most:
            looks.append(min(2 * looks[-1], most))
        playing = replicate(case.plan, case.seed, looks[-1], surge, engine, jobs)
        compared: tuple[tuple[Moved, ...], tuple[str, ...], bool] = ((), (), True)
        judged: tuple[JudgedExpectation, ...] = ()
        for number, look in enumerate(looks):
            for observation in islice(playing, look - replications.size):
                replications.add(observation)
            if not number and case.baseline is not None:
                compared = _compared(replications, case.baseline)
            judged = judge(replications, case.plan.expectations, ALARM / expected / len(looks))
            if not any(item.state is Judgement.UNDECIDED for item in judged):
                break
        changes = (
            ()
            if case.baseline is None
            else tuple(changed(case.baseline.origin, {**case.origin, "seed": case.seed}))
        )
        yield Checked(case, replications.size, judged, *compared, 0.0, changes)


def _compared(
    replications: Replications, baseline: Baseline
) -> tuple[tuple[Moved, ...], tuple[str, ...], bool]:
    """The guards beside the baseline, those that are gone, and whether the customers are the same."""
    paired = tuple(replications.customers) == baseline.customers
    now = {guard.key: guard for guard in guards(replications, {guard.key for guard in baseline.guards})}
    moved, gone = [], []
    for before in baseline.guards:
        after = now.get(before.key)
        if after is None or (before.measured and not after.measured):
            gone.append(before.name)
            continue
        apart = against(after, before, paired=paired)
        worse = apart.mean > 0 if GUARDED[before.key[0]].better == "low" else apart.mean < 0
        moved.append(Moved(after, before, apart, float(apart.doubt) if worse else 1.0))
    return tuple(moved), tuple(gone), paired


def marked(checked: Sequence[Checked]) -> list[Checked]:
    """The checks with regressed guards marked, and with the drop that each check would detect.

    In at most 1 % of suites that have not changed is a guard marked, however many they have (Holm).  Samples
    are paired where the baseline has the same customers.
    """
    doubts = [item.doubt for each in checked for item in each.moved]
    marks = iter(holm(doubts, ALARM).tolist() if doubts else [])
    rows = []
    for each in checked:
        moved = tuple(replace(item, regressed=next(marks)) for item in each.moved)
        now, baseline = [item.now for item in each.moved], each.case.baseline
        finds = (
            0.0
            if baseline is None
            else least_drop(baseline, now, ALARM / max(1, len(doubts)), paired=each.paired)
        )
        rows.append(replace(each, moved=moved, finds=finds))
    return rows


def renew(suite: Sequence[CheckCase], engine: str = DEFAULT, jobs: int | None = None) -> Iterator[Baseline]:
    """A new baseline of every scenario, with enough replications to detect a drop of a point, 100 at least.

    The number follows from the drop in the probe, which is run beside the plan with the same customers.
    """
    guarded = 0
    for case in suite:  # all guards share the false alarms, so all are counted before a baseline is sized
        few = Replications(case.plan.lens, replicate(case.plan, case.seed, COUNTED, 1.0, engine, 1))
        guarded += len(list(guards(few)))
    level = ALARM / max(1, guarded)
    for case in suite:
        both = [Replications(case.plan.lens), Replications(case.plan.lens)]
        playing = replicate_together(
            [case.plan, slower(case.plan)], case.seed, BASELINE_MOST, 1.0, engine, jobs
        )
        size = FIRST
        while both[0].size < size:
            for pair in islice(playing, size - both[0].size):
                for replications, observation in zip(both, pair, strict=True):
                    replications.add(observation)
            size = min(BASELINE_MOST, enough_replications(probed(*both), level, SIZED))
        yield Baseline(
            {**case.origin, "seed": case.seed},
            tuple(both[0].customers),
            tuple(guards(both[0])),
            probed(*both),
        )


def worst_first(checked: Sequence[Checked]) -> list[Checked]:
    """The checks by outcome, then by the guard that is most certainly worse, then by name."""
    order = list(CheckOutcome)

    def rank(each: Checked) -> tuple[int, float, str]:
        return (
            order.index(each.outcome),
            min((item.doubt for item in each.moved), default=1.0),
            each.case.name,
        )

    return sorted(checked, key=rank)


def overall(checked: Sequence[Checked]) -> CheckOutcome:
    """The worst outcome of all; an unchecked scenario counts as undecided."""
    outcomes = {each.outcome for each in checked}
    worst = next(outcome for outcome in CheckOutcome if outcome in outcomes)
    return CheckOutcome.UNDECIDED if worst is CheckOutcome.UNCHECKED else worst


def identical(each: Checked) -> bool:
    """Whether every guard has its old value in every replication."""
    return all(item.same and np.array_equal(item.now.over, item.before.over) for item in each.moved)
