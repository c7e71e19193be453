"""Budgets of a calendar month: who sets them, who sees them, and where they stand. Nothing is stopped for one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.clock import utc_now
from core.errors import GearboxError, NotFound
from core.usage import FRESHEN_S
from data.analytics.budgets import Key, Spending, Spendings, spendings
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.budgets import MOST, Budget, BudgetOwner
from data.warehouse.writer import WarehouseWriter

if TYPE_CHECKING:
    from data.store import Store

_SMALLEST = Decimal("0.01")


class Standing(StrEnum):
    """How a budget does."""

    FINE = "fine"
    LIKELY = "likely"  # as it goes, the month comes to more
    EXCEEDED = "exceeded"


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget, and what was spent of it. `name` is whose it is; empty for the organisation."""

    budget: Budget
    name: str
    spending: Spending

    @property
    def standing(self) -> Standing:
        """More is likely where more than not of the forecast's months come to more."""
        if self.spending.spent > self.budget.amount:
            return Standing.EXCEEDED
        expected = self.spending.forecast and self.spending.forecast.expected
        return Standing.LIKELY if expected and expected > float(self.budget.amount) else Standing.FINE


@dataclass(frozen=True, slots=True)
class Beside:
    """What somebody spent in this month so far, in US dollars, and how they stand; None: they have no budget."""

    spent: Decimal
    budget: BudgetView | None


@dataclass(frozen=True, slots=True)
class BudgetsView:
    """All budgets, and how what was spent was asked for."""

    budgets: tuple[BudgetView, ...]
    spendings: Spendings


class BudgetService:
    """Thread-safe, blocking."""

    def __init__(
        self, access: Access, store: Store, writer: WarehouseWriter, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._access = access
        self._store = store
        self._writer = writer
        self._clock = clock

    def all(self, actor: Actor) -> BudgetsView:
        """Every budget. Who may not know who people are has pseudonyms in the place of their names and ids.

        Raises:
            AccessRefused: the actor may not see everybody's usage.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        budgets = self._store.budgets.all()
        found = self._spent(budgets)
        teams = {team.id: team.name for team in self._store.teams.all()}
        people = self._access.called(actor, [each.owner_id for each in budgets if each.owner is BudgetOwner.USER])
        if not self._access.may(actor, Permission.SEE_PEOPLE):
            found = _without_ids(found, people)
            budgets = [replace(each, owner_id=people.get(each.owner_id, each.owner_id), set_by="") for each in budgets]
            people = {each: each for each in people.values()}
        names = {BudgetOwner.TEAM: teams, BudgetOwner.USER: people, BudgetOwner.ORGANISATION: {"": ""}}
        return BudgetsView(
            tuple(
                BudgetView(each, names[each.owner].get(each.owner_id, "gone"), found.of[each.key]) for each in budgets
            ),
            found,
        )

    def mine(self, actor: Actor) -> BudgetView | None:
        """The actor's own budget; None where there is none for them.

        Raises:
            AccessRefused: the actor may see no usage at all.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_OWN_USAGE)
        key = BudgetOwner.USER, actor.user_id
        budget = next((each for each in self._store.budgets.all() if each.key == key), None)
        if budget is None:
            return None
        return BudgetView(budget, "", self._spent([budget]).of[key])

    def beside(self, actor: Actor, owners: Collection[Key]) -> Mapping[Key, Beside]:
        """What some people and teams spent, to be shown beside their names, as far as the warehouse was told of it.

        One look for all of them, and it waits for no call that just ended: a list is drawn at every letter typed.

        Raises:
            AccessRefused: the actor may not see everybody's usage, or not whose it is.
            WarehouseError: the warehouse can't be read.
        """
        self._access.require(actor, Permission.SEE_ALL_USAGE)
        self._access.require(actor, Permission.SEE_PEOPLE)
        budgets = {each.key: each for each in self._store.budgets.all()}
        with self._writer.reader() as cursor:
            found = spendings(cursor, owners, now=self._clock(), zone=self._writer.zone).of
        return {
            key: Beside(each.spent, BudgetView(budgets[key], "", each) if key in budgets else None)
            for key, each in found.items()
        }

    def get(self, actor: Actor, owner: BudgetOwner, owner_id: str) -> Budget | None:
        """What may be spent, without what was. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_BUDGETS)
        return next((each for each in self._store.budgets.all() if each.key == (owner, owner_id)), None)

    def set(self, actor: Actor, owner: BudgetOwner, owner_id: str, amount: Decimal) -> None:
        """Say what may be spent in each month, in US dollars.

        Raises:
            AccessRefused: the actor may not.
            NotFound: there is no such team or person.
            GearboxError: the amount won't do.
        """
        self._access.require(actor, Permission.MANAGE_BUDGETS)
        if not (amount.is_finite() and _SMALLEST <= amount <= MOST):
            raise GearboxError("A budget is at least one cent.", "Say how many US dollars, or remove the budget.")
        self._check(owner, owner_id)
        self._store.budgets.save(
            Budget(owner, owner_id, amount.quantize(_SMALLEST), actor.user_id, self._clock()),
            _told(actor, owner, owner_id, f"{amount:.2f} USD a month"),
        )

    def remove(self, actor: Actor, owner: BudgetOwner, owner_id: str) -> None:
        """Have no budget any more. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_BUDGETS)
        self._store.budgets.remove(owner, owner_id, _told(actor, owner, owner_id, "removed"))

    def _check(self, owner: BudgetOwner, owner_id: str) -> None:
        if owner is BudgetOwner.ORGANISATION:
            if owner_id:
                raise NotFound("There is one organisation.")
        elif owner is BudgetOwner.TEAM:
            if owner_id not in {team.id for team in self._store.teams.all()}:
                raise NotFound("There is no such team.", "Reload the page.")
        elif self._store.users.find(owner_id) is None:
            raise NotFound("There is no such person.", "Reload the page.")

    def _spent(self, budgets: Sequence[Budget]) -> Spendings:
        self._writer.flush(FRESHEN_S)
        with self._writer.reader() as cursor:
            return spendings(cursor, [each.key for each in budgets], now=self._clock(), zone=self._writer.zone)


def _without_ids(found: Spendings, people: Mapping[str, str]) -> Spendings:
    of = {(owner, people.get(id_, id_)): spending for (owner, id_), spending in found.of.items()}
    ran = {
        part: (sql, {**used, "people": sorted(people.values())} if "people" in used else used)
        for part, (sql, used) in found.ran.items()
    }
    return replace(found, of=of, ran=ran)


def _told(actor: Actor, owner: BudgetOwner, owner_id: str, change: str) -> AuditEvent:
    target = f"budget:{owner.value}" + (f":{owner_id}" if owner_id else "")
    return AuditEvent.by(actor, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target=target, change=change)
