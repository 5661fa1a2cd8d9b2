"""Plans from a few words of YAML: what a test does not name is the plainest thing that is valid."""

from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML

from sim.plan import Plan
from sim.scenario.lowering import lower
from sim.scenario.reading import Reading, read
from sim.tables import Workload

SIGMAS = 4.5  # a normal mean lies further than so many standard errors off once in 150,000 times
RARE = 1e-5  # and a sound sample gets so small a p-value once in 100,000

# Contacts by local hour, in permille of a day but for rounding, and three regions that have them.
HOME = (
    "[2.7, 1.3, 0.9, 0.6, 0.9, 1.3, 1.9, 2.6, 3.9, 5.3, 6.6, 7.2, 6.3, 6.4, 6.4, 5.8, 6.5, 5.8, 5.0, "
    "5.7, 5.0, 4.2, 4.2, 3.4]"
)
REGIONS = f"""{{home: {{hours: {HOME}}}, america: {{timezone: America/New_York, like: home}},
  asia: {{timezone: Asia/Shanghai, like: home}}}}"""

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


def reading(**sections: str) -> Reading:
    """The plainest scenario with these sections, each the YAML text of its value, put in place of its own.

    Two days from Monday 7 June 2010 in UTC; one stream, channel, language, topic and team; a constant contact
    an hour.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "plain.yaml")
        file.write_text(
            "".join(f"{key}: {text}\n" for key, text in (PLAIN | sections).items()), encoding="utf-8"
        )
        return read(file)


def plan(**sections: str) -> Plan:
    """The plan of that scenario."""
    made = reading(**sections)
    return lower(made.scenario, made.resolved)


def hub(
    people: int = 1,
    *,
    shifts: str = "{always: {hours: 00:00-24:00}}",
    speaks: str = "{nl: 100 %}",
    **rest: str,
) -> str:
    """The YAML text of one team called hub, with these further keys."""
    more = "".join(f", {key}: {text}" for key, text in rest.items())
    return f"{{hub: {{people: {people}, speaks: {speaks}, shifts: {shifts}{more}}}}}"


def described(plan: Plan, work: Workload) -> Counter[tuple[object, ...]]:
    """What comes from outside, in words: (time, stream, channel, language, topic, effort, patience, what
    follows).

    What follows is (delay, topic, effort, patience) or None: two workloads are compared whatever the order of
    their rows.
    """
    columns = ("time", "label", "effort", "patience", "parent")
    time, label, effort, patience, parent = (getattr(work, name).tolist() for name in columns)
    labels = plan.lens.labels.tolist()
    topics = plan.lens.topics
    follows: dict[int, tuple[object, ...]] = {
        parent[row]: (time[row], topics[labels[label[row]][3]], effort[row], patience[row])
        for row in range(work.outside, work.n)
    }

    def words(row: int) -> tuple[object, ...]:
        stream, channel, language, topic = labels[label[row]]
        kind = (
            plan.lens.streams[stream],
            plan.lens.channels[channel],
            plan.lens.languages[language],
            topics[topic],
        )
        return (time[row], *kind, effort[row], patience[row], follows.get(row))

    return Counter(words(row) for row in range(work.outside))


@cache
def variants_of(path: Path) -> list[str | None]:
    """The base of a scenario, and every variant it names."""
    return [None, *YAML(typ="safe").load(path).get("variants", {})]
