"""`sim list`."""

import json
from pathlib import Path

import click

from sim.cli.app import main
from sim.cli.options import json_option, out_option
from sim.cli.output import echo, width


@main.command("list")
@click.argument("scenario", required=False)
@json_option
@out_option
def list_(scenario: str | None, as_json: bool, out: Path) -> None:
    """Lists the results under results/, newest first: all of them, or those of SCENARIO."""
    from sim.show.terminal.list import document, listing, nothing
    from sim.study.store.catalogue import entries

    every = entries(out)
    chosen = [entry for entry in every if scenario in (None, entry.scenario)]
    if as_json:
        echo(json.dumps(document(chosen)))
    elif chosen:
        echo(listing(chosen, width()))
    else:
        echo(nothing(out, scenario, (entry.scenario for entry in every)))
