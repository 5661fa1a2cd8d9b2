"""The leaves of a scenario: texts with units, names, numbers that may be uncertain, and lists of them."""

from typing import Annotated, Any, Literal

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails

from sim import clock, units
from sim.plan import Number, Spread
from sim.scenario.document.nearest import nearest
from sim.scenario.schema.faults import (
    Names,
    Place,
    Read,
    fault,
    leaf,
    names_of,
    plain,
    read_text,
    refuse,
    refuse_one,
    unknown,
)
from sim.units import UnitError

NAME_LONGEST = 64
LINE_LONGEST = 400
CV_MOST = 5.0

Shares = dict[str, float]


def uncertain(read: Read, *, share: bool = False, **schema: Any) -> Any:
    """The type of a number that may be given as a distribution; of a share not as one that can pass 100 %."""

    def validate(value: Any, info: ValidationInfo) -> Any:
        names = names_of(info)
        faults: list[InitErrorDetails] = []
        result = (
            spread_of(value, read, names, faults)
            if isinstance(value, dict)
            else read_text(value, read, names, faults)
        )
        if share and isinstance(result, Spread) and result.law == "gamma":
            help = "write {uniform: [low, high]} or {triangular: [low, mode, high]}"
            refuse_one("a share with mean and cv could pass 100 %", help)
        refuse(faults)
        return result

    return PlainValidator(validate), WithJsonSchema(
        {"anyOf": [schema, *spread_schemas(schema)[: 2 if share else 3]]}
    )


def spread_schemas(number: dict[str, Any]) -> list[dict[str, Any]]:
    """The JSON Schemas of the distributions of a number."""

    def keyed(**keys: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}

    def points(size: int) -> dict[str, Any]:
        return {"type": "array", "items": number, "minItems": size, "maxItems": size}

    return [
        keyed(uniform=points(2)),
        keyed(triangular=points(3)),
        keyed(mean=number, cv={"type": ["string", "number"]}),
    ]


def spread_of(
    value: dict[str, Any], read: Read, names: Names, faults: list[InitErrorDetails]
) -> Spread | None:
    """The distribution that keys and values mean, or None and a fault."""
    if set(value) == {"mean", "cv"}:
        mean = read_text(value["mean"], read, names, faults, ("mean",))
        cv = read_text(value["cv"], plain(coefficient), names, faults, ("cv",))
        return Spread("gamma", (mean, cv)) if None not in (mean, cv) else None
    laws: dict[str, Literal["uniform", "triangular"]] = {"uniform": "uniform", "triangular": "triangular"}
    for law, size in (("uniform", 2), ("triangular", 3)):
        if set(value) == {law}:
            points = value[law]
            if not isinstance(points, list) or len(points) != size:
                faults.append(fault(f"{law} takes {size} numbers", "write them from low to high", (law,)))
                return None
            numbers = [read_text(point, read, names, faults, (law, i)) for i, point in enumerate(points)]
            if None in numbers:
                return None
            if numbers != sorted(numbers) or numbers[0] == numbers[-1]:
                faults.append(
                    fault(f"the numbers of {law} do not rise", "write them from low to high", (law,))
                )
                return None
            return Spread(laws[law], tuple(numbers))
    faults.append(
        fault(
            "this is not a distribution",
            "write {uniform: [low, high]}, {triangular: [low, mode, high]} or {mean: …, cv: …}",
        )
    )
    return None


def coefficient(text: str) -> float:
    """A coefficient of variation: "0.8" or "80 %", at most 5."""
    if "%" in text:
        return units.share(text, CV_MOST)
    try:
        return units.number(text, CV_MOST)
    except UnitError as error:
        raise UnitError(str(error), f"write a number such as 0.8, or '80 %', at most {CV_MOST:.0f}") from None


def check_sum(shares: list[float], faults: list[InitErrorDetails], at: Place) -> None:
    """Adds a fault if shares don't make a whole, saying by how much."""
    total = sum(shares)
    if abs(total - 1) > 1e-9:
        gap = units.percent_text(abs(total - 1), 4)
        words = f"{gap} too much" if total > 1 else f"{gap} missing"
        faults.append(
            fault(f"the shares add up to {units.percent_text(total, 4)}", f"make them 100 %: {words}", at)
        )


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
        raise UnitError(f"{text!r} is not a factor", "write 1 % to 1000 %; 160 % takes 1.6 times as long")
    return value


def name(text: str) -> str:
    """A name that can stand in a path and in a folder."""
    if (
        not text
        or len(text) > NAME_LONGEST
        or not all(c.isalnum() or c in "_-" for c in text)
        or text[0] in "-_"
    ):
        raise UnitError(
            f"{text[:80]!r} is not a name", f"write letters, digits, '-' and '_', at most {NAME_LONGEST}"
        )
    return text


def line(text: str) -> str:
    """A text on one line."""
    if len(text.splitlines()) > 1 or len(text) > LINE_LONGEST:
        raise UnitError("this is not one line", f"write it on one line, at most {LINE_LONGEST} characters")
    return text.strip()


def version(text: str) -> int:
    """The version of the scenario language: 1."""
    if text != "1":
        raise UnitError(
            f"schema {text} is not known to this version of sim", "write schema: 1, or install a later sim"
        )
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
            raise UnitError(
                f"unknown {kind.rstrip('s') if kind != 'days' else 'day profile'} {text!r}",
                nearest(text, known),
            )
        return text

    return read


def listed(read: Read, *, everything: str | None = None, **schema: Any) -> Any:
    """The type of a list of texts; one text is a list of one, and one word may stand for all (None)."""

    def validate(value: Any, info: ValidationInfo) -> tuple[Any, ...] | None:
        names, faults = names_of(info), list[InitErrorDetails]()
        if everything is not None and value == everything:
            return None
        if isinstance(value, str):
            value = [value]
        if value == [] and everything is not None:
            refuse_one("nothing is in this list", f"write [a, b], or {everything!r}")
        if not isinstance(value, list):
            refuse_one("expected a list", "write [a, b]" + (f", or {everything!r}" if everything else ""))
        result = [read_text(item, read, names, faults, (row,)) for row, item in enumerate(value)]
        for row, item in enumerate(result):
            if item is not None and item in result[:row]:
                faults.append(fault(f"{value[row]!r} is listed twice", "write it once", (row,)))
        refuse(faults)
        return tuple(result)

    return PlainValidator(validate), WithJsonSchema({"anyOf": [{"type": "array", "items": schema}, schema]})


def one_or_each(read: Read, **schema: Any) -> Any:
    """The type of one text or a list of several; the same text may come twice."""

    def validate(value: Any, info: ValidationInfo) -> tuple[Any, ...]:
        names, faults = names_of(info), list[InitErrorDetails]()
        items = value if isinstance(value, list) else [value]
        result = tuple(read_text(item, read, names, faults, (row,)) for row, item in enumerate(items))
        refuse(faults)
        return result

    return PlainValidator(validate), WithJsonSchema({"anyOf": [{"type": "array", "items": schema}, schema]})


def speech(value: Any, info: ValidationInfo) -> Shares:
    """The share of a team that speaks each language; one person may speak several."""
    names, faults = names_of(info), list[InitErrorDetails]()
    if not isinstance(value, dict):
        refuse_one("expected the share that speaks each language", "write {nl: 100 %, en: 95 %}")
    faults += [
        unknown("language", word, names.languages, (word,), key=True)
        for word in value
        if word not in names.languages
    ]
    shares = {
        word: read_text(text, plain(units.share), names, faults, (word,)) for word, text in value.items()
    }
    refuse(faults)
    return shares


def profile(text_list: Any) -> tuple[float, ...]:
    """24 weights, one an hour from local midnight, at least one above zero."""
    faults: list[InitErrorDetails] = []
    if not isinstance(text_list, list) or len(text_list) != 24:
        size = len(text_list) if isinstance(text_list, list) else "no list"
        refuse_one(f"a day has 24 hourly weights, not {size}", "write 24 numbers, the first for 00:00-01:00")
    weights = [
        read_text(text, plain(units.number), Names(), faults, (row,)) for row, text in enumerate(text_list)
    ]
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
Topic = Annotated[str, *leaf(of_names("topics"), **_text)]
TeamName = Annotated[str, *leaf(of_names("teams"), **_text)]
People = Annotated[int, *leaf(plain(lambda text: units.whole(text, 0, 100_000)), type="integer")]
Positives = Annotated[Number, *uncertain(plain(positive), **_text)]
Shares01 = Annotated[Number, *uncertain(plain(units.share), share=True, **_text)]
Factors = Annotated[Number, *uncertain(plain(factor), **_text)]
Rates = Annotated[Number, *uncertain(plain(units.rate), **_text)]
Crowd = Annotated[
    Number, *uncertain(plain(lambda text: float(units.whole(text, 0, 100_000_000))), type="integer")
]
Speech = Annotated[
    Shares,
    PlainValidator(speech),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
Profile = Annotated[
    tuple[float, ...], PlainValidator(profile), WithJsonSchema({"type": "array", "items": {"type": "number"}})
]
