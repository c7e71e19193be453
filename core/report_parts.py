"""What is told from the warehouse: the part of the composition that reads it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from core.access.access import Access
from core.adoption import AdoptionService
from core.budgets import BudgetService
from core.clock import utc_now
from core.config import Settings
from core.explore import ExploreService, SavedQuestions
from core.explore.feeding import Feeding
from core.flags.capabilities import Capability
from core.flags.flags import Flags
from core.performance import PerformanceService, listed_prices
from core.periodic import Periodic
from core.providers.catalog import Catalogue
from core.quality import QualityService
from core.registry.service import Registry
from core.reports.addresses import Addresses
from core.reports.rounds import EVERY, Rounds
from core.reports.sending import Sender
from core.reports.service import ReportService
from core.reports.writing import Writing
from core.usage import UsageService
from core.vault import Vault
from data.query import Desks
from data.store import Store
from data.warehouse.exports import Exports
from data.warehouse.sealing import SealThread
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True)
class Reports:
    """Usage and budgets are for everybody, what is sent every week for admins, the rest for analysts."""

    usage: UsageService
    budgets: BudgetService
    quality: QualityService
    performance: PerformanceService
    adoption: AdoptionService
    explore: ExploreService
    weekly: ReportService
    questions: SavedQuestions


def make_reports(
    settings: Settings,
    access: Access,
    store: Store,
    writer: WarehouseWriter,
    flags: Flags,
    *,
    vault: Vault,
    listed: tuple[Registry, Catalogue],
    stack: ExitStack,
) -> Reports:
    """All over the one warehouse; today's prices are those `listed`. `stack` ends what runs beside them.

    Weekly reports are sent from now on.
    """

    def team_names() -> dict[str, str]:
        return {team.id: team.name for team in store.teams.all()}

    return Reports(
        usage=UsageService(access, writer, teams=store.teams.all),
        budgets=BudgetService(access, store, writer),
        quality=QualityService(access, writer),
        performance=PerformanceService(access, writer, partial(listed_prices, *listed), team_names=team_names),
        adoption=AdoptionService(access, writer, team_names),
        explore=_explore(settings, access, store, writer, flags=flags, stack=stack),
        weekly=_send_weekly(access, writer, store=store, vault=vault, settings=settings, stack=stack),
        questions=SavedQuestions(access, store, utc_now),
    )


def _send_weekly(
    access: Access, writer: WarehouseWriter, *, store: Store, vault: Vault, settings: Settings, stack: ExitStack
) -> ReportService:
    addresses = Addresses(vault, Sender(settings))
    writing = Writing(store, writer, settings.zone, settings.public_url)
    rounds = Rounds(store, addresses, writing, utc_now)
    stack.enter_context(Periodic("gearbox-reports", rounds.run, EVERY))
    return ReportService(access, store, addresses, writing, utc_now)


def _explore(
    settings: Settings, access: Access, store: Store, writer: WarehouseWriter, *, flags: Flags, stack: ExitStack
) -> ExploreService:
    """Questions in processes of their own, over files that are written while nobody waits."""
    exports = Exports(settings.exports_path, store.deployment_id, settings.zone, utc_now)
    sealing = SealThread(exports, writer)
    stack.callback(sealing.close)
    sealing.start()
    desks = Desks()
    stack.callback(desks.close)
    feeding = Feeding(exports, writer, store, utc_now)
    writes_sql = flags.asks(Capability.SQL_CONSOLE)
    return ExploreService(access, feeding, desks, zone=settings.zone, clock=utc_now, writes_sql=writes_sql)
