"""Numbers with units, as planners write them, and back: the only place that knows a unit.

Durations are whole milliseconds, shares 0–1, rates contacts a millisecond, wages money an hour.  A text that
cannot be read raises UnitError, whose help says what to write instead.
"""

import math
import re

MILLISECOND = 1
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

DURATION_MAX = 10 * 366 * DAY  # nobody plans a crisis of ten years

_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), MILLISECOND),
    **dict.fromkeys(("s", "sec", "second", "seconds"), SECOND),
    **dict.fromkeys(("m", "min", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hour", "hours"), HOUR),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "week", "weeks"), WEEK),
}
_NUMBER = r"(?:\d{1,15}(?:\.\d{1,9})?|\.\d{1,9})"
_PIECE = re.compile(rf"({_NUMBER})\s*([a-z]+)\s*", re.ASCII)
_ISO = re.compile(
    rf"P(?:({_NUMBER})W)?(?:({_NUMBER})D)?(?:T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?", re.ASCII
)
_SHARE = re.compile(rf"({_NUMBER})\s*%", re.ASCII)
_RATE = re.compile(rf"({_NUMBER})\s*/\s*([a-z]+)", re.ASCII)
_PLAIN = re.compile(_NUMBER, re.ASCII)


class UnitError(ValueError):
    """A text that is not a number with the right unit; `help` says what to write."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


def duration(text: str) -> int:
    """A duration such as "9 min", "1h30m", "2 d" or "PT1H", in ms; 0 to ten years."""
    pieces = _duration_pieces(text)
    if pieces is None:
        raise UnitError(f"{text!r} is not a duration", _duration_help(text))
    total = sum(number * unit for number, unit in pieces)
    if total > DURATION_MAX:
        raise UnitError(
            f"{text!r} is longer than ten years", "write a duration of at most 10 years, such as '9 d'"
        )
    return round(total)


def _duration_pieces(text: str) -> list[tuple[float, int]] | None:
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()):
        units = (WEEK, DAY, HOUR, MINUTE, SECOND)
        return [(float(number), unit) for number, unit in zip(iso.groups(), units, strict=True) if number]
    pieces, at = [], 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None or piece[2] not in _UNITS:
            return None
        pieces.append((float(piece[1]), _UNITS[piece[2]]))
        at = piece.end()
    sizes = [unit for _, unit in pieces]
    return pieces if pieces and sizes == sorted(set(sizes), reverse=True) else None


def _duration_help(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return f"write the unit: '{text} s', '{text} min', '{text} h' or '{text} d'"
    if "," in text:
        return f"write numbers without a comma, such as '1200' or '6.5': '{text.replace(',', '.')}'"
    return "write a number and a unit, such as '90 s', '7 min', '1h30m' or '2 d'"


def share(text: str, most: float = 1.0) -> float:
    """A share such as "60 %", as 0–1; `most` is the largest allowed (5.0 is 500 %)."""
    match = _SHARE.fullmatch(text)
    if match is None:
        plain = _PLAIN.fullmatch(text)
        percent = f"{100 * float(text):.12g}" if plain and float(text) <= 1 else text
        raise UnitError(
            f"{text!r} is not a share", f"write '{percent} %'" if plain else "write a share such as '60 %'"
        )
    value = round(float(match[1]) / 100, 12)  # 99.9 % is 0.999
    if value > most:
        raise UnitError(
            f"{text!r} is more than {percent_text(most)}", f"write a share of 0 % to {percent_text(most)}"
        )
    return value


def rate(text: str) -> float:
    """A rate such as "300 / d" or "12 / h", in contacts a ms."""
    match = _RATE.fullmatch(text)
    if match is None or match[2] not in _UNITS:
        plain = _PLAIN.fullmatch(text)
        help = f"write how often: '{text} / d' or '{text} / h'" if plain else "write a rate such as '300 / d'"
        raise UnitError(f"{text!r} is not a rate", f"{help}, without a comma" if "," in text else help)
    return float(match[1]) / _UNITS[match[2]]


def money_an_hour(text: str) -> float:
    """A wage such as "32 / h", in money an hour, in whatever currency the planner uses."""
    match = _RATE.fullmatch(text)
    if match is None or _UNITS.get(match[2]) != HOUR:
        raise UnitError(f"{text!r} is not a wage", "write money an hour, such as '32 / h'")
    return float(match[1])


def whole(text: str, least: int = 0, most: int = 1_000_000) -> int:
    """A whole number from `least` to `most`."""
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise UnitError(f"{text!r} is not a whole number", f"write a whole number from {least} to {most}")
    value = int(text)
    if not least <= value <= most:
        raise UnitError(f"{text} is out of range", f"write a whole number from {least} to {most}")
    return value


def number(text: str, most: float = 1e9) -> float:
    """A plain number from 0 to `most`; no NaN, no infinity."""
    if not _PLAIN.fullmatch(text) or not math.isfinite(float(text)) or float(text) > most:
        raise UnitError(
            f"{text!r} is not a number from 0 to {most:,.0f}", "write a plain number such as '2.7'"
        )
    return float(text)


def duration_text(ms: float) -> str:
    """A duration as a planner reads it, in its largest two units: "1 h 30 min", "24 h", "3 d", "45 s", "0 s".

    Hours up to three days, as in promises; milliseconds only below a second.
    """
    rest, words = round(ms), []
    for name, unit in (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND), ("ms", MILLISECOND)):
        if name == "d" and rest < 3 * DAY:
            continue
        count, rest = divmod(rest, unit)
        if count:
            words.append(f"{count} {name}")
        elif words:
            break
        if len(words) == 2 or (name == "s" and words):
            break
    return " ".join(words) or "0 s"


def percent_text(value: float, digits: int = 12) -> str:
    """A share as a planner reads it: "87.5 %"."""
    return f"{100 * value:.{digits}g} %"
