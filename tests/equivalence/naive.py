"""A third engine, too plain to be wrong: it looks at everything before every event.

It was written from the words of the contract in docs/engine.md, not from an engine.  It keeps no event list,
no queue and no list of free agents: from the facts so far it lists all that is due, does the first by
(time, turn, row), and starts again.
"""

from collections.abc import Iterator

from sim.tables import Fate, Outcome, Trigger, Turn, World
from tests.worlds import columns

Event = tuple[int, Turn, int]


def run(world: World) -> Outcome:
    """What happens in this world, by looking at everything again and again."""
    naive = Naive(world)
    while due := [event for event in naive.due() if event[0] < naive.horizon]:
        naive.happen(*min(due))
    return naive.outcome()


class Naive:
    def __init__(self, world: World) -> None:
        for name, value in columns(world).items():
            setattr(self, name, value)
        self.contact_type = self.type
        self.contacts = range(len(self.time))
        self.segments = range(len(self.start))
        self.arrived, self.begun, self.finish_due, self.ended, self.taken_by = (
            [-1] * len(self.time) for _ in range(5)
        )
        self.fate = [Fate.NEVER] * len(self.time)
        self.joined, self.left = [-1] * len(self.start), [-1] * len(self.start)
        self.limit = {}
        self.lines_done, self.overflow_done, self.declined = set(), set(), set()
        self.history = []  # agents in the order in which their number in hand changed, joining included

    def outcome(self) -> Outcome:
        return Outcome(self.arrived, self.begun, self.ended, self.taken_by, self.fate, self.joined, self.left)

    # The facts so far, read afresh each time.

    def waiting(self) -> list[int]:
        return [c for c in self.contacts if self.fate[c] == Fate.OPEN and self.begun[c] < 0]

    def in_hand(self, agent: int) -> int:
        return sum(self.taken_by[c] == agent and self.ended[c] < 0 for c in self.contacts)

    def held(self, channel: int) -> int:
        return sum(
            self.fate[c] == Fate.OPEN and self.channel[self.contact_type[c]] == channel for c in self.contacts
        )

    def on_duty(self, agent: int) -> bool:
        return any(self.agent[s] == agent and self.joined[s] >= 0 and self.left[s] < 0 for s in self.segments)

    def able(self, now: int, agent: int, contact: int) -> bool:
        group, kind = self.group[agent], self.contact_type[contact]
        return (
            self.on_duty(agent)
            and self.in_hand(agent) < self.slots[agent]
            and self.push[group][kind] >= 0
            and now - self.arrived[contact] >= self.after[group][kind]
        )

    def changed_last(self, agent: int) -> int:
        return max(place for place, changed in enumerate(self.history) if changed == agent)

    def due(self) -> Iterator[Event]:
        for c in self.contacts:
            if self.finish_due[c] >= 0 and self.ended[c] < 0:
                yield self.finish_due[c], Turn.FINISH, c
            if self.arrived[c] < 0 and self.parent[c] < 0 and c not in self.declined:
                yield self.time[c], Turn.ARRIVE, c
            if self.arrived[c] < 0 and c not in self.declined and (since := self.triggered(c)) >= 0:
                yield since + self.time[c], Turn.RETURN, c
        for s in self.segments:
            if self.joined[s] < 0:
                yield self.start[s], Turn.JOIN, s
            elif self.left[s] < 0:
                yield self.end[s], Turn.LEAVE, s
        for row, (time, _, _) in enumerate(self.lines):
            if row not in self.lines_done:
                yield time, Turn.LINES, row
        for c in self.waiting():
            if self.patience[c] >= 0:
                yield self.arrived[c] + self.patience[c], Turn.ABANDON, c
            kind = self.contact_type[c]
            for after in {row[kind] for g, row in enumerate(self.after) if self.push[g][kind] >= 0}:
                if after > 0 and (c, after) not in self.overflow_done:
                    yield self.arrived[c] + after, Turn.OVERFLOW, c

    def triggered(self, contact: int) -> int:
        """When the parent of a latent contact did what brings it, or -1."""
        parent = self.parent[contact]
        match self.trigger[contact]:
            case Trigger.ON_REPLY:
                return self.ended[parent] if self.fate[parent] == Fate.ANSWERED else -1
            case Trigger.ON_ABANDON:
                return self.ended[parent] if self.fate[parent] == Fate.ABANDONED else -1
            case Trigger.ON_BLOCK:
                return self.ended[parent] if self.fate[parent] == Fate.BLOCKED else -1
            case Trigger.ON_SILENCE:
                return self.arrived[parent]
        return -1

    def comes(self, contact: int) -> bool:
        odds = 2**32 - 1
        if self.reason[contact] >= 0:
            by_team = self.odds[self.reason[contact]]
            replied = self.trigger[contact] == Trigger.ON_REPLY
            odds = by_team[self.team[self.taken_by[self.parent[contact]]]] if replied else by_team[-1]
        if self.chance[contact] >= odds:
            return False
        return self.parent[contact] < 0 or not self.is_answered(contact)

    def is_answered(self, contact: int) -> bool:
        return any(
            self.fate[c] == Fate.ANSWERED and self.question[c] == self.question[contact]
            for c in self.contacts
        )

    def asked_by_another(self, contact: int) -> bool:
        return any(
            c != contact and self.fate[c] == Fate.OPEN and self.question[c] == self.question[contact]
            for c in self.contacts
        )

    # What happens.

    def happen(self, now: int, turn: Turn, row: int) -> None:
        match turn:
            case Turn.FINISH:
                self.ended[row], self.fate[row] = now, Fate.ANSWERED
                self.history.append(self.taken_by[row])
                self.take(now, self.taken_by[row])
            case Turn.LEAVE:
                self.left[row] = now
            case Turn.JOIN:
                self.joined[row] = now
                self.history.append(self.agent[row])
                self.take(now, self.agent[row])
            case Turn.LINES:
                self.lines_done.add(row)
                _, channel, limit = self.lines[row]
                self.limit[channel] = limit
                self.shed(now, channel, limit)
            case Turn.ARRIVE | Turn.RETURN:
                if not self.comes(row):
                    self.declined.add(row)
                    return
                self.arrived[row] = now
                channel = self.channel[self.contact_type[row]]
                limit = self.limit.get(channel, -1)
                if limit >= 0 and self.held(channel) >= limit:
                    self.ended[row], self.fate[row] = now, Fate.BLOCKED
                elif self.merge[row] < self.merge_odds[self.contact_type[row]] and self.asked_by_another(row):
                    self.ended[row], self.fate[row] = now, Fate.MERGED
                else:
                    self.fate[row] = Fate.OPEN
                    self.offer(now, row)
            case Turn.ABANDON:
                self.ended[row], self.fate[row] = now, Fate.ABANDONED
            case Turn.OVERFLOW:
                self.overflow_done.add((row, now - self.arrived[row]))
                self.offer(now, row)

    def shed(self, now: int, channel: int, limit: int) -> None:
        waiting = [c for c in self.waiting() if self.channel[self.contact_type[c]] == channel]
        waiting.sort(key=lambda c: (self.arrived[c], c))
        while limit >= 0 and self.held(channel) > limit and waiting:
            contact = waiting.pop()
            self.ended[contact], self.fate[contact] = now, Fate.BLOCKED

    def offer(self, now: int, contact: int) -> None:
        able = [agent for agent in range(self.agents) if self.able(now, agent, contact)]
        if able:
            kind = self.contact_type[contact]
            self.begin(
                now,
                contact,
                min(
                    able,
                    key=lambda agent: (
                        self.push[self.group[agent]][kind],
                        self.in_hand(agent),
                        self.changed_last(agent),
                    ),
                ),
            )

    def take(self, now: int, agent: int) -> None:
        def order(contact: int) -> tuple[int, ...]:
            kind, arrived = self.contact_type[contact], self.arrived[contact]
            overdue = self.fresh_first and self.within[kind] >= 0 and now - arrived > self.within[kind]
            pull = self.pull[self.group[agent]][kind]
            return self.urgency[kind], overdue, pull, arrived + self.allowance[kind], arrived, contact

        while able := [contact for contact in self.waiting() if self.able(now, agent, contact)]:
            self.begin(now, min(able, key=order), agent)

    def begin(self, now: int, contact: int, agent: int) -> None:
        self.begun[contact], self.taken_by[contact] = now, agent
        self.history.append(agent)
        crowding = self.crowding[self.team[agent]]
        kind = self.contact_type[contact]
        handle_time = self.duplicate_effort[kind] if self.is_answered(contact) else self.effort[contact]
        handle_time = max(
            1, (handle_time * self.pace[self.group[agent]][self.contact_type[contact]] + 500) // 1000
        )
        with_this_one = self.in_hand(agent)
        factor = crowding[with_this_one - 1] if with_this_one <= len(crowding) else crowding[-1]
        handle_time = max(1, (handle_time * factor + 500) // 1000)
        self.finish_due[contact] = now + handle_time
