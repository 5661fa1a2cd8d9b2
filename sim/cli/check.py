"""`sim check`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.app import BREAKS, DONE, INTERRUPTED, UNDECIDED, codes, main
from sim.cli.options import (
    REPLICATIONS_MOST,
    SEED_MOST,
    change_option,
    engine_option,
    jobs_option,
    json_option,
    out_option,
    read_or_fail,
)
from sim.cli.output import echo, fail, width, write_or_fail

if TYPE_CHECKING:
    from sim.study.check import CheckCase, Checked

SUFFIXES = (".yaml", ".yml")


@main.command(epilog=codes("every scenario passes", "one is worse, or not as it expects", "one is undecided"))
@click.argument("paths", metavar="PATH...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-v", "--variant", metavar="NAME", help="A variant named in the files; it has baselines of its own."
)
@change_option
@click.option("--seed", type=click.IntRange(0, SEED_MOST), help="Seed; defaults to the baseline's.")
@engine_option
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(1, REPLICATIONS_MOST),
    help="Maximum number of replications to decide expectations.  [default: 800]",
)
@jobs_option
@json_option
@out_option
@click.option("--update", is_flag=True, help="Write new baselines, and report what moved.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Also write JUnit XML.")
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
    """Did a scenario regress, and does each meet its expectations?

    Checks every scenario in PATH (files, or folders of them) against its `expect:` and its baseline under
    results/baselines/.
    """
    from sim.show.terminal import check as show
    from sim.study import check as study

    if update and (changes or as_json or junit is not None):
        raise click.UsageError(
            "--update writes the baselines of scenarios as they are, and no report: leave out -c, --json "
            "and --junit"
        )
    suite = _suite(_scenario_files(paths), variant, changes, seed, out, update=update)
    checked = study.marked(_checked(suite, replications or study.MOST, engine, jobs, update=update))
    if update:
        for before, baseline in zip(checked, study.renew(suite, engine, jobs), strict=True):
            path = _baseline_path(out, before.case.name)
            write_or_fail(path, baseline.save)
            echo(show.renewed(before, baseline, path))
        return
    echo(show.document(checked) if as_json else show.report(checked, width()))
    if junit is not None:
        write_or_fail(junit, lambda path: path.write_bytes(show.junit(checked)))
    if os.environ.get("GITHUB_ACTIONS") == "true" and not as_json:
        for line in show.annotations(checked):
            echo(line)
    if len(checked) < len(suite):
        missing = len(suite) - len(checked)
        click.echo(f"interrupted: {missing} of {len(suite)} scenarios were not checked", err=True)
        sys.exit(INTERRUPTED)
    outcomes = {study.CheckOutcome.PASS: DONE, study.CheckOutcome.FAIL: BREAKS}
    sys.exit(outcomes.get(study.overall(checked), UNDECIDED))


def _scenario_files(paths: Sequence[Path]) -> list[Path]:
    """The files, and the scenarios in folders by name, each once."""
    within = {
        path: sorted(file for file in path.glob("*") if file.suffix in SUFFIXES)
        for path in paths
        if path.is_dir()
    }
    empty = next((path for path, files in within.items() if not files), None)
    if empty is not None:
        fail(f"{empty}: there is no *.yaml in this folder")
    once: dict[Path, Path] = {}
    for file in (file for path in paths for file in within.get(path, [path])):
        once.setdefault(file.resolve(), file)
    return list(once.values())


def _suite(
    files: Sequence[Path],
    variant: str | None,
    changes: Sequence[str],
    seed: int | None,
    out: Path,
    *,
    update: bool,
) -> list["CheckCase"]:
    """The scenarios to check, each with its baseline."""
    suite = [_case(file, variant, changes, seed, out, update=update) for file in files]
    names = [case.name for case in suite]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        fail(f"two scenarios are called {min(twice)} and would share a baseline: give each its own name")
    return suite


def _case(
    file: Path, variant: str | None, changes: Sequence[str], seed: int | None, out: Path, *, update: bool
) -> "CheckCase":
    """A scenario to check, with its baseline; a damaged one is an error unless it is to be replaced."""
    from sim.study.baseline import BadBaseline, load
    from sim.study.check import CheckCase
    from sim.study.provenance import origin
    from sim.study.study import plan_of

    reading = read_or_fail(file, variant, changes)
    name = reading.scenario.name if variant is None else f"{reading.scenario.name}+{variant}"
    try:
        baseline = load(_baseline_path(out, name))
    except BadBaseline as error:
        if not update:
            fail(str(error))
        baseline = None
    if seed is None:
        seed = 1 if baseline is None else int(baseline.origin["seed"])
    return CheckCase(name, file, reading.expected_at, plan_of(reading), origin(reading), baseline, seed)


def _checked(
    suite: Sequence["CheckCase"], most: int, engine: str, jobs: int | None, *, update: bool
) -> list["Checked"]:
    """The scenarios that were checked; after Ctrl-C only the first of them, if that is of use."""
    from sim.show.terminal.progress import progress
    from sim.study.check import check as each_checked

    checked: list[Checked] = []
    try:
        with progress(len(suite), "check") as advance:
            for item in each_checked(suite, most, engine, jobs):
                checked.append(item)
                advance()
    except KeyboardInterrupt:
        if not checked or update:
            raise
    return checked


def _baseline_path(out: Path, name: str) -> Path:
    return out / "baselines" / f"{name}.json"
