"""`sim trace`."""

import json
from typing import TYPE_CHECKING

import click

from sim.cli.app import codes, main
from sim.cli.options import REPLICATIONS_MOST, json_option, scenario_options, world_options
from sim.cli.output import echo, fail

if TYPE_CHECKING:
    from sim.scenario.reading import Reading


@main.command(epilog=codes("done", "", ""))
@scenario_options
@world_options
@click.option(
    "--replication",
    type=click.IntRange(0, REPLICATIONS_MOST),
    default=0,
    show_default=True,
    help="Number of the replication.",
)
@click.option(
    "--case", type=click.IntRange(0), help="The story of one customer, a sentence for each contact."
)
@json_option
def trace(
    reading: "Reading",
    seed: int,
    surge: float,
    engine: str,
    replication: int,
    case: int | None,
    as_json: bool,
) -> None:
    """Prints one replication, a line for each contact, to check a scenario by eye."""
    from sim.draw.world import draw_world
    from sim.engine import run
    from sim.show.terminal.trace import contacts, lines, story
    from sim.study.study import plan_of

    plan = plan_of(reading)
    world = draw_world(plan, seed, replication, surge)
    outcome = run(world, engine)
    if as_json:
        rows = contacts(world, outcome, plan.lens)
        echo(json.dumps([row for row in rows if case in (None, row["case"])]))
        return
    text = list(lines(world, outcome, plan.lens) if case is None else story(world, outcome, plan.lens, case))
    if not text:
        fail(
            f"no contact of case {case} came in replication {replication}: "
            f"`sim trace` without --case lists the cases that have one"
        )
    for line in text:
        echo(line)
