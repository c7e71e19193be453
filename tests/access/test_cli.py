"""`python -m core token ...` and `people ...` as their own processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from core.access.gate import Gate, build_access, build_gate
from core.access.roles import LOCAL_OWNER_ID
from core.cli.opened import OPERATOR
from core.config import Settings
from core.errors import SignedOut
from data.store import OwnerId, Store
from data.values.actor import Role
from data.values.people import Identity, Person
from tests.cli.conftest import Gearbox, now
from tests.databases import open_store

T = TypeVar("T")
ANN = Person("a" * 32, "Ann", now(), "ann@example.org")
OIDC = {"GEARBOX_SIGN_IN": "oidc"}


@pytest.fixture
def gearbox(tmp_path: Path) -> Gearbox:
    made = Gearbox(tmp_path / "home")
    made.set_up(lambda store, vault: store.users.add(ANN, Identity("https://login.example.org", "ann")))
    return made


def look(gearbox: Gearbox, at: Callable[[Store, Gate], T]) -> T:
    settings = Settings(home=gearbox.home, database_url="", sign_in="oidc")
    store = open_store(settings.store_url, owner=OwnerId.current())
    try:
        return at(store, build_gate(settings, store, build_access(settings, store), remove_keys=lambda *_: 0))
    finally:
        store.close()


def test_a_token_is_made_listed_and_revoked(gearbox: Gearbox) -> None:
    made = gearbox.run("token", "create", "--name", "ci")
    assert made.code == 0, made.text
    plain = made.text.splitlines()[-1]
    assert plain.startswith("gbx_")
    token_id = made.text.split()[1]
    listed = gearbox.run("token", "list")
    assert token_id in listed.text
    assert "ci" in listed.text
    assert plain not in listed.text
    assert gearbox.run("token", "revoke", token_id).code == 0
    assert "revoked" in gearbox.run("token", "list").text
    with pytest.raises(SignedOut, match="revoked"):
        look(gearbox, lambda store, gate: gate.tokens.authenticate(plain, ""))


def test_a_token_can_be_made_before_the_first_start(tmp_path: Path) -> None:
    fresh = Gearbox(tmp_path / "new" / "home")
    assert "no database yet" in fresh.run("token", "list").text
    made = fresh.really_run("token", "create", "--name", "ci")
    assert made.code == 0, made.text
    _, person = look(fresh, lambda store, gate: gate.tokens.authenticate(made.text.splitlines()[-1], ""))
    assert person.id == LOCAL_OWNER_ID


def test_a_token_of_somebody_with_scopes_and_an_end(gearbox: Gearbox) -> None:
    create = ("token", "create", "--name", "audit", "--scope", "chat", "--scope", "see_own_usage", "--expires", "30")
    assert "--person" in gearbox.run(*create, **OIDC).text, "whose shall it be?"
    made = gearbox.run(*create, "--person", "ann@example.org", **OIDC)
    assert made.code == 0, made.text
    token, person = look(gearbox, lambda store, gate: gate.tokens.authenticate(made.text.splitlines()[-1], ""))
    assert (person.id, token.scopes) == (ANN.id, frozenset({"chat", "see_own_usage"}))
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).days in {29, 30}
    for wrong in ("yesterday", "2020-01-31", "99999999999"):
        said = gearbox.run(*create[:-1], wrong, "--person", ANN.id, **OIDC)
        assert said.code == 2
    assert gearbox.run(*create, "--person", "nobody@example.org", **OIDC).code == 2


def test_a_scope_beyond_the_persons_roles_is_refused(gearbox: Gearbox) -> None:
    create = ("token", "create", "--name", "audit", "--person", ANN.id, "--scope", "chat", "--scope", "see_audit")
    said = gearbox.run(*create, **OIDC)
    assert said.code == 2
    assert "may not see_audit (their roles: member)" in said.text
    assert "gbx_" not in said.text
    assert gearbox.run("people", "grant", ANN.id, "admin", **OIDC).code == 0
    assert gearbox.run(*create, **OIDC).code == 0


def test_the_first_admin_is_made_on_the_command_line(gearbox: Gearbox) -> None:
    assert "member" in gearbox.run("people", "list", **OIDC).text
    said = gearbox.run("people", "grant", "ann@example.org", "admin", **OIDC)
    assert said.code == 0, said.text
    assert look(gearbox, lambda store, gate: gate.people.find(OPERATOR, ANN.id)).roles == {Role.ADMIN, Role.MEMBER}
    assert gearbox.run("people", "withdraw", ANN.id, "member", **OIDC).code == 0
    said = gearbox.run("people", "deactivate", ANN.id, **OIDC)
    assert said.code == 2
    assert "only admin" in said.text


def test_a_person_is_kept_out_let_in_and_forgotten(gearbox: Gearbox) -> None:
    assert "deactivated" in gearbox.run("people", "deactivate", ANN.id).text
    assert "is active" in gearbox.run("people", "activate", "ann@example.org").text
    assert gearbox.run("people", "sign-out", ANN.id).text == "0 sessions of Ann ended.\n"
    asked = gearbox.run("people", "forget", ANN.id)
    assert asked.code == 2
    assert "--yes" in asked.text
    assert gearbox.run("people", "forget", ANN.id, "--yes").code == 0
    assert "Ann" not in gearbox.run("people", "list").text
    missing = gearbox.run("people", "activate", ANN.id)
    assert missing.code == 2
    assert "no such person" in missing.text


def test_what_people_may_use_is_set_and_shown(gearbox: Gearbox) -> None:
    assert "no rule" in gearbox.run("people", "limits", "show").text
    made = gearbox.run("people", "limits", "set", "--everybody", "--models", "openai/*, mistral/*")
    assert made.code == 0, made.text
    assert "models: openai/*, mistral/*" in made.text and "2 people may use less" in made.text
    person = "--person", "ann@example.org"
    assert gearbox.run("people", "limits", "set", *person, "--models", "openai/gpt-4o", "--tools", "none").code == 0
    shown = gearbox.run("people", "limits", "show", *person).text
    assert "openai/gpt-4o  (rule of person Ann)" in shown and "tools: none" in shown and "(rule of everybody)" in shown
    assert gearbox.run("people", "limits", "set", *person, "--models", "no-rule").code == 0
    kept = gearbox.run("people", "limits", "show").text
    assert kept.splitlines()[3:] == ["person Ann", "  models: no rule", "  tools: none"]
    for wrong in (["--team", "None", "--models", "none"], [*person, "--models", ","], [*person]):
        assert gearbox.run("people", "limits", "set", *wrong).code == 2
