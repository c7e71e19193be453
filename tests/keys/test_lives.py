"""A key from the day it is entered: rotated, fallen back from, revoked, expired, sealed; over real HTTP."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import KeyExpired, KeyLocked, ProviderError, VaultError
from core.vault.envelope import UserSealKey
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import ErrorKind, KeyOwner
from data.values.expiry import ExpiryLevel
from data.values.secrets import VersionState
from tests.keys.house import ADMIN, ALICE, ALICE_ELSEWHERE, KEY, OTHER_KEY, KeyHouse
from tests.keys.provider import Provider

WRONG_KEY = "sk-canary-wrong-55555555"


def test_a_new_version_is_used_at_once_and_there_is_a_way_back(house: KeyHouse, provider: Provider) -> None:
    provider.accepted = {KEY, OTHER_KEY}
    endpoint = house.keys.add_server(ALICE, "Box", provider.base_url, KEY)
    secret_id = endpoint.secret_id or ""
    house.call(ALICE)
    house.keys.rotate(ALICE, secret_id, OTHER_KEY, grace=timedelta(hours=2))
    house.call(ALICE)
    (item,) = house.keys.shelf(ALICE)
    assert [(each.version, each.state) for each in item.versions] == [
        (2, VersionState.CURRENT),
        (1, VersionState.IN_GRACE),
    ]
    assert (item.last4, item.has_way_back, item.endpoint) == (OTHER_KEY[-4:], True, endpoint)
    house.keys.fall_back(ALICE, secret_id)
    house.call(ALICE)
    assert provider.asked == [KEY, OTHER_KEY, KEY]
    assert not house.keys.shelf(ALICE)[0].has_way_back
    assert house.call(ALICE).id == endpoint.id, "a rotation leaves the connection as it was"


def test_when_the_grace_is_over_there_is_no_way_back(house: KeyHouse, provider: Provider) -> None:
    secret_id = house.keys.add_server(ALICE, "Box", provider.base_url, KEY).secret_id or ""
    house.keys.rotate(ALICE, secret_id, OTHER_KEY, grace=timedelta(hours=2))
    house.clock.forward(hours=2)
    with pytest.raises(VaultError, match="grace"):
        house.keys.fall_back(ALICE, secret_id)
    with pytest.raises(VaultError, match="key"):
        house.keys.rotate(ALICE, secret_id, "two words")
    assert [each.state for each in house.keys.shelf(ALICE)[0].versions] == [VersionState.CURRENT, VersionState.REVOKED]


def test_a_revoked_key_is_not_sent(house: KeyHouse, provider: Provider) -> None:
    endpoint = house.keys.add_server(ALICE, "Box", provider.base_url, KEY)
    house.keys.revoke(ALICE, endpoint.secret_id or "", 1)
    with pytest.raises(VaultError, match="Box: This key was revoked"):
        house.call(ALICE)
    assert house.booked()[-1]["error_kind"] == ErrorKind.KEY_UNUSABLE
    assert provider.asked == []


def test_an_expired_key_is_never_sent_and_is_told_apart_from_a_refused_one(house: KeyHouse, provider: Provider) -> None:
    until = house.clock() + timedelta(days=3)
    endpoint = house.keys.add_server(ALICE, "Box", provider.base_url, WRONG_KEY, expires_at=until)
    with pytest.raises(ProviderError) as refused:
        house.call(ALICE)
    assert refused.value.kind is ErrorKind.AUTH
    assert house.booked()[-1]["error_kind"] == "auth"
    tested = house.test(ALICE, endpoint)
    assert (tested.ok, tested.kind) == (False, ErrorKind.AUTH)
    assert provider.asked == [WRONG_KEY] * 2

    house.clock.forward(days=3)
    with pytest.raises(KeyExpired, match="Box: This key expired on 2026-11-28") as expired:
        house.call(ALICE)
    assert expired.value.remedy
    assert house.booked()[-1]["error_kind"] == "key_expired"
    tested = house.test(ALICE, endpoint)
    assert (tested.ok, tested.kind) == (False, ErrorKind.KEY_EXPIRED)
    assert "expired" in tested.message
    assert provider.asked == [WRONG_KEY] * 2, "nothing was sent"
    (item,) = house.keys.shelf(ALICE)
    assert [each.state for each in item.versions] == [VersionState.EXPIRED]

    house.keys.set_expiry(ALICE, endpoint.secret_id or "", house.clock() + timedelta(days=40))
    provider.accepted = {WRONG_KEY}
    assert house.test(ALICE, endpoint).ok
    assert house.keys.warnings(ALICE) == []


def test_an_expired_key_of_a_team_is_for_an_admin_to_replace(house: KeyHouse, provider: Provider) -> None:
    until = house.clock() + timedelta(days=1)
    house.keys.add_shared_server(
        ADMIN, KeyOwner.TEAM, "red", label="Box", base_url=provider.base_url, key=KEY, expires_at=until
    )
    house.clock.forward(days=1)
    with pytest.raises(KeyExpired) as expired:
        house.call(ALICE)
    assert "admin" in expired.value.remedy
    assert [(each.label, each.may_change) for each in house.keys.warnings(ALICE)] == [("Box", False)]
    assert provider.asked == []


def test_warnings_come_30_7_and_1_days_before_and_when_it_is_too_late(house: KeyHouse, provider: Provider) -> None:
    until = house.clock() + timedelta(days=31)
    house.keys.add_server(ALICE, "Box", provider.base_url, KEY, expires_at=until)
    house.keys.add_server(ALICE, "Other", "http://127.0.0.1:9/v1", KEY)
    seen = {}
    for hours_left in (31 * 24, 30 * 24, 7 * 24 + 1, 7 * 24, 25, 24, 1, 0, -1000):
        house.clock.now = until - timedelta(hours=hours_left)
        seen[hours_left] = [(each.label, each.days_left, each.level) for each in house.keys.warnings(ALICE)]
    assert seen == {
        31 * 24: [],
        30 * 24: [("Box", 30, ExpiryLevel.MONTH)],
        7 * 24 + 1: [("Box", 8, ExpiryLevel.MONTH)],
        7 * 24: [("Box", 7, ExpiryLevel.WEEK)],
        25: [("Box", 2, ExpiryLevel.WEEK)],
        24: [("Box", 1, ExpiryLevel.DAY)],
        1: [("Box", 1, ExpiryLevel.DAY)],
        0: [("Box", 0, ExpiryLevel.EXPIRED)],
        -1000: [("Box", 0, ExpiryLevel.EXPIRED)],
    }


def test_of_several_warnings_the_most_urgent_is_first_and_hidden_keys_warn_of_nothing(house: KeyHouse) -> None:
    soon, later = (house.clock() + timedelta(days=days) for days in (2, 20))
    house.keys.add(ALICE, "openai", KEY, expires_at=later)
    house.keys.add(ALICE, "groq", KEY, expires_at=soon)
    house.keys.add_shared(ADMIN, KeyOwner.ORGANISATION, "", "openai", KEY, expires_at=soon)
    assert [warning.label for warning in house.keys.warnings(ALICE)] == ["Groq", "OpenAI"]
    assert [warning.days_left for warning in house.keys.warnings(ALICE)] == [2, 20]


def test_a_sealed_key_opens_only_where_its_owner_unlocked_it(house: KeyHouse, provider: Provider) -> None:
    provider.accepted = {KEY}
    with pytest.raises(KeyLocked):
        house.keys.add_server(ALICE, "Box", provider.base_url, KEY, user_sealed=True)
    house.store.user_seals.add("alice", "seal")
    house.vault.unlocked.keep(ALICE, UserSealKey(os.urandom(32), "seal"))
    endpoint = house.keys.add_server(ALICE, "Box", provider.base_url, KEY, user_sealed=True)
    house.call(ALICE)
    with pytest.raises(KeyLocked, match="Box"):
        house.call(ALICE_ELSEWHERE)
    assert house.booked()[-1]["error_kind"] == ErrorKind.KEY_LOCKED
    assert house.test(ALICE_ELSEWHERE, endpoint).kind is ErrorKind.KEY_LOCKED
    assert provider.asked == [KEY]
    assert [item.is_locked for item in house.keys.shelf(ALICE)] == [False]
    assert [item.is_locked for item in house.keys.shelf(ALICE_ELSEWHERE)] == [True]


def test_an_unsealed_key_takes_no_sealed_one_s_place(house: KeyHouse) -> None:
    house.store.user_seals.add("alice", "seal")
    house.vault.unlocked.keep(ALICE, UserSealKey(os.urandom(32), "seal"))
    house.keys.add(ALICE, "openai", KEY, user_sealed=True)
    with pytest.raises(VaultError, match="sealed with your passphrase"):
        house.keys.add(ALICE, "openai", OTHER_KEY)
    (kept,) = house.keys.shelf(ALICE)
    assert (kept.user_sealed, kept.last4) == (True, KEY[-4:])
    house.keys.add(ALICE, "openai", OTHER_KEY, user_sealed=True)
    (kept,) = house.keys.shelf(ALICE)
    assert (kept.user_sealed, kept.last4) == (True, OTHER_KEY[-4:])


def test_nobody_asked_so_a_background_listing_is_refused_nothing(house: KeyHouse, provider: Provider) -> None:
    seal = UserSealKey(os.urandom(32), "seal")
    house.store.user_seals.add("alice", seal.seal_id)
    house.vault.unlocked.keep(ALICE, seal)
    house.keys.add_server(ALICE, "Sealed", provider.base_url, KEY, user_sealed=True)
    until = house.clock() + timedelta(days=1)
    dated = house.keys.add_server(ALICE, "Dated", provider.base_url, OTHER_KEY, expires_at=until)
    house.look()
    assert set(provider.listed) == {KEY, OTHER_KEY}
    house.clock.forward(days=1)
    house.vault.unlocked.drop("alice")
    provider.listed.clear()
    house.look()
    assert provider.listed == []
    assert house.audited(actions=(Action.KEY_USE,), outcomes=(AuditOutcome.REFUSED,)) == []
    house.keys.set_expiry(ALICE, dated.secret_id or "", None)
    house.look()
    assert provider.listed == [OTHER_KEY]


def test_a_test_is_in_the_audit_log_as_one_with_where_it_came_from(house: KeyHouse, provider: Provider) -> None:
    provider.accepted = {KEY}
    actor = replace(ALICE, request_id="r-1")
    endpoint = house.keys.add_server(actor, "Box", provider.base_url, KEY)
    assert house.test(actor, endpoint).ok
    provider.accepted = set()
    assert not house.test(actor, endpoint).ok
    tests = house.audited(actions=(Action.KEY_TEST,))
    assert [record.outcome for record in tests] == ["intent", "done", "intent", "failed"]
    assert {record.target for record in tests} == {f"secret:{endpoint.secret_id}"}
    assert {record.request_id for record in tests} == {"r-1"}
    told = [json.loads(record.body) for record in tests]
    assert {event["session"] for event in told} == {"s-alice"}
    (origin,) = {event["origin"] for event in told}
    assert origin and origin != actor.address, "an address is kept by an opaque id"
    assert tests[0].operation == tests[1].operation != tests[2].operation


def test_a_test_that_ends_at_the_list_of_models_is_in_the_audit_log(house: KeyHouse, provider: Provider) -> None:
    provider.accepted, provider.lists_for_all = set(), False
    endpoint = house.keys.add_server(ALICE, "Box", provider.base_url, KEY)
    tested = house.test(replace(ALICE, request_id="r-2"), endpoint)
    assert (tested.ok, tested.kind) == (False, ErrorKind.AUTH)
    (told,) = house.audited(actions=(Action.KEY_TEST,))
    assert (told.outcome, told.target, told.request_id) == ("failed", f"secret:{endpoint.secret_id}", "r-2")


def test_connecting_and_disconnecting_are_in_the_audit_log(house: KeyHouse, provider: Provider) -> None:
    endpoint = house.keys.add_server(ALICE, "Keyless", provider.base_url, None)
    house.keys.disconnect(ALICE, endpoint.id)
    changes = house.audited(actions=(Action.SETTINGS_CHANGE,))
    assert [record.target for record in changes] == [f"endpoint:{endpoint.id}"] * 2
    assert ['"change":"connect"' in record.body for record in changes] == [True, False]
    assert ['"change":"disconnect"' in record.body for record in changes] == [False, True]


def test_nothing_is_listed_for_who_was_signed_out_or_deactivated(house: KeyHouse, provider: Provider) -> None:
    house.keys.add_server(ALICE, "Box", provider.base_url, KEY)
    house.look()
    assert provider.listed == [KEY]
    house.store.sessions.revoke("alice", house.clock())
    house.standings.forget()
    house.look()
    assert provider.listed == [KEY]
    house.connections.endpoints(replace(ALICE, session_id=""))
    house.look()
    assert provider.listed == [KEY] * 2
    person = house.store.users.find("alice")
    assert person is not None
    gone = AuditEvent.by(ADMIN, Action.PERSON_DEACTIVATE, AuditOutcome.DONE, target="person:alice")
    house.store.users.save(replace(person, deactivated_at=house.clock()), gone)
    house.standings.forget()
    house.look()
    assert provider.listed == [KEY] * 2
