"""`sim bench`."""

import json

from sim.cli.app import main
from sim.cli.options import json_option
from sim.cli.output import echo, width


@main.command()
@json_option
def bench(as_json: bool) -> None:
    """How fast is it on this machine, compared with a hand-written loop and with plain SimPy?

    Prints ratios, each measured in one run, beside the ratio that is due and the one that is aimed at.  It
    takes some minutes; two rows need g++.
    """
    from sim.bench.rows import figures
    from sim.show.terminal.bench import document, heading, lines

    if as_json:
        echo(json.dumps([document(figure) for figure in figures()]))
        return
    echo(heading())
    for figure in figures():
        for line in lines(figure, width()):
            echo(line)
