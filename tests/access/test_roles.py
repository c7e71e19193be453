"""Where roles come from: a claim, an admin, and the operator's list."""

from __future__ import annotations

from typing import Any

import pytest

from core.access.roles import RoleRules
from core.errors import ConfigError, GearboxError
from data.values.actor import Actor, Role
from tests.access.conftest import Build
from tests.access.house import ADMIN, House

M, N, A = Role.MEMBER, Role.ANALYST, Role.ADMIN


@pytest.mark.parametrize(
    ("claim", "claims", "roles"),
    [
        ("roles", {"roles": ["admin", "analyst"]}, {A, N}),
        ("roles", {"roles": "analyst, member"}, {N, M}),
        ("roles", {"roles": ["staff", 7, None]}, {N}),
        ("roles", {"roles": {"admin": True}}, {M}),
        ("roles", {}, {M}),
        ("realm_access.roles", {"realm_access": {"roles": ["admin"]}}, {A}),
        ("realm_access.roles", {"realm_access": "admin"}, {M}),
        ("https://example.org/roles", {"https://example.org/roles": ["admin"]}, {A}),
        ("roles", {"roles": ["Admin", "ADMIN", "administrator"]}, {M}),
    ],
)
def test_a_claim_is_read(claim: str, claims: dict[str, Any], roles: set[Role]) -> None:
    assert RoleRules("oidc", claim, {"staff": "analyst"}).claimed(claims) == frozenset(roles)


def test_without_a_claim_the_provider_is_not_asked() -> None:
    assert RoleRules("oidc").claimed({"roles": ["admin"]}) is None


def sign_in(house: House, subject: str, **claims: Any) -> Actor:
    return house.gate.sign_in.admit(house.with_claims(subject, cookie=repr(claims), **claims))


def test_a_claim_counts_anew_at_each_sign_in_and_nobody_overrules_it(build: Build) -> None:
    house = build(sign_in="oidc", role_claim="groups", role_names={"gearbox-admins": "admin"})
    ann = sign_in(house, "ann", groups=["gearbox-admins"])
    assert ann.roles == {A}
    with pytest.raises(GearboxError, match="identity provider"):
        house.gate.people.set_roles(ADMIN, ann.user_id, {N})
    assert sign_in(house, "ann", groups=[]).roles == {M}
    assert [action for _, action, _ in house.told() if action.startswith("person")] == [
        "person.create",
        "person.roles",
    ]
    later = build(sign_in="oidc")
    assert later.gate.people.find(ADMIN, ann.user_id).roles == {M}


def test_roles_of_a_claim_that_is_asked_no_more_are_gone(build: Build) -> None:
    asked = build(sign_in="oidc", role_claim="groups")
    ann = sign_in(asked, "ann", groups=["admin"])
    house = build(sign_in="oidc")
    assert house.gate.people.find(ADMIN, ann.user_id).roles == {M}
    assert house.gate.people.set_roles(ADMIN, ann.user_id, {N}).roles == {N}


def test_first_admins_are_named_by_an_email_that_the_provider_vouches_for(build: Build) -> None:
    house = build(sign_in="oidc", admins="Ann@Example.org, carl@example.org")
    assert sign_in(house, "mallory", email="ann@example.org").roles == {M}
    assert sign_in(house, "mallory2", email="ann@example.org", email_verified=False).roles == {M}
    assert sign_in(house, "mallory3", email="ann@example.org", email_verified="true").roles == {M}
    ann = sign_in(house, "ann", email="ann@example.org", email_verified=True)
    assert ann.roles == {M, A}
    with pytest.raises(GearboxError, match="GEARBOX_ADMINS"):
        house.gate.people.set_roles(ADMIN, ann.user_id, {N})
    assert house.gate.people.set_roles(ADMIN, ann.user_id, {N, A}).roles == {N, A}
    without = build(sign_in="oidc")
    assert without.gate.people.find(ADMIN, ann.user_id).roles == {N}, "an admin by the setting alone"


def test_the_local_owner_is_nobody_in_another_mode(build: Build) -> None:
    local = build()
    owner = local.gate.sign_in.actor()
    _, plain = local.gate.tokens.create(owner, "ci")
    with pytest.raises(GearboxError, match="every role"):
        local.gate.people.set_roles(ADMIN, owner.user_id, {M})
    with pytest.raises(GearboxError, match="kept out"):
        local.gate.people.deactivate(ADMIN, owner.user_id)
    _, person = build(sign_in="oidc").gate.tokens.authenticate(plain, "")
    assert person.roles == frozenset()


def test_a_role_that_does_not_exist_stops_the_start(build: Build) -> None:
    with pytest.raises(ConfigError, match="owner"):
        build(sign_in="oidc", role_names={"bosses": "owner"})
