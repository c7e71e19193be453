"""People as admins keep them: roles, who may come in, and who is forgotten."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import inspect, text

from core.errors import AccessRefused, GearboxError, NotFound, SignedOut
from data.store.engine import make_engine
from data.values.actor import Actor, Role
from tests.access.conftest import Build
from tests.access.house import ADMIN, THERE


def test_only_those_who_manage_people(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, bob = house.person("ann"), house.person("bob", Role.ANALYST)
    people = house.gate.people
    attempts: list[Callable[[Actor], object]] = [
        people.list,
        lambda actor: people.find(actor, ann.user_id),
        lambda actor: people.set_roles(actor, actor.user_id, {Role.ADMIN}),
        lambda actor: people.deactivate(actor, ann.user_id),
        lambda actor: people.activate(actor, ann.user_id),
        lambda actor: people.forget(actor, ann.user_id),
    ]
    for actor in (ann, bob):
        for attempt in attempts:
            with pytest.raises(AccessRefused):
                attempt(actor)
    assert sum(action == "access.refused" for _, action, _ in house.told()) == 12


def test_an_admin_gives_and_takes_roles(build: Build) -> None:
    house = build(sign_in="oidc")
    ann = house.person("ann")
    chief = house.person("chief", Role.ADMIN)
    assert house.gate.people.set_roles(chief, ann.user_id, {Role.ANALYST}).roles == {Role.ANALYST}
    assert house.gate.sign_in.admit(house.with_claims("ann")).roles == {Role.ANALYST}
    assert house.gate.sign_in.admit(house.with_claims("ann", cookie="elsewhere")).roles == {Role.ANALYST}
    before = len(house.told())
    house.gate.people.set_roles(chief, ann.user_id, {Role.ANALYST})
    assert len(house.told()) == before, "nothing changed"
    with pytest.raises(GearboxError, match="needs a role"):
        house.gate.people.set_roles(chief, ann.user_id, set())
    with pytest.raises(NotFound):
        house.gate.people.set_roles(chief, "nobody", {Role.ADMIN})


def test_somebody_is_always_left_to_manage_people(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, chief = house.person("ann"), house.person("chief", Role.ADMIN)
    people = house.gate.people
    attempts: list[Callable[[], object]] = [
        lambda: people.set_roles(chief, chief.user_id, {Role.MEMBER}),
        lambda: people.deactivate(chief, chief.user_id),
        lambda: people.forget(ADMIN, chief.user_id),
    ]
    for attempt in attempts:
        with pytest.raises(GearboxError, match="only admin"):
            attempt()
    people.deactivate(chief, ann.user_id)
    people.set_roles(chief, ann.user_id, {Role.ADMIN})
    with pytest.raises(GearboxError, match="only admin"):
        people.deactivate(chief, chief.user_id)  # ann is one, and can't come in
    people.activate(chief, ann.user_id)
    people.deactivate(chief, chief.user_id)


def test_deactivated_and_activated(build: Build) -> None:
    house = build(sign_in="oidc")
    ann = house.person("ann")
    people = house.gate.people
    assert people.deactivate(ADMIN, ann.user_id).deactivated_at == house.clock()
    house.clock.forward(hours=1)
    people.deactivate(ADMIN, ann.user_id)
    assert people.activate(ADMIN, ann.user_id).is_active
    people.activate(ADMIN, ann.user_id)
    assert house.gate.sign_in.admit(house.with_claims("ann", cookie="new")).user_id == ann.user_id
    actions = [action for _, action, _ in house.told()]
    assert (actions.count("person.deactivate"), actions.count("person.activate")) == (1, 1)


def test_who_is_forgotten_is_found_nowhere_in_the_database(build: Build, store_url: str) -> None:
    house = build(sign_in="oidc")
    ann = house.person("ann-canary", email="ann-canary@example.org", email_verified=True)
    bob = house.person("bob")
    team = house.gate.teams.create(ADMIN, "Blue")
    house.gate.teams.add(ADMIN, team.id, ann.user_id)
    house.gate.tokens.create(ann, "token-canary")
    house.store.preferences.save(ann.user_id, system_prompt="prompt-canary")
    house.gate.people.forget(ADMIN, ann.user_id)
    assert house.removed == [("user", ann.user_id)]
    engine = make_engine(store_url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        everything = repr([connection.execute(text(f'SELECT * FROM "{table}"')).all() for table in tables])
    engine.dispose()
    assert "canary" not in everything.lower()
    assert ann.user_id in everything, "the log keeps the id"
    (forgotten,) = [each for each in house.gate.people.list(ADMIN) if each.id == ann.user_id]
    assert (forgotten.display_name, forgotten.email, forgotten.roles) == ("Forgotten person", None, frozenset())
    with pytest.raises(NotFound):
        house.gate.people.activate(ADMIN, ann.user_id)
    assert THERE in everything, "bob came from there, too"
    house.gate.people.forget(ADMIN, bob.user_id)
    with pytest.raises(SignedOut, match="was ended"):  # the browser that was signed in when they were forgotten
        house.gate.sign_in.admit(house.with_claims("ann-canary"))
    assert house.gate.sign_in.admit(house.with_claims("ann-canary", cookie="new")).user_id != ann.user_id


def test_teams(build: Build) -> None:
    house = build(sign_in="oidc")
    ann, bob = house.person("ann"), house.person("bob")
    teams = house.gate.teams
    blue, red = teams.create(ADMIN, " Blue   team "), teams.create(ADMIN, "Red")
    assert blue.name == "Blue team"
    for team in (red, blue, blue):
        teams.add(ADMIN, team.id, ann.user_id)
        house.clock.forward(seconds=1)
    teams.add(ADMIN, blue.id, bob.user_id)
    assert house.gate.sign_in.admit(house.with_claims("ann")).team_ids == (red.id, blue.id)
    assert [(team.name, team.member_ids) for team in teams.mine(bob)] == [("Blue team", (ann.user_id, bob.user_id))]
    teams.rename(ADMIN, red.id, "Crimson")
    teams.remove(ADMIN, blue.id, bob.user_id)
    teams.remove(ADMIN, blue.id, bob.user_id)
    assert house.gate.sign_in.admit(house.with_claims("bob")).team_ids == ()
    teams.delete(ADMIN, red.id)
    assert house.removed == [("team", red.id)]
    assert [team.name for team in teams.list(ADMIN)] == ["Blue team"]
    assert house.gate.sign_in.admit(house.with_claims("ann")).team_ids == (blue.id,)
    assert [action for _, action, _ in house.told()].count("team.change") == 2 + 3 + 1 + 1 + 1


def test_teams_that_are_not_there_or_can_not_be(build: Build) -> None:
    house = build(sign_in="oidc")
    ann = house.person("ann")
    teams = house.gate.teams
    blue, red = teams.create(ADMIN, "Blue"), teams.create(ADMIN, "Red")
    missing: list[Callable[[], object]] = [
        lambda: teams.rename(ADMIN, "none", "Green"),
        lambda: teams.delete(ADMIN, "none"),
        lambda: teams.add(ADMIN, "none", ann.user_id),
        lambda: teams.add(ADMIN, blue.id, "nobody"),
    ]
    for attempt in missing:
        with pytest.raises(NotFound):
            attempt()
    for name in ("", "a\0b", " ", "x" * 101, "Blue"):
        with pytest.raises(GearboxError):
            teams.create(ADMIN, name)
        with pytest.raises(GearboxError):
            teams.rename(ADMIN, red.id, name)
    refused: list[Callable[[], object]] = [
        lambda: teams.list(ann),
        lambda: teams.create(ann, "Mine"),
        lambda: teams.rename(ann, blue.id, "Mine"),
        lambda: teams.delete(ann, blue.id),
        lambda: teams.add(ann, blue.id, ann.user_id),
        lambda: teams.remove(ann, blue.id, ann.user_id),
    ]
    for attempt in refused:
        with pytest.raises(AccessRefused):
            attempt()
    assert [team.name for team in teams.list(ADMIN)] == ["Blue", "Red"]
