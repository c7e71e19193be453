"""Feature flags: `/api/v1/flags`, as the Flags page has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

from pydantic import Field
from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.api.routes import flag_shapes as shapes
from data.values.flag_evaluation import FlagContext
from data.values.flags import Flag, FlagKind, FlagState, Prerequisite, Rule, Unit, to_json

_NEEDS = Permission.MANAGE_FLAGS


class _Kept(Body):
    """What `data.values.flags.Flag` is; its key is in the path."""

    version: int = Field(0, ge=0, lt=2**31)
    kind: FlagKind = FlagKind.BOOLEAN
    variants: dict[str, Any] = Field({"on": True, "off": False})
    default: str
    off: str = "off"
    state: FlagState = FlagState.ON
    unit: Unit = Unit.USER
    salt: str = Field("", max_length=64)
    rules: tuple[Rule, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    description: str = Field("", max_length=2000)
    owner: str = Field("", max_length=200)
    expires_on: date | None = None
    why: str = Field("", max_length=500)


class _State(Body):
    state: FlagState
    why: str = Field(max_length=500)


class _Back(Body):
    version: int = Field(ge=0, lt=2**31)
    why: str = Field(max_length=500)


class _For(Body):
    person_id: str = Field("", max_length=64)
    conversation_id: str = Field("", max_length=64)
    environment: str = Field("", max_length=64)


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/v1/flags", _list, needs=_NEEDS, gives=shapes.FlagList),
        api.route("GET", "/api/v1/flags/{flag_key}", _one, needs=_NEEDS, gives=shapes.FlagShape),
        api.route("PUT", "/api/v1/flags/{flag_key}", _save, needs=_NEEDS, body=_Kept, gives=shapes.FlagShape),
        api.route("POST", "/api/v1/flags/{flag_key}/state", _state, needs=_NEEDS, body=_State, gives=shapes.FlagShape),
        api.route("POST", "/api/v1/flags/{flag_key}/revert", _revert, needs=_NEEDS, body=_Back, gives=shapes.FlagShape),
        api.route("GET", "/api/v1/flags/{flag_key}/history", _history, needs=_NEEDS, gives=shapes.History),
        api.route("GET", "/api/v1/flags/{flag_key}/evaluate", _for, needs=_NEEDS, query=_For, gives=shapes.Evaluated),
    ]


def _list(asked: Asked) -> shapes.FlagList:
    """Every flag."""
    return {"flags": [_shown(flag) for flag in asked.services.flag_parts.admin.list(asked.actor)]}


def _one(asked: Asked) -> shapes.FlagShape:
    """One flag."""
    return _shown(asked.services.flag_parts.admin.get(asked.actor, asked.path["flag_key"]))


def _save(asked: Asked) -> shapes.FlagShape:
    """Make a flag, or change the version that you have seen: another one in its place is a conflict."""
    sent = asked.read(_Kept)
    known = {name: getattr(sent, name) for name in _Kept.model_fields if name != "why"}
    flag = Flag(key=asked.path["flag_key"], **known)
    return _shown(asked.services.flag_parts.admin.save(asked.actor, flag, sent.why))


def _state(asked: Asked) -> shapes.FlagShape:
    """Turn a flag on or off, kill it, or remove it; with a reason."""
    sent = asked.read(_State)
    changed = asked.services.flag_parts.admin.set_state(asked.actor, asked.path["flag_key"], sent.state, sent.why)
    return _shown(changed)


def _revert(asked: Asked) -> shapes.FlagShape:
    """Make a flag what it was in an earlier version; with a reason."""
    sent = asked.read(_Back)
    return _shown(asked.services.flag_parts.admin.revert(asked.actor, asked.path["flag_key"], sent.version, sent.why))


def _history(asked: Asked) -> shapes.History:
    """What was changed, the newest first."""
    changes = asked.services.flag_parts.admin.history(asked.actor, asked.path["flag_key"])
    return {
        "changes": [
            {
                "version": change.version,
                "at": change.at,
                "by": change.by,
                "why": change.why,
                "before": None if change.before is None else _shown(change.before),
                "after": _shown(change.after),
            }
            for change in changes
        ]
    }


def _for(asked: Asked) -> shapes.Evaluated:
    """What a flag comes to for somebody, and why; nothing is recorded of it."""
    admin, wanted = asked.services.flag_parts.admin, asked.read_query(_For)
    flag = admin.get(asked.actor, asked.path["flag_key"])
    who = admin.context_of(asked.actor, wanted.person_id) if wanted.person_id else FlagContext()
    who = replace(who, conversation_id=wanted.conversation_id, environment=wanted.environment)
    found = admin.evaluate_for(asked.actor, flag, who)
    return {
        "variant": found.variant,
        "value": found.value,
        "reason": found.reason,
        "rule": found.rule,
        "arm": found.arm,
        "unmet": found.unmet or None,
    }


def _shown(flag: Flag) -> shapes.FlagShape:
    return cast(shapes.FlagShape, to_json(flag))
