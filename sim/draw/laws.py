"""The laws of handle times and patience in one replication, by topic and by channel."""

from collections.abc import Iterable

import numpy as np

from sim.draw.durations import Laws
from sim.draw.streams import Dice
from sim.scenario.plan import Demand, Float, Law


def efforts_of(demand: Demand, topics: Iterable[int], dice: Dice) -> Laws:
    """The handle times of contacts about these topics."""
    names = demand.topic_names
    return {row: _law(f"topics.{names[row]}.handle_time.mean", names[row], demand.handle_time[row], dice) for row in topics}


def patiences_of(demand: Demand, channels: Iterable[int], dice: Dice) -> tuple[Laws, Float]:
    """How long customers wait on these channels, and by channel [h] the share that gives up at once."""
    laws: Laws = {}
    at_once = np.zeros(len(demand.channel_names))
    for row in channels:
        path, patience = f"channels.{demand.channel_names[row]}.patience", demand.patience[row]
        laws[row] = None
        if patience is not None:
            laws[row] = _law(f"{path}.mean", path, patience.law, dice)
            at_once[row] = dice.number(f"{path}.at_once", patience.at_once)
    return laws, at_once


def _law(path: str, name: str, law: Law, dice: Dice) -> tuple[str, Law, float]:
    return name, law, dice.number(path, law.mean)
