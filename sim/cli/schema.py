"""`sim schema`."""

import json

from sim.cli.app import main
from sim.cli.output import echo


@main.command()
def schema() -> None:
    """Prints the JSON Schema of the scenario language, for editors."""
    from sim.scenario import reading

    echo(json.dumps(reading.schema(), indent=2, ensure_ascii=False))
