"""How a session, a token and their person stand now: asked on every run and request, remembered for two seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from core.access.roles import LOCAL_RULES, RoleRules
from core.clock import utc_now
from core.errors import SignedOut
from data.values.actor import Actor, Role
from data.values.people import ApiToken, Person, Session

if TYPE_CHECKING:
    from data.store import Store

REMEMBERED_S = 2.0
"""How long another process may go on with a session after it was ended; in this process it ends at once."""

_MOST = 10_000
# What is at hand stays so for whoever asks next, on the same event loop.
_LASTS_S = 0.1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: in all, and without being used."""

    lasts: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(days=1)


DEFAULT_LIMITS = Limits()


class Standings:
    """Looks up who is behind a session or token, and whether they are good. Thread-safe.

    Args:
        clock: returns aware instants.
        elapsed: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        store: Store,
        rules: RoleRules = LOCAL_RULES,
        limits: Limits = Limits(),  # frozen
        clock: Callable[[], datetime] = utc_now,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._rules = rules
        self._limits = limits
        self._clock = clock
        self._elapsed = elapsed
        self._remembered: dict[tuple[str, str], tuple[float, Any]] = {}

    def session(self, session_id: str) -> tuple[Session, Person]:
        """A session that is good, with its person. Raises SignedOut."""
        found = self._look(("session", session_id), lambda: self._store.sessions.find(session_id))
        if found is None:
            raise SignedOut("You are not signed in.", "Sign in.")
        session, person = found
        now = self._clock()
        if session.revoked_at is not None:
            raise SignedOut("This session was ended.", "Sign in again.")
        if session.expires_at <= now or session.last_seen_at + self._limits.idle <= now:
            raise SignedOut("Your session has expired.", "Sign in again.")
        if session.mode != self._rules.mode:
            raise SignedOut("This session was begun in another sign-in mode.", "Sign in again.")
        return session, self._good(person)

    def token(self, token_hash: str) -> tuple[ApiToken, Person]:
        """The token that hashes to this, if it is good, with its person. Raises SignedOut."""
        return self._token(self._look(("hash", token_hash), lambda: self._store.tokens.with_hash(token_hash)))

    def token_at_hand(self, token_hash: str) -> tuple[ApiToken, Person] | None:
        """What `token` finds, where neither it nor `require_good` would now ask the database or refuse; else None."""
        found = self._at_hand(("hash", token_hash))
        if found is None or self._at_hand(("token", found[0].id)) != found:
            return None
        with contextlib.suppress(SignedOut):
            return self._token(found)
        return None

    def knows_token(self, token_hash: str) -> bool:
        """Whether there is such a token, good or not."""
        return self._store.tokens.with_hash(token_hash) is not None

    def knows(self, session_id: str) -> bool:
        """Whether there is such a session, good or not."""
        return self._store.sessions.find(session_id) is not None

    def require_good(self, actor: Actor) -> None:
        """Go on only while the session or token that the actor came with, and the person, are good.

        Raises:
            SignedOut: they are not.
        """
        if not actor.session_id:
            known = self._look(("person", actor.user_id), lambda: self._store.users.find(actor.user_id))
            if known is not None:
                self._good(known)
            return
        if actor.scopes is None:
            _, person = self.session(actor.session_id)
        else:
            key = ("token", actor.session_id)
            _, person = self._token(self._look(key, lambda: self._store.tokens.find(actor.session_id)))
        if person.id != actor.user_id:
            raise SignedOut("This session is another person's.", "Sign in again.")

    def at_hand(self, actor: Actor) -> bool:
        """Whether `require_good` would now answer of a token's actor without the database."""
        return actor.scopes is not None and self._at_hand(("token", actor.session_id)) is not None

    def roles_of(self, person: Person) -> frozenset[Role]:
        """What the person's roles are under this deployment's rules."""
        return self._rules.applied(person).roles

    def forget(self) -> None:
        """Look everything up anew: something was ended or changed in this process."""
        self._remembered.clear()

    def _token(self, found: tuple[ApiToken, Person] | None) -> tuple[ApiToken, Person]:
        if found is None:
            raise SignedOut("This API token is not known.", "Make one in the settings.")
        token, person = found
        if token.revoked_at is not None:
            raise SignedOut("This API token was revoked.", "Make another one in the settings.")
        if token.expires_at is not None and token.expires_at <= self._clock():
            raise SignedOut("This API token has expired.", "Make another one in the settings.")
        return token, self._good(person)

    def _good(self, person: Person) -> Person:
        if not person.is_active:
            raise SignedOut("This account is deactivated.", "Ask an admin to activate it.")
        return self._rules.applied(person)

    def _at_hand(self, key: tuple[str, str]) -> tuple[ApiToken, Person] | None:
        until, known = self._remembered.get(key, (0.0, None))
        return known if until > self._elapsed() + _LASTS_S else None

    def _look(self, key: tuple[str, str], look: Callable[[], T]) -> T:
        now = self._elapsed()
        remembered = self._remembered.get(key)
        if remembered is not None and remembered[0] > now:
            known: T = remembered[1]
            return known
        found = look()
        if len(self._remembered) >= _MOST:
            self._remembered.clear()
        self._remembered[key] = now + REMEMBERED_S, found
        return found
