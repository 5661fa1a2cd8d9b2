"""`sim sweep`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.app import BREAKS, DONE, INTERRUPTED, UNDECIDED, codes, main
from sim.cli.options import change_option, study_options, world_options
from sim.cli.output import echo, fail, width
from sim.cli.session import carry_out

if TYPE_CHECKING:
    from sim.study.study import StudyOptions


@main.command(
    epilog=codes("all promises hold at some value", "a promise breaks at every value", "neither is certain")
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("settings", metavar="PATH=VALUES...", nargs=-1, required=True)
@click.option("-v", "--variant", metavar="NAME", help="A variant named in the file.")
@change_option
@world_options
@study_options("--precision")
def sweep(
    file: Path,
    settings: tuple[str, ...],
    variant: str | None,
    changes: tuple[str, ...],
    options: "StudyOptions",
    as_json: bool,
) -> None:
    """What does each value of a setting do, and how many are enough?

    VALUES are a list, 100,150,180, or a range with its step, 80..240/20; two settings make a grid.  With one
    setting, the least value that holds is searched for between the values listed.
    """
    from sim.measure.stats.verdicts import Ruling
    from sim.scenario.document.problems import ScenarioError
    from sim.show.report.sweep import sweep_page
    from sim.show.terminal.sweep import report
    from sim.study.sweep import SweepStudy
    from sim.units import UnitError

    if len(settings) > 2:
        raise click.UsageError("name one or two settings, not more")
    try:
        study = SweepStudy(file, variant, changes, settings, options)
    except UnitError as error:
        raise click.UsageError(f"{error}: {error.help}") from None
    except ScenarioError as error:
        fail(str(error))
    run_settings, folder, answer = carry_out(study, sweep_page)
    echo(answer.json() if as_json else report(answer, width(), folder), nl=not as_json)
    if run_settings.partial:
        sys.exit(INTERRUPTED)
    sys.exit(DONE if answer.held else BREAKS if set(answer.rulings) == {Ruling.BREAKS} else UNDECIDED)
