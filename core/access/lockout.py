"""Lockout: after too many failures, an account or an address has to wait; for each further one twice as long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from core.clock import utc_now
from core.errors import RateLimited
from data.store import Store
from data.store.attempts import Attempt
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome

ACCOUNT_FAILURES = 5
ADDRESS_FAILURES = 20
WINDOW = timedelta(minutes=15)
"""Failures count together while each comes within this time of the first; a lock lasts no longer either."""
_FIRST_LOCK = timedelta(minutes=1)


class Lockout:
    """Counts failures in the database, so that all processes count together. Thread-safe, blocking.

    An account is locked for failures of whoever signed in to it; so nobody can lock out somebody else.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def check(self, *, account: str = "", address: str = "") -> None:
        """Go on unless one of them is locked; empty ones are not asked about.

        Raises:
            RateLimited: until when.
        """
        now = self._clock()
        for key, _limit in _keys(account, address):
            known = self._store.attempts.find(key)
            if known is not None and known.locked_until is not None and known.locked_until > now:
                wait = (known.locked_until - now).total_seconds()
                raise RateLimited("Too many attempts failed.", f"Try again in {_in_words(wait)}.", retry_after=wait)

    def failed(self, actor: Actor, *, account: str = "") -> None:
        """Count a failure of the account, and of the address that the actor came from."""
        self._store.attempts.purge(self._clock() - WINDOW)
        for key, limit in _keys(account, actor.address):
            self._store.attempts.change(key, partial(self._counted, actor, key, limit))

    def succeeded(self, *, account: str) -> None:
        """The account's owner got it right: its failures are forgotten. Those of an address are not: one good password
        among many bad ones is no excuse."""
        for key, _limit in _keys(account, ""):
            self._store.attempts.forget(key)

    def _counted(self, actor: Actor, key: str, limit: int, known: Attempt | None) -> tuple[Attempt, AuditEvent | None]:
        now = self._clock()
        if known is None or max(known.since, known.locked_until or known.since) + WINDOW <= now:
            known = Attempt(key, 0, now)
        failures = known.failures + 1
        if failures < limit:
            return Attempt(key, failures, known.since, known.locked_until), None
        lasts = min(_FIRST_LOCK * 2 ** min(failures - limit, 10), WINDOW)
        kind = key.partition(":")[0]  # an address itself must be forgettable, so the log's details never name it
        event = AuditEvent.by(
            actor,
            Action.ACCESS_LOCK,
            AuditOutcome.DONE,
            target=key if kind != "address" else "",
            kind=kind,
            failures=failures,
            seconds=int(lasts.total_seconds()),
        )
        return Attempt(key, failures, known.since, now + lasts), event


def _keys(account: str, address: str) -> list[tuple[str, int]]:
    keys = []
    if account:
        keys.append((f"account:{account}", ACCOUNT_FAILURES))
    if address:
        keys.append((f"address:{address}", ADDRESS_FAILURES))
    return keys


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
