"""Where the contacts of one world came from and what became of them, channel by channel."""

import numpy as np

from sim.habits import ORIGINS, Origin
from sim.measure.replication.cases import Histories
from sim.measure.replication.contacts import COUNTS
from sim.measure.replication.intervals import count_into
from sim.measure.replication.origins import Arrived, channels, origins
from sim.measure.replication.slices import slices
from sim.measure.replication.windows import in_judged_hours
from sim.plan import Float, Lens
from sim.tables import Fate, Int32, Outcome, World

FATES = (  # in words
    "answered",
    "answered again",
    "merged",
    "abandoned",
    "blocked",
    "open",
    "self-service",
    "closed",
)
ANSWERED, AGAIN = FATES.index("answered"), FATES.index("answered again")
_OF_FATE = np.array([FATES.index(name) if (name := fate.name.lower()) in FATES else 0 for fate in Fate])


def flow(
    world: World, outcome: Outcome, lens: Lens, histories: Histories, latent: Arrived, counts: Int32
) -> tuple[Float, Float]:
    """Contacts of the judged hours by [ORIGINS, h, FATES]; and moves by [h, h], from channel and to channel.

    counts: those of `ContactCounts`.  A contact that self-service or a closed channel kept away never came;
    it counts as from outside.  "Answered again" is a contact answered although its question already was:
    wasted work.
    """
    labels, kinds, workload = len(lens.labels), len(FATES), world.workload
    names = [name.replace("-", "_") for name in FATES]
    by_fate = np.stack(
        [counts[COUNTS.index(name)] if name in COUNTS else np.zeros(labels) for name in names], axis=1
    )
    counted = np.zeros(len(ORIGINS) * labels * kinds)
    judged = in_judged_hours(outcome.arrived[latent.row], lens)
    row, origin = latent.row[judged], latent.origin[judged].astype(np.int64)
    count_into(counted, (origin * labels + workload.label[row]) * kinds + _OF_FATE[outcome.fate[row]])
    by_label = counted.reshape(len(ORIGINS), labels, kinds)
    by_label[Origin.OUTSIDE] = by_fate - by_label.sum(axis=0)

    again = histories.row[histories.again & in_judged_hours(histories.arrived, lens)]
    place = (origins(workload, lens, again).astype(np.int64) * labels + workload.label[again]) * kinds
    for fate, more in ((AGAIN, 1.0), (ANSWERED, -1.0)):
        by_label += more * np.bincount(place + fate, minlength=by_label.size).reshape(by_label.shape)

    of_channel = slices(lens).rows("channel")
    by_channel = slices(lens).gather(by_label.transpose(0, 2, 1))[..., of_channel].transpose(0, 2, 1)
    moved = latent.moved & judged
    before, after = (channels(workload, lens, rows[moved]) for rows in (latent.parent, latent.row))
    moves = np.zeros((len(of_channel),) * 2)
    np.add.at(moves, (before, after), 1)
    return by_channel, moves
