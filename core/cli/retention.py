"""`retention`: how long the usage figures keep their rows, and receipts of everything that was destroyed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.access.gate import build_access
from core.cli.opened import OPERATOR, opened_vault
from core.clock import utc_now
from core.errors import GearboxError
from core.retention.receipts import Receipt, as_json, counted
from core.retention_parts import RetentionParts, retention_beside
from data.store import Store
from data.values.errors import WarehouseBusy
from data.values.retention import KINDS

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    retention = commands.add_parser("retention", help="how long figures are kept, and receipts of what was destroyed")
    group = retention.add_subparsers(dest="retention_command", required=True)
    group.add_parser("list", help="the rules that there are").set_defaults(run=list_rules)
    preview = group.add_parser("preview", help="what a rule would remove at once")
    preview.set_defaults(run=_preview)
    change = group.add_parser("set", help="remove rows that are older than some days")
    change.set_defaults(run=set_rule)
    clear = group.add_parser("clear", help="keep them for ever again")
    clear.set_defaults(run=clear_rule)
    for command in (preview, change, clear):
        command.add_argument("kind", choices=KINDS)
        if command is not clear:
            command.add_argument("days", type=int)
        command.add_argument("--team", help="only rows of the team with this name")
    receipts = group.add_parser("receipts", help="people who were forgotten, and rows that were too old")
    receipts.add_argument("--json", action="store_true", help="one JSON object a line, with the proof of each")
    receipts.set_defaults(run=_receipts)


@contextmanager
def opened_retention() -> Iterator[tuple[RetentionParts, Store]]:
    """The parts, on the database that the settings name, with that."""
    with opened_vault() as opened:
        access = build_access(opened.settings, opened.store, utc_now)
        yield retention_beside(opened.settings, access, opened.store), opened.store


def list_rules(_options: argparse.Namespace) -> int:
    """Print the rules."""
    with opened_retention() as (parts, _):
        cards = parts.rules.list(OPERATOR)
    for card in cards:
        rule = card.rule
        whose = "everybody" if rule.team_id is None else card.team or f"{rule.team_id} (gone)"
        print(f"{rule.kind:<18} {rule.days:>6} days  {whose}")
    if not cards:
        print("There are no rules: the usage figures are kept for ever.")
    return 0


def set_rule(options: argparse.Namespace) -> int:
    """Set one."""
    with opened_retention() as (parts, store):
        rule = parts.rules.set(OPERATOR, options.kind, options.days, team_called(store, options.team))
    print(f"{KINDS[rule.kind].capitalize()} are removed when they are older than {rule.days} days.")
    print("A running Gearbox does that within seconds, and then every day; `warehouse receipts` lists what went.")
    return 0


def clear_rule(options: argparse.Namespace) -> int:
    """Remove one."""
    with opened_retention() as (parts, store):
        parts.rules.clear(OPERATOR, options.kind, team_called(store, options.team))
    print(f"{KINDS[options.kind].capitalize()} are kept.")
    return 0


def team_called(store: Store, name: str | None) -> str | None:
    """The id of the team with this name; None without a name. Raises GearboxError where there is none.

    A team that is gone, but has a rule, goes by its id, as `retention list` shows it.
    """
    if name is None:
        return None
    known = {rule.team_id: rule.team_id for rule in store.retention.all() if rule.team_id is not None}
    known |= {team.name: team.id for team in store.teams.all()}
    found = known.get(name)
    if found is None:
        raise GearboxError(f"There is no team {name}.", "The Admin page lists the teams.")
    return found


def _preview(options: argparse.Namespace) -> int:
    with opened_retention() as (parts, store):
        team_id = team_called(store, options.team)
        try:
            found = parts.rules.preview(OPERATOR, options.kind, options.days, team_id)
        except WarehouseBusy:
            raise GearboxError("Gearbox is running, and has the figures open.", "Look at Admin, Data there.") from None
    oldest = "" if found.oldest is None else f", the oldest of {found.oldest:%Y-%m-%d}"
    print(f"This removes {found.rows:,} rows{oldest}.")
    if found.held:
        print(f"{found.held:,} more are as old, and stay: they are on hold.")
    return 0


def _receipts(options: argparse.Namespace) -> int:
    with opened_retention() as (parts, _):
        found = parts.receipts.list(OPERATOR)
    for receipt in found.receipts:
        print(as_json(receipt, indent=None) if options.json else _told(receipt))
    if found.trouble and not options.json:
        print("Receipts of usage can't be read here now; Admin, Data has them while Gearbox runs.")
    elif not found.receipts and not options.json:
        print("Nothing was destroyed.")
    return 0


def _told(receipt: Receipt) -> str:
    whose = receipt.person_id or receipt.team_id or "everybody"
    what = counted({**receipt.removed, **(receipt.rows or {})}) or "no rows"
    return f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC  {receipt.reason} ({receipt.policy})  {whose}: {what}  [{receipt.id}]"
