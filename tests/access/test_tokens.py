"""API tokens: shown once, kept as a hash, and good for no more than they say."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access.arrival import Arrival
from core.access.lockout import ADDRESS_FAILURES
from core.access.policy import Permission
from core.access.standing import REMEMBERED_S
from core.errors import AccessRefused, GearboxError, NotFound, RateLimited, SignedOut
from data.store.engine import make_engine
from data.store.tables import api_tokens
from data.values.actor import Actor, Role, Surface
from tests.access.conftest import Build
from tests.access.house import ADMIN, THERE, Clock, House


def come(house: House, plain: str, address: str = THERE) -> Actor:
    arrival = Arrival(headers={"authorization": f"Bearer {plain}"}, address=address)
    return house.gate.sign_in.admit(arrival, Surface.API)


def test_a_token_is_shown_once_and_kept_as_a_hash(build: Build, store_url: str) -> None:
    house = build(sign_in="oidc")
    ann = house.person("ann")
    token, plain = house.gate.tokens.create(ann, " nightly report ", [Permission.CHAT, Permission.SEE_OWN_USAGE])
    assert plain.startswith("gbx_")
    assert len(base64.urlsafe_b64decode(plain.removeprefix("gbx_") + "=")) == 32
    assert house.gate.tokens.list(ann) == [token]
    assert (token.name, token.last4, token.last_used_at) == ("nightly report", plain[-4:], None)
    engine = make_engine(store_url)
    with engine.connect() as connection:
        (row,) = connection.execute(select(api_tokens))
    engine.dispose()
    assert plain not in repr(row)
    assert plain.removeprefix("gbx_") not in repr(row) + repr(token)
    assert len({house.gate.tokens.create(ann, "more")[1] for _ in range(3)}) == 3


def test_a_token_that_makes_tokens_does_not_outlive_itself(build: Build, clock: Clock) -> None:
    house = build(sign_in="oidc")
    end = clock() + timedelta(days=3)
    _, plain = house.gate.tokens.create(house.person("ann"), "first", [Permission.MANAGE_OWN_TOKENS], end)
    first = come(house, plain)
    for asked, given in (
        (None, end),
        (end + timedelta(days=1), end),
        (end - timedelta(days=1), end - timedelta(days=1)),
    ):
        assert house.gate.tokens.create(first, "more", [Permission.MANAGE_OWN_TOKENS], asked)[0].expires_at == given


def test_a_token_may_what_its_scopes_say_and_its_person_may(build: Build) -> None:
    house = build(sign_in="oidc")
    chief = house.person("chief", Role.ADMIN, Role.MEMBER)
    house.person("another", Role.ADMIN)
    _, plain = house.gate.tokens.create(chief, "audit", [Permission.SEE_AUDIT, Permission.CHAT])
    access = house.gate.access
    actor = come(house, plain)
    assert {each for each in Permission if access.may(actor, each)} == {Permission.SEE_AUDIT, Permission.CHAT}
    with pytest.raises(AccessRefused):
        access.require(actor, Permission.MANAGE_VAULT)
    house.gate.people.set_roles(ADMIN, chief.user_id, {Role.MEMBER})
    assert {each for each in Permission if access.may(come(house, plain), each)} == {Permission.CHAT}


def test_nobody_makes_a_token_for_more_than_they_may(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, bob = house.person("ann"), house.person("bob")
    with pytest.raises(AccessRefused):
        house.gate.tokens.create(ann, "audit", [Permission.CHAT, Permission.SEE_AUDIT])
    with pytest.raises(AccessRefused):
        house.gate.tokens.create(ann, "bob's", person_id=bob.user_id)
    for scopes in ([Permission.CHAT, Permission.SEE_AUDIT], [Permission.SEE_ALL_USAGE]):
        with pytest.raises(GearboxError, match=f"may not {scopes[-1].value}"):  # an admin may, but it would be Bob's
            house.gate.tokens.create(ADMIN, "audit", scopes, person_id=bob.user_id)
    assert house.gate.tokens.list(ADMIN, bob.user_id) == []
    _, plain = house.gate.tokens.create(ann, "maker", [Permission.MANAGE_OWN_TOKENS])
    with pytest.raises(AccessRefused):
        house.gate.tokens.create(come(house, plain), "chatting", [Permission.CHAT])
    assert len(house.gate.tokens.all(ADMIN)) == 1
    assert house.told().count((ann.user_id, "access.refused", "refused")) == 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"scopes": []}, "scope"),
        ({"expires_at": -1}, "passed"),
        ({"expires_at": 0}, "passed"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_words(build: Build, changes: dict[str, object], says: str) -> None:
    house = build()
    if "expires_at" in changes:
        moment = house.clock()
        house.clock.forward(days=-float(str(changes["expires_at"])))
        changes = {"expires_at": moment}
    with pytest.raises(GearboxError, match=says) as refusal:
        house.gate.tokens.create(house.gate.sign_in.actor(), **{"name": "ci", **changes})  # type: ignore[arg-type]
    assert refusal.value.remedy
    with pytest.raises(NotFound):
        house.gate.tokens.create(ADMIN, "ci", person_id="nobody")


def test_revoked_expired_and_made_up_tokens_are_refused_and_that_is_told(build: Build) -> None:
    house = build()
    owner = house.gate.sign_in.actor()
    token, plain = house.gate.tokens.create(owner, "ci", expires_at=house.clock.now.replace(day=25))
    actor = come(house, plain)
    house.gate.access.require(actor, Permission.CHAT)
    house.clock.forward(days=2)
    for bad in (plain, plain[:-1], "gbx_", "", "sk-something-else"):
        with pytest.raises(SignedOut):
            house.gate.tokens.authenticate(bad, THERE)
    with pytest.raises(SignedOut, match="expired"):
        house.gate.access.require(actor, Permission.CHAT)
    house.clock.forward(days=-1)
    house.gate.access.require(actor, Permission.CHAT)
    house.gate.tokens.revoke(owner, token.id)
    house.gate.tokens.revoke(owner, token.id)
    with pytest.raises(SignedOut, match="revoked"):
        come(house, plain)
    with pytest.raises(SignedOut, match="revoked"):
        house.gate.access.require(actor, Permission.CHAT)
    told = house.told()
    assert told.count(("", "access.refused", "refused")) == 6
    assert told.count((owner.user_id, "token.revoke", "done")) == 1


def test_a_good_token_is_let_in_from_where_bad_ones_came(build: Build) -> None:
    house = build()
    owner = house.gate.sign_in.actor()
    _, good = house.gate.tokens.create(owner, "good")
    old, revoked = house.gate.tokens.create(owner, "old")
    house.gate.tokens.revoke(owner, old.id)
    for _ in range(ADDRESS_FAILURES + 5):  # a program that was forgotten: known, so no guess
        with pytest.raises(SignedOut, match="revoked"):
            house.gate.tokens.authenticate(revoked, THERE)
    for number in range(ADDRESS_FAILURES):
        with pytest.raises(SignedOut):
            house.gate.tokens.authenticate(f"gbx_made-up-{number}", THERE)
    for bad in (revoked, "gbx_made-up"):
        with pytest.raises(RateLimited):
            house.gate.tokens.authenticate(bad, THERE)
    assert come(house, good).user_id == owner.user_id


def test_other_peoples_tokens_look_missing(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, bob = house.person("ann"), house.person("bob")
    token, plain = house.gate.tokens.create(ann, "ci")
    said = []
    for token_id in (token.id, "there is none"):
        with pytest.raises(NotFound) as refusal:
            house.gate.tokens.revoke(bob, token_id)
        said.append(refusal.value.explain())
    assert said[0] == said[1]
    with pytest.raises(AccessRefused):
        house.gate.tokens.list(bob, ann.user_id)
    with pytest.raises(AccessRefused):
        house.gate.tokens.all(bob)
    assert come(house, plain).user_id == ann.user_id
    house.gate.tokens.revoke(ADMIN, token.id)
    with pytest.raises(SignedOut):
        come(house, plain)


def test_the_last_use_is_noted_once_a_minute(build: Build) -> None:
    house = build()
    owner = house.gate.sign_in.actor()
    token, plain = house.gate.tokens.create(owner, "ci")
    first = house.clock()
    for _ in range(5):
        come(house, plain)
        house.clock.forward(seconds=10)
    assert house.gate.tokens.list(owner) == [replace(token, last_used_at=first)]
    house.clock.forward(seconds=10)
    come(house, plain)
    assert house.gate.tokens.list(owner) == [replace(token, last_used_at=house.clock())]
    assert house.told().count((owner.user_id, "token.use", "done")) == 2


def test_who_is_deactivated_leaves_no_token_behind(build: Build) -> None:
    house = build(sign_in="oidc")
    ann = house.person("ann")
    _, plain = house.gate.tokens.create(ann, "ci")
    house.gate.people.deactivate(ADMIN, ann.user_id)
    with pytest.raises(SignedOut):
        come(house, plain)
    house.gate.people.activate(ADMIN, ann.user_id)
    with pytest.raises(SignedOut, match="revoked"):
        come(house, plain)


def test_after_many_bad_tokens_the_address_has_to_wait(build: Build) -> None:
    house = build()
    _, plain = house.gate.tokens.create(house.gate.sign_in.actor(), "ci")
    for number in range(20):
        with pytest.raises(SignedOut):
            come(house, f"gbx_guess-{number}")
    with pytest.raises(RateLimited) as refusal:
        come(house, "gbx_guess-20")
    assert 0 < refusal.value.retry_after <= 60
    assert come(house, plain)
    with pytest.raises(SignedOut):
        come(house, "gbx_guess-21", address="203.0.113.10")
    house.clock.forward(seconds=61)
    with pytest.raises(SignedOut):
        come(house, "gbx_guess-22")


def test_a_token_seen_lately_is_at_hand_and_no_longer_than_it_is_good(build: Build, clock: Clock) -> None:
    house = build(sign_in="oidc")
    tokens, sign_in = house.gate.tokens, house.gate.sign_in

    def at_hand(plain: str, permission: Permission = Permission.CHAT) -> bool:
        return sign_in.at_hand(Arrival(headers={"authorization": f"Bearer {plain}"}, address=THERE), permission)

    def seen(plain: str) -> None:
        for _ in range(2):  # the first use is noted in the database, and what was remembered forgotten
            house.gate.access.require(come(house, plain), Permission.CHAT)

    ann = house.person("ann")
    token, plain = tokens.create(ann, "app", [Permission.CHAT], clock() + timedelta(seconds=100))
    assert not at_hand(plain)
    seen(plain)
    assert at_hand(plain)
    assert not at_hand(plain, Permission.SEE_OWN_USAGE)  # a refusal is written to the audit log
    assert not at_hand("gbx_" + "a" * 43)
    assert not at_hand("")
    clock.forward(seconds=REMEMBERED_S)
    assert not at_hand(plain)
    seen(plain)
    assert at_hand(plain)
    clock.forward(seconds=61)
    come(house, plain)
    seen(plain)
    assert at_hand(plain)
    clock.forward(seconds=36)
    seen(plain)
    assert at_hand(plain)
    clock.forward(seconds=1)  # it has expired, and is remembered still
    assert not at_hand(plain)

    token, plain = tokens.create(ann, "app", [Permission.CHAT])
    seen(plain)
    assert at_hand(plain)
    tokens.revoke(ann, token.id)
    assert not at_hand(plain)
    with pytest.raises(SignedOut):
        come(house, plain)


def test_the_use_of_a_token_at_hand_is_noted_every_minute(build: Build, clock: Clock) -> None:
    house = build(sign_in="oidc")
    _, plain = house.gate.tokens.create(house.person("ann"), "app", [Permission.CHAT])
    come(house, plain)
    clock.forward(seconds=59)
    house.gate.access.require(come(house, plain), Permission.CHAT)
    assert house.gate.tokens.at_hand(plain)
    clock.forward(seconds=1)
    assert not house.gate.tokens.at_hand(plain)
