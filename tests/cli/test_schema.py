"""`sim schema` is of use to an editor: it accepts what `sim` accepts, and refuses a mistyped key."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from sim.cli import main

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
SCHEMA = json.loads(CliRunner().invoke(main, ["schema"]).stdout)


def as_an_editor_sees_it(value: Any) -> Any:
    """Numbers and booleans typed as in YAML 1.2; moments are texts there."""
    if isinstance(value, dict):
        return {str(key): as_an_editor_sees_it(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_an_editor_sees_it(item) for item in value]
    return str(value) if isinstance(value, date | datetime) else value


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_the_schema_accepts_every_scenario(path: Path) -> None:
    jsonschema.validate(as_an_editor_sees_it(YAML(typ="safe").load(path)), SCHEMA)


def test_the_schema_refuses_an_unknown_key() -> None:
    scenario = as_an_editor_sees_it(YAML(typ="safe").load(SCENARIOS[0]))
    next(iter(scenario["teams"].values()))["peple"] = 3
    with pytest.raises(jsonschema.ValidationError, match="peple"):
        jsonschema.validate(scenario, SCHEMA)


def test_every_field_is_documented() -> None:
    models = [SCHEMA, *SCHEMA["$defs"].values()]
    models += [part for model in models for part in model.get("anyOf", [])]
    fields = {name: field for model in models for name, field in model.get("properties", {}).items()}
    assert len(fields) > 50
    assert [name for name, field in fields.items() if not field.get("description")] == []
