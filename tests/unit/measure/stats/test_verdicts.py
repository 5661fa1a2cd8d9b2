"""Verdicts against exact binomial tails, the bounds they print, whole-number arithmetic and symmetries."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from sim.measure.stats import confidence_sequence as sequence
from sim.measure.stats import estimate, verdicts
from sim.measure.stats.verdicts import Bounds, Claim, Ruling

HOLDS, BREAKS, UNDECIDED, TOO_FEW = Ruling.HOLDS, Ruling.BREAKS, Ruling.UNDECIDED, Ruling.TOO_FEW


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True)


def claim(in_time, cases=100, promise="first_reply", dimension="", member="", share=0.9, asked=0.95):
    """A claim on replications with these cases in time, each of so many."""
    in_time = np.asarray(in_time)
    return Claim(promise, dimension, member, share, asked, in_time, np.broadcast_to(cases, in_time.shape))


def kept_in(kept, missed, **more):
    """A claim kept in `kept` replications, with all of 100 cases, then missed in `missed`, with none."""
    return claim([100] * kept + [0] * missed, **more)


def verdict(row, **more):
    """The verdict on one claim alone."""
    (found,) = verdicts.verdicts([row], **more)
    return found


def tail(first, last, n, p):
    """P(first ≤ X ≤ last) of the binomial law, in fractions: without rounding."""
    p = Fraction(p)
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(first, last + 1))


# rulings, enough, least_replications


@pytest.mark.parametrize("bounds", Bounds)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("asked", [0.0, 0.01, 0.5, 0.9, 0.95, 0.999, 1.0])
def test_the_ruling_compares_the_bounds_with_what_is_asked(asked, confidence, bounds):
    for member in (1, 2, 20, 71, 72, 107, 200):
        kept = np.arange(member + 1)
        lower, upper = bounds.around(kept, member, asked, confidence)
        expected = np.where(lower >= asked, HOLDS, np.where(upper < asked, BREAKS, UNDECIDED))
        rows = [kept_in(k, member - k, asked=asked) for k in kept]
        assert [verdicts.rulings([row], confidence, bounds) for row in rows] == [
            (ruling,) for ruling in expected
        ]


@pytest.mark.parametrize(
    ("asked", "least"), [(0.95, 72), (0.9, 36), (0.99, 368), (0.5, 6), (0.0, 1), (1.0, None)]
)
def test_no_verdict_holds_below_the_least_number_of_replications(asked, least):
    """The powers of `asked` first below 2.5 %: 0.95^72 = 0.0249, 0.95^71 = 0.0262."""
    assert verdicts.least_replications(asked) == least
    by_looking = verdicts.least_replications(asked, bounds=Bounds.SEQUENCE)
    assert by_looking == {0.95: 102, 0.0: 1, 1.0: None}.get(asked, by_looking)
    assert (by_looking or 1) >= (least or 1)
    if least:
        assert verdict(kept_in(least, 0, asked=asked)).ruling is HOLDS
        assert least == 1 or verdict(kept_in(least - 1, 0, asked=asked)).ruling is UNDECIDED


@pytest.mark.parametrize(
    ("kept", "member"),
    [(50, 50), (2, 3), (7, 7), (186, 200), (191, 200), (97, 100), (88, 100), (1, 1), (0, 1), (3, 4)],
)
@pytest.mark.parametrize(("asked", "rows"), [(0.95, 1), (0.95, 7), (0.8, 1)])
def test_enough_is_the_first_number_of_events_whose_bounds_decide(kept, member, asked, rows):
    n = np.arange(member, 20_001)
    holds = estimate.proportion(np.array([k * kept // member for k in n]), n)[0] >= asked
    breaks = (
        estimate.proportion(
            np.array([math.ceil(Fraction(int(k) * kept, member)) for k in n]), n, 1 - 0.05 / rows
        )[1]
        < asked
    )
    decides = holds | breaks
    expected = int(n[decides.argmax()]) if decides.any() and not decides[0] else None
    assert verdicts.enough(kept, member, asked, rows=rows) == expected


def test_too_close_to_call_and_already_decided_have_no_enough():
    assert verdicts.enough(190, 200, 0.95) is None  # at 95 % itself
    assert verdicts.enough(951, 1000, 0.95) is None  # would take some 180,000
    assert verdicts.enough(138, 200, 0.95) is None
    assert verdicts.enough(200, 200, 0.95) is None
    assert verdicts.enough(1, 1, 0.0) is None


# verdict


def test_the_line_of_the_design():
    """≥ 90 % in time in 138 of 200 simulations (62–75 %, asked 95 %) BREAKS."""
    found = verdict(kept_in(138, 62))
    assert (found.kept, found.replications, found.ruling, found.enough) == (138, 200, BREAKS, None)
    assert (round(found.lower, 2), round(found.upper, 2)) == (0.62, 0.75)
    assert (found.mean, found.worst, found.cases) == (0.69, 0.0, 100)
    assert 0.62 < found.mean_lower < 0.63 < 0.75 < found.mean_upper < 0.76


@pytest.mark.parametrize("permille", [1, 70, 290, 333, 570, 580, 900, 950, 999, 1000])
def test_exactly_the_asked_share_is_kept_and_one_case_less_is_not(permille):
    """Of n cases the fewest that keep the share, by fractions; in floats 7 of 100 are less than 0.07
    · 100.
    """
    cases = np.array([1, 2, 3, 10, 50, 99, 100, 1000, 300_000_000])
    fewest = np.array([math.ceil(Fraction(permille, 1000) * int(n)) for n in cases])
    assert verdict(claim(fewest, cases, share=permille / 1000)).kept == len(cases)
    assert verdict(claim(fewest - 1, cases, share=permille / 1000)).kept == 0


def test_an_event_without_a_case_keeps_the_promise_and_has_no_share():
    found = verdict(claim([0, 95, 0], [0, 100, 0]))
    assert (found.kept, found.mean, found.worst) == (3, 0.95, 0.95)
    empty = verdict(claim([0, 0], 0))
    assert (empty.kept, empty.ruling, empty.cases) == (2, UNDECIDED, 0)
    assert np.isnan([empty.mean, empty.mean_lower, empty.worst]).all()


def test_the_worst_event_in_ten_is_the_share_that_one_in_ten_stays_below():
    assert verdict(claim([10, 20, *[100] * 18])).worst == 0.6  # between the second and the third of twenty
    assert verdict(claim([10, 20, *[100] * 9])).worst == 0.2  # the second of eleven


def test_only_a_row_of_a_promise_is_too_few_and_only_below_fifty_cases():
    few = np.array([49, 50] * 100)
    row = verdict(claim(few // 2, few, dimension="language", member="is"))
    assert (row.ruling, row.enough, row.cases) == (TOO_FEW, None, 49.5)
    assert row.mean_lower < row.mean < row.mean_upper
    assert verdict(claim(few // 2, few)).ruling is BREAKS
    assert verdict(claim([25] * 200, 50, dimension="language", member="is")).ruling is BREAKS


# holm, verdicts, overall


def test_holm_steps_down_until_one_fails():
    """In order: 0.005 < level/4, 0.009 < level/3, 0.014 < level/2, 0.03 < level; who comes after a failure
    fails.
    """
    doubts = [0.005, 0.03, 0.014, 0.009]
    assert verdicts.holm(doubts, 0.05).tolist() == [True, True, True, True]
    assert verdicts.holm(doubts, 0.029).tolist() == [True, False, True, True]
    assert verdicts.holm(doubts, 0.0275).tolist() == [True, False, False, True]
    assert verdicts.holm(doubts, 0.026).tolist() == [
        True,
        False,
        False,
        False,
    ]  # 0.014 alone would be below 0.026
    assert verdicts.holm(doubts, 0.019).tolist() == [False, False, False, False]
    assert verdicts.holm([0.001, 0.03, 0.04], 0.05).tolist() == [
        True,
        False,
        False,
    ]  # 0.04 alone would be below 0.05
    assert verdicts.holm([0.02, 0.001], 0.02).tolist() == [False, True]  # 0.02 is not below .02/1
    assert verdicts.holm([], 0.05).tolist() == []


@pytest.mark.parametrize("bounds", Bounds)
def test_the_rulings_alone_are_those_of_the_verdicts(bounds):
    rows = [
        kept_in(200, 0),
        kept_in(150, 50, promise="solved"),
        kept_in(186, 14, dimension="language"),
        claim([9] * 200, 10, dimension="day"),
    ]
    found = verdicts.verdicts(rows, bounds=bounds)
    assert len({row.ruling for row in found}) == 4
    assert verdicts.rulings(rows, bounds=bounds) == tuple(row.ruling for row in found)


def test_a_sequence_prints_the_bounds_it_decides_by_and_asks_for_more():
    rows = [
        kept_in(138, 62),
        kept_in(197, 3, promise="solved"),
        kept_in(186, 14, dimension="language", member="nl"),
    ]
    fixed, found = verdicts.verdicts(rows), verdicts.verdicts(rows, bounds=Bounds.SEQUENCE)
    assert [(row.ruling, row.enough is None) for row in fixed[1:3]] == [(HOLDS, True), (UNDECIDED, False)]
    assert [(row.ruling, row.enough is None) for row in found[1:3]] == [(UNDECIDED, True), (UNDECIDED, True)]
    for row in found:
        assert (row.lower, row.upper) == tuple(
            map(float, sequence.bounds(row.kept, row.replications, row.confidence_asked))
        )
    for old, new in zip(fixed, found, strict=True):
        same = replace(new, lower=old.lower, upper=old.upper, ruling=old.ruling, enough=old.enough)
        assert [repr(value) for value in vars(same).values()] == [
            repr(value) for value in vars(old).values()
        ]  # NaN is NaN


def test_nothing_claimed_has_no_verdict():
    assert verdicts.verdicts([]) == verdicts.rulings([]) == ()


def test_a_row_that_breaks_only_by_itself_is_undecided_among_many():
    weak = kept_in(182, 18, dimension="language", member="is")
    assert 0.025 / 4 < tail(0, 182, 200, Fraction(95, 100)) < 0.025 / 2
    rows = [
        kept_in(200, 0),
        weak,
        *[kept_in(200, 0, dimension="language", member=name) for name in ("nl", "en")],
    ]
    found = verdicts.verdicts(rows)
    assert verdict(weak).ruling is BREAKS
    assert [row.ruling for row in found] == [HOLDS, UNDECIDED, HOLDS, HOLDS]
    assert found[1].enough == verdicts.enough(182, 200, 0.95, rows=4) > 200
    assert [row.ruling for row in verdicts.verdicts(rows[:2])] == [HOLDS, BREAKS]


def test_a_row_that_breaks_at_a_later_step_is_decided():
    strong, weak = (
        kept_in(100, 100, dimension="language", member="nl"),
        kept_in(183, 17, dimension="language", member="is"),
    )
    assert Fraction(25, 1000) / 2 < tail(0, 183, 200, Fraction(95, 100)) < Fraction(25, 1000)
    assert [(row.ruling, row.enough) for row in verdicts.verdicts([strong, weak])] == [
        (BREAKS, None),
        (BREAKS, None),
    ]


def test_rows_too_few_to_judge_are_no_part_of_the_family():
    weak = kept_in(182, 18, dimension="language", member="is")
    few = [claim([9] * 200, 10, dimension="language", member=str(number)) for number in range(9)]
    assert [row.ruling for row in verdicts.verdicts([weak, *few])] == [BREAKS, *[TOO_FEW] * 9]


def test_all_hold_needs_no_correction():
    just = kept_in(197, 3)
    assert Fraction(25, 1000) / 30 < tail(197, 200, 200, Fraction(95, 100)) < Fraction(25, 1000)
    rows = [replace(just, dimension="language", member=str(number)) for number in range(30)]
    assert {row.ruling for row in verdicts.verdicts(rows)} == {HOLDS}


def test_several_promises_have_one_more_row_for_all_in_the_same_replication():
    first, solved = (
        kept_in(190, 10),
        claim([0] * 10 + [100] * 190, promise="solved", share=0.99, asked=0.9),
    )
    row = kept_in(0, 200, dimension="day", member="2010-04-16")
    together = verdicts.verdicts([first, row, solved])[-1]
    assert (together.promise, together.dimension, together.member) == ("all", "", "")
    assert (together.kept, together.replications, together.confidence_asked) == (
        180,
        200,
        0.85,
    )  # missed in different replications; rows don't count
    assert (together.lower, together.upper) == near(tuple(map(float, estimate.proportion(180, 200))))
    assert np.isnan(
        [
            together.target,
            together.mean,
            together.mean_lower,
            together.mean_upper,
            together.worst,
            together.cases,
        ]
    ).all()
    assert len(verdicts.verdicts([first, row])) == 2


def test_all_asks_what_the_promises_guarantee_together():
    held = [kept_in(200, 0, promise=str(number)) for number in range(3)]
    assert verdicts.verdicts(held)[-1].confidence_asked == 0.85
    assert [row.confidence_asked for row in verdicts.verdicts(held * 10)][-1] == 0
    assert {row.ruling for row in verdicts.verdicts(held * 10)} == {HOLDS}


@pytest.mark.parametrize(
    ("rulings", "expected"),
    [
        ([HOLDS, UNDECIDED, BREAKS], BREAKS),
        ([TOO_FEW, UNDECIDED, HOLDS], UNDECIDED),
        ([HOLDS, TOO_FEW], HOLDS),
        ([TOO_FEW], HOLDS),
        ([], HOLDS),
    ],
)
def test_the_worst_ruling_decides_and_too_few_does_not_count(rulings, expected):
    one = verdict(kept_in(1, 1))
    assert verdicts.overall([replace(one, ruling=ruling) for ruling in rulings]) is expected
