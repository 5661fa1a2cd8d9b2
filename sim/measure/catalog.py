"""The measures that are plain ratios or means of sums, each a row of a table; `summary` adds shares kept, times and peaks."""

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
    Measure("wait_served", "ms", "waited", "begun"),  # mean wait of those served
    Measure("handle_time", "ms", "handled", "answered"),  # mean handle time
)

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
