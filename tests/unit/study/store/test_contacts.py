"""Contacts on disk, read back."""

from pathlib import Path

import duckdb

from sim.study.store.contacts import write_contacts
from sim.tables import Fate, Trigger
from tests.lenses import answered, happened, lens, lost

LOOK = lens(labels=[(0, 0, 0, 0), (0, 1, 0, 0)], reasons=("self_service", "closed", "writes again"))


def test_a_contact_is_kept_with_its_question_what_made_it_come_and_what_decided_whether_it_did(
    tmp_path: Path,
) -> None:
    contacts = [
        answered(0, 0, 1, 2, 9),
        (1, 1, -1, -1, -1, Fate.NEVER),
        lost(0, 1, 5, 5, Fate.MERGED),
        answered(0, 0, 20, 21, 22),
    ]
    trigger = [Trigger.NONE, Trigger.NONE, Trigger.ON_SILENCE, Trigger.ON_REPLY]
    pair = happened(
        contacts, time=[1, 3, 4, 11], parent=[-1, -1, 0, 0], trigger=trigger, reason=[-1, 1, 2, 2]
    )
    write_contacts(*pair, LOOK, tmp_path, 7)
    columns = "replication, contact, question, parent, trigger, reason, channel, fate"
    assert duckdb.sql(f"SELECT {columns} FROM '{tmp_path}/00007.parquet'").fetchall() == [
        (7, 0, 0, -1, "NONE", "", "c0", "ANSWERED"),
        (7, 1, 1, -1, "NONE", "closed", "c1", "NEVER"),
        (7, 2, 0, 0, "ON_SILENCE", "writes again", "c1", "MERGED"),
        (7, 3, 3, 0, "ON_REPLY", "writes again", "c0", "ANSWERED"),
    ]
