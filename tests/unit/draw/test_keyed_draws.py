"""Draws keyed by contact and use: even, unlike each other, and below a threshold where the draw is below the
share.
"""

import numpy as np
from scipy import stats

from sim.draw.keyed_draws import chances, children, key, mixed, roots, uniform
from sim.tables import ALWAYS, DRAW_MAX, threshold
from tests.plans import RARE, SIGMAS

SIZE = 200_000


def test_mixing_is_that_of_splitmix64() -> None:
    # The first outputs of SplitMix64 from state 1234567: its state goes on by the golden gamma, and is mixed
    # so.
    gamma = 0x9E3779B97F4A7C15
    states = np.array([(1234567 + gamma * step) % 2**64 for step in (1, 2, 3)], np.uint64)
    assert mixed(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_draws_are_even_for_contacts_from_outside_and_for_what_they_bring() -> None:
    first = roots(key(1, 0, "all"), 0, SIZE)
    for numbers in (
        first,
        children(first, key("reply")),
        children(children(first, key("reply")), key("silence")),
    ):
        drawn = uniform(numbers, key("use"))
        assert stats.kstest(drawn, "uniform").pvalue > RARE  # sees 0.6 % anywhere
        pairs = np.histogram2d(drawn[:-1], drawn[1:], bins=16, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(pairs.ravel()).pvalue > RARE  # and neighbours that are alike


def test_another_use_contact_layer_or_replication_tells_nothing_of_a_draw() -> None:
    first = roots(key(1, 0, "all", "0"), 0, SIZE)
    others = [
        uniform(first, key("another use")),
        uniform(children(first, key("reply")), key("use")),
        uniform(children(first, key("silence")), key("use")),
        uniform(roots(key(1, 0, "all", "1"), 0, SIZE), key("use")),
        uniform(roots(key(1, 1, "all", "0"), 0, SIZE), key("use")),
    ]
    ranks = np.corrcoef([uniform(first, key("use")), *others])
    assert np.abs(ranks - np.eye(len(ranks))).max() < SIGMAS / SIZE**0.5  # sees a correlation of 1 %


def test_a_contact_has_its_number_whatever_block_it_is_drawn_in() -> None:
    whole = roots(key("all"), 0, 1000)
    assert np.concatenate([roots(key("all"), 0, 300), roots(key("all"), 300, 700)]).tolist() == whole.tolist()
    assert len(set(whole.tolist())) == 1000


def test_a_chance_is_below_the_threshold_where_the_draw_is_below_the_share() -> None:
    drawn = uniform(roots(key("all"), 0, SIZE), key("use"))
    found = chances(drawn).astype(np.int64)
    assert found.max() <= DRAW_MAX
    assert threshold(0) == 0
    assert threshold(1) == ALWAYS
    for share in (0.0, 0.001, 0.25, 0.5, 0.9, 1.0):
        below = found < threshold(share)
        assert (
            below.tolist() == (drawn < share).tolist()
        )  # but for draws within 2⁻³² of it, of which these hold none
    assert chances(np.array([0.0, np.nextafter(1, 0)])).tolist() == [0, DRAW_MAX]
