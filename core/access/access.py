"""Asking and being told: every service of `core` asks here before it does anything for somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.access.allowing import Allowing
from core.access.policy import Permission, granted
from core.access.standing import Standings
from core.errors import AccessRefused, NotFound, SignedOut, UnderMaintenance
from core.pseudonyms import called
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome

if TYPE_CHECKING:
    from data.store import Store


class Access:
    """Says yes or no, and writes every no into the audit log. Thread-safe.

    It also asks, at most two seconds ago, whether the actor's session or token still is good: who was signed out or
    deactivated is refused whatever they hold.

    Args:
        maintenance: what is said to those whom maintenance keeps out, None while there is none; reads no database.
    """

    def __init__(
        self,
        store: Store,
        standings: Standings | None = None,
        *,
        maintenance: Callable[[], UnderMaintenance | None] = lambda: None,
        allowing: Allowing | None = None,
    ) -> None:
        self._store = store
        self._maintenance = maintenance
        self.standings = standings or Standings(store)
        self.allowing = allowing or Allowing(store)

    def may(self, actor: Actor, permission: Permission) -> bool:
        """Whether the actor has the permission; for drawing, not for deciding."""
        return granted(actor, permission)

    def called(self, actor: Actor, user_ids: Iterable[str]) -> dict[str, str]:
        """What to call people beside numbers, by their ids: by name for those who may know who they are. Blocking."""
        return called(self._store, user_ids, by_name=granted(actor, Permission.SEE_PEOPLE))

    def require(self, actor: Actor, permission: Permission) -> None:
        """Go on only when the actor has the permission and is still signed in.

        Raises:
            AccessRefused: they have not; the refusal is in the audit log.
            SignedOut: their session or token has ended, or their account was deactivated.
        """
        self._require_good(actor)
        if granted(actor, permission):
            return
        self.note_refusal(actor, permission=permission.value)
        if granted(replace(actor, scopes=None), permission):
            raise AccessRefused("This token may not do this.", f"Use one with the scope {permission.value}.")
        raise AccessRefused("You may not do this.", "Ask an admin for the role that allows it.")

    def require_open(self, actor: Actor) -> None:
        """Go on unless maintenance keeps the actor out. Raises UnderMaintenance; that is in no log."""
        closed = self._maintenance()
        if closed is not None and not granted(actor, Permission.MANAGE_WORKSPACE):
            raise closed

    def require_own(
        self,
        actor: Actor,
        owner_id: str | None,
        *,
        own: Permission,
        others: Permission,
        missing: NotFound,
        target: str,
    ) -> str:
        """Go on when the thing is the actor's and they have `own`, or it is somebody's and they have `others`.

        Args:
            owner_id: whose the thing is; None when there is no such thing.
            missing: raised for what is not there, and for what is not theirs: the two look the same.
            target: what the audit log calls the thing.

        Returns:
            whose it is.
        """
        self._require_good(actor)
        if owner_id == actor.user_id:
            self.require(actor, own)
            return owner_id
        if not granted(actor, others):
            self.note_refusal(actor, target=target, permission=others.value)
            raise missing
        if owner_id is None:
            raise missing
        return owner_id

    def _require_good(self, actor: Actor) -> None:
        try:
            self.standings.require_good(actor)
        except SignedOut:
            self.note_refusal(actor, reason=SignedOut.__name__)
            raise

    def note_refusal(self, actor: Actor, *, target: str = "", **details: str) -> None:
        """Write a refusal into the audit log; for whoever refuses by rules of their own."""
        self._store.audit.record(
            AuditEvent.by(actor, Action.ACCESS_REFUSED, AuditOutcome.REFUSED, target=target, **details)
        )
