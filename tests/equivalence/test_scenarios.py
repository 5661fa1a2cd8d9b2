"""The engines on every scenario and variant: the same Outcome, and the same findings to whoever asks the
command line.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.draw.world import draw_world
from sim.engine import run
from sim.scenario.lowering import lower
from sim.scenario.reading import read
from sim.tables import World
from tests.plans import variants_of
from tests.worlds import facts, repr_world

FOLDER = Path(__file__).parents[2] / "scenarios"
SURGE = 0.1  # keeps an event at some hundreds or thousands of contacts


VARIANTS = [(path, variant) for path in sorted(FOLDER.glob("*.yaml")) for variant in variants_of(path)]
every_variant = pytest.mark.parametrize(
    ("path", "variant"), VARIANTS, ids=[f"{path.stem}, {variant or 'base'}" for path, variant in VARIANTS]
)


def with_one_agent_in(world: World, many: int) -> World:
    """The world with the first of every so many agents, so that contacts wait at a surge that leaves the
    others idle.
    """
    roster = world.roster
    kept = roster.agent % many == 0
    agents = {name: getattr(roster, name)[::many] for name in ("team", "group", "slots")}
    duty = {name: getattr(roster, name)[kept] for name in ("start", "end")}
    return replace(world, roster=replace(roster, agent=roster.agent[kept] // many, **agents, **duty))


def test_there_are_scenarios_with_variants():
    assert len(VARIANTS) > 10


@pytest.mark.slow
@every_variant
def test_both_engines_give_a_scenario_the_same_outcome(path, variant):
    reading = read(path, variant)
    plan = lower(reading.scenario, reading.resolved)
    waited = 0
    for replication in range(3):
        drawn = draw_world(plan, seed=7, replication=replication, surge=SURGE)
        for world in (drawn, with_one_agent_in(drawn, 15)):
            outcome = run(world, "compiled")
            assert facts(outcome) == facts(run(world, "simpy")), repr_world(world)
            waited += np.count_nonzero(outcome.begun > outcome.arrived)
    assert waited > 100


def printed(path: Path, variant: str | None, engine: str, out: Path, surge: float) -> tuple[int, str]:
    """The exit code of `sim run … --json` and what it prints, but for the engine's name."""
    chosen = [] if variant is None else ["-v", variant]
    which = ["run", str(path), *chosen, "--engine", engine, "--surge", str(surge), "--out", str(out)]
    result = CliRunner().invoke(
        main, [*which, "--replications", "3", "--seed", "7", "--json"], catch_exceptions=False
    )
    assert json.loads(result.stdout)["verdicts"], result.output
    return result.exit_code, result.stdout.replace(f'"engine": "{engine}"', "")


@pytest.mark.slow
@every_variant
@pytest.mark.usefixtures("unread")
def test_both_engines_give_a_scenario_the_same_findings_byte_for_byte(path, variant, tmp_path):
    assert printed(path, variant, "compiled", tmp_path, SURGE) == printed(
        path, variant, "simpy", tmp_path, SURGE
    )


@pytest.mark.slow
@pytest.mark.usefixtures("unread")
def test_both_engines_give_the_whole_ash_cloud_the_same_findings_byte_for_byte(tmp_path):
    path = FOLDER / "ashcloud.yaml"
    assert printed(path, None, "compiled", tmp_path, 1) == printed(path, None, "simpy", tmp_path, 1)
