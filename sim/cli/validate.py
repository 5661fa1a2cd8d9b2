"""`sim validate`."""

import json
from typing import TYPE_CHECKING

from sim.cli.app import codes, main
from sim.cli.options import json_option, scenario_options
from sim.cli.output import echo

if TYPE_CHECKING:
    from sim.scenario.reading import Reading


@main.command(epilog=codes("done", "", ""))
@scenario_options
@json_option
def validate(reading: "Reading", as_json: bool) -> None:
    """Is the scenario well formed, and what do its averages say before any simulation?

    Prints offered load against agents on duty, hours in which nobody answers, and the highest service level
    that any number of agents could reach.
    """
    from sim.forecast import advise
    from sim.show.terminal.validate import advice_document, advice_text
    from sim.study.study import plan_of

    plan = plan_of(reading)
    advice = advise(plan)
    if as_json:
        echo(json.dumps(advice_document(advice, plan.lens), sort_keys=True))
    else:
        echo(f"{plan.lens.title}: well formed\n\n{advice_text(advice, plan.lens)}")
