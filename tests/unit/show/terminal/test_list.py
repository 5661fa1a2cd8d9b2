"""The list of what is kept fits its width and loses nothing of what it shows."""

from dataclasses import replace
from itertools import pairwise

import pytest

from sim.show.terminal.list import listing
from sim.study.store.catalogue import Entry

RUN = Entry(
    folder="flood/base",
    scenario="flood",
    study="run",
    plans=("base",),
    settings=(),
    changes=(),
    surge=1.0,
    seed=1,
    replications=2000,
    partial=False,
    headline="first_reply BREAKS",
    version="0.1.0",
    saved_at="2026-11-28T18:42:01Z",
    written=0,
    size=1,
)
LONG = replace(
    RUN,
    folder=f"flood/compare/{','.join(['volunteers'] * 9)}+1a2b3c4d",
    study="compare",
    partial=True,
    surge=1.5,
    changes=("teams.volunteers.people=150", "topics.information.handle_time.mean=6 min"),
    headline="best so far volunteers",
)


def test_a_study_is_a_row() -> None:
    title, row = listing([RUN], 100).splitlines()
    assert title.split() == ["saved", "(UTC)", "study", "folder", "simulations", "seed", "result"]
    assert row == "2026-11-28 18:42  run    flood/base        2,000     1  first_reply BREAKS"


def test_a_version_is_told_where_there_are_several() -> None:
    assert "0.1.0" not in listing([RUN, LONG], 160)
    assert "0.1.0" in listing([RUN, replace(LONG, version="0.2.0")], 160)


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_lines_fit_and_no_word_is_lost(width: int) -> None:
    text = listing([RUN, LONG], width)
    assert max(map(len, text.splitlines())) <= width
    title, _, *lines = text.splitlines()
    at = [title.index(name) for name in ("folder", "with", "simulations")]
    folder, changes = (
        "".join(line[start:end] for line in lines).replace(" ", "") for start, end in pairwise(at)
    )
    assert folder == LONG.folder
    assert changes.startswith(
        ",".join([*LONG.changes, "surge 1.5"]).replace(" ", "")
    )  # and digits of the simulations, to the right
    assert "interrupted" in text


def test_what_a_foreign_record_says_cannot_move_the_terminal() -> None:
    text = listing([replace(RUN, headline="\x1b[2J\nHOLDS")], 80)
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2
