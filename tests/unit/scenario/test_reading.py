"""The reader: variants, changes, places of problems, and that no input whatever gives anything but a Reading
or an error.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario.reading import Reading, ScenarioError, read, schema
from sim.units import HOUR

VALID = """\
schema: 1
name: flood
title: Flood in the river town
starts: 2010-03-27 00:00
lasts: 2 d
timezone: Europe/Amsterdam
promises:
  first_reply: {within: 1 h, share: 90 %, for: {channel: [phone]}, each: [language]}
days:
  home: {hours: [1, 1, 1, 1, 1, 2, 3, 5, 8, 9, 9, 9, 9, 9, 9, 8, 8, 7, 6, 5, 4, 3, 2, 1]}
languages: [nl, en]
channels:
  mail: {}
  phone: {live: true, lines: 20, patience: {mean: 6 min, cv: 1}}
topics:
  damage: {handle_time: {mean: 7 min, cv: 0.8}}
  refund: {handle_time: 12 min}
then:
  damage: {topic: refund, share: 10 %, after: 5 min}
demand:
  everyday:
    rate: [[2010-03-27 00:00, 100 / d], [2010-03-28 12:00, 300 / d]]
    day: home
    channel: {mail: 60 %, phone: 40 %}
    language: {by: channel, mail: {nl: 70 %, en: 30 %}, phone: nl}
    topic: damage
teams:
  hub:
    people: 40
    speaks: {nl: 100 %, en: 80 %}
    shifts:
      day: {hours: 07:00-15:00, share: 60 %}
      late: {hours: 15:00-23:00, share: 40 %}
routing: {prefer: {damage: [hub]}}
variants:
  fewer: {teams.hub.people: 20}
  busier:
    demand.everyday.rate: 600 / d
    teams.hub.wage: 32 / h
    sources.teams.hub.wage: {basis: assumed}
sources:
  teams.hub.people: {basis: published, where: report}
"""
LINES = VALID.splitlines()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "flood.yaml"
    path.write_text(VALID)
    return path


def problems(file: Path, variant: str | None = None, *changes: str) -> list[str]:
    """Place, fault and help of every problem, one line each."""
    with pytest.raises(ScenarioError) as caught:
        read(file, variant, changes)
    return [
        f"{Path(problem.source).name}:{problem.line}:{problem.column}: {problem.message} ({problem.help})"
        for problem in caught.value.problems
    ]


def changed(file: Path, old: str, new: str) -> Path:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return file


def test_a_reading_holds_the_scenario_and_the_texts_it_was_made_of(file: Path) -> None:
    reading = read(file)
    assert reading.scenario.teams["hub"].people == 40
    assert reading.resolved["teams"]["hub"]["people"] == "40"
    assert reading.resolved["starts"] == "2010-03-27 00:00"
    assert "variants" not in reading.resolved
    assert (reading.variant, reading.changes) == (None, ())


def test_a_variant_is_the_scenario_with_its_changes(file: Path) -> None:
    reading = read(file, "busier")
    plain = read(file).resolved
    plain["demand"]["everyday"]["rate"] = "600 / d"
    plain["teams"]["hub"]["wage"] = "32 / h"
    plain["sources"]["teams.hub.wage"] = {"basis": "assumed"}
    assert reading.resolved == plain
    assert reading.scenario.teams["hub"].wage == 32


def test_changes_go_on_top_of_the_variant_in_their_order(file: Path) -> None:
    changes = [
        "teams.hub.people=7",
        "teams.hub.people=8",
        "languages.1=en",
        "routing={order: earliest deadline first}",
    ]
    reading = read(file, "fewer", changes)
    assert reading.scenario.teams["hub"].people == 8
    assert reading.scenario.routing.order == "earliest deadline first"
    assert reading.scenario.routing.prefer == {}
    assert (reading.variant, reading.changes) == ("fewer", tuple(changes))


def test_a_change_may_set_an_optional_key_and_a_later_one_reach_into_it(file: Path) -> None:
    reading = read(file, None, ["busyness={day: 10 %}", "busyness.hour=20 %", "drain=30 h"])
    assert reading.scenario.busyness.hour == 0.2
    assert reading.scenario.drain == 30 * HOUR


def test_the_resolved_texts_read_back_as_the_same_scenario(file: Path) -> None:
    reading = read(file, "busier", ["teams.hub.people=7"])
    file.write_text(json.dumps(reading.resolved, indent=1))
    assert read(file).scenario == reading.scenario


@pytest.mark.parametrize(
    ("argument", "problem"),
    [
        ("teams.hb.people=3", "-c:1:7: unknown path 'teams.hb.people' (did you mean 'teams.hub.people'?)"),
        ("teams.hb.wage=3 / h", "-c:1:7: unknown path 'teams.hb.wage' (did you mean 'teams.hub.wage'?)"),
        ("teem.hub.people=3", "-c:1:1: unknown path 'teem.hub.people' (did you mean 'teams.hub.people'?)"),
        ("languages.2=fr", "-c:1:11: unknown path 'languages.2' (did you mean 'languages.1'?)"),
        ("languages.01=fr", "-c:1:11: unknown path 'languages.01' (did you mean 'languages.1'?)"),
        (
            "teams.hub.people.x=3",
            "-c:1:18: unknown path 'teams.hub.people.x' (did you mean 'teams.hub.people'?)",
        ),
        ("teams..people=3", "-c:1:7: unknown path 'teams..people' (did you mean 'teams.hub.people'?)"),
        ("teams.hub.peple=3", "-c:1:11: unknown key 'peple' in teams.hub (did you mean 'people'?)"),
        (
            "teams.hub.people=3.5",
            "-c:1:18: '3.5' is not a whole number (write a whole number from 0 to 100000)",
        ),
        ("  teams.hub.people = -3", "-c:1:22: -3 is out of range (write a whole number from 0 to 100000)"),
        ("teams.hub.people=", "-c:1:18: nothing is written here (write a value)"),
        (
            "teams.hub.people=!!int 3",
            "-c:1:18: a tag is not allowed here: !!int (leave it out; every value is read as its text)",
        ),
        ("teams.hub={people: 1", "-c:1:21: a '}' or ',' is missing (write ',' or '}')"),
        (
            "teams.hub.people",
            "-c:1:1: 'teams.hub.people' is no change (write path=value, such as teams.hub.people=40)",
        ),
        ("variants.fewer=1", "-c:1:1: a change cannot change the variants (change what they change)"),
        (
            "drain=30 min",
            "-c:1:7: the drain is shorter than the 1 h of promises.first_reply "
            "(write drain: 1 h, or more; else what came last cannot be judged)",
        ),
        (
            "teams.hub.shifts.day.share=70 %",
            "-c:1:28: the shares add up to 110 % in teams.hub.shifts (make them 100 %: 10 % too much)",
        ),
        (
            "sources.teams.hub.pople={basis: assumed}",
            "-c:1:9: unknown path 'teams.hub.pople' (did you mean 'teams.hub.people'?)",
        ),
    ],
)
def test_a_wrong_change_is_shown_at_its_wrong_part(file: Path, argument: str, problem: str) -> None:
    assert problems(file, None, argument) == [problem]


def test_a_key_missing_in_what_a_change_replaces_is_shown_at_its_path(file: Path) -> None:
    found = problems(
        file, None, "teams.hub={speaks: {nl: 100 %, en: 100 %}, shifts: {day: {hours: 07:00-15:00}}}"
    )
    assert found == ["-c:1:7: missing key 'people' in teams.hub (write people: …)"]


def test_a_fault_in_what_aliases_repeat_is_reported_once(file: Path) -> None:
    changed(file, "handle_time: {mean: 7 min, cv: 0.8}", "handle_time: &time {mean: 7, cv: 0.8}")
    changed(file, "handle_time: 12 min", "handle_time: *time")
    assert problems(file) == [
        "flood.yaml:16:38: '7' is not a duration (write the unit: '7 s', '7 min', '7 h' or '7 d')"
    ]


def test_the_line_of_a_change_is_its_number_among_the_arguments(file: Path) -> None:
    assert [
        problem.split(" ")[0] for problem in problems(file, None, "title=x", "lasts=3", "name=y", "drain=4")
    ] == [
        "-c:2:7:",
        "-c:4:7:",
    ]


def test_what_only_one_of_several_changes_breaks_is_shown_at_that_one(file: Path) -> None:
    found = problems(file, None, "teams.hub.people=3", "languages.1=fr", "teams.hub.wage=3 / h")
    assert {problem.split(" ")[0] for problem in found} == {"-c:2:13:"}


def test_an_unknown_variant_is_shown_at_the_argument_with_the_nearest(file: Path) -> None:
    assert problems(file, "fwer") == ["-v:1:1: unknown variant 'fwer' (did you mean 'fewer'?)"]
    text = VALID[: VALID.index("variants:")]
    file.write_text(text)
    assert problems(file, "fewer") == ["-v:1:1: unknown variant 'fewer' (the file has no variants)"]


def test_every_variant_is_checked_chosen_or_not(file: Path) -> None:
    changed(
        file,
        "fewer: {teams.hub.people: 20}",
        "fewer: {teams.hub.people: 2.5}\n  late: {teams.hub.shifts.late.hours: 15:00}",
    )
    expected = [
        "flood.yaml:36:29: '2.5' is not a whole number (write a whole number from 0 to 100000)",
        "flood.yaml:37:39: '15:00' is not a span of hours (write start and end, such as '07:00-15:00')",
    ]
    assert (
        problems(file)
        == problems(file, "busier")
        == problems(file, "fewer", "teams.hub.people=x")
        == expected
    )


def test_what_a_variant_breaks_elsewhere_is_shown_at_the_variant(file: Path) -> None:
    changed(file, "fewer: {teams.hub.people: 20}", "fewer: {teams.hub.people: 20, drain: 30 min}")
    assert [problem.split(" (")[0] for problem in problems(file)] == [
        "flood.yaml:36:40: the drain is shorter than the 1 h of promises.first_reply"
    ]


def test_a_fault_of_the_file_is_reported_once_not_once_a_variant(file: Path) -> None:
    changed(file, "lasts: 2 d", "lasts: 2")
    assert len(problems(file)) == 1


def test_everything_wrong_is_reported_at_once_in_the_order_of_the_file(file: Path) -> None:
    changed(file, "lasts: 2 d", "lasts: 2")
    changed(file, "mail: {}", "mail:")
    changed(file, "lines: 20", "lines: !x 20")
    changed(file, "day: home", "day: hom")
    changed(file, "people: 40", "poeple: 40")
    changed(file, "prefer: {damage: [hub]}", "prefer: {damage: [huub, hub]}")
    assert [int(problem.split(":")[1]) for problem in problems(file)] == [5, 13, 14, 23, 29, 34]


def test_a_missing_section_does_not_make_every_use_of_its_names_a_fault(file: Path) -> None:
    changed(file, "languages: [nl, en]\n", "")
    assert problems(file) == ["flood.yaml:1:1: missing key 'languages' at the top level (write languages: …)"]


def test_a_misspelt_key_is_not_reported_as_missing_too(file: Path) -> None:
    changed(file, "people: 40", "peopel: 40")
    assert problems(file) == ["flood.yaml:29:5: unknown key 'peopel' in teams.hub (did you mean 'people'?)"]


def test_a_problem_is_shown_with_its_line_and_a_caret(file: Path) -> None:
    changed(file, "people: 40", "peopel: 40")
    with pytest.raises(ScenarioError) as caught:
        read(file)
    assert str(caught.value) == (
        f"{file}:29:5: error: unknown key 'peopel' in teams.hub\n"
        "   29 |     peopel: 40\n"
        "      |     ^^^^^^\n"
        "      = help: did you mean 'people'?"
    )


def test_the_json_schema_knows_every_key_and_its_help() -> None:
    body = schema()
    assert {"schema", "promises", "teams"} <= set(body["properties"])
    assert set(body["required"]) >= {"schema", "name", "lasts"}
    assert body["$defs"]["Team"]["properties"]["people"]["description"] == "How many."
    assert "from" in body["$defs"]["Judged"]["properties"]
    json.dumps(body)


def test_seven_variants_cost_less_than_reading_the_file_four_times(file: Path) -> None:
    """The file is parsed once, which is what takes the time."""
    team = VALID[VALID.index("  hub:\n") : VALID.index("routing:")]
    changed(file, "routing:", "".join(team.replace("hub:", f"team{i}:") for i in range(40)) + "routing:")
    alone = changed(
        file, VALID[VALID.index("variants:") : VALID.index("sources:")], "variants: {}\n"
    ).read_text()
    variants = "".join(f"  v{i}: {{teams.hub.people: {i}, teams.team{i}.people: 3}}\n" for i in range(7))
    assert min(
        seconds(file, alone.replace("variants: {}\n", f"variants:\n{variants}")) for _ in range(3)
    ) < 4 * seconds(file, alone)


def seconds(file: Path, text: str) -> float:
    file.write_text(text)
    start = time.process_time()
    read(file)
    return time.process_time() - start


# --- no input, however broken, gives anything but a Reading or a ScenarioError
# -----------------------------------------

NUMBERS = [
    "0",
    "1",
    "-1",
    "nan",
    ".inf",
    "1e309",
    "9" * 20,
    "5 min",
    "-5 min",
    "1 h",
    "60 %",
    "101 %",
    "300 / d",
    "\u0660 min",
]
WORDS = [
    "",
    "nl",
    "xx",
    "all",
    "by",
    "no",
    "null",
    "~",
    "''",
    "é",
    "Europe/Paris",
    "07:00-15:00",
    "24:00-24:00",
]
MOMENTS = [
    "2010-03-28 02:30",
    "2010-10-31 02:30",
    "9999-12-31 23:59",
    "0001-01-01",
    "[[2010-03-27 00:00, 5 %]]",
]
SHAPES = [
    "{}",
    "[]",
    "[[]]",
    "{a: b}",
    "{uniform: [1 h, 2 h]}",
    "{mean: 5 min, cv: 9}",
    "{by: language}",
    "[nl]",
    "[hub, hub]",
]
BROKEN = [
    "*a",
    "&a b",
    "!!int 3",
    "<<",
    "- x",
    "? y",
    ": z",
    "@",
    "`",
    "%",
    "\t",
    "'",
    '"',
    "[",
    "}",
    "# x",
    "\\",
    "\r",
    "x: y",
]
SCALARS = st.sampled_from([*NUMBERS, *WORDS, *MOMENTS, *SHAPES, *BROKEN]) | st.text(max_size=12)
ROOTS = [
    "teams",
    "demand",
    "languages",
    "promises",
    "sources",
    "variants",
    "routing",
    "then",
    "days",
    "lasts",
    "x",
    "",
]
STEPS = st.sampled_from(
    [*ROOTS, "hub", "everyday", "people", "shifts", "0", "1", "-1", "99", "rate", "speaks", "basis", "."]
) | st.text(max_size=5)
PATHS = st.builds(
    lambda root, rest: ".".join([root, *rest]), st.sampled_from(ROOTS), st.lists(STEPS, max_size=4)
)
fuzzed = settings(
    max_examples=60,
    deadline=5_000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def outcome(file: Path, content: str | bytes, variant: str | None = None, *changes: str) -> Any:
    """The reading, or the text of the error; anything else that is raised fails the test."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    try:
        return read(file, variant, changes)
    except ScenarioError as error:
        return str(error)


def is_answer(found: Any) -> bool:
    """A reading, or a message of which every problem names its source and nothing but text and line breaks is
    printed.
    """
    if isinstance(found, Reading):
        return True
    return ": error: " in found.splitlines()[0] and all(
        c.isprintable() or c in "\n\u00a0\u3000" or ord(c) > 127 for c in found
    )


@fuzzed
@given(st.binary(max_size=200))
def test_random_bytes_give_an_answer(file: Path, content: bytes) -> None:
    assert is_answer(outcome(file, content))


@fuzzed
@given(st.text(st.sampled_from("ab01 \n\t:-,?&*!|>'\"%@`#{}[]<~.\\xuU\r\0é"), max_size=60))
def test_random_yaml_gives_an_answer(file: Path, content: str) -> None:
    assert is_answer(outcome(file, content))


@fuzzed
@given(st.integers(0, len(VALID)), st.integers(0, 30), st.text(max_size=10))
def test_a_scenario_with_a_piece_overwritten_gives_an_answer(
    file: Path, at: int, length: int, piece: str
) -> None:
    assert is_answer(outcome(file, VALID[:at] + piece + VALID[at + length :]))


@fuzzed
@given(
    st.lists(
        st.tuples(st.sampled_from(["delete", "double", "swap", "indent"]), st.integers(0, len(LINES) - 1)),
        min_size=1,
        max_size=3,
    )
)
def test_a_scenario_with_lines_moved_about_gives_an_answer(file: Path, moves: list[tuple[str, int]]) -> None:
    lines = list(LINES)
    for move, at in moves:
        at = min(at, len(lines) - 1)
        if move == "delete":
            del lines[at]
        elif move == "double":
            lines.insert(at, lines[at])
        elif move == "swap":
            lines[at], lines[-1] = lines[-1], lines[at]
        else:
            lines[at] = f"  {lines[at]}"
    assert is_answer(outcome(file, "\n".join(lines)))


def leaves(tree: Any) -> int:
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else None
    return 1 if below is None else 1 + sum(leaves(item) for item in below)


def with_leaf(tree: Any, at: int, value: str) -> str:
    """The tree in flow notation, with its node number `at` replaced by a raw text."""
    count = -1

    def written(node: Any) -> str:
        nonlocal count
        count += 1
        if count == at:
            return value
        if isinstance(node, dict):
            return (
                "{" + ", ".join(f"{json.dumps(key)}: {written(below)}" for key, below in node.items()) + "}"
            )
        if isinstance(node, list):
            return "[" + ", ".join(written(below) for below in node) + "]"
        return json.dumps(node)

    return written(tree)


@fuzzed
@given(st.data())
def test_a_scenario_with_any_value_replaced_gives_an_answer(file: Path, data: st.DataObject) -> None:
    file.write_text(VALID)
    tree = read(file).resolved
    at = data.draw(st.integers(0, leaves(tree) - 1))
    assert is_answer(outcome(file, with_leaf(tree, at, data.draw(SCALARS))))


@fuzzed
@given(
    st.lists(
        st.builds(
            lambda path, sign, value: path + sign + value,
            PATHS,
            st.sampled_from(["=", "=", "=", "", " = ", "=="]),
            SCALARS,
        ),
        max_size=4,
    )
)
def test_any_changes_give_an_answer(file: Path, changes: list[str]) -> None:
    assert is_answer(outcome(file, VALID, None, *changes))


@fuzzed
@given(st.text(max_size=20))
def test_any_variant_gives_an_answer(file: Path, variant: str) -> None:
    assert is_answer(outcome(file, VALID, variant))


@fuzzed
@given(st.dictionaries(PATHS, SCALARS, min_size=1, max_size=4))
def test_a_variant_of_any_paths_and_values_gives_an_answer(file: Path, entries: dict[str, str]) -> None:
    written = "".join(f"    {json.dumps(path)}: {value}\n" for path, value in entries.items())
    assert is_answer(outcome(file, VALID.replace("  fewer: {teams.hub.people: 20}\n", f"  any:\n{written}")))


def test_a_path_into_a_section_that_is_not_there_says_how_to_write_it(file: Path) -> None:
    (told,) = problems(file, None, "busyness.hour=20 %")
    assert told.endswith("(the file has no 'busyness' yet: write all of it, busyness={hour: …})")


def test_a_path_deep_into_a_section_that_is_not_there_is_written_nested(file: Path) -> None:
    (told,) = problems(file, None, "busyness.hour.first=20 %")
    assert told.endswith("write all of it, busyness={hour: {first: …}})")


def test_a_path_with_a_tab_is_told_without_one(file: Path) -> None:
    (told,) = problems(file, None, "teams.teams.\t.teams=0")
    assert "\t" not in told
