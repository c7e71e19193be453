"""`announce`: show words on top of everybody's pages."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.cli.maintenance import opened_workspace
from core.cli.moments import moment
from core.cli.opened import OPERATOR
from core.errors import NotFound
from core.workspace.service import Draft
from data.values.actor import Role
from data.values.notices import NoticeKind

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: Commands) -> None:
    """Add the command."""
    announce = commands.add_parser("announce", help="show words on top of everybody's pages")
    announce.add_argument("words", help="one or two lines; emphasis and links as in Markdown")
    announce.add_argument("--kind", choices=[each.value for each in NoticeKind], default=NoticeKind.INFO.value)
    announce.add_argument("--role", action="append", default=[], choices=[each.value for each in Role])
    announce.add_argument("--team", action="append", default=[], help="a team's name or id; without one for everybody")
    announce.add_argument("--from", dest="starts_at", type=moment, help="a moment, in UTC unless it says otherwise")
    announce.add_argument("--until", dest="ends_at", type=moment)
    announce.add_argument("--stays", action="store_true", help="people can't put it away")
    announce.set_defaults(run=_announce)


def _announce(options: argparse.Namespace) -> int:
    with opened_workspace() as service:
        by_name = {name: team_id for team_id, name in service.teams(OPERATOR).items()}
        unknown = [team for team in options.team if team not in {*by_name, *by_name.values()}]
        if unknown:
            raise NotFound(f"There is no team {unknown[0]!r}.", "The Admin page lists teams.")
        made = service.announce(
            OPERATOR,
            Draft(
                options.words,
                NoticeKind(options.kind),
                roles=[Role(role) for role in options.role],
                team_ids=[by_name.get(team, team) for team in options.team],
                starts_at=options.starts_at,
                ends_at=options.ends_at,
                dismissible=not options.stays,
            ),
        )
        print(f"Announced as {made.id}.")
    return 0
