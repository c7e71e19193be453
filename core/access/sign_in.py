"""Who is at the door. Mode `local`: one owner, no account, loopback only (`core.api.guard` sees to that)."""

from __future__ import annotations

from data.store import Store
from data.values.actor import Actor, Role, Surface

LOCAL_OWNER_ID = "local-owner"


class SignIn:
    """Names the person behind a page or a command."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = False

    def actor(self, surface: Surface = Surface.CHAT) -> Actor:
        """The signed-in person. In `local` mode that is always the owner, who holds every role."""
        if not self._known:
            self._store.users.ensure(LOCAL_OWNER_ID, "Owner")
            self._known = True
        return Actor(user_id=LOCAL_OWNER_ID, roles=frozenset(Role), surface=surface)
