"""The leaves of a scenario: texts with units, names, uncertain numbers, points over time and mixes.

Every scalar arrives as the text that stands in the file.  A fault carries the message, what to write instead, the place below
the field and whether the key or the value is meant; all faults of a field are reported at once.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import PlainValidator, ValidationError, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from sim import clock, units
from sim.scenario.plan import Number, Spread
from sim.units import UnitError

T = TypeVar("T")
Read = Callable[[str, "Names"], Any]  # reads one text, knowing the names of the scenario; raises UnitError

NAME_LONGEST = 64
LINE_LONGEST = 400
POINTS_MOST = 10_000
CV_MOST = 5.0
NEAREST_MOST = 2_000  # names that are compared for the nearest


@dataclass(frozen=True)
class Names:
    """What the rest of the file says that a field may refer to, found before anything is validated."""

    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    zone: str = "UTC"
    paths: frozenset[str] = field(default_factory=frozenset)  # every dotted path in the file


def fault(message: str, help: str = "", at: Iterable[str | int] = (), *, key: bool = False) -> InitErrorDetails:
    """One thing that is wrong, at a place below the field; `key` if the key is wrong rather than its value."""
    context = {"message": message, "help": help, "key": key}
    return InitErrorDetails(type=PydanticCustomError("fault", "{message}", context), loc=tuple(at), input=None)


def refuse(faults: list[InitErrorDetails]) -> None:
    """Raises them all, if there are any."""
    if faults:
        raise ValidationError.from_exception_data("scenario", faults)


def refuse_one(message: str, help: str = "") -> NoReturn:
    """Raises one fault of the whole field."""
    raise PydanticCustomError("fault", "{message}", {"message": message, "help": help, "key": False})


def nearest(word: str, known: Iterable[str]) -> str:
    """Help for a word that is not among the known ones: the nearest, or all of them if they are few."""
    options = sorted(known)[:NEAREST_MOST]
    near = difflib.get_close_matches(word, options, 1, 0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"write one of {', '.join(options)}" if 0 < len(options) <= 20 else ""


def unknown(kind: str, word: str, known: Iterable[str], at: Iterable[str | int] = (), *, key: bool = False) -> InitErrorDetails:
    """The fault of a name that the scenario does not have."""
    return fault(f"unknown {kind} {word!r}", nearest(word, known), at, key=key)


def names_of(info: ValidationInfo) -> Names:
    """The names that the reader found; none when a model is validated on its own."""
    return info.context if isinstance(info.context, Names) else Names()


def _read(value: Any, read: Read, names: Names, faults: list[InitErrorDetails], at: tuple[str | int, ...] = ()) -> Any:
    """What one text means, or None and a fault."""
    if not isinstance(value, str):
        found = "a list" if isinstance(value, list) else "keys and values" if isinstance(value, dict) else "nothing"
        faults.append(fault(f"a single value is due here, not {found}", at=at))
        return None
    try:
        return read(value, names)
    except UnitError as error:
        faults.append(fault(str(error), error.help, at))
        return None


def leaf(read: Read, **schema: Any) -> Any:
    """The type of a field that is one text."""

    def validate(value: Any, info: ValidationInfo) -> Any:
        faults: list[InitErrorDetails] = []
        result = _read(value, read, names_of(info), faults)
        refuse(faults)
        return result

    return PlainValidator(validate), WithJsonSchema(schema)


def plain(read: Callable[[str], T]) -> Read:
    """A reader that needs no names."""
    return lambda text, _: read(text)


# --- numbers that may be uncertain -----------------------------------------------------------------------------------


def uncertain(read: Read, **schema: Any) -> Any:
    """The type of a number that may be given as a distribution."""

    def validate(value: Any, info: ValidationInfo) -> Any:
        names = names_of(info)
        faults: list[InitErrorDetails] = []
        result = _spread(value, read, names, faults) if isinstance(value, dict) else _read(value, read, names, faults)
        refuse(faults)
        return result

    spread = {
        "oneOf": [
            {
                "type": "object",
                "properties": {"uniform": {"type": "array", "items": schema, "minItems": 2, "maxItems": 2}},
            },
            {
                "type": "object",
                "properties": {"triangular": {"type": "array", "items": schema, "minItems": 3, "maxItems": 3}},
            },
            {"type": "object", "properties": {"mean": schema, "cv": {"type": ["string", "number"]}}},
        ]
    }
    return PlainValidator(validate), WithJsonSchema({"oneOf": [schema, spread], "description": schema.get("description", "")})


def _spread(value: dict[str, Any], read: Read, names: Names, faults: list[InitErrorDetails]) -> Spread | None:
    if set(value) == {"mean", "cv"}:
        mean = _read(value["mean"], read, names, faults, ("mean",))
        cv = _read(value["cv"], plain(coefficient), names, faults, ("cv",))
        return Spread("gamma", (mean, cv)) if None not in (mean, cv) else None
    laws: dict[str, Literal["uniform", "triangular"]] = {"uniform": "uniform", "triangular": "triangular"}
    for law, size in (("uniform", 2), ("triangular", 3)):
        if set(value) == {law}:
            points = value[law]
            if not isinstance(points, list) or len(points) != size:
                faults.append(fault(f"{law} takes {size} numbers", "write them from low to high", (law,)))
                return None
            numbers = [_read(point, read, names, faults, (law, i)) for i, point in enumerate(points)]
            if None in numbers:
                return None
            if numbers != sorted(numbers) or numbers[0] == numbers[-1]:
                faults.append(fault(f"the numbers of {law} do not rise", "write them from low to high", (law,)))
                return None
            return Spread(laws[law], tuple(numbers))
    faults.append(
        fault(
            "this is no distribution",
            "write {uniform: [low, high]}, {triangular: [low, mode, high]} or {mean: …, cv: …}",
        )
    )
    return None


def coefficient(text: str) -> float:
    """A coefficient of variation: "0.8" or "80 %", at most 5."""
    return units.share(text, CV_MOST) if "%" in text else units.number(text, CV_MOST)


# --- what changes over time ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Points:
    """A quantity on straight lines between moments, constant before the first and after the last."""

    times: tuple[int, ...]  # ms since 1970, not falling; the same moment twice is a jump
    values: tuple[Any, ...]


def _points(
    value: list[Any],
    read_value: Callable[[Any, tuple[str | int, ...]], Any],
    names: Names,
    faults: list[InitErrorDetails],
) -> Points | None:
    before = len(faults)
    if not 0 < len(value) <= POINTS_MOST:
        faults.append(fault("no points" if not value else f"more than {POINTS_MOST} points", "write [[moment, value], …]"))
        return None
    times, values = [], []
    for row, point in enumerate(value):
        if not isinstance(point, list) or len(point) != 2:
            faults.append(fault("this is no point", "write [moment, value]", (row,)))
            continue
        times.append(_read(point[0], moment, names, faults, (row, 0)))
        values.append(read_value(point[1], (row, 1)))
    if len(faults) > before:
        return None
    for row in range(1, len(times)):
        if times[row] < times[row - 1]:
            faults.append(fault("this moment is before the one above it", "write the points in order of time", (row, 0)))
    return Points(tuple(times), tuple(values)) if len(faults) == before else None


def over_time(read: Read, *, or_constant: bool, **schema: Any) -> Any:
    """The type of a quantity given at points over time, and perhaps as one (uncertain) constant."""

    def validate(value: Any, info: ValidationInfo) -> Any:
        names = names_of(info)
        faults: list[InitErrorDetails] = []
        result: Any = None
        if isinstance(value, list):
            result = _points(value, lambda point, at: _read(point, read, names, faults, at), names, faults)
        elif not or_constant:
            faults.append(fault("points over time are due here", "write [[moment, value], …]"))
        elif isinstance(value, dict):
            result = _spread(value, read, names, faults)
        else:
            result = _read(value, read, names, faults)
        refuse(faults)
        return result

    points = {"type": "array", "items": {"type": "array", "prefixItems": [{"type": "string"}, schema]}}
    return PlainValidator(validate), WithJsonSchema(
        {"oneOf": [points, schema, {"type": "object"}] if or_constant else [points]}
    )


# --- mixes -----------------------------------------------------------------------------------------------------------

Shares = dict[str, float]


@dataclass(frozen=True)
class Mix:
    """How a stream divides over channels, languages or topics; perhaps one by another, perhaps changing over time."""

    by: str | None  # "channel", "language", "topic" or None
    of: Mapping[str | None, Shares | Points]  # by the value of `by`; points hold Shares


DIMENSIONS = {"channel": "channels", "language": "languages", "topic": "topics", "stream": "streams"}


def mix(dimension: str, label: str | None = None) -> Any:
    """The type of a mix over the names of a dimension ("days" for regions)."""
    plural = DIMENSIONS.get(dimension, dimension)
    label = label or dimension

    def validate(value: Any, info: ValidationInfo) -> Mix:
        names, faults = names_of(info), list[InitErrorDetails]()
        known = getattr(names, plural)
        if isinstance(value, str):
            value = {value: "100 %"}
        if label == "region":
            result = Mix(None, {None: _shares(value, label, known, names, faults, ())})
        elif isinstance(value, dict) and "by" in value:
            result = _mix_by(value, label, known, names, faults)
        else:
            result = Mix(None, {None: _mix_part(value, label, known, names, faults, ())})
        refuse(faults)
        return result

    shares = {"type": "object", "additionalProperties": {"type": "string"}}
    return PlainValidator(validate), WithJsonSchema({"oneOf": [{"type": "string"}, shares, {"type": "array"}]})


def _mix_by(value: dict[Any, Any], label: str, known: tuple[str, ...], names: Names, faults: list[InitErrorDetails]) -> Mix:
    others = [name for name in ("channel", "language", "topic") if name != label]
    by = value["by"]
    if by not in others:
        faults.append(fault(f"a mix of {label} cannot go by {by!r}", f"write one of {', '.join(others)}", ("by",)))
        return Mix(None, {})
    givens = getattr(names, DIMENSIONS[by])
    faults += [unknown(by, given, givens, (given,), key=True) for given in value if given != "by" and given not in givens]
    missing = [given for given in givens if given not in value]
    if missing:
        faults.append(fault(f"no mix for {by} {', '.join(missing)}", f"write one for every {by}", ("by",)))
    parts = {given: _mix_part(part, label, known, names, faults, (given,)) for given, part in value.items() if given != "by"}
    return Mix(by, parts)


def _mix_part(
    value: Any,
    label: str,
    known: tuple[str, ...],
    names: Names,
    faults: list[InitErrorDetails],
    at: tuple[str | int, ...],
) -> Any:
    if isinstance(value, list):
        inner: list[InitErrorDetails] = []
        points = _points(value, lambda point, below: _shares(point, label, known, names, inner, below), names, inner)
        faults += [InitErrorDetails(type=item["type"], loc=at + item.get("loc", ()), input=None) for item in inner]
        return points
    return _shares(value, label, known, names, faults, at)


def _shares(
    value: Any,
    label: str,
    known: tuple[str, ...],
    names: Names,
    faults: list[InitErrorDetails],
    at: tuple[str | int, ...],
) -> Shares:
    if isinstance(value, str):
        value = {value: "100 %"}
    if not isinstance(value, dict):
        faults.append(fault("a mix is due here", f"write the share of each {label}, such as {{a: 60 %, b: 40 %}}", at))
        return {}
    before = len(faults)
    faults += [unknown(label, name, known, (*at, name), key=True) for name in value if name not in known]
    shares = {name: _read(text, plain(units.share), names, faults, (*at, name)) for name, text in value.items()}
    if len(faults) == before:
        check_sum(list(shares.values()), faults, at)
    return shares


def check_sum(shares: list[float], faults: list[InitErrorDetails], at: tuple[str | int, ...]) -> None:
    """Adds a fault if shares don't make a whole, saying by how much."""
    total = sum(shares)
    if abs(total - 1) > 1e-9:
        gap = units.percent_text(abs(total - 1), 4)
        words = f"{gap} too much" if total > 1 else f"{gap} missing"
        faults.append(fault(f"the shares add up to {units.percent_text(total, 4)}", f"make them 100 %: {words}", at))


# --- texts -----------------------------------------------------------------------------------------------------------


def moment(text: str, names: Names) -> int:
    """A moment in ms since 1970, local to the scenario's time zone."""
    return clock.epoch(text, names.zone)


def positive(text: str) -> int:
    """A duration of at least 1 ms."""
    ms = units.duration(text)
    if ms < 1:
        raise UnitError(f"{text!r} is no time at all", "write a duration above zero, such as '5 min'")
    return ms


def factor(text: str) -> float:
    """A factor on a time, 1 % to 1000 %."""
    value = units.share(text, 10.0)
    if value < 0.01:
        raise UnitError(f"{text!r} is no factor", "write 1 % to 1000 %; 160 % takes 1.6 times as long")
    return value


def name(text: str) -> str:
    """A name that can stand in a path and in a folder."""
    if not text or len(text) > NAME_LONGEST or not all(c.isalnum() or c in "_-" for c in text) or text[0] in "-_":
        raise UnitError(f"{text[:80]!r} is not a name", f"write letters, digits, '-' and '_', at most {NAME_LONGEST}")
    return text


def line(text: str) -> str:
    """A text on one line."""
    if len(text.splitlines()) > 1 or len(text) > LINE_LONGEST:
        raise UnitError("this is not one line", f"write it on one line, at most {LINE_LONGEST} characters")
    return text.strip()


def version(text: str) -> int:
    """The version of the scenario language: 1."""
    if text != "1":
        raise UnitError(f"schema {text} is not known to this version of sim", "write schema: 1, or install a later sim")
    return 1


def boolean(text: str) -> bool:
    """true or false."""
    if text not in ("true", "false"):
        raise UnitError(f"{text!r} is neither true nor false", "write true or false")
    return text == "true"


def choice(*options: str) -> Read:
    """One of a few words."""

    def read(text: str, _: Names) -> str:
        if text not in options:
            raise UnitError(f"{text!r} is not known here", nearest(text, options))
        return text

    return read


def of_names(kind: str) -> Read:
    """One of the scenario's names of a kind ("languages", "teams" …)."""

    def read(text: str, names: Names) -> str:
        known = getattr(names, kind)
        if text not in known:
            raise UnitError(f"unknown {kind.rstrip('s') if kind != 'days' else 'day profile'} {text!r}", nearest(text, known))
        return text

    return read


def listed(read: Read, *, everything: str | None = None, **schema: Any) -> Any:
    """The type of a list of texts, perhaps written as the one word that means all of them (then None)."""

    def validate(value: Any, info: ValidationInfo) -> tuple[Any, ...] | None:
        names, faults = names_of(info), list[InitErrorDetails]()
        if everything is not None and value == everything:
            return None
        if not isinstance(value, list):
            refuse_one("a list is due here", "write [a, b]" + (f", or {everything!r}" if everything else ""))
        result = [_read(item, read, names, faults, (row,)) for row, item in enumerate(value)]
        for row, item in enumerate(result):
            if item is not None and item in result[:row]:
                faults.append(fault(f"{value[row]!r} is here twice", "write it once", (row,)))
        refuse(faults)
        return tuple(result)

    return PlainValidator(validate), WithJsonSchema({"oneOf": [{"type": "array", "items": schema}, {"type": "string"}]})


def speech(value: Any, info: ValidationInfo) -> Shares:
    """The share of a team that speaks each language; one person may speak several."""
    names, faults = names_of(info), list[InitErrorDetails]()
    if not isinstance(value, dict):
        refuse_one("the share that speaks each language is due here", "write {nl: 100 %, en: 95 %}")
    faults += [unknown("language", word, names.languages, (word,), key=True) for word in value if word not in names.languages]
    shares = {word: _read(text, plain(units.share), names, faults, (word,)) for word, text in value.items()}
    refuse(faults)
    return shares


def profile(text_list: Any) -> tuple[float, ...]:
    """24 weights, one an hour from local midnight, at least one above zero."""
    faults: list[InitErrorDetails] = []
    if not isinstance(text_list, list) or len(text_list) != 24:
        size = len(text_list) if isinstance(text_list, list) else "no list"
        refuse_one(f"a day has 24 hourly weights, not {size}", "write 24 numbers, the first for 00:00-01:00")
    weights = [_read(text, plain(units.number), Names(), faults, (row,)) for row, text in enumerate(text_list)]
    refuse(faults)
    if sum(weights) <= 0:
        refuse_one("all weights are zero", "write at least one above zero")
    return tuple(weights)


_text = {"type": "string"}
Duration = Annotated[int, *leaf(plain(units.duration), **_text, examples=["1 h", "1h30m", "90 s"])]
Positive = Annotated[int, *leaf(plain(positive), **_text, examples=["5 min"])]
Share = Annotated[float, *leaf(plain(units.share), **_text, examples=["60 %"])]
Moment = Annotated[int, *leaf(moment, **_text, examples=["2010-04-15 19:00"])]
Hours = Annotated[tuple[int, int], *leaf(plain(clock.hours), **_text, examples=["07:00-15:00"])]
Wage = Annotated[float, *leaf(plain(units.money_an_hour), **_text, examples=["32 / h"])]
Coefficient = Annotated[float, *leaf(plain(coefficient), type=["string", "number"], examples=["0.8", "80 %"])]
Boolean = Annotated[bool, *leaf(plain(boolean), type="boolean")]
Zone = Annotated[str, *leaf(plain(clock.zone), **_text, examples=["Europe/Amsterdam"])]
Name = Annotated[str, *leaf(plain(name), **_text)]
Text = Annotated[str, *leaf(plain(line), **_text)]
Version = Annotated[int, *leaf(plain(version), type="integer")]
Channel = Annotated[str, *leaf(of_names("channels"), **_text)]
Language = Annotated[str, *leaf(of_names("languages"), **_text)]
Topic = Annotated[str, *leaf(of_names("topics"), **_text)]
TeamName = Annotated[str, *leaf(of_names("teams"), **_text)]
People = Annotated[int, *leaf(plain(lambda text: units.whole(text, 0, 100_000)), type="integer")]
Positives = Annotated[Number, *uncertain(plain(positive), **_text)]
Shares01 = Annotated[Number, *uncertain(plain(units.share), **_text)]
Factor = Annotated[float, *leaf(plain(factor), **_text, examples=["160 %"])]
Factors = Annotated[Number, *uncertain(plain(factor), **_text)]
Rates = Annotated[Number, *uncertain(plain(units.rate), **_text)]
Crowd = Annotated[Number, *uncertain(plain(lambda text: float(units.whole(text, 0, 100_000_000))), type="integer")]
RateOverTime = Annotated[Points | Number, *over_time(plain(units.rate), or_constant=True, **_text)]
ShareOverTime = Annotated[Points, *over_time(plain(units.share), or_constant=False, **_text)]
Speech = Annotated[
    Shares, PlainValidator(speech), WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}})
]
Profile = Annotated[tuple[float, ...], PlainValidator(profile), WithJsonSchema({"type": "array", "items": {"type": "number"}})]
