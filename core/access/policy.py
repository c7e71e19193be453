"""Who may do what: the one place that compares roles. Pages and routes only ask."""

from __future__ import annotations

from enum import StrEnum

from data.values.actor import Actor, Role


class Permission(StrEnum):
    """Something that not everybody may do."""

    CHAT = "chat"
    MANAGE_OWN_KEYS = "manage_own_keys"
    MANAGE_OWN_TOKENS = "manage_own_tokens"
    MANAGE_OWN_SESSIONS = "manage_own_sessions"
    SEE_OWN_USAGE = "see_own_usage"
    SEE_ALL_USAGE = "see_all_usage"
    SEE_PEOPLE = "see_people"  # who people are in numbers; without it they have pseudonyms there
    MANAGE_SHARED_KEYS = "manage_shared_keys"  # of teams and of the organisation
    MANAGE_VAULT = "manage_vault"
    MANAGE_PEOPLE = "manage_people"  # roles, teams, sessions and tokens of others, and what these may use
    MANAGE_MODELS = "manage_models"  # on and off for everyone, and models of one's own making
    MANAGE_TOOLS = "manage_tools"  # servers that bring tools, what is trusted of them, tools off for everyone
    MANAGE_FLAGS = "manage_flags"  # what is on for whom
    MANAGE_BUDGETS = "manage_budgets"  # what may be spent in a month
    MANAGE_REPORTS = "manage_reports"  # summaries of everybody's usage that are sent to places outside
    MANAGE_ALERTS = "manage_alerts"  # what is watched, who is told, and what fires
    MANAGE_WORKSPACE = "manage_workspace"  # announcements and maintenance, and to work while it is on
    MANAGE_RETENTION = "manage_retention"  # how long data is kept, legal holds, and receipts of what was destroyed
    SEE_METRICS = "see_metrics"  # how the server is doing, as /metrics tells monitoring
    SEE_AUDIT = "see_audit"
    EXPORT_EVIDENCE = "export_evidence"


_MEMBER = frozenset(
    {
        Permission.CHAT,
        Permission.MANAGE_OWN_KEYS,
        Permission.MANAGE_OWN_TOKENS,
        Permission.MANAGE_OWN_SESSIONS,
        Permission.SEE_OWN_USAGE,
    }
)
_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: _MEMBER,
    Role.ANALYST: _MEMBER | {Permission.SEE_ALL_USAGE},
    Role.ADMIN: frozenset(Permission),
}


def granted(actor: Actor, permission: Permission) -> bool:
    """Whether one of the actor's roles grants the permission, and the token, if they came with one, carries it."""
    if actor.scopes is not None and permission.value not in actor.scopes:
        return False
    return any(permission in _GRANTS[role] for role in actor.roles)
