"""How far the agents on duty cover the work of each kind, if every agent helps wherever it can."""

import numpy as np

from sim.plan import Bool, Float
from sim.tables import Int32, Int64

UNIT = 1000  # parts of an agent that are distinguished


def uncovered(need: Float, able: Float, can: Bool) -> Float:
    """The agents [u, c] missing in each hour for each cell.

    need [u, c] agents, able [u, x] agents on duty, can [x, c] which cells they can serve.  As much as
    possible is covered; of the ways to do that, the one whose shares of need covered are the most even
    (lexicographically: Megiddo 1974).  So a cell is short only if every agent that can serve it is taken by
    cells at least as short as itself.
    """
    needs, ables = (np.round(UNIT * agents).astype(np.int32) for agents in (need, able))
    covered = np.array([_cover(*hour, can) for hour in zip(needs, ables, strict=True)]).reshape(need.shape)
    return np.asarray((needs - covered) / UNIT)


def _cover(need: Int32, able: Int32, can: Bool) -> Int32:
    """The most even cover [c] of needs in one hour, by decomposition (Fujishige 1980).

    All cells together are offered the same share of their need.  If that can't be done, the cells that can't
    have it keep every agent that can serve any of them, the other cells keep the rest, and both go on by
    themselves.
    """
    covered = np.zeros_like(need)
    parts = [(np.flatnonzero(need), np.flatnonzero(able))]
    while parts:
        cells, agents = parts.pop()
        agents = agents[can[np.ix_(agents, cells)].any(axis=1)]
        needed, available = int(need[cells].sum()), int(able[agents].sum())
        if not available:
            continue
        offer = need[cells].astype(np.int64) * min(available, needed) // needed
        starved = _starved(offer, able[agents], can[np.ix_(agents, cells)])
        if starved.any():
            theirs = can[np.ix_(agents, cells[starved])].any(axis=1)
            parts += [(cells[starved], agents[theirs]), (cells[~starved], agents[~theirs])]
        else:
            covered[cells] = offer
    return covered


def _starved(offer: Int64, able: Int32, can: Bool) -> Bool:
    """The cells [c] that together want more than all agents that can serve any of them.

    They are the sink's side of a minimal cut.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    agents, cells = can.shape
    if can.all():  # then the offer is within what there is
        return np.zeros(cells, bool)
    capacity = np.zeros((agents + cells + 2, agents + cells + 2), np.int32)  # source, agents, cells, sink
    capacity[0, 1 : agents + 1] = able
    capacity[1 : agents + 1, agents + 1 : -1] = np.minimum(able[:, None], offer) * can
    capacity[agents + 1 : -1, -1] = offer
    flow = maximum_flow(csr_array(capacity), 0, agents + cells + 1)
    if flow.flow_value == offer.sum():
        return np.zeros(cells, bool)
    given = flow.flow.toarray()[1 : agents + 1, agents + 1 : -1]
    # An agent with time left reaches every cell it can serve, and through a cell every agent that serves it
    # and could serve another.
    free = given.sum(axis=1) < able
    while True:
        reached = can[free].any(axis=0)
        more = free | (given[:, reached] > 0).any(axis=1)
        if (more == free).all():
            return np.asarray(~reached)
        free = more
