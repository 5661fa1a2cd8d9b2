"""Would the tests see it?  One token of an engine changed, and a fixed battery of tiny worlds must tell.

The compiled engine runs as plain Python, where an index out of bounds and an overflow are errors too.
"""

from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sim.engine import run
from sim.tables import World
from tests.equivalence.test_small_worlds import PLANES, STEP, returns
from tests.worlds import facts, random_world, repr_world, world

RANDOM = 1500  # worlds
ENGINES = Path(find_spec("sim.engine").origin)
COMPILED, REFERENCE = (ENGINES.with_name(name).read_text() for name in ("compiled.py", "reference.py"))
assert "from numba import njit\n" in COMPILED
PLAIN = COMPILED.replace("from numba import njit\n", "def njit(**_):\n    return lambda function: function\n")
UNCOMPILED = PLAIN.replace("PAGE_OF = 8 ", "PAGE_OF = 1 ")  # so that a tiny world has several pages

COMPILED_MUTANTS = {
    "finishes of one instant go by time alone": (
        "(other == time and heap[u(2 * place + 1)] < key)",
        "(other == time and heap[u(2 * place + 1)] > key)",
    ),
    "a heap's second child is not looked at": ("earlier(heap, child + 1, heap", "earlier(heap, child, heap"),
    "an arrival goes before all of its instant": (
        "(finishes, scheduled):",
        "(finishes, scheduled) and now < arrives:",
    ),
    "a join goes before a leave": ("LEAVE, JOIN, LINES = 1, 2, 3", "LEAVE, JOIN, LINES = 2, 1, 3"),
    "lines are set before a join": ("LEAVE, JOIN, LINES = 1, 2, 3", "LEAVE, JOIN, LINES = 1, 2, 0"),
    "who finishes after leaving takes the next": ("if s.on_duty[u(key & 0xFFFFFFFF)]:", "if True:"),
    "what is due at the horizon happens: finish": ("if now + time < p.horizon", "if now + time <= p.horizon"),
    "what is due at the horizon happens: abandon": (
        "< s.until[u(contact)] < p.horizon",
        "< s.until[u(contact)] <= p.horizon",
    ),
    "what is due at the horizon happens: arrive": (
        "np.searchsorted(workload.time[:outside], horizon)",
        "np.searchsorted(workload.time[:outside], horizon + 1)",
    ),
    "what is due at the horizon happens: overflow": ("+ after < p.horizon", "+ after <= p.horizon"),
    "what is due at the horizon happens: return": ("if due < p.horizon:", "if due <= p.horizon:"),
    "what is due at the horizon happens: abandon from a line": (
        "if due < p.horizon and (p.line",
        "if due <= p.horizon and (p.line",
    ),
    "what is due at the horizon happens: schedule": ("events[:, 0] < horizon", "events[:, 0] <= horizon"),
    "patience over now is gone for who finishes": (
        "] < now:\n            contact = s.next",
        "] <= now:\n            contact = s.next",
    ),
    "patience over now is not gone in overflow": (
        "s.until[u(contact)] <= s.arrived",
        "s.until[u(contact)] < s.arrived",
    ),
    "who abandons keeps its line": ("let_go(p, s, contact)\n    set_off", "set_off"),
    "who was served abandons": (
        "if s.until[u(contact)] >= 0:\n                            abandon",
        "if True:\n                            abandon",
    ),
    "a page is turned one moment late": ("<< p.page_shift <= now", "<< p.page_shift < now"),
    "what is due on a page that is turned is noted there": (
        "s.counts[PAGE] <= page",
        "s.counts[PAGE] - 1 <= page",
    ),
    "the calendar ends a page too early": ("page < len(s.calendar)", "page <= len(s.calendar)"),
    "who has come is due again": ("return bool(s.fate[u(contact)] != 0)", "return False"),
    "the cursor of overflow skips who can still be served": (
        "s.until[u(contact)] <= s.arrived[u(contact)] + after",
        "s.until[u(contact)] <= s.arrived[u(contact)] + after + 1",
    ),
    "overflow one moment late": ("if waited < p.after", "if waited <= p.after"),
    "an agent takes over one moment late": ("now - arrived >= p.pair_after", "now - arrived > p.pair_after"),
    "overdue one moment early": ("overdue = now - arrived > p.", "overdue = now - arrived >= p."),
    "fresh one moment short": (
        "now - s.arrived[u(contact)] > p.overdue_after",
        "now - s.arrived[u(contact)] >= p.overdue_after",
    ),
    "overdue outweighs urgency": ("rank | 1 << 31 if overdue", "rank | 1 << 62 if overdue"),
    "overdue weighs less than pull": ("rank | 1 << 31 if overdue", "2 * rank + 1 if overdue"),
    "only the first of a chain is looked at": ("if fresh or not overdue:", "if True:"),
    "latest deadline first": ("deadline < best_deadline", "deadline > best_deadline"),
    "latest arrival first among equal deadlines": ("arrived < best_arrived or", "arrived > best_arrived or"),
    "highest row first among equal arrivals": (
        "(arrived == best_arrived and contact < best)",
        "(arrived == best_arrived and contact > best)",
    ),
    "urgency without a rank": ("best >= 0 and rank > best_rank", "best >= 0 and rank >= best_rank"),
    "agents with more in hand first": ("in_hand < best_in_hand", "in_hand > best_in_hand"),
    "the agent changed last first": (
        "s.changed[u(agent)] < s.changed[u(best)]",
        "s.changed[u(agent)] > s.changed[u(best)]",
    ),
    "push makes no difference": ("or push_ < best_push", "or push_ > best_push"),
    "joining is no change": ("s.counts[CHANGES] += 1", "s.counts[CHANGES] += s.in_hand[u(agent)] > 0"),
    "only one group is looked at": ("groups ^= lowest", "groups = 0"),
    "a group that has a second agent free is busy": ("s.free[u(group >> 5)] |=", "s.free[u(group >> 5)] ^="),
    "a full agent is free": ("if in_hand < p.slots[u(agent)]:", "if in_hand <= p.slots[u(agent)]:"),
    "one slot too few": ("while s.in_hand[u(agent)] < p.slots", "while s.in_hand[u(agent)] + 1 < p.slots"),
    "the ring's lowest is not lowered": (
        "if in_hand < s.lowest[u(group)]:",
        "if in_hand > s.lowest[u(group)]:",
    ),
    "crowding counts the others only": ("p.crowding.shape[1]) - 1", "p.crowding.shape[1]) - 2"),
    "pace rounds down": ("u(p.type[u(contact)])] + 500) // 1000", "u(p.type[u(contact)])] + 499) // 1000"),
    "crowding rounds down": ("u(level)] + 500) // 1000", "u(level)] + 499) // 1000"),
    "no least of 1 ms after pace": ("max(1, (time * p.pace", "max(0, (time * p.pace"),
    "one line too many": ("s.held[u(line)] >= s.limit[u(line)]", "s.held[u(line)] > s.limit[u(line)]"),
    "a finish frees no line": ("let_go(p, s, contact)\n    if len(p.asks)", "pass\n    if len(p.asks)"),
    "lines cut off the earliest": (
        "s.arrived[u(contact)] > s.arrived[u(latest)]",
        "s.arrived[u(contact)] < s.arrived[u(latest)]",
    ),
    "lines cut off the lowest row of an instant": (" and contact > latest)", " and contact < latest)"),
    "lines see the last two only": (
        "s.previous[u(contact)] = s.tail[u(type_)]",
        "s.previous[u(contact)] = NEVER",
    ),
    "lines cut off one too many": ("while s.held[u(line)] > most", "while s.held[u(line)] >= most"),
    "lines without a limit hold nobody": (
        "np.where(routing.lines[:, 2] < 0",
        "np.where(routing.lines[:, 2] < -1",
    ),
    "a cursor that waits is set back": ("if not s.pending[u(cursor)]:", "if True:"),
    "who is blocked came never": ("s.arrived[u(contact)] = now", "s.arrived[u(contact)] = NEVER"),
    "odds let in one draw too many": ("p.chance[u(contact)] < p.odds", "p.chance[u(contact)] <= p.odds"),
    "odds of every reason are those of the first": ("p.odds[u(reason), u(column)]", "p.odds[0, u(column)]"),
    "a reason of nobody has odds": ("reason < 0 or p.chance", "reason < -1 or p.chance"),
    "follow-ups go by the last column": ("ON_REPLY, p.team[u(agent)]", "ON_REPLY, p.odds.shape[1] - 1"),
    "who abandons goes by the first team": ("ON_ABANDON, p.odds.shape[1] - 1", "ON_ABANDON, 0"),
    "who is blocked goes by the first team": ("ON_BLOCK, p.odds.shape[1] - 1", "ON_BLOCK, 0"),
    "silence goes by the first team": ("nudge, p.odds.shape[1] - 1", "nudge, 0"),
    "who abandons comes again from when it came": (
        "ON_ABANDON, p.odds.shape[1] - 1, now",
        "ON_ABANDON, p.odds.shape[1] - 1, s.arrived[u(contact)]",
    ),
    "who only brings another if it abandons never does": (" or does_bring(p, contact, ON_ABANDON)", ""),
    "what is answered is asked again": (
        "if is_settled(p, s, contact):\n                        continue",
        "if False:\n                        continue",
    ),
    "a finish answers no question": (
        "s.asked[u(p.asks[u(contact)])] = SETTLED",
        "s.asked[u(p.asks[u(contact)])] = NEVER",
    ),
    "a duplicate takes its whole effort": (
        "p.duplicate_effort[u(p.type[u(contact)])] if is_settled",
        "p.effort[u(contact)] if is_settled",
    ),
    "a duplicate takes the effort of the first type": (
        "p.duplicate_effort[u(p.type[u(contact)])] if",
        "p.duplicate_effort[0] if",
    ),
    "a repeat is recognised by one draw too many": (
        "p.merge[u(contact)] < p.merge_odds",
        "p.merge[u(contact)] <= p.merge_odds",
    ),
    "a repeat is recognised by the odds of the first type": (
        "p.merge_odds[u(p.type[u(contact)])]",
        "p.merge_odds[0]",
    ),
    "who abandons now waits no more for a repeat": (
        "s.until[u(other)] < now and not is_in_hand",
        "s.until[u(other)] <= now and not is_in_hand",
    ),
    "who is in hand asks no more": ("and not is_in_hand(s, other, now)", "and True"),
    "who is in hand at the horizon is not in hand": (
        "s.ended[u(contact)] < 0 or s.ended",
        "s.ended[u(contact)] < -1 or s.ended",
    ),
    "only the latest of a question is looked at": ("other = s.asked_before[u(other)]", "other = NEVER"),
    "merged before lines": (
        "if line >= 0 and s.held",
        "if line >= 0 and not is_merged(p, s, contact, now) and s.held",
    ),
    "who is merged brings nobody": (
        "else:\n                set_off_nudge",
        "elif offered:\n                set_off_nudge",
    ),
    "a nudge before the answer does not come": (
        "s.ended[u(contact)] <= now + p.time",
        "s.ended[u(contact)] <= now + 9 + p.time",
    ),
    "a bystander is forestalled by the answer to another": (
        "(answered and p.asks[u(nudge)] == p.asks[u(contact)])",
        "answered",
    ),
    "who loses its line comes not again": (
        "    block(p, s, latest, now)",
        "    s.fate[u(latest)], s.ended[u(latest)] = BLOCKED, now",
    ),
    "no tie rule among agents of two groups": ("s.changed[u(agent)] < s.changed[u(best)]", "False"),
    "no tie rule among agents of a group": ("last = s.before[u(ring)]", "last = ring"),
    "the agent of a group changed last first": (
        "agent, push_ = s.after[u(ring)]",
        "agent, push_ = s.before[u(ring)]",
    ),
    "no tie rule among contacts": ("(arrived == best_arrived and contact < best)", "False"),
    "no tie rule among what is due at one instant": (
        "(other == time and heap[u(2 * place + 1)] < key)",
        "False",
    ),
}

REFERENCE_MUTANTS = {
    "no tie rule among agents of two groups": ("type_], *free)", "type_], free[0], free[2])"),
    "agents of a group by row": ("change = next(self.changes)", "change = agent"),
    "the agent changed last first": ("change = next(self.changes)", "change = -2 - next(self.changes)"),
    "contacts of one deadline by row": ("                arrived,\n                contact,\n", "contact,\n"),
    "contacts of one deadline by type": ("                arrived,\n", "type_,\n"),
    "no tie rule among what is due at one instant": (
        "EventPriority(2 + (turn << 40 | row))",
        "EventPriority(2)",
    ),
    "turns of one instant in no order": ("EventPriority(2 + (turn << 40 | row))", "EventPriority(2 + row)"),
    "rows of one turn in no order": ("EventPriority(2 + (turn << 40 | row))", "EventPriority(2 + turn)"),
    "lines cut off in no order": ("(self.arrived[contact], contact), default", "0, default"),
    "odds let in one draw too many": (">= self.odds[reason][replied]", "> self.odds[reason][replied]"),
    "follow-ups go by the last column": (
        "if self.trigger[contact] == Trigger.ON_REPLY\n",
        "if False\n",
    ),
    "what is answered is asked again": (
        "return not (latent and self.question[contact] in self.answered)",
        "return True",
    ),
    "silence begins only for who is let in": (
        "self.set_off(contact, Trigger.ON_SILENCE)\n        self.held[channel] += 1",
        "self.held[channel] += 1",
    ),
    "who is blocked comes not again": ("self.set_off(contact, Trigger.ON_BLOCK)", "pass"),
    "who abandons comes not again": ("self.set_off(contact, Trigger.ON_ABANDON)", "pass"),
    "a repeat is recognised by one draw too many": (
        "self.merge[contact] < self.merge_odds",
        "self.merge[contact] <= self.merge_odds",
    ),
    "a repeat merges with itself": ("self.asking[question] > 1", "self.asking[question] > 0"),
    "who is merged is still asking": (
        "self.asking[self.question[contact]] -= 1",
        "self.asking[self.question[contact]] -= 0",
    ),
    "a duplicate takes its whole effort": (
        "if answered else self.effort[contact]",
        "if False else self.effort[contact]",
    ),
    "a finish answers no question": ("self.answered.add(self.question[contact])", "pass"),
}


@pytest.fixture(scope="module")
def battery():
    rng = np.random.default_rng(0)
    worlds = [random_world(rng) for _ in range(RANDOM)]
    worlds += [make() for plane in PLANES for make in islice(plane(), 0, None, STEP)]
    worlds += [make() for make in returns()]  # few of them have a tie that only arrivals break
    worlds.append(
        world(time=[0, 3], type=[0, 1], start=4, within=[0, 5], pull=[[0, 1]], fresh_first=True)
    )  # few have such odds
    # The latest repeat has gone, and the first contact still waits for the next to be put with it.
    gone = {
        "patience": [-1, 1, -1],
        "parent": [-1, 0, 1],
        "trigger": [0, 4, 4],
        "merge": [0, 9, 0],
        "merge_odds": 5,
    }
    worlds.append(world(time=[0, 1, 3], agents=0, **gone))
    # Who comes as a page begins takes the agent before the one whose wait for it is over then.
    silence = {"parent": [-1, -1, 0], "trigger": [0, 0, 4]}
    worlds.append(world(time=[0, 20, 16], type=[0, 0, 1], after=[[16, 0]], **silence))
    return [(world, facts(run(world, "simpy"))) for world in worlds]


def engine_of(source: str) -> ModuleType:
    module = ModuleType("mutant")
    exec(compile(source, "mutant", "exec"), vars(module))
    return module


def tells(engine: ModuleType, world: World, expected: dict[str, list[int]]) -> bool:
    try:
        return facts(engine.run(world)) != expected
    except (IndexError, OverflowError, ValueError):
        return True


@pytest.mark.slow
def test_the_engine_as_it_stands_passes_the_battery_uncompiled(battery):
    engine = engine_of(UNCOMPILED)
    for some, expected in battery:
        assert facts(engine.run(some)) == expected, repr_world(some)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "token", "changed"),
    [
        pytest.param(source, *change, id=f"{name}: {mutant}")
        for name, source, mutants in (
            ("compiled", UNCOMPILED, COMPILED_MUTANTS),
            ("reference", REFERENCE, REFERENCE_MUTANTS),
        )
        for mutant, change in mutants.items()
    ],
)
def test_a_mutant_of_an_engine_is_caught(source, token, changed, battery):
    assert source.count(token) == 1
    engine = engine_of(source.replace(token, changed))
    assert any(tells(engine, some, expected) for some, expected in battery)
