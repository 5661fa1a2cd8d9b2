"""Staff as planners write it: teams, their shifts, and who is called up.  A field's docstring is its help."""

from typing import Annotated, Self

from pydantic import model_validator

from sim import clock, units
from sim.scenario.schema.base import Strict
from sim.scenario.schema.durations import Timing
from sim.scenario.schema.faults import fault, leaf, plain, refuse
from sim.scenario.schema.fields import (
    Boolean,
    Factors,
    Hours,
    Moment,
    Name,
    People,
    Share,
    Shares01,
    Speech,
    Wage,
    check_sum,
    factor,
    listed,
    of_names,
)
from sim.scenario.schema.habits import Down

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Shift(Strict):
    """Hours of work of a part of the team."""

    hours: Hours
    """Start and end, local: '07:00-15:00'; an end before the start is on the next day."""
    share: Share | None = None
    """The share of the team on this shift; the shares add up to 100 %. A single shift may leave it out."""
    days: Annotated[
        tuple[int, ...] | None, *listed(lambda text, _: _weekday(text), everything="all", type="string")
    ] = None
    """Days of the week on which it starts: [mon, tue, …]. Default: all."""
    breaks: Annotated[
        tuple[tuple[int, int], ...] | None, *listed(lambda text, _: clock.hours(text), type="string")
    ] = ()
    """Hours off duty within the shift: ['11:00-11:30']."""

    @model_validator(mode="after")
    def _breaks_within(self) -> Self:
        start, end = self.hours
        faults = []
        latest = start
        for row, (off, on) in enumerate(self.placed_breaks()):
            if not (start < off and on < end):
                faults.append(
                    fault(
                        "this break is not within the shift",
                        "write a span after its start and before its end",
                        ("breaks", row),
                    )
                )
            elif off < latest:
                faults.append(
                    fault(
                        "this break is not after the one before it", "write breaks in order", ("breaks", row)
                    )
                )
            latest = on
        refuse(faults)
        return self

    def placed_breaks(self) -> list[tuple[int, int]]:
        """Breaks in ms after midnight of the shift's day; those of a night shift may be past 24 h."""
        placed = []
        for off, on in self.breaks or ():
            later = units.DAY if off < self.hours[0] else 0
            placed.append((off + later, on + later))
        return placed


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise units.UnitError(
            f"{text!r} is not a day of the week", f"write [{', '.join(WEEKDAYS)}], or some of them"
        )
    return WEEKDAYS.index(text)


def _works(text: str) -> tuple[int, int]:
    words = text.split()
    if (
        len(words) == 4
        and words[1] == "of"
        and words[3] in ("d", "days")
        and words[0].isdecimal()
        and words[2].isdecimal()
    ):
        on, of = int(words[0]), int(words[2])
        if 1 <= on <= of <= 28:
            return on, of
    raise units.UnitError(f"{text!r} is not a rhythm of work", "write days on of days, such as '5 of 7 d'")


class CallUp(Strict):
    """People who are not on the roster until they are called."""

    at: Moment
    """When the call goes out."""
    lead: Timing | None = None
    """Time from the call until somebody is ready to work. Default: at once."""
    show_up: Shares01 = 1.0
    """The share of the people called who come at all."""
    drop_out: Shares01 = 0.0
    """The share of the remaining people who drop out each day, from the next day on."""
    until: Moment | None = None
    """When they are sent home. Default: never."""


class Team(Strict):
    """People with the same work, wage and pace."""

    people: People
    """How many."""
    drawn: Boolean = False
    """true: languages are drawn at random (people not known yet); false: apportioned exactly."""
    speaks: Speech
    """The share of the team that speaks each language: {nl: 100 %, en: 95 %}."""
    answers: Annotated[
        tuple[str, ...] | None, *listed(of_names("topics"), everything="all", type="string")
    ] = None
    """Topics they answer: [information, …] or all (default)."""
    channels: Annotated[
        tuple[str, ...] | None, *listed(of_names("channels"), everything="all", type="string")
    ] = None
    """Channels they answer on: [facebook, …] or all (default)."""
    pace: Factors = 1.0
    """Factor on the handle time: 160 % takes 1.6 times as long."""
    in_hand: Annotated[int, *leaf(plain(lambda text: units.whole(text, 1, 20)), type="integer")] = 1
    """Contacts that one agent can have in hand at once."""
    crowding: Annotated[tuple[float, ...], *listed(plain(factor), type="string")] = (1.0,)
    """Factor on the handle time with one, two, three … contacts in hand; beyond the last the last counts."""
    works: Annotated[tuple[int, int], *leaf(plain(_works), type="string", examples=["5 of 7 d"])] = (7, 7)
    """Days of work in a rhythm, such as '5 of 7 d'; the starts are spread evenly over the team."""
    absence: Shares01 = 0.0
    """The share of shifts not worked, drawn for each person and shift."""
    wage: Wage | None = None
    """Money an hour on duty, overtime included; without it the team is not in the cost."""
    call_up: CallUp | None = None
    """For people who come only when called."""
    down: tuple[Down, ...] = ()
    """Spans in which they cannot work, whatever the shift: [{from: 2016-08-08 06:00, to: 2016-08-08 09:00}].
    """
    shifts: dict[Name, Shift]
    """When they work, by name of the shift."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        faults = []
        if not self.shifts:
            faults.append(
                fault("this team has no shift", "write shifts: {day: {hours: 07:00-15:00}}", ("shifts",))
            )
        missing = [
            name for name, shift in self.shifts.items() if shift.share is None and len(self.shifts) > 1
        ]
        faults += [
            fault("missing key 'share'", "write share: 40 %", ("shifts", name), key=True) for name in missing
        ]
        if self.shifts and not missing:
            check_sum(
                [1.0 if shift.share is None else shift.share for shift in self.shifts.values()],
                faults,
                ("shifts",),
            )
        if not self.crowding:
            faults.append(fault("no factors", "write [100 %, 120 %, …], or leave it out", ("crowding",)))
        refuse(faults)
        return self
