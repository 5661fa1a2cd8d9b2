"""A duration that differs from case to case, as planners write it."""

from typing import Annotated, Any, Self

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.scenario.schema.base import Strict
from sim.scenario.schema.faults import fault, leaf, refuse
from sim.scenario.schema.fields import Coefficient, Positives, choice


class Timing(Strict):
    """A duration that differs from case to case, by mean and coefficient of variation."""

    mean: Positives
    """The mean, such as '5 min'; may be a distribution, drawn once a replication."""
    cv: Coefficient | None = None
    """Standard deviation ÷ mean: 0 is constant, 1 exponential."""
    law: Annotated[
        str | None, *leaf(choice("lognormal", "gamma", "exponential", "constant"), type="string")
    ] = None
    """lognormal (default), gamma, exponential or constant."""

    @classmethod
    def written_short(cls, data: Any) -> Any:
        """'5 min' is a constant of 5 minutes."""
        return {"mean": data, "law": "constant"} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Both notations."""
        return {"anyOf": [{"type": "string"}, handler(core)]}

    @model_validator(mode="after")
    def _law_fits(self) -> Self:
        faults = []
        if self.law == "constant" and self.cv:
            faults.append(fault("a constant does not vary", "leave out cv, or choose another law", ("cv",)))
        if self.law == "exponential" and self.cv not in (None, 1.0):
            faults.append(fault("an exponential law has cv 1", "leave out cv, or write law: gamma", ("cv",)))
        if self.law in (None, "lognormal", "gamma") and self.cv is None:
            faults.append(fault("missing key 'cv'", "write cv: 0.8, or law: constant", (), key=True))
        refuse(faults)
        return self
