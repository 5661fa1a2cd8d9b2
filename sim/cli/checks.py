"""Checks of scenarios against what they expect and what they gave."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from sim.cli.group import BREAKS, DONE, EXIT_CODES, UNDECIDED, main
from sim.cli.options import (
    REPLICATIONS_MOST,
    SEED_MOST,
    change_option,
    engine_option,
    jobs_option,
    json_option,
    lowered,
    out_option,
    read_or_fail,
)  # fmt: skip
from sim.cli.output import fail, say, width, written


@main.command(epilog=EXIT_CODES)
@click.argument("paths", metavar="PATH...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("-v", "--variant", metavar="NAME", help="A variant named in the files; it has baselines of its own.")
@change_option
@click.option("--seed", type=click.IntRange(0, SEED_MOST), help="Other dice than the baseline's.  [default: the same; 1]")
@engine_option
@click.option("-n", "--replications", type=click.IntRange(1, REPLICATIONS_MOST), help="Events at most to decide expectations.")
@jobs_option
@json_option
@out_option
@click.option("--update", is_flag=True, help="Write baselines anew, and say what moved.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write JUnit XML too.")
def check(
    paths: tuple[Path, ...],
    variant: str | None,
    changes: tuple[str, ...],
    seed: int | None,
    engine: str,
    replications: int | None,
    jobs: int | None,
    as_json: bool,
    out: Path,
    update: bool,
    junit: Path | None,
) -> None:
    """Did a scenario regress, and is each as it expects?

    Every scenario in PATH (files, or folders of them) against its `expect:` and its baseline under results/baselines/.  Exits
    with 3 if one is worse or not as expected, with 4 if one is undecided.
    """
    from sim.show import checking
    from sim.show.progress import progress
    from sim.study import check as study

    suite = [_asked_of_check(file, variant, changes, seed, out) for file in _scenario_files(paths)]
    twice = {asked.name for asked in suite if sum(other.name == asked.name for other in suite) > 1}
    if twice:
        fail(f"two scenarios are called {min(twice)}: their baselines would be one, so give them names of their own")
    with progress(len(suite), "check") as advance:
        each = []
        for checked in study.check(suite, replications or study.MOST, engine, jobs):
            each.append(checked)
            advance()
    found = study.alarms(each)
    if update:
        for asked, baseline, before in zip(suite, study.renew(suite, engine, jobs), found, strict=True):
            path = _baseline_path(out, asked.name)
            written(path, baseline.save)
            say(checking.renewed(asked.name, baseline, before, path))
        return
    if junit is not None:
        written(junit, lambda path: path.write_bytes(checking.junit(found)))
    say(checking.document(found) if as_json else checking.report(found, width()))
    if os.environ.get("GITHUB_ACTIONS") == "true" and not as_json:
        for line in checking.annotations(found):
            say(line)
    sys.exit({study.Outcome.PASS: DONE, study.Outcome.FAIL: BREAKS}.get(study.overall(found), UNDECIDED))


def _scenario_files(paths: tuple[Path, ...]) -> list[Path]:
    """The files, and the scenarios in folders, by name."""
    found = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    empty = next((path for path in paths if path.is_dir() and not any(path.glob("*.yaml"))), None)
    if empty is not None:
        fail(f"{empty}: there is no *.yaml in this folder")
    return list(dict.fromkeys(found))


def _asked_of_check(file: Path, variant: str | None, changes: tuple[str, ...], seed: int | None, out: Path) -> Any:
    """A scenario to check, with its baseline."""
    from sim.study.baseline import BadBaseline, load
    from sim.study.check import Asked
    from sim.study.record import origin

    reading = read_or_fail(file, variant, changes)
    name = reading.scenario.name if variant is None else f"{reading.scenario.name}+{variant}"
    try:
        baseline = load(_baseline_path(out, name))
    except BadBaseline as error:
        fail(str(error))
    dice = seed if seed is not None else 1 if baseline is None else int(baseline.origin["seed"])
    return Asked(name, file, reading.expected_at, lowered(reading), origin(reading), baseline, dice)


def _baseline_path(out: Path, name: str) -> Path:
    return out / "baselines" / f"{name}.json"
