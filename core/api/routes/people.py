"""People and their teams: `/api/people`, `/api/teams`."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route
from typing_extensions import TypedDict

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from data.values.actor import Role
from data.values.people import Person, Team
from data.values.retention import ForgetReceipt

PEOPLE = Permission.MANAGE_PEOPLE


class _PersonRoles(Body):
    roles: frozenset[Role]


class _TeamName(Body):
    name: str


class _SessionsEnded(TypedDict):
    ended: int


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/people", _people, needs=PEOPLE),
        api.route("PUT", "/api/people/{person_id}/roles", _set_roles, needs=PEOPLE, body=_PersonRoles),
        api.route("POST", "/api/people/{person_id}/deactivate", _deactivate, needs=PEOPLE),
        api.route("POST", "/api/people/{person_id}/activate", _activate, needs=PEOPLE),
        api.route("DELETE", "/api/people/{person_id}/sessions", _sign_out, needs=PEOPLE),
        api.route("DELETE", "/api/people/{person_id}", _forget, needs=PEOPLE),
        api.route("GET", "/api/teams", _teams, needs=PEOPLE),
        api.route("POST", "/api/teams", _create_team, 201, needs=PEOPLE, body=_TeamName),
        api.route("PUT", "/api/teams/{team_id}", _rename_team, needs=PEOPLE, body=_TeamName),
        api.route("DELETE", "/api/teams/{team_id}", _delete_team, needs=PEOPLE),
        api.route("PUT", "/api/teams/{team_id}/members/{person_id}", _add_member, needs=PEOPLE),
        api.route("DELETE", "/api/teams/{team_id}/members/{person_id}", _remove_member, needs=PEOPLE),
    ]


def _people(asked: Asked) -> Sequence[Person]:
    """Everybody who was ever here."""
    return asked.services.people.list(asked.actor)


def _set_roles(asked: Asked) -> Person:
    """Give a person these roles and no others."""
    return asked.services.people.set_roles(asked.actor, asked.path["person_id"], asked.read(_PersonRoles).roles)


def _deactivate(asked: Asked) -> Person:
    """Let a person in no more: their sessions and tokens end."""
    return asked.services.people.deactivate(asked.actor, asked.path["person_id"])


def _activate(asked: Asked) -> Person:
    """Let a person in again."""
    return asked.services.people.activate(asked.actor, asked.path["person_id"])


def _sign_out(asked: Asked) -> _SessionsEnded:
    """End all sessions of a person."""
    return {"ended": asked.services.sessions.revoke_all(asked.actor, asked.path["person_id"])}


def _forget(asked: Asked) -> ForgetReceipt:
    """Forget a person: name, address, keys, tokens and sessions. The audit log and the books stay whole.

    Answers with the receipt: what was deleted. Refused while a legal hold is on them.
    """
    return asked.services.people.forget(asked.actor, asked.path["person_id"])


def _teams(asked: Asked) -> Sequence[Team]:
    """Every team with its members."""
    return asked.services.teams.list(asked.actor)


def _create_team(asked: Asked) -> Team:
    """Make a team."""
    return asked.services.teams.create(asked.actor, asked.read(_TeamName).name)


def _rename_team(asked: Asked) -> None:
    """Give a team another name."""
    asked.services.teams.rename(asked.actor, asked.path["team_id"], asked.read(_TeamName).name)


def _delete_team(asked: Asked) -> None:
    """Delete a team and its keys."""
    asked.services.teams.delete(asked.actor, asked.path["team_id"])


def _add_member(asked: Asked) -> None:
    """Take a person into a team."""
    asked.services.teams.add(asked.actor, asked.path["team_id"], asked.path["person_id"])


def _remove_member(asked: Asked) -> None:
    """Take a person out of a team."""
    asked.services.teams.remove(asked.actor, asked.path["team_id"], asked.path["person_id"])
