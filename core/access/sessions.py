"""Sessions: one for each browser that is signed in, known to the server and ended there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.access.access import Access
from core.access.policy import Permission
from core.access.standing import DEFAULT_LIMITS, Limits
from core.clock import utc_now
from core.errors import NotFound, SignedOut
from data.store import Store
from data.values.actor import Actor, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.people import Person, Session

_TOUCHED_EVERY = timedelta(minutes=1)
_PURGED_EVERY = timedelta(hours=1)
_KEPT = timedelta(days=30)
"""How long rows of sessions that ended are kept."""


@dataclass(frozen=True, slots=True)
class SessionCard:
    """What may be shown of a session. `is_this` marks the one that asks."""

    id: str
    user_id: str
    mode: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str = field(repr=False)
    user_agent: str
    is_this: bool


class Sessions:
    """Begins, checks and ends sessions. Thread-safe."""

    def __init__(
        self,
        access: Access,
        store: Store,
        limits: Limits = DEFAULT_LIMITS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._access = access
        self._store = store
        self._limits = limits
        self._clock = clock
        self._purged_at = clock() - _PURGED_EVERY

    def begin(self, person: Person, mode: str, held: str, *, address: str, user_agent: str, request_id: str) -> Session:
        """Sign a person in.

        Args:
            held: what the browser holds to be known by; at least 128 random bits. Only its hash is kept.
        """
        now = self._clock()
        session = Session(
            session_id(held), person.id, mode, now, now, now + self._limits.lasts, None, address, user_agent[:300]
        )
        event = AuditEvent(
            Action.SIGN_IN,
            AuditOutcome.DONE,
            person.id,
            target=session_target(session.id),
            surface=Surface.CHAT,
            session_id=session.id,
            address=address,
            request_id=request_id,
            details={"mode": mode},
        )
        self._store.sessions.begin(session, event)
        if self._purged_at + _PURGED_EVERY <= now:
            self._purged_at = now
            self._store.sessions.purge(now - _KEPT)
        self._access.standings.forget()
        return session

    def check(self, held: str) -> tuple[Session, Person]:
        """The session of a browser that holds this, and its person. Raises SignedOut."""
        session, person = self._access.standings.session(session_id(held))
        now = self._clock()
        if now - session.last_seen_at >= _TOUCHED_EVERY:
            self._store.sessions.touch(session, now)
        return session, person

    def is_known(self, held: str) -> bool:
        """Whether a session of this was ever begun; it may have ended since."""
        return self._access.standings.knows(session_id(held))

    def require_recent(self, issued_at: object) -> None:
        """Go on only when a sign-in of that moment (seconds since 1970) may still begin a session. Raises SignedOut."""
        limit = (self._clock() - self._limits.lasts).timestamp()
        if not isinstance(issued_at, int | float) or issued_at <= limit:
            raise SignedOut("Your sign-in has expired.", "Sign in again.")

    def list(self, actor: Actor, user_id: str | None = None) -> Sequence[SessionCard]:
        """The sessions that go on of the actor, or of somebody else; the last used first.

        Raises:
            AccessRefused: somebody else's are only for those who manage people.
        """
        if user_id not in {None, actor.user_id}:
            self._access.require(actor, Permission.MANAGE_PEOPLE)
        else:
            self._access.require(actor, Permission.MANAGE_OWN_SESSIONS)
        now = self._clock()
        found = self._store.sessions.of(user_id or actor.user_id, now)
        return [_card(each, actor) for each in found if each.last_seen_at + self._limits.idle > now]

    def revoke(self, actor: Actor, session_id: str) -> None:
        """End one session: the actor's, or anybody's for those who manage people.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        found = self._store.sessions.find(session_id)
        owner_id = self._access.require_own(
            actor,
            None if found is None else found[1].id,
            own=Permission.MANAGE_OWN_SESSIONS,
            others=Permission.MANAGE_PEOPLE,
            missing=NotFound("There is no such session."),
            target=session_target(session_id),
        )
        self._end(actor, owner_id, only=session_id)

    def revoke_all(self, actor: Actor, user_id: str | None = None, *, but_this: bool = False) -> int:
        """End every session of the actor, or of somebody else; `but_this` spares the one that asks. How many."""
        if user_id not in {None, actor.user_id}:
            self._access.require(actor, Permission.MANAGE_PEOPLE)
        else:
            self._access.require(actor, Permission.MANAGE_OWN_SESSIONS)
        return self._end(actor, user_id or actor.user_id, but=actor.session_id if but_this else "")

    def sign_out(self, actor: Actor) -> None:
        """End the session that asks; does nothing for whoever came without one."""
        if actor.session_id and actor.scopes is None:
            event = AuditEvent.by(actor, Action.SIGN_OUT, AuditOutcome.DONE, target=session_target(actor.session_id))
            self._store.sessions.revoke(actor.user_id, self._clock(), event, only=actor.session_id)
            self._access.standings.forget()

    def _end(self, actor: Actor, user_id: str, *, only: str = "", but: str = "") -> int:
        target = session_target(only) if only else f"person:{user_id}"
        event = AuditEvent.by(actor, Action.SESSION_REVOKE, AuditOutcome.DONE, target=target, person=user_id)
        ended = self._store.sessions.revoke(user_id, self._clock(), event, only=only, but=but)
        self._access.standings.forget()
        return ended


def new_secret() -> str:
    """What a browser shall hold: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def session_id(held: str) -> str:
    """The server's id of the session of whoever holds this."""
    return hashlib.sha256(held.encode()).hexdigest()


def session_target(session_id: str) -> str:
    """How events name a session."""
    return f"session:{session_id}"


def _card(session: Session, actor: Actor) -> SessionCard:
    return SessionCard(
        session.id,
        session.user_id,
        session.mode,
        session.created_at,
        session.last_seen_at,
        session.expires_at,
        session.address,
        session.user_agent,
        session.id == actor.session_id,
    )
