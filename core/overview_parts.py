"""The part of the composition that looks at all others; `core.services` puts it on top."""

from __future__ import annotations

from core.budgets import BudgetService
from core.clock import utc_now
from core.config import Settings
from core.ground import Ground
from core.overview.service import OverviewService, Watched
from core.providers.precautions import Precautions
from core.telemetry_parts import release
from data.values.budgets import BudgetOwner

_OURS = (BudgetOwner.ORGANISATION, "")


def make_overview(
    settings: Settings, ground: Ground, budgets: BudgetService, precautions: Precautions
) -> OverviewService:
    """What the Admin page opens with."""
    watched = Watched(
        audit=ground.trail.status,
        circuits=precautions.circuits.states,
        budgets=lambda actor: budgets.all(actor).budgets,
        spent=lambda actor: budgets.beside(actor, [_OURS])[_OURS],
        home=settings.home,
        version=release(),
        objective=settings.answer_objective,
        clock=utc_now,
    )
    return OverviewService(ground.access, ground.store, ground.writer, watched)
