"""A scenario as it ran, in the words of its file: what is printed can be run."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH = 100
FEW = 2  # entries of a mix that differ, up to which each has a line
LONGEST = 160  # of a value that differs
CRAMPED = 80  # a section of the scenario that is longer has a line a key
PLAIN = re.compile(r"[\w(+.](?:[^\n:#\[\]{},&*!|'\"@`]|:(?=\S))*(?<! )", re.ASCII)


def scenario_text(resolved: Mapping[str, Any]) -> str:
    """The scenario as YAML: what fits into a line in one, the rest a line a key."""
    return "".join(f"{line}\n" for line in _block(resolved, 0))


def _block(node: Mapping[str, Any] | Sequence[Any], indent: int) -> list[str]:
    space = " " * indent
    if isinstance(node, Mapping):
        pairs = [(f"{_scalar(str(key))}:", value) for key, value in node.items()]
    else:
        pairs = [("-", value) for value in node]
    lines = []
    for head, value in pairs:
        line = f"{space}{head} {_flow(value)}"
        room = CRAMPED if indent == 0 and isinstance(value, Mapping) else WIDTH
        if len(line) <= room or not isinstance(value, Mapping | list):
            lines.append(line)
        elif isinstance(value, list) and not any(isinstance(item, Mapping | list) for item in value):
            lines += _filled(f"{space}{head} [", [_flow(item) for item in value])
        else:
            lines += [f"{space}{head}", *_block(value, indent + 2)]
    return lines


def _filled(head: str, items: Sequence[str]) -> list[str]:
    """A list of words over as many lines as it takes."""
    lines = [head]
    for row, item in enumerate(items):
        piece = item + ("]" if row == len(items) - 1 else ",")
        if len(lines[-1]) + 1 + len(piece) > WIDTH and row:
            lines.append(" " * len(head) + piece)
        else:
            lines[-1] += (" " if row else "") + piece
    return lines


def _flow(node: Any) -> str:
    if isinstance(node, Mapping):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_flow(value)}" for key, value in node.items()) + "}"
    return "[" + ", ".join(map(_flow, node)) + "]" if isinstance(node, list) else _scalar(str(node))


def _scalar(text: str) -> str:
    """The text as it is where it is plain, else in quotes."""
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Where two scenarios differ: the dotted path, and what stands there in each; "" for nothing.

    Values are as in the file, cut short where they are long.
    """
    return [(path, _short(mine), _short(theirs)) for path, mine, theirs in _differing(one, other, "")]


def _differing(
    one: Mapping[str, Any], other: Mapping[str, Any], above: str
) -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys((*one, *other)):
        mine, theirs, path = one.get(key), other.get(key), f"{above}{key}"
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            rows = list(_differing(mine, theirs, f"{path}."))
            flat = not any(isinstance(value, Mapping) for value in (*mine.values(), *theirs.values()))
            yield from [(path, mine, theirs)] if flat and len(rows) > FEW else rows
        elif mine != theirs:
            yield path, mine, theirs


def _short(value: Any) -> str:
    text = "" if value is None else _flow(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
