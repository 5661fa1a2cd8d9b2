"""Where contacts come from: from outside, or from the contact that triggered a latent one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.habits import HABITS, Origin
from sim.plan import DIMENSIONS, Bool, Lens
from sim.tables import Fate, Int8, Int32, Outcome, Trigger, Workload

Rows = NDArray[np.intp] | Int32


# [Trigger, whether in a case of its own, whether on another channel] the Origin of a contact.
_ORIGIN = np.zeros((len(Trigger), 2, 2), np.int8)
for _habit in HABITS:
    for _trigger in _habit.triggers:
        _ORIGIN[_trigger, int(_habit.new_case)] = _habit.origin, _habit.elsewhere
_REPEATS = np.zeros(len(Origin), np.bool_)
for _habit in HABITS:
    _REPEATS[[_habit.origin, _habit.elsewhere]] = not _habit.new_question


@dataclass(frozen=True)
class Arrived:
    """The latent contacts that came, x in all, by row."""

    row: NDArray[np.intp]  # [x]
    parent: Int32  # [x] row of the contact that triggered it
    origin: Int8  # [x] Origin
    moved: Bool  # [x] whether it repeats its parent's question on another channel


def arrived_latent(workload: Workload, outcome: Outcome, lens: Lens) -> Arrived:
    """The latent contacts that came, and their origin."""
    row = np.flatnonzero(outcome.fate[workload.outside :] != Fate.NEVER) + workload.outside
    parent, origin = workload.parent[row], origins(workload, lens, row)
    elsewhere = channels(workload, lens, row) != channels(workload, lens, parent)
    return Arrived(row, parent, origin, repeats(origin) & elsewhere)


def repeats(origin: Int8) -> Bool:
    """Whether an Origin, of any shape, repeats the question of its parent."""
    return np.asarray(_REPEATS[origin])


def origins(workload: Workload, lens: Lens, row: Rows) -> Int8:
    """The Origin [x] of the contacts in these rows [x], whether they came or not."""
    parent = workload.parent[row]  # -1, the last contact, if it is from outside: does no harm
    own_case = workload.case[row] != workload.case[parent]
    elsewhere = channels(workload, lens, row) != channels(workload, lens, parent)
    return np.asarray(_ORIGIN[workload.trigger[row], own_case.view(np.int8), elsewhere.view(np.int8)])


def channels(workload: Workload, lens: Lens, row: Rows) -> Int32:
    """The channels [x], rows of lens.channels, of the contacts in these rows [x]."""
    return np.asarray(lens.labels[workload.label[row], DIMENSIONS.index("channel")])
