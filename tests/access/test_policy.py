from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.access.access import Access
from core.access.policy import Permission
from core.errors import AccessRefused
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from tests.databases import open_store

MEMBER = {
    Permission.CHAT,
    Permission.MANAGE_OWN_KEYS,
    Permission.MANAGE_OWN_TOKENS,
    Permission.MANAGE_OWN_SESSIONS,
    Permission.SEE_OWN_USAGE,
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'gearbox.db'}", owner=OwnerId.current())
    yield store
    store.close()


def actor(*roles: Role) -> Actor:
    return Actor("someone", frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ((), set()),
        ((Role.MEMBER,), MEMBER),
        ((Role.ANALYST,), MEMBER | {Permission.SEE_ALL_USAGE}),
        ((Role.ADMIN,), set(Permission)),
        ((Role.MEMBER, Role.ANALYST), MEMBER | {Permission.SEE_ALL_USAGE}),
    ],
    ids=["nobody", "member", "analyst", "admin", "member and analyst"],
)
def test_each_role_may_do_exactly_this(store: Store, roles: tuple[Role, ...], allowed: set[Permission]) -> None:
    access = Access(store)
    assert {permission for permission in Permission if access.may(actor(*roles), permission)} == allowed
    for permission in Permission:
        if permission in allowed:
            access.require(actor(*roles), permission)
        else:
            with pytest.raises(AccessRefused) as refusal:
                access.require(actor(*roles), permission)
            assert refusal.value.remedy


def test_a_new_role_is_not_forgotten(store: Store) -> None:
    for role in Role:
        assert Access(store).may(actor(role), Permission.CHAT)


def test_a_token_carries_only_its_scopes(store: Store) -> None:
    admin = Actor("someone", frozenset({Role.ADMIN}), scopes=frozenset({"see_audit", "no such permission"}))
    assert {permission for permission in Permission if Access(store).may(admin, permission)} == {Permission.SEE_AUDIT}
    member = Actor("someone", frozenset({Role.MEMBER}), scopes=frozenset({"see_audit", "chat"}))
    assert {permission for permission in Permission if Access(store).may(member, permission)} == {Permission.CHAT}
