"""What commands take: parameters of more than one command, and the readings of scenarios that they
come to.
"""

import math
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from sim.cli.output import fail

SEED_MOST = 2**63 - 1
REPLICATIONS, REPLICATIONS_MOST = 200, 20_000
PRECISION_LEAST = 0.0001
SURGE_MOST = 100
JOBS_MOST = 256


class Finite(click.FloatRange):
    """A number in a range, which NaN is not although no comparison says so."""

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
            self.fail(f"{value!r} is finer than {100 * PRECISION_LEAST:g} %, the least", param, ctx)
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
    help="Folder for what studies leave.",
)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print for machines, and nothing else, on stdout."
)


engine_option = click.option(
    "--engine",
    type=click.Choice(["compiled", "simpy"]),
    default="compiled",
    show_default=True,
    help="What runs the events: the same results, one is fast and one is plain.",
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, JOBS_MOST),
    help="Events played at once; the results are the same.  [default: all cores]",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder for results.",
)


def scenario_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """FILE, -v and -c; the command gets the reading of the scenario, or the user gets every problem in it."""

    @click.argument("file", type=click.Path(path_type=Path))
    @click.option(
        "-v", "--variant", "variants", metavar="NAME", multiple=True, help="A variant named in the file."
    )
    @change_option
    @wraps(command)
    def wrapped(file: Path, variants: tuple[str, ...], changes: tuple[str, ...], **rest: Any) -> None:
        if len(variants) > 1:
            raise click.UsageError(f"one variant at a time, not {' and '.join(variants)}")
        command(read_or_fail(file, variants[0] if variants else None, changes), **rest)

    return wrapped


def plans_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """FILE…, -v and -c; the command gets the names of the plans and their readings, or the user gets every
    problem in them.
    """

    @click.argument("files", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
    @click.option(
        "-v", "--variant", "variants", metavar="NAME", multiple=True,
        help="A plan named in the file; again for the next; base is the file as it is written.",
    )  # fmt: skip
    @change_option
    @wraps(command)
    def wrapped(
        files: tuple[Path, ...], variants: tuple[str, ...], changes: tuple[str, ...], **rest: Any
    ) -> None:
        from sim.scenario.consistency import BASE

        if len(files) == 1 and len(variants) == 1 and BASE not in variants:
            variants = (BASE, *variants)
        chosen = [(file, variant) for file in files for variant in variants or (BASE,)]
        if len(chosen) < 2:
            raise click.UsageError(
                "one plan alone is no comparison: name another file, or variants with -v a -v b"
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


def read_or_fail(file: Path, variant: str | None, changes: tuple[str, ...]) -> Any:
    """The reading of a scenario; ends with every problem in it."""
    return readings_or_fail(file, variant, [changes])[0]


def readings_or_fail(file: Path, variant: str | None, asked: Sequence[tuple[str, ...]]) -> list[Any]:
    """The readings of a scenario with each of these changes in turn."""
    from sim.scenario.document.problems import ScenarioError
    from sim.scenario.reading import read_each

    try:
        return list(read_each(file, variant, asked))
    except ScenarioError as error:
        fail(str(error))


def world_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--seed, --surge and --engine."""
    for option in (
        engine_option,
        click.option(
            "--surge",
            type=Finite(0, SURGE_MOST),
            default=1.0,
            show_default=True,
            help="Multiple of the demand.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(0, SEED_MOST),
            default=1,
            show_default=True,
            help="Another seed, other dice.",
        ),
    ):
        command = option(command)
    return command


def study_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--replications, --precision, --jobs, --json and --out."""
    for option in (
        out_option,
        json_option,
        jobs_option,
        click.option(
            "--precision",
            type=Precision(),
            help="Play until the mean share kept is known to within ± this, such as 0.5%.",
        ),
        click.option(
            "-n",
            "--replications",
            type=click.IntRange(1, REPLICATIONS_MOST),
            help=f"Events to play; with an open end the most of them.  [default: {REPLICATIONS}; "
            f"then {REPLICATIONS_MOST}]",
        ),
    ):
        command = option(command)
    return command


def lowered(reading: Any) -> Any:
    """The plan of a reading."""
    from sim.scenario.lowering import lower

    return lower(reading.scenario, reading.resolved, reading.changed)
