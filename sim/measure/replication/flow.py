"""Where the contacts of one world came from and what became of them, channel by channel."""

import numpy as np

from sim.measure.replication.cases import Histories
from sim.measure.replication.contacts import COUNTS
from sim.measure.replication.intervals import count_into
from sim.measure.replication.origins import ORIGINS, Latent, Origin, channels, origins
from sim.measure.replication.slices import slices
from sim.measure.replication.windows import in_judged_hours
from sim.plan import Float, Lens
from sim.tables import Fate, Int32, Outcome, World

FATES = (
    "answered",
    "answered again",
    "merged",
    "abandoned",
    "blocked",
    "open",
    "self-service",
    "closed",
)  # in words
ANSWERED, AGAIN = FATES.index("answered"), FATES.index("answered again")
_OF_FATE = np.array([FATES.index(name) if (name := fate.name.lower()) in FATES else 0 for fate in Fate])


def flow(
    world: World, outcome: Outcome, lens: Lens, histories: Histories, came: Latent, counts: Int32
) -> tuple[Float, Float]:
    """Contacts of the judged hours by [ORIGINS, h, FATES], and those that moved by [h, h], from channel and
    to channel.

    counts: those of `Contacts`.  Who stayed away never came: self-service or a closed channel kept it, and it
    is from outside. Answered again is who was answered when its question already was: wasted work.
    """
    labels, kinds, workload = len(lens.labels), len(FATES), world.workload
    names = [name.replace("-", "_") for name in FATES]
    whole = np.stack(
        [counts[COUNTS.index(name)] if name in COUNTS else np.zeros(labels) for name in names], axis=1
    )
    counted = np.zeros(len(ORIGINS) * labels * kinds)
    here = in_judged_hours(outcome.arrived[came.row], lens)
    latent, origin = came.row[here], came.origin[here].astype(np.int64)
    count_into(counted, (origin * labels + workload.label[latent]) * kinds + _OF_FATE[outcome.fate[latent]])
    found = counted.reshape(len(ORIGINS), labels, kinds)
    found[Origin.OUTSIDE] = whole - found.sum(axis=0)

    again = histories.row[histories.again & in_judged_hours(histories.arrived, lens)]
    place = (origins(workload, lens, again).astype(np.int64) * labels + workload.label[again]) * kinds
    for fate, more in ((AGAIN, 1.0), (ANSWERED, -1.0)):
        found += more * np.bincount(place + fate, minlength=found.size).reshape(found.shape)

    of_channel = slices(lens).rows("channel")
    by_channel = slices(lens).gather(found.transpose(0, 2, 1))[..., of_channel].transpose(0, 2, 1)
    moved = came.moved & here
    moves = np.zeros((len(of_channel),) * 2)
    np.add.at(
        moves, (channels(workload, lens, came.parent[moved]), channels(workload, lens, came.row[moved])), 1
    )
    return by_channel, moves
