"""Which models and tools people may use: `/api/v1/access-rules`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from starlette.routing import Route
from typing_extensions import TypedDict

from core.access.access_rules import LONGEST_ENTRY, MOST_ENTRIES, Usable
from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from data.values.access_rules import Lists, RuleOwner, Thing

_NEEDS = Permission.MANAGE_PEOPLE
_Entry = Annotated[str, Field(min_length=1, max_length=LONGEST_ENTRY)]
_Said = list[str] | Literal["none"] | None


class _Rules(Body):
    """Null: no rule. `none`: nothing may be used. An empty list would leave open which of the two is meant."""

    models: Annotated[list[_Entry], Field(min_length=1, max_length=MOST_ENTRIES)] | Literal["none"] | None
    tools: Annotated[list[_Entry], Field(min_length=1, max_length=MOST_ENTRIES)] | Literal["none"] | None


class _Shown(TypedDict):
    models: _Said
    tools: _Said


class _Kept(_Shown):
    owner: RuleOwner
    owner_id: str
    set_by: str
    set_at: datetime


class _All(TypedDict):
    rules: list[_Kept]


class _Changed(_Shown):
    before: _Shown
    matches_nothing: list[str]


class _Layer(TypedDict):
    owner: RuleOwner
    owner_ids: list[str]
    entries: list[str]


class _Comes(TypedDict):
    rules: list[_Layer]
    now: list[str]
    of: int


class _Person(_Shown):
    usable_models: _Comes
    usable_tools: _Comes


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    rules = "/api/v1/access-rules"
    return [
        api.route("GET", rules, _all, needs=_NEEDS, gives=_All),
        api.route("PUT", f"{rules}/organisation", _set_everybodys, needs=_NEEDS, body=_Rules, gives=_Changed),
        api.route("PUT", f"{rules}/teams/{{team_id}}", _set_teams, needs=_NEEDS, body=_Rules, gives=_Changed),
        api.route("GET", f"{rules}/people/{{person_id}}", _of_person, needs=_NEEDS, gives=_Person),
        api.route("PUT", f"{rules}/people/{{person_id}}", _set_persons, needs=_NEEDS, body=_Rules, gives=_Changed),
    ]


def _all(asked: Asked) -> _All:
    """Every rule: everybody's, then teams', then persons'."""
    return {
        "rules": [
            {
                "owner": each.owner,
                "owner_id": each.owner_id,
                **_shown(each.lists),
                "set_by": each.set_by,
                "set_at": each.set_at,
            }
            for each in asked.services.access_rules.all(asked.actor)
        ]
    }


def _set_everybodys(asked: Asked) -> _Changed:
    """Say what anybody may use; no other rule goes beyond it."""
    return _set(asked, RuleOwner.ORGANISATION, "")


def _set_teams(asked: Asked) -> _Changed:
    """Say what a team's members may use; rules of several teams add up."""
    return _set(asked, RuleOwner.TEAM, asked.path["team_id"])


def _set_persons(asked: Asked) -> _Changed:
    """Say what a person may use, whatever their teams' rules say."""
    return _set(asked, RuleOwner.USER, asked.path["person_id"])


def _of_person(asked: Asked) -> _Person:
    """A person's own rules, and what they may use now of what is here, by which rules."""
    rules, person_id = asked.services.access_rules, asked.path["person_id"]
    usable = rules.usable(asked.actor, person_id)
    return {
        **_shown(rules.of(asked.actor, RuleOwner.USER, person_id)),
        "usable_models": _comes(usable[Thing.MODELS]),
        "usable_tools": _comes(usable[Thing.TOOLS]),
    }


def _set(asked: Asked, owner: RuleOwner, owner_id: str) -> _Changed:
    sent, rules = asked.read(_Rules), asked.services.access_rules
    lists = Lists(_read(sent.models), _read(sent.tools))
    unmatched = rules.preview(asked.actor, owner, owner_id, lists).unmatched
    before = rules.set(asked.actor, owner, owner_id, lists)
    return {**_shown(lists), "before": _shown(before), "matches_nothing": list(unmatched)}


def _read(said: _Said) -> tuple[str, ...] | None:
    return said if said is None else () if said == "none" else tuple(said)


def _shown(lists: Lists) -> _Shown:
    return {"models": _said(lists.models), "tools": _said(lists.tools)}


def _said(entries: Sequence[str] | None) -> _Said:
    return None if entries is None else list(entries) or "none"


def _comes(usable: Usable) -> _Comes:
    rules: list[_Layer] = [
        {"owner": layer.owner, "owner_ids": list(layer.owner_ids), "entries": list(layer.patterns)}
        for layer in usable.allowed.layers
    ]
    return {"rules": rules, "now": list(usable.now), "of": usable.of}
