"""API tokens: how programs come in. Shown once, kept as a hash, and good for what their scopes say."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from core.access.access import Access
from core.access.lockout import Lockout
from core.access.policy import Permission, granted
from core.clock import utc_now
from core.errors import GearboxError, NotFound, SignedOut
from data.store import Store
from data.values.actor import Actor, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.canonical import END_OF_DATES
from data.values.people import ApiToken, Person

PREFIX = "gbx_"
_TOUCHED_EVERY = timedelta(minutes=1)
_NOBODY = Actor("", frozenset(), Surface.API)


class Tokens:
    """Makes, lists, revokes and recognises API tokens. Thread-safe."""

    def __init__(self, access: Access, store: Store, lockout: Lockout, clock: Callable[[], datetime] = utc_now) -> None:
        self._access = access
        self._store = store
        self._lockout = lockout
        self._clock = clock

    def create(
        self,
        actor: Actor,
        name: str,
        scopes: Iterable[Permission] = (Permission.CHAT,),
        expires_at: datetime | None = None,
        *,
        person_id: str | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token for the actor, or for somebody else, and return it with its text, which is never seen again.

        Raises:
            AccessRefused: the actor may not, or asks for more than they have.
            NotFound: there is no such person.
            GearboxError: the name, a scope or the date won't do, or the person may not do what the token is to.
        """
        owner_id = person_id or actor.user_id
        self._access.require(
            actor, Permission.MANAGE_OWN_TOKENS if owner_id == actor.user_id else Permission.MANAGE_PEOPLE
        )
        wanted = frozenset(scopes)
        for scope in sorted(wanted):
            self._access.require(actor, scope)
        owner = self._store.users.find(owner_id)
        if owner is None or not owner.is_active:
            raise NotFound("There is no such person.")
        self._require_of_owner(owner, wanted)
        now = self._clock()
        if not 1 <= len(name := name.strip()) <= 100 or not name.isprintable():
            raise GearboxError("A token needs a printable name of 1 to 100 characters.", "Name what will use it.")
        if not wanted:
            raise GearboxError("A token without scopes could do nothing.", "Choose at least one scope.")
        if expires_at is not None and expires_at.year >= END_OF_DATES:
            raise GearboxError("That date is too far away.", f"Choose one before {END_OF_DATES}, or none.")
        expires_at = self._no_later_than_its_maker(actor, expires_at)
        if expires_at is not None and expires_at <= now:
            raise GearboxError("The date on which the token expires has passed.", "Choose a later one.")
        plain = PREFIX + secrets.token_urlsafe(32)
        token = ApiToken(
            uuid.uuid4().hex, owner_id, name, plain[-4:], frozenset(scope.value for scope in wanted), now, expires_at
        )
        event = AuditEvent.by(
            actor,
            Action.TOKEN_CREATE,
            AuditOutcome.DONE,
            target=token_target(token.id),
            person=owner_id,
            scopes=" ".join(sorted(token.scopes)),
        )
        self._store.tokens.add(token, _hash(plain), event)
        return token, plain

    def _require_of_owner(self, owner: Person, wanted: frozenset[Permission]) -> None:
        """A scope beyond its person's roles would do nothing, until one day they are given the role."""
        theirs = Actor(owner.id, self._access.standings.roles_of(owner))
        beyond = sorted(scope.value for scope in wanted if not granted(theirs, scope))
        if beyond:
            roles = ", ".join(sorted(theirs.roles)) or "none"
            raise GearboxError(
                f"Whose token it is may not {' or '.join(beyond)} (their roles: {roles}), so it could not either.",
                f"Leave {'that scope' if len(beyond) == 1 else 'those scopes'} out, or give them the role first: "
                "the People page, or `python -m core people grant`.",
            )

    def _no_later_than_its_maker(self, actor: Actor, expires_at: datetime | None) -> datetime | None:
        """A token made with a token ends when that one does, at the latest: a leaked one must not prolong itself."""
        made_with = self._store.tokens.find(actor.session_id) if actor.scopes is not None else None
        limit = made_with[0].expires_at if made_with else None
        return min(filter(None, (limit, expires_at)), default=None)

    def list(self, actor: Actor, person_id: str | None = None) -> Sequence[ApiToken]:
        """The actor's tokens, or somebody else's for those who manage people; the newest first."""
        owner_id = person_id or actor.user_id
        self._access.require(
            actor, Permission.MANAGE_OWN_TOKENS if owner_id == actor.user_id else Permission.MANAGE_PEOPLE
        )
        return self._store.tokens.of(owner_id)

    def all(self, actor: Actor) -> Sequence[ApiToken]:
        """Everybody's tokens, the newest first."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        return self._store.tokens.of()

    def revoke(self, actor: Actor, token_id: str) -> None:
        """End a token: the actor's, or anybody's for those who manage people; does nothing to one that has ended.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        found = self._store.tokens.find(token_id)
        owner_id = self._access.require_own(
            actor,
            None if found is None else found[1].id,
            own=Permission.MANAGE_OWN_TOKENS,
            others=Permission.MANAGE_PEOPLE,
            missing=NotFound("There is no such token."),
            target=token_target(token_id),
        )
        event = AuditEvent.by(
            actor, Action.TOKEN_REVOKE, AuditOutcome.DONE, target=token_target(token_id), person=owner_id
        )
        self._store.tokens.revoke(token_id, self._clock(), event)
        self._access.standings.forget()

    def authenticate(self, bearer: str, address: str, request_id: str = "") -> tuple[ApiToken, Person]:
        """Whose token this is.

        Args:
            bearer: the token as it came; with or without `Bearer `.
            address: where it came from.

        Raises:
            SignedOut: it is not known, or not good any more; in the audit log.
            RateLimited: it is not good, and too many made-up ones came from there.
        """
        plain = _plain(bearer)
        try:
            if not plain.startswith(PREFIX):
                raise SignedOut("This is not an API token of Gearbox.", f"Send one that begins with {PREFIX}.")
            token, person = self._access.standings.token(_hash(plain))
        except SignedOut as refusal:
            # After looking: nobody guesses 256 bits, and a program with an old token must not lock out its neighbours.
            self._lockout.check(address=address)
            nobody = Actor("", frozenset(), Surface.API, address=address, request_id=request_id)
            self._access.note_refusal(nobody, reason=str(refusal))
            if not self._access.standings.knows_token(_hash(plain)):
                self._lockout.failed(nobody)
            raise
        now = self._clock()
        if self._is_to_be_noted(token, now):
            self._note_use(token, address, request_id, now)
        return token, person

    def at_hand(self, bearer: str) -> tuple[ApiToken, Person] | None:
        """What `authenticate` returns, where it would now neither ask the database nor write to it; else None."""
        plain = _plain(bearer)
        found = self._access.standings.token_at_hand(_hash(plain)) if plain.startswith(PREFIX) else None
        return None if found is None or self._is_to_be_noted(found[0], self._clock()) else found

    @staticmethod
    def _is_to_be_noted(token: ApiToken, now: datetime) -> bool:
        return token.last_used_at is None or now - token.last_used_at >= _TOUCHED_EVERY

    def _note_use(self, token: ApiToken, address: str, request_id: str, now: datetime) -> None:
        event = AuditEvent(
            Action.TOKEN_USE,
            AuditOutcome.DONE,
            token.user_id,
            target=token_target(token.id),
            surface=Surface.API,
            session_id=token.id,
            address=address,
            request_id=request_id,
        )
        self._store.tokens.touch(token.id, now, event)
        self._access.standings.forget()


def token_target(token_id: str) -> str:
    """How events name an API token."""
    return f"token:{token_id}"


def _plain(bearer: str) -> str:
    return bearer.strip().removeprefix("Bearer ").strip()


def _hash(plain: str) -> str:
    # 256 random bits need no slow hash: nobody can try them all.
    return hashlib.sha256(plain.encode()).hexdigest()
