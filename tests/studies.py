"""A synthetic comparison and synthetic sweeps, made of synthetic findings: what their studies would
return.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from sim.measure.stats.best import Rival
from sim.measure.stats.choice import Choice
from sim.measure.stats.verdicts import Ruling, Verdict, overall
from sim.show.report.compare import compare_page
from sim.show.report.page import Page
from sim.show.report.run import run_page
from sim.show.report.sweep import sweep_page
from sim.study.compare import Comparison, Differences, Priced
from sim.study.findings import Estimates, Findings
from sim.study.least_enough import Enough
from sim.study.sweep import Sweep
from sim.study.sweep_values import Setting
from tests.findings import ALL, NASTY, findings, nasty, verdict

DIFFER_BY = ("all", "language", "channel", "day", "hour", "window")
FIRST, PLAIN = "hundred", {"teams": {"volunteers": {"people": "100", "pace": "160 %"}}, "lasts": "9 d"}


def pages() -> dict[str, Page]:
    """A page of each kind."""
    return {
        "run": run_page(findings()),
        "compare": compare_page(comparison()),
        "sweep": sweep_page(sweep()),
        "grid": sweep_page(sweep(two=True)),
    }


def nasty_pages() -> dict[str, Page]:
    """The same of what would be markup."""
    return {
        "run": run_page(nasty()),
        "compare": compare_page(nasty_comparison()),
        "sweep": sweep_page(nasty_sweep()),
    }


def holding() -> tuple[Verdict, ...]:
    """Verdicts of a plan that keeps every promise."""
    return tuple(
        verdict(promise=name, ruling=Ruling.HOLDS, kept=200, lower=0.98, upper=1.0)
        for name in ("first_reply", "solved")
    )


def comparison(**changes: Any) -> Comparison:
    """Of three plans the second is taken; the third surely keeps as little as the first, and meets other
    customers.
    """
    names = (FIRST, "more", "others")
    people = {"more": "180", "others": "100"}
    records = [
        {
            **findings().record,
            "variant": name,
            "resolved": {**PLAIN, "teams": {"volunteers": {**PLAIN["teams"]["volunteers"], **changed}}},
        }
        for name, changed in ((name, {"people": people[name]} if name in people else {}) for name in names)
    ]
    plans = (
        findings(),
        findings(crowd=1.2, verdicts=holding(), breaks=(), shortfalls=()),
        findings(crowd=1.9),
    )
    made = tuple(replace(plan, record=record) for plan, record in zip(plans, records, strict=True))
    return replace(_compared(names, made), **changes)


def nasty_comparison() -> Comparison:
    """One in which every text that a user may write would be markup."""
    return _compared((f"{NASTY}a", f"{NASTY}b", f"{NASTY}c"), (nasty(), nasty(), nasty()))


def _compared(names: tuple[str, ...], plans: tuple[Findings, ...]) -> Comparison:
    parts = [
        _differences(name, plan.estimates, names[0], plans[0].estimates)
        for name, plan in zip(names[1:], plans[1:], strict=True)
    ]
    columns = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    rivals = (Rival(0, 400.0, 300.0, True, True), Rival(2, 10.0, -5.0, False, False))
    choice = Choice(1, "price", 70.0, rivals, (), False, 900)
    record = {
        name: value
        for name, value in plans[0].record.items()
        if name not in ("variant", "changes", "resolved")
    }
    priced = tuple(
        Priced(6000.0 + 1000 * row, (0.62, 0.94, 0.6)[row], row < 2, row < 2) for row in range(len(names))
    )
    return Comparison(
        {**record, "plans": list(names)},
        names,
        plans,
        "first_reply",
        "agent_hours",
        priced,
        choice,
        Differences(**columns),
    )


def _differences(name: str, mine: Estimates, first: str, theirs: Estimates) -> dict[str, np.ndarray]:
    """Of rows that both have; every tenth may be nothing."""
    rows = np.flatnonzero(np.isin(mine.dimension, DIFFER_BY))
    never = np.isinf(mine.mean[rows]) | np.isinf(theirs.mean[rows])
    mean = np.subtract(mine.mean[rows], theirs.mean[rows], where=~never, out=np.zeros(len(rows)))
    half = np.where(np.arange(len(rows)) % 10 == 0, 1.5, 0.2) * np.abs(mean) + 1e-3
    same = {
        column: getattr(mine, column)[rows]
        for column in ("measure", "promise", "dimension", "member", "time", "hour", "unit")
    }
    return {
        **same,
        "plan": np.repeat(np.array([name]), len(rows)),
        "against": np.repeat(np.array([first]), len(rows)),
        "mean": mean,
        "lower": mean - half,
        "upper": mean + half,
        "saved": np.full(len(rows), 2.5),
    }


def sweep(two: bool = False, path: str = "teams.volunteers.people", **changes: Any) -> Sweep:
    """Of three values the last holds; of two settings so does the last row, and the one before in its first
    column.
    """
    settings = (
        Setting(path, ("100", "150", "180")),
        *([Setting("teams.volunteers.pace", ("100 %", "160 %"))] if two else []),
    )
    points = tuple(
        (value, *more) for value in settings[0].values for more in ([("100 %",), ("160 %",)] if two else [()])
    )
    breaking = findings().verdicts
    undecided = tuple(
        replace(row, ruling=Ruling.UNDECIDED, kept=190, lower=0.91, upper=0.98) for row in breaking
    )
    kept = tuple(replace(row, ruling=Ruling.HOLDS, kept=200, lower=0.98, upper=1.0) for row in breaking)
    by_value = {"100": breaking, "150": undecided, "180": kept}
    verdicts = tuple(kept if point == ("150", "100 %") else by_value[point[0]] for point in points)
    table = {
        value: _of_all(findings(crowd=crowd).estimates)
        for value, crowd in (("100", 2.0), ("150", 1.6), ("180", 1.2))
    }
    names = ("first_reply", "solved", "answered", ALL.promise)
    enough = tuple(
        Enough(
            name,
            given,
            "rising",
            "150" if given == "100 %" else "180",
            "100" if given == "100 %" else "150",
            not two,
        )
        for given in (("100 %", "160 %") if two else ("",))
        for name in names
    )
    record = {
        **findings().record,
        "resolved": PLAIN,
        "file": "scenarios/ashcloud.yaml",
        "command": ["sim", "sweep", "scenarios/ashcloud.yaml", f"{path}=100,150,180"],
    }
    made = Sweep(
        record,
        findings().lens,
        settings,
        points,
        verdicts,
        tuple(table[point[0]] for point in points),
        enough,
        findings().assumptions,
    )
    assert {overall(rows) for rows in verdicts} == set(Ruling) - {Ruling.TOO_FEW}
    return replace(made, **changes)


def nasty_sweep() -> Sweep:
    """One in which every text that a user may write would be markup."""
    evil = nasty()
    values = tuple(f"{NASTY}{row}" for row in range(3))
    plain = sweep()
    named = dict(zip(plain.settings[0].values, values, strict=True))
    return replace(
        plain,
        lens=evil.lens,
        record={**evil.record, "file": NASTY},
        assumptions=evil.assumptions,
        settings=(Setting(NASTY, values),),
        points=tuple((named[point[0]],) for point in plain.points),
        enough=tuple(
            replace(item, value=named[item.value or ""], short=named[item.short or ""])
            for item in plain.enough
        ),
    )


def _of_all(table: Estimates) -> Estimates:
    wanted = table.dimension == "all"
    return Estimates(**{name: column[wanted] for name, column in vars(table).items()})
