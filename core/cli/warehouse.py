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
from core.clock import utc_now
from core.errors import GearboxError
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.errors import WarehouseBusy
from data.values.retention import KINDS, OF_TEAMS, RetentionRule

if TYPE_CHECKING:
    from data.store import Store
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
    rules.add_parser("list", help="the rules that there are").set_defaults(run=_rules)
    set_rule = rules.add_parser("set", help="remove rows that are older than some days")
    set_rule.add_argument("kind", choices=KINDS)
    set_rule.add_argument("days", type=int)
    set_rule.add_argument("--team", help="only rows of the team with this name")
    set_rule.set_defaults(run=_set_rule)
    no_rule = rules.add_parser("remove", help="keep them for ever again")
    no_rule.add_argument("kind", choices=KINDS)
    no_rule.add_argument("--team", help="the rule for the team with this name")
    no_rule.set_defaults(run=_remove_rule)
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


def _rules(_options: argparse.Namespace) -> int:
    with opened_vault() as opened:
        rules = opened.store.retention.all()
        names = {team.id: team.name for team in opened.store.teams.all()}
    for rule in rules:
        whose = "everybody" if rule.team_id is None else names.get(rule.team_id, f"{rule.team_id} (gone)")
        print(f"{rule.kind:<18} {rule.days:>6} days  {whose}")
    if not rules:
        print("There are no rules: the usage figures are kept for ever.")
    return 0


def _set_rule(options: argparse.Namespace) -> int:
    with opened_vault() as opened:
        team_id = _team(opened.store, options.team)
        rule = RetentionRule(options.kind, team_id, options.days, OPERATOR.user_id, utc_now())
        if rule.days < 1:
            raise GearboxError(f"{rule.days} days can't be kept.", "Say at least 1.")
        if team_id is not None and rule.kind not in OF_TEAMS:
            raise GearboxError(f"{KINDS[rule.kind].capitalize()} are not kept by team.", "Leave out --team.")
        opened.store.retention.set(rule, _changed(rule.kind, team_id, f"{rule.days} days"))
    print(f"{KINDS[rule.kind].capitalize()} are removed when they are older than {rule.days} days.")
    print("A running Gearbox does that within seconds, and then every day; `warehouse receipts` lists what went.")
    return 0


def _remove_rule(options: argparse.Namespace) -> int:
    with opened_vault() as opened:
        team_id = _team(opened.store, options.team)
        if not opened.store.retention.remove(options.kind, team_id, _changed(options.kind, team_id, "for ever")):
            raise GearboxError("There is no such rule.", "`warehouse retention list` shows those that there are.")
    print(f"{KINDS[options.kind].capitalize()} are kept.")
    return 0


def _team(store: Store, name: str | None) -> str | None:
    if name is None:
        return None
    found = next((team.id for team in store.teams.all() if team.name == name), None)
    if found is None:
        raise GearboxError(f"There is no team {name}.", "The Admin page lists the teams.")
    return found


def _changed(kind: str, team_id: str | None, kept: str) -> AuditEvent:
    target = f"retention:{kind}" + (f":{team_id}" if team_id else "")
    return AuditEvent.by(OPERATOR, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target=target, change=kept)


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
