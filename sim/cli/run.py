"""`sim run`."""

import sys
from typing import TYPE_CHECKING

import click

from sim.cli.app import BREAKS, DONE, EXIT_CODES, INTERRUPTED, UNDECIDED, main
from sim.cli.options import scenario_options, study_options, world_options
from sim.cli.output import echo, width
from sim.cli.session import carry_out

if TYPE_CHECKING:
    from sim.scenario.reading import Reading
    from sim.study.study import StudyOptions


@main.command(epilog=EXIT_CODES)
@scenario_options
@world_options
@study_options("--decide or --precision")
@click.option("--decide", is_flag=True, help="Keep running replications until every verdict is decided.")
@click.option(
    "--keep", type=click.Choice(["contacts"]), help="Also write every contact to contacts/*.parquet."
)
def run(reading: "Reading", options: "StudyOptions", keep: str | None, as_json: bool) -> None:
    """Does the plan keep its promises?

    Prints verdicts, where promises break and how many agents are missing; leaves a report, plots, tables and
    a record under results/.
    """
    from sim.measure.stats.verdicts import Ruling, overall
    from sim.show.report.run import run_page
    from sim.show.terminal.run import report
    from sim.study.run import RunStudy

    study = RunStudy(reading, options)
    run_settings, folder, findings = carry_out(study, run_page, keep_contacts=keep is not None)
    echo(findings.json() if as_json else report(findings, width(), folder), nl=not as_json)
    if run_settings.partial:
        sys.exit(INTERRUPTED)
    codes = {Ruling.HOLDS: DONE, Ruling.BREAKS: BREAKS, Ruling.UNDECIDED: UNDECIDED}
    sys.exit(codes[overall(findings.verdicts)])
