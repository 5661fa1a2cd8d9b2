"""Agents and their duty: apportioned as exactly as whole people can be, drawn person by person.

Samples are of fixed seeds, held to 4.5 standard errors or a p-value of 1e-5; each test says what error it
could have seen.
"""

import itertools

import numpy as np
import pytest
from scipy import stats

from sim.draw.apportion import apportioned
from sim.draw.supply import Supply, draw_supply
from sim.plan import Plan
from sim.units import DAY, HOUR, MINUTE
from tests.plans import RARE, SIGMAS, hub, plan

THREE = "{day: {hours: 07:00-15:00, share: 40 %}, evening: {hours: 15:00-23:00, share: 40 %}, night: {hours: 23:00-07:00, share: 20 %}}"  # fmt: skip # noqa: E501
ALWAYS = "{always: {hours: 00:00-24:00}}"


def supply(some: Plan, replication: int = 0) -> Supply:
    return draw_supply(some.teams, some.lens.languages, some.demand.days, 1, replication)


def speakers(found: Supply) -> np.ndarray:
    """[a, l] who speaks what."""
    return found.group_speaks[found.roster.group]


def working(some: Plan, replication: int = 0) -> np.ndarray:
    """[a, days] whether a segment of each person starts on each day from the start."""
    roster = supply(some, replication).roster
    worked = np.zeros((roster.agents, some.lens.lasts // DAY), bool)
    inside = roster.start < some.lens.lasts
    worked[roster.agent[inside], roster.start[inside] // DAY] = True
    return worked


def hours(some: Plan, replication: int = 0) -> list[tuple[float, float]]:
    """Start and end of every segment in hours from the start."""
    roster = supply(some, replication).roster
    return [
        (start / HOUR, end / HOUR)
        for start, end in zip(roster.start.tolist(), roster.end.tolist(), strict=True)
    ]


# --- apportioned
# -----------------------------------------------------------------------------------------------------


def awkward(size: int) -> tuple[float, ...]:
    """Shares of very different sizes that add up to 1."""
    shares = np.random.default_rng(size).dirichlet(np.full(1 + size % 9, 0.5 + size % 3))
    return tuple(shares.tolist())


@pytest.mark.parametrize(
    "shares", [(1.0,), (0.5, 0.5), (0.4, 0.4, 0.2), (1 / 3, 1 / 3, 1 / 3), (0.19, 0.19, 0.19, 0.19, 0.24)]
)
def test_every_first_so_many_have_their_share_of_each_shift(shares: tuple[float, ...]) -> None:
    _check_shares(shares)


def test_so_do_they_with_awkward_shares() -> None:
    for size in range(150):
        _check_shares(awkward(size))


def _check_shares(shares: tuple[float, ...]) -> None:
    dealt = np.cumsum(apportioned(shares, 300)[:, None] == np.arange(len(shares)), axis=0)
    ideal = np.arange(1, 301)[:, None] * np.array(shares)
    most = (
        1 - 1 / max(2 * len(shares) - 2, 1) if len(shares) > 1 else 0
    )  # Tijdeman (1980): nobody can promise less
    assert np.abs(dealt - ideal).max() <= most + 1e-6, shares


def test_a_whole_number_of_people_a_shift_is_met_exactly() -> None:
    assert np.bincount(apportioned((0.4, 0.4, 0.2), 150)).tolist() == [60, 60, 30]
    assert np.bincount(apportioned((0.6, 0.4), 5)).tolist() == [3, 2]


def test_a_larger_team_keeps_the_shifts_of_the_smaller_one() -> None:
    assert np.array_equal(apportioned((0.35, 0.33, 0.32), 150)[:100], apportioned((0.35, 0.33, 0.32), 100))


def test_shares_that_add_up_only_nearly_deal_everybody() -> None:
    assert np.bincount(apportioned((0.333333333, 0.333333333, 0.333333333), 3000)).tolist() == [1000] * 3
    assert np.bincount(apportioned((0.4999999996, 0.4999999996), 3000)).tolist() == [1500] * 2
    assert np.bincount(apportioned((0.9999999995,), 3000)).tolist() == [3000]


@pytest.mark.parametrize("people", [1, 2, 3, 7, 10, 13, 25, 40, 99, 130])
@pytest.mark.parametrize("share", [0, 1, 5, 12.5, 33.3, 50, 61.8, 95, 100])
def test_a_named_team_speaks_exactly_its_share_spread_over_its_shifts(people: int, share: float) -> None:
    speaks = f"{{nl: 100 %, en: {share} %, de: {share} %}}"
    some = plan(
        languages="[nl, en, de]",
        demand="{all: {rate: 1 / h, language: nl}}",
        teams=hub(people, speaks=speaks, shifts=THREE),
    )
    found = supply(some)
    shift = apportioned((0.4, 0.4, 0.2), people)
    spoken = speakers(found)
    assert spoken[:, 0].all()
    for language in spoken[:, 1:].T:
        total = language.sum()
        assert total == int(people * share / 100 + 0.5)
        of_shift = np.bincount(shift, language, 3)
        assert np.abs(of_shift - total * np.bincount(shift, minlength=3) / people).max() < 1 + 1e-9


def test_languages_of_equal_shares_do_not_fall_to_the_same_people() -> None:
    speaks = "{nl: 100 %, en: 20 %, de: 20 %, fr: 20 %, es: 20 %}"
    some = plan(
        languages="[nl, en, de, fr, es]",
        demand="{all: {rate: 1 / h, language: nl}}",
        teams=hub(40, speaks=speaks, shifts=THREE),
    )
    spoken = speakers(supply(some))[:, 1:]
    for one, other in itertools.combinations(spoken.T, 2):
        assert (one & other).sum() == 0


def test_named_people_are_the_same_in_every_event() -> None:
    some = plan(
        languages="[nl, en]",
        demand="{all: {rate: 1 / h, language: nl}}",
        teams=hub(13, speaks="{nl: 100 %, en: 30 %}"),
    )
    one, other = supply(some, 0), supply(some, 5)
    assert np.array_equal(speakers(one), speakers(other))
    assert np.array_equal(one.roster.start, other.roster.start)


def test_who_speaks_what_in_a_drawn_team_is_drawn_for_each_person_and_language() -> None:
    speaks = "{nl: 100 %, en: 95 %, de: 40 %}"
    some = plan(
        languages="[nl, en, de]",
        demand="{all: {rate: 1 / h, language: nl}}",
        teams=hub(400, drawn="true", speaks=speaks),
    )
    spoken = np.concatenate([speakers(supply(some, r)) for r in range(25)])
    assert spoken[:, 0].all()
    for row, share in ((1, 0.95), (2, 0.4)):
        assert (
            abs(spoken[:, row].mean() - share) < SIGMAS * (share * (1 - share) / len(spoken)) ** 0.5
        )  # sees 2.2 points
    assert abs(np.corrcoef(spoken[:, 1], spoken[:, 2])[0, 1]) < SIGMAS / len(spoken) ** 0.5


@pytest.mark.parametrize("languages", [1, 8, 9, 64, 70])
@pytest.mark.parametrize("drawn", ["true", "false"])
def test_a_group_is_of_one_team_and_one_set_of_languages(languages: int, drawn: str) -> None:
    names = [f"x{number}" for number in range(languages)]
    some_of_each = ", ".join(
        f"{name}: {100 - 97 * row // max(languages - 1, 1)} %" for row, name in enumerate(names)
    )
    teams = (
        hub(40, drawn=drawn, speaks=f"{{{some_of_each}}}")[:-1]
        + ", "
        + hub(30, speaks="{x0: 100 %}")[1:].replace("hub", "lone")
    )
    found = supply(
        plan(languages=f"[{', '.join(names)}]", demand="{all: {rate: 1 / h, language: x0}}", teams=teams)
    )
    assert np.array_equal(found.group_team[found.roster.group], found.roster.team)
    rows = np.column_stack([found.group_team, found.group_speaks])
    assert np.array_equal(rows, np.unique(rows, axis=0))  # each once, in order
    assert set(found.roster.group) == set(range(len(rows)))
    assert found.group_speaks[found.roster.group[40:]].sum() == 30


# --- days on
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("works", [(5, 7), (4, 7), (1, 3), (6, 7), (7, 7), (9, 14)])
@pytest.mark.parametrize("drawn", ["true", "false"])
@pytest.mark.parametrize("people", [1, 2, 23])
def test_each_person_works_exactly_so_many_of_any_so_many_days(
    works: tuple[int, int], drawn: str, people: int
) -> None:
    on, of = works
    team = hub(people, drawn=drawn, works=f"{on} of {of} d", shifts="{day: {hours: 07:00-15:00}}")
    worked = working(plan(lasts="40 d", teams=team)).astype(int)
    whole = np.cumsum(np.pad(worked, ((0, 0), (1, 0))), axis=1)
    assert set((whole[:, of:] - whole[:, :-of]).ravel()) == {on}


@pytest.mark.parametrize("works", ["5 of 7 d", "4 of 7 d", "6 of 7 d", "3 of 4 d"])
@pytest.mark.parametrize("people", [2, 5, 12, 25, 40, 63, 130])
@pytest.mark.parametrize("drawn", ["true", "false"])
def test_about_as_many_work_on_every_day(works: str, people: int, drawn: str) -> None:
    team = hub(people, drawn=drawn, works=works, shifts=THREE.replace("23:00-07:00", "22:00-23:00"))
    worked = working(plan(lasts="28 d", teams=team))
    shift = apportioned((0.4, 0.4, 0.2), people)
    for those, slack in [(shift >= 0, 3), *((shift == row, 4) for row in range(3))]:
        count = worked[those].sum(axis=0)
        assert np.ptp(count) <= slack, count[:7]


@pytest.mark.parametrize("people", [14, 15, 21, 24, 35, 40, 65, 91])
@pytest.mark.parametrize("share", [20, 14.2857, 12.5, 7.7])
def test_those_who_share_a_language_are_not_all_off_on_one_day(people: int, share: float) -> None:
    speaks = f"{{nl: 100 %, en: {share} %, de: {share} %}}"
    team = hub(people, speaks=speaks, works="5 of 7 d", shifts=THREE.replace("23:00-07:00", "22:00-23:00"))
    some = plan(
        lasts="14 d", languages="[nl, en, de]", demand="{all: {rate: 1 / h, language: nl}}", teams=team
    )
    worked, spoken = working(some), speakers(supply(some))
    for language in spoken[:, 1:].T:
        count = worked[language].sum(axis=0)
        assert count.min() >= 1 if language.sum() > 1 else language.sum() == 1
        assert np.abs(count - language.sum() * 5 / 7).max() < 2


def test_absence_takes_its_share_of_shifts_whoever_and_whenever() -> None:
    some = plan(lasts="40 d", teams=hub(200, absence="15 %", shifts="{day: {hours: 07:00-15:00}}"))
    worked = working(some)
    error = (0.15 * 0.85 / worked.size) ** 0.5
    assert abs(1 - worked.mean() - 0.15) < SIGMAS * error  # sees 1.8 points
    for counts, each in ((worked.sum(axis=1), 40), (worked.sum(axis=0), 200)):
        squared = ((counts - 0.85 * each) ** 2 / (each * 0.85 * 0.15)).sum()
        assert stats.chi2.sf(squared, len(counts)) > RARE
        assert stats.chi2.cdf(squared, len(counts)) > RARE


# --- hours of work
# ---------------------------------------------------------------------------------------------------


def test_a_break_makes_two_segments() -> None:
    some = plan(
        lasts="1 d",
        drain="1 h",
        teams=hub(shifts="{day: {hours: 07:00-15:00, breaks: [09:00-09:15, 11:00-11:30]}}"),
    )
    assert hours(some) == [(7, 9), (9.25, 11), (11.5, 15)]


def test_a_night_shift_counts_its_breaks_past_midnight() -> None:
    some = plan(
        lasts="2 d", teams=hub(shifts="{night: {hours: 23:00-07:00, breaks: [23:30-23:45, 02:00-03:00]}}")
    )
    assert hours(some) == [(0, 2), (3, 7), (23, 23.5), (23.75, 26), (27, 31), (47, 47.5), (47.75, 49)]


@pytest.mark.parametrize("start", ["00:00", "02:00", "06:00"])
def test_the_night_shift_of_the_day_before_the_start_is_on_duty(start: str) -> None:
    late = int(start[:2])
    some = plan(starts=f"2010-06-07 {start}", lasts="1 d", teams=hub(shifts="{night: {hours: 23:00-07:00}}"))
    assert hours(some)[0] == (0, 7 - late)
    assert hours(some)[1] == (23 - late, min(31 - late, 25))


@pytest.mark.parametrize(("start", "night"), [("2010-03-27", 7), ("2010-10-30", 9), ("2010-06-05", 8)])
def test_a_night_shift_is_an_hour_shorter_or_longer_when_the_clock_changes(start: str, night: int) -> None:
    some = plan(
        starts=f"{start} 00:00",
        timezone="Europe/Amsterdam",
        teams=hub(shifts="{night: {hours: 23:00-07:00}}"),
    )
    found = hours(some)
    assert found[1] == (23, 23 + night)


@pytest.mark.parametrize("breaks", ["02:30-03:15", "02:00-02:30", "01:45-03:05", "03:00-03:30"])
@pytest.mark.parametrize("start", ["2010-03-27", "2010-10-30"])
def test_breaks_at_a_clock_change_never_make_duties_overlap(breaks: str, start: str) -> None:
    shifts = f"{{night: {{hours: 23:00-07:00, breaks: [{breaks}]}}}}"
    some = plan(starts=f"{start} 00:00", timezone="Europe/Amsterdam", teams=hub(3, shifts=shifts))
    supply(some)  # the table refuses segments that overlap


def test_shifts_start_on_their_days_of_the_week() -> None:
    some = plan(lasts="9 d", teams=hub(shifts="{day: {hours: 07:00-15:00, days: [mon, thu, sun]}}"))
    assert np.flatnonzero(working(some)[0]).tolist() == [0, 3, 6, 7]


def test_duty_stops_at_the_horizon() -> None:
    some = plan(lasts="1 d", drain="90 min")
    assert hours(some) == [(0, 24), (24, 25.5)]


# --- called up
# -------------------------------------------------------------------------------------------------------


def called(people: int = 400, shifts: str = ALWAYS, lasts: str = "8 d", **call: str) -> Plan:
    words = ", ".join(f"{key}: {text}" for key, text in ({"at": "2010-06-07 10:00"} | call).items())
    return plan(lasts=lasts, teams=hub(people, shifts=shifts, call_up=f"{{{words}}}"))


def test_nobody_who_is_called_works_before_being_ready() -> None:
    roster = supply(called(lead="3 h", lasts="2 d")).roster
    assert roster.start.min() == 13 * HOUR
    assert set(roster.start[roster.start < DAY]) == {13 * HOUR}
    assert len(set(roster.agent)) == 400


def test_who_gets_ready_between_shifts_waits_for_the_next() -> None:
    assert hours(called(1, "{day: {hours: 07:00-12:00}}", lead="3 h", lasts="2 d")) == [(31, 36)]
    assert hours(called(1, "{day: {hours: 07:00-14:00}}", lead="3 h", lasts="1 d")) == [(13, 14)]


def test_the_lead_of_each_person_follows_its_law() -> None:
    some = called(2000, lead="{mean: 3 h, cv: 0.7, law: gamma}", lasts="5 d")
    roster = supply(some).roster
    first = np.full(2000, 10**15)
    np.minimum.at(first, roster.agent, roster.start)
    law = stats.gamma(0.7**-2, scale=3 * HOUR * 0.7**2)
    assert stats.kstest(first - 10 * HOUR, law.cdf).pvalue > RARE  # sees 5 % of the law


def test_an_uncertain_lead_is_one_of_an_event() -> None:
    some = called(lead="{mean: {uniform: [1 h, 5 h]}, law: constant}", lasts="1 d")
    firsts = [set(supply(some, r).roster.start[:400]) for r in range(5)]
    assert [len(first) for first in firsts] == [1] * 5
    assert len(set.union(*firsts)) == 5


def test_some_do_not_show_up() -> None:
    came = np.mean(
        [len(set(supply(called(show_up="80 %", lasts="1 d"), r).roster.agent)) / 400 for r in range(10)]
    )
    assert abs(came - 0.8) < SIGMAS * (0.8 * 0.2 / 4000) ** 0.5  # sees 2.9 points


def test_of_those_still_coming_a_share_stays_away_from_the_next_day_on() -> None:
    some = called(3000, "{day: {hours: 07:00-15:00}}", drop_out="20 %", lasts="6 d")
    worked = working(some)
    assert worked[:, 0].all()
    assert not (worked[:, 1:] & ~worked[:, :-1]).any()  # who stays away does not come back
    coming = worked.sum(axis=0)
    for day in range(1, 6):
        error = (0.2 * 0.8 * coming[day - 1]) ** 0.5
        assert abs(coming[day] - 0.8 * coming[day - 1]) < SIGMAS * error  # sees 4–6 points of the share


def test_all_may_drop_out_and_none_may_show_up() -> None:
    assert working(called(5, "{day: {hours: 07:00-15:00}}", drop_out="100 %", lasts="4 d")).sum(
        axis=0
    ).tolist() == [5, 0, 0, 0]
    assert supply(called(5, show_up="0 %")).roster.segments == 0
    assert supply(plan(teams=hub(5, absence="100 %"))).roster.segments == 0


def test_all_are_sent_home_at_one_time() -> None:
    roster = supply(called(until="2010-06-09 03:30", lead="{mean: 3 h, cv: 1}")).roster
    assert roster.end.max() == 51.5 * HOUR
    assert roster.start.min() >= 10 * HOUR


# --- whole teams
# -----------------------------------------------------------------------------------------------------


def test_a_larger_drawn_team_holds_the_smaller_one() -> None:
    def volunteers(people: int) -> Supply:
        team = hub(
            people,
            drawn="true",
            speaks="{nl: 90 %, en: 50 %}",
            shifts=THREE,
            works="5 of 7 d",
            absence="15 %",
            call_up="{at: 2010-06-07 20:00, lead: {mean: 3 h, cv: 0.7}, show_up: 80 %, drop_out: 10 %}",
        )
        return supply(
            plan(lasts="6 d", languages="[nl, en]", demand="{all: {rate: 1 / h, language: nl}}", teams=team)
        )

    few, many = volunteers(100), volunteers(150)
    assert np.array_equal(speakers(few), speakers(many)[:100])
    mine = many.roster.agent < 100
    for column in ("agent", "start", "end"):
        assert np.array_equal(getattr(few.roster, column), getattr(many.roster, column)[mine])
    assert not mine.all()


def test_a_longer_drain_leaves_every_absence_where_it_was() -> None:
    def segments(drain: str) -> set[tuple[int, int]]:
        roster = supply(plan(drain=drain, teams=hub(30, absence="40 %", shifts=THREE))).roster
        return set(zip(roster.agent.tolist(), roster.start.tolist(), strict=True))

    assert segments("1 h") == {(agent, start) for agent, start in segments("80 h") if start < 2 * DAY}


def test_teams_without_people_and_teams_of_one() -> None:
    nobody = plan(teams=hub(0, shifts=THREE, works="5 of 7 d", absence="15 %"))
    assert supply(nobody).roster.agents == supply(nobody).roster.segments == 0
    drawn = plan(teams=hub(0, drawn="true", call_up="{at: 2010-06-07 10:00, lead: 3 h, drop_out: 10 %}"))
    assert supply(drawn).roster.agents == 0
    two = (
        hub(0, shifts=THREE)[:-1]
        + ", lone: {people: 1, speaks: {nl: 100 %}, in_hand: 3, shifts: "
        + ALWAYS
        + "}}"
    )
    found = supply(plan(teams=two))
    assert found.roster.team.tolist() == [1]
    assert found.roster.slots.tolist() == [3]
    assert found.group_team.tolist() == [1]


def test_segments_are_sorted_by_start_and_belong_to_their_teams() -> None:
    two = hub(3, shifts=THREE)[:-1] + ", lone: {people: 2, speaks: {nl: 100 %}, shifts: " + ALWAYS + "}}"
    roster = supply(plan(teams=two)).roster
    assert np.all(np.diff(roster.start) >= 0)
    assert roster.team.tolist() == [0, 0, 0, 1, 1]
    length = roster.end - roster.start
    assert set(length[roster.agent < 3]) <= {7 * HOUR, 8 * HOUR, 2 * HOUR}
    assert (length[roster.agent >= 3] <= DAY).all()
    assert length.min() >= MINUTE


def test_small_teams_are_not_all_off_on_the_same_days() -> None:
    lone = "{people: 1, works: 5 of 7 d, speaks: {nl: 100 %}, shifts: {day: {hours: 07:00-15:00}}}"
    worked = working(plan(lasts="7 d", teams=f"{{{', '.join(f'team{row}: {lone}' for row in range(14))}}}"))
    assert worked.sum(axis=0).min() >= 5  # of 14, 10 on average
