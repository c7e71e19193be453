"""People and their teams: `/api/people`, `/api/teams`."""

from __future__ import annotations

from starlette.routing import Route

from core.api.answers import Api, Asked, Body
from data.values.actor import Role


class _Roles(Body):
    roles: frozenset[Role]


class _Name(Body):
    name: str


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/people", _people),
        api.route("PUT", "/api/people/{person_id}/roles", _set_roles),
        api.route("POST", "/api/people/{person_id}/deactivate", _deactivate),
        api.route("POST", "/api/people/{person_id}/activate", _activate),
        api.route("DELETE", "/api/people/{person_id}/sessions", _sign_out),
        api.route("DELETE", "/api/people/{person_id}", _forget),
        api.route("GET", "/api/teams", _teams),
        api.route("POST", "/api/teams", _create_team, 201),
        api.route("PUT", "/api/teams/{team_id}", _rename_team),
        api.route("DELETE", "/api/teams/{team_id}", _delete_team),
        api.route("PUT", "/api/teams/{team_id}/members/{person_id}", _add_member),
        api.route("DELETE", "/api/teams/{team_id}/members/{person_id}", _remove_member),
    ]


def _people(asked: Asked) -> object:
    return asked.services.people.list(asked.actor)


def _set_roles(asked: Asked) -> object:
    return asked.services.people.set_roles(asked.actor, asked.path["person_id"], asked.read(_Roles).roles)


def _deactivate(asked: Asked) -> object:
    return asked.services.people.deactivate(asked.actor, asked.path["person_id"])


def _activate(asked: Asked) -> object:
    return asked.services.people.activate(asked.actor, asked.path["person_id"])


def _sign_out(asked: Asked) -> object:
    return {"ended": asked.services.sessions.revoke_all(asked.actor, asked.path["person_id"])}


def _forget(asked: Asked) -> None:
    asked.services.people.forget(asked.actor, asked.path["person_id"])


def _teams(asked: Asked) -> object:
    return asked.services.teams.list(asked.actor)


def _create_team(asked: Asked) -> object:
    return asked.services.teams.create(asked.actor, asked.read(_Name).name)


def _rename_team(asked: Asked) -> None:
    asked.services.teams.rename(asked.actor, asked.path["team_id"], asked.read(_Name).name)


def _delete_team(asked: Asked) -> None:
    asked.services.teams.delete(asked.actor, asked.path["team_id"])


def _add_member(asked: Asked) -> None:
    asked.services.teams.add(asked.actor, asked.path["team_id"], asked.path["person_id"])


def _remove_member(asked: Asked) -> None:
    asked.services.teams.remove(asked.actor, asked.path["team_id"], asked.path["person_id"])
