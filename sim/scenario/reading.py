"""A checked Scenario from its file: variants, overrides, and every problem with its place in the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim import clock
from sim.plan import BYSTANDERS
from sim.scenario.consistency import NAMES_MOST, check
from sim.scenario.document.nearest import nearest
from sim.scenario.document.overrides import Changed, Steps, change, from_arguments, from_variant, paths
from sim.scenario.document.problems import Mark, Problem, ScenarioError, Source, open_file, problem_at
from sim.scenario.document.tree import NOTHING, Node, parse, texts
from sim.scenario.schema.base import Described
from sim.scenario.schema.faults import Names
from sim.scenario.schema.scenario import Scenario
from sim.units import UnitError

__all__ = ["Problem", "Reading", "ScenarioError", "read", "read_each", "schema"]

CHANGES_TRIED = 20  # one by one, for the one that made a fault
VALUES_MOST = 300_000  # in all variants, each written out as a whole scenario

# Sections that others refer to by name: field of Names, words of faults about an unknown one.
_SECTIONS = {
    "languages": ("languages", ("language",)),
    "channels": ("channels", ("channel",)),
    "topics": ("topics", ("topic",)),
    "demand": ("streams", ("stream",)),
    "teams": ("teams", ("team",)),
    "days": ("days", ("day profile", "region")),
    "ends": ("ends", ("end",)),
    "promises": ("promises", ("promise",)),
}


@dataclass(frozen=True)
class Reading:
    """A scenario as it will run."""

    scenario: Scenario
    resolved: dict[str, Any]  # its texts, with variant and changes applied and without `variants`
    variant: str | None
    changes: tuple[str, ...]
    changed: frozenset[str] = frozenset()  # the paths that the variant and the changes wrote
    expected_at: tuple[
        int, ...
    ] = ()  # the line of each expectation; 0 of one that a variant or a change wrote


def read(path: Path, variant: str | None = None, changes: Sequence[str] = ()) -> Reading:
    """The scenario of a file, under one of its variants and with changes "dotted.path=value".

    Every variant of the file is checked as a whole scenario, chosen or not.  Raises ScenarioError with every
    problem: first those of the file, then those of its variants, then those of the arguments, called `-v` and
    `-c`; a problem that only a change makes is shown at that change.
    """
    return next(read_each(path, variant, [changes]))


def read_each(path: Path, variant: str | None, asked: Iterable[Sequence[str]]) -> Iterator[Reading]:
    """The scenario under each of these changes in turn; a change that is wrong raises at its turn."""
    root = _sound(path)
    plans = _variants(root)
    for changes in asked:
        yield _reading(root, plans, variant, changes)


def _reading(root: Node, plans: Mapping[str, Node], variant: str | None, changes: Sequence[str]) -> Reading:
    problems: list[Problem] = []
    if variant is not None and variant not in plans:
        argument = Mark(Source("-v", (variant,)), 1, 1, len(variant))
        help = nearest(variant[:100], plans) if plans else "the file has no variants"
        problems.append(problem_at(argument, f"unknown variant {variant!r}", help))
    made, found = from_arguments(changes)
    plan = _without_variants(root) if variant is None or variant not in plans else plans[variant]
    changed, done, lost = change(plan, made)
    _refuse([*problems, *found, *lost])
    variants = root.below("variants")
    entry = variants.below(variant) if variants and variant is not None else None
    written = {item.path for item in (*(from_variant(entry) if entry else ()), *made)}
    scenario = _valid(changed, done)
    return Reading(
        scenario, texts(changed), variant, tuple(changes), frozenset(written), _lines(root, changed, "expect")
    )


def _lines(root: Node, changed: Node, section: str) -> tuple[int, ...]:
    """The line in the file of every item of a list of texts; 0 of those that a change has brought."""
    node = changed.below(section)
    items = [] if node is None else node.value if isinstance(node.value, list) else [node]
    marks = [item.mark for item in items if isinstance(item, Node)]
    return tuple(mark.line if mark.source is root.mark.source else 0 for mark in marks)


def schema() -> dict[str, Any]:
    """The JSON Schema of the scenario language, for editors."""
    body = Scenario.model_json_schema(by_alias=True, schema_generator=Described)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, "title": "sim scenario"}


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise ScenarioError(found)


def _sound(path: Path) -> Node:
    """The tree of a file whose scenario, variants aside, is valid."""
    source = open_file(path)
    root, problems = parse(source)
    if root is None:
        raise ScenarioError(problems)
    # What the tree already says of a place, the schema need not say again.
    said = {(problem.line, problem.column) for problem in problems}
    found = [_problem(root, fault, None) for fault in _validated(root, together=not problems)[1]]
    _refuse([*problems, *(problem for problem in found if (problem.line, problem.column) not in said)])
    return root


def _variants(root: Node) -> dict[str, Node]:
    """The trees of a file's variants, each valid as a whole scenario."""
    entries = root.below("variants")
    plans: dict[str, Node] = {}
    if entries is None or not isinstance(entries.value, dict):
        return plans
    if len(entries.value) * root.size > VALUES_MOST:
        help = "leave some out, or keep them in files of their own"
        _refuse(
            [problem_at(entries.mark, f"the variants together make more than {VALUES_MOST:,} values", help)]
        )
    problems: list[Problem] = []
    for name, entry in entries.value.items():
        plan, done, lost = change(_without_variants(root), from_variant(entry))
        problems += lost or _checked(plan, done)[1]
        plans[name] = plan
    _refuse(problems)
    return plans


def _without_variants(root: Node) -> Node:
    assert isinstance(root.value, dict)
    return replace(root, value={key: below for key, below in root.value.items() if key != "variants"})


def _valid(root: Node, done: Sequence[Changed]) -> Scenario:
    scenario, problems = _checked(root, done)
    _refuse(problems)
    assert scenario is not None
    return scenario


@dataclass(frozen=True)
class _Fault:
    """What the schema says is wrong."""

    place: tuple[str | int, ...]
    message: str
    help: str
    is_key: bool  # the key is meant, not its value


def _checked(root: Node, done: Sequence[Changed]) -> tuple[Scenario | None, list[Problem]]:
    """The scenario of a tree, or what is wrong with it, shown at the changes that made it so."""
    scenario, faults = _validated(root)
    elsewhere = [fault for fault in faults if not _inside(_walk(root, fault.place)[0], done)] if done else []
    culprits = _culprits(elsewhere, done)
    return scenario, [_problem(root, fault, culprits.get(fault)) for fault in faults]


def _validated(root: Node, *, together: bool = True) -> tuple[Scenario | None, list[_Fault]]:
    """The scenario of a tree, or what is wrong with it; `together` if its parts should fit each other too."""
    names, unread, faults = _names(root)
    if faults:
        return None, faults
    try:
        scenario = Scenario.model_validate(texts(root), context=names)
        if together:
            check(scenario, names)
        return scenario, []
    except ValidationError as error:
        found = [_fault(item) for item in error.errors(include_url=False, include_input=False)]
    # While a section can't be read, that its names are unknown elsewhere is no news.
    silent = tuple(f"unknown {word} " for section in unread for word in _SECTIONS[section][1])
    return None, [
        fault for fault in found if not fault.message.startswith(silent) and not _misspelt(fault, found)
    ]


def _misspelt(fault: _Fault, faults: Iterable[_Fault]) -> bool:
    """Whether a missing key is there, but misspelt, which is a fault of its own."""
    mended = fault.message.replace("missing key", "did you mean", 1) + "?"
    return fault.message.startswith("missing key") and any(
        other.help == mended and other.place[:-1] == fault.place
        for other in faults
        if other.message.startswith("unknown key")
    )


def _fault(error: ErrorDetails) -> _Fault:
    message, help, is_key = (error["ctx"][word] for word in ("message", "help", "key"))
    place = tuple(
        step for step in error["loc"] if step != "[key]"
    )  # pydantic's word for the key of a mapping
    return _Fault(place, message, help, is_key or place != error["loc"])


def _names(root: Node) -> tuple[Names, list[str], list[_Fault]]:
    """What fields may refer to, the sections that can't be read, and those that are too long."""
    names: dict[str, Any] = {"paths": frozenset(paths(root))}
    unread: list[str] = []
    faults: list[_Fault] = []
    for section, (kind, _) in _SECTIONS.items():
        node = root.below(section)
        value = node.value if node else NOTHING
        if not isinstance(value, list | str if section == "languages" else dict) and (
            node or section not in ("days", "ends")
        ):
            unread.append(section)
        words = (
            (value,)
            if isinstance(value, str)
            else [item.value if isinstance(item, Node) else item for item in value]
        )
        names[kind] = tuple(word for word in words if isinstance(word, str))
        if len(names[kind]) > NAMES_MOST:
            faults.append(
                _Fault(
                    (section,), f"{len(names[kind])} {section}", f"write at most {NAMES_MOST}", is_key=True
                )
            )
    channels = root.below("channels")
    if (
        channels
        and isinstance(channels.value, dict)
        and any(item.below("bystanders") for item in channels.value.values())
    ):
        names["streams"] += (BYSTANDERS,)
    zone = root.below("timezone")
    try:
        names["zone"] = clock.zone(zone.value) if zone and isinstance(zone.value, str) else "UTC"
    except UnitError:
        names["zone"] = "UTC"
    return Names(**names), unread, faults


def _inside(steps: Steps, done: Iterable[Changed]) -> bool:
    """Whether a place lies in what was changed."""
    return any(steps[: len(item.steps)] == item.steps for item in done)


def _culprits(faults: Sequence[_Fault], done: Sequence[Changed]) -> dict[_Fault, Changed]:
    """The change that made each fault: the last one after which it is there and was not before."""
    if not faults or len(done) == 1 or len(done) > CHANGES_TRIED:
        return dict.fromkeys(faults, done[-1]) if faults else {}
    culprits: dict[_Fault, Changed] = {}
    before: set[_Fault] = set()
    for item in done:
        after = set(_validated(item.root)[1])
        culprits |= {fault: item for fault in faults if fault in after and fault not in before}
        before = after
    return culprits


def _problem(root: Node, fault: _Fault, culprit: Changed | None) -> Problem:
    """The problem that a fault is, at its place in the text, or at the change that made it."""
    steps, value, key = _walk(root, fault.place)
    whole = steps == fault.place
    message = fault.message
    where = steps[:-1] if message.startswith("unknown key") else steps
    if culprit or message.startswith(("unknown key", "missing key")):
        message += f" in {'.'.join(map(str, where))}" if where else " at the top level"
    return problem_at(
        culprit.mark if culprit else key if fault.is_key and whole else value, message, fault.help
    )


def _walk(root: Node, place: tuple[str | int, ...]) -> tuple[Steps, Mark, Mark]:
    """The steps of a fault's place that are in the tree, and the places of the value and key at their end."""
    steps: list[str | int] = []
    node, key = root, root.mark
    for step in place:
        below = node.below(step)
        if below is not None:
            key = node.keys.get(str(step), below.mark)
            node = below
            steps.append(step)
    return tuple(steps), node.mark, key
