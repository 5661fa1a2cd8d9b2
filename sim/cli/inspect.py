"""Looks at a scenario, a single event, what was kept, and the program itself."""

import json
from pathlib import Path
from typing import Any

import click

from sim.cli.app import EXIT_CODES, main
from sim.cli.options import (
    REPLICATIONS_MOST,
    json_option,
    lowered,
    out_option,
    scenario_options,
    world_options,
)
from sim.cli.output import fail, say, width


@main.command(epilog=EXIT_CODES)
@scenario_options
@json_option
def validate(reading: Any, as_json: bool) -> None:
    """Is it well formed, and what do the numbers say before any dice?

    Offered load against people on duty, hours nobody answers, and the highest share that any staffing could
    reach.
    """
    from sim.forecast import advise
    from sim.show.terminal import validate as advice

    plan = lowered(reading)
    found = advise(plan)
    if as_json:
        say(json.dumps(advice.advice_document(found, plan.lens), sort_keys=True))
    else:
        say(f"{plan.lens.title}: well formed\n\n{advice.advice_text(found, plan.lens)}")


@main.command(epilog=EXIT_CODES)
@scenario_options
@world_options
@click.option(
    "--replication",
    type=click.IntRange(0, REPLICATIONS_MOST),
    default=0,
    show_default=True,
    help="Which event.",
)
@click.option("--case", type=click.IntRange(0), help="One customer's story, a sentence a contact.")
@json_option
def trace(
    reading: Any, seed: int, surge: float, engine: str, replication: int, case: int | None, as_json: bool
) -> None:
    """One replication, one line a contact: the eye's debugger."""
    from sim.draw.world import draw_world
    from sim.engine import run as play
    from sim.show.terminal import trace as show

    plan = lowered(reading)
    world = draw_world(plan, seed, replication, surge)
    outcome = play(world, engine)
    if as_json:
        rows = show.contacts(world, outcome, plan.lens)
        say(json.dumps([row for row in rows if case in (None, row["case"])]))
        return
    told = (
        show.lines(world, outcome, plan.lens) if case is None else show.story(world, outcome, plan.lens, case)
    )
    if not (told := list(told)):
        fail(
            f"no contact of case {case} came in replication {replication}: `sim trace` without --case "
            f"lists those that did"
        )
    for line in told:
        say(line)


@main.command("list")
@click.argument("scenario", required=False)
@json_option
@out_option
def list_(scenario: str | None, as_json: bool, out: Path) -> None:
    """What is kept under results/, the newest first: of SCENARIO, or of all."""
    from sim.show.terminal import list as listing
    from sim.study.store.catalogue import entries

    every = entries(out)
    found = [entry for entry in every if scenario in (None, entry.scenario)]
    if as_json:
        say(json.dumps(listing.document(found)))
    else:
        say(
            listing.listing(found, width())
            if found
            else listing.nothing(out, scenario, (entry.scenario for entry in every))
        )


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """A commented scenario to start from: writes NAME.yaml here, which runs as it is."""
    from sim.scenario.template import write
    from sim.units import UnitError

    file = f"{name}.yaml"
    try:
        write(name, Path())
    except UnitError as error:
        fail(f"{error}: {error.help}")
    except FileExistsError:
        fail(f"{file} is there already, and stays as it is: write another name, such as sim new {name}-2")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror or error}")
    say(f"{file} is written: a scenario to start from, which runs as it is. Next:\n")
    say(f"  sim validate {file}\n  sim run {file} -n 20")


@main.command()
def schema() -> None:
    """The JSON Schema of the scenario language, for editors."""
    from sim.scenario.reading import schema as describe

    say(json.dumps(describe(), indent=2, ensure_ascii=False))


@main.command()
@json_option
def bench(as_json: bool) -> None:
    """How fast is it on this machine, against a hand-written loop and against plain SimPy?

    Ratios, each measured in one run, beside what is due and what is aimed at.  Takes some minutes; two rows
    need g++.
    """
    from sim.bench.rows import figures
    from sim.show.terminal import bench as show

    if as_json:
        say(json.dumps([show.document(found) for found in figures()]))
        return
    say(show.heading())
    for found in figures():
        for line in show.lines(found, width()):
            say(line)
