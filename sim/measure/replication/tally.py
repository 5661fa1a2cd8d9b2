"""Counts and sums of one world: how many cases came and were in time, and what became of every contact."""

from dataclasses import dataclass

import numpy as np

from sim.measure.replication.cases import NO_TIME, cases, clocks
from sim.measure.replication.contacts import ContactCounts, contact_counts, teams
from sim.measure.replication.flow import flow
from sim.measure.replication.intervals import count_into
from sim.measure.replication.origins import arrived_latent
from sim.measure.replication.slices import by_label, places, slices, totals
from sim.measures import PERCENTS
from sim.plan import Float, Lens
from sim.tables import Int32, Int64, Outcome, World
from sim.units import HOUR


@dataclass(frozen=True)
class Tally:
    """What one world adds up to, by promise, window, slice and period of arrival.

    Axes: q promises · u windows (whole hours from 0) · v slices · p periods · h channels · m teams.  Cases
    count where the contact that started their clock came, under its label; contacts where they came, under
    their own.
    """

    cases: Int32  # [q, u, v] judged cases in scope
    in_time: Int32  # [q, u, v] those of them that were in time
    cases_period: Int32  # [q, p]
    in_time_period: Int32  # [q, p]
    # [q, PERCENTS] ms on the clock over all judged cases, inf if it never stopped; NaN without cases
    times: Float
    # [q, PERCENTS] ms from the first contact to the last reply; NaN unless the clock is `solved`
    elapsed: Float
    contacts: ContactCounts
    teams: Int64  # [TEAM, m] contacts and ms, of those that came in the judged hours
    flow: Int32  # [ORIGINS, h, FATES] contacts of the judged hours: `flow`
    moves: Int32  # [h, h] contacts of the judged hours that moved from a channel to a channel


def tally(world: World, outcome: Outcome, lens: Lens) -> Tally:
    """Counts and sums for one world, by promise, window, slice and period.

    A case is in scope of a promise if one of its contacts that came is.  Its clock starts when the first such
    contact comes, and it is judged if that lies in lens.judged (from inclusive, to exclusive).  What in time
    means depends on the promise's clock:

    - first_reply: within `within` a human replied to any contact of the case, on any channel, at the start of
      the clock or after: to a live contact when it begins, to any other when it is answered.  A reply to a
      contact that came before the clock started counts too, if it comes after.
    - answered: every question of the case that was asked was answered by the horizon, at the first FINISH of
      any contact of it.  So a contact that is abandoned, blocked or merged is no miss if another contact of
      its question is answered; where no question is asked twice, every contact must be.  On its clock is the
      time to the last of these replies.
    - solved: as `answered`, and the time in which at least one contact of the case was waiting or in hand,
      from the start of the clock to the last of these replies, is at most `within`.

    Late, never answered, open at the horizon: all are misses.  Percentiles are the smallest time that so many
    percent of the judged cases do not exceed, with the never-answered (the never-solved) as longer than any.
    """
    assert world.playbook.horizon == lens.horizon, "a world is looked at through the lens it was drawn for"
    single, histories = cases(world, outcome, lens)
    periods, promises = -(-lens.horizon // lens.period), len(lens.promises)
    counted = [totals(lens, 2) for _ in lens.promises]  # late, in time
    by_period = np.zeros((promises, 2 * periods))
    times, elapsed = np.full((2, promises, len(PERCENTS)), np.nan)
    for row, promise in enumerate(lens.promises):
        clock_times = []
        for block in clocks(world, outcome, lens, promise, single, histories):
            in_time = block.time <= promise.within if promise.within >= 0 else block.time < NO_TIME
            count_into(counted[row], places(block.start, block.label, lens) * 2 + in_time)
            count_into(by_period[row], block.start // lens.period * 2 + in_time)
            clock_times.append((block.time, block.elapsed))
        times[row] = _percentiles([time for time, _ in clock_times])
        if promise.clock == "solved":
            elapsed[row] = _percentiles([to_last_reply for _, to_last_reply in clock_times])
    latent = arrived_latent(world.workload, outcome, lens)
    counts = contact_counts(world, outcome, lens, histories, latent)
    flows, moves = flow(world, outcome, lens, histories, latent, counts.counts)
    by_label_ = np.array([by_label(cases, lens, 2) for cases in counted])
    by_slice = slices(lens).gather(by_label_.reshape(promises, 2, -(-lens.horizon // HOUR), len(lens.labels)))
    late, in_time_ = by_slice.transpose(1, 0, 2, 3).astype(np.int32)
    return Tally(
        cases=late + in_time_,
        in_time=in_time_,
        cases_period=(by_period[:, 0::2] + by_period[:, 1::2]).astype(np.int32),
        in_time_period=by_period[:, 1::2].astype(np.int32),
        times=times,
        elapsed=elapsed,
        contacts=counts,
        teams=teams(world, outcome, lens, histories, latent).astype(np.int64),
        flow=flows.astype(np.int32),
        moves=moves.astype(np.int32),
    )


def _percentiles(parts: list[Int64]) -> Float:
    """The PERCENTS of all times [PERCENTS], inf where that is NO_TIME; NaN if there are none."""
    rest = np.concatenate(parts)
    times, percentiles = len(rest), np.full(len(PERCENTS), np.nan)
    for column, percent in enumerate(PERCENTS):
        if times:
            place = (percent * times + 99) // 100 - 1 - (times - len(rest))
            rest.partition(place)  # one by one: numpy is several times as slow for all at once
            rest = rest[place:]
            percentiles[column] = rest[0] if rest[0] < NO_TIME else np.inf
    return percentiles
