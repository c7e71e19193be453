from __future__ import annotations

from pathlib import Path

import pytest

from core.access.policy import Permission, may, require
from core.access.sign_in import LOCAL_OWNER_ID, SignIn
from core.errors import AccessRefused
from data.store import OwnerId, open_store
from data.values.actor import Actor, Role, Surface


def actor(*roles: Role) -> Actor:
    return Actor("someone", frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ((), set()),
        ((Role.MEMBER,), {Permission.CHAT, Permission.SEE_OWN_USAGE}),
        ((Role.ANALYST,), {Permission.CHAT, Permission.SEE_OWN_USAGE, Permission.SEE_ALL_USAGE}),
        ((Role.ADMIN,), set(Permission)),
        ((Role.MEMBER, Role.ANALYST), {Permission.CHAT, Permission.SEE_OWN_USAGE, Permission.SEE_ALL_USAGE}),
    ],
    ids=["nobody", "member", "analyst", "admin", "member and analyst"],
)
def test_each_role_may_do_exactly_this(roles: tuple[Role, ...], allowed: set[Permission]) -> None:
    assert {permission for permission in Permission if may(actor(*roles), permission)} == allowed
    for permission in Permission:
        if permission in allowed:
            require(actor(*roles), permission)
        else:
            with pytest.raises(AccessRefused) as refusal:
                require(actor(*roles), permission)
            assert refusal.value.remedy


def test_a_new_role_is_not_forgotten() -> None:
    for role in Role:
        may(actor(role), Permission.CHAT)


def test_without_accounts_the_owner_is_at_the_door_with_every_role(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'gearbox.db'}", owner=OwnerId.current())
    try:
        sign_in = SignIn(store)
        assert sign_in.actor() == Actor(LOCAL_OWNER_ID, frozenset(Role), Surface.CHAT)
        assert sign_in.actor(Surface.CLI).surface is Surface.CLI
        assert SignIn(store).actor().user_id == LOCAL_OWNER_ID, "the same person after a restart"
    finally:
        store.close()
