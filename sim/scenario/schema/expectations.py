"""What a scenario expects of itself, a line each: `service_level{promise=first_reply, language=es} >= 85 %`.

    expectation = measure [ "{" key "=" name { "," key "=" name } "}" ] ( ">=" | ">" | "<=" | "<" ) value
                | "verdict" [ "(" promise ")" ] ( "==" | "!=" ) ( "HOLDS" | "BREAKS" )

A key is `promise` or one of the rows that a measure has.  A value has the unit of its measure: `85 %`, `45
min`, `40 h` of work, or a plain number of contacts or money.  What is compared is the mean over events, of a
share the ratio of sums.
"""

import re
from collections.abc import Callable

from sim import units
from sim.clock import date
from sim.plan import DIMENSIONS, Expectation
from sim.scenario.document.nearest import nearest
from sim.scenario.schema.faults import Names
from sim.units import UnitError

SLICES = (*DIMENSIONS, "day")
STAFF = ("team", "day")
QUEUE = ("channel", "language", "day")
RULINGS = ("HOLDS", "BREAKS")  # undecided is what more events would mend
CLOCKS = ("first_reply", "solved", "answered")
SHARE, TIME, CONTACTS, HOURS, MONEY = "share", "ms", "contacts", "hours", "money"

# Measures by what they may be narrowed to besides a promise: name → unit.
OF_PROMISES: dict[tuple[str, ...], dict[str, str]] = {
    SLICES: {"service_level": SHARE},
    (): {
        "kept_worst_day": SHARE,
        "kept_first_night": SHARE,
        **{f"{clock}_p{percent}": TIME for clock in (*CLOCKS, "elapsed") for percent in (50, 90, 95)},
    },
}
OF_ALL: dict[tuple[str, ...], dict[str, str]] = {
    SLICES: {
        **dict.fromkeys(("contacts", "self_service", "closed"), CONTACTS),
        **dict.fromkeys(
            ("answered", "abandoned", "blocked", "open", "follow_up", "reopened", "solved_first"), SHARE
        ),
        **dict.fromkeys(("next_reply", "repeat", "moved", "merged", "wasted", "bystander"), SHARE),
        **dict.fromkeys(("wait_served", "handle_time", "next_reply_time"), TIME),
    },
    QUEUE: {"backlog_mean": CONTACTS},
    (): {"backlog_peak": CONTACTS, "oldest_peak": TIME},
    STAFF: {"occupancy": SHARE, "agent_hours": HOURS, "overtime": HOURS, "cost": MONEY},
}
MEASURES = {
    name: (unit, rows, promised)
    for promised, groups in ((True, OF_PROMISES), (False, OF_ALL))
    for rows, measures in groups.items()
    for name, unit in measures.items()
}
_READ: dict[str, Callable[[str], float]] = {
    SHARE: units.share,
    TIME: units.duration,
    HOURS: lambda text: units.duration(text) / units.HOUR,
    CONTACTS: units.number,
    MONEY: units.number,
}
_LINE = re.compile(
    r"([a-z][a-z_0-9]*)\s*(?:\{([^{}]*)\}|\(([^()]*)\))?\s*(>=|<=|==|!=|>|<)\s*([^\s=].*)", re.ASCII
)
_HELP = (
    "write such as 'service_level{promise=first_reply} >= 85 %', 'backlog_peak < 400' or "
    "'verdict(first_reply) == HOLDS'"
)


def expectation(text: str, names: Names) -> Expectation:
    """What one line expects; raises UnitError."""
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"{text!r} is no expectation", _HELP)
    measure, within, called, sign, value = match.groups()
    if measure == "verdict":
        return _verdict(text, within, called, sign, value, names)
    if measure not in MEASURES:
        raise UnitError(f"unknown measure {measure!r}", nearest(measure, [*MEASURES, "verdict"]))
    unit, rows, promised = MEASURES[measure]
    if called is not None or sign in ("==", "!="):
        raise UnitError(
            f"{text!r} is no expectation of a number",
            "narrow it with {key=name}, and compare with >=, >, <= or <",
        )
    keys = _keys(within or "", rows, names, promised=promised)
    promise = keys.pop("promise", "")
    if promised and not promise:
        promise = _only(names, f"{measure}{{promise={names.promises[0] if names.promises else '…'}}}")
    if len(keys) > 1:
        raise UnitError(f"{text!r} narrows it twice", f"write one of {', '.join(keys)}")
    dimension, member = next(iter(keys.items()), ("all", ""))
    return Expectation(text.strip(), measure, promise, dimension, member, sign, _READ[unit](value), "")


def _verdict(
    text: str, within: str | None, called: str | None, sign: str, value: str, names: Names
) -> Expectation:
    if within is not None or sign not in ("==", "!="):
        raise UnitError(
            f"{text!r} is no expectation of a verdict", "write such as 'verdict(first_reply) == HOLDS'"
        )
    if value not in RULINGS:
        raise UnitError(f"unknown verdict {value!r}", f"write {' or '.join(RULINGS)}")
    known = (*names.promises, "all")
    promise = (called or "").strip() or _only(names, "verdict(…)")
    if promise not in known:
        raise UnitError(f"unknown promise {promise!r}", nearest(promise, known))
    return Expectation(text.strip(), "verdict", promise, "all", "", sign, 0.0, value)


def _only(names: Names, help: str) -> str:
    """The promise that is meant where none is named."""
    if len(names.promises) != 1:
        raise UnitError("it does not say which promise it is about", f"write {help}")
    return names.promises[0]


def _keys(text: str, rows: tuple[str, ...], names: Names, *, promised: bool) -> dict[str, str]:
    """The names by key of "promise=first_reply, language=es"."""
    known = (*(("promise",) if promised else ()), *rows)
    keys: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, sign, name = (piece.strip() for piece in part.partition("="))
        if not sign or not name:
            raise UnitError(f"{part!r} names nothing", "write {key=name}, such as {language=es}")
        if key not in known:
            raise UnitError(
                f"unknown row {key!r}",
                nearest(key, known) if known else "this measure is of the whole hub alone",
            )
        if key in keys:
            raise UnitError(f"{key!r} is here twice", "write it once")
        if key == "day":
            date(name)
        elif name not in (options := getattr(names, f"{key}s")):
            raise UnitError(f"unknown {key} {name!r}", nearest(name, options))
        keys[key] = name
    return keys
