"""The reference engine: the engine's contract in SimPy, written to be read aloud.

What lives through time is a process: the contacts from outside, a segment of duty, a change of lines.  What
happens to one contact is called back at its moment.  Moments of one instant go by (turn, row), never by
insertion: each is scheduled with the one integer priority 2 + (turn << 40 | row), behind SimPy's own 0 and 1
(processes start and end), which decide nothing.  Which agent takes which contact is decided inside one
moment; no Store, Resource, condition or interrupt has a say.

Where the contract (docs/engine.md) can be read in two ways, this is how it is read:
- Contacts in hand from an earlier segment fill slots, and count in (push, contacts in hand) and crowding like
  any other.
- A limit of lines is looked at before agents: a contact may be BLOCKED while an agent is free.  Contacts in
  hand are never cut off, so a channel can hold more than a lowered limit; a raised limit lets in no contact
  that was BLOCKED.
- A latent contact takes nothing from its parent but the instant: type, effort and patience are those of its
  own row.
- Whether a latent contact still comes is asked of its own question.  So a bystander's post, which has a
  question of its own, comes even if the post that drew it is answered by then.
- A contact that does not come (thinned, or its question answered) is NEVER, and none of its children comes.
- Lines are looked at before repeats: a repeat that would be recognised is BLOCKED where its channel is full.
- A contact that is in hand when its question is first answered keeps the handle time it began with.
- LINES naming a channel that no type uses change nothing.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Generator, Iterator
from heapq import heappop, heappush
from itertools import count

import numpy as np
import simpy
from simpy.events import EventPriority

from sim.tables import NEVER, Fate, Outcome, Trigger, Turn, World

NO_LIMIT = -1
OFF_DUTY = -1  # no change has this number, so no agent with it is found free

Process = Generator[simpy.Event, None, None]
Queue = OrderedDict[int, None]  # contacts by (arrived, row), which is the order in which they come


def run(world: World) -> Outcome:
    """What happens in this world, by SimPy."""
    hub = Hub(world)
    hub.env.run()
    return hub.outcome()


class Hub:
    """The customer-care hub: contacts waiting and in hand, agents on duty, lines held."""

    def __init__(self, world: World) -> None:
        workload, roster, routing = world.workload, world.roster, world.routing
        self.env = simpy.Environment()
        self.horizon = world.playbook.horizon

        # Lists of int: an element of an array costs many times as much, and its arithmetic can overflow.
        self.time, self.type = workload.time.tolist(), workload.type.tolist()
        self.effort, self.patience = workload.effort.tolist(), workload.patience.tolist()
        self.question, self.trigger = workload.question.tolist(), workload.trigger.tolist()
        self.reason, self.chance, self.merge = (
            workload.reason.tolist(),
            workload.chance.tolist(),
            workload.merge.tolist(),
        )
        self.parent = workload.parent.tolist()
        latent = range(workload.outside, workload.n)
        self.child = {(self.parent[contact], self.trigger[contact]): contact for contact in latent}
        self.group, self.team, self.slots = roster.group.tolist(), roster.team.tolist(), roster.slots.tolist()
        self.push, self.pull = routing.push.tolist(), routing.pull.tolist()
        self.after, self.pace = routing.after.tolist(), routing.pace.tolist()
        self.urgency, self.allowance = routing.urgency.tolist(), routing.allowance.tolist()
        self.within, self.fresh_first = routing.within.tolist(), routing.fresh_first
        self.channel, self.crowding = routing.channel.tolist(), routing.crowding.tolist()
        self.odds, self.merge_odds = routing.odds.tolist(), routing.merge_odds.tolist()
        self.duplicate_effort = routing.duplicate_effort.tolist()
        groups, types = range(len(self.push)), range(len(self.urgency))
        self.groups_for = [[group for group in groups if self.push[group][type_] >= 0] for type_ in types]
        self.types_for = [[type_ for type_ in types if self.push[group][type_] >= 0] for group in groups]
        self.overflows = [sorted({self.after[g][k] for g in self.groups_for[k]} - {0}) for k in types]

        self.queues: list[tuple[Queue, Queue]] = [
            (OrderedDict(), OrderedDict()) for _ in types
        ]  # fresh, overdue
        self.held: Counter[int] = Counter()  # contacts waiting or in hand, by channel
        self.asking: Counter[int] = Counter()  # contacts waiting or in hand, by question
        self.answered: set[int] = set()  # questions of which a contact was finished
        self.limit: dict[int, int] = {}  # most contacts held, by channel
        self.on_duty = [False] * roster.agents
        self.in_hand = [0] * roster.agents
        self.changes = count()
        self.changed = [OFF_DUTY] * roster.agents  # number of the latest change of in_hand, joining included
        self.free: list[list[tuple[int, int, int]]] = [
            [] for _ in groups
        ]  # heaps of (in hand, changed, agent)

        self.arrived, self.begun, self.ended, self.agent = ([NEVER] * workload.n for _ in range(4))
        self.fate = [Fate.NEVER] * workload.n
        self.joined, self.left = [NEVER] * roster.segments, [NEVER] * roster.segments

        self.env.process(self.outside(workload.outside))
        duties = zip(roster.agent.tolist(), roster.start.tolist(), roster.end.tolist(), strict=True)
        for segment, (agent, start, end) in enumerate(duties):
            self.env.process(self.duty(segment, agent, start, end))
        for row, (time, channel, limit) in enumerate(routing.lines.tolist()):
            self.env.process(self.lines(row, time, channel, limit))

    @property
    def now(self) -> int:
        """The present instant, ms: whole, because every delay is."""
        return int(self.env.now)

    def outcome(self) -> Outcome:
        """The tables of what happened so far."""
        columns = (self.arrived, self.begun, self.ended, self.agent, self.fate, self.joined, self.left)
        return Outcome(*(np.array(column) for column in columns))

    def at(self, time: int, turn: Turn, row: int) -> simpy.Event:
        """The moment to wait for; what is due at the horizon or later never comes."""
        moment = simpy.Event(self.env)
        if time < self.horizon:
            moment._ok, moment._value = True, None  # triggered as it is made, like a Timeout
            self.env.schedule(moment, EventPriority(2 + (turn << 40 | row)), time - self.env.now)
        return moment

    def when(self, time: int, turn: Turn, row: int, act: Callable[[int], None]) -> None:
        """At that moment, act on the row."""
        self.at(time, turn, row).callbacks.append(lambda _: act(row))

    # Processes: each waits for its moments and says what happens then.

    def duty(self, segment: int, agent: int, start: int, end: int) -> Process:
        """An agent's segment of duty; its end lets the contacts in hand finish."""
        yield self.at(start, Turn.JOIN, segment)
        self.joined[segment] = start
        self.on_duty[agent] = True
        self.change_in_hand(agent, 0)
        self.fill(agent)
        yield self.at(end, Turn.LEAVE, segment)
        self.left[segment] = end
        self.on_duty[agent] = False
        self.changed[agent] = OFF_DUTY

    def lines(self, row: int, time: int, channel: int, limit: int) -> Process:
        """A new limit on what a channel holds: contacts that wait are blocked, latest first."""
        yield self.at(time, Turn.LINES, row)
        self.limit[channel] = limit
        while 0 <= limit < self.held[channel] and (contact := self.latest_waiting(channel)) != NEVER:
            self.leave_queue(contact)
            self.block(contact)

    def outside(self, contacts: int) -> Process:
        """The contacts from outside, one after the other."""
        for contact in range(contacts):
            yield self.at(self.time[contact], Turn.ARRIVE, contact)
            self.come(contact)

    # What happens to a contact at its moments.

    def finish(self, contact: int) -> None:
        """FINISH: the contact and its question are answered; its agent, if on duty, takes the next."""
        agent = self.agent[contact]
        self.close(contact, Fate.ANSWERED)
        self.answered.add(self.question[contact])
        self.set_off(contact, Trigger.ON_REPLY)
        self.change_in_hand(agent, -1)
        if self.on_duty[agent]:
            self.fill(agent)

    def abandon(self, contact: int) -> None:
        """ABANDON: patience is over, if the contact still waits."""
        if self.is_waiting(contact):
            self.leave_queue(contact)
            self.close(contact, Fate.ABANDONED)
            self.set_off(contact, Trigger.ON_ABANDON)

    def overflow(self, contact: int) -> None:
        """OVERFLOW: a contact that still waits takes an agent as if it just came."""
        if self.is_waiting(contact) and (agent := self.agent_for(contact)) != NEVER:
            self.leave_queue(contact)
            self.begin(contact, agent)

    # Decisions, each within one moment.

    def come(self, contact: int) -> None:
        """A contact comes, if it does: it is blocked or merged, else it takes an agent, else it waits."""
        if not self.does_come(contact):
            return
        type_ = self.type[contact]
        channel, question = self.channel[type_], self.question[contact]
        self.arrived[contact] = now = self.now
        self.set_off(contact, Trigger.ON_SILENCE)
        self.held[channel] += 1
        self.asking[question] += 1
        if 0 <= self.limit.get(channel, NO_LIMIT) < self.held[channel]:
            self.block(contact)
            return
        if self.merge[contact] < self.merge_odds[type_] and self.asking[question] > 1:
            self.close(contact, Fate.MERGED)
            return
        self.fate[contact] = Fate.OPEN
        if (agent := self.agent_for(contact)) != NEVER:
            self.begin(contact, agent)
            return
        self.queues[type_][0][contact] = None
        if self.patience[contact] != NEVER:
            self.when(now + self.patience[contact], Turn.ABANDON, contact, self.abandon)
        for after in self.overflows[type_]:
            self.when(now + after, Turn.OVERFLOW, contact, self.overflow)

    def does_come(self, contact: int) -> bool:
        """Whether the odds of its reason let it come and, if it is latent, its question is unanswered."""
        reason, latent = self.reason[contact], self.trigger[contact] != Trigger.NONE
        if reason != NEVER:
            replied = (
                self.team[self.agent[self.parent[contact]]]
                if self.trigger[contact] == Trigger.ON_REPLY
                else -1
            )
            if self.chance[contact] >= self.odds[reason][replied]:
                return False
        return not (latent and self.question[contact] in self.answered)

    def agent_for(self, contact: int) -> int:
        """The able agent with the lowest (push, contacts in hand), then changed longest ago; or NEVER."""
        type_ = self.type[contact]
        waited = self.now - self.arrived[contact]
        able = [
            (self.push[group][type_], *free)
            for group in self.groups_for[type_]
            if waited >= self.after[group][type_] and (free := self.first_free(group))
        ]
        return min(able)[-1] if able else NEVER

    def contact_for(self, group: int) -> int:
        """The contact that an agent of the group takes next, or NEVER.

        It is the one with the lowest (urgency, overdue, pull, deadline, arrived, row).
        """
        now = self.now
        able = [
            (
                self.urgency[type_],
                overdue,
                self.pull[group][type_],
                arrived + self.allowance[type_],
                arrived,
                contact,
            )
            for type_ in self.types_for[group]
            for overdue, contact in self.heads(type_)
            if now - (arrived := self.arrived[contact]) >= self.after[group][type_]
        ]
        return min(able)[-1] if able else NEVER

    def fill(self, agent: int) -> None:
        """An agent takes contacts one by one until it is full or none is left for it."""
        while (
            self.in_hand[agent] < self.slots[agent]
            and (contact := self.contact_for(self.group[agent])) != NEVER
        ):
            self.leave_queue(contact)
            self.begin(contact, agent)

    def begin(self, contact: int, agent: int) -> None:
        """The agent takes the contact in hand; its handle time is fixed now."""
        self.change_in_hand(agent, +1)
        self.begun[contact], self.agent[contact] = self.now, agent
        pace = self.pace[self.group[agent]][self.type[contact]]
        crowding = self.crowding[self.team[agent]]
        answered = self.question[contact] in self.answered
        handle_time = self.duplicate_effort[self.type[contact]] if answered else self.effort[contact]
        for factor in (pace, crowding[min(self.in_hand[agent], len(crowding)) - 1]):
            handle_time = max(1, (handle_time * factor + 500) // 1000)
        self.when(self.now + handle_time, Turn.FINISH, contact, self.finish)

    def block(self, contact: int) -> None:
        """The contact finds no line, or loses the one it held."""
        self.close(contact, Fate.BLOCKED)
        self.set_off(contact, Trigger.ON_BLOCK)

    def close(self, contact: int, fate: Fate) -> None:
        """The contact is over and frees its line."""
        self.fate[contact], self.ended[contact] = fate, self.now
        self.held[self.channel[self.type[contact]]] -= 1
        self.asking[self.question[contact]] -= 1

    def set_off(self, contact: int, trigger: Trigger) -> None:
        """The contact's child on this trigger will come, its delay from now."""
        if (child := self.child.get((contact, trigger), NEVER)) != NEVER:
            self.when(self.now + self.time[child], Turn.RETURN, child, self.come)

    # What waits and who is free.

    def is_waiting(self, contact: int) -> bool:
        """Whether it came, has not begun and is not over."""
        return self.fate[contact] == Fate.OPEN and self.begun[contact] == NEVER

    def leave_queue(self, contact: int) -> None:
        """Take the contact out of the queue it waits in."""
        fresh, overdue = self.queues[self.type[contact]]
        del (fresh if contact in fresh else overdue)[contact]

    def heads(self, type_: int) -> Iterator[tuple[bool, int]]:
        """(overdue, the longest waiting contact) of the type; overdue only where fresh contacts go first."""
        fresh, overdue = self.queues[type_]
        if self.fresh_first and self.within[type_] != NEVER:
            while fresh and self.now - self.arrived[head := next(iter(fresh))] > self.within[type_]:
                del fresh[head]
                overdue[head] = None
        if fresh:
            yield False, next(iter(fresh))
        if overdue:
            yield True, next(iter(overdue))

    def latest_waiting(self, channel: int) -> int:
        """The waiting contact of the channel with the highest (arrived, row), or NEVER."""
        tails = [
            next(reversed(queue))
            for type_, queues in enumerate(self.queues)
            if self.channel[type_] == channel
            for queue in queues
            if queue
        ]
        return max(tails, key=lambda contact: (self.arrived[contact], contact), default=NEVER)

    def change_in_hand(self, agent: int, by: int) -> None:
        """Numbers the change and lists the agent, if free, under that number; joining is a change by 0."""
        self.in_hand[agent] += by
        self.changed[agent] = change = next(self.changes)
        if self.on_duty[agent] and self.in_hand[agent] < self.slots[agent]:
            heappush(self.free[self.group[agent]], (self.in_hand[agent], change, agent))

    def first_free(self, group: int) -> tuple[int, int, int] | None:
        """(in hand, changed, agent) of the group's first free agent; outdated entries are dropped."""
        free = self.free[group]
        while free and free[0][1] != self.changed[free[0][2]]:
            heappop(free)
        return free[0] if free else None
