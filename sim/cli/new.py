"""`sim new`."""

from pathlib import Path

import click

from sim.cli.app import main
from sim.cli.output import echo, fail


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """Writes NAME.yaml, a commented scenario to start from, which runs as it is."""
    from sim.scenario.template import write
    from sim.units import UnitError

    file = f"{name}.yaml"
    try:
        write(name, Path())
    except UnitError as error:
        fail(f"{error}: {error.help}")
    except FileExistsError:
        fail(f"{file} exists and was left as it is: choose another name, such as sim new {name}-2")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror or error}")
    echo(f"{file} was written: a scenario to start from, which runs as it is. Next:\n")
    echo(f"  sim validate {file}\n  sim run {file} -n 20")
