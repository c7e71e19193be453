from __future__ import annotations

import pytest

from data.store import Store
from data.values.access_rules import NO_RULES, Lists, RuleOwner
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.errors import NotFound
from data.values.people import Team
from tests.store.conftest import ANN, BOB, Clock

TOLD = AuditEvent(Action.TEAM_CHANGE, AuditOutcome.DONE, BOB)
ORGANISATION, TEAM, USER = RuleOwner
SOME = Lists(models=("openai/*", "mistral/large"), tools=())


def save(store: Store, owner: RuleOwner, owner_id: str, lists: Lists) -> Lists:
    return store.access_rules.save(
        owner, owner_id, lists, by=BOB, told=lambda _before: AuditEvent(Action.ACCESS_CHANGE, AuditOutcome.DONE, BOB)
    )


def kept(store: Store) -> list[tuple[str, str, Lists]]:
    return [(each.owner.value, each.owner_id, each.lists) for each in store.access_rules.all()]


def changes(store: Store) -> int:
    found = store.audit.search(AuditFilter(), None, 100).entries
    return sum(each.record.action == Action.ACCESS_CHANGE for each in found)


def test_what_is_said_comes_back_and_what_held_before_is_told(store: Store, clock: Clock) -> None:
    store.users.ensure(ANN, "Ann")
    store.teams.add(Team("t1", "Red", clock()), TOLD)
    assert save(store, USER, ANN, SOME) == NO_RULES
    save(store, TEAM, "t1", Lists(tools=("calculator",)))
    save(store, ORGANISATION, "", Lists(models=("*",)))
    assert kept(store) == [
        ("organisation", "", Lists(models=("*",))), ("team", "t1", Lists(tools=("calculator",))), ("user", ANN, SOME),
    ]  # fmt: skip
    assert save(store, USER, ANN, Lists(models=("mistral/large",))) == SOME
    assert kept(store)[-1] == ("user", ANN, Lists(models=("mistral/large",)))
    assert store.access_rules.all()[-1].set_at == clock()
    assert store.access_rules.changes == 4
    save(store, USER, ANN, NO_RULES)
    assert len(kept(store)) == 2
    assert changes(store) == 5


def test_what_changes_nothing_is_in_no_log(store: Store) -> None:
    save(store, ORGANISATION, "", SOME)
    save(store, ORGANISATION, "", SOME)
    assert changes(store) == 1


@pytest.mark.parametrize(("owner", "owner_id"), [(USER, "nobody"), (TEAM, "none"), (ORGANISATION, "another")])
def test_nobody_who_is_not_there_gets_rules(store: Store, owner: RuleOwner, owner_id: str) -> None:
    with pytest.raises(NotFound):
        save(store, owner, owner_id, SOME)
    assert not kept(store)


def test_they_go_with_their_team_and_their_person(store: Store, clock: Clock) -> None:
    for person in (ANN, BOB):
        store.users.ensure(person, person)
        save(store, USER, person, SOME)
    store.teams.add(Team("t1", "Red", clock()), TOLD)
    save(store, TEAM, "t1", SOME)
    store.teams.remove("t1", TOLD)
    store.forgetting.forget(ANN, clock(), TOLD)
    assert kept(store) == [("user", BOB, SOME)]
