"""Who says which models and tools people may use, what it comes to, and how soon."""

from __future__ import annotations

import json

import pytest

from core.access.access_rules import AccessRules, Around
from core.access.allowing import REMEMBERED_S, Allowing
from core.errors import AccessRefused, Conflict, GearboxError, NotAllowed, NotFound
from data.store import Store
from data.values.access_rules import NO_RULES, Lists, RuleOwner, Thing
from data.values.actor import Actor, Role
from data.values.audit import Action
from data.values.audit_search import AuditFilter
from tests.access.conftest import Build
from tests.access.house import ADMIN, Clock, House
from tests.conftest import OpenTestStore

ORGANISATION, TEAM, USER = RuleOwner
MODELS = ("openai/gpt-4o", "openai/gpt-4o-mini", "mistral/large")
OPENAI = Lists(models=("openai/*",))


@pytest.fixture
def house(build: Build) -> House:
    return build(sign_in="oidc")


@pytest.fixture
def rules(house: House) -> AccessRules:
    tools = ("calculator", "github__issues")
    around = Around(lambda _actor, thing: MODELS if thing is Thing.MODELS else tools, lambda _person: MODELS)
    return AccessRules(house.gate.access, house.store, around)


def in_team(house: House, name: str, *people: Actor) -> str:
    team = house.gate.teams.create(ADMIN, name)
    for person in people:
        house.gate.teams.add(ADMIN, team.id, person.user_id)
    return team.id


def test_only_who_manages_people_sees_and_sets_rules(house: House, rules: AccessRules) -> None:
    ann = house.person("ann", Role.ANALYST)
    with pytest.raises(AccessRefused):
        rules.all(ann)
    with pytest.raises(AccessRefused):
        rules.set(ann, USER, ann.user_id, OPENAI)
    assert rules.set(ADMIN, USER, ann.user_id, OPENAI) == NO_RULES
    assert rules.of(ADMIN, USER, ann.user_id) == OPENAI
    with pytest.raises(NotFound):
        rules.usable(ADMIN, "nobody")


def test_what_a_person_may_use_and_by_which_rule(house: House, rules: AccessRules) -> None:
    ann = house.person("ann")
    red, blue = in_team(house, "Red", ann), in_team(house, "Blue", ann)
    assert rules.usable(ADMIN, ann.user_id)[Thing.MODELS].now == MODELS
    rules.set(ADMIN, TEAM, red, Lists(models=("openai/gpt-4o",), tools=()))
    rules.set(ADMIN, TEAM, blue, Lists(models=("mistral/*",)))
    usable = rules.usable(ADMIN, ann.user_id)
    assert usable[Thing.MODELS].now == ("openai/gpt-4o", "mistral/large")
    assert set(usable[Thing.MODELS].allowed.layers[0].owner_ids) == {red, blue}
    assert (usable[Thing.TOOLS].now, usable[Thing.TOOLS].of) == ((), 2)
    rules.set(ADMIN, USER, ann.user_id, Lists(models=("*",)))
    rules.set(ADMIN, ORGANISATION, "", OPENAI)
    usable = rules.usable(ADMIN, ann.user_id)
    assert usable[Thing.MODELS].now == MODELS[:2]
    assert [layer.owner for layer in usable[Thing.MODELS].allowed.layers] == [ORGANISATION, USER]


def test_a_change_tells_whom_it_takes_something_from(house: House, rules: AccessRules) -> None:
    ann, bob = house.person("ann"), house.person("bob")
    red = in_team(house, "Red", ann)
    assert rules.preview(ADMIN, TEAM, red, OPENAI).losing == 1
    assert rules.preview(ADMIN, ORGANISATION, "", OPENAI).losing == 2
    assert rules.preview(ADMIN, ORGANISATION, "", Lists(models=("*",))).losing == 0
    rules.set(ADMIN, TEAM, red, OPENAI)
    wider = Lists(models=("openai/*", "mistral/*"))
    assert rules.preview(ADMIN, TEAM, red, wider).losing == 0
    assert rules.preview(ADMIN, USER, ann.user_id, wider).losing == 0, "it takes the place of the team's"
    assert rules.preview(ADMIN, TEAM, red, Lists(models=("openai/gpt-4o",))).losing == 1
    house.gate.people.deactivate(ADMIN, bob.user_id)
    assert rules.preview(ADMIN, ORGANISATION, "", Lists(models=())).losing == 1


def test_entries_that_mean_nothing_here_are_a_hint_and_nonsense_is_refused(rules: AccessRules) -> None:
    lists = Lists(models=("openai/*", "openay/*"), tools=("calculator", "gitlab__*"))
    assert rules.preview(ADMIN, ORGANISATION, "", lists).unmatched == ("openay/*", "gitlab__*")
    rules.set(ADMIN, ORGANISATION, "", lists)
    for bad in ("", "two words", "x" * 301, "openai/\x07x", "gpt-4o"):
        with pytest.raises(GearboxError):
            rules.set(ADMIN, ORGANISATION, "", Lists(models=(bad,)))
    with pytest.raises(GearboxError, match="at most"):
        rules.set(ADMIN, ORGANISATION, "", Lists(models=tuple(f"a/{each}" for each in range(501))))
    assert rules.of(ADMIN, ORGANISATION) == lists
    rules.set(ADMIN, ORGANISATION, "", Lists(models=(" openai/* ", "openai/*")))
    assert rules.of(ADMIN, ORGANISATION) == OPENAI


def test_the_log_has_what_held_before_and_after(house: House, rules: AccessRules) -> None:
    ann = house.person("ann")
    rules.set(ADMIN, USER, ann.user_id, OPENAI)
    rules.set(ADMIN, USER, ann.user_id, Lists(models=(), tools=("calculator",)))
    found = house.store.audit.search(AuditFilter(actions=(Action.ACCESS_CHANGE,)), None, 10).entries
    bodies = sorted((json.loads(each.record.body) for each in found), key=lambda body: len(body["details"]))
    assert all(body["target"] == f"access:user:{ann.user_id}" for body in bodies)
    assert [body["details"] for body in bodies] == [
        {"models_before": "no rule", "models_after": "openai/*"},
        {
            "models_before": "openai/*", "models_after": "none",
            "tools_before": "no rule", "tools_after": "calculator",
        },
    ]  # fmt: skip


def test_rules_count_at_once_here_and_elsewhere_within_two_seconds(
    house: House, rules: AccessRules, store: Store, open_test_store: OpenTestStore, clock: Clock
) -> None:
    ann = house.person("ann")
    here, elsewhere = house.gate.access.allowing, Allowing(open_test_store(clock=clock), clock.elapsed)
    assert not elsewhere.at_hand()
    for each in (here, elsewhere):
        each.require_model(ann, "mistral/large")
        assert each.at_hand()
    rules.set(ADMIN, USER, ann.user_id, OPENAI)
    assert not here.at_hand()
    with pytest.raises(NotAllowed, match="mistral/large is not among those that an admin allows you"):
        here.require_model(ann, "mistral/large")
    assert here.at_hand()
    elsewhere.require_model(ann, "mistral/large")
    clock.forward(seconds=REMEMBERED_S)
    assert not elsewhere.at_hand()
    with pytest.raises(NotAllowed):
        elsewhere.require_model(ann, "mistral/large")
    here.require_tool(ann, "calculator")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(house: House, rules: AccessRules) -> None:
    ann = house.person("ann")
    seen = rules.of(ADMIN, USER, ann.user_id)
    other = Lists(models=("mistral/*",), tools=("calculator",))
    rules.set(ADMIN, USER, ann.user_id, other)
    with pytest.raises(Conflict):
        rules.set(ADMIN, USER, ann.user_id, OPENAI, seen=seen)
    assert rules.of(ADMIN, USER, ann.user_id) == other
    assert rules.set(ADMIN, USER, ann.user_id, OPENAI, seen=other) == other


def test_who_shares_rules_loses_together(house: House, rules: AccessRules) -> None:
    people = [house.person(name) for name in ("ann", "bob", "cat")]
    red = in_team(house, "Red", *people[:2])
    rules.set(ADMIN, TEAM, red, OPENAI)
    assert rules.preview(ADMIN, TEAM, red, Lists(models=("openai/gpt-4o",))).losing == 2
    assert rules.preview(ADMIN, TEAM, red, Lists(models=("o*", "openai/*"))).losing == 0
