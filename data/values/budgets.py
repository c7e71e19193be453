"""Budgets: what somebody means to spend in a calendar month. They inform; nothing is ever stopped for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

CURRENCY = "USD"
MOST = Decimal(1_000_000_000)


class BudgetOwner(StrEnum):
    """Whose spending a budget is of. Stored: add members, never rename one."""

    ORGANISATION = "organisation"
    TEAM = "team"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount for each calendar month, in US dollars.

    `owner_id` is empty for the organisation, else the id of the team or the person.
    """

    owner: BudgetOwner
    owner_id: str
    amount: Decimal
    set_by: str
    set_at: datetime

    @property
    def key(self) -> tuple[BudgetOwner, str]:
        """Whose it is; each has one at most."""
        return self.owner, self.owner_id
