"""Checks of scenarios against what they expect and what they gave."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from sim.cli.app import BREAKS, DONE, INTERRUPTED, UNDECIDED, codes, main
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
)
from sim.cli.output import fail, say, width, written

SUFFIXES = (".yaml", ".yml")


@main.command(epilog=codes("every scenario passes", "one is worse, or not as it expects", "one is undecided"))
@click.argument("paths", metavar="PATH...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-v", "--variant", metavar="NAME", help="A variant named in the files; it has baselines of its own."
)
@change_option
@click.option(
    "--seed",
    type=click.IntRange(0, SEED_MOST),
    help="Other dice than the baseline's.  [default: the same; 1]",
)
@engine_option
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(1, REPLICATIONS_MOST),
    help="Events at most to decide expectations.  [default: 800]",
)
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

    Every scenario in PATH (files, or folders of them) against its `expect:` and its baseline under
    results/baselines/.
    """
    from sim.show.terminal import check as checking
    from sim.show.terminal.progress import progress
    from sim.study import check as study

    if update and (changes or as_json or junit is not None):
        raise click.UsageError(
            "--update writes the baselines of scenarios as they are, and no report: leave out -c, --json "
            "and --junit"
        )
    suite = [
        _asked_of_check(file, variant, changes, seed, out, anew=update) for file in _scenario_files(paths)
    ]
    twice = {asked.name for asked in suite if sum(other.name == asked.name for other in suite) > 1}
    if twice:
        fail(
            f"two scenarios are called {min(twice)}: their baselines would be one, so give them names of "
            f"their own"
        )
    each: list[Any] = []
    try:
        with progress(len(suite), "check") as advance:
            for checked in study.check(suite, replications or study.MOST, engine, jobs):
                each.append(checked)
                advance()
    except KeyboardInterrupt:
        if not each or update:
            raise
    found = study.alarms(each)
    if update:
        for asked, baseline, before in zip(suite, study.renew(suite, engine, jobs), found, strict=True):
            path = _baseline_path(out, asked.name)
            written(path, baseline.save)
            say(checking.renewed(asked.name, baseline, before, path))
        return
    say(checking.document(found) if as_json else checking.report(found, width()))
    if junit is not None:
        written(junit, lambda path: path.write_bytes(checking.junit(found)))
    if os.environ.get("GITHUB_ACTIONS") == "true" and not as_json:
        for line in checking.annotations(found):
            say(line)
    if len(each) < len(suite):
        click.echo(
            f"interrupted: {len(suite) - len(each)} of {len(suite)} scenarios were not checked", err=True
        )
        sys.exit(INTERRUPTED)
    sys.exit({study.Outcome.PASS: DONE, study.Outcome.FAIL: BREAKS}.get(study.overall(found), UNDECIDED))


def _scenario_files(paths: tuple[Path, ...]) -> list[Path]:
    """The files, and the scenarios in folders, by name."""
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


def _asked_of_check(
    file: Path, variant: str | None, changes: tuple[str, ...], seed: int | None, out: Path, *, anew: bool
) -> Any:
    """A scenario to check, with its baseline."""
    from sim.study.baseline import BadBaseline, load
    from sim.study.check import Asked
    from sim.study.provenance import origin

    reading = read_or_fail(file, variant, changes)
    name = reading.scenario.name if variant is None else f"{reading.scenario.name}+{variant}"
    try:
        baseline = load(_baseline_path(out, name))
    except BadBaseline as error:
        if not anew:
            fail(str(error))
        baseline = None
    dice = seed if seed is not None else 1 if baseline is None else int(baseline.origin["seed"])
    return Asked(name, file, reading.expected_at, lowered(reading), origin(reading), baseline, dice)


def _baseline_path(out: Path, name: str) -> Path:
    return out / "baselines" / f"{name}.json"
