"""`warehouse`: the usage figures, written anew from the database. Gearbox has to be stopped for it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from data.values.audit import Action, AuditEvent, AuditOutcome

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_NAMES = {"model_calls": "calls", "routing_decisions": "choices of models", "routing_feedback": "signs of feedback"}


def register(commands: Commands) -> None:
    """Add the group."""
    warehouse = commands.add_parser("warehouse", help="write the usage figures anew")
    group = warehouse.add_subparsers(dest="warehouse_command", required=True)
    rebuild = group.add_parser(
        "rebuild", help="write the warehouse file anew from the database, and keep the one that is there beside it"
    )
    rebuild.set_defaults(run=_rebuild)


def _rebuild(_options: argparse.Namespace) -> int:
    from data.warehouse.rebuild import rebuild

    with opened_vault() as opened:
        path = opened.settings.warehouse_path
        with opened.store.books() as books:
            done = rebuild(path, books.events(), books.waiting, utc_now())
        opened.store.audit.record(
            AuditEvent.by(
                OPERATOR, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="warehouse:file", change="rebuilt"
            )
        )
    counts = ", ".join(f"{done.rows[table]:,} {name}" for table, name in _NAMES.items())
    print(f"{path.name} is written anew: {counts}.")
    if done.aside is not None:
        was = f" It could not be read: {done.damage}" if done.damage else ""
        print(f"The file that was there is kept as {done.aside.name}; delete it when you don't need it.{was}")
    if done.unread:
        print(f"{done.unread:,} events could not be read by this release; they are kept in the table unread_events.")
    return 0
