"""What a scenario expects of itself, a line each: `service_level{promise=first_reply, language=es} >= 85 %`.

    expectation = measure [ "{" key "=" name { "," key "=" name } "}" ] ( ">=" | ">" | "<=" | "<" ) value
                | "verdict" [ "(" promise ")" ] ( "==" | "!=" ) ( "HOLDS" | "BREAKS" )

A key is `promise` or one of the rows that a measure has (`sim.measures`).  A value has the unit of its
measure: `85 %`, `45 min`, `40 h` of work, or a plain number of contacts or money.  What is compared is the
mean over simulations; for a share, or any other ratio, the ratio of sums.
"""

import re
from collections.abc import Callable

from sim import units
from sim.clock import date
from sim.measures import MEASURES, Measure
from sim.plan import DIMENSIONS, Expectation
from sim.scenario.document.nearest import nearest
from sim.scenario.schema.faults import Names
from sim.units import UnitError

RULINGS = ("HOLDS", "BREAKS")  # undecided is what more simulations would mend
NARROWED = (*DIMENSIONS, "team", "day")  # the rows that a key may name
EXPECTED = {name: measure for name, measure in MEASURES.items() if measure.expected}
_READ: dict[str, Callable[[str], float]] = {
    "share": units.share,
    "ms": units.duration,
    "hours": lambda text: units.duration(text) / units.HOUR,
    "contacts": units.number,
    "money": units.number,
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
    name, within, called, sign, value = match.groups()
    if name == "verdict":
        return _verdict(text, within, called, sign, value, names)
    if name not in EXPECTED:
        raise UnitError(f"unknown measure {name!r}", nearest(name, [*EXPECTED, "verdict"]))
    measure = EXPECTED[name]
    if called is not None or sign in ("==", "!="):
        raise UnitError(
            f"{text!r} is no expectation of a number",
            "narrow it with {key=name}, and compare with >=, >, <= or <",
        )
    keys = _keys(within or "", measure, names)
    promise = keys.pop("promise", "")
    if measure.promised and not promise:
        promise = _only(names, f"{name}{{promise={names.promises[0] if names.promises else '…'}}}")
    if len(keys) > 1:
        raise UnitError(f"{text!r} narrows it twice", f"write one of {', '.join(keys)}")
    dimension, member = next(iter(keys.items()), ("all", ""))
    number = _READ[measure.unit](value)
    return Expectation(text.strip(), name, promise, dimension, member, sign, number, "")


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


def _keys(text: str, measure: Measure, names: Names) -> dict[str, str]:
    """The names by key of "promise=first_reply, language=es"."""
    rows = tuple(row for row in NARROWED if row in measure.rows)
    known = ("promise", *rows) if measure.promised else rows
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
            raise UnitError(f"{key!r} is listed twice", "write it once")
        if key == "day":
            date(name)
        elif name not in (options := getattr(names, f"{key}s")):
            raise UnitError(f"unknown {key} {name!r}", nearest(name, options))
        keys[key] = name
    return keys
