"""Who is at the door: the one place that turns what a request brings into an `Actor`.

Mode `local`: one owner, no account, loopback only (`core.api.front_door` sees to that). Mode `oidc`: whom Streamlit's
`st.login` let in. Mode `proxy`: whom a trusted proxy names in its headers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from core.access.access import Access
from core.access.arrival import Arrival
from core.access.identities import Identities, ProxyHeaders, from_claims
from core.access.policy import Permission, granted
from core.access.rate_limit import RateLimit
from core.access.roles import LOCAL_OWNER_ID, RoleRules
from core.access.sessions import Sessions, new_secret
from core.access.tokens import Tokens
from core.errors import SignedOut
from data.store import Store
from data.values.actor import Actor, Role, Surface
from data.values.people import ApiToken, Person, Session

__all__ = ["LOCAL_OWNER_ID", "Begun", "SignIn"]


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session. `held` is for the browser alone, in the cookie `SESSION_COOKIE`, for `lasts`."""

    actor: Actor
    held: str = field(repr=False)
    lasts: timedelta


class SignIn:
    """Admits people and programs. Thread-safe, blocking (SQLite: under a millisecond; nothing when seen lately)."""

    def __init__(
        self,
        store: Store,
        access: Access,
        sessions: Sessions,
        tokens: Tokens,
        *,
        identities: Identities,
        rules: RoleRules,
        headers: ProxyHeaders,
        begins: RateLimit,
    ) -> None:
        self._store = store
        self._access = access
        self._sessions = sessions
        self._tokens = tokens
        self._identities = identities
        self._headers = headers
        self._begins = begins
        self.mode = rules.mode

    def actor(self, surface: Surface = Surface.CHAT) -> Actor:
        """The owner, in `local` mode, where no request is. Raises SignedOut in any other mode."""
        if self.mode != "local":
            raise SignedOut("You are not signed in.", "Sign in.")
        return Actor(self._owner().id, frozenset(Role), surface)

    def admit(self, arrival: Arrival, surface: Surface = Surface.CHAT) -> Actor:
        """Who this is: by its API token, if it brings one to the API, else by its session.

        In `oidc` mode a run of a page that brings verified claims begins the session of its cookie.

        Raises:
            SignedOut: nobody who may come in.
            RateLimited: too many bad tokens came from there.
        """
        address = arrival.address
        if surface is Surface.API and arrival.bearer:
            found = self._tokens.authenticate(arrival.bearer, address, arrival.request_id)
            return _program(*found, arrival)
        held = arrival.held(self.mode)
        if not held:
            raise SignedOut("You are not signed in.", "Sign in.")
        if self.mode == "oidc" and arrival.claims is not None and not self._sessions.is_known(held):
            session, person = self._begun_with_claims(arrival, held, address)
        else:
            session, person = self._sessions.check(held)
        if self.mode == "proxy":
            self._require_same(arrival, person)
        return _actor(session, person, arrival, address, surface)

    def at_hand(self, arrival: Arrival, permission: Permission) -> bool:
        """Whether `admit` to the API, and `Access.require`, would go well now without the database.

        Then an event loop may ask them; it costs microseconds, where a thread costs two changes of threads.
        """
        found = self._tokens.at_hand(arrival.bearer)
        return found is not None and granted(_program(*found, arrival), permission)

    def begin(self, arrival: Arrival) -> Begun:
        """Begin a session for whoever needs no asking: the owner in `local` mode, whom the proxy names in `proxy` mode.

        Raises:
            SignedOut: nobody, or somebody who may not come in.
            RateLimited: too many sessions began from there.
        """
        address = arrival.address
        self._begins.check(address)
        if self.mode == "local":
            person = self._owner()
        elif self.mode == "proxy":
            named = self._headers.named(arrival.headers)
            person = self._identities.meet(named, address=address, request_id=arrival.request_id)
        else:
            raise SignedOut("You are not signed in.", "Sign in.")
        held = new_secret()
        session, person = self._begun(arrival, held, address, person)
        actor = _actor(session, person, arrival, address, Surface.CHAT)
        return Begun(actor, held, session.expires_at - session.created_at)

    def _begun_with_claims(self, arrival: Arrival, held: str, address: str) -> tuple[Session, Person]:
        claims = arrival.claims or {}
        named = from_claims(claims)
        self._sessions.require_recent(claims.get("iat"))
        self._begins.check(address)
        person = self._identities.meet(named, address=address, request_id=arrival.request_id)
        return self._begun(arrival, held, address, person)

    def _begun(self, arrival: Arrival, held: str, address: str, person: Person) -> tuple[Session, Person]:
        if not person.is_active:
            nobody = Actor(person.id, frozenset(), Surface.CHAT, address=address, request_id=arrival.request_id)
            self._access.note_refusal(nobody, reason="deactivated")
            raise SignedOut("This account is deactivated.", "Ask an admin to activate it.")
        self._sessions.begin(
            person,
            self.mode,
            held,
            address=address,
            user_agent=arrival.user_agent,
            request_id=arrival.request_id,
        )
        return self._sessions.check(held)

    def _require_same(self, arrival: Arrival, person: Person) -> None:
        """A browser whose person changed at the proxy must not go on with the session of the one before."""
        named = self._store.users.named(self._headers.named(arrival.headers).identity)
        if named is None or named.id != person.id:
            raise SignedOut("The sign-in proxy names somebody else now.", "Load the page again.")

    def _owner(self) -> Person:
        person = self._store.users.find(LOCAL_OWNER_ID)
        if person is None:
            self._store.users.ensure(LOCAL_OWNER_ID, "Owner")
            person = self._store.users.find(LOCAL_OWNER_ID)
        if person is None:
            raise SignedOut("The owner could not be found.", "Load the page again.")
        return person


def _actor(session: Session, person: Person, arrival: Arrival, address: str, surface: Surface) -> Actor:
    return Actor(person.id, person.roles, surface, person.team_ids, session.id, address, arrival.request_id)


def _program(token: ApiToken, person: Person, arrival: Arrival) -> Actor:
    made_by = (person.team_ids, token.id, arrival.address, arrival.request_id)
    return Actor(person.id, person.roles, Surface.API, *made_by, token.scopes)
