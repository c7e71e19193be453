"""`announcements`: what is announced; end and delete."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.cli.maintenance import opened_workspace
from core.cli.opened import OPERATOR
from core.clock import utc_now

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the group."""
    announcements = commands.add_parser("announcements", help="what is announced; end and delete")
    group = announcements.add_subparsers(dest="announcements_command", required=True)
    group.add_parser("list", help="live ones, those to come, and those that ended last").set_defaults(run=_list)
    for name, words, run in (("end", "show it to nobody any more", _end), ("delete", "forget it", _delete)):
        command = group.add_parser(name, help=words)
        command.add_argument("id", help="as `announcements list` shows it")
        command.set_defaults(run=run)


def _list(_options: argparse.Namespace) -> int:
    with opened_workspace() as service:
        now = utc_now()
        for each in service.announcements(OPERATOR):
            until = f"{each.ends_at:%F %H:%M}" if each.ends_at else "its end by hand"
            whom = "everybody" if each.is_for_all else " ".join(sorted([*each.roles, *each.team_ids]))
            times = f"{each.starts_at:%F %H:%M} to {until}"
            print(f"{each.id}  {each.standing(now):<7}  {each.kind:<8}  {times:<33}  {whom}  {each.words}")
    return 0


def _end(options: argparse.Namespace) -> int:
    with opened_workspace() as service:
        service.end(OPERATOR, options.id)
        print("It is shown to nobody any more.")
    return 0


def _delete(options: argparse.Namespace) -> int:
    with opened_workspace() as service:
        service.remove(OPERATOR, options.id)
        print("It is deleted.")
    return 0
