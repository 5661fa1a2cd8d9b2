"""Contacts: when they come, about what, how long they take and wait, and what follows.

What is exact (the integral of a rate, the inversion of given points) is held to rounding.  What is drawn is
of a fixed seed, held to 4.5 standard errors or a p-value of 1e-5, so that a sound draw fails less than once
in 100,000 seeds; each test says what error it could have seen.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy import stats

from sim.draw.arrivals import arrivals, rate
from sim.draw.demand import draw_demand
from sim.draw.mixes import found, guide
from sim.draw.rng import number, stream
from sim.plan import Float, Mixing, Plan
from sim.tables import Int64, Trigger, Workload
from sim.units import DAY, HOUR, MINUTE
from tests.plans import HOME, RARE, REGIONS, SIGMAS, hub, plan

WEIGHTS = np.array(HOME.strip("[]").split(", "), float)


class Gaps(np.random.Generator):
    """A generator whose exponential gaps are given; after them nothing comes for long."""

    def __init__(self, *gaps: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.gaps = gaps

    def standard_exponential(self, size: int) -> Float:  # type: ignore[override]
        return np.concatenate([self.gaps, np.full(size, 1e9)])[:size]


def points(knots: list[int], first: list[float], last: list[float], *at: float) -> list[int]:
    """The arrivals where the unit process has these points."""
    dice = Gaps(*np.diff([0.0, *at]))
    return list(map(int, arrivals(np.array(knots), np.array(first), np.array(last), dice)))


def integral(pieces: tuple[Int64, Float, Float], edges: Int64) -> Float:
    """The mean contacts between edges that are knots or lie on constant pieces, by the trapezium rule."""
    knots, first, last = pieces
    total = np.concatenate([[0.0], np.cumsum((first + last) / 2 * np.diff(knots))])
    return np.diff(np.interp(edges, knots, total))


def kinds(plan: Plan, work: Workload, latent: bool = False) -> np.ndarray:
    """[n, 4] stream, channel, language and topic of the contacts from outside, or of the latent ones."""
    rows = slice(work.outside, None) if latent else slice(work.outside)
    return plan.lens.labels[work.label[rows]]


def test_points_go_over_by_the_inverse_of_a_constant_rate() -> None:
    assert points([0, 10], [0.5], [0.5], 1.0, 2.25, 4.9) == [2, 4, 9]


def test_points_go_over_by_the_inverse_of_a_rising_line() -> None:  # Λ(t) = t² / 20
    assert points([0, 10], [0.0], [1.0], 1.5**2 / 20, 5.5**2 / 20, 9.9**2 / 20) == [1, 5, 9]


def test_points_go_over_by_the_inverse_of_a_line_that_falls_to_nothing() -> None:  # Λ(t) = t − t² / 20
    assert points([0, 10], [1.0], [0.0], *(t - t * t / 20 for t in (2.5, 5.5, 9.5))) == [2, 5, 9]


def test_nothing_comes_where_the_rate_is_zero() -> None:
    assert points([0, 4, 8, 12], [0.5, 0.0, 1.0], [0.5, 0.0, 1.0], 1.9999, 2.0001, 5.0) == [3, 8, 11]
    assert points([0, 10], [0.0], [0.0]) == []


def test_a_jump_changes_the_pace_at_once() -> None:
    assert points([0, 10, 11, 20], [0.1, 0.1, 1.0], [0.1, 1.0, 1.0], 0.95, 1.3, 2.0, 10.5) == [9, 10, 11, 19]


def test_nothing_comes_at_or_after_the_end() -> None:
    end = 10 * 0.3
    assert points([0, 10], [0.3], [0.3], np.nextafter(end, 0)) == [9]
    assert points([0, 10], [0.3], [0.3], end) == []
    for level in np.linspace(0.001, 7, 999).tolist():  # whichever way the division rounds
        assert points([0, 10], [level], [level], np.nextafter(10 * level, 0)) == [9]


def test_no_time_is_lost_to_rounding_in_a_long_event() -> None:
    every = 366 * DAY / 1e6
    level = np.array([1 / every])
    found = arrivals(np.array([0, 366 * DAY]), level, level, stream(1, 0, "long"))
    unit = np.cumsum(stream(1, 0, "long").standard_exponential(len(found)))
    assert np.abs(found - np.floor(unit * every)).max() <= 1


def test_counts_at_a_constant_rate_are_poisson() -> None:
    pieces = rate(plan(demand="{all: {rate: 15 / d}}").demand, 0, 1, 0)
    counts = np.array([len(arrivals(*pieces, stream(1, r, "counts"))) for r in range(20_000)])
    assert abs(counts.mean() - 30) < SIGMAS * (30 / len(counts)) ** 0.5  # sees 0.6 % of the mean
    assert abs(counts.var() / 30 - 1) < SIGMAS * (2 / len(counts)) ** 0.5  # and 4.5 % of the variance


LINES = (
    "[[2010-06-07 06:00, 0 / h], [2010-06-07 12:00, 20 / h], [2010-06-07 12:00, 5 / h], [2010-06-08 "
    "00:00, 0 / h]]"
)


def test_the_rate_runs_on_straight_lines_with_jumps_and_falls_to_nothing() -> None:
    pieces = rate(plan(demand=f"{{all: {{rate: {LINES}}}}}").demand, 0, 1, 0)
    edges = np.array([0, 6, 9, 12, 18, 24, 48]) * HOUR
    assert integral(pieces, edges) == pytest.approx([0, 15, 45, 22.5, 7.5, 0], abs=1e-5)
    assert pieces[2][-1] == pieces[1][-1] == 0


def test_counts_on_straight_lines_are_poisson_with_the_exact_integral_as_mean() -> None:
    pieces = rate(plan(demand=f"{{all: {{rate: {LINES}}}}}").demand, 0, 1, 0)
    edges = np.array([0, 6, 9, 12, 18, 24, 48]) * HOUR
    times = np.concatenate([arrivals(*pieces, stream(1, r, "lines")) for r in range(2000)])
    counts = np.histogram(times, edges)[0]
    assert counts[[0, 5]].tolist() == [0, 0]
    expected = 2000 * np.array([15, 45, 22.5, 7.5])
    assert stats.chi2.sf(((counts[1:5] - expected) ** 2 / expected).sum(), 4) > RARE  # sees 3 % in a piece


def test_an_affected_population_makes_people_times_contacts_each_over_the_time_affected() -> None:
    population = """{people: {triangular: [500, 800, 1400]}, contacts_each: {mean: 0.1 / h, cv: 50 %},
      affected: [[2010-06-07 06:00, 0 %], [2010-06-07 12:00, 80 %], [2010-06-07 18:00, 80 %],
      [2010-06-08 00:00, 0 %]]}"""
    some = plan(demand=f"{{all: {population}}}")
    affected = 0.8 * 12  # hours
    drawn = np.empty(4000)
    for r in range(len(drawn)):
        drawn[r] = integral(rate(some.demand, 0, 1, r), np.array([0, 2 * DAY]))[0]
        people, each = (number(1, r, path, value) for path, value in some.demand.streams[0].scales)
        assert drawn[r] == pytest.approx(people * each * HOUR * affected)
    # Means and variances of the triangular and the gamma law: sees 4 % of the mean.
    people, variance = 900, (500**2 + 800**2 + 1400**2 - 500 * 800 - 500 * 1400 - 800 * 1400) / 18
    expected = people * 0.1 * affected
    error = 0.1 * affected * (people**2 * 0.25 + variance * 1.25) ** 0.5 / len(drawn) ** 0.5
    assert abs(drawn.mean() - expected) < SIGMAS * error


def local_hours(start: str, zone: str, days: int) -> np.ndarray:
    """The local hour of every minute, by the calendar of the standard library."""
    first = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/Amsterdam")).astimezone(UTC)
    away = ZoneInfo(zone)
    return np.array([(first + timedelta(minutes=m)).astimezone(away).hour for m in range(days * 24 * 60)])


@pytest.mark.parametrize("start", ["2010-06-07", "2010-03-27", "2010-10-30"])
@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
)
def test_a_day_profile_follows_the_local_hours_through_clock_changes(start: str, zone: str) -> None:
    some = plan(
        starts=f"{start} 00:00", lasts="3 d", timezone="Europe/Amsterdam",
        days=f"{{home: {{timezone: {zone}, hours: {HOME}}}}}", demand="{all: {rate: 10 / min, day: home}}",
    )  # fmt: skip
    hour = local_hours(start, zone, 3)
    by_minute = 10 * 24 * WEIGHTS[hour] / WEIGHTS.sum()
    pieces = rate(some.demand, 0, 1, 0)
    assert integral(pieces, np.arange(0, 3 * DAY + 1, MINUTE)) == pytest.approx(by_minute)
    times = arrivals(*pieces, stream(1, 0, "profile"))
    counts = np.bincount(hour[times // MINUTE], minlength=24)
    expected = np.bincount(hour, by_minute, 24)
    assert (
        stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), 24) > RARE
    )  # sees 5 % in an hour of the day


def test_regions_add_up_by_their_shares() -> None:
    some = plan(
        lasts="3 d", timezone="Europe/Amsterdam", days=REGIONS,
        demand="{all: {rate: 60 / h, day: {home: 70 %, america: 20 %, asia: 10 %}}}",
    )  # fmt: skip
    zones = {"Europe/Amsterdam": 0.7, "America/New_York": 0.2, "Asia/Shanghai": 0.1}
    profile = WEIGHTS / WEIGHTS.sum() * 24
    expected = sum(share * profile[local_hours("2010-06-07", zone, 3)] for zone, share in zones.items())
    assert integral(rate(some.demand, 0, 1, 0), np.arange(0, 3 * DAY + 1, MINUTE)) == pytest.approx(expected)


def test_time_measured_by_the_cumulated_rate_has_exponential_gaps() -> None:
    some = plan(
        lasts="20 d", days=f"{{home: {{hours: {HOME}}}}}", demand="{all: {rate: 60 / h, day: home}}",
        busyness="{event: 20 %, day: 30 %, hour: 50 %}",
    )  # fmt: skip
    work = draw_demand(some.demand, 1, 0)
    knots, first, last = rate(some.demand, 0, 1, 0)
    assert np.array_equal(first, last)  # so that the cumulated rate is straight between knots
    passed = np.interp(work.time + 0.5, knots, np.concatenate([[0.0], np.cumsum(first * np.diff(knots))]))
    assert stats.kstest(np.diff(passed), "expon").pvalue > RARE  # sees 2 % of the law of the gaps
    assert stats.kstest(passed / passed[-1], "uniform").pvalue > RARE


def busy(some: Plan, row: int = 0, replications: int = 3000) -> Float:
    """[r, hours] the factor of busyness in each hour."""
    hours = np.arange(0, some.demand.lasts + 1, HOUR)
    mean = integral(rate(plan(lasts=f"{len(hours) - 1} h").demand, 0, 1, 0), hours)
    return np.array([integral(rate(some.demand, row, 1, r), hours) / mean for r in range(replications)])


@pytest.mark.parametrize(("what", "cv"), [("event", 0.3), ("day", 0.5), ("hour", 0.35)])
def test_a_factor_of_busyness_is_gamma_and_lasts_as_long_as_it_says(what: str, cv: float) -> None:
    found = busy(plan(lasts="48 h", busyness=f"{{{what}: {cv}}}"))
    length = {"event": 48, "day": 24, "hour": 1}[what]
    blocks = found.reshape(len(found), -1, length)
    assert np.ptp(blocks, axis=2).max() < 1e-9
    factor = blocks[:, :, 0]
    for row in factor.T[:3]:
        assert stats.kstest(row, stats.gamma(cv**-2, scale=cv**2).cdf).pvalue > RARE  # sees 4 % of the law
    if factor.shape[1] > 1:  # the next one has nothing to do with it
        assert abs(np.corrcoef(factor[:, 0], factor[:, 1])[0, 1]) < SIGMAS / len(factor) ** 0.5


def test_days_of_busyness_are_local_days() -> None:
    found = busy(plan(lasts="48 h", starts="2010-06-07 20:00", busyness="{day: 50 %}"), replications=1)[0]
    assert np.flatnonzero(np.abs(np.diff(found)) > 1e-9).tolist() == [3, 27]  # midnight is 4 and 28 hours on


def test_counts_vary_by_one_plus_squared_cv_times_their_mean() -> None:
    some = plan(lasts="1 h", demand="{all: {rate: 20 / h}}", busyness="{event: 20 %, day: 30 %, hour: 40 %}")
    replications = 6000
    counts = np.array(
        [len(arrivals(*rate(some.demand, 0, 1, r), stream(1, r, "busy"))) for r in range(replications)]
    )
    squared = 1.04 * 1.09 * 1.16 - 1  # of a product of independent factors
    squares = (counts - 20.0) ** 2
    # The error of a variance, from the fourth moment of the sample: sees 13 % of it.
    assert abs(squares.mean() / 20 - (1 + squared * 20)) < SIGMAS * squares.std() / 20 / replications**0.5


def test_busyness_is_shared_by_all_streams_and_a_stream_may_add_its_own() -> None:
    two = "{one: {rate: 1 / h}, two: {rate: 1 / h, busyness: {hour: 40 %}}}"
    some = plan(lasts="3 h", demand=two, busyness="{hour: 30 %}")
    one, other = busy(some, 0), busy(some, 1)
    own = other / one
    assert stats.kstest(own[:, 0], stats.gamma(0.4**-2, scale=0.4**2).cdf).pvalue > RARE
    assert abs(np.corrcoef(own[:, 1], one[:, 1])[0, 1]) < SIGMAS / len(own) ** 0.5


MIXED = {
    "languages": "[nl, en, de]",
    "channels": "{mail: {}, phone: {}}",
    "topics": "{info: {handle_time: 5 min}, refund: {handle_time: 9 min}}",
    "teams": hub(speaks="{nl: 100 %, en: 100 %, de: 100 %}"),
}


def test_mixes_go_by_each_other_in_a_chain() -> None:
    some = plan(
        **MIXED,
        lasts="10 d",
        demand="""{all: {rate: 3000 / d, channel: {mail: 75 %, phone: 25 %},
          language: {by: channel, mail: {nl: 60 %, en: 30 %, de: 10 %}, phone: {en: 100 %}},
          topic: {by: language, nl: {info: 20 %, refund: 80 %}, en: {info: 90 %, refund: 10 %},
          de: refund}}}""",
    )
    work = draw_demand(some.demand, 1, 0)
    counts = np.zeros((2, 3, 2))
    np.add.at(counts, tuple(kinds(some, work)[:, 1:].T), 1)
    language = np.array([[0.6, 0.3, 0.1], [0, 1, 0]])
    topic = np.array([[0.2, 0.8], [0.9, 0.1], [0, 1]])
    shares = np.array([0.75, 0.25])[:, None, None] * language[:, :, None] * topic
    expected = shares * work.n
    assert (counts[shares == 0] == 0).all()
    here = shares > 0
    deviance = ((counts[here] - expected[here]) ** 2 / expected[here]).sum()
    assert stats.chi2.sf(deviance, here.sum() - 1) > RARE  # sees 0.6 points of a share


def test_a_mix_moves_on_straight_lines_and_jumps() -> None:
    some = plan(
        **MIXED,
        lasts="2 d",
        demand="""{all: {rate: 20000 / d, channel: mail, topic: info, language: [
          [2010-06-07 00:00, nl], [2010-06-08 00:00, en], [2010-06-08 00:00, de], [2010-06-08 12:00,
          de]]}}""",
    )
    work = draw_demand(some.demand, 1, 0)
    language = kinds(some, work)[:, 2]
    first = work.time < DAY
    assert set(language[~first]) == {2}
    assert set(language[first]) == {0, 1}
    # Uniform contacts that are nl with chance 1 − t have the density 2 (1 − t), those that are en 2 t.
    assert (
        stats.kstest(work.time[first & (language == 0)] / DAY, lambda t: t * (2 - t)).pvalue > RARE
    )  # sees 2.5 % of it
    assert stats.kstest(work.time[first & (language == 1)] / DAY, lambda t: t * t).pvalue > RARE


def test_a_moving_mix_may_go_by_another() -> None:
    some = plan(
        **MIXED,
        demand="""{all: {rate: 20000 / d, channel: {mail: 50 %, phone: 50 %}, topic: info,
          language: {by: channel, phone: de, mail: [[2010-06-07 12:00, nl], [2010-06-08 12:00, en]]}}}""",
    )  # fmt: skip
    work = draw_demand(some.demand, 1, 0)
    channel, language = kinds(some, work)[:, 1:3].T
    assert set(language[channel == 1]) == {2}
    mail, time = language[channel == 0], work.time[channel == 0]
    assert set(mail[time < 12 * HOUR]) == {0}
    assert set(mail[time > 36 * HOUR]) == {1}
    middle = (time > 12 * HOUR) & (time < 36 * HOUR)
    share = 1 - (time[middle] - 12 * HOUR) / DAY
    error = np.sqrt((share * (1 - share)).sum())
    assert abs((mail[middle] == 0).sum() - share.sum()) < SIGMAS * error  # sees 1.3 points


def test_handle_times_go_by_topic_and_patience_by_channel() -> None:
    some = plan(
        lasts="10 d",
        channels="{mail: {}, phone: {patience: {mean: 6 min, law: exponential, at_once: 20 %}}}",
        topics="{info: {handle_time: {mean: 5 min, cv: 0.8}}, refund: {handle_time: 12 min}}",
        demand="{all: {rate: 3000 / d, channel: {mail: 40 %, phone: 60 %}, topic: {info: 50 %, refund: 50 "
        "%}}}",
    )
    work = draw_demand(some.demand, 1, 0)
    channel, _, topic = kinds(some, work)[:, 1:].T
    assert set(work.effort[topic == 1]) == {12 * MINUTE}
    sigma = np.log1p(0.64) ** 0.5
    law = stats.lognorm(sigma, scale=5 * MINUTE * np.exp(-(sigma**2) / 2))
    assert stats.kstest(work.effort[topic == 0], law.cdf).pvalue > RARE  # sees 2 % of the law
    assert set(work.patience[channel == 0]) == {-1}
    patience = work.patience[channel == 1]
    gone = (patience == 0).mean()
    assert abs(gone - 0.2) < SIGMAS * (0.2 * 0.8 / len(patience)) ** 0.5  # sees 1.4 points
    assert stats.kstest(patience[patience > 0], stats.expon(scale=6 * MINUTE).cdf).pvalue > RARE


def test_topics_with_laws_of_all_shapes_each_have_their_own() -> None:
    laws = {
        "info": (
            "law: lognormal, cv: 0.8",
            stats.lognorm(np.log1p(0.64) ** 0.5, scale=5 * MINUTE / 1.64**0.5),
        ),
        "claim": ("law: lognormal, cv: 2", stats.lognorm(np.log1p(4) ** 0.5, scale=5 * MINUTE / 5**0.5)),
        "refund": ("law: gamma, cv: 0.5", stats.gamma(4, scale=1.25 * MINUTE)),
        "praise": ("law: gamma, cv: 1.5", stats.gamma(1.5**-2, scale=5 * MINUTE * 1.5**2)),
        "ticket": ("law: exponential", stats.expon(scale=5 * MINUTE)),
    }
    topics = ", ".join(f"{name}: {{handle_time: {{mean: 5 min, {law}}}}}" for name, (law, _) in laws.items())
    some = plan(
        lasts="10 d",
        topics=f"{{{topics}, call: {{handle_time: 5 min}}}}",
        demand=f"{{all: {{rate: 3000 / d, topic: {{{', '.join(f'{name}: 16 %' for name in laws)}, "
        f"call: 20 %}}}}}}",
    )
    work = draw_demand(some.demand, 1, 0)
    topic = kinds(some, work)[:, 3]
    for row, (_, law) in enumerate(laws.values()):
        assert stats.kstest(work.effort[topic == row], law.cdf).pvalue > RARE  # sees 4 % of the law
    assert set(work.effort[topic == len(laws)]) == {5 * MINUTE}


def test_some_replies_are_followed_up_by_one_contact_of_the_same_case() -> None:
    some = plan(
        **MIXED | {"channels": "{mail: {}, phone: {patience: 6 min}}"},
        lasts="10 d",
        then="{info: {topic: refund, share: 25 %, after: {mean: 50 min, cv: 0.5, law: gamma}}}",
        demand="""{other: {rate: 1 / d, channel: mail, language: nl, topic: refund}, all: {rate: 6000 / d,
          channel: {mail: 50 %, phone: 50 %}, language: {nl: 50 %, en: 50 %}, topic: {info: 50 %,
          refund: 50 %}}}""",
    )
    work = draw_demand(some.demand, 1, 0)
    parent = work.parent[work.outside :]
    before, after = kinds(some, work)[parent], kinds(some, work, latent=True)
    assert set(before[:, 3]) == {0}
    assert set(after[:, 3]) == {1}
    assert np.array_equal(before[:, :3], after[:, :3])
    assert np.array_equal(work.case[work.outside :], work.case[parent])
    assert np.array_equal(work.case[: work.outside], np.arange(work.outside))
    assert set(work.trigger[work.outside :]) == {Trigger.ON_REPLY}
    assert np.array_equal(work.type, some.lens.types[work.label])
    asked = (kinds(some, work)[:, 3] == 0).sum()
    assert abs(len(parent) / asked - 0.25) < SIGMAS * (0.25 * 0.75 / asked) ** 0.5  # sees 1.1 points
    assert (
        stats.kstest(work.time[work.outside :], stats.gamma(4, scale=12.5 * MINUTE).cdf).pvalue > RARE
    )  # 3 % of the law
    assert set(work.effort[work.outside :]) == {9 * MINUTE}
    assert set(work.patience[work.outside :][after[:, 1] == 1]) == {6 * MINUTE}
    assert set(work.patience[work.outside :][after[:, 1] == 0]) == {-1}


@pytest.mark.parametrize("share", ["0 %", "100 %"])
def test_a_share_of_none_or_all_is_exact(share: str) -> None:
    then = f"{{info: {{topic: info, share: {share}, after: 5 min}}}}"
    channels = f"{{mail: {{patience: {{mean: 5 min, law: constant, at_once: {share}}}}}}}"
    work = draw_demand(plan(demand="{all: {rate: 1000 / d}}", then=then, channels=channels).demand, 1, 0)
    assert work.n - work.outside == (work.outside if share == "100 %" else 0)
    assert set(work.patience) == {0 if share == "100 %" else 5 * MINUTE}


def test_a_stream_without_contacts_gives_an_empty_workload() -> None:
    assert draw_demand(plan(demand="{all: {rate: 0 / h}}").demand, 1, 0).n == 0
    assert draw_demand(plan().demand, 1, 0, surge=0.0).n == 0


def test_contacts_of_all_streams_come_in_the_order_of_time_before_the_end() -> None:
    work = draw_demand(
        plan(demand="{one: {rate: 500 / h}, two: {rate: 500 / h}}", lasts="90 min").demand, 1, 0, surge=2.5
    )
    assert np.all(np.diff(work.time) >= 0)
    assert 0 <= work.time[0] < work.time[-1] < 90 * MINUTE
    assert (
        abs(work.n - 3750) < SIGMAS * 3750**0.5
    )  # sees 7 %: with half an hour more there would be a third more


EVERYTHING = {
    **MIXED,
    "channels": "{mail: {}, phone: {patience: {mean: 6 min, cv: 1, at_once: 5 %}}}",
    "topics": "{info: {handle_time: {mean: 5 min, cv: 0.8}}, refund: {handle_time: {mean: 9 min, cv: 0.6, "
    "law: gamma}}}",
    "then": "{info: {topic: refund, share: 30 %, after: {mean: 20 min, cv: 1}}}",
    "demand": """{one: {rate: 200 / d, channel: {mail: 60 %, phone: 40 %}, topic: {info: 50 %, refund: 50 %},
      language: {by: channel, mail: {nl: 60 %, en: 30 %, de: 10 %}, phone: [[2010-06-07 12:00, nl],
      [2010-06-08 12:00, en]]}},
      two: {rate: 100 / d, channel: phone, language: {nl: 20 %, en: 50 %, de: 30 %}, topic: info}}""",
}


@pytest.mark.parametrize("surge", [0.6, 1.0, 2.3])
def test_what_is_drawn_does_not_depend_on_how_many_are_drawn_at_a_time(
    surge: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = plan(**EVERYTHING)
    whole = draw_demand(some.demand, 1, 0, surge)
    for room in ("sim.draw.arrivals.BLOCK", "sim.draw.demand.BLOCK"):
        monkeypatch.setattr(room, 7)
    parts = draw_demand(some.demand, 1, 0, surge)
    assert whole.n > whole.outside > 100
    assert np.all(np.diff(whole.parent[whole.outside :]) > 0)
    for column in ("time", "case", "type", "label", "effort", "patience", "parent", "trigger"):
        assert np.array_equal(getattr(whole, column), getattr(parts, column)), column


def test_one_stream_is_drawn_like_the_same_stream_beside_an_empty_one() -> None:
    one, *_ = EVERYTHING["demand"].split(",\n      two")
    alone = draw_demand(plan(**EVERYTHING | {"demand": f"{one}}}"}).demand, 1, 0)
    beside = draw_demand(plan(**EVERYTHING | {"demand": f"{one}, none: {{rate: 0 / d, channel: mail, language: nl, topic: info}}}}"}).demand, 1, 0)  # fmt: skip # noqa: E501
    for column in ("time", "case", "type", "effort", "patience", "parent", "trigger"):
        assert np.array_equal(getattr(alone, column), getattr(beside, column)), column


@pytest.mark.parametrize(
    "shares", [(0.5, 0.5), (0.0, 0.3, 0.0, 0.7, 0.0), (0.001,) * 4 + (0.996,), (1 / 3,) * 3, (0.01,) * 100]
)
def test_a_draw_is_the_value_into_whose_share_it_falls(shares: tuple[float, ...]) -> None:
    turned = [shares, shares[::-1]]
    mixing = Mixing(0, np.array([0]), np.array([turned]))
    ends = np.cumsum(turned, axis=1)[:, :-1]
    # Every end of a share, its neighbours to either side, and all that is between.
    drawn = np.concatenate(
        [
            ends.ravel(),
            np.nextafter(ends.ravel(), 0),
            stream(1, 0, "mix").random(10_000),
            np.arange(256) / 256,
        ]
    )
    drawn = drawn[drawn < 1]
    for given in (0, 1):
        expected = np.searchsorted(ends[given], drawn, "right")
        assert np.array_equal(found(guide(mixing), given, drawn), expected)
        assert np.array_equal(found(guide(mixing), np.full(len(drawn), given), drawn), expected)


def test_what_is_drawn_of_a_contact_for_one_use_tells_nothing_of_another() -> None:
    some = plan(
        lasts="10 d",
        channels="{mail: {patience: {mean: 5 min, cv: 1}}}",
        topics="{info: {handle_time: {mean: 5 min, cv: 1}}}",
        then="{info: {topic: info, share: 100 %, after: {mean: 5 min, cv: 1}}}",
        demand="{all: {rate: 3000 / d}}",
    )
    work = draw_demand(some.demand, 1, 0)
    first, later = slice(work.outside), slice(work.outside, None)
    gaps = np.diff(work.time[first], prepend=0)
    columns = [
        gaps,
        work.effort[first],
        work.patience[first],
        work.time[later],
        work.effort[later],
        work.patience[later],
    ]
    ranks = np.corrcoef([stats.rankdata(column) for column in columns])
    assert (
        np.abs(ranks - np.eye(len(columns))).max() < SIGMAS / work.outside**0.5
    )  # sees a correlation of 2.6 %
