"""The habits of customers, one row a habit: what brings one more contact, and what that contact is.

`scenario` reads and counts them, `draw` draws them and `measure` reports them, each by walking over HABITS.
A trigger brings at most one contact: where several habits could bring it, the first row that does wins, but
neighbouring rows with equal triggers and the same count race, and the contact comes by whichever is earlier.
"""

from dataclasses import dataclass
from enum import IntEnum

from sim.tables import Trigger


class Origin(IntEnum):
    """What a contact is to the customer."""

    OUTSIDE = 0  # about something new
    FOLLOW_UP = 1  # the next question of the same case, after a reply
    REDIAL = 2  # after an abandoned or blocked contact, on the same channel
    MOVE = 3  # after an abandoned or blocked contact, on another channel
    NUDGE = 4  # a customer who is still unanswered writes again, on any channel
    BYSTANDER = 5  # another customer's post, drawn by an unanswered one


ORIGINS = tuple(origin.name.lower().replace("_", "-") for origin in Origin)  # in words


@dataclass(frozen=True)
class Habit:
    """A law by which a contact brings the next one; a scenario has its numbers."""

    name: str  # its key in a scenario
    by: str  # dimension of the contact that the share, the delay and the most depend on
    triggers: tuple[Trigger, ...]  # what of the contact brings the next one; one draw for all of them
    counts: str  # count of links in the chain that the next contact raises by 1, and that `most` limits
    draws: str  # name of its random draws
    origin: Origin  # of the next contact
    elsewhere: Origin  # of the next contact if it is on another channel
    needs: str = ""  # count that has to be above 0 already
    restarts: tuple[str, ...] = ()  # counts that start from 0 again
    new_question: bool = False  # whether the next contact has a question and an effort of its own
    new_case: bool = False  # whether it begins a case of its own
    by_team: bool = False  # whether the share depends on the team that replied, and the engine thins by it
    timed: bool = False  # whether it comes so long after the contact came, whatever becomes of that
    at_moved_ends: bool = False  # whether the delay counts from each announced end that is moved


HABITS = (
    Habit(
        name="then",
        by="topic",
        triggers=(Trigger.ON_REPLY,),
        counts="replies",
        draws="follows",
        origin=Origin.FOLLOW_UP,
        elsewhere=Origin.FOLLOW_UP,
        restarts=("tries", "nudges"),
        new_question=True,
        by_team=True,
    ),
    Habit(
        name="gives_up",
        by="channel",
        triggers=(Trigger.ON_ABANDON, Trigger.ON_BLOCK),
        counts="tries",
        draws="tries",
        origin=Origin.REDIAL,
        elsewhere=Origin.MOVE,
    ),
    Habit(
        name="bystanders",
        by="channel",
        triggers=(Trigger.ON_SILENCE,),
        counts="posts",
        draws="draws",
        origin=Origin.BYSTANDER,
        elsewhere=Origin.BYSTANDER,
        needs="nudges",
        restarts=("tries", "nudges", "replies"),
        new_question=True,
        new_case=True,
    ),
    Habit(
        name="writes_again",
        by="channel",
        triggers=(Trigger.ON_SILENCE,),
        counts="nudges",
        draws="nudges",
        origin=Origin.NUDGE,
        elsewhere=Origin.NUDGE,
        timed=True,
    ),
    Habit(
        name="again",
        by="stream",
        triggers=(Trigger.ON_SILENCE,),
        counts="nudges",
        draws="asks again",
        origin=Origin.NUDGE,
        elsewhere=Origin.NUDGE,
        timed=True,
        at_moved_ends=True,
    ),
)
COUNTS = tuple(dict.fromkeys(habit.counts for habit in HABITS))  # of links in a chain, by kind
