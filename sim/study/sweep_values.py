"""The values of a setting that a sweep tries: a list, or a range such as 80..240/20."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from sim.clock import moments, times_of_day
from sim.units import UnitError, duration

VALUES_MOST = 200
_NUMBER = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([^\d\s.,:-][^\d.,:]*|)", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}.*", re.ASCII)
_OPENING, _CLOSING = "[{(\"'", "]})\"'"
_HELP = "write values such as 100,150,180 or a range with its step such as 80..240/20"


@dataclass(frozen=True)
class Setting:
    """A dotted path and the values to try, as texts: numbers in rising order, others as written."""

    path: str
    values: tuple[str, ...]


def setting(argument: str) -> Setting:
    """The setting of "teams.volunteers.people=80..240/20"; raises UnitError.

    At least two values are needed.  A range has numbers with one unit, times of day (07:00..09:00/30 min) or
    moments (2010-04-15 20:00..2010-04-16 08:00/2 h) in local time; its end is a value if a whole number of
    steps leads to it.
    """
    path, sign, text = argument.partition("=")
    if not sign or not path.strip() or not text.strip():
        raise UnitError(
            f"{argument!r} is not a setting with values", f"{_HELP}, as in teams.hub.people=20..40/5"
        )
    values = [value for part in _parts(text) for value in (_range(part) if ".." in part else [part])]
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise UnitError(f"{argument!r} has {twice} twice", "write each value once")
    if len(values) < 2:
        raise UnitError(f"{argument!r} has one value", _HELP)
    numbers = scale(values)
    return Setting(
        path.strip(), tuple(values if numbers is None else [values[row] for row in np.argsort(numbers)])
    )


def scale(values: Sequence[str]) -> list[float] | None:
    """The values as numbers, if they are numbers with one unit, or durations."""
    matches = [_NUMBER.fullmatch(text) for text in values]
    units = {match[2].strip() if match else None for match in matches}
    if len(units) == 1 and None not in units:
        return [float(match[1]) for match in matches if match]
    try:
        return [float(duration(text)) for text in values]
    except UnitError:
        return None


def between(first: str, last: str, values: Sequence[str], most: int) -> list[str]:
    """At most `most` values between two numbers of a setting, evenly spaced.

    They are rounded to the decimals of `values`.  Empty if nothing lies between at that precision, or if the
    two are not numbers with one unit.
    """
    ends = [_NUMBER.fullmatch(text) for text in (first, last)]
    if not ends[0] or not ends[1] or ends[0][2] != ends[1][2]:
        return []
    digits = max(len(text.partition(".")[2].split()[0]) if "." in text else 0 for text in values)
    unit = Decimal(1).scaleb(-digits)
    low, high = (Decimal(end[1]) for end in ends if end)
    steps = int((high - low) / unit)
    places = sorted({round(steps * place / (most + 1)) for place in range(1, most + 1)} - {0, steps})
    return [_with_unit(low + place * unit, first) for place in places]


def _parts(text: str) -> list[str]:
    """The parts between commas that are not within brackets or quotes."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in _OPENING) - (letter in _CLOSING) if letter not in "\"'" else 0
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    parts = [part.strip() for part in parts]
    if "" in parts:
        raise UnitError(f"{text!r} has an empty value", _HELP)
    return parts


def _range(text: str) -> list[str]:
    """The values of LOW..HIGH/STEP."""
    ends, _, step = text.rpartition("/")
    low, _, high = (piece.strip() for piece in ends.partition(".."))
    step = step.strip()
    if not low or not high or not step or ".." in high:
        raise UnitError(f"{text!r} is not a range", _HELP)
    if _DATE.fullmatch(low) or _CLOCK.fullmatch(low):
        values = (moments if _DATE.fullmatch(low) else times_of_day)(
            low, high, duration(step), VALUES_MOST + 1
        )
    else:
        values = _numbers(text, low, high, step)
    if len(values) > VALUES_MOST:
        raise UnitError(f"{text!r} has more than {VALUES_MOST} values", "write a larger step")
    if not values:
        raise UnitError(f"{text!r} is empty", "write the smaller value first")
    return values


def _numbers(text: str, low: str, high: str, step: str) -> list[str]:
    """The numbers of a range, with the unit of its end, which start and step may leave out."""
    parts = [_NUMBER.fullmatch(piece) for piece in (low, high, step)]
    if not all(parts) or len({part[2].strip() for part in parts if part and part[2].strip()}) > 1:
        raise UnitError(f"{text!r} is not a range of numbers with one unit", _HELP)
    first, last, width = (Decimal(part[1]) for part in parts if part)
    if not width:
        raise UnitError(f"{text!r} has no step", _HELP)
    count = min(int((last - first) / width), VALUES_MOST) if last >= first else -1
    return [_with_unit(first + place * width, high) for place in range(count + 1)]


def _with_unit(number: Decimal, like: str) -> str:
    """The number with the unit of another number."""
    match = _NUMBER.fullmatch(like)
    assert match, "what lies between numbers has their unit"
    unit = match[2].strip()
    return f"{number.normalize():f}{' ' if unit else ''}{unit}"
