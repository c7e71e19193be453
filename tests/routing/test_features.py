"""For whom Gearbox chooses: rules of admins behind OpenFeature's API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.access.access import Access
from core.errors import AccessRefused, GearboxError
from core.features.service import Features
from data.values.actor import Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.features import Feature, FeatureRule
from data.values.people import Team
from tests.chat.house import now
from tests.people import ALICE, BOB
from tests.routing.house import RoutingHouse

ADMIN = replace(ALICE, roles=frozenset({Role.ADMIN}))
AUTO = Feature.AUTO_MODEL


@pytest.fixture
def features(house: RoutingHouse) -> Features:
    return Features(Access(house.store), house.store, usual={AUTO: True})


def test_the_nearest_rule_counts(features: Features, house: RoutingHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = replace(BOB, team_ids=("red", "blue"))
    rules: list[FeatureRule] = []
    monkeypatch.setattr(house.store.feature_rules, "all", lambda: rules)

    def is_on(*said: FeatureRule) -> bool:
        rules[:] = said
        features.__dict__["_read"] = None
        return features.is_on(bob, AUTO)

    assert is_on()
    off = FeatureRule(AUTO, False)
    assert not is_on(off)
    assert is_on(off, FeatureRule(AUTO, True, team_id="red"))
    assert not is_on(FeatureRule(AUTO, True, team_id="red"), FeatureRule(AUTO, False, team_id="blue"))
    assert is_on(off, FeatureRule(AUTO, False, team_id="red"), FeatureRule(AUTO, True, user_id=bob.user_id))
    assert is_on(FeatureRule(AUTO, False, user_id="somebody"), FeatureRule(AUTO, False, team_id="green"))
    assert is_on(FeatureRule("another", False))


def test_admins_turn_it_off_and_on_again_and_the_log_has_it(features: Features, house: RoutingHouse) -> None:
    told = AuditEvent.by(ADMIN, Action.TEAM_CHANGE, AuditOutcome.DONE, target="team:red")
    house.store.teams.add(Team(team := "red", "Red", now()), told)
    bob = replace(BOB, team_ids=(team,))
    rule = FeatureRule(AUTO, False, team_id=team)
    features.set(ADMIN, rule)
    assert (features.is_on(bob, AUTO), features.is_on(ALICE, AUTO)) == (False, True)
    assert features.rules(ADMIN) == [rule]
    features.set(ADMIN, replace(rule, enabled=True))
    assert features.is_on(bob, AUTO)
    features.unset(ADMIN, rule)
    assert features.rules(ADMIN) == []
    flips = house.rows("SELECT count(*) FROM audit_events WHERE action = ?", Action.FLAG_FLIP.value)
    assert flips == [(3,)]


def test_who_manages_no_people_and_what_is_not_there(features: Features) -> None:
    rule = FeatureRule(AUTO, False)
    for act in (lambda: features.set(BOB, rule), lambda: features.unset(BOB, rule), lambda: features.rules(BOB)):
        with pytest.raises(AccessRefused):
            act()
    for wrong in (
        FeatureRule("nothing", False),
        FeatureRule(AUTO, False, user_id="nobody"),
        FeatureRule(AUTO, False, team_id="none"),
        FeatureRule(AUTO, False, user_id="a", team_id="b"),
    ):
        with pytest.raises(GearboxError) as refusal:
            features.set(ADMIN, wrong)
        assert refusal.value.remedy


def test_it_is_off_where_that_can_not_be_found_out(
    features: Features, house: RoutingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.store.feature_rules, "all", lambda: 1 / 0)
    assert not features.is_on(ALICE, AUTO)


def test_the_operator_s_off_is_off_for_everybody(house: RoutingHouse) -> None:
    features = Features(Access(house.store), house.store, usual={AUTO: True}, off=frozenset({AUTO}))
    features.set(ADMIN, FeatureRule(AUTO, True))
    assert not features.is_on(ADMIN, AUTO)
