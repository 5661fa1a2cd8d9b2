"""What is wrong with a field and where; and the type of a field that is one text.

Every scalar arrives as the text that stands in the file.  A fault carries the message, what to write instead,
the place below the field and whether the key or the value is meant; all faults of a field are reported at
once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from pydantic import PlainValidator, ValidationError, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from sim.scenario.document.nearest import nearest
from sim.units import UnitError

T = TypeVar("T")
Place = tuple[str | int, ...]  # below the field
Read = Callable[[str, "Names"], Any]  # reads one text, knowing the names of the scenario; raises UnitError


@dataclass(frozen=True)
class Names:
    """What the rest of the file says that a field may refer to, found before anything is validated."""

    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    zone: str = "UTC"
    paths: frozenset[str] = field(default_factory=frozenset)  # every dotted path in the file


def fault(
    message: str, help: str = "", at: Iterable[str | int] = (), *, key: bool = False
) -> InitErrorDetails:
    """One fault at a place below the field; `key` if the key is wrong rather than its value."""
    context = {"message": message, "help": help, "key": key}
    return InitErrorDetails(
        type=PydanticCustomError("fault", "{message}", context), loc=tuple(at), input=None
    )


def refuse(faults: list[InitErrorDetails]) -> None:
    """Raises them all, if there are any."""
    if faults:
        raise ValidationError.from_exception_data("scenario", faults)


def refuse_one(message: str, help: str = "") -> NoReturn:
    """Raises one fault of the whole field."""
    raise PydanticCustomError("fault", "{message}", {"message": message, "help": help, "key": False})


def unknown(
    kind: str, word: str, known: Iterable[str], at: Iterable[str | int] = (), *, key: bool = False
) -> InitErrorDetails:
    """The fault of a name that the scenario does not have."""
    return fault(f"unknown {kind} {word!r}", nearest(word, known), at, key=key)


def names_of(info: ValidationInfo) -> Names:
    """The names that the reader found; none when a model is validated on its own."""
    return info.context if isinstance(info.context, Names) else Names()


def read_text(
    value: Any, read: Read, names: Names, faults: list[InitErrorDetails], at: tuple[str | int, ...] = ()
) -> Any:
    """What one text means, or None and a fault."""
    if not isinstance(value, str):
        found = (
            "a list"
            if isinstance(value, list)
            else "keys and values"
            if isinstance(value, dict)
            else "nothing"
        )
        faults.append(fault(f"expected a single value, not {found}", at=at))
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
        result = read_text(value, read, names_of(info), faults)
        refuse(faults)
        return result

    return PlainValidator(validate), WithJsonSchema(schema)


def plain(read: Callable[[str], T]) -> Read:
    """A reader that needs no names."""
    return lambda text, _: read(text)
