"""The studies of plans: run, compare, sweep."""

import sys
from pathlib import Path
from typing import Any

import click

from sim.cli.app import BREAKS, DONE, EXIT_CODES, INTERRUPTED, UNDECIDED, codes, main
from sim.cli.options import (
    change_option,
    lowered,
    plans_options,
    readings_or_fail,
    scenario_options,
    study_options,
    world_options,
)
from sim.cli.output import fail, say, width
from sim.cli.session import asked, carried_out


@main.command(epilog=EXIT_CODES)
@scenario_options
@world_options
@study_options
@click.option("--decide", is_flag=True, help="Play until every verdict is HOLDS or BREAKS.")
@click.option(
    "--keep",
    type=click.Choice(["contacts"]),
    help="Leave every contact of every event too: contacts/*.parquet.",
)
def run(
    reading: Any,
    seed: int,
    surge: float,
    engine: str,
    replications: int | None,
    precision: float | None,
    decide: bool,
    jobs: int | None,
    keep: str | None,
    as_json: bool,
    out: Path,
) -> None:
    """Does the promise hold?

    Prints verdicts, where they break and what is missing; leaves a report, plots, tables and a record under
    results/.
    """
    from sim.measure.pooled.replications import Replications
    from sim.show.report.run import run_page
    from sim.show.terminal import run as text
    from sim.study import provenance as record
    from sim.study.play.stopping import play
    from sim.study.run import answer

    if precision is not None and decide:
        raise click.UsageError("--precision or --decide, not both")
    plan = lowered(reading)
    how = asked(seed, replications, surge, engine, precision, decide)
    events = Replications(plan.lens)

    def place(how: Any) -> Path:
        return record.destination(out, reading, how)

    def finish(how: Any) -> Any:
        return answer(plan, events, record.provenance(reading, how, sys.argv[1:]), how.bounds)

    def playing(contacts: Path | None) -> Any:
        return play(plan, how, events, jobs, contacts)

    how, folder, findings = carried_out(
        how, plan.lens.name, lambda: [events], playing, place, finish,
        out=out, total=None if decide else how.most, keep=keep is not None, page=run_page,
    )  # fmt: skip
    say(findings.json() if as_json else text.report(findings, width(), folder), nl=not as_json)
    sys.exit(INTERRUPTED if how.partial else exit_code(findings))


@main.command(epilog=codes("the best plan is surely found", "", "it is not, at this many replications"))
@plans_options
@world_options
@study_options
def compare(
    names: list[str],
    readings: list[Any],
    seed: int,
    surge: float,
    engine: str,
    replications: int | None,
    precision: float | None,
    jobs: int | None,
    as_json: bool,
    out: Path,
) -> None:
    """Which plan is better, by how much?

    Variants of a file, or several files: every plan meets the same customers.  The best is the cheapest that
    holds, else the one that keeps the most.
    """
    from sim.measure.pooled.replications import Replications
    from sim.show.report.compare import compare_page
    from sim.show.terminal import compare as comparison
    from sim.study import provenance as record
    from sim.study.compare import MOST, Incomparable, comparable
    from sim.study.compare import compare as answer
    from sim.study.play.stopping import play_together

    if len(names) > MOST:
        fail(f"{len(names)} plans are too many to compare: name at most {MOST}")
    plans = [lowered(reading) for reading in readings]
    try:
        comparable(names, plans)
    except Incomparable as error:
        fail(str(error))
    how = asked(seed, replications, surge, engine, precision)
    events = [Replications(plan.lens) for plan in plans]

    def place(how: Any) -> Path:
        return record.destination_of(out, "compare", ",".join(names), readings[0], how)

    def finish(how: Any) -> Any:
        records = [record.provenance(reading, how, sys.argv[1:]) for reading in readings]
        return answer(
            names, plans, events, records, record.provenance_of_several(names, readings[0], how, sys.argv[1:])
        )

    def playing(_: Path | None) -> Any:
        return play_together(plans, how, events, jobs)

    how, folder, found = carried_out(
        how,
        plans[0].lens.name,
        lambda: events,
        playing,
        place,
        finish,
        out=out,
        page=compare_page,
        total=how.most,
    )
    say(found.json() if as_json else comparison.report(found, width(), folder), nl=not as_json)
    sys.exit(INTERRUPTED if how.partial else DONE if found.choice.certain else UNDECIDED)


@main.command(
    epilog=codes("all promises hold at some value", "a promise breaks at every value", "neither is sure")
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("settings", metavar="PATH=VALUES...", nargs=-1, required=True)
@click.option("-v", "--variant", metavar="NAME", help="A variant named in the file.")
@change_option
@world_options
@study_options
def sweep(
    file: Path,
    settings: tuple[str, ...],
    variant: str | None,
    changes: tuple[str, ...],
    seed: int,
    surge: float,
    engine: str,
    replications: int | None,
    precision: float | None,
    jobs: int | None,
    as_json: bool,
    out: Path,
) -> None:
    """What does each value of a setting do; how many are enough?

    VALUES are a list, 100,150,180, or a range with its step, 80..240/20; two settings make a grid.  Where
    more keeps more, the least that holds is searched for between the values listed.
    """
    from sim.measure.stats.verdicts import Ruling
    from sim.scenario.document.problems import ScenarioError
    from sim.scenario.reading import read_each
    from sim.show.report.sweep import sweep_page
    from sim.show.terminal import sweep as sweeping
    from sim.study import provenance as record
    from sim.study import sweep as study
    from sim.study.sweep_values import setting
    from sim.units import UnitError

    if len(settings) > 2:
        raise click.UsageError("one or two settings, not more")
    try:
        swept = [setting(text) for text in settings]
    except UnitError as error:
        raise click.UsageError(f"{error}: {error.help}") from None
    if len(points := study.grid(swept)) > study.MOST:
        raise click.UsageError(
            f"{len(points)} points are too many: write at most {study.MOST}, with larger steps"
        )

    def of(point: tuple[str, ...]) -> tuple[str, ...]:
        return (*changes, *(f"{each.path}={value}" for each, value in zip(swept, point, strict=True)))

    base, *readings = readings_or_fail(file, variant, [changes, *map(of, points)])
    plans = dict(zip(points, map(lowered, readings), strict=True))
    how = asked(seed, replications, surge, engine, precision)
    events: dict[Any, Any] = {}
    name = ",".join([variant or "base", *(each.path for each in swept)])

    def plan_of(point: tuple[str, ...]) -> Any:
        if point in plans:
            return plans[point]
        try:  # a value between those listed, which another rule of the scenario may not allow
            return lowered(*read_each(file, variant, [of(point)]))
        except ScenarioError:
            return None

    def place(how: Any) -> Path:
        return record.destination_of(out, "sweep", name, base, how, settings)

    def finish(how: Any) -> Any:
        whole = record.provenance(base, how, sys.argv[1:]) | {"settings": list(settings), "file": str(file)}
        return study.sweep(swept, events, whole, lowered(base).assumptions)

    def playing(_: Path | None) -> Any:
        return study.play(swept, plan_of, how, events, jobs)

    how, folder, found = carried_out(
        how,
        base.scenario.name,
        lambda: study.whole(events),
        playing,
        place,
        finish,
        out=out,
        page=sweep_page,
        total=None,
    )
    say(found.json() if as_json else sweeping.report(found, width(), folder), nl=not as_json)
    if how.partial:
        sys.exit(INTERRUPTED)
    sys.exit(DONE if found.held else BREAKS if set(found.rulings) == {Ruling.BREAKS} else UNDECIDED)


def exit_code(findings: Any) -> int:
    """What the verdicts mean for the shell."""
    from sim.measure.stats.verdicts import Ruling, overall

    return {Ruling.HOLDS: DONE, Ruling.BREAKS: BREAKS, Ruling.UNDECIDED: UNDECIDED}[
        overall(findings.verdicts)
    ]
