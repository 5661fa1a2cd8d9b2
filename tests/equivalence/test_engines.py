"""The engines against one too plain to be wrong and against each other, on worlds small enough that ties
happen.
"""

import numpy as np
import pytest

from sim.engine import ENGINES, run
from sim.tables import Fate
from tests.equivalence import naive
from tests.worlds import columns, facts, random_world, repr_world, world

WORLDS = 250  # a seed; 12 seeds make 3,000 worlds
TENTH = 8  # of the 80 seeds of 20,000 worlds: what is played before the long tests


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(12))
def test_an_engine_does_to_the_contact_what_the_contract_says(engine, seed):
    rng = np.random.default_rng(seed)
    for _ in range(WORLDS):
        drawn = random_world(rng)
        assert facts(run(drawn, engine)) == facts(naive.run(drawn)), repr_world(drawn)


@pytest.mark.parametrize(
    "seed",
    [
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 100 + TENTH)),
        *(pytest.param(seed, marks=pytest.mark.long) for seed in range(100 + TENTH, 180)),
    ],
)
def test_both_engines_give_20_000_random_worlds_the_same_outcome(seed):
    rng = np.random.default_rng(seed)
    for _ in range(WORLDS):
        drawn = random_world(rng)
        assert facts(run(drawn, "compiled")) == facts(run(drawn, "simpy")), repr_world(drawn)


def test_random_worlds_reach_every_fate_and_every_rule():
    rng = np.random.default_rng(0)
    seen, held_back, overtime, shed = set(), 0, 0, 0
    for _ in range(WORLDS):
        drawn = random_world(rng)
        outcome = run(drawn)
        seen |= set(outcome.fate.tolist())
        held_back += int(np.sum((outcome.begun > outcome.arrived) & (outcome.begun >= 0)))
        last_left = dict(zip(drawn.roster.agent.tolist(), outcome.left.tolist(), strict=True))
        overtime += sum(
            0 <= last_left.get(a, -1) < e
            for a, e in zip(outcome.agent.tolist(), outcome.ended.tolist(), strict=True)
        )
        shed += int(np.sum((outcome.fate == 4) & (outcome.ended > outcome.arrived)))
    assert seen == set(Fate)
    assert min(held_back, overtime, shed) >= 10


def test_a_printed_world_pasted_into_a_test_is_the_same_world():
    rng = np.random.default_rng(1)
    for _ in range(50):
        drawn = random_world(rng)
        pasted = eval(repr_world(drawn), {"world": world})
        assert columns(pasted) == columns(drawn)
