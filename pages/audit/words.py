"""The audit log's terms as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.values.actor import Surface
from data.values.audit import SYSTEM_ACTOR, Action, AuditOutcome

_ACTIONS = {
    Action.KEY_CREATE: "Key added",
    Action.KEY_USE: "Key used",
    Action.KEY_TEST: "Key tested",
    Action.KEY_ROTATE: "Key rotated",
    Action.KEY_REVEAL: "Key asked for",
    Action.KEY_EXPIRE: "Key expired",
    Action.KEY_REVOKE: "Key revoked",
    Action.KEY_SET_EXPIRY: "Key expiry set",
    Action.KEY_FALL_BACK: "Key fallen back",
    Action.KEY_REMOVE: "Key removed",
    Action.KEY_SEAL: "Key sealed",
    Action.KEY_UNSEAL: "Key unsealed",
    Action.KEY_REWRAP: "Keys re-wrapped",
    Action.KEK_CREATE: "KEK made",
    Action.KEK_ACTIVATE: "KEK activated",
    Action.KEK_RETIRE: "KEK retired",
    Action.KEK_DESTROY: "KEK destroyed",
    Action.VAULT_BACKUP: "Vault backed up",
    Action.VAULT_RESTORE: "Vault restored",
    Action.VAULT_VERIFY: "Vault verified",
    Action.SIGN_IN: "Sign-in",
    Action.SIGN_OUT: "Sign-out",
    Action.SESSION_REVOKE: "Session ended",
    Action.ROLE_CHANGE: "Roles changed",
    Action.PERSON_CREATE: "Person came",
    Action.PERSON_ACTIVATE: "Person activated",
    Action.PERSON_DEACTIVATE: "Person deactivated",
    Action.PERSON_FORGET: "Person forgotten",
    Action.TEAM_CHANGE: "Team changed",
    Action.ACCESS_CHANGE: "Models and tools allowed",
    Action.TOKEN_CREATE: "Token created",
    Action.TOKEN_USE: "Token used",
    Action.TOKEN_REVOKE: "Token revoked",
    Action.MODEL_CHECK: "Model checked",
    Action.TOOL_SERVER_CHANGE: "Tool server changed",
    Action.TOOL_CHANGE: "Tool turned off or on",
    Action.TOOL_TRY: "Tool tried out",
    Action.TOOL_APPROVE: "Tool call allowed or denied",
    Action.FEEDBACK_GIVE: "Answer rated",
    Action.FLAG_FLIP: "Flag flipped",
    Action.ALERT_ACKNOWLEDGE: "Alert taken on",
    Action.ALERT_CHANGE: "Alerting changed",
    Action.ALERT_TEST: "Alert tried out",
    Action.REPORT_CHANGE: "Report changed",
    Action.REPORT_SEND: "Report sent",
    Action.ANNOUNCEMENT_CHANGE: "Announcement changed",
    Action.MAINTENANCE_CHANGE: "Maintenance changed",
    Action.HOLD_PLACE: "Hold placed",
    Action.HOLD_RELEASE: "Hold released",
    Action.HOLD_PURGE: "Removed after a hold",
    Action.SETTINGS_CHANGE: "Settings changed",
    Action.EXPORT: "Data exported",
    Action.SQL_QUERY: "SQL run",
    Action.ACCESS_REFUSED: "Access refused",
    Action.ACCESS_LOCK: "Locked out",
    Action.AUDIT_VERIFY: "Log verified",
    Action.AUDIT_EXPORT: "Log exported",
}
OUTCOMES: Mapping[str, str] = {
    AuditOutcome.DONE: "✓ done",
    AuditOutcome.FAILED: "✗ failed",
    AuditOutcome.REFUSED: "⊘ refused",
    AuditOutcome.STOPPED: "■ stopped",
    AuditOutcome.UNKNOWN: "? unknown",
    AuditOutcome.INTENT: "… intent",
}
OUTCOMES_EXPLAINED: Mapping[str, str] = {
    AuditOutcome.UNKNOWN: ": no outcome is in the log. It may be under way, or its process died.",
    AuditOutcome.INTENT: ": written before it was begun; the outcome is an event of its own.",
}
SURFACES: Mapping[str, str] = {
    Surface.CHAT: "the app",
    Surface.API: "the API",
    Surface.CLI: "the command line",
    Surface.BACKGROUND: "Gearbox itself",
}
_ID_CHARS = 8
_RANDOM = re.compile(r"[0-9a-f-]{16,}")
"""Ids that say nothing to anybody; others are names."""
_ACTORS = {SYSTEM_ACTOR: "Gearbox", "operator": "Operator"}


def what(action: str) -> str:
    """What happened; an action of a newer release as it is stored."""
    return _ACTIONS.get(action, action)  # type: ignore[call-overload, no-any-return]


def ended(outcome: str) -> str:
    """How it ended."""
    return OUTCOMES.get(outcome, outcome)


def who(actor_id: str, names: Mapping[str, str]) -> str:
    """A person by name; by id when they were forgotten, or never had an account."""
    return names.get(actor_id) or _ACTORS.get(actor_id) or actor_id


def about(target: str, names: Mapping[str, str]) -> str:
    """What it was done to, short enough for a table."""
    kind, colon, identifier = target.partition(":")
    if not colon:
        return target
    if kind == "secret":
        kind = "key"
    shown = identifier[:_ID_CHARS] if _RANDOM.fullmatch(identifier) else identifier
    return f"{kind} {names.get(identifier) or shown}"
