"""`routing`: what models are chosen by, held against the events that it was learned from. Works beside Gearbox."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.cli.opened import OPERATOR, opened_vault
from data.values.audit import Action, AuditEvent, AuditOutcome

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_SHOWN = 10


def register(commands: Commands) -> None:
    """Add the group."""
    routing = commands.add_parser("routing", help="check, or count anew, what models are chosen by")
    group = routing.add_subparsers(dest="routing_command", required=True)
    verify = group.add_parser("verify", help="count all calls and feedback, and name statistics that differ from that")
    verify.set_defaults(run=_verify)
    rebuild = group.add_parser("rebuild", help="put what all calls and feedback come to in the place of the statistics")
    rebuild.set_defaults(run=_rebuild)


def _verify(_options: argparse.Namespace) -> int:
    with opened_vault() as opened:
        differing = opened.store.routing.differences()
        kept = len(opened.store.routing.tallies().tallies)
    if not differing:
        print(f"SAME: {kept:,} statistics are exactly what all calls and all feedback come to.")
        return 0
    print(f"DIFFERENT: {len(differing):,} statistics are not what all calls and all feedback come to.")
    for each in differing[:_SHOWN]:
        key = each.key
        scope = f"{key.level} {key.scope_id}".strip()
        print(f"  {key.model_id} at {key.task}, {scope}, period {key.epoch}: {each.kept}, but {each.counted}")
    if len(differing) > _SHOWN:
        print(f"  and {len(differing) - _SHOWN:,} more")
    print(
        "Where this release counts otherwise than the one before, that is expected: `python -m core routing rebuild`."
    )
    return 1


def _rebuild(_options: argparse.Namespace) -> int:
    event = AuditEvent.by(
        OPERATOR, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="routing:statistics", change="rebuilt"
    )
    with opened_vault() as opened:
        counted = opened.store.routing.rebuild(event)
    print(f"{counted:,} statistics, counted from all calls and all feedback.")
    return 0
