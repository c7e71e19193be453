"""`maintenance`: keep people out for a while, or let them in again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.access.gate import build_access
from core.cli.moments import moment
from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from core.workspace.board import NoticeBoard
from core.workspace.service import WorkspaceService
from data.values.notices import Maintenance, Standing

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    maintenance = commands.add_parser("maintenance", help="keep people out for a while, or let them in again")
    group = maintenance.add_subparsers(dest="maintenance_command", required=True)
    on = group.add_parser("on", help="only who manages the workspace works, on every replica within two seconds")
    on.add_argument("--message", default="", help="why, as people read it")
    on.add_argument("--from", dest="starts_at", type=moment, help="plan it: a moment, in UTC unless it says otherwise")
    on.add_argument("--until", dest="ends_at", type=moment, help="when it is expected to end")
    on.add_argument("--ends-itself", action="store_true", help="it is over then; what is planned is anyway")
    on.set_defaults(run=_on)
    group.add_parser("off", help="let everybody in again, or call off what is planned").set_defaults(run=_off)
    group.add_parser("status", help="whether it is on or planned").set_defaults(run=_status)


@contextmanager
def opened_workspace() -> Iterator[WorkspaceService]:
    """What admins do, on the database that the settings name; nothing runs beside it."""
    with opened_vault() as opened:
        access = build_access(opened.settings, opened.store, utc_now)
        yield WorkspaceService(access, opened.store, NoticeBoard(opened.store, utc_now), utc_now)


def _on(options: argparse.Namespace) -> int:
    with opened_workspace() as service:
        made = service.hold_maintenance(
            OPERATOR,
            options.message,
            starts_at=options.starts_at,
            ends_at=options.ends_at,
            ends_itself=options.ends_itself,
        )
        print(_words(made))
    return 0


def _off(_options: argparse.Namespace) -> int:
    with opened_workspace() as service:
        if service.maintenance(OPERATOR) is None:
            print("Maintenance is off already.")
            return 0
        service.end_maintenance(OPERATOR)
        print("Maintenance is off.")
    return 0


def _status(_options: argparse.Namespace) -> int:
    with opened_workspace() as service:
        found = service.maintenance(OPERATOR)
        print(_words(found) if found else "Maintenance is off.")
    return 0


def _words(maintenance: Maintenance) -> str:
    is_on = maintenance.standing(utc_now()) is Standing.LIVE
    said = f"Maintenance is on since {maintenance.starts_at:%F %H:%M} UTC" if is_on else ""
    said = said or f"Maintenance is planned from {maintenance.starts_at:%F %H:%M} UTC"
    if maintenance.ends_at is not None:
        until = "until" if maintenance.ends_itself else "expected until"
        said += f", {until} {maintenance.ends_at:%F %H:%M} UTC"
    return f"{said}. {maintenance.words}".rstrip()
