"""What the audit log records: who did what to what, from where, and how it ended. Never a secret, never a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data.values.actor import Actor, Surface

Detail = str | int | bool | None
"""What an event may say besides its columns: no floats, whose JSON text is not canonical everywhere."""


class Action(StrEnum):
    """What happened, as `object.verb`. Stored for ever: add members, never rename or remove one."""

    KEY_CREATE = "key.create"
    KEY_USE = "key.use"
    KEY_TEST = "key.test"
    KEY_ROTATE = "key.rotate"
    KEY_REVEAL = "key.reveal"
    KEY_SET_EXPIRY = "key.set_expiry"
    KEY_EXPIRE = "key.expire"
    KEY_FALL_BACK = "key.fall_back"
    KEY_REVOKE = "key.revoke"
    KEY_REMOVE = "key.remove"
    KEY_SEAL = "key.seal"
    KEY_UNSEAL = "key.unseal"
    KEY_REWRAP = "key.rewrap"
    KEK_CREATE = "kek.create"
    KEK_ACTIVATE = "kek.activate"
    KEK_RETIRE = "kek.retire"
    KEK_DESTROY = "kek.destroy"
    VAULT_BACKUP = "vault.backup"
    VAULT_RESTORE = "vault.restore"
    VAULT_VERIFY = "vault.verify"
    SIGN_IN = "session.sign_in"
    SIGN_OUT = "session.sign_out"
    SESSION_REVOKE = "session.revoke"
    ROLE_CHANGE = "person.roles"
    PERSON_CREATE = "person.create"
    PERSON_ACTIVATE = "person.activate"
    PERSON_DEACTIVATE = "person.deactivate"
    PERSON_FORGET = "person.forget"
    TEAM_CHANGE = "team.change"
    ACCESS_CHANGE = "access.change"
    TOKEN_CREATE = "token.create"
    TOKEN_USE = "token.use"
    TOKEN_REVOKE = "token.revoke"
    MODEL_CHECK = "model.check"
    TOOL_SERVER_CHANGE = "tool_server.change"
    TOOL_CHANGE = "tool.change"
    TOOL_TRY = "tool.try"
    TOOL_APPROVE = "tool.approve"
    FEEDBACK_GIVE = "feedback.give"
    FLAG_FLIP = "flag.flip"
    REPORT_CHANGE = "report.change"
    REPORT_SEND = "report.send"
    ALERT_ACKNOWLEDGE = "alert.acknowledge"
    ALERT_CHANGE = "alert.change"
    ALERT_TEST = "alert.test"
    ANNOUNCEMENT_CHANGE = "announcement.change"
    MAINTENANCE_CHANGE = "maintenance.change"
    HOLD_PLACE = "hold.place"
    HOLD_RELEASE = "hold.release"
    HOLD_PURGE = "hold.purge"
    SETTINGS_CHANGE = "settings.change"
    EXPORT = "data.export"
    SQL_QUERY = "data.query"
    ACCESS_REFUSED = "access.refused"
    ACCESS_LOCK = "access.lock"
    AUDIT_VERIFY = "audit.verify"
    AUDIT_EXPORT = "audit.export"


class AuditOutcome(StrEnum):
    """How it ended. INTENT is committed before an operation; one without a later event of its operation is unknown."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    STOPPED = "stopped"
    UNKNOWN = "unknown"  # its process died; booked by the one that found out


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event before it is linked into a chain.

    Args:
        target: what it was done to, as `kind:id`, for example `secret:4f1c`; empty where there is nothing to name.
        operation: groups an intent with its outcome; the call's id where a model was called.
        details: more facts, in ASCII keys; ids, names of providers, counts.
    """

    action: Action
    outcome: AuditOutcome
    actor_id: str
    target: str = ""
    operation: str = ""
    surface: Surface = Surface.BACKGROUND
    session_id: str = ""
    address: str = field(default="", repr=False)
    request_id: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)

    @classmethod
    def by(
        cls,
        actor: Actor,
        action: Action,
        outcome: AuditOutcome,
        *,
        target: str = "",
        operation: str = "",
        **details: Detail,
    ) -> AuditEvent:
        """An event of `actor`, with where they are taken from it."""
        return cls(
            action,
            outcome,
            actor.user_id,
            target,
            operation,
            actor.surface,
            actor.session_id,
            actor.address,
            actor.request_id,
            details,
        )


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One event as it stands in its chain. `body` is the canonical JSON whose SHA-256 is `hash`."""

    chain_id: str
    seq: int
    at: datetime
    actor_id: str
    action: str
    outcome: str
    target: str
    operation: str
    request_id: str
    surface: str
    hash: bytes = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last event of a chain."""

    chain_id: str
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement about all chains at one moment.

    `body` is canonical JSON; `hash` its SHA-256, which the next checkpoint names; `signature` is Ed25519 over `body`.
    `heads` is the JSON of the chains that moved since the checkpoint before (`core.audit.heads`): not signed itself, it
    must lead to the root that the body states.
    """

    seq: int
    at: datetime
    epoch: int
    body: str = field(repr=False)
    heads: str = field(repr=False)
    hash: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    key_id: str


@dataclass(frozen=True, slots=True)
class AuditKey:
    """A key that signs checkpoints: its public half (32 bytes), and the secret of the vault that holds the other."""

    id: str
    public_key: bytes
    secret_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one place outside the database has got: the last checkpoint it took, and since when it fails."""

    place: str
    seq: int
    at: datetime | None
    failing_since: datetime | None = None
    problem: str = ""


SYSTEM_ACTOR = "gearbox"
"""The actor of what Gearbox does on its own account."""


_BOOKED_BEFORE = frozenset({Action.KEY_USE, Action.KEY_TEST, Action.VAULT_VERIFY})
_ENDINGS = frozenset({AuditOutcome.FAILED, AuditOutcome.REFUSED, AuditOutcome.STOPPED, AuditOutcome.UNKNOWN})


def begins_key_operation(event: AuditEvent) -> bool:
    """Whether refusing the event keeps something from being done with a key; how it ended is booked in any case.

    Not so for the secrets of Gearbox's own: what signs the log must be opened to mend the log.
    """
    if event.outcome in _ENDINGS:
        return False
    if event.action in _BOOKED_BEFORE:
        return event.outcome is AuditOutcome.INTENT and event.actor_id != SYSTEM_ACTOR
    if event.action.value.partition(".")[0] not in {"key", "kek"}:
        return False
    return not (event.action is Action.KEY_CREATE and event.actor_id == SYSTEM_ACTOR)


def secret_target(secret_id: str) -> str:
    """How events name a key."""
    return f"secret:{secret_id}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Says that the audit intent of `operation` on `target` is on disk; only the store makes one.

    The vault opens no key without a receipt that names it.
    """

    operation: str
    target: str
