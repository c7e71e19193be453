"""`warehouse`: the usage figures, written anew or for other programs, and how long they are kept.

The file is one process's: Gearbox has to be stopped for `rebuild`. While it runs, `receipts` and `export` tell what it
has written beside the file.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.opened import OPERATOR, OpenedVault, opened_vault
from core.cli.retention import clear_rule, list_rules, set_rule
from core.clock import utc_now
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.errors import WarehouseBusy
from data.values.retention import KINDS

if TYPE_CHECKING:
    from data.warehouse.exports import Exports

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_NAMES = {
    "model_calls": "calls",
    "tool_calls": "calls of tools",
    "routing_decisions": "choices of models",
    "routing_feedback": "signs of feedback",
    "sign_ins": "sign-ins",
}


def register(commands: Commands) -> None:
    """Add the group."""
    warehouse = commands.add_parser("warehouse", help="the usage figures: anew, for others, how long")
    group = warehouse.add_subparsers(dest="warehouse_command", required=True)
    rebuild = group.add_parser(
        "rebuild", help="write the warehouse file anew from the database, and keep the one that is there beside it"
    )
    rebuild.set_defaults(run=_rebuild)
    retention = group.add_parser("retention", help="how long the figures keep their rows")
    rules = retention.add_subparsers(dest="retention_command", required=True)
    rules.add_parser("list", help="the rules that there are").set_defaults(run=list_rules)
    change = rules.add_parser("set", help="remove rows that are older than some days")
    change.add_argument("kind", choices=KINDS)
    change.add_argument("days", type=int)
    change.add_argument("--team", help="only rows of the team with this name")
    change.set_defaults(run=set_rule)
    no_rule = rules.add_parser("remove", help="keep them for ever again")
    no_rule.add_argument("kind", choices=KINDS)
    no_rule.add_argument("--team", help="the rule for the team with this name")
    no_rule.set_defaults(run=clear_rule)
    receipts = group.add_parser("receipts", help="what was taken out of the figures, and why")
    receipts.add_argument("--of", metavar="ID", help="only of the person with this id")
    receipts.set_defaults(run=_receipts)
    export = group.add_parser(
        "export", help="write each closed day as Parquet files, with pseudonyms in the place of people"
    )
    export.add_argument("--to", type=Path, metavar="DIR", help="a folder; default: `exports` in the home folder")
    export.set_defaults(run=_export)


def _rebuild(_options: argparse.Namespace) -> int:
    from data.warehouse.rebuild import rebuild
    from data.warehouse.restoring import Exported

    with opened_vault() as opened:
        path = opened.settings.warehouse_path
        exports = _exports_of(opened)
        people = {exports.pseudonym(person.id): person.id for person in opened.store.users.all()}
        exported = Exported(exports.folder, people)
        with opened.store.books() as books:
            done = rebuild(path, books.events(opened.settings.forgotten_usage), books.waiting, utc_now(), exported)
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
    if done.restored.rows:
        told = ", ".join(f"{rows:,} {KINDS[table]}" for table, rows in done.restored.rows.items())
        print(f"The database no longer has some of these: from the exports of {done.restored.days} days came {told}.")
    for name in done.restored.unread:
        print(f"The exported file {name} could not be read; what only it has is missing.")
    if done.unread:
        print(f"{done.unread:,} events could not be read by this release; they are kept in the table unread_events.")
    return 0


def _receipts(options: argparse.Namespace) -> int:
    from data.warehouse.erasing import receipts, scope_of
    from data.warehouse.file import open_warehouse
    from data.warehouse.receipts_file import saved_receipts

    with opened_vault() as opened:
        try:
            with closing(open_warehouse(opened.settings.warehouse_path, utc_now())) as con:
                found = receipts(con)
        except WarehouseBusy:
            saved = saved_receipts(opened.settings.exports_path)
            if saved is None:
                print("Gearbox is running, and has written no receipts beside its exports yet.")
                return 0
            found, written = saved
            print(f"Gearbox is running; these are those that it wrote down last, {written:%Y-%m-%d %H:%M:%S} UTC.")
    if options.of is not None:
        found = [each for each in found if each.scope == scope_of(options.of)]
    for each in found:
        counts = ", ".join(f"{rows:,} {KINDS[table]}" for table, rows in each.counts.items()) or "no rows"
        print(f"{each.at:%Y-%m-%d %H:%M:%S} UTC  {each.reason} ({each.policy})  {each.scope}: {counts}  [{each.id}]")
    if not found:
        print("Nothing was taken out.")
    return 0


def _export(options: argparse.Namespace) -> int:
    from data.warehouse.exports import Exports
    from data.warehouse.file import open_warehouse

    with opened_vault() as opened:
        own = _exports_of(opened)
        exports = own if options.to is None else Exports(options.to, opened.store.deployment_id, own.zone, utc_now)
        try:
            with closing(open_warehouse(opened.settings.warehouse_path, utc_now())) as con, con.cursor() as cursor:
                cursor.begin()
                written = exports.seal(cursor)
            told = "what was current stays as it was. Today's events follow tomorrow."
        except WarehouseBusy:
            if options.to is None:
                written, told = 0, "Gearbox is running and writes them itself, within ten minutes."
            else:
                written = own.copy_to(exports.folder)
                told = "copied from those that the running Gearbox keeps, which may be ten minutes old."
        opened.store.audit.record(
            AuditEvent.by(
                OPERATOR, Action.EXPORT, AuditOutcome.DONE, target="warehouse:days", change=f"{written} files"
            )
        )
    files = "1 file" if written == 1 else f"{written:,} files"
    print(f"{files} written below {exports.folder}; {told}")
    return 0


def _exports_of(opened: OpenedVault) -> Exports:
    from data.warehouse.exports import Exports

    settings = opened.settings
    return Exports(settings.exports_path, opened.store.deployment_id, settings.zone, utc_now)
