"""What changes over time, and how a stream divides: points with straight lines between, and mixes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails

from sim import units
from sim.plan import Number
from sim.scenario.schema.faults import Names, Place, Read, fault, names_of, plain, read_text, refuse, unknown
from sim.scenario.schema.fields import Shares, check_sum, moment, spread_of, spread_schemas
from sim.tables import NEVER

POINTS_MOST = 10_000
LINES_MOST = 1_000_000


@dataclass(frozen=True)
class TimeSeries:
    """A quantity on straight lines between moments, constant before the first and after the last."""

    times: tuple[int, ...]  # ms since 1970, not falling; the same moment twice is a jump
    values: tuple[Any, ...]


def _points(
    value: list[Any],
    read_value: Callable[[Any, Place], Any],
    names: Names,
    faults: list[InitErrorDetails],
) -> TimeSeries | None:
    before = len(faults)
    if not 0 < len(value) <= POINTS_MOST:
        faults.append(
            fault(
                "no points" if not value else f"more than {POINTS_MOST} points", "write [[moment, value], …]"
            )
        )
        return None
    times, values = [], []
    for row, point in enumerate(value):
        if not isinstance(point, list) or len(point) != 2:
            faults.append(fault("this is not a point", "write [moment, value]", (row,)))
            continue
        times.append(read_text(point[0], moment, names, faults, (row, 0)))
        values.append(read_value(point[1], (row, 1)))
    if len(faults) > before:
        return None
    for row in range(1, len(times)):
        if times[row] < times[row - 1]:
            faults.append(
                fault("this moment is before the one above it", "write the points in order of time", (row, 0))
            )
    return TimeSeries(tuple(times), tuple(values)) if len(faults) == before else None


def over_time(read: Read, *, or_constant: bool, uncertain: bool = True, **schema: Any) -> Any:
    """The type of a quantity given at points over time, and perhaps as one (uncertain) constant."""

    def validate(value: Any, info: ValidationInfo) -> Any:
        names = names_of(info)
        faults: list[InitErrorDetails] = []
        result: Any = None
        if isinstance(value, list):
            result = _points(
                value, lambda point, at: read_text(point, read, names, faults, at), names, faults
            )
        elif not or_constant:
            faults.append(fault("expected points over time", "write [[moment, value], …]"))
        elif isinstance(value, dict) and not uncertain:
            faults.append(fault("this cannot be a distribution", "write one value, or [[moment, value], …]"))
        elif isinstance(value, dict):
            result = spread_of(value, read, names, faults)
        else:
            result = read_text(value, read, names, faults)
        refuse(faults)
        return result

    constant = [schema, *(spread_schemas(schema) if uncertain else [])] if or_constant else []
    return PlainValidator(validate), WithJsonSchema({"anyOf": [_points_schema(schema), *constant]})


def _points_schema(value: dict[str, Any]) -> dict[str, Any]:
    point = {"type": "array", "prefixItems": [{"type": "string"}, value], "minItems": 2, "maxItems": 2}
    return {"type": "array", "items": point, "minItems": 1}


@dataclass(frozen=True)
class Mix:
    """The shares of a stream by channel, language or topic; perhaps by another, perhaps over time."""

    by: str | None  # "channel", "language", "topic" or None
    of: Mapping[str | None, Shares | TimeSeries]  # by the value of `by`; points hold Shares


DIMENSIONS = {"channel": "channels", "language": "languages", "topic": "topics", "stream": "streams"}


@dataclass(frozen=True)
class _Kind:
    """What a mix divides over."""

    label: str  # what faults call it
    known: tuple[str, ...]  # its values
    names: Names


def mix(dimension: str, label: str | None = None) -> Any:
    """The type of a mix over the names of a dimension ("days" for regions)."""
    plural = DIMENSIONS.get(dimension, dimension)
    label = label or dimension

    def validate(value: Any, info: ValidationInfo) -> Mix:
        names, faults = names_of(info), list[InitErrorDetails]()
        kind = _Kind(label, getattr(names, plural), names)
        if label == "region":
            result = Mix(None, {None: _shares(value, kind, faults, ())})
        elif isinstance(value, dict) and "by" in value:
            result = _mix_by(value, kind, faults)
        else:
            result = Mix(None, {None: _mix_part(value, kind, faults, ())})
        refuse(faults)
        return result

    shares = {"type": "object", "additionalProperties": {"type": "string"}}
    plain_mix = {"anyOf": [{"type": "string"}, shares]}
    part = {"anyOf": [{"type": "string"}, shares, _points_schema(plain_mix)]}
    by = {
        "type": "object",
        "properties": {"by": {"type": "string"}},
        "required": ["by"],
        "additionalProperties": part,
    }
    return PlainValidator(validate), WithJsonSchema(
        {"anyOf": [plain_mix] if dimension == "days" else [part, by]}
    )


def _mix_by(value: dict[Any, Any], kind: _Kind, faults: list[InitErrorDetails]) -> Mix:
    others = [name for name in ("channel", "language", "topic") if name != kind.label]
    by = value["by"]
    if by not in others:
        faults.append(
            fault(f"a mix of {kind.label} cannot go by {by!r}", f"write one of {', '.join(others)}", ("by",))
        )
        return Mix(None, {})
    givens = getattr(kind.names, DIMENSIONS[by])
    faults += [
        unknown(by, given, givens, (given,), key=True)
        for given in value
        if given != "by" and given not in givens
    ]
    missing = [given for given in givens if given not in value]
    if missing:
        faults.append(fault(f"no mix for {by} {', '.join(missing)}", f"write one for every {by}", ("by",)))
    parts = {given: _mix_part(part, kind, faults, (given,)) for given, part in value.items() if given != "by"}
    return Mix(by, parts)


def _mix_part(value: Any, kind: _Kind, faults: list[InitErrorDetails], at: Place) -> Any:
    if isinstance(value, list) and any(isinstance(point, list) for point in value):
        inner: list[InitErrorDetails] = []
        points = _points(value, lambda point, below: _shares(point, kind, inner, below), kind.names, inner)
        faults += [
            InitErrorDetails(type=item["type"], loc=at + item.get("loc", ()), input=None) for item in inner
        ]
        return points
    return _shares(value, kind, faults, at)


def _shares(value: Any, kind: _Kind, faults: list[InitErrorDetails], at: Place) -> Shares:
    if isinstance(value, str):
        value = {value: "100 %"}
    if not isinstance(value, dict):
        faults.append(
            fault("expected a mix", f"write the share of each {kind.label}, such as {{a: 60 %, b: 40 %}}", at)
        )
        return {}
    before = len(faults)
    faults += [
        unknown(kind.label, name, kind.known, (*at, name), key=True)
        for name in value
        if name not in kind.known
    ]
    shares = {
        name: read_text(text, plain(units.share), kind.names, faults, (*at, name))
        for name, text in value.items()
    }
    if len(faults) == before:
        check_sum(list(shares.values()), faults, at)
    return shares


def lines(text: str) -> int:
    """The most contacts that a channel holds; NEVER, no limit, for "unlimited"."""
    try:
        return NEVER if text == "unlimited" else units.whole(text, 0, LINES_MOST)
    except units.UnitError as error:
        raise units.UnitError(str(error), f"{error.help}, or unlimited") from None


_text = {"type": "string"}
RateOverTime = Annotated[TimeSeries | Number, *over_time(plain(units.rate), or_constant=True, **_text)]
ShareOverTime = Annotated[TimeSeries, *over_time(plain(units.share), or_constant=False, **_text)]
SomeShare = Annotated[TimeSeries | Number, *over_time(plain(units.share), or_constant=True, **_text)]
Lines = Annotated[
    TimeSeries | int, *over_time(plain(lines), or_constant=True, uncertain=False, type=["integer", "string"])
]
