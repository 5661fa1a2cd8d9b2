"""The world that a plan, a seed and the number of a replication give."""

import pickle
from collections.abc import Iterator, Sequence

import numpy as np

from sim.draw.demand import draw_demand
from sim.draw.rng import number
from sim.draw.supply import Supply, draw_supply
from sim.plan import Plan
from sim.tables import NEVER, Playbook, Routing, Uint32, Workload, World, permille, threshold


def draw_world(plan: Plan, seed: int, replication: int, surge: float = 1.0) -> World:
    """The world of one replication at `surge` times the demand: all chance drawn, nothing simulated yet."""
    return _world(plan, draw_demand(plan.demand, seed, replication, surge), seed, replication)


def draw_together(plans: Sequence[Plan], seed: int, replication: int, surge: float = 1.0) -> Iterator[World]:
    """The worlds of one replication of several plans; plans with equal demand share their customers.

    Each world is the one that `draw_world` makes.  Most of the work is to draw the customers, so plans that
    differ in staff alone cost little more than one.
    """
    drawn: dict[bytes, Workload] = {}
    for plan in plans:
        demand = pickle.dumps(plan.demand)  # equal demand made twice the same way is the same bytes
        if demand not in drawn:
            drawn[demand] = draw_demand(plan.demand, seed, replication, surge)
        yield _world(plan, drawn[demand], seed, replication)


def _world(plan: Plan, workload: Workload, seed: int, replication: int) -> World:
    supply = draw_supply(plan.teams, plan.lens.languages, plan.demand.days, seed, replication)
    return World(
        workload=workload,
        roster=supply.roster,
        routing=_routing(plan, supply, seed, replication),
        playbook=Playbook(plan.horizon),
    )


def _odds(plan: Plan, seed: int, replication: int) -> Uint32:
    """[reasons, m + 1] thresholds: nobody comes who stays away; follow-ups by the team that replied."""
    odds = np.zeros((len(plan.lens.reasons), len(plan.teams) + 1), np.uint32)
    for habit in plan.demand.habits.follow_ons:
        if habit.reason >= 0:
            odds[habit.reason, :-1] = [
                threshold(number(seed, replication, path, share)) for path, share in habit.shares
            ]
    return odds


def _routing(plan: Plan, supply: Supply, seed: int, replication: int) -> Routing:
    """The rules of each group's team, for the languages the group speaks."""
    rules, team = plan.rules, supply.group_team
    speaks = supply.group_speaks[:, rules.language]
    pace = [permille(number(seed, replication, f"teams.{item.name}.pace", item.pace)) for item in plan.teams]
    recognised = [number(seed, replication, path, share) for path, share in rules.recognised]
    merge_odds = np.array([threshold(share) for share in recognised], np.uint32)
    return Routing(
        push=np.where(speaks, rules.push[team], NEVER),
        pull=rules.pull[team],
        after=rules.after[team],
        pace=np.repeat(np.array(pace, np.int64)[team][:, None], len(rules.language), axis=1),
        urgency=rules.urgency,
        allowance=rules.allowance,
        within=rules.within,
        channel=rules.channel,
        merge_odds=merge_odds[rules.channel],
        duplicate_effort=rules.duplicate_effort,
        odds=_odds(plan, seed, replication),
        crowding=rules.crowding,
        lines=rules.lines,
        fresh_first=rules.fresh_first,
    )
