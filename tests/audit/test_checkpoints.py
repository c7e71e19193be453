"""Checkpoints that were tampered with themselves, and what a restore leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.audit import places
from core.audit.checkpointer import Checkpointer
from core.audit.places import CheckpointFile, PlaceFailed
from core.audit.report import FindingKind
from core.audit.signer import SigningKeys
from core.audit.verify import Verifier
from core.errors import VaultError
from data.store.tables import audit_checkpoints
from data.values.audit import Action, AuditOutcome
from data.values.audit_search import AuditFilter
from tests.audit.conftest import OpenLog
from tests.audit.intruder import Intruder
from tests.audit.log import Log
from tests.people import ALICE

Row = dict[str, Any]


@pytest.fixture
def intruder(log: Log) -> Iterator[Intruder]:
    """In a log under four checkpoints."""
    for _ in range(4):
        log.clock.forward(timedelta(minutes=1))
        log.write(2)
        assert log.trail.checkpoint_now()
    found = Intruder(log.settings.store_url)
    yield found
    found.close()


def kinds(log: Log) -> list[tuple[FindingKind, int]]:
    return [(one.kind, one.seq) for one in log.trail.verify().findings]


def without_heads(row: Row) -> Row:
    return row | {"heads": json.dumps({"full": False, "heads": []})}


EDITS: dict[str, Callable[[Row], Row]] = {
    "body": lambda row: row | {"body": row["body"].replace('"epoch":0', '"epoch":1')},
    "hash": lambda row: row | {"hash": bytes(32)},
    "signature": lambda row: row | {"signature": bytes(64)},
    "heads": without_heads,
    "nonsense for heads": lambda row: row | {"heads": "[]"},
    "epoch": lambda row: row | {"epoch": 7},
    "time": lambda row: row | {"at": row["at"] - timedelta(minutes=9)},
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_checkpoint_is_found(log: Log, intruder: Intruder, name: str) -> None:
    sound = intruder.table(audit_checkpoints)
    for seq in (1, 2, 4):
        intruder.put_table(audit_checkpoints, [EDITS[name](row) if row["seq"] == seq else row for row in sound])
        assert kinds(log)[0] == (FindingKind.CHECKPOINT_EDITED, seq)
        assert {kind for kind, _ in kinds(log)} == {FindingKind.CHECKPOINT_EDITED}
    intruder.put_table(audit_checkpoints, sound)
    assert kinds(log) == []


def test_a_deleted_checkpoint_is_found_with_and_without_the_file(log: Log, intruder: Intruder) -> None:
    sound, lines = intruder.table(audit_checkpoints), log.file.read_text()
    for seq in (1, 3):
        intruder.put_table(audit_checkpoints, [row for row in sound if row["seq"] != seq])
        assert kinds(log) == [(FindingKind.CHECKPOINT_MISSING, seq)]
        log.file.unlink()
        assert kinds(log) == [(FindingKind.CHECKPOINT_MISSING, seq), (FindingKind.FILE_SHORT, 1)]
        log.file.write_text(lines)
    intruder.put_table(audit_checkpoints, sound[:-1])
    assert kinds(log) == [(FindingKind.CHECKPOINT_MISSING, 4)]


def test_what_the_database_lost_stays_found_after_more_checkpoints(
    log: Log, intruder: Intruder, open_log: OpenLog
) -> None:
    rows = intruder.chain()
    intruder.put_chain(rows[:-3])
    intruder.put_table(audit_checkpoints, intruder.table(audit_checkpoints)[:2])
    log.close()

    another = open_log()
    another.write(3)
    checkpoint = another.trail.checkpoint_now()
    assert checkpoint is not None
    assert checkpoint.seq == 5  # after the last one outside, not after the last one that is left
    another.write(1)
    another.trail.checkpoint_now()
    found = kinds(another)
    assert (FindingKind.CHECKPOINT_MISSING, 3) in found
    assert (FindingKind.TAIL_CUT, len(rows) - 2) in found
    # Without the file it is still known: every later checkpoint signs the longer chain.
    another.file.unlink()
    assert (FindingKind.TAIL_CUT, len(rows) - 2) in kinds(another)


def test_an_edited_line_of_the_file_is_found(log: Log, intruder: Intruder) -> None:
    lines = log.file.read_text().splitlines(keepends=True)
    for edited in ("garbage\n", "{}\n", lines[1].replace('"key":"', '"key":"0')):
        log.file.write_text("".join([lines[0], edited, *lines[2:]]))
        assert kinds(log) == [(FindingKind.FILE_EDITED, 2)]
    log.file.write_text("".join(lines))
    assert kinds(log) == []


def test_a_line_that_a_dying_process_left_is_written_anew(log: Log, intruder: Intruder) -> None:
    lines = log.file.read_text()
    log.file.write_text(lines[:-40])
    died = replace(log.store.checkpoints.deliveries()[CheckpointFile(log.file).bookmark], seq=3)
    log.store.checkpoints.mark([died])
    report = log.trail.verify()
    newest = log.store.checkpoints.newest()
    assert report.ok
    assert newest is not None and report.covered_until is not None
    assert report.covered_until < newest.at
    log.trail.checkpoint_now()
    assert log.file.read_text() == lines
    assert log.trail.verify().covered_until == newest.at


def test_a_file_that_is_gone_is_found_and_made_again(log: Log, intruder: Intruder) -> None:
    lines = log.file.read_text()
    log.file.unlink()
    report = log.trail.verify()
    assert report.covered_until is None
    assert [(one.kind, one.seq) for one in report.findings] == [(FindingKind.FILE_SHORT, 1)]
    assert "Checkpoints 1 to 4 were written" in report.findings[0].words
    log.trail.checkpoint_now()
    assert log.file.read_text().startswith(lines)
    told = log.store.audit.search(AuditFilter(actions=(Action.AUDIT_VERIFY,)), None, 9).entries
    assert [entry.outcome for entry in told] == [AuditOutcome.FAILED]
    log.trail.checkpoint_now()
    report = log.trail.verify()
    assert report.ok
    assert "filled again from the database" in report.notes[0]


@pytest.mark.parametrize(
    ("kept", "first", "words"),
    [
        ([0, 1], 3, "Checkpoints 3 to 4 were written"),
        ([0, 1, 2], 4, "Checkpoint 4 was written"),
        ([0, 2], 2, "So were others up to 4"),
        ([3], 1, "Checkpoints 1 to 3 were written"),
    ],
    ids=str,
)
def test_a_shortened_file_is_found(log: Log, intruder: Intruder, kept: list[int], first: int, words: str) -> None:
    lines = log.file.read_text().splitlines(keepends=True)
    log.file.write_text("".join(lines[number] for number in kept))
    report = log.trail.verify()
    assert [(one.kind, one.seq) for one in report.findings] == [(FindingKind.FILE_SHORT, first)]
    assert words in report.findings[0].words
    assert str(log.file) in report.findings[0].words


def test_who_cuts_the_file_and_the_database_alike_is_found(log: Log, intruder: Intruder, open_log: OpenLog) -> None:
    intruder.put_chain(intruder.chain()[:-3])
    intruder.put_table(audit_checkpoints, intruder.table(audit_checkpoints)[:2])
    log.file.write_text("".join(log.file.read_text().splitlines(keepends=True)[:2]))
    assert (FindingKind.FILE_SHORT, 3) in kinds(log)
    log.close()
    another = open_log()
    another.write(1)
    another.trail.checkpoint_now()
    assert (FindingKind.FILE_SHORT, 4) in kinds(another)  # the bookmark does not go back


def test_without_any_checkpoint_a_missing_file_is_nothing(log: Log) -> None:
    log.write(1)
    report = log.trail.verify()
    assert (report.ok, report.notes, report.covered_until) == (True, (), None)


def test_a_replica_with_a_file_of_its_own_lost_nothing(log: Log, intruder: Intruder, tmp_path: Path) -> None:
    elsewhere = Verifier(log.store, log.trail._keys.trusted()[0], [], CheckpointFile(tmp_path / "other"))
    assert elsewhere.run().ok


def test_a_restore_is_signed_and_no_tail_cut(log: Log, intruder: Intruder, open_log: OpenLog) -> None:
    backup = intruder.everything()
    log.write(5)
    log.trail.checkpoint_now()
    log.write(1)
    log.trail.checkpoint_now()
    log.close()

    intruder.put_back(backup)
    restorer = open_log()
    assert {kind for kind, _ in kinds(restorer)} == {FindingKind.CHECKPOINT_MISSING, FindingKind.TAIL_CUT}
    epoch = restorer.trail.restored(ALICE, "backup-1")
    assert (epoch.epoch, epoch.seq) == (1, 7)
    report = restorer.trail.verify()
    assert (report.ok, report.findings) == (True, ())
    restorer.write(2)
    restorer.trail.checkpoint_now()
    assert restorer.trail.verify().ok
    assert restorer.trail.status().epoch == 1

    # Who cuts the tail without a restore is found as before, in the new epoch and in the old one.
    intruder.put_chain(intruder.chain()[:-1])
    assert [kind for kind, _ in kinds(restorer)] == [FindingKind.TAIL_CUT]


def test_no_restore_beside_a_running_gearbox(log: Log, open_log: OpenLog) -> None:
    log.write(1)
    log.trail.checkpoint_now()
    with pytest.raises(VaultError, match="runs on this database"):
        open_log().trail.restored(ALICE, "backup-1")


def test_now_and_then_a_checkpoint_lists_all_chains(log: Log, open_log: OpenLog) -> None:
    others = [open_log() for _ in range(2)]
    keys = SigningKeys(log.store, log.vault, log.clock)
    checkpointer = Checkpointer(log.store, keys, CheckpointFile(log.file), log.clock, full_every=3)
    assert checkpointer.lead()
    for number in range(8):
        others[number % 2].write(1)
        assert checkpointer.write()
    checkpointer.stand_down()
    full = [json.loads(row.heads)["full"] for row in log.store.checkpoints.after(0)]
    assert full == [True, False, False] * 2 + [True, False]
    assert log.trail.verify().ok

    others[0].write(1)
    checkpoint = others[1].trail.checkpoint_now()
    assert checkpoint is not None and not json.loads(checkpoint.heads)["full"]
    report = others[1].trail.verify()
    assert (report.ok, report.chains, report.covered) == (True, 3, report.events)


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_a_device_is_no_checkpoint_file(device: str) -> None:
    """One of them never ends."""
    with pytest.raises(PlaceFailed, match="is no file"):
        list(CheckpointFile(Path(device)).read())


def test_a_line_without_an_end_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_LONGEST_LINE", 100)
    (tmp_path / "checkpoints").write_bytes(b"x" * 1000 + b"\n")
    assert list(CheckpointFile(tmp_path / "checkpoints").read()) == [11], "the piece that ends is no checkpoint"
