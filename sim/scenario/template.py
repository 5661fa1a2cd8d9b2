"""A scenario to start from: commented, runs as it is, and is written where the planner is."""

import re
from pathlib import Path
from string import Template

from sim.scenario.schema.fields import name as checked
from sim.units import UnitError

TEMPLATE = Path(__file__).with_name("template.yaml")
NO_TEXT = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")  # in YAML, or in what was YAML once


def text(name: str) -> str:
    """The scenario under a name; raises UnitError if that is none, with one that is near."""
    try:
        checked(name)
    except UnitError as error:
        near = _near(name)
        raise UnitError(str(error), f"{error.help}, such as {near}" if near else error.help) from None
    title = re.sub(r"[-_]+", " ", name).strip()
    title = title[:1].upper() + title[1:]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        file=f"{name}.yaml", name=_quoted(name), title=_quoted(title)
    )


def write(name: str, folder: Path) -> Path:
    """Writes the scenario under a name into a folder; FileExistsError if it is there, OSError if it can't."""
    path, content = folder / f"{name}.yaml", text(name)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            path.unlink()
            raise
    return path


def _near(text: str) -> str | None:
    """The words of a text as a name: "flood" for "flood.yaml", "high-water" for "high water"."""
    words = re.findall(r"[^\W_]+", re.sub(r"\.ya?ml$", "", text))
    try:
        return checked("-".join(words))
    except UnitError:
        return None


def _quoted(text: str) -> str:
    """The text, quoted if a YAML reader, or the schema in an editor, would take it for anything else."""
    return text if text[0].isalpha() and text.lower() not in NO_TEXT else f'"{text}"'
