"""The terminal report and the progress bar."""

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from math import inf, isnan, nan

import numpy as np
import pytest

from sim.measure.pooled.shortfall import Shortfall
from sim.measure.stats.verdicts import Ruling
from sim.show.content.tables import pick
from sim.show.content.words import decimals, duration, estimate, moment, percent, percent_range, share
from sim.show.terminal.progress import progress
from sim.show.terminal.run import report
from sim.units import HOUR
from tests.findings import ALL, Builder, findings, lens, verdict, without

DECISIVE = (
    "first reply within 1 h   ≥ 90 % in time in 138 of 200 simulations (62–75 %, asked 95 %)   BREAKS   "
    "mean 85 %, worst in ten 71 %"
)
WIDTHS = (80, 100, 120, 160)


def section(text: str, start: str) -> list[str]:
    """The lines of the sections that start so, without their two lines of titles."""
    return [
        line for part in text.split("\n\n") if part.startswith(start) for line in part.split("\n")[2:] if line
    ]


def test_the_line_that_decides_is_the_one_of_the_design() -> None:
    assert DECISIVE in report(findings(verdicts=(verdict(),)), 140).splitlines()


def test_a_line_that_does_not_fit_breaks_before_its_mean_under_what_it_is_about() -> None:
    head, tail = DECISIVE[: DECISIVE.index("   mean")], DECISIVE[DECISIVE.index("mean") :]
    lines = report(findings(verdicts=(verdict(),)), 100).splitlines()
    assert lines[lines.index(head) + 1] == " " * head.index("≥") + tail


@pytest.mark.parametrize("width", WIDTHS)
def test_rulings_stand_below_each_other(width: int) -> None:
    lines = report(findings(), width).splitlines()
    rulings = [re.search(r" (BREAKS|UNDECIDED|HOLDS)\b", line) for line in lines]
    assert len({match.start() for match in rulings if match}) == 1
    assert sum(match is not None for match in rulings) == 4


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_longer_than_the_width(width: int) -> None:
    many = findings(
        verdicts=tuple(
            verdict(dimension="language", member=member, ruling=Ruling.UNDECIDED)
            for member in lens().languages
        )
    )
    for found in (findings(), many, findings(crowd=0.1, breaks=(), shortfalls=())):
        assert max(map(len, report(found, width, "results/ashcloud/hundred").splitlines())) <= width


def test_the_report_is_plain_text() -> None:
    text = report(findings(), folder="results/ashcloud/hundred")
    assert all(character.isprintable() or character == "\n" for character in text)
    assert text.endswith("results/ashcloud/hundred")


def test_the_heading_says_what_was_run() -> None:
    lines = report(findings()).splitlines()
    assert lines[0] == "Ash cloud over Europe, April 2010"
    assert lines[1].startswith("ashcloud · variant hundred · 200 simulations · seed 1 · ")


def test_undecided_says_how_many_simulations_would_decide() -> None:
    row = verdict(ruling=Ruling.UNDECIDED, enough=3200)
    assert "decided at about 3,200 simulations" in report(findings(verdicts=(row,)))
    assert "too close to call" in report(findings(verdicts=(replace(row, enough=None),)))
    assert "decided" not in report(findings(verdicts=(verdict(),)))


def test_below_72_simulations_no_verdict_can_hold_and_the_report_says_so() -> None:
    words = "With a 95 % target, HOLDS needs at least 72 replications."
    assert words in report(findings(verdicts=(verdict(kept=71, replications=71, ruling=Ruling.UNDECIDED),)))
    assert words not in report(
        findings(verdicts=(verdict(kept=72, replications=72, ruling=Ruling.UNDECIDED),))
    )


def test_no_verdict_can_hold_where_every_simulation_is_asked() -> None:
    row = verdict(confidence_asked=1.0, ruling=Ruling.UNDECIDED)
    assert "With a 100 % target, no verdict HOLDS" in report(findings(verdicts=(row,)))


def test_all_promises_together_have_no_share_and_no_mean() -> None:
    lines = report(findings(verdicts=(verdict(), ALL)), 160).splitlines()
    line = next(line for line in lines if line.startswith("all promises"))
    assert re.split(" {2,}", line) == [
        "all promises together",
        "all kept in 130 of 200 simulations (58–72 %, asked 85 %)",
        "BREAKS",
        "the promises together ask 85 %",
    ]  # fmt: skip


def test_a_row_with_few_cases_is_too_few_to_judge() -> None:
    row = verdict(
        dimension="language",
        member="es",
        ruling=Ruling.TOO_FEW,
        cases=23.0,
        mean=0.88,
        mean_lower=0.8,
        mean_upper=0.94,
    )
    words = "  language es            too few to judge: 23 cases a simulation, mean 88 % (80–94 %)"
    assert any(line.startswith(words) for line in report(findings(verdicts=(verdict(), row))).splitlines())


def test_a_row_of_a_day_is_named_by_its_day() -> None:
    assert "\n  Fri 16 Apr   ≥ 90 % in time" in report(
        findings(verdicts=(verdict(dimension="day", member="2010-04-16"),))
    )


def test_every_number_of_the_table_has_its_interval() -> None:
    lines = section(report(findings()), "Mean (95 %)")
    assert len(lines) > 20
    cell = re.compile(r"([>\d][\d.,]*|never)( min| h| d| s)? \([^()]+–[^()]+\)")
    for line in lines:
        numbers = line[len("channel facebook") :]
        assert re.fullmatch(r"[\s–†]*", cell.sub("", numbers)), line


def test_the_table_says_what_the_estimates_say() -> None:
    found = findings()
    row = pick(found.estimates, "service_level", "day", "first_reply", "2010-04-18")
    line = next(line for line in section(report(found), "Mean (95 %)") if line.startswith("Sun 18 Apr"))
    bounds = f"{100 * row.mean[0]:.1f} ({100 * row.lower[0]:.1f}–{100 * row.upper[0]:.1f})"
    assert bounds in line


def test_cells_with_few_cases_are_marked() -> None:
    build = Builder(200)
    for member, cases in (("nl", 50.0), ("es", 49.9)):
        build.add("contacts", "contacts", 60.0, "language", member)
        build.add("service_level", "share", 0.8, "language", member, promise="first_reply", cases=cases)
    lines = report(findings(estimates=build.table())).splitlines()
    assert "†" not in next(line for line in lines if line.startswith("language nl"))
    assert next(line for line in lines if line.startswith("language es")).endswith(" †")
    assert "† fewer than 50 cases a simulation: pooled, too few to judge" in lines


def test_the_worst_day_and_the_first_night_are_always_shown() -> None:
    found = findings()
    lines = section(report(found), "Worst moments")
    assert [line.split(",")[0] for line in lines[:4]] == ["worst day", "first night"] * 2
    said = (
        "in 9 of 10 simulations at least 99.95 % in time: worst day, answered by the end; first night, "
        "answered by the end"
    )
    assert " ".join(" ".join(lines[4:]).split()) == said
    for line, measure in zip(lines, ("service_level_worst_day", "service_level_first_night"), strict=False):
        row = pick(found.estimates, measure, "all", "first_reply")
        assert re.findall(r" (\d+\.\d) ", line) == [
            f"{100 * column[0]:.1f}" for column in (row.p50, row.p10, row.mean)
        ]


def test_where_it_breaks_is_told_in_local_words() -> None:
    text = " ".join(report(findings()).split())
    assert (
        "first reply within 1 h: first from Fri 16 Apr 19:00, in the 71 simulations that break it first at "
        "Fri 16 Apr 18:00" in text
    )
    assert (
        "Fri 16 Apr 18:00 (10–90 %: Fri 16 Apr 12:00 – Sat 17 Apr 01:00), worst Sun 18 Apr 00:00–01:00"
        in text
    )
    assert "with 18 % in time (most of all language es, topic information)" in text
    assert "safe again from Tue 20 Apr 03:00" in text
    row = (
        "language es: first from Fri 16 Apr 14:00, worst Sun 18 Apr 00:00–01:00 with 5 % in time, not safe "
        "again by the end"
    )
    assert row in text


def test_a_promise_that_breaks_in_few_simulations_says_when_these_break_first() -> None:
    broken = replace(
        findings().breaks[0],
        broken=-1,
        safe=-1,
        replications=1,
        broken_early=60 * HOUR,
        broken_median=60 * HOUR,
        broken_late=60 * HOUR,
    )
    text = " ".join(report(findings(breaks=(broken,))).split())
    assert (
        "on average no window is surely below, in the 1 simulation that breaks it first at Fri 16 Apr 12:00, "
        "worst Sun" in text
    )


def test_a_row_that_tells_no_more_than_the_whole_is_left_out() -> None:
    whole, row = findings().breaks[:2]
    same = replace(row, broken=whole.broken, worst_share=whole.worst_share - 0.04)
    assert "language es: first" not in report(findings(breaks=(whole, same)))
    assert "language es: first" in report(findings(breaks=(whole, replace(same, broken=whole.broken - HOUR))))


def test_a_promise_that_breaks_in_some_rows_only_says_so() -> None:
    lines = report(findings(breaks=findings().breaks[1:])).splitlines()
    assert next(line for line in lines if line.startswith("    language es: first from Fri 16 Apr 14:00"))


def test_rows_that_break_are_told_worst_first_five_at_most() -> None:
    row = findings().breaks[1]
    rows = tuple(
        replace(row, member=member, worst_share=share)
        for member, share in zip("abcdefg", (0.7, 0.1, 0.6, 0.2, 0.5, 0.3, 0.4), strict=True)
    )
    lines = report(findings(breaks=rows)).splitlines()
    assert [line.split()[1] for line in lines if line.startswith("    language")] == [
        "b:",
        "d:",
        "f:",
        "g:",
        "e:",
    ]
    assert "    and 2 more" in lines


def test_where_nothing_breaks_one_line_says_so() -> None:
    never = tuple(replace(item, broken=-1, replications=0) for item in findings().breaks)
    for breaks in ((), never):
        lines = report(findings(breaks=breaks, shortfalls=())).splitlines()
        assert "No promise surely breaks in any window of the event." in lines
        assert not any("first from" in line or "short by" in line for line in lines)


def test_the_five_largest_shortfalls_are_told_in_words_and_the_rest_counted() -> None:
    lines = report(findings()).splitlines()
    short = [line for line in lines if line.startswith("short by")]
    assert short[0] == "short by 14 nl information agents, Sat 17 Apr 19:00 – Sun 18 Apr 01:00"
    assert short[1] == "short by 8 en information agents, Sat 17 Apr 20:00–23:00"
    assert len(short) == 5
    assert "and 2 smaller shortfalls" in lines


def test_a_shortfall_of_several_kinds_names_them() -> None:
    several = Shortfall(
        14, (("nl", "information", 8.6), ("en", "rebooking", 4.4), ("es", "information", 0.44)), 0, HOUR
    )
    lines = report(findings(shortfalls=(several,))).splitlines()
    assert (
        "short by 14 agents, Wed 14 Apr 00:00–01:00: 9 nl information, 4 en rebooking, 0.4 es information"
        in lines
    )


def test_never_answered_is_never_and_not_a_number() -> None:
    assert next(
        line for line in report(findings()).splitlines() if line.startswith("  time elapsed")
    ).endswith("never (never–never)")


def test_the_report_rests_on_its_assumed_numbers() -> None:
    lines = report(findings()).splitlines()
    assert "  teams.volunteers.pace = 160 %, range 130–200 %" in lines
    assert not any("demand.stranded.people =" in line for line in lines)
    assert "(1 more input is published or derived)" in lines


@pytest.mark.parametrize("measure", sorted(set(findings().estimates.measure)))
def test_a_measure_that_is_absent_leaves_a_gap_and_nothing_else(measure: str) -> None:
    assert "nan" not in report(findings(estimates=without(findings().estimates, measure)))


def test_findings_without_anything_give_a_heading_and_a_sentence() -> None:
    nothing = {"verdicts": (), "breaks": (), "shortfalls": (), "assumptions": (), "record": {}}
    empty = findings(estimates=Builder(200).table(), lens=replace(lens(), promises=()), **nothing)
    assert report(empty).splitlines()[-1] == "Nothing is promised."


def test_of_one_event_no_interval_is_told() -> None:
    table = findings().estimates
    alone = replace(table, lower=np.full(len(table.mean), nan), upper=np.full(len(table.mean), nan))
    text = report(
        findings(estimates=alone, verdicts=(verdict(kept=1, replications=1, mean_lower=nan, mean_upper=nan),))
    )
    assert "(?)" in text
    assert "nan" not in text


def test_json_round_trips() -> None:
    found = findings()
    text = found.json()
    parsed = json.loads(text)
    assert text == json.dumps(parsed, sort_keys=True, ensure_ascii=False) + "\n"
    columns = parsed["estimates"]
    assert {len(column) for column in columns.values()} == {len(found.estimates.mean)}
    for value, mean in zip(columns["mean"], found.estimates.mean, strict=True):
        assert (value is None and isnan(mean)) or (value == "never" and mean == inf) or value == mean
    assert parsed["breaks"][0]["broken_local"] == "2010-04-16T19:00+02:00"
    assert parsed["breaks"][1]["safe_local"] is None


@pytest.mark.parametrize(
    ("mean", "lower", "upper", "digits"),
    [
        (70, 62, 75, 0),
        (85, 84.4, 85.7, 1),
        (85, 84.99, 85.01, 2),
        (18_432, 17_911, 18_953, -2),
        (21, 0, 2, 0),
        (12.4, 5, 80, 0),
        (1.24, 0.5, 9, 1),
        (216, 0, 400, -1),
        (5, 5, 5, 0),
        (5.5, 5.5, 5.5, 1),
        (2, 1, inf, 1),
        (5, nan, nan, 1),
    ],
)
def test_the_last_digit_is_at_most_half_of_the_interval_and_two_digits_are_told(
    mean: float, lower: float, upper: float, digits: int
) -> None:
    assert decimals(mean, lower, upper) == digits


def test_numbers_in_words() -> None:
    assert estimate(18_432.0, 17_911.0, 18_953.0) == ("18,400", "(17,900–19,000)")
    assert percent(0.85, 0.82, 0.88) == ("85", "(82–88)")
    assert percent(1.0, 0.9962, 1.0) == ("100", "(99.6–100)")
    assert percent(nan, nan, nan) == ("–", "")
    assert percent(0.9, 0.47, 0.9968) == ("90", "(47–99.7)")
    assert estimate(10.0, -10.0, 30.0) == ("10", "(0–30)")
    assert percent(0.97, 0.92, 1.03) == ("97", "(92–100)")
    assert share(0.99996, 2) == "99.996"
    assert share(0.9999999, 0) == ">99.999"
    assert percent_range(0.99, 0.9999999) == "99.0–<100 %"
    assert duration(42 * 60_000, 38 * 60_000, 46 * 60_000) == ("42 min", "(38–46)")
    assert duration(50 * 3_600_000, 49 * 3_600_000, 51 * 3_600_000) == ("2.1 d", "(2.0–2.1)")
    assert duration(inf, 9 * 3_600_000, inf) == ("never", "(9.0 h–never)")
    assert moment(lens(), 57.25 * 3_600_000) == "Fri 16 Apr 09:15"
    assert moment(lens(), inf) == moment(lens(), -1) == "never"


def test_a_bound_is_not_rounded_onto_what_is_asked() -> None:
    assert percent_range(0.946, 0.99) == "95–99 %"
    assert percent_range(0.946, 0.99, 0.95) == "94.6–99.0 %"
    assert percent_range(0.9498, 0.99, 0.95) == "94.98–99.00 %"
    assert percent_range(0.95, 0.99, 0.95) == "95–99 %"  # it is what is asked
    assert percent(0.97, 0.946, 0.99, 0.95) == ("97", "(94.6–99.0)")


def test_the_report_does_not_load_matplotlib() -> None:
    code = (
        "import sys, sim.show.terminal.run; print([name for name in ('matplotlib', 'rich') if name in "
        "sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def test_progress_writes_nothing_and_loads_nothing_where_stderr_is_no_terminal() -> None:
    code = (
        "import sys\nfrom sim.show.terminal.progress import progress\n"
        "with progress(3, 'ashcloud') as advance:\n    [advance() for _ in range(3)]\nprint('rich' in "
        "sys.modules)"
    )
    environment = {"PATH": "/usr/bin", "FORCE_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_progress_counts_its_steps_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress(3, "[ashcloud]") as advance:
        for _ in range(3):
            advance()
    assert "[ashcloud]" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()
    assert capsys.readouterr().out == ""
