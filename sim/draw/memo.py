"""What a plan makes certain is worked out once, not once a replication."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class _Same:
    """An object as a key: equal to itself alone, and kept as long as the key is."""

    def __init__(self, item: object) -> None:
        self.item = item

    def __hash__(self) -> int:
        return id(self.item)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.item is self.item


def remembered(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator for a pure function of parts of plans, with the last so many of its answers kept.

    Parts of plans hold arrays, which have no hash: they are told apart by identity, and nobody changes them.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @lru_cache(most)
        def answer(*parts: _Same) -> R:
            return function(*(part.item for part in parts))  # type: ignore[call-arg, arg-type]

        @wraps(function)
        def ask(*parts: P.args, **named: P.kwargs) -> R:
            assert not named, "parts are given in order"
            return answer(*map(_Same, parts))

        return ask

    return decorate
