"""What all else stands on: the database, who may do what, notices, keys, audit log, warehouse, flags, measurements."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from core.access.access import Access
from core.access.gate import build_access
from core.audit.trail import Trail
from core.clock import utc_now
from core.config import Settings
from core.flag_parts import FlagParts, make_flags
from core.loop import BackgroundLoop
from core.parts import keep_trail, open_state, open_vault, run_loop, write_warehouse
from core.providers.catalog import Catalogue
from core.retention_parts import RetentionParts, make_retention
from core.telemetry.telemetry import Telemetry
from core.telemetry_parts import make_telemetry
from core.vault import Vault
from core.vault.admin import VaultAdmin
from core.workspace.board import NoticeBoard
from core.workspace_parts import open_board
from data.store import Store
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True, slots=True)
class Ground:
    """Running; none of these knows of what is built upon them."""

    catalogue: Catalogue
    store: Store
    board: NoticeBoard
    access: Access
    vault: Vault
    vault_admin: VaultAdmin
    trail: Trail
    writer: WarehouseWriter
    loop: BackgroundLoop
    telemetry: Telemetry
    flags: FlagParts
    retention: RetentionParts


def lay_ground(settings: Settings, stack: ExitStack) -> Ground:
    """Start all of it; `stack` stops it in reverse.

    Raises:
        GearboxError: something needed can't be had; nothing is left running.
    """
    telemetry = make_telemetry(settings, stack)
    store = open_state(settings, catalogue := Catalogue(), stack)
    board = open_board(store, stack)
    access = build_access(settings, store, utc_now, maintenance=board.refusal)
    vault, vault_admin = open_vault(settings, store, access, stack)
    trail = keep_trail(settings, store, vault, stack)
    writer = write_warehouse(settings, store, stack)
    loop = run_loop(stack)
    flags = make_flags(settings, access, store, writer, stack, observe=telemetry.instruments.flag_evaluated)
    retention = make_retention(settings, access, store, writer, stack)
    vault_admin.resume_interrupted()
    return Ground(catalogue, store, board, access, vault, vault_admin, trail, writer, loop, telemetry, flags, retention)
