"""Problems of a scenario: texts, places in them, and the error that shows each problem with its line."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sim.plan import CONTROL

BYTES_MOST = 5_000_000
PROBLEMS_SHOWN = 20
LINE_SHOWN = 100  # characters; longer lines are cut around the caret
MESSAGE_SHOWN = 240


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """A text that problems point into: the file as the user named it, or the arguments of an option."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a source: line and column from 1, and how many characters are meant."""

    source: Source
    line: int
    column: int
    width: int = 1


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; line 0 is the source as a whole."""

    source: str
    line: int
    column: int
    text: str  # of the line
    width: int  # of the caret
    message: str
    help: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        shown = [f"{_cut(place)}: error: {_cut(self.message)}"]
        margin = " " * max(5, len(str(self.line)))
        if self.line:
            text, carets = _window(self.text, self.column - 1, self.width)
            shown += [f"{self.line:>{len(margin)}} | {text}".rstrip(), f"{margin} | {carets}"]
        if self.help:
            shown.append(f"{margin} = help: {_cut(self.help)}")
        return "\n".join(shown)


class ScenarioError(Exception):
    """The user's mistakes in a scenario, all at once, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(
            dict.fromkeys(problems), key=lambda problem: (problem.source, problem.line, problem.column)
        )
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:PROBLEMS_SHOWN]]
        more = len(self.problems) - len(shown)
        return "\n".join([*shown, f"and {more} more"] if more else shown)


def problem_at(mark: Mark, message: str, help: str = "") -> Problem:
    """The problem at a place."""
    lines = mark.source.lines
    text = lines[mark.line - 1] if mark.line <= len(lines) else ""
    return Problem(mark.source.name, mark.line, mark.column, text, mark.width, message, help)


def problem_of(source: str, message: str, help: str = "") -> Problem:
    """The problem of a source as a whole, such as a file that is not there."""
    return Problem(source, 0, 0, "", 0, message, help)


def open_file(path: Path) -> Source:
    """The lines of a file; raises ScenarioError if it can't be read, is too large or no UTF-8 text."""
    name = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MOST + 1)
    except FileNotFoundError:
        raise ScenarioError(
            [problem_of(name, "there is no such file", "write the path of a scenario file")]
        ) from None
    except IsADirectoryError:
        raise ScenarioError(
            [problem_of(name, "this is a folder", "write the path of a scenario file")]
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ScenarioError([problem_of(name, f"the file cannot be read: {reason.lower()}")]) from None
    if len(raw) > BYTES_MOST:
        raise ScenarioError(
            [problem_of(name, "the file is larger than 5 MB", "a scenario takes a few hundred lines")]
        )
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        lines = split_lines(raw.decode(errors="replace"))
        before = split_lines(raw[: error.start].decode())
        mark = Mark(Source(name, lines), len(before), len(before[-1]) + 1)
        raise ScenarioError([problem_at(mark, "this is not UTF-8", "save the file as UTF-8")]) from None
    return Source(name, split_lines(text.removeprefix("\ufeff")))


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of a text as YAML counts them."""
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _cut(text: str) -> str:
    """The text on one line, without its middle if it is very long."""
    text = CONTROL.sub(
        "\N{REPLACEMENT CHARACTER}", " ".join(text.split()) if "\n" in text or "\r" in text else text
    )
    if len(text) <= MESSAGE_SHOWN:
        return text
    return f"{text[: MESSAGE_SHOWN // 2]} … {text[-MESSAGE_SHOWN // 2 :]}"


def _window(text: str, at: int, width: int) -> tuple[str, str]:
    """The part of a line around a place, and the carets under it."""
    text = CONTROL.sub(
        "\N{REPLACEMENT CHARACTER}", re.sub(r"[\t\r\n]", " ", text)
    )  # an argument may hold line breaks
    start = 0 if len(text) <= LINE_SHOWN else max(0, min(at - LINE_SHOWN // 2, len(text) - LINE_SHOWN))
    stop = start + LINE_SHOWN
    before, under = text[start:at], text[at : min(at + width, stop)]
    shown = ("…" if start else "") + text[start:stop] + ("…" if stop < len(text) else "")
    return shown, " " * ((start > 0) + _cells(before)) + "^" * max(1, _cells(under))


def _cells(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else unicodedata.combining(c) == 0 for c in text)
