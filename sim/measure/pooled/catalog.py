"""The measures that are plain ratios or means of sums, each a row of a table; `summary` adds shares kept,
times and peaks.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A name, a unit, and what is divided by what; `under` None is a mean over events."""

    name: str
    unit: str  # share, ms, contacts, agents, hours, money
    over: str  # a count or sum of `tally`, or a column of `timeline`
    under: str | None


CONTACTS = (
    Measure("contacts", "contacts", "came", None),  # contacts that came
    Measure("answered", "share", "answered", "came"),  # contacts answered by the horizon
    Measure("abandoned", "share", "abandoned", "came"),  # contacts whose patience ran out
    Measure("blocked", "share", "blocked", "came"),  # contacts that found no line free
    Measure("open", "share", "open", "came"),  # contacts waiting or in hand at the horizon
    Measure("follow_up", "share", "follow_ups", "came"),  # contacts that came back after a reply
    Measure("reopened", "share", "reopened", "came"),  # follow-ups after a day of silence
    Measure(
        "solved_first", "share", "solved_first", "cases"
    ),  # cases solved at first contact: one came, and was answered
    Measure("wait_served", "ms", "waited", "begun"),  # mean wait of those served
    Measure("handle_time", "ms", "handled", "answered"),  # mean handle time
)

AGAIN = (  # only where anybody comes again, draws a bystander or stays away
    Measure(
        "next_reply", "share", "next_in_time", "follow_ups"
    ),  # follow-ups replied to in time; if a first reply is promised
    Measure(
        "next_reply_time", "ms", "next_waited", "next_replied"
    ),  # mean time to that reply, of those replied to
    Measure("repeat", "share", "repeats", "came"),  # contacts that repeat a question: redials, moves, nudges
    Measure("moved", "share", "moved", "came"),  # those of them on another channel than the contact before
    Measure("merged", "share", "merged", "came"),  # contacts recognised as a repeat as they came: no work
    Measure("wasted", "share", "wasted", "handled"),  # handle time spent on questions already answered
    Measure(
        "bystander", "share", "bystanders", "came"
    ),  # contacts that an unanswered post of somebody else has drawn
    Measure("self_service", "contacts", "self_service", None),  # contacts that self-service kept away
    Measure("closed", "contacts", "closed", None),  # contacts that a closed channel kept away
)

TEAMS = (  # by the team that answered
    Measure("handled", "contacts", "answered", None),  # contacts that the team answered
    Measure("handle_time", "ms", "handled", "answered"),  # mean handle time
    Measure("wasted", "share", "wasted", "handled"),  # handle time spent on questions already answered
    Measure("followed_up", "share", "followed_up", "answered"),  # answers that drew the next question
    Measure(
        "solved_first", "share", "solved_first", "first"
    ),  # first contacts answered after which no other came
)

FLOW = Measure("flow", "contacts", "flow", None)  # contacts by where they came from and what became of them
MOVES = Measure("moves", "contacts", "moves", None)  # contacts that moved from a channel to a channel

STATES = (
    Measure("backlog", "contacts", "backlog", None),  # contacts waiting
    Measure("oldest", "ms", "oldest", None),  # age of the oldest contact waiting
    Measure("in_hand", "contacts", "in_hand", None),  # contacts in hand
)

OCCUPANCY = Measure("occupancy", "share", "busy", "on_duty")  # busy ÷ on duty

STAFF = (
    Measure("on_duty", "agents", "on_duty", None),  # agents on duty
    Measure("busy", "agents", "busy", None),  # agents on duty with a contact in hand
    OCCUPANCY,
)

EFFORT = (
    OCCUPANCY,
    Measure("agent_hours", "hours", "paid", None),  # hours on duty and in overtime
    Measure("overtime", "hours", "overtime", None),  # hours worked after the end of duty
    Measure("cost", "money", "cost", None),  # wages of agent hours
)
