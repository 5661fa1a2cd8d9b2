"""What the answers of each team led to, over the contacts that came in the judged hours."""

import numpy as np

from sim.measure.blocks import blocks, count_into
from sim.measure.clocks import Histories
from sim.measure.hours import in_judged_hours
from sim.measure.origins import Latent, Origin
from sim.scenario.plan import Float, Lens
from sim.tables import Fate, Int32, Int64, Outcome, World

TEAM = (
    "answered",  # contacts that the team answered
    "handled",  # ms, of these
    "wasted",  # ms, of those of them whose question had been answered
    "followed_up",  # of those answered, those that drew the next question
    "first",  # of those answered, those that were the first of their case
    "solved_first",  # of these, those that were the only one
)


def teams(world: World, outcome: Outcome, lens: Lens, histories: Histories, came: Latent) -> Float:
    """What TEAM counts and sums [TEAM, m], by the team that answered."""

    def by_team(agent: Int32, weights: Int64 | None = None) -> Float:
        return np.bincount(world.roster.team[agent], weights, len(lens.teams)).astype(np.float64)

    answered, handled = np.zeros((2, world.roster.agents + 1))  # by agent, after those of nobody
    for block in blocks(world.workload.n):
        arrived, begun, ended = outcome.arrived[block], outcome.begun[block], outcome.ended[block]
        agent = (outcome.agent[block] + 1) * ((outcome.fate[block] == Fate.ANSWERED) & in_judged_hours(arrived, lens))
        count_into(answered, agent)
        count_into(handled, agent, ended - begun)
    whole, time = (np.bincount(world.roster.team, column[1:], len(lens.teams)) for column in (answered, handled))

    mine = (outcome.fate[histories.row] == Fate.ANSWERED) & in_judged_hours(histories.arrived, lens)
    again = histories.row[mine & histories.again]
    parent = came.parent[came.origin == Origin.FOLLOW_UP]
    several = by_team(outcome.agent[histories.row[mine]])
    first = histories.first[mine[histories.first]]
    return np.array([
        whole,
        time,
        by_team(outcome.agent[again], outcome.ended[again] - outcome.begun[again]),
        by_team(outcome.agent[parent[in_judged_hours(outcome.arrived[parent], lens)]]),
        whole - several + by_team(outcome.agent[histories.row[first]]),
        whole - several,
    ])  # fmt: skip
