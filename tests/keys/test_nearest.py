"""Keys of a person, a team and the organisation: the nearest one is used, and the call's record says which."""

from __future__ import annotations

import pytest

from core.errors import AccessRefused, GearboxError, NotFound
from data.values.actor import Actor
from data.values.audit import Action, AuditOutcome
from data.values.calls import KeyOwner
from data.values.models import Endpoint
from tests.keys.house import ADMIN, ALICE, BOB, KEY, KeyHouse
from tests.keys.provider import Provider

ORGANISATION, TEAM, USER = KeyOwner.ORGANISATION, KeyOwner.TEAM, KeyOwner.USER
KEYS = {whose: f"sk-{whose}-0123456789abc" for whose in ("own", "red", "blue", "org")}


def connect(house: KeyHouse, provider: Provider, whose: str) -> Endpoint:
    key, address = KEYS[whose], provider.base_url
    provider.accepted.add(key)
    if whose == "own":
        return house.keys.add_server(ALICE, "Box", address, key)
    owner, owner_id = (ORGANISATION, "") if whose == "org" else (TEAM, whose)
    return house.keys.add_shared_server(ADMIN, owner, owner_id, label="Box", base_url=address, key=key)


def test_the_nearest_key_is_used_and_booked(house: KeyHouse, provider: Provider) -> None:
    made = {whose: connect(house, provider, whose) for whose in ("org", "blue", "own", "red")}
    assert {endpoint.provider for endpoint in made.values()} == {"box"}
    for whose, owner in (("own", "user"), ("red", "team"), ("blue", "team"), ("org", "organisation")):
        used = house.call(ALICE)
        assert used == made[whose]
        assert provider.asked[-1] == KEYS[whose]
        assert house.booked()[-1]["key_owner"] == owner
        use = house.audited(actions=(Action.KEY_USE,), outcomes=(AuditOutcome.INTENT,))[-1]
        assert f'"key_owner":"{owner}"' in use.body
        house.keys.disconnect(ALICE if whose == "own" else ADMIN, used.id)
    assert house.connections.endpoints(ALICE) == []


def test_a_key_that_is_shared_serves_whom_it_is_shared_with(house: KeyHouse, provider: Provider) -> None:
    connect(house, provider, "red")
    assert house.connections.endpoints(BOB) == []
    house.call(ALICE)
    connect(house, provider, "org")
    house.call(BOB)
    assert provider.asked == [KEYS["red"], KEYS["org"]]


def test_the_shelf_says_which_key_is_used(house: KeyHouse, provider: Provider) -> None:
    for whose in ("org", "own", "red"):
        connect(house, provider, whose)
    shelf = house.keys.shelf(ALICE)
    assert [(item.owner, item.owner_id, item.is_used, item.may_change) for item in shelf] == [
        (USER, "alice", True, True),
        (TEAM, "red", False, False),
        (ORGANISATION, "", False, False),
    ]
    own, shared, _ = shelf
    assert (own.last4, own.label, own.origin, len(own.versions)) == ("9abc", "Box", provider.base_url[:-3], 1)
    assert (shared.last4, shared.versions) == ("", ()), "only who may change a shared key sees any of it"
    assert [item.owner for item in house.keys.shelf(BOB)] == [ORGANISATION]
    assert house.keys.shelf(BOB)[0].is_used
    assert [(item.owner_id, item.last4) for item in house.keys.shared(ADMIN)] == [("", "9abc"), ("red", "9abc")]
    with pytest.raises(AccessRefused):
        house.keys.shared(ALICE)


def test_another_server_of_the_same_name_hides_none(house: KeyHouse, provider: Provider) -> None:
    connect(house, provider, "org")
    mine = house.keys.add_server(ALICE, "Box", "http://127.0.0.1:9/v1", KEY)
    assert mine.provider == "box-2"
    assert [endpoint.provider for endpoint in house.connections.endpoints(ALICE)] == ["box-2", "box"]


def change_shared(house: KeyHouse, actor: Actor, endpoint: Endpoint) -> list[type[GearboxError]]:
    """Try every change of a key that is not the actor's; what each was refused with."""
    secret_id = endpoint.secret_id or ""
    attempts = (
        lambda: house.keys.rotate(actor, secret_id, KEY),
        lambda: house.keys.fall_back(actor, secret_id),
        lambda: house.keys.revoke(actor, secret_id, 1),
        lambda: house.keys.set_expiry(actor, secret_id, None),
        lambda: house.keys.remove(actor, secret_id),
        lambda: house.keys.disconnect(actor, endpoint.id),
    )
    refused = []
    for attempt in attempts:
        with pytest.raises(GearboxError) as refusal:
            attempt()
        refused.append(type(refusal.value))
    return refused


@pytest.mark.parametrize("whose", ["red", "org"])
def test_members_use_what_is_shared_and_change_nothing(house: KeyHouse, provider: Provider, whose: str) -> None:
    endpoint = connect(house, provider, whose)
    assert change_shared(house, ALICE, endpoint) == [AccessRefused] * 6
    assert len(house.audited(actions=(Action.ACCESS_REFUSED,), actor_ids=("alice",))) == 6
    for owner, owner_id in ((ORGANISATION, ""), (TEAM, "red")):
        with pytest.raises(AccessRefused):
            house.keys.add_shared(ALICE, owner, owner_id, "openai", KEY)
    house.call(ALICE)
    assert provider.asked == [KEYS[whose]]


def test_what_belongs_to_others_looks_like_what_is_missing(house: KeyHouse, provider: Provider) -> None:
    for endpoint in (connect(house, provider, "own"), connect(house, provider, "red")):
        assert change_shared(house, BOB, endpoint) == [NotFound] * 6
        for foreign, missing in ((endpoint.secret_id, "0" * 32), (endpoint.id, "1" * 32)):
            with pytest.raises(NotFound) as one:
                house.keys.remove(BOB, foreign or "")
            with pytest.raises(NotFound) as other:
                house.keys.remove(BOB, missing)
            assert one.value.explain() == other.value.explain()
        for method in (house.keys.disconnect, house.connections.endpoint):
            with pytest.raises(NotFound) as one:
                method(BOB, endpoint.id)
            with pytest.raises(NotFound) as other:
                method(BOB, "1" * 32)
            assert one.value.explain() == other.value.explain()
        with pytest.raises(NotFound):
            house.check.run(BOB, endpoint)
    assert provider.asked == []
    house.call(ALICE)


def test_who_manages_shared_keys_changes_and_tests_those_of_every_team(house: KeyHouse, provider: Provider) -> None:
    endpoint = connect(house, provider, "red")
    secret_id = endpoint.secret_id or ""
    assert house.test(ADMIN, endpoint).ok
    provider.accepted.add(KEY)
    house.keys.rotate(ADMIN, secret_id, KEY)
    assert house.test(ADMIN, endpoint).ok
    assert provider.asked == [KEYS["red"], KEY]
    assert house.connections.endpoints(ADMIN) == [], "who is no member does not use the team's key for themselves"
    house.keys.remove(ADMIN, secret_id)
    assert house.store.endpoints.find(endpoint.id) is None
    assert house.keys.shared(ADMIN) == []


def test_a_shared_key_belongs_to_somebody(house: KeyHouse) -> None:
    for owner, owner_id in (
        (USER, "alice"),
        (KeyOwner.SYSTEM, "x"),
        (KeyOwner.NONE, ""),
        (TEAM, ""),
        (TEAM, "no such team"),
    ):
        with pytest.raises(GearboxError) as refusal:
            house.keys.add_shared(ADMIN, owner, owner_id, "openai", KEY)
        assert refusal.value.remedy
    assert house.keys.add_shared(ADMIN, ORGANISATION, "anything", "openai", KEY).owner_id == ""


def test_a_token_without_the_scope_changes_no_key(house: KeyHouse, provider: Provider) -> None:
    endpoint = connect(house, provider, "own")
    assert house.keys.shelf(ALICE)
    with pytest.raises(AccessRefused):
        house.keys.add(Actor("alice", frozenset()), "openai", KEY)
    assert change_shared(house, Actor("alice", frozenset()), endpoint) == [AccessRefused] * 6


def test_when_an_owner_goes_everything_of_theirs_goes(house: KeyHouse, provider: Provider) -> None:
    connect(house, provider, "own")
    connect(house, provider, "red")
    house.keys.add(ALICE, "openai", KEY)
    with pytest.raises(AccessRefused):
        house.keys.remove_all(BOB, USER, "alice")
    assert len(house.keys.shelf(ALICE)) == 3
    house.keys.remove_all(ADMIN, USER, "alice")
    assert [item.owner_id for item in house.keys.shelf(ALICE)] == ["red"]
    house.keys.remove_all(ADMIN, TEAM, "red")
    assert house.connections.endpoints(ALICE) == []
    assert house.store.secrets.count() == 0
    removed = house.audited(actions=(Action.KEY_REMOVE,), outcomes=(AuditOutcome.DONE,))
    assert {record.actor_id for record in removed} == {"ada"}
    assert len(removed) == 3
