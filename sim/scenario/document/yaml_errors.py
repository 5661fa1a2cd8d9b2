"""Plain words for what ruamel.yaml says of a text that is no YAML."""

import re
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError


@dataclass(frozen=True)
class _Saying:
    """What ruamel.yaml says (context and problem, as a pattern), what we say, and what to write."""

    theirs: str
    message: str  # {0} is the pattern's group
    help: str
    at_start: bool = False  # point at where the construct begins, not at where reading stopped


_SAYINGS = (
    _Saying(r"character '\\t' that cannot start", "a tab cannot stand here", "indent with spaces"),
    _Saying(
        r"character ('.+') that cannot start", "a value cannot begin with {0}", "put the value in quotes"
    ),
    _Saying(
        r"mapping values are not allowed",
        "a ':' cannot stand here",
        "check the indentation, or put the value in quotes",
    ),
    _Saying(
        r"simple key.*expected ':'",
        "this is not a 'key: value' pair",
        "write a ':' and a space after the key",
        at_start=True,
    ),
    _Saying(r"expected ',' or '(.)'", "a '{0}' or ',' is missing", "write ',' or '{0}'", at_start=True),
    _Saying(
        r"quoted scalar.*unexpected (?:end|document)", "this quote is not closed", "close it", at_start=True
    ),
    _Saying(
        r"unknown escape character ('.+')",
        "unknown escape {0} after '\\'",
        "write '\\\\', or use single quotes",
    ),
    _Saying(r"expected escape sequence", "this escape is not complete", "write '\\\\', or use single quotes"),
    _Saying(
        r"expected <block end>",
        "this does not fit what stands above it",
        "check the indentation, and the quotes above",
    ),
    _Saying(
        r"sequence entries are not allowed", "a list cannot begin here", "begin it on the line below its key"
    ),
    _Saying(r"mapping keys are not allowed", "a '?' cannot stand here", "put the value in quotes"),
    _Saying(r"unexpected ':'", "a ':' cannot stand here", "put the value in quotes"),
    _Saying(
        r"(?:scanning|parsing) an? (anchor|alias)",
        "this {0} has no name",
        "write letters after it",
        at_start=True,
    ),
    _Saying(
        r"tag", "a tag is not allowed here", "leave it out; every value is read as its text", at_start=True
    ),
    _Saying(
        r"block scalar",
        "this block of text is not well formed",
        "write '|' or '>' alone at the end of the line",
    ),
    _Saying(
        r"directive|version 1",
        "a line that begins with '%' is not allowed here",
        "leave it out",
        at_start=True,
    ),
    _Saying(
        r"document (?:start|end)",
        "this does not belong to the document",
        "keep one document per file, without '%' lines",
    ),
    _Saying(r"expected the node content", "a value is missing here", "write a value, or put it in quotes"),
)
_OTHER = _Saying("", "this is no YAML", "check the indentation, the brackets and the quotes")


_NO_BLANK = re.compile(r"( *)(?:- +)?[\w.-]+:[^\s:]")


def plain_words(error: MarkedYAMLError, lines: list[str]) -> tuple[tuple[int, int], str, str]:
    """Line and column (from 0) at which a text stops being YAML, what is wrong there and what to write."""
    theirs = f"{error.context or ''}: {error.problem or ''}"
    matches = ((saying, re.search(saying.theirs, theirs)) for saying in _SAYINGS)
    saying, match = next(((saying, match) for saying, match in matches if match), (_OTHER, None))
    groups = match.groups() if match else ()
    start, stop = error.context_mark, error.problem_mark
    # A bracket that is wrong on its own line is best shown there; one that runs on is shown where it opens.
    place = (
        start if saying.at_start and start and (stop is None or stop.line != start.line) else stop or start
    )
    missing = _NO_BLANK.match(lines[place.line - 1]) if "mapping values" in theirs and place.line else None
    if (
        missing
    ):  # 'people:40' is a text that goes on on the next line, where the next ':' is then one too many
        return (
            (place.line - 1, len(missing[1])),
            "this is not a 'key: value' pair",
            "write a space after the colon",
        )
    return (place.line, place.column), saying.message.format(*groups), saying.help.format(*groups)
