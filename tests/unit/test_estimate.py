"""Intervals and verdicts against closed forms, hand calculations, whole-number arithmetic and symmetries.

Where nothing else is said, a comparison sees a relative error of 1e-9.
"""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from sim.measure import estimate
from sim.measure.estimate import Claim, Ruling

HOLDS, BREAKS, UNDECIDED, TOO_FEW = Ruling.HOLDS, Ruling.BREAKS, Ruling.UNDECIDED, Ruling.TOO_FEW


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True)


def fields(found):
    return np.stack([found.mean, found.lower, found.upper, found.p10, found.p50, found.p90])


def claim(in_time, cases=100, promise="first_reply", by="", of="", share=0.9, asked=0.95):
    """A claim on events with these cases in time, each of so many."""
    in_time = np.asarray(in_time)
    return Claim(promise, by, of, share, asked, in_time, np.broadcast_to(cases, in_time.shape))


def events(kept, missed, **more):
    """A claim kept in so many events, with all of 100 cases, and missed in so many, with none; the missed come last."""
    return claim([100] * kept + [0] * missed, **more)


def tail(first, last, n, p):
    """P(first ≤ X ≤ last) of the binomial law, in fractions: without rounding."""
    p = Fraction(p)
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(first, last + 1))


# proportion


@pytest.mark.parametrize(
    ("kept", "of", "lower", "upper"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_gives_the_published_examples(kept, of, lower, upper):
    """Newcombe (1998), Statistics in Medicine 17:857, table I, method 5; an error seen is half a unit of the last digit."""
    assert np.round(estimate.proportion(kept, of), 4).tolist() == [lower, upper]


@pytest.mark.parametrize(("kept", "of"), [(138, 200), (199, 200), (1, 2)])
def test_clopper_pearson_bounds_put_their_level_into_each_tail_of_the_binomial_law(kept, of):
    lower, upper = estimate.proportion(kept, of)
    assert float(tail(kept, of, of, Fraction(float(lower)))) == near(0.025)
    assert float(tail(0, kept, of, Fraction(float(upper)))) == near(0.025)


@pytest.mark.parametrize("of", [1, 20, 200, 20_000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_bounds_of_none_and_of_all_have_their_closed_form(of, confidence):
    far = ((1 - confidence) / 2) ** (1 / of)
    lower, upper = estimate.proportion([0, of], of, confidence)
    assert lower.tolist() == [0, near(far)]
    assert upper.tolist() == [near(1 - far), 1]


def test_of_no_events_nothing_is_known():
    assert estimate.proportion(0, 0) == (0, 1)


# ratio


def test_a_ratio_worked_by_hand():
    """2 ÷ 1 and 6 ÷ 2: R = 8/3, residuals ∓2/3, standard error (2/3) ÷ 1.5 = 4/9; with one degree of freedom t is a tangent."""
    half = math.tan(0.475 * math.pi) * 4 / 9
    assert fields(estimate.ratio([2, 6], [1, 2])) == near([8 / 3, 8 / 3 - half, 8 / 3 + half, 2, 2.5, 3])


def test_over_equal_parts_a_ratio_is_a_mean():
    values = np.array([[3.0, 40], [5, 10], [1, 20], [9, 10]])
    assert fields(estimate.ratio(4 * values, np.full((4, 2), 4))) == near(fields(estimate.mean(values)))


def test_every_cell_is_estimated_by_itself():
    dice = np.random.default_rng(1)
    under = dice.integers(0, 4, (6, 3, 5))
    over = dice.binomial(under, 0.7)
    whole = fields(estimate.ratio(over, under))
    for cell in np.ndindex(3, 5):
        alone = fields(estimate.ratio(over[:, *cell], under[:, *cell]))
        assert alone == near(whole[:, *cell])


def test_a_share_and_its_complement_mirror_each_other():
    under = np.array([50, 0, 80, 20, 60, 10])
    over = np.array([49, 0, 80, 19, 57, 10])
    hits, misses = fields(estimate.ratio(over, under)), fields(estimate.ratio(under - over, under))
    assert hits == near(1 - misses[[0, 2, 1, 5, 4, 3]])


def test_the_bounds_of_a_share_are_as_far_as_wilson_says():
    """(share − bound)² = t² · bound · (1 − bound) ÷ n, where n = share · (1 − share) ÷ variance is fewer than the cases."""
    over, under = np.array([30, 10, 28, 35]), np.array([40, 30, 30, 40])
    share = over.sum() / under.sum()
    variance = 4 / 3 * np.sum((over - share * under) ** 2) / under.sum() ** 2
    effective = share * (1 - share) / variance
    assert effective < under.sum()
    t = 3.182446305284263  # tables: 3 degrees of freedom, 97.5 %
    found = estimate.ratio(over, under)
    for bound in (float(found.lower), float(found.upper)):
        assert (share - bound) ** 2 == near(t**2 * bound * (1 - bound) / effective)


def test_a_share_never_counts_more_cases_than_there_are():
    """Events more alike than independent cases make them: Wilson's bounds for the 40 cases, with 3 degrees of freedom."""
    found = estimate.ratio([5, 5, 5, 6], [10, 10, 10, 10])
    for bound in (float(found.lower), float(found.upper)):
        assert (21 / 40 - bound) ** 2 == near(3.182446305284263**2 * bound * (1 - bound) / 40)


def test_the_bounds_of_a_share_enclose_it_and_lie_within_the_scale():
    under = 10**9 * np.random.default_rng(1).integers(1, 1000, (5, 2000))
    few = under // 10**9 * [[1], [0], [0], [0], [0]]  # shares of about 10⁻¹⁰
    over = np.stack([np.zeros_like(under), few, under // 2, under])
    found = estimate.ratio(np.moveaxis(over, 0, 1), under[:, None])
    assert np.all((found.lower >= 0) & (found.lower <= found.mean) & (found.mean <= found.upper) & (found.upper <= 1))
    assert np.all(found.upper - found.lower > 0)


def test_an_event_with_nothing_over_and_under_changes_nothing():
    over, under = np.array([9, 4, 7]), np.array([10, 5, 7])
    more = estimate.ratio(np.append(over, [0, 0]), np.append(under, [0, 0]))
    assert fields(more) == near(fields(estimate.ratio(over, under)))


def test_a_share_is_never_certain_when_all_are_kept():
    """Wilson's bound is n ÷ (n + t²): t is 4.302653 with 2 degrees of freedom and 1.971957 with 199."""
    few, many = estimate.ratio([5, 5, 5], [5, 5, 5]), estimate.ratio([50] * 200, [50] * 200)
    assert (few.mean, few.upper, many.mean, many.upper) == (1, 1, 1, 1)
    assert float(few.lower) == pytest.approx(15 / (15 + 4.302653**2), abs=1e-6)
    assert float(many.lower) == pytest.approx(10_000 / (10_000 + 1.971957**2), abs=1e-9)
    none = estimate.ratio([0, 0, 0], [5, 5, 5])
    assert [none.mean, none.lower, float(none.upper)] == [0, 0, near(1 - few.lower)]


def test_the_lower_bound_of_a_share_falls_with_every_miss():
    over = np.full((20, 6), 50)
    for column in range(6):
        over[:column, column] -= 1
    assert np.all(np.diff(estimate.ratio(over, np.full((20, 6), 50)).lower) < 0)


def test_what_cannot_be_known_is_nan():
    assert fields(estimate.ratio([4], [5])) == near([0.8, math.nan, math.nan, 0.8, 0.8, 0.8])  # one replication
    assert fields(estimate.ratio([4, 0], [5, 0])) == near([0.8, math.nan, math.nan, 0.8, 0.8, 0.8])  # one that tells
    assert np.isnan(fields(estimate.ratio([0, 0], [0, 0]))).all()
    assert np.isnan(fields(estimate.ratio([7, 3], [0, 0]))).all()
    assert np.isnan(fields(estimate.mean([math.nan, math.nan]))).all()


def test_a_mean_worked_by_hand():
    """1, 2, 6 and an event without a value: mean 3, variance 7, t with 2 degrees of freedom 4.302652729911275."""
    half = 4.302652729911275 * math.sqrt(7 / 3)
    assert fields(estimate.mean([1, math.nan, 2, 6])) == near([3, 3 - half, 3 + half, 1, 2, 6])


def test_the_mean_of_a_constant_is_certain():
    assert fields(estimate.mean([5, 5, 5])).tolist() == [5] * 6


@pytest.mark.parametrize("found", [lambda c: estimate.mean([1, 2, 6, 9], c), lambda c: estimate.ratio([4, 2, 9], [5, 5, 9], c)])
def test_more_confidence_is_a_wider_interval(found):
    narrow, wide = found(0.8), found(0.99)
    assert wide.lower < narrow.lower < narrow.mean < narrow.upper < wide.upper


# quantiles


@pytest.mark.parametrize("count", [1, 2, 5, 9, 10, 11, 20, 200])
def test_quantiles_are_midpoints_of_the_inverse_of_the_empirical_law(count):
    values = np.random.default_rng(count).normal(size=(count, 3))
    expected = np.quantile(values, [0.1, 0.5, 0.9], axis=0, method="averaged_inverted_cdf")
    assert np.array_equal(estimate.quantiles(values), expected)


def test_never_is_longer_than_any_time():
    assert [float(cut) for cut in estimate.quantiles([3, math.inf, 1, math.inf, 2])] == [1, 3, math.inf]


def test_an_event_without_a_value_is_left_out():
    assert np.array_equal(
        estimate.quantiles([[4, math.nan], [math.nan] * 2, [8, math.nan]]), [[4, math.nan], [6, math.nan], [8, math.nan]], True
    )


# ruling, enough, least_events


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("asked", [0.0, 0.5, 0.9, 0.95, 0.999, 1.0])
def test_the_ruling_compares_the_bounds_with_what_is_asked(asked, confidence):
    for of in (1, 2, 20, 71, 72, 200):
        kept = np.arange(of + 1)
        lower, upper = estimate.proportion(kept, of, confidence)
        expected = np.where(lower >= asked, HOLDS, np.where(upper < asked, BREAKS, UNDECIDED))
        assert [estimate.ruling(int(k), of, asked, confidence) for k in kept] == expected.tolist()


@pytest.mark.parametrize(("asked", "least"), [(0.95, 72), (0.9, 36), (0.99, 368), (0.5, 6), (0.0, 1), (1.0, None)])
def test_no_verdict_holds_below_the_least_number_of_events(asked, least):
    """The powers of `asked` first below 2.5 %: 0.95^72 = 0.0249, 0.95^71 = 0.0262."""
    assert estimate.least_events(asked) == least
    if least:
        assert estimate.ruling(least, least, asked) is HOLDS
        assert least == 1 or estimate.ruling(least - 1, least - 1, asked) is UNDECIDED


@pytest.mark.parametrize(
    ("kept", "of"), [(50, 50), (2, 3), (7, 7), (186, 200), (191, 200), (97, 100), (88, 100), (1, 1), (0, 1), (3, 4)]
)
@pytest.mark.parametrize(("asked", "rows"), [(0.95, 1), (0.95, 7), (0.8, 1)])
def test_enough_is_the_first_number_of_events_whose_bounds_decide(kept, of, asked, rows):
    n = np.arange(of, 20_001)
    holds = estimate.proportion(np.array([k * kept // of for k in n]), n)[0] >= asked
    breaks = estimate.proportion(np.array([math.ceil(Fraction(int(k) * kept, of)) for k in n]), n, 1 - 0.05 / rows)[1] < asked
    decides = holds | breaks
    expected = int(n[decides.argmax()]) if decides.any() and not decides[0] else None
    assert estimate.enough(kept, of, asked, rows=rows) == expected


def test_too_close_to_call_and_already_decided_have_no_enough():
    assert estimate.enough(190, 200, 0.95) is None  # at 95 % itself
    assert estimate.enough(951, 1000, 0.95) is None  # would take some 180,000
    assert estimate.enough(138, 200, 0.95) is None
    assert estimate.enough(200, 200, 0.95) is None
    assert estimate.enough(1, 1, 0.0) is None


# verdict


def test_the_line_of_the_design():
    """kept ≥ 90 % in 138 of 200 events (62–75 %, asked 95 %) BREAKS."""
    found = estimate.verdict(events(138, 62))
    assert (found.kept, found.events, found.ruling, found.enough) == (138, 200, BREAKS, None)
    assert (round(found.lower, 2), round(found.upper, 2)) == (0.62, 0.75)
    assert (found.mean, found.worst, found.cases) == (0.69, 0.0, 100)
    assert 0.62 < found.mean_lower < 0.63 < 0.75 < found.mean_upper < 0.76


@pytest.mark.parametrize("permille", [1, 70, 290, 333, 570, 580, 900, 950, 999, 1000])
def test_exactly_the_asked_share_is_kept_and_one_case_less_is_not(permille):
    """Of n cases the fewest that keep the share, by fractions; in floats 7 of 100 are less than 0.07 · 100."""
    cases = np.array([1, 2, 3, 10, 50, 99, 100, 1000, 300_000_000])
    fewest = np.array([math.ceil(Fraction(permille, 1000) * int(n)) for n in cases])
    assert estimate.verdict(claim(fewest, cases, share=permille / 1000)).kept == len(cases)
    assert estimate.verdict(claim(fewest - 1, cases, share=permille / 1000)).kept == 0


def test_an_event_without_a_case_keeps_the_promise_and_has_no_share():
    found = estimate.verdict(claim([0, 95, 0], [0, 100, 0]))
    assert (found.kept, found.mean, found.worst) == (3, 0.95, 0.95)
    empty = estimate.verdict(claim([0, 0], 0))
    assert (empty.kept, empty.ruling, empty.cases) == (2, UNDECIDED, 0)
    assert np.isnan([empty.mean, empty.mean_lower, empty.worst]).all()


def test_the_worst_event_in_ten_is_the_share_that_one_in_ten_stays_below():
    assert estimate.verdict(claim([10, 20, *[100] * 18])).worst == 0.6  # between the second and the third of twenty
    assert estimate.verdict(claim([10, 20, *[100] * 9])).worst == 0.2  # the second of eleven


def test_only_a_row_of_a_promise_is_too_few_and_only_below_fifty_cases():
    few = np.array([49, 50] * 100)
    row = estimate.verdict(claim(few // 2, few, by="language", of="is"))
    assert (row.ruling, row.enough, row.cases) == (TOO_FEW, None, 49.5)
    assert row.mean_lower < row.mean < row.mean_upper
    assert estimate.verdict(claim(few // 2, few)).ruling is BREAKS
    assert estimate.verdict(claim([25] * 200, 50, by="language", of="is")).ruling is BREAKS


# holm, verdicts, overall


def test_holm_steps_down_until_one_fails():
    """In order: 0.005 < level/4, 0.009 < level/3, 0.014 < level/2, 0.03 < level; who comes after a failure fails."""
    doubts = [0.005, 0.03, 0.014, 0.009]
    assert estimate.holm(doubts, 0.05).tolist() == [True, True, True, True]
    assert estimate.holm(doubts, 0.029).tolist() == [True, False, True, True]
    assert estimate.holm(doubts, 0.0275).tolist() == [True, False, False, True]
    assert estimate.holm(doubts, 0.026).tolist() == [True, False, False, False]  # 0.014 alone would be below 0.026
    assert estimate.holm(doubts, 0.019).tolist() == [False, False, False, False]
    assert estimate.holm([0.001, 0.03, 0.04], 0.05).tolist() == [True, False, False]  # 0.04 alone would be below 0.05
    assert estimate.holm([0.02, 0.001], 0.02).tolist() == [False, True]  # 0.02 is not below .02/1
    assert estimate.holm([], 0.05).tolist() == []


def test_one_claim_is_judged_as_alone():
    for kept in (200, 195, 186, 183, 100):
        row = events(kept, 200 - kept)
        assert estimate.verdicts([row]) == (estimate.verdict(row),)


def test_a_row_that_breaks_only_by_itself_is_undecided_among_many():
    weak = events(182, 18, by="language", of="is")
    assert 0.025 / 4 < tail(0, 182, 200, Fraction(95, 100)) < 0.025 / 2
    rows = [events(200, 0), weak, *[events(200, 0, by="language", of=name) for name in ("nl", "en")]]
    found = estimate.verdicts(rows)
    assert estimate.verdict(weak).ruling is BREAKS
    assert [row.ruling for row in found] == [HOLDS, UNDECIDED, HOLDS, HOLDS]
    assert found[1].enough == estimate.enough(182, 200, 0.95, rows=4) > 200
    assert [row.ruling for row in estimate.verdicts(rows[:2])] == [HOLDS, BREAKS]


def test_a_row_that_breaks_at_a_later_step_is_decided():
    strong, weak = events(100, 100, by="language", of="nl"), events(183, 17, by="language", of="is")
    assert Fraction(25, 1000) / 2 < tail(0, 183, 200, Fraction(95, 100)) < Fraction(25, 1000)
    assert [(row.ruling, row.enough) for row in estimate.verdicts([strong, weak])] == [(BREAKS, None), (BREAKS, None)]


def test_rows_too_few_to_judge_are_no_part_of_the_family():
    weak = events(182, 18, by="language", of="is")
    few = [claim([9] * 200, 10, by="language", of=str(number)) for number in range(9)]
    assert [row.ruling for row in estimate.verdicts([weak, *few])] == [BREAKS, *[TOO_FEW] * 9]


def test_all_hold_needs_no_correction():
    just = events(197, 3)
    assert Fraction(25, 1000) / 30 < tail(197, 200, 200, Fraction(95, 100)) < Fraction(25, 1000)
    rows = [replace(just, by="language", of=str(number)) for number in range(30)]
    assert {row.ruling for row in estimate.verdicts(rows)} == {HOLDS}


def test_several_promises_have_one_more_row_for_all_in_the_same_event():
    first, solved = events(190, 10), claim([0] * 10 + [100] * 190, promise="solved", share=0.99, asked=0.9)
    row = events(0, 200, by="day", of="2010-04-16")
    together = estimate.verdicts([first, row, solved])[-1]
    assert (together.promise, together.by, together.of) == ("all", "", "")
    assert (together.kept, together.events, together.asked) == (180, 200, 0.85)  # missed in different events; rows don't count
    assert (together.lower, together.upper) == near(tuple(map(float, estimate.proportion(180, 200))))
    assert np.isnan(
        [together.share, together.mean, together.mean_lower, together.mean_upper, together.worst, together.cases]
    ).all()
    assert len(estimate.verdicts([first, row])) == 2


def test_all_asks_what_the_promises_guarantee_together():
    held = [events(200, 0, promise=str(number)) for number in range(3)]
    assert estimate.verdicts(held)[-1].asked == 0.85
    assert [row.asked for row in estimate.verdicts(held * 10)][-1] == 0
    assert {row.ruling for row in estimate.verdicts(held * 10)} == {HOLDS}


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
    one = estimate.verdict(events(1, 1))
    assert estimate.overall([replace(one, ruling=ruling) for ruling in rulings]) is expected
