"""`holds`: whose data must not be destroyed for now. Whom a hold is on is not told by Gearbox."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.opened import OPERATOR
from core.cli.retention import opened_retention, team_called
from core.errors import ConfigError, NotFound
from core.retention.holds import HoldCard
from core.retention.receipts import counted
from data.store import Store
from data.values.holds import HoldScope

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    holds = commands.add_parser("holds", help="legal holds: whose data must not be destroyed for now")
    group = holds.add_subparsers(dest="holds_command", required=True)
    group.add_parser("list", help="every hold, those that were released last").set_defaults(run=_list)
    place = group.add_parser("place", help="keep everything of a person, a team or everybody")
    on = place.add_mutually_exclusive_group(required=True)
    on.add_argument("--person", help="an id or an email, as `people list` shows them")
    on.add_argument("--team", help="a team's name: who is in it now, or joins it later")
    on.add_argument("--everybody", action="store_true")
    place.add_argument("--matter", required=True, help="what it is called by those who ask for it")
    place.add_argument("--reason", required=True, help="why")
    place.set_defaults(run=_place)
    release = group.add_parser("release", help="let go, and remove what only waited for it; can't be undone")
    release.add_argument("--yes", action="store_true", help="really")
    release.set_defaults(run=_release)
    export = group.add_parser("export", help="write everything that is kept of its people into a zip")
    export.add_argument("--out", type=Path, required=True, help="the zip to write")
    export.set_defaults(run=_export)
    for command in (release, export):
        command.add_argument("hold", help="the id, as `holds list` shows it")


def _list(_options: argparse.Namespace) -> int:
    with opened_retention() as (parts, _):
        cards = parts.holds.list(OPERATOR)
        waiting = parts.holds.waiting(OPERATOR)
    for card in cards:
        hold = card.hold
        state = "holds" if hold.released_at is None else f"released {hold.released_at:%F}"
        print(f"{hold.id}  {state:<19}  since {hold.placed_at:%F}  {_name(card)}  {hold.matter}")
    if not cards:
        print("There are no holds.")
    elif waiting.conversations:
        print(f"Deleted by their people, and kept: {counted({'conversations': waiting.conversations})}.")
    return 0


def _place(options: argparse.Namespace) -> int:
    with opened_retention() as (parts, store):
        scope, subject_id = _subject(store, options)
        card = parts.holds.place(OPERATOR, scope, subject_id, options.matter, options.reason)
    print(f"{card.hold.id} holds {_name(card)}. They are not told.")
    return 0


def _release(options: argparse.Namespace) -> int:
    with opened_retention() as (parts, _):
        card = parts.holds.find(OPERATOR, options.hold)
        if not options.yes:
            waits = "What they have deleted since is removed, unless another hold is on them."
            raise ConfigError(f"This ends the hold {card.hold.matter} on {_name(card)}. {waits}", "Add --yes.")
        gone = parts.holds.release(OPERATOR, options.hold)
    removed = counted({"conversations": gone.conversations}) if gone.conversations else "nothing that waited for it"
    print(f"{card.hold.matter} is over for {_name(card)}. Removed: {removed}.")
    return 0


def _export(options: argparse.Namespace) -> int:
    """The file is readable by its owner alone from the first byte, and never put in the place of another."""
    out: Path = options.out
    with opened_retention() as (parts, _):
        try:
            descriptor = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise ConfigError(f"{out} can't be written: {error.strerror}.", "Name another file with --out.") from None
        try:
            with os.fdopen(descriptor, "wb") as file:
                handed = parts.holds.export(OPERATOR, options.hold, file)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    print(f"{out}: {handed.records:,} records of {handed.people:,} people, {handed.attachments:,} attachments.")
    return 0


def _subject(store: Store, options: argparse.Namespace) -> tuple[HoldScope, str]:
    if options.everybody:
        return HoldScope.EVERYBODY, ""
    if options.team is not None:
        return HoldScope.TEAM, team_called(store, options.team) or ""
    who = options.person.casefold()
    same = [each.id for each in store.users.all() if who in {each.id.casefold(), (each.email or "").casefold()}]
    if len(same) != 1:
        raise NotFound("There is no such person.", "People are known once they have signed in.")
    return HoldScope.PERSON, same[0]


def _name(card: HoldCard) -> str:
    return card.name or card.hold.subject_id or "everybody"
