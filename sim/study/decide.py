"""As many events as the verdicts ask for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from sim.measure.verdicts import Bounds, Claim, Ruling, rulings

FIRST = 20  # events before the first look
GROWTH = 10  # each look comes after 1/10 more of them

T = TypeVar("T")


def until_decided(events: Iterable[T], claims: Callable[[], Sequence[Claim]], limit: int) -> Iterator[T]:
    """The events in order until every verdict on `claims`, of those so far, is HOLDS or BREAKS; at most `limit` of them.

    Verdicts TOO FEW don't count.  It is looked at after 20, 22, … events, so the same events always end at the same number; and
    by the confidence sequence, so that looking so often decides no more runs wrongly than looking once may.
    """
    following = looks(limit)
    look = next(following)
    for number, event in enumerate(events, 1):
        yield event
        if number == look:
            if look == limit or decided(claims()):
                return
            look = next(following)


def decided(claims: Sequence[Claim]) -> bool:
    """Whether every verdict on these claims is HOLDS or BREAKS by the confidence sequence, but for those TOO FEW."""
    return Ruling.UNDECIDED not in rulings(claims, bounds=Bounds.SEQUENCE)


def looks(limit: int) -> Iterator[int]:
    """After how many events it is looked: 20, then each time a tenth more (rounded down), last of all `limit`."""
    look = FIRST
    while look < limit:
        yield look
        look += look // GROWTH
    yield limit
