from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from data.store import Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.budgets import Budget, BudgetOwner
from data.values.people import Team
from tests.store.conftest import ANN, BOB, Clock

TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, BOB)
ORGANISATION, TEAM, USER = BudgetOwner


def save(store: Store, clock: Clock, owner: BudgetOwner, owner_id: str, amount: str) -> None:
    store.budgets.save(Budget(owner, owner_id, Decimal(amount), BOB, clock()), TOLD)


def kept(store: Store) -> list[tuple[str, str, str]]:
    return [(each.owner.value, each.owner_id, str(each.amount)) for each in store.budgets.all()]


def test_each_has_one_and_the_organisation_is_first(store: Store, clock: Clock) -> None:
    save(store, clock, USER, ANN, "50.00")
    save(store, clock, TEAM, "t2", "200.10")
    save(store, clock, TEAM, "t1", "100.00")
    save(store, clock, ORGANISATION, "", "1000.00")
    clock.now += timedelta(hours=1)
    save(store, clock, USER, ANN, "60.00")
    assert kept(store) == [
        ("organisation", "", "1000.00"), ("team", "t1", "100.00"), ("team", "t2", "200.10"), ("user", ANN, "60.00"),
    ]  # fmt: skip
    assert store.budgets.all()[-1].set_at == clock()
    assert store.budgets.remove(TEAM, "t1", TOLD)
    assert not store.budgets.remove(TEAM, "t1", TOLD)
    assert len(kept(store)) == 3


def test_they_go_with_their_team_and_their_person(store: Store, clock: Clock) -> None:
    store.users.ensure(ANN, "Ann")
    store.teams.add(Team("t1", "Red", clock()), TOLD)
    for owner, owner_id in ((TEAM, "t1"), (USER, ANN), (USER, "t1"), (USER, BOB)):
        save(store, clock, owner, owner_id, "5.00")
    store.teams.remove("t1", TOLD)
    store.forgetting.forget(ANN, clock(), TOLD)
    assert kept(store) == [("user", "t1", "5.00"), ("user", BOB, "5.00")]
