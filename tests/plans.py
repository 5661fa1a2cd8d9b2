"""Plans from a few words of YAML: what a test does not name is the plainest thing that is valid."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sim.scenario.lower import lower
from sim.scenario.plan import Plan
from sim.scenario.read import read

PLAIN = {
    "schema": "1",
    "name": "plain",
    "title": "The plainest scenario",
    "starts": "2010-06-07 00:00",  # a Monday without a clock change near
    "lasts": "2 d",
    "drain": "1 h",
    "timezone": "UTC",
    "promises": "{first_reply: {within: 1 h, share: 90 %}}",
    "languages": "[nl]",
    "channels": "{mail: {}}",
    "topics": "{info: {handle_time: 5 min}}",
    "demand": "{all: {rate: 1 / h}}",
    "teams": "{hub: {people: 1, speaks: {nl: 100 %}, shifts: {always: {hours: 00:00-24:00}}}}",
}


def plan(**sections: str) -> Plan:
    """The plan of the plainest scenario with these sections, each the YAML text of its value, put in place of its own.

    Two days from Monday 7 June 2010 in UTC; one stream, channel, language, topic and team; a constant contact an hour.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "plain.yaml")
        file.write_text("".join(f"{key}: {text}\n" for key, text in (PLAIN | sections).items()), encoding="utf-8")
        reading = read(file)
    return lower(reading.scenario, reading.resolved)


def hub(people: int = 1, *, shifts: str = "{always: {hours: 00:00-24:00}}", speaks: str = "{nl: 100 %}", **rest: str) -> str:
    """The YAML text of one team called hub, with these further keys."""
    more = "".join(f", {key}: {text}" for key, text in rest.items())
    return f"{{hub: {{people: {people}, speaks: {speaks}, shifts: {shifts}{more}}}}}"
