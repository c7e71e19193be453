"""Who may do what: the one place that compares roles. Pages and routes only ask."""

from __future__ import annotations

from enum import StrEnum

from core.errors import AccessRefused
from data.values.actor import Actor, Role


class Permission(StrEnum):
    """Something that not everybody may do."""

    CHAT = "chat"
    SEE_OWN_USAGE = "see_own_usage"
    SEE_ALL_USAGE = "see_all_usage"


_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: frozenset({Permission.CHAT, Permission.SEE_OWN_USAGE}),
    Role.ANALYST: frozenset({Permission.CHAT, Permission.SEE_OWN_USAGE, Permission.SEE_ALL_USAGE}),
    Role.ADMIN: frozenset(Permission),
}


def may(actor: Actor, permission: Permission) -> bool:
    """Whether one of the actor's roles grants the permission."""
    return any(permission in _GRANTS[role] for role in actor.roles)


def require(actor: Actor, permission: Permission) -> None:
    """Raise `AccessRefused` unless the actor has the permission."""
    if not may(actor, permission):
        raise AccessRefused("You may not do this.", "Ask an admin for the role that allows it.")
