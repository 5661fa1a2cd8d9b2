"""What customers do with an answer, without one, and after hours; a field's docstring is its help."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import InitErrorDetails

from sim import units
from sim.scenario.schema.base import Strict
from sim.scenario.schema.durations import Timing
from sim.scenario.schema.faults import fault, leaf, plain, refuse
from sim.scenario.schema.fields import (
    Moment,
    Share,
    Shares01,
    TeamName,
    Topic,
    check_sum,
    moment,
    one_or_each,
)
from sim.scenario.schema.mixes import Mix, mix

MOST = 6  # links of one kind in a chain
ENDS_MOST = 20
CROWDED = 0.9  # the largest share of contacts that others brought

Most = Annotated[int, *leaf(plain(lambda text: units.whole(text, 1, MOST)), type="integer")]


class Follow(Strict):
    """After a reply some customers come back about something else: a new contact of the same case."""

    topic: Topic
    """What they come back about."""
    share: Shares01
    """The share of replies that are followed up."""
    by: dict[TeamName, Shares01] = Field(default_factory=dict)
    """Another share where one of these teams replied: {volunteers: 40 %}."""
    after: Timing
    """Time from the reply to the follow-up."""
    most: Most = 1
    """The most follow-ups of a case, one after the other and whatever their topics, this one included."""


class TriesAgain(Strict):
    """Customers who abandon or are blocked on a channel try again: a redial, or a move to another channel."""

    share: Shares01
    """The share that tries again."""
    after: Timing
    """Time from giving up to the next try."""
    to: Annotated[Mix | None, *mix("channel")] = None
    """Shares of the channels of the next try: {phone: 60 %, facebook: 40 %}. Default: the same channel."""
    most: Most = 3
    """The most tries of one chain after its first, on any channels; a repeat begins a chain of its own."""


class WritesAgain(Strict):
    """Customers without an answer write again, whether the first contact still waits or was given up."""

    share: Shares01
    """The share that writes again if there is no answer."""
    after: Timing
    """Time from the contact to the next one."""
    to: Annotated[Mix | None, *mix("channel")] = None
    """Shares of the channels of the next contact. Default: the same channel."""
    most: Most = 3
    """The most repeats of one chain; a try after giving up continues the chain it belongs to."""


class Bystanders(Strict):
    """A repeat in public draws posts of others: each is a case of its own, of the stream `bystanders`."""

    share: Shares01
    """The share of repeats here that draw a post; a customer whose repeat drew one does not write again."""
    after: Timing
    """Time from the repeat to the post that it draws."""
    most: Most = 1
    """The most posts in a row, each drawn by the one before."""


class Closed(Strict):
    """What happens to contacts from outside after hours; the shares add up to 100 %.

    Follow-ups, redials, moves and repeats come at any hour: customers in touch already ignore opening hours.
    """

    wait: Share = 0.0
    """The share that comes anyway and waits."""
    move: Share = 0.0
    """The share that comes on another channel."""
    vanish: Share = 0.0
    """The share that never comes, but would if the channel were open."""
    to: Annotated[Mix | None, *mix("channel")] = None
    """Shares of the channels that contacts move to."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        faults: list[InitErrorDetails] = []
        check_sum([self.wait, self.move, self.vanish], faults, ())
        if (self.to is None) != (self.move == 0):
            faults.append(
                fault(
                    "`move` needs `to` (and vice versa)", "write move: 20 % and to: {mail: 100 %}, or neither"
                )
            )
        refuse(faults)
        return self


class Bursts(Strict):
    """Contacts that bring others (self-exciting), as news spreads. The rate includes those they bring."""

    share: Share
    """The share of all contacts that were brought by others, at most 90 %."""
    after: Timing
    """Time from a contact to one that it brings."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.share > CROWDED:
            refuse([fault("bursts this large barely die out", "write at most 90 %", ("share",))])
        return self


class Again(Strict):
    """Customers who have no answer when an announced end is moved may ask again."""

    share: Shares01
    """The share of these customers who ask again."""
    after: Timing
    """Time from the moved end to the question."""


class End(Strict):
    """An end that is announced, and moved when it comes; drawn once a replication."""

    announced: Annotated[tuple[int, ...], *one_or_each(moment, type="string")]
    """The announced ends in order; the last is final."""
    moved: Annotated[tuple[float, ...], *one_or_each(plain(units.share), type="string")]
    """The chance that an announced end is moved: one for all, or a list with one for each but the last."""
    again: Again | None = None
    """What customers do if their question is not answered by then."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        faults = []
        if not 2 <= len(self.announced) <= ENDS_MOST:
            faults.append(
                fault(
                    f"expected 2–{ENDS_MOST} announced ends, found {len(self.announced)}",
                    "write a moment for each",
                    ("announced",),
                )
            )
        for row in range(1, len(self.announced)):
            if self.announced[row] <= self.announced[row - 1]:
                faults.append(
                    fault(
                        "this moment is not after the one above it", "write them in order", ("announced", row)
                    )
                )
        moves = len(self.announced) - 1
        if len(self.moved) not in (1, moves):
            wanted = f"1 or {moves} chances" if moves > 1 else "1 chance"
            faults.append(
                fault(
                    f"expected {wanted}, found {len(self.moved)}",
                    "write one, or one for each end but the last",
                    ("moved",),
                )
            )
        refuse(faults)
        return self

    def chances(self) -> tuple[float, ...]:
        """The chance that each end but the last is moved."""
        return self.moved * (len(self.announced) - 1) if len(self.moved) == 1 else self.moved


class Down(Strict):
    """A span in which a team cannot work, such as while its tools are down."""

    start: Moment = Field(alias="from")
    """Its start: contacts in hand are finished, nothing more is taken."""
    to: Moment
    """Its end."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.to <= self.start:
            refuse([fault("this span ends before it starts", "write a later moment", ("to",))])
        return self
