"""Where contacts come from: from outside, or from the contact that triggered a latent one."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.plan import DIMENSIONS, Bool, Lens
from sim.tables import Fate, Int8, Int32, Outcome, Trigger, Workload

Rows = NDArray[np.intp] | Int32


class Origin(IntEnum):
    """What a contact is to the customer."""

    OUTSIDE = 0  # about something new
    FOLLOW_UP = 1  # the next question of the same case, after a reply
    REDIAL = 2  # after an abandoned or blocked contact, on the same channel
    MOVE = 3  # after an abandoned or blocked contact, on another channel
    NUDGE = 4  # a customer who is still unanswered writes again, on any channel
    BYSTANDER = 5  # another customer's post, drawn by an unanswered one


ORIGINS = ("outside", "follow-up", "redial", "move", "nudge", "bystander")  # in words
_BY_TRIGGER = np.zeros(len(Trigger), np.int8)
_BY_TRIGGER[Trigger.ON_REPLY] = Origin.FOLLOW_UP
_BY_TRIGGER[[Trigger.ON_ABANDON, Trigger.ON_BLOCK]] = Origin.REDIAL
_BY_TRIGGER[Trigger.ON_SILENCE] = Origin.NUDGE


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
    return np.asarray((origin >= Origin.REDIAL) & (origin <= Origin.NUDGE))


def origins(workload: Workload, lens: Lens, row: Rows) -> Int8:
    """The Origin [x] of the contacts in these rows [x], whether they came or not."""
    origin = _BY_TRIGGER[workload.trigger[row]]
    parent = workload.parent[row]  # -1, the last contact, if it is from outside: does no harm
    origin[
        (origin == Origin.REDIAL) & (channels(workload, lens, row) != channels(workload, lens, parent))
    ] = Origin.MOVE
    origin[(origin == Origin.NUDGE) & (workload.case[row] != workload.case[parent])] = Origin.BYSTANDER
    return origin


def channels(workload: Workload, lens: Lens, row: Rows) -> Int32:
    """The channels [x], rows of lens.channels, of the contacts in these rows [x]."""
    return np.asarray(lens.labels[workload.label[row], DIMENSIONS.index("channel")])
