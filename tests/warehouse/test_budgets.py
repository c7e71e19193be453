"""Budgets against what was really booked: exact, of this month alone, and who may see and set which."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from core.access.access import Access
from core.budgets import BudgetService, Standing
from core.errors import AccessRefused, GearboxError, NotFound
from core.pseudonyms import pseudonym
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.budgets import BudgetOwner
from data.values.people import Team
from data.warehouse.writer import WarehouseWriter
from tests.warehouse.books import NOW, Booked, Clock, book, booked

ADMIN = Actor("root", frozenset({Role.ADMIN}))
ANALYST = Actor("eve", frozenset({Role.ANALYST}))
ANN = Actor("ann", frozenset({Role.MEMBER}))
ORGANISATION, TEAM, USER = BudgetOwner


@pytest.fixture
def budgets(store: Store, writer: WarehouseWriter, clock: Clock) -> BudgetService:
    for id_, name in (("ann", "Ann"), ("bob", "Bob")):
        store.users.ensure(id_, name)
    told = AuditEvent(Action.TEAM_CHANGE, AuditOutcome.DONE, "root")
    store.teams.add(Team("red", "Red team", NOW), told)
    store.teams.join("red", "ann", NOW, told)
    return BudgetService(Access(store), store, writer, clock)


def calls(seed: int = 1, number: int = 60, days: float = 60) -> list[Booked]:
    rng = random.Random(seed)
    return [booked(rng, NOW - timedelta(days=days * rng.random()), rng.choice(["ann", "bob"])) for _ in range(number)]


def spent(made: list[Booked], user: str = "") -> Decimal:
    month = NOW.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    paid = [
        each.outcome.cost.amount or Decimal()
        for each in made
        if each.intent.started_at >= month and user in {"", each.intent.actor.user_id}
    ]
    return sum(paid, Decimal())


def test_what_was_spent_is_what_was_booked_this_month(store: Store, budgets: BudgetService) -> None:
    made = calls()
    book(store, made)
    for owner, owner_id in ((ORGANISATION, ""), (TEAM, "red"), (USER, "ann"), (USER, "bob")):
        budgets.set(ADMIN, owner, owner_id, Decimal(1000))
    view = budgets.all(ADMIN)
    assert [(each.name, each.spending.spent) for each in view.budgets] == [
        ("", spent(made)), ("Red team", spent(made, "ann")), ("Ann", spent(made, "ann")), ("Bob", spent(made, "bob")),
    ]  # fmt: skip
    assert all(each.standing is Standing.FINE for each in view.budgets)
    assert spent(made, "ann") > 0
    seen = budgets.all(ANALYST)
    ann, bob = (pseudonym(store.deployment_id, each) for each in ("ann", "bob"))
    assert [each.name for each in seen.budgets] == ["", "Red team", ann, bob]
    assert [each.spending.spent for each in seen.budgets] == [each.spending.spent for each in view.budgets]
    assert "'ann'" not in repr(seen) and "root" not in repr(seen), "analysts come to know no ids of people"


def test_more_than_the_budget_is_exceeded_and_a_forecast_of_more_is_likely(
    store: Store, budgets: BudgetService
) -> None:
    made = calls(number=400, days=50)
    book(store, made)
    budgets.set(ADMIN, USER, "ann", Decimal("0.01"))
    budgets.set(ADMIN, USER, "bob", spent(made, "bob") + Decimal("0.01"))
    ann, bob = budgets.all(ADMIN).budgets
    assert ann.standing is Standing.EXCEEDED
    assert bob.spending.forecast is not None and bob.spending.forecast.expected > float(bob.budget.amount)
    assert bob.standing is Standing.LIKELY


def test_a_member_sees_their_own_and_sets_none(store: Store, budgets: BudgetService) -> None:
    made = calls()
    book(store, made)
    assert budgets.mine(ANN) is None
    budgets.set(ADMIN, USER, "bob", Decimal(7))
    assert budgets.mine(ANN) is None
    budgets.set(ADMIN, USER, "ann", Decimal("12.5"))
    own = budgets.mine(ANN)
    assert own is not None
    assert (own.budget.amount, own.spending.spent) == (Decimal("12.50"), spent(made, "ann"))
    for actor in (ANN, ANALYST):
        with pytest.raises(AccessRefused):
            budgets.set(actor, USER, "ann", Decimal(100))
        with pytest.raises(AccessRefused):
            budgets.remove(actor, USER, "ann")
    with pytest.raises(AccessRefused):
        budgets.all(ANN)


def test_a_budget_is_somebodys_and_an_amount(budgets: BudgetService) -> None:
    for amount in ("0", "-5", "0.001", "NaN", "Infinity", "1e12"):
        with pytest.raises(GearboxError):
            budgets.set(ADMIN, ORGANISATION, "", Decimal(amount))
    for owner, owner_id in ((TEAM, "gone"), (USER, "gone"), (ORGANISATION, "red")):
        with pytest.raises(NotFound):
            budgets.set(ADMIN, owner, owner_id, Decimal(5))
    assert budgets.all(ADMIN).budgets == ()


def test_who_set_it_is_in_the_audit_log(store: Store, budgets: BudgetService) -> None:
    budgets.set(ADMIN, TEAM, "red", Decimal(40))
    budgets.remove(ADMIN, TEAM, "red")
    budgets.remove(ADMIN, TEAM, "red")
    found = store.audit.search(AuditFilter(actions=(Action.SETTINGS_CHANGE,)), None, 50).entries
    told = [(each.record.actor_id, each.record.target) for each in found]
    assert told == [("root", "budget:team:red")] * 2, "what was not there was not removed"


def test_spending_beside_names_is_the_same_with_and_without_a_budget(
    store: Store, budgets: BudgetService, writer: WarehouseWriter
) -> None:
    made = calls()
    book(store, made)
    writer.flush(10)
    budgets.set(ADMIN, USER, "ann", Decimal("0.01"))
    owners = [(ORGANISATION, ""), (TEAM, "red"), (USER, "ann"), (USER, "bob"), (USER, "nobody")]
    beside = budgets.beside(ADMIN, owners)
    assert [beside[each].spent for each in owners] == [
        spent(made), spent(made, "ann"), spent(made, "ann"), spent(made, "bob"), Decimal(),
    ]  # fmt: skip
    own = beside[USER, "ann"].budget
    assert own is not None and own.standing is Standing.EXCEEDED
    assert beside[USER, "bob"].budget is None
    with pytest.raises(AccessRefused):
        budgets.beside(ANALYST, owners)
