"""Help for a word that nobody knows: the nearest known one."""

import difflib
from collections.abc import Iterable

NEAREST_MOST = 2_000  # names that are compared for the nearest


def nearest(word: str, known: Iterable[str]) -> str:
    """Help for a word that is not among the known ones: the nearest, or all of them if they are few."""
    options = sorted(known)[:NEAREST_MOST]
    near = difflib.get_close_matches(word, options, 1, 0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if not options:
        return "the scenario names none"
    return f"write one of {', '.join(options)}" if len(options) <= 20 else ""
