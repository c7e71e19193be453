"""The part of the composition that keeps data, and destroys it; `core.services` puts it together with the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from core.access.access import Access
from core.clock import utc_now
from core.config import Settings
from core.periodic import Periodic
from core.retention.holds import HoldService
from core.retention.receipts import ReceiptService
from core.retention.rules import RetentionRules
from core.retention.sweep import EVERY, sweep
from data.store import Store
from data.values.errors import WarehouseBusy
from data.warehouse.erasing import Receipt, receipts
from data.warehouse.expiring import Lend, lent
from data.warehouse.receipts_file import saved_receipts
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True, slots=True)
class RetentionParts:
    """How long data is kept, what must not be destroyed for now, and proof of what was."""

    rules: RetentionRules
    holds: HoldService
    receipts: ReceiptService


def make_retention(
    settings: Settings, access: Access, store: Store, writer: WarehouseWriter, stack: ExitStack
) -> RetentionParts:
    """All of it, and the sweep that `stack` ends."""
    stack.enter_context(Periodic("gearbox-hold-sweep", partial(sweep, store), EVERY)).wake()

    def erasures() -> Sequence[Receipt]:
        with writer.reader() as cursor:
            return receipts(cursor)

    return _made(settings, access, store, writer.reader, erasures)


def retention_beside(settings: Settings, access: Access, store: Store) -> RetentionParts:
    """For a process that lives for one command: it has the warehouse only while Gearbox does not run."""

    lend = lent(settings.warehouse_path, utc_now)

    def erasures() -> Sequence[Receipt]:
        try:
            with lend() as con:
                return receipts(con)
        except WarehouseBusy:
            saved = saved_receipts(settings.exports_path)
            if saved is None:
                raise
            return saved[0]

    return _made(settings, access, store, lend, erasures)


def _made(
    settings: Settings,
    access: Access,
    store: Store,
    lend: Lend,
    erasures: Callable[[], Sequence[Receipt]],
) -> RetentionParts:
    return RetentionParts(
        rules=RetentionRules(access, store, lend, clock=utc_now, zone=settings.zone),
        holds=HoldService(access, store, utc_now),
        receipts=ReceiptService(access, store, erasures),
    )
