"""Whatever is done to the log up to the last checkpoint that lies outside is found, and named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.audit.report import Finding, FindingKind
from core.audit.signer import SigningKeys
from data.store.tables import audit_chains, audit_checkpoints, audit_events, audit_keys
from tests.audit.attacks import EXACT, RESTAMPS
from tests.audit.conftest import OpenLog
from tests.audit.intruder import Intruder, Rows, hashed, restamped
from tests.audit.log import Log


@pytest.fixture
def intruder(log: Log) -> Iterator[Intruder]:
    """In a log of one chain of some events under four checkpoints, the last of which signs the last event."""
    for count in (2, 3, 1, 3):
        log.write(count)
        assert log.trail.checkpoint_now()
    found = Intruder(log.settings.store_url)
    yield found
    found.close()


def findings(log: Log) -> tuple[Finding, ...]:
    report = log.trail.verify()
    assert report.ok is not bool(report.findings)
    return report.findings


def signed_ends(log: Log) -> list[int]:
    """The numbers of the last events that the checkpoints signed."""
    return sorted({head[1] for line in log.file.read_text().splitlines() for head in _heads(line)})


def _heads(line: str) -> list[list[int]]:
    return list(json.loads(json.loads(line)["heads"])["heads"])


@pytest.mark.parametrize("name", EXACT)
def test_every_event_that_is_tampered_with_is_named(log: Log, intruder: Intruder, name: str) -> None:
    attack, sound = EXACT[name], intruder.chain()
    assert findings(log) == ()
    origin = intruder.origin(sound)
    for n in range(1, len(sound) + attack.last):
        intruder.put_chain(attack.change(sound, n, origin))
        found = findings(log)
        assert [(one.kind, one.seq) for one in found] == [(attack.kind, n)], (n, found)
    intruder.put_chain(sound)
    assert findings(log) == ()


@pytest.mark.parametrize("name", RESTAMPS)
def test_a_chain_with_all_hashes_computed_anew_is_found_between_two_checkpoints(
    log: Log, intruder: Intruder, name: str
) -> None:
    sound, ends = intruder.chain(), [0, *signed_ends(log)]
    origin = intruder.origin(sound)
    for n in range(1, len(sound)):
        intruder.put_chain(RESTAMPS[name](sound, n, origin))
        last_good = max(end for end in ends if end < n)
        expected = (FindingKind.RESTAMPED, last_good + 1)
        if name.startswith("deleted") and last_good == ends[-2]:
            expected = (FindingKind.TAIL_CUT, len(sound))  # what was signed last is not there any more
        found = findings(log)
        assert [(one.kind, one.seq) for one in found] == [expected], (n, found)


def test_a_tail_cut_with_its_checkpoints_is_found_by_the_file_outside(log: Log, intruder: Intruder) -> None:
    before, sound = intruder.everything(), intruder.chain()
    for n in range(1, len(sound) + 1):
        kept = [row for row in before[audit_checkpoints] if ends_before(row, n)]
        intruder.put_chain(sound[: n - 1])
        intruder.put_table(audit_checkpoints, kept)
        found = findings(log)
        assert (FindingKind.TAIL_CUT, n) in [(one.kind, one.seq) for one in found], (n, found)
        assert (FindingKind.CHECKPOINT_MISSING, len(kept) + 1) in [(one.kind, one.seq) for one in found]
        intruder.put_back(before)


def ends_before(row: dict[str, object], n: int) -> bool:
    events = json.loads(str(row["body"]))["events"]
    return int(events) < n


def test_the_whole_log_taken_away_is_found_by_the_file_outside(log: Log, intruder: Intruder) -> None:
    for table in (audit_events, audit_chains, audit_checkpoints):
        intruder.put_table(table, [])
    assert {one.kind for one in findings(log)} == {FindingKind.TAIL_CUT, FindingKind.CHECKPOINT_MISSING}


def test_the_chain_that_tells_of_the_signing_key_is_missed_and_the_key_is_not_blamed(
    log: Log, intruder: Intruder, open_log: OpenLog
) -> None:
    (gone,) = intruder.chains()
    another = open_log()  # a process that has not opened the key yet
    intruder.put_table(audit_events, [])
    intruder.put_table(audit_chains, [])
    found = findings(another)
    assert [one.chain_id for one in found if one.kind is FindingKind.TAIL_CUT] == [gone], found
    assert not {one.kind for one in found} & {FindingKind.FOREIGN_KEY, FindingKind.CHECKPOINT_EDITED}


def test_another_signing_key_convinces_nobody(log: Log, intruder: Intruder, settings_of_another: Log) -> None:
    """Everything is forged: events, checkpoints over them, and a key on record that signed those."""
    forger = settings_of_another
    rows = restamped([row | {"actor_id": "mallory"} for row in intruder.chain()], intruder.origin(intruder.chain()))
    intruder.put_chain(rows)
    key = SigningKeys(forger.store, forger.vault, forger.clock).signer()
    forged: Rows = []
    for row in intruder.table(audit_checkpoints):
        body = row["body"].replace(row["key_id"], key.key_id)
        forged.append(row | {"body": body, "signature": key.sign(body), "key_id": key.key_id})
    intruder.put_table(audit_checkpoints, [hashed_body(row) for row in forged])
    known = intruder.table(audit_keys)[0]
    intruder.put_table(audit_keys, [known, known | {"id": key.key_id, "public_key": key.public_key}])
    kinds = {one.kind for one in findings(log)}
    assert {FindingKind.FOREIGN_KEY, FindingKind.CHECKPOINT_EDITED} <= kinds
    intruder.put_table(audit_keys, [known | {"id": key.key_id, "public_key": key.public_key}])
    assert FindingKind.FOREIGN_KEY in {one.kind for one in findings(log)}


def hashed_body(row: dict[str, object]) -> dict[str, object]:
    return row | {"hash": hashlib.sha256(str(row["body"]).encode()).digest()}


@pytest.fixture
def settings_of_another(tmp_path_factory: pytest.TempPathFactory, log: Log) -> Iterator[Log]:
    """A deployment of the intruder's own, whose key they have."""
    home = tmp_path_factory.mktemp("mallory")
    other = Log(log.settings.model_copy(update={"home": home, "database_url": ""}), log.clock)
    yield other
    other.close()


def test_a_chain_that_was_written_behind_gearbox_is_found(log: Log, intruder: Intruder, open_log: OpenLog) -> None:
    """A chain of its own, right in itself, and of a time at which the log was signed without it."""
    sound = intruder.chain()
    forged = [hashed(row, chain="f" * 32) | {"chain_id": "f" * 32} for row in sound[:3]]
    intruder.put_table(audit_events, [*sound, *forged])
    assert [one.kind for one in findings(log)] == [FindingKind.INSERTED]

    record = intruder.table(audit_chains)[0] | {"id": "f" * 32}
    intruder.put_table(audit_chains, [*intruder.table(audit_chains), record])
    intruder.put_table(audit_events, [*sound, *restamped(forged, intruder.origin(forged))])
    assert findings(log) == ()  # so near to the last checkpoint, clocks and commits might explain it

    log.clock.forward(timedelta(minutes=20))
    log.write(1)
    assert log.trail.checkpoint_now()
    log.write(1)
    assert findings(log) == ()
    late = "e" * 32
    forged = [hashed(row, chain=late) | {"chain_id": late} for row in sound[:3]]
    intruder.put_table(audit_chains, [*intruder.table(audit_chains), record | {"id": late}])
    events = intruder.table(audit_events)
    intruder.put_table(audit_events, [*events, *restamped(forged, intruder.origin(forged))])
    assert [(one.kind, one.chain_id, one.seq) for one in findings(log)] == [(FindingKind.INSERTED, late, 1)]
    log.trail.checkpoint_now()
    assert [(one.kind, one.chain_id, one.seq) for one in findings(log)] == [(FindingKind.INSERTED, late, 1)]


@pytest.mark.parametrize("column", ["owner", "started_at"])
def test_an_edited_record_of_a_chain_is_found(log: Log, intruder: Intruder, column: str) -> None:
    record = intruder.table(audit_chains)[0]
    other = {"owner": "mallory", "started_at": record["started_at"] - timedelta(minutes=1)}
    intruder.put_table(audit_chains, [record | {column: other[column]}])
    assert [(one.kind, one.seq) for one in findings(log)] == [(FindingKind.EDITED, 0)]


def test_a_deleted_record_of_a_chain_is_found(log: Log, intruder: Intruder) -> None:
    intruder.put_table(audit_chains, [])
    assert [(one.kind, one.seq) for one in findings(log)] == [(FindingKind.DELETED, 0)]


def test_dropped_triggers_are_found(log: Log, intruder: Intruder) -> None:
    intruder.drop_triggers()
    assert {one.kind for one in findings(log)} == {FindingKind.UNGUARDED}
