"""Exports of the audit log, verified by the stand-alone verifier as an auditor would run it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.access.access import Access
from core.audit import standalone
from core.audit.event_formats import as_ocsf
from core.audit.export import Format
from core.audit.service import AuditService
from core.audit.signer import pem
from core.audit.standalone import EVENT_FILES, Broken, verify
from core.errors import AccessRefused, StoreError
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from tests.audit.conftest import OpenLog
from tests.audit.log import Log
from tests.people import ALICE

ADMIN = Actor("admin", frozenset({Role.ADMIN}))
FORMATS: tuple[Format, ...] = ("jsonl", "ocsf", "cef")


def service(log: Log) -> AuditService:
    return AuditService(Access(log.store), log.trail, log.store, log.clock)


def exported(log: Log, format_: Format = "jsonl", **span: object) -> bytes:
    file = io.BytesIO()
    service(log).export(ADMIN, file, format_, **span)  # type: ignore[arg-type]
    return file.getvalue()


def key(log: Log) -> bytes:
    return service(log).public_key(ADMIN)


def edited(export: bytes, name: str, change: Callable[[list[str]], list[str]]) -> io.BytesIO:
    """The export with the lines of one of its files changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(export)) as before, zipfile.ZipFile(out, "w") as after:
        for each in before.namelist():
            text = before.read(each).decode()
            if each == name:
                text = "".join(f"{line}\n" for line in change(text.splitlines()))
            after.writestr(each, text)
    out.seek(0)
    return out


@pytest.mark.parametrize("format_", FORMATS)
def test_an_auditor_verifies_an_export_without_gearbox(log: Log, tmp_path: Path, format_: Format) -> None:
    log.write(20)
    odd = {"said": "a=b|c\\d\n rawEvent=x \u2028 \u00fc"}
    log.store.audit.record(AuditEvent(Action.SIGN_IN, AuditOutcome.REFUSED, "bob", address="192.0.2.1", details=odd))
    (tmp_path / "export.zip").write_bytes(exported(log, format_))
    (tmp_path / "key.pem").write_bytes(key(log))
    (tmp_path / "verifier.py").write_text(standalone.as_one_file(), "utf-8")
    # -I: nothing of this project can be imported.
    run = subprocess.run(
        [sys.executable, "-I", "verifier.py", "export.zip", "key.pem"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("WHOLE")
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        events = archive.read(EVENT_FILES[format_]).decode().rstrip("\n").split("\n")
    assert f"{len(events)} events" in run.stdout
    assert not any("192.0.2.1" in line for line in events), "addresses can be forgotten, exports can not"


def test_two_processes_and_a_span_between_checkpoints(open_log: OpenLog) -> None:
    first, second = open_log(), open_log()
    first.write(5)
    first.trail.checkpoint_now()
    for log in (first, second):
        log.clock.forward(timedelta(minutes=10))
        log.write(7)
        first.trail.checkpoint_now()
    begin = first.clock.now
    first.clock.forward(timedelta(minutes=10))
    second.write(3)
    first.trail.checkpoint_now()
    whole = verify(io.BytesIO(exported(first)), key(first))
    assert whole.since == "the beginning"
    assert whole.chains == 2
    part = verify(io.BytesIO(exported(first, since=begin)), key(first))
    assert part.events < whole.events
    early = verify(io.BytesIO(exported(first, until=begin - timedelta(seconds=900))), key(first))
    assert early.events < whole.events
    assert early.until < whole.until


CHANGES: dict[str, Callable[[list[str]], list[str]]] = {
    "edited": lambda lines: [line.replace("alice", "mallo") for line in lines],
    "deleted": lambda lines: lines[:7] + lines[8:],
    "tail cut": lambda lines: lines[:-1],
    "head cut": lambda lines: lines[1:],
    "inserted": lambda lines: lines[:7] + lines[6:],
    "reordered": lambda lines: [*lines[:6], lines[7], lines[6], *lines[8:]],
    "emptied": lambda lines: [],
}


@pytest.mark.parametrize("format_", FORMATS)
def test_a_changed_export_is_broken(log: Log, format_: Format) -> None:
    log.write(20)
    export, public = exported(log, format_), key(log)
    verify(io.BytesIO(export), public)
    for name, change in CHANGES.items():
        with pytest.raises(Broken):
            pytest.fail(f"{name} went unnoticed: {verify(edited(export, EVENT_FILES[format_], change), public)}")


def test_checkpoints_can_not_be_changed_left_out_or_signed_by_somebody_else(log: Log) -> None:
    for _ in range(4):
        log.write(3)
        log.clock.forward(timedelta(minutes=1))
        log.trail.checkpoint_now()
    export = exported(log)
    for change in (
        lambda lines: [line.replace("chains", "chaims") for line in lines],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: lines[1:],
        lambda lines: lines[:-1],
        lambda lines: [],
    ):
        with pytest.raises(Broken):
            verify(edited(export, "checkpoints.jsonl", change), key(log))
    with pytest.raises(Broken, match="not signed with this key"):
        verify(io.BytesIO(export), pem(Ed25519PrivateKey.generate().public_key().public_bytes_raw()))
    with pytest.raises(Broken, match="damaged"):
        verify(io.BytesIO(export[: len(export) // 2]), key(log))


def test_ocsf_and_cef_say_what_happened(log: Log) -> None:
    denied = AuditEvent(Action.SIGN_IN, AuditOutcome.REFUSED, "bob", session_id="s1", details={"why": "locked"})
    log.store.audit.record(denied)
    with zipfile.ZipFile(io.BytesIO(exported(log, "ocsf"))) as archive:
        events = [json.loads(line) for line in archive.read("events.ocsf.jsonl").decode().splitlines()]
    (sign_in,) = [event for event in events if event["message"] == "session.sign_in"]
    assert (sign_in["class_uid"], sign_in["type_uid"], sign_in["status_id"]) == (3002, 300201, 2)
    assert sign_in["actor"] == {"user": {"uid": "bob"}, "session": {"uid": "s1"}}
    assert sign_in["unmapped"] == {"why": "locked"}
    assert {"class_uid", "category_uid", "activity_id", "type_uid", "severity_id", "time", "metadata"} <= sign_in.keys()
    with zipfile.ZipFile(io.BytesIO(exported(log, "cef"))) as archive:
        lines = archive.read("events.cef").decode().splitlines()
    (line,) = [line for line in lines if "|session.sign_in|" in line]
    assert line.startswith("CEF:0|Gearbox|Gearbox|1|session.sign_in|session.sign_in|6|rt=")
    assert " suid=bob " in line


@pytest.mark.parametrize(
    ("format_", "before", "after"),
    [
        ("cef", "outcome=done", "outcome=failed"),
        ("cef", " suid=", " suid=mallory"),
        ("cef", "rt=1", "rt=2"),
        ("ocsf", '"uid":"gearbox"', '"uid":"mallory"'),
        ("ocsf", '"status":"done"', '"status":"failed"'),
    ],
)
def test_what_is_read_is_proven_not_only_what_was_hashed(log: Log, format_: Format, before: str, after: str) -> None:
    log.store.audit.record(AuditEvent(Action.SIGN_IN, AuditOutcome.DONE, "gearbox"))
    export = exported(log, format_)

    def falsify(lines: list[str]) -> list[str]:
        place = next(index for index, line in enumerate(lines) if before in line.partition("rawEvent")[0])
        return [line.replace(before, after, 1) if index == place else line for index, line in enumerate(lines)]

    verify(io.BytesIO(export), key(log))
    with pytest.raises(Broken, match="fields were changed"):
        verify(edited(export, EVENT_FILES[format_], falsify), key(log))


def test_an_event_from_before_the_export_is_no_part_of_it(log: Log) -> None:
    """Somebody who can write the database adds to a chain what is said to have happened long before."""
    log.clock.forward(timedelta(days=1))
    log.store.audit.record(AuditEvent(Action.SIGN_IN, AuditOutcome.DONE, "ada"))
    log.trail.checkpoint_now()
    log.clock.forward(timedelta(minutes=10))
    since = log.clock()
    log.store.audit.record(AuditEvent(Action.SIGN_IN, AuditOutcome.DONE, "ada"))
    verify(io.BytesIO(exported(log, since=since)), key(log))
    log.clock.forward(timedelta(days=-1))
    log.store.audit.record(AuditEvent(Action.SIGN_IN, AuditOutcome.DONE, "mallory"))
    log.clock.forward(timedelta(days=1))
    with pytest.raises(Broken, match="older than the checkpoint before it"):
        verify(io.BytesIO(exported(log, since=since)), key(log))
    with pytest.raises(Broken, match="older than the one before it"):
        verify(io.BytesIO(exported(log)), key(log))


HOSTILE = "=1|x\\\n\rCEF:0|Forged|Forged|1|key.use|key.use|10| suid=root\u2028\x1b"


def test_hostile_text_makes_no_line_and_no_field_of_its_own(log: Log) -> None:
    """Split as the format says: seven headers at bare bars, then fields at bare equal signs."""
    log.store.audit.record(
        AuditEvent(Action.SIGN_IN, AuditOutcome.REFUSED, HOSTILE, request_id=HOSTILE, details={"why": HOSTILE})
    )
    events = zipfile.ZipFile(io.BytesIO(exported(log, "jsonl"))).read("events.jsonl").count(b"\n")
    formats: dict[Format, str] = {"ocsf": "events.ocsf.jsonl", "cef": "events.cef"}
    for format_, name in formats.items():
        export = exported(log, format_)
        verify(io.BytesIO(export), key(log))
        lines = zipfile.ZipFile(io.BytesIO(export)).read(name).decode().removesuffix("\n").split("\n")
        assert len(lines) == events + (2 if format_ == "ocsf" else 4), "each export is two events of the next"
        assert not any("\r" in line for line in lines)
        if format_ == "ocsf":
            (event,) = [each for each in map(json.loads, lines) if each["message"] == "session.sign_in"]
            assert event["actor"]["user"]["uid"] == HOSTILE
            continue
        (line,) = [each for each in lines if "|session.sign_in|" in each]
        head = re.split(r"(?<!\\)\|", line, maxsplit=7)
        assert head[:4] == ["CEF:0", "Gearbox", "Gearbox", "1"]
        names = re.findall(r"(?:^| )(\w+)(?<!\\)=", head[7])
        assert names.count("suid") == 1, names


@pytest.mark.parametrize("action", Action)
def test_ocsf_has_what_the_class_requires(action: Action) -> None:
    """Required attributes of OCSF 1.4 (https://schema.ocsf.io/1.4.0), for each class that is written."""
    said = {
        "actor": "ada", "action": action, "outcome": "done", "at": "2026-11-25T08:00:00+00:00", "chain": "c", "seq": 1,
        "operation": "", "request": "r", "session": "", "origin": "", "surface": "page", "target": "", "details": {},
    }  # fmt: skip
    event = json.loads(as_ocsf(json.dumps(said)))
    required = {3001: {"user"}, 3002: {"user", "service"}, 3004: {"entity"}, 6003: {"api", "actor", "src_endpoint"}}
    assert required[event["class_uid"]] <= event.keys()
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["category_uid"] == event["class_uid"] // 1000
    changes = {"create", "rotate", "set_expiry", "expire", "fall_back", "revoke", "remove", "lock", "roles", "forget"}
    if action.partition(".")[2] in changes:
        assert event["class_uid"] != 6003, "a change is no API call that reads"


def test_an_export_is_in_the_log_and_needs_the_role(log: Log) -> None:
    log.write(1)
    exported(log)
    found = log.store.audit.search(AuditFilter(actions=(Action.AUDIT_EXPORT,))).entries
    assert [entry.outcome for entry in found] == ["done", "intent"]
    with pytest.raises(AccessRefused):
        service(log).export(ALICE, io.BytesIO())
    for refused in (service(log).status, service(log).verify_now, service(log).public_key, service(log).last_verified):
        with pytest.raises(AccessRefused):
            refused(ALICE)
    with pytest.raises(AccessRefused):
        service(log).search(ALICE, AuditFilter())
    assert len(log.store.audit.search(AuditFilter(actions=(Action.ACCESS_REFUSED,))).entries) == 6


def test_verifying_remembers_and_tells(log: Log) -> None:
    log.write(3)
    log.trail.checkpoint_now()
    audit = service(log)
    assert audit.last_verified(ADMIN) is None
    report = audit.verify_now(ADMIN)
    assert report.ok
    assert audit.last_verified(ADMIN) == (log.clock.now, report)
    (entry,) = log.store.audit.search(AuditFilter(actions=(Action.AUDIT_VERIFY,))).entries
    assert '"ok":true' in entry.record.body


def test_without_a_checkpoint_there_is_no_proof_to_export(open_log: OpenLog) -> None:
    leader, follower = open_log(), open_log()
    assert leader.trail._checkpointer.lead()
    with pytest.raises(StoreError, match="no checkpoint"):
        exported(follower)
    (failed, _) = follower.store.audit.search(AuditFilter(actions=(Action.AUDIT_EXPORT,))).entries
    assert failed.outcome == "failed"
