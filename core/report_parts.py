"""What is told from the warehouse: the part of the composition that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from core.access.access import Access
from core.budgets import BudgetService
from core.performance import PerformanceService, listed_prices
from core.providers.catalog import Catalogue
from core.quality import QualityService
from core.registry.service import Registry
from core.usage import UsageService
from data.store import Store
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True)
class Reports:
    """Usage and budgets for everybody, quality and performance for analysts."""

    usage: UsageService
    budgets: BudgetService
    quality: QualityService
    performance: PerformanceService


def make_reports(
    access: Access, store: Store, writer: WarehouseWriter, registry: Registry, catalogue: Catalogue
) -> Reports:
    """All over the one warehouse; today's prices are the registry's."""
    return Reports(
        UsageService(access, writer, teams=store.teams.all),
        BudgetService(access, store, writer),
        QualityService(access, writer),
        PerformanceService(access, writer, partial(listed_prices, registry, catalogue)),
    )
