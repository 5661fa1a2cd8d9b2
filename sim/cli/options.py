"""The parameters that several commands have, and the readings and study options that they stand for."""

import math
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.output import fail

if TYPE_CHECKING:
    from sim.scenario.reading import Reading

SEED_MOST = 2**63 - 1
REPLICATIONS, REPLICATIONS_MOST = 200, 20_000
PRECISION_LEAST = 0.0001
SURGE_MOST = 100
JOBS_MOST = 256

Command = Callable[..., Any]


class Finite(click.FloatRange):
    """A number in a range; NaN is refused, which no comparison with a bound refuses."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Precision(click.ParamType[float]):
    """A share above 0 %, with its unit."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from sim.units import UnitError, share

        try:
            number = share(str(value))
        except UnitError as error:
            self.fail(f"{error}: {error.help}", param, ctx)
        if number < PRECISION_LEAST:
            self.fail(f"{value!r} is too small: write at least {100 * PRECISION_LEAST:g} %", param, ctx)
        return number


change_option = click.option(
    "-c",
    "--change",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Another value, such as teams.hub.people=30.",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder for results.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout, and nothing else.")
engine_option = click.option(
    "--engine",
    type=click.Choice(["compiled", "simpy"]),
    default="compiled",
    show_default=True,
    help="Simulation engine; both give identical results (compiled is fast, simpy is readable).",
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, JOBS_MOST),
    help="Replications run at once; any number gives identical results.  [default: number of cores]",
)


def scenario_options(command: Command) -> Command:
    """FILE, -v and -c; the command gets the reading of the scenario, or the user every problem in it."""

    @click.argument("file", type=click.Path(path_type=Path))
    @click.option(
        "-v", "--variant", "variants", metavar="NAME", multiple=True, help="A variant named in the file."
    )
    @change_option
    @wraps(command)
    def wrapped(file: Path, variants: tuple[str, ...], changes: tuple[str, ...], **rest: Any) -> None:
        if len(variants) > 1:
            raise click.UsageError(f"name one variant, not {' and '.join(variants)}")
        command(read_or_fail(file, variants[0] if variants else None, changes), **rest)

    return wrapped


def plans_options(command: Command) -> Command:
    """FILE…, -v and -c; the command gets the names and readings of the plans, or the user every problem."""

    @click.argument("files", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
    @click.option(
        "-v", "--variant", "variants", metavar="NAME", multiple=True,
        help="A variant to compare; repeat it for more; base is the file without a variant.",
    )  # fmt: skip
    @change_option
    @wraps(command)
    def wrapped(
        files: tuple[Path, ...], variants: tuple[str, ...], changes: tuple[str, ...], **rest: Any
    ) -> None:
        from sim.plan import BASE

        if len(files) == 1 and len(variants) == 1 and BASE not in variants:
            variants = (BASE, *variants)
        chosen = [(file, variant) for file in files for variant in variants or (BASE,)]
        if len(chosen) < 2:
            raise click.UsageError(
                "a comparison needs two plans: name another file, or variants with -v a -v b"
            )
        readings = [
            read_or_fail(file, None if variant == BASE else variant, changes) for file, variant in chosen
        ]
        several = len(files) > 1
        names = [
            ":".join([*([reading.scenario.name] if several else []), *([variant] if variants else [])])
            for (_, variant), reading in zip(chosen, readings, strict=True)
        ]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise click.UsageError(f"two plans are called {twice}: name each once")
        command(names, readings, **rest)

    return wrapped


def read_or_fail(file: Path, variant: str | None, changes: Sequence[str]) -> "Reading":
    """The reading of a scenario; ends with every problem in it."""
    from sim.scenario.document.problems import ScenarioError
    from sim.scenario.reading import read

    try:
        return read(file, variant, changes)
    except ScenarioError as error:
        fail(str(error))


def world_options(command: Command) -> Command:
    """--seed, --surge and --engine."""
    for option in (
        engine_option,
        click.option(
            "--surge",
            type=Finite(0, SURGE_MOST),
            default=1.0,
            show_default=True,
            help="Factor on the demand from outside.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0, SEED_MOST),
            default=1,
            show_default=True,
            help="Random seed.",
        ),
    ):
        command = option(command)
    return command


def study_options(maximum_with: str) -> Callable[[Command], Command]:
    """--replications, --precision, --jobs, --json and --out; the command gets StudyOptions.

    These include --decide and what `world_options` adds.  maximum_with: the options with which --replications
    is a maximum.
    """

    def options(command: Command) -> Command:
        return _study_options(command, maximum_with)

    return options


def _study_options(command: Command, maximum_with: str) -> Command:

    @wraps(command)
    def wrapped(
        *plans: Any,
        seed: int,
        surge: float,
        engine: str,
        replications: int | None,
        precision: float | None,
        jobs: int | None,
        out: Path,
        decide: bool = False,
        **rest: Any,
    ) -> None:
        from sim.study.provenance import RunSettings
        from sim.study.study import StudyOptions

        if precision is not None and decide:
            raise click.UsageError("--precision or --decide, not both")
        most = REPLICATIONS if precision is None and not decide else REPLICATIONS_MOST
        run_settings = RunSettings(seed, replications or most, surge, engine, precision, decide)
        command(*plans, options=StudyOptions(run_settings, jobs, out, sys.argv[1:]), **rest)

    for option in (
        out_option,
        json_option,
        jobs_option,
        click.option(
            "--precision",
            type=Precision(),
            help="Run replications until the mean service level is known to within ± this, such as 0.5%.",
        ),
        click.option(
            "-n",
            "--replications",
            type=click.IntRange(1, REPLICATIONS_MOST),
            help=f"Number of replications; with {maximum_with}, the maximum.  "
            f"[default: {REPLICATIONS}; as the maximum {REPLICATIONS_MOST}]",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped
