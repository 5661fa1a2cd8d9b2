"""`sim compare`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.app import DONE, INTERRUPTED, UNDECIDED, codes, main
from sim.cli.options import plans_options, study_options, world_options
from sim.cli.output import echo, fail, width
from sim.cli.session import carry_out

if TYPE_CHECKING:
    from sim.scenario.reading import Reading
    from sim.study.study import StudyOptions


@main.command(epilog=codes("the best plan was identified", "", "not yet, at this many replications"))
@plans_options
@world_options
@study_options("--precision")
def compare(
    names: Sequence[str], readings: Sequence["Reading"], options: "StudyOptions", as_json: bool
) -> None:
    """Which plan is better, by how much?

    Compares variants of a file, or several files: every plan meets the same customers.  The best plan is the
    cheapest that holds; if none holds, it is the one with the highest service level.
    """
    from sim.show.report.compare import compare_page
    from sim.show.terminal.compare import report
    from sim.study.compare import CompareStudy, Incomparable

    try:
        study = CompareStudy(names, readings, options)
    except Incomparable as error:
        fail(str(error))
    run_settings, folder, comparison = carry_out(study, compare_page)
    echo(comparison.json() if as_json else report(comparison, width(), folder), nl=not as_json)
    if run_settings.partial:
        sys.exit(INTERRUPTED)
    sys.exit(DONE if comparison.choice.certain else UNDECIDED)
