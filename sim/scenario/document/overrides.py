"""Changes of a tree by dotted path, from a variant or from `-c path=value` on the command line."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from sim.scenario.document.nearest import nearest
from sim.scenario.document.problems import Mark, Problem, Source, problem_at
from sim.scenario.document.tree import Node, parse_argument

PATH_LONGEST = 400
PATHS_COMPARED = 5_000  # for did-you-mean

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Change:
    """A value to be put at a dotted path."""

    path: str
    place: Mark  # of the path
    value: Node


@dataclass(frozen=True)
class Changed:
    """Where a change went: the steps from the root, the place of its value, and the tree after it."""

    steps: Steps
    mark: Mark
    root: Node


def from_variant(entry: Node) -> list[Change]:
    """The changes that a variant of the file makes, in its order."""
    assert isinstance(entry.value, dict)
    return [Change(path, entry.keys[path], value) for path, value in entry.value.items()]


def from_arguments(arguments: Iterable[str]) -> tuple[list[Change], list[Problem]]:
    """The changes that the arguments of `-c` make, and what is wrong with those that can't be read.

    The source is called `-c`, the line is the number of the argument, from 1.
    """
    source = Source("-c", tuple(arguments))
    changes: list[Change] = []
    problems: list[Problem] = []
    for line, argument in enumerate(source.lines, 1):
        path, sign, _ = argument.partition("=")
        place = Mark(source, line, 1 + len(path) - len(path.lstrip()), max(1, len(path.strip())))
        if not sign or not path.strip() or "\n" in argument or "\r" in argument:
            problems.append(
                problem_at(
                    place, f"{argument!r} is no change", "write path=value, such as teams.hub.people=40"
                )
            )
            continue
        value, found = parse_argument(source, line, len(path) + 2)
        problems += found
        if value is not None:
            changes.append(Change(path.strip(), place, value))
    return changes, problems


def change(root: Node, changes: Iterable[Change]) -> tuple[Node, list[Changed], list[Problem]]:
    """The tree after all changes in order, their places, and the problems of those that lead nowhere.

    A path leads to an existing place, or to a new key right inside an existing mapping.  The given tree stays
    as it is; the new one shares with it what did not change.
    """
    done: list[Changed] = []
    problems: list[Problem] = []
    for item in changes:
        way = _way(root, item.path)
        if item.path.partition(".")[0] == "variants":
            problems.append(
                problem_at(item.place, "a change cannot change the variants", "change what they change")
            )
        elif way.wrong is not None:
            problems.append(_unknown(root, item, way, way.wrong))
        else:
            last = len(str(way.steps[-1]))
            root = _put(root, way.steps, item.value, _part(item, len(item.path) - last, last))
            done.append(Changed(way.steps, item.value.mark, root))
    return root, done, problems


def paths(node: Node, prefix: str = "") -> Iterator[str]:
    """Every dotted path in a tree, but for those below `variants` and `sources`."""
    if isinstance(node.value, str):
        return
    items = node.value.items() if isinstance(node.value, dict) else enumerate(node.value)
    for key, below in items:
        path = f"{prefix}{key}"
        if len(path) <= PATH_LONGEST and path not in ("variants", "sources"):
            yield path
            yield from paths(below, f"{path}.")


@dataclass(frozen=True)
class _Way:
    """How far a dotted path leads."""

    steps: Steps
    last: Node  # the last one that is there
    wrong: int | None = None  # where in the path the first wrong word begins, None if it leads somewhere


def _way(root: Node, path: str) -> _Way:
    steps: list[str | int] = []
    node, at = root, 0
    while at <= len(path) <= PATH_LONGEST:
        step = _step(node, path[at:], inside_sources=steps == ["sources"])
        if step is None:
            return _Way(tuple(steps), node, at)
        steps.append(step)
        node = node.below(step) or node
        at += len(str(step)) + 1
    return _Way(tuple(steps), node, None if steps else 0)


def _step(node: Node, rest: str, *, inside_sources: bool) -> str | int | None:
    """The next step of what is left of a path: an index, a key, or a new key if it is the last."""
    word = rest.partition(".")[0]
    if isinstance(node.value, list):
        known = word.isascii() and word.isdecimal() and word == str(int(word)) and int(word) < len(node.value)
        return int(word) if known else None
    if not isinstance(node.value, dict):
        return None
    if inside_sources and rest:  # keys that are dotted paths themselves
        return max((key for key in node.value if f"{rest}.".startswith(f"{key}.")), key=len, default=rest)
    return word if word in node.value or (word and word == rest) else None


def _put(node: Node, steps: Steps, value: Node, key: Mark) -> Node:
    """The node with a value put below it; `key` is the place of the last step."""
    step, rest = steps[0], steps[1:]
    if isinstance(node.value, list):
        assert isinstance(step, int)
        below = _put(node.value[step], rest, value, key) if rest else value
        return replace(node, value=[*node.value[:step], below, *node.value[step + 1 :]])
    assert isinstance(node.value, dict)
    assert isinstance(step, str)
    below = _put(node.value[step], rest, value, key) if rest else value
    return replace(
        node, value=node.value | {step: below}, keys=node.keys if rest else node.keys | {step: key}
    )


def _part(item: Change, start: int, width: int) -> Mark:
    """The place of a part of a path, or of all of it if it is not written plainly."""
    if item.place.width != len(item.path):
        return item.place
    return replace(item.place, column=item.place.column + start, width=max(1, width))


def _unknown(root: Node, item: Change, way: _Way, wrong: int) -> Problem:
    """The problem of a path that leads nowhere, with the nearest path that leads somewhere."""
    word, dot, more = item.path[wrong:].partition(".")
    place = _part(item, wrong, len(word))
    message = f"unknown path {item.path!r}"
    # Mending the wrong word first, so that 'teams.volunters.wage' finds its team even if that has no wage
    # yet.
    for near in difflib.get_close_matches(
        word, way.last.value if isinstance(way.last.value, dict) else (), 3
    ):
        mended = item.path[:wrong] + near + dot + more
        if _way(root, mended).wrong is None:
            return problem_at(place, message, f"did you mean {mended!r}?")
    help = nearest(item.path[:PATH_LONGEST], islice(paths(root), PATHS_COMPARED))
    if not help and word and more and item.path.isprintable():
        steps = more.split(".")
        nested = "".join(f"{{{step}: " for step in steps) + "…" + "}" * len(steps)
        help = (
            f"the file has no {item.path[:wrong] + word!r} yet: write all of "
            f"it, {item.path[:wrong]}{word}={nested}"
        )
    return problem_at(
        place, message, help or "write a path that is in the file, or a new key right below one"
    )
