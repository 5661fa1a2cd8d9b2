"""The base of the models: no unknown key, and every fault at once."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from sim.scenario.faults import fault, refuse, unknown


class Strict(BaseModel):
    """Base of all models: no unknown key, every fault at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Unknown keys with the nearest known one, besides whatever else is wrong."""
        if isinstance(data, cls):
            return data
        data = cls.written_short(data)
        if not isinstance(data, dict):
            found = "a list" if isinstance(data, list) else "a single value" if isinstance(data, str) else "nothing"
            refuse([fault(f"keys and values are due here, not {found}", f"write {cls._first_key()}: …")])
        known = [item.alias or key for key, item in cls.model_fields.items()]
        faults = [unknown("key", key, known, (key,), key=True) for key in data if key not in known]
        try:
            model = handler({key: value for key, value in data.items() if key in known})
        except ValidationError as error:
            refuse(faults + [_again(item) for item in error.errors(include_url=False)])
            raise
        refuse(faults)
        return model

    @classmethod
    def written_short(cls, data: Any) -> Any:
        """The long form of a short notation; most models have none."""
        return data

    @classmethod
    def _first_key(cls) -> str:
        key, item = next(iter(cls.model_fields.items()))
        return item.alias or key


def _again(error: ErrorDetails) -> InitErrorDetails:
    """A fault of an inner model, to be reported with those of the outer one."""
    place = error["loc"]
    if error["type"] == "fault":
        return InitErrorDetails(type=PydanticCustomError("fault", "{message}", error["ctx"]), loc=place, input=None)
    if error["type"] == "missing":
        return fault(f"missing key {place[-1]!r}", f"write {place[-1]}: …", place[:-1], key=True)
    if error["type"] == "dict_type":
        found = "a list" if isinstance(error["input"], list) else "a single value"
        return fault(f"keys and values are due here, not {found}", "write name: …, or {} for none", place)
    return fault(error["msg"][:1].lower() + error["msg"][1:], at=place)
