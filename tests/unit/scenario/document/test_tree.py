from pathlib import Path
from typing import Any

import pytest

from sim.scenario.document.problems import Mark, ScenarioError, Source, open_file, problem_at, split_lines
from sim.scenario.document.tree import Node, parse, parse_argument, texts


def tree(text: str) -> Any:
    root, problems = parse(Source("f", split_lines(text)))
    assert root is not None
    assert not problems
    return texts(root)


def said(text: str) -> list[tuple[int, int, str]]:
    _, problems = parse(Source("f", split_lines(text)))
    return [(problem.line, problem.column, problem.message) for problem in problems]


def first_said(text: str) -> tuple[int, int, str]:
    return said(text)[0]


def marked(text: str, *steps: str | int) -> str:
    """The part of the text that the mark of a node covers."""
    node, _ = parse(Source("f", split_lines(text)))
    for step in steps:
        assert node is not None
        node = node.below(step)
    assert node is not None
    return node.mark.source.lines[node.mark.line - 1][node.mark.column - 1 :][: node.mark.width]


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "07:00",
        "2010-04-16",
        "1e3",
        "0x10",
        "010",
        "true",
        ".nan",
        "12:30:45",
        "1_000",
        "5 min",
        "Ja, graag",
        "-",
        "é",
    ],
)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_scalar_is_the_text_that_stands_in_the_file(text: str, quote: str) -> None:
    quote = quote or ("'" if text == "-" else "")
    assert tree(f"a: {quote}{text}{quote}  # comment\n") == {"a": text}


def test_keys_are_texts_too() -> None:
    assert tree("no: 1\n2010-04-16: 2\n'null': 3\n") == {"no": "1", "2010-04-16": "2", "null": "3"}


def test_lists_and_mappings_in_both_notations_are_the_same() -> None:
    block = "a:\n  - 1\n  - b: 2\n    c: []\nd: {}\n"
    assert (
        tree(block) == tree("{a: [1, {b: 2, c: []}], d: {}}") == tree('{"a":["1",{"b":"2","c":[]}],"d":{}}')
    )


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_count_the_same_under_every_line_break(line_break: str) -> None:
    assert first_said(line_break.join(["a: 1", "b: 2", "  ", "a: 3", ""]))[:2] == (4, 1)


def test_an_alias_repeats_its_value_and_points_to_where_that_stands() -> None:
    text = "a: &x {b: 5 min}\nc: *x\n"
    assert tree(text) == {"a": {"b": "5 min"}, "c": {"b": "5 min"}}
    assert marked(text, "c", "b") == "5 min"


def test_a_place_is_the_scalar_the_brackets_or_the_key_of_a_block() -> None:
    text = "teams:\n  hub: {people: 40, speaks: [nl, en]}  # ours\n  day:\n    - x y z\n"
    assert marked(text, "teams", "hub", "people") == "40"
    assert marked(text, "teams", "hub", "speaks") == "[nl, en]"
    assert marked(text, "teams", "hub") == "{people: 40, speaks: [nl, en]}"
    assert marked(text, "teams") == "teams"
    assert marked(text, "teams", "day", 0) == "x y z"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb: {c: 1, c: 2}\n", (2, 11, "duplicate key 'c' in b")),
        ("a: 1\nb: 1\na: 2\n", (3, 1, "duplicate key 'a' at the top level")),
        ("a: !!int 4\n", (1, 4, "a tag is not allowed here: !!int")),
        ("a: !x 4\n", (1, 4, "a tag is not allowed here: !x")),
        ("[a]: 1\n", (1, 1, "a key must be plain text")),
        ("? {a: 1}\n: 1\n", (1, 3, "a key must be plain text")),
        ("!!str a: 1\n", (1, 1, "a key must be plain text")),
        (": 1\n", (1, 1, "this is not a key")),
        ("<<: {a: 1}\n", (1, 1, "merge keys are not allowed")),
        ("a: 1\n---\nb: 1\n", (2, 1, "a second document begins here")),
        ("", (1, 1, "nothing is written here")),
        ("\n# nothing\n\n", (2, 10, "nothing is written here")),
        ("a:\nb: 1\n", (1, 1, "nothing is written here")),
        ("a: [1, ~]\n", (1, 8, "nothing is written here")),
        ("a: null\n", (1, 4, "nothing is written here")),
        ("{a:1}\n", (1, 2, "'a:1' has no value")),
        ("a: *x\n", (1, 4, "unknown alias '*x'")),
        ("a: &x [*x]\n", (1, 8, "the alias '*x' is within its own value")),
        ("a: &x\n  b: {c: *x}\n", (2, 10, "the alias '*x' is within its own value")),
        ("a: x\0y\n", (1, 5, "control character U+0000")),
        ("a: x\u202ey\n", (1, 5, "control character U+202E")),
        ('a: "\\e"\n', (1, 4, "control character U+001B")),
        ('a: "\\ud800"\n', (1, 4, "control character U+D800")),
        ("a: x\u2028b: y\n", (1, 5, "control character U+2028")),
        ('a: "\\U00110000"\n', (1, 2, "the number after this is too large")),
        ("%YAML 1." + "1" * 5000 + "\n---\na: 1\n", (1, 1, "the number after this is too large")),
        ("a:\n\tb: 1\n", (2, 1, "a tab cannot stand here")),
        ("a: b: c\n", (1, 5, "a ':' cannot stand here")),
        ("a: 1\n  b: 2\n", (2, 4, "a ':' cannot stand here")),
        ("a:1\nb: 2\n", (1, 1, "this is not a 'key: value' pair")),
        ("a: 1\nfoo\nb: 2\n", (2, 1, "this is not a 'key: value' pair")),
        ("a: [1, 2\nb: 3\n", (1, 4, "a ']' or ',' is missing")),
        ("a: [1, 2}\n", (1, 9, "a ']' or ',' is missing")),
        ("a: {b: 1\nc: 3]\n", (1, 4, "a '}' or ',' is missing")),
        ("a: 'x\n\n", (1, 4, "this quote is not closed")),
        ("a: 'it's'\n", (1, 8, "this does not fit what stands above it")),
        ("a: 1\n- b\n", (2, 1, "this does not fit what stands above it")),
        ("a: @b\n", (1, 4, "a value cannot begin with '@'")),
        ('a: "\\q"\n', (1, 6, "unknown escape 'q' after '\\'")),
        ("a: - b\n", (1, 4, "a list cannot begin here")),
        ("a: &\n", (1, 5, "this anchor has no name")),
        ("%YAML x\n---\na: 1\n", (1, 7, "a line that begins with '%' is not allowed here")),
        ("%FOO\na: 1\n", (2, 1, "this does not belong to the document")),
        ("{a: 1} b\n", (1, 8, "this does not belong to the document")),
        ("a: |x\n  b\n", (1, 5, "this block of text is not well formed")),
        ("a: " + "x" * 100_000, (1, 1, "this line is longer than 100,000 characters")),
        ("[" * 60, (1, 51, "nested more than 50 levels deep")),
        ("".join(f"{' ' * i}a:\n" for i in range(60)), (51, 51, "nested more than 50 levels deep")),
        ("".join(f"k{i}: 1\n" for i in range(1_001)), (1001, 1, "more than 1,000 keys at the top level")),
        ("a: [" + "1," * 10_001 + "]", (1, 20_005, "more than 10,000 items in a")),
    ],
)
def test_what_is_no_tree_of_texts_is_refused_at_its_place(text: str, place: tuple[int, int, str]) -> None:
    assert first_said(text) == place


def test_a_doubled_key_names_both_places() -> None:
    _, problems = parse(Source("f", split_lines("a: 1\nb: 1\na: 2\n")))
    assert problems[0].line == 3
    assert problems[0].help == "it is on line 1 already: keep one of them"


def test_every_problem_of_a_tree_is_found_at_once() -> None:
    assert [place[:2] for place in said("a: !x 1\nb:\na: 2\nc: {d: ~}\n")] == [(1, 4), (2, 1), (3, 1), (4, 8)]


@pytest.mark.timeout(10)
def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 11)
    )
    assert first_said(bomb)[2] == "more than 200,000 values, with aliases written out"


@pytest.mark.timeout(10)
def test_a_long_chain_of_aliases_counts_as_levels() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 400))
    assert first_said(chain)[2] == "nested more than 50 levels deep"


def test_an_argument_keeps_its_columns_and_its_line() -> None:
    source = Source("-c", ("x=1", "teams.hub={people: [3, !x 4]}"))
    node, problems = parse_argument(source, 2, 11)
    assert isinstance(node, Node)
    assert texts(node) == {"people": ["3", "4"]}
    assert [(problem.source, problem.line, problem.column) for problem in problems] == [("-c", 2, 24)]


def refused(path: Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        open_file(path)
    return str(caught.value).splitlines()[0].replace(str(path), "FILE")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: 1\n")
    assert refused(tmp_path / "y.yaml") == "FILE: error: there is no such file"
    assert refused(tmp_path) == "FILE: error: this is a folder"
    assert refused(file / "z") == "FILE: error: the file cannot be read: not a directory"
    assert "cannot be read" in refused(Path("nul\0"))


def test_a_file_above_5_mb_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"#" * 5_000_001)
    assert refused(file) == "FILE: error: the file is larger than 5 MB"


def test_a_byte_that_is_no_utf_8_is_shown_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes("a: 1\nb: é".encode() + b"\xff\n")
    assert refused(file) == "FILE:2:5: error: this is not UTF-8"


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes("\ufeffa: 1\n".encode())
    assert open_file(file).lines == ("a: 1", "")


def test_the_caret_stands_under_the_place_whatever_is_before_it() -> None:
    """Wide characters take two columns, combining ones none, a tab one."""
    text = "標e\u0301\ta: oops"
    mark = Mark(Source("f", (text,)), 1, text.index("oops") + 1, 4)
    shown = str(problem_at(mark, "wrong")).splitlines()
    assert shown[1:] == ["    1 | 標e\u0301 a: oops", "      |        ^^^^"]


def test_a_very_long_line_is_cut_around_the_caret() -> None:
    line = "x" * 500 + "HERE" + "y" * 500
    mark = Mark(Source("f", (line,)), 1, 501, 4)
    _, shown, carets = str(problem_at(mark, "wrong")).splitlines()
    assert len(shown) < 120
    assert shown[carets.index("^") : carets.index("^") + 4] == "HERE"
    assert shown.count("…") == 2


def test_of_many_problems_the_first_twenty_are_shown_in_the_order_of_the_file() -> None:
    problems = [problem_at(Mark(Source("f", ("x",) * 99), line, 1), f"p{line}") for line in range(50, 0, -1)]
    shown = str(ScenarioError(problems))
    assert [line.split()[-1] for line in shown.splitlines() if "error" in line] == [
        f"p{line}" for line in range(1, 21)
    ]
    assert shown.endswith("\nand 30 more")
