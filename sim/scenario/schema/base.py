"""The base of the models: no unknown key, and every fault at once; and their JSON Schema."""

import ast
import inspect
from itertools import pairwise
from textwrap import dedent
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ModelSchema

from sim.scenario.schema.faults import fault, refuse, unknown

KEYS_TOLD = 4  # of those that are needed


class Strict(BaseModel):
    """Base of all models: no unknown key, every fault at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Unknown keys with the nearest known one, besides whatever else is wrong."""
        if isinstance(data, cls):
            return data
        data = cls.written_short(data)
        if not isinstance(data, dict):
            found = (
                "a list"
                if isinstance(data, list)
                else "a single value"
                if isinstance(data, str)
                else "nothing"
            )
            refuse([fault(f"expected keys and values, not {found}", f"write {cls._least()}")])
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
    def _least(cls) -> str:
        """The keys that it cannot do without; of many, or if there are none, the first."""
        needed = [item.alias or key for key, item in cls.model_fields.items() if item.is_required()]
        if not 0 < len(needed) <= KEYS_TOLD:
            key, item = next(iter(cls.model_fields.items()))
            return f"{item.alias or key}: …"
        return "{" + ", ".join(f"{key}: …" for key in needed) + "}"


def _again(error: ErrorDetails) -> InitErrorDetails:
    """A fault of an inner model, to be reported with those of the outer one."""
    place = error["loc"]
    if error["type"] == "fault":
        return InitErrorDetails(
            type=PydanticCustomError("fault", "{message}", error["ctx"]), loc=place, input=None
        )
    if error["type"] == "missing":
        return fault(f"missing key {place[-1]!r}", f"write {place[-1]}: …", place[:-1], key=True)
    if error["type"] == "dict_type":
        given = "a list" if isinstance(error["input"], list) else "a single value"
        return fault(f"expected keys and values, not {given}", "write name: …, or {} for none", place)
    if error["type"] == "tuple_type":
        return fault("expected a list", "write [{…}, {…}]", place)
    return fault(error["msg"][:1].lower() + error["msg"][1:], at=place)


class Described(GenerateJsonSchema):
    """The JSON Schema of models, with the text under each field as its description.

    pydantic can do so itself, but then reads the source of every model whenever it is imported: a third of
    the import.
    """

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """The schema of one model."""
        body = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, text in _texts_under_fields(model).items():
            body["properties"][model.model_fields[name].alias or name]["description"] = text
        return body


def _texts_under_fields(model: type[BaseModel]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for base in reversed(model.__mro__[: model.__mro__.index(Strict)]):
        written = ast.parse(dedent(inspect.getsource(base))).body[0]
        assert isinstance(written, ast.ClassDef)
        for field, under in pairwise(written.body):
            match field, under:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    texts[name] = inspect.cleandoc(text)
    return texts
