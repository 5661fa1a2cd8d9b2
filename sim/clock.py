"""Local times ⇄ milliseconds from the start of a scenario: the only place that knows a calendar.

A moment written in a file must exist exactly once: a time that a clock change skips is refused, and one that
it repeats needs its offset.  Times of day that recur (shifts, breaks, hours of a profile) follow RFC 5545: a
skipped time moves forward by the gap, and the first of a repeated time counts.
"""

import difflib
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from whenever import (
    Date,
    Instant,
    OffsetDateTime,
    PlainDateTime,
    RepeatedTime,
    SkippedTime,
    Time,
    ZonedDateTime,
    available_timezones,
)

from sim.units import DAY, HOUR, MINUTE, UnitError

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEARS = (1900, 2200)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}:\d{2}))?\s*([+-]\d{2}:\d{2}|Z)?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


def zone(text: str) -> str:
    """The name of a time zone, checked; raises UnitError with the nearest names."""
    if text in _zones():
        return text
    near = difflib.get_close_matches(text, _zones(), 1)
    raise UnitError(
        f"unknown time zone {text!r}",
        f"did you mean {near[0]!r}?" if near else "write a name such as 'Europe/Amsterdam'",
    )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def epoch(text: str, zone: str) -> int:
    """The ms since 1970 of a moment such as "2010-04-15 19:00" or "2010-04-16" (midnight), local to `zone`.

    Raises UnitError if the text is not a moment, if a clock change skips it, and if a clock change repeats it
    and no offset ("2010-10-31 02:30 +02:00") says which is meant.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise UnitError(
            f"{text!r} is not a moment", "write a date, or a date and time, such as '2010-04-15 19:00'"
        )
    try:
        plain = PlainDateTime(f"{match[1]}T{(match[2] or '00:00').zfill(5)}")
    except ValueError:
        raise UnitError(
            f"{text!r} is not in the calendar", "write a date that exists, with hours from 00:00 to 23:59"
        ) from None
    if not YEARS[0] <= plain.year <= YEARS[1]:
        raise UnitError(f"{text!r} is long ago or far off", f"write a year from {YEARS[0]} to {YEARS[1]}")
    if match[3]:
        return _epoch_with_offset(plain, match[3], zone)
    try:
        return plain.assume_tz(zone, disambiguation="raise").timestamp(unit="millisecond")
    except SkippedTime:
        later = plain.assume_tz(zone, disambiguation="compatible")
        raise UnitError(
            f"{text!r} does not exist in {zone}: the clock skips it", f"write '{_local(later)}'"
        ) from None
    except RepeatedTime:
        early, late = (plain.assume_tz(zone, disambiguation=which) for which in ("earlier", "later"))
        help = f"write '{_local(early)} {_offset(early)}' or '{_local(late)} {_offset(late)}'"
        raise UnitError(f"{text!r} comes twice in {zone}: the clock repeats it", help) from None


def _epoch_with_offset(plain: PlainDateTime, offset: str, zone: str) -> int:
    try:
        exact = OffsetDateTime(f"{plain}{offset}")
    except ValueError:
        raise UnitError(f"{offset!r} is not an offset", "write an offset such as '+02:00', or none") from None
    local = exact.to_tz(zone)
    if offset != "Z" and local.to_plain() != plain:
        raise UnitError(f"{zone} is not at {offset} then", f"write '{_local(local)} {_offset(local)}'")
    return exact.timestamp(unit="millisecond")


def _local(moment: ZonedDateTime) -> str:
    return f"{moment.date()} {moment.hour:02}:{moment.minute:02}"


def _offset(moment: ZonedDateTime) -> str:
    return moment.to_fixed_offset().format_iso()[-6:]


def time_of_day(text: str) -> int:
    """A time of day, "00:00" to "24:00", in ms after local midnight."""
    match = _TIME.fullmatch(text)
    time = int(match[1]) * HOUR + int(match[2]) * MINUTE if match and int(match[2]) < 60 else DAY + 1
    if time > DAY:
        raise UnitError(f"{text!r} is not a time of day", "write hours and minutes, such as '07:00'")
    return time


def hours(text: str) -> tuple[int, int]:
    """Start and end of hours such as "07:00-15:00", in ms after local midnight.

    An end at or before the start is on the next day.
    """
    start, dash, end = (piece.strip() for piece in text.replace("–", "-").partition("-"))
    if not dash:
        raise UnitError(f"{text!r} is not a span of hours", "write start and end, such as '07:00-15:00'")
    first, last = time_of_day(start), time_of_day(end)
    if first in (DAY, last):
        raise UnitError(
            f"{text!r} is empty",
            "write a start before 24:00 and another end; round the clock is '00:00-24:00'",
        )
    return first, last if last > first else last + DAY


def times_of_day(first: str, last: str, step: int, most: int) -> list[str]:
    """Times of day from the first to the last, `step` ms apart, at most `most` of them.  Raises UnitError."""
    times = range(time_of_day(first), time_of_day(last) + 1, _whole_minutes(step))
    return [f"{time // HOUR:02}:{time % HOUR // MINUTE:02}" for time in times[:most]]


def moments(first: str, last: str, step: int, most: int) -> list[str]:
    """Local moments from the first to the last, `step` ms apart by the wall clock, at most `most` of them.

    Raises UnitError, also for moments with an offset.  A moment that the clock skips or repeats is found
    where it is read.
    """
    low, high = (epoch(text, "UTC") for text in (first, last))
    times = range(low, high + 1, _whole_minutes(step))[:most]
    return [_local(Instant.from_timestamp(time, unit="millisecond").to_tz("UTC")) for time in times]


def _whole_minutes(step: int) -> int:
    if step < MINUTE or step % MINUTE:
        raise UnitError("times are whole minutes apart", "write a step such as '30 min' or '2 h'")
    return step


def date(text: str) -> str:
    """A date such as "2010-04-16", checked; raises UnitError."""
    try:
        return str(Date(text))
    except ValueError:
        raise UnitError(f"{text!r} is not a date", "write one such as '2010-04-16'") from None


def date_words(text: str) -> str:
    """A date such as "2010-04-16" as a planner reads it: "Fri 16 Apr"."""
    day = Date(text)
    return f"{WEEKDAYS[day.day_of_week().value - 1]} {day.day} {MONTHS[day.month - 1]}"


@dataclass(frozen=True)
class Clock:
    """The calendar of one scenario: ms from its start in, local words and boundaries out."""

    start: int  # ms since 1970
    zone: str  # time zone of the hub

    def at(self, text: str) -> int:
        """A moment local to the hub, in ms from the start; raises UnitError."""
        return epoch(text, self.zone) - self.start

    def _zoned(self, time: int, zone: str | None = None) -> ZonedDateTime:
        return Instant.from_timestamp(self.start + time, unit="millisecond").to_tz(zone or self.zone)

    def date(self, time: int) -> str:
        """The local date at a time: "2010-04-16"."""
        return str(self._zoned(time).date())

    def iso(self, time: int) -> str:
        """The local moment with its offset: "2010-04-16T09:15+02:00"."""
        moment = self._zoned(time)
        return f"{moment.date()}T{moment.hour:02}:{moment.minute:02}{_offset(moment)}"

    def words(self, time: int) -> str:
        """The local moment as a planner reads it: "Fri 16 Apr 09:15"."""
        moment = self._zoned(time)
        return f"{self.day_words(time)} {moment.hour:02}:{moment.minute:02}"

    def day_words(self, time: int) -> str:
        """The local day as a planner reads it: "Fri 16 Apr"."""
        return date_words(self.date(time))

    def on_the_hour(self, time: int) -> bool:
        """Whether a whole local hour begins at a time."""
        moment = self._zoned(time)
        return moment.minute == 0 and time % MINUTE == 0

    def hour(self, time: int) -> int:
        """The local hour 0–23 at a time."""
        return self._zoned(time).hour

    def weekday(self, time: int) -> int:
        """The local day of the week at a time, 0 Monday … 6 Sunday."""
        return self._zoned(time).date().day_of_week().value - 1

    def midnights(self, start: int, end: int) -> list[int]:
        """Every local midnight from the last one at or before `start` to the first one at or after `end`."""
        date = self._zoned(start).date()
        midnights = [self.on(date, 0)]
        while midnights[-1] < end:
            date = date.add(days=1)
            midnights.append(self.on(date, 0))
        return midnights

    def daily(self, midnight: int, offset: int) -> int:
        """The time at which the wall clock shows `offset` ms past the local midnight at `midnight`."""
        return self.on(self._zoned(midnight).date(), offset)

    def on(self, date: Date, offset: int) -> int:
        """The time at which the wall clock shows `offset` ms past the midnight of a date."""
        return _epoch_on(date.add(days=offset // DAY), offset % DAY, self.zone) - self.start

    def local_hours(self, start: int, end: int, zone: str) -> tuple[list[int], list[int]]:
        """The times from `start` to before `end` at which a local hour of `zone` begins, and that hour 0–23.

        The first is `start` itself.
        """
        times, names = [start], [self._zoned(start, zone).hour]
        while True:
            moment = self._zoned(times[-1], zone)
            time = times[-1] + HOUR - (moment.minute * MINUTE + moment.second * 1000)
            if time >= end:
                return times, names
            times.append(time)
            names.append(self._zoned(time, zone).hour)


@lru_cache(maxsize=100_000)
def _epoch_on(date: Date, offset: int, zone: str) -> int:
    time = Time(offset // HOUR, offset % HOUR // MINUTE, offset % MINUTE // 1000)
    return date.at(time).assume_tz(zone, disambiguation="compatible").timestamp(unit="millisecond")
