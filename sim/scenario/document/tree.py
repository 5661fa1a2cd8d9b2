"""A tree of texts from YAML: scalars are the text in the file, and each node and key knows its place.

YAML is read as events, never constructed, so `no`, `07:00`, `2010-04-16` and `1e3` mean what the schema
says.  Refused: tags, duplicate keys, keys that are no text, merge keys, a second document, empty values,
control characters.  Aliases repeat their value; how much a file may hold, with aliases written out, is
capped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from sim.plan import CONTROL
from sim.scenario.document.problems import Mark, Problem, Source, problem_at
from sim.scenario.document.yaml_errors import plain_words

LINE_LONGEST = 100_000
NODES_MOST = 200_000
DEPTH_MOST = 50
KEYS_MOST = 1_000  # in one mapping
ITEMS_MOST = 10_000  # in one list
KEY_LONGEST = 400
PROBLEMS_MOST = 1_000
# the value where nothing is written: neither text nor list nor mapping, so that every field refuses it
NOTHING = ()


@dataclass(slots=True)
class Node:
    """A text, a list or a mapping, with its place; a block's place is its key."""

    mark: Mark
    value: "str | list[Node] | dict[str, Node] | tuple[()]"
    keys: dict[str, Mark] = field(default_factory=dict)  # places of the keys of a mapping
    size: int = 1  # nodes in it, aliases written out
    height: int = 1  # levels of it

    def below(self, step: str | int) -> "Node | None":
        """The node under a key or at an index, None if there is none."""
        if isinstance(self.value, dict):
            return self.value.get(step) if isinstance(step, str) else None
        if isinstance(self.value, list) and isinstance(step, int):
            return self.value[step] if 0 <= step < len(self.value) else None
        return None


def texts(node: Node) -> Any:
    """The tree without places: dict, list and str only (and NOTHING where a problem says so)."""
    if isinstance(node.value, dict):
        return {key: texts(below) for key, below in node.value.items()}
    if isinstance(node.value, list):
        return [texts(below) for below in node.value]
    return node.value


def parse(source: Source) -> tuple[Node | None, list[Problem]]:
    """The tree of a whole source and what is wrong in it; None if there is no tree to go on with."""
    return _Builder(source, 1, "\n".join(source.lines)).build()


def parse_argument(source: Source, line: int, start: int) -> tuple[Node | None, list[Problem]]:
    """The tree of what stands on one line of a source from column `start` (from 1) on."""
    # Blanks in place of what stands before keep the columns.
    return _Builder(source, line, " " * (start - 1) + source.lines[line - 1][start - 1 :]).build()


class _Stop(Exception):
    """A problem after which there is no tree."""


class _Builder:
    """Builds the tree from YAML's events, which end with the document."""

    def __init__(self, source: Source, line: int, text: str) -> None:
        self.source, self.line, self.text = source, line, text
        self.problems: list[Problem] = []
        self.count = 0  # nodes so far, aliases written out
        self.path: list[str] = []
        self.anchors: dict[str, Node | None] = {}  # None while the anchor's own value is being read
        self.events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self.last: Any = None  # where the last event ended

    def build(self) -> tuple[Node | None, list[Problem]]:
        try:
            self._check_characters()
            return self._document(), self.problems
        except _Stop:
            return None, self.problems
        except MarkedYAMLError as error:
            place, message, help = plain_words(error, self.text.split("\n"))
            self.problems.append(problem_at(self._clamped(*place), message, help))
        except ValueError:  # ruamel.yaml on \U00110000 and on a version of thousands of digits
            mark = self._clamped(self.last.line, self.last.column)
            self.problems.append(
                problem_at(mark, "the number after this is too large", "write the character itself")
            )
        return None, self.problems

    def _next(self) -> Any:
        event = next(self.events)
        self.last = event.end_mark
        return event

    def _check_characters(self) -> None:
        for number, line in enumerate(self.text.split("\n"), self.line):
            if len(line) > LINE_LONGEST:
                self._stop(
                    Mark(self.source, number, 1),
                    "this line is longer than 100,000 characters",
                    "break it into lines",
                )
            control = CONTROL.search(line)
            if control:
                mark = Mark(self.source, number, control.start() + 1)
                self._stop(mark, f"control character U+{ord(control[0]):04X}", "remove it")

    def _document(self) -> Node:
        self._next()  # the start of the stream
        start = self._next()
        if not isinstance(start, DocumentStartEvent):
            self._stop(
                self._clamped(len(self.text), len(self.text)), "nothing is written here", "write a value"
            )
        root = self._node(self._next(), None, 1)
        self._next()  # the end of the document
        after = self._next()
        if isinstance(after, DocumentStartEvent):
            mark = self._mark(after)
            self._stop(
                mark, "a second document begins here", "keep one document per file, without '---' between"
            )
        return root

    def _node(self, event: Any, key: Mark | None, depth: int) -> Node:
        mark = self._mark(event)
        if depth > DEPTH_MOST:
            self._stop(mark, f"nested more than {DEPTH_MOST} levels deep", "write it with fewer levels")
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor, mark, depth)
        self._grow(1, mark)
        if event.ctag is not None:
            tag = str(event.ctag).replace("tag:yaml.org,2002:", "!!")
            self._note(
                mark, f"a tag is not allowed here: {tag}", "leave it out; every value is read as its text"
            )
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, ScalarEvent):
            node = self._scalar(event, key or mark if not event.value else mark)
        elif isinstance(event, MappingStartEvent):
            node = self._mapping(event, key, depth)
        else:
            node = self._list(event, key, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str, mark: Mark, depth: int) -> Node:
        if anchor not in self.anchors:
            self._stop(
                mark,
                f"unknown alias '*{anchor}'",
                f"write '&{anchor}' before the value it repeats, further up",
            )
        node = self.anchors[anchor]
        if node is None:
            self._stop(mark, f"the alias '*{anchor}' is within its own value", "write the value out")
        if depth + node.height - 1 > DEPTH_MOST:
            self._stop(mark, f"nested more than {DEPTH_MOST} levels deep", "write it with fewer levels")
        self._grow(node.size, mark)
        return node

    def _scalar(self, event: ScalarEvent, mark: Mark) -> Node:
        text: str = event.value
        control = CONTROL.search(text)
        if control:
            self._stop(mark, f"control character U+{ord(control[0]):04X}", "remove it")
        if event.style is None and text in ("", "~", "null", "Null", "NULL"):
            self._note(mark, "nothing is written here", "write a value, or {} for defaults, or leave it out")
            return Node(mark, NOTHING)
        return Node(mark, text)

    def _mapping(self, start: Any, key: Mark | None, depth: int) -> Node:
        below: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            place = self._mark(event)
            name = self._key(event, place)
            if name in below:
                first = keys[name]
                there = f"line {first.line}" + (
                    f", column {first.column}" if first.line == place.line else ""
                )
                self._note(
                    place,
                    f"duplicate key {name!r}{self._where()}",
                    f"it is on {there} already: keep one of them",
                )
            self.path.append(name)
            node = self._node(self._next(), place, depth + 1)
            self.path.pop()
            if name not in below:
                below[name], keys[name] = node, place
            if len(below) > KEYS_MOST:
                self._stop(place, f"more than {KEYS_MOST:,} keys{self._where()}", "write fewer")
            if node.value == NOTHING and ":" in name and node.mark == place:
                self.problems.pop()
                self._note(place, f"{name!r} has no value", "write a space after the colon")
        mark = self._span(start, event, key or next(iter(keys.values()), None))
        return Node(mark, below, keys, *_measure(below.values()))

    def _key(self, event: Any, mark: Mark) -> str:
        if not isinstance(event, ScalarEvent) or event.ctag is not None:
            self._stop(mark, "a key must be plain text", "write a name and ':'")
        name: str = event.value
        if name == "<<" and event.style is None:
            self._stop(
                mark,
                "merge keys are not allowed",
                "copy the keys here, or repeat a whole value with '&' and '*'",
            )
        if not name or CONTROL.search(name) or "\n" in name or len(name) > KEY_LONGEST:
            self._stop(
                mark, "this is not a key", f"write a name of at most {KEY_LONGEST} characters on one line"
            )
        if event.anchor is not None:
            self.anchors[event.anchor] = Node(mark, name)
        return name

    def _list(self, start: Any, key: Mark | None, depth: int) -> Node:
        below: list[Node] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            self.path.append(str(len(below)))
            below.append(self._node(event, None, depth + 1))
            self.path.pop()
            if len(below) > ITEMS_MOST:
                self._stop(below[-1].mark, f"more than {ITEMS_MOST:,} items{self._where()}", "write fewer")
        return Node(self._span(start, event, key), below, {}, *_measure(below))

    def _where(self) -> str:
        return f" in {'.'.join(self.path)}" if self.path else " at the top level"

    def _mark(self, event: Any) -> Mark:
        return self._between(event.start_mark, event.end_mark)

    def _span(self, start: Any, end: Any, key: Mark | None) -> Mark:
        if not start.flow_style:
            return key or self._mark(start)
        return self._between(start.start_mark, end.end_mark)

    def _between(self, start: Any, end: Any) -> Mark:
        line = self.line + start.line
        last = end.column if end.line == start.line else len(self.source.lines[line - 1])
        return Mark(self.source, line, start.column + 1, max(1, last - start.column))

    def _clamped(self, line: int, column: int) -> Mark:
        """A place that ruamel.yaml names, which may lie behind the end."""
        number = self.line + min(line, self.text.count("\n"))
        while number > self.line and not self.source.lines[number - 1].strip():
            number, column = number - 1, LINE_LONGEST
        return Mark(self.source, number, min(column, len(self.source.lines[number - 1])) + 1)

    def _grow(self, size: int, mark: Mark) -> None:
        self.count += size
        if self.count > NODES_MOST:
            self._stop(mark, f"more than {NODES_MOST:,} values, with aliases written out", "write fewer")

    def _note(self, mark: Mark, message: str, help: str) -> None:
        self.problems.append(problem_at(mark, message, help))
        if len(self.problems) >= PROBLEMS_MOST:
            raise _Stop

    def _stop(self, mark: Mark, message: str, help: str) -> NoReturn:
        self.problems.append(problem_at(mark, message, help))
        raise _Stop


def _measure(nodes: Any) -> tuple[int, int]:
    """Size and height of a node with these below it."""
    return 1 + sum(node.size for node in nodes), 1 + max((node.height for node in nodes), default=0)
