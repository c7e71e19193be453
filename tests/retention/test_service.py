"""Holds and receipts as admins see them: who may, what is told to whom, and what proves it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from core.errors import AccessRefused, GearboxError, NotFound, OnHold
from core.retention.holds import HoldService
from core.retention.material import RECORDS
from core.retention.receipts import ReceiptService, as_json, counted
from core.retention.rules import RetentionRules
from core.retention.sweep import sweep
from data.store.turns import BeginTurn
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.errors import WarehouseError
from data.values.holds import HoldScope, Purged
from data.values.media import Blob, StoredBlob
from data.values.parts import FilePart, TextPart
from data.warehouse.erasing import Receipt as Erasure
from data.warehouse.erasing import scope_of
from data.warehouse.expiring import lent
from tests.access.house import ADMIN, Clock, House, build_house
from tests.conftest import OpenTestStore

PEOPLE_ONLY = Actor("admin", frozenset({Role.ADMIN}), scopes=frozenset({"manage_people"}))


@pytest.fixture
def house(open_test_store: OpenTestStore, tmp_path: Path) -> House:
    clock = Clock()
    return build_house(open_test_store(clock=clock), clock, tmp_path, sign_in="oidc")


@pytest.fixture
def holds(house: House) -> HoldService:
    return HoldService(house.gate.access, house.store, house.clock)


def wrote(house: House, person: Actor) -> str:
    """A conversation of a person's with a file in it."""
    blob = Blob("d" * 64, "text/csv", 3)
    said = (FilePart(blob, "a.csv"), TextPart("secret plans \udc80"))
    return (
        house.store.turns.begin(BeginTurn(person.user_id, None, "Plans", said, None, (StoredBlob(blob, b"a,b"),)))
        .result(10)
        .conversation_id
    )


def test_holds_are_for_those_who_may_and_the_log_has_no_matter(house: House, holds: HoldService) -> None:
    ann = house.person("ann")
    attempts: list[Callable[[Actor], object]] = [
        holds.list,
        holds.waiting,
        lambda actor: holds.find(actor, "none"),
        lambda actor: holds.place(actor, HoldScope.EVERYBODY, "", "Case", "Why"),
        lambda actor: holds.release(actor, "none"),
        lambda actor: holds.export(actor, "none", io.BytesIO()),
    ]
    for attempt in attempts:
        with pytest.raises(AccessRefused):
            attempt(ann)
    assert holds.list(ADMIN) == []
    for matter, reason, subject in (("", "Why", ann.user_id), ("Case", " ", ann.user_id), ("Case", "Why", "")):
        with pytest.raises(GearboxError):
            holds.place(ADMIN, HoldScope.PERSON, subject, matter, reason)
    card = holds.place(ADMIN, HoldScope.PERSON, ann.user_id, " Canary   v. Bird ", "The canary sang.")
    assert (card.name, card.hold.matter) == ("Ann", "Canary v. Bird")
    holds.release(ADMIN, card.hold.id)
    entries = house.store.audit.search(AuditFilter(), None, 500).entries
    told = [entry.record for entry in entries if entry.record.action.startswith("hold.")]
    assert [each.action for each in reversed(told)] == ["hold.place", "hold.release"]
    assert all(each.target == f"hold:{card.hold.id}" and ann.user_id in each.body for each in told)
    assert "canary" not in "".join(entry.record.body for entry in entries).lower()


def test_forgetting_waits_for_the_hold_and_leaves_a_receipt(house: House, holds: HoldService) -> None:
    ann, people = house.person("ann-canary", email="canary@example.org", email_verified=True), house.gate.people
    conversation = wrote(house, ann)
    card = holds.place(ADMIN, HoldScope.PERSON, ann.user_id, "Case 7", "They asked.")
    with pytest.raises(OnHold, match="Case 7"):
        people.forget(ADMIN, ann.user_id)
    with pytest.raises(OnHold) as refused:
        people.forget(PEOPLE_ONLY, ann.user_id)
    assert "Case 7" not in refused.value.explain()
    assert house.removed == [], "not even the keys"
    assert house.gate.sign_in.admit(house.with_claims("ann-canary")).user_id == ann.user_id, "nor the sessions"
    house.store.conversations.delete(ann.user_id, conversation)
    people.deactivate(ADMIN, ann.user_id)
    assert holds.waiting(ADMIN) == Purged(1, 0)
    assert holds.release(ADMIN, card.hold.id) == Purged(1, 0)
    kept = people.forget(ADMIN, ann.user_id)
    assert kept.removed["keys"] == 2 and kept.removed["identities"] == 1 and "conversations" not in kept.removed

    rows: list[Erasure] = []
    receipts = ReceiptService(house.gate.access, house.store, lambda: rows)
    (receipt,) = receipts.list(ADMIN).receipts
    assert receipt == receipts.find(ADMIN, kept.id)
    assert (receipt.person_id, receipt.by, receipt.rows) == (ann.user_id, ADMIN.user_id, None)
    (event,) = house.store.audit.search(AuditFilter(actions=(Action.PERSON_FORGET,))).entries
    assert receipt.proof is not None and receipt.proof.checkpoint is None
    assert (receipt.proof.seq, receipt.proof.hash) == (event.record.seq, event.record.hash.hex())
    assert "canary" not in as_json(receipt) and json.loads(as_json(receipt))["removed"]["keys"] == 2
    for number in (1, 2):  # a call ended after its person was gone
        counts = {"model_calls": number, "sign_ins": 1}
        rows.append(Erasure(f"e{number}", house.clock(), "forgotten", "anonymise", scope_of(ann.user_id), counts))
    rows.append(Erasure("r", house.clock() + timedelta(days=1), "retention", "30 days", "team-1", {"sign_ins": 9}))
    by_rule, again = receipts.list(ADMIN).receipts
    assert again.rows == {"model_calls": 3, "sign_ins": 2}
    assert (by_rule.team_id, by_rule.rows, by_rule.proof) == ("team-1", {"sign_ins": 9}, None)
    assert receipts.find(ADMIN, "r") == by_rule
    for attempt in (lambda: receipts.list(ann), lambda: receipts.find(ann, kept.id)):
        with pytest.raises(GearboxError):
            attempt()
    with pytest.raises(NotFound):
        receipts.find(ADMIN, "none")


def test_receipts_are_listed_without_the_warehouse(house: House) -> None:
    def busy() -> list[Erasure]:
        raise WarehouseError("It is busy.", "Wait.")

    ann = house.person("ann")
    house.gate.people.forget(ADMIN, ann.user_id)
    found = ReceiptService(house.gate.access, house.store, busy).list(ADMIN)
    assert (len(found.receipts), found.trouble) == (1, "It is busy. Wait.")


def test_the_material_is_one_zip_with_what_was_deleted(house: House, holds: HoldService) -> None:
    ann, bob = house.person("ann"), house.person("bob")
    conversation, _ = wrote(house, ann), wrote(house, bob)
    card = holds.place(ADMIN, HoldScope.PERSON, ann.user_id, "Case 7", "They asked.")
    house.store.conversations.delete(ann.user_id, conversation)
    file = io.BytesIO()
    handed = holds.export(ADMIN, card.hold.id, file)
    with zipfile.ZipFile(file) as archive:
        lines = [json.loads(line) for line in archive.read(RECORDS).splitlines()]
        (attachment,) = [each for each in lines if each["kind"] == "attachment"]
        assert archive.read(attachment["file"]) == b"a,b" and attachment["file"].endswith(".csv")
        assert set(archive.namelist()) == {RECORDS, attachment["file"]}
    assert [each["kind"] for each in lines[:2]] == ["hold", "person"]
    assert {each["person"] for each in lines[2:]} == {ann.user_id}
    (told,) = [each for each in lines if each["kind"] == "conversation"]
    assert told["id"] == conversation and told["deleted_at"]
    assert "secret plans" in json.dumps(lines)
    assert (handed.people, handed.records, handed.attachments) == (1, len(lines) - 2, 1)
    outcomes = house.store.audit.search(AuditFilter(actions=(Action.EXPORT,))).entries
    assert [entry.record.outcome for entry in outcomes] == ["done", "intent"]


def test_what_a_crash_left_is_swept(house: House, holds: HoldService) -> None:
    ann = house.person("ann")
    conversation = wrote(house, ann)
    card = holds.place(ADMIN, HoldScope.PERSON, ann.user_id, "Case 7", "They asked.")
    house.store.conversations.delete(ann.user_id, conversation)
    sweep(house.store)
    assert holds.waiting(ADMIN) == Purged(1, 0), "it is on hold"
    entry = house.store.audit.search(AuditFilter(actions=(Action.HOLD_PLACE,))).entries[0]
    assert entry.record.target == f"hold:{card.hold.id}"
    event = AuditEvent.by(ADMIN, Action.HOLD_RELEASE, AuditOutcome.DONE)
    house.store.holds.release(card.hold.id, "admin", house.clock(), event)  # and the process died here
    sweep(house.store)
    assert holds.waiting(ADMIN) == Purged()


def test_rules_are_checked_before_they_are_set(house: House, tmp_path: Path) -> None:
    lend = lent(tmp_path / "w.duckdb", house.clock)
    rules = RetentionRules(house.gate.access, house.store, lend, clock=house.clock, zone=UTC)
    team = house.gate.teams.create(ADMIN, "Blue")
    rules.set(ADMIN, "model_calls", 30)
    rules.set(ADMIN, "model_calls", 9, team.id)
    assert [(card.rule.days, card.team) for card in rules.list(ADMIN)] == [(30, None), (9, "Blue")]
    rules.set(ADMIN, "model_calls", 20)
    told = json.loads(house.store.audit.search(AuditFilter(target="retention:model_calls")).entries[0].record.body)
    assert (told["details"]["before"], told["details"]["change"]) == ("30 days", "20 days")
    rules.set(ADMIN, "model_calls", 30)
    assert rules.preview(ADMIN, "model_calls", 5).rows == 0
    wrong: list[tuple[str, int, str | None]] = [
        ("model_calls", 0, None),
        ("model_calls", 10**7, None),
        ("routing_feedback", 9, team.id),
        ("model_calls", 9, "none"),
        ("everything", 9, None),
    ]
    for kind, days, team_id in wrong:
        for act in (rules.set, rules.preview):
            with pytest.raises(GearboxError):
                act(ADMIN, kind, days, team_id)
    rules.clear(ADMIN, "model_calls", team.id)
    with pytest.raises(NotFound):
        rules.clear(ADMIN, "model_calls", team.id)
    assert len(rules.list(ADMIN)) == 1
    with pytest.raises(AccessRefused):
        rules.list(house.person("ann"))


def test_how_receipts_count() -> None:
    counts = {"keys": 1, "identities": 1, "addresses": 1, "messages": 1234, "model_calls": 1, "sign_ins": 2}
    assert counted(counts) == "1 key, 1 identity, 1 address, 1,234 messages, 1 call of models, 2 sign-ins"
    assert counted({}) == ""
