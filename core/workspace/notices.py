"""What people see of notices: on top of each page, and instead of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission, granted
from core.workspace.board import NoticeBoard
from data.store.notices import missing_announcement
from data.values.actor import Actor
from data.values.notices import Announcement, Maintenance

if TYPE_CHECKING:
    from data.store import Store

MOST_SHOWN = 3
"""At a time, that of maintenance included: what stands above the work must leave room for it."""
ANNOUNCED_AHEAD = timedelta(days=1)
"""From when on people are told of maintenance that is planned."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on top of a page: maintenance that is on or near, and announcements, in order."""

    maintenance: Maintenance | None
    is_on: bool
    announcements: Sequence[Announcement]


class Notices:
    """Reads memory alone, but for what a person has put away. Thread-safe, blocking."""

    def __init__(self, access: Access, store: Store, board: NoticeBoard) -> None:
        self._access = access
        self._store = store
        self._board = board

    def for_anybody(self) -> Shown:
        """What is shown to who is not signed in: that for everybody."""
        return self._shown(each for each in self._board.announcements() if each.is_for_all)

    def shown_to(self, actor: Actor) -> Shown:
        """What is shown to a person."""
        self._access.require(actor, Permission.CHAT)
        theirs = [each for each in self._board.announcements() if each.is_for(actor)]
        # Mostly nothing can be put away, and then the database is not asked.
        asked = [each.id for each in theirs if each.dismissible]
        gone = self._store.notices.dismissed(actor.user_id, asked) if asked else {}
        return self._shown(each for each in theirs if not each.dismissible or gone.get(each.id) != each.wording)

    def dismiss(self, actor: Actor, announcement_id: str) -> None:
        """Have an announcement not shown to the person any more, until its words change. Raises NotFound."""
        self._access.require(actor, Permission.CHAT)
        for each in self._board.announcements():
            if each.id == announcement_id and each.is_for(actor) and each.dismissible:
                self._store.notices.dismiss(actor.user_id, each)
                return
        raise missing_announcement()

    def keeping_out(self, actor: Actor) -> Maintenance | None:
        """The maintenance that keeps the person out; None where they may work."""
        return None if granted(actor, Permission.MANAGE_WORKSPACE) else self._board.maintenance()

    def _shown(self, announcements: Iterable[Announcement]) -> Shown:
        on = self._board.maintenance()
        maintenance = on or self._board.maintenance_within(ANNOUNCED_AHEAD)
        most = MOST_SHOWN - (maintenance is not None)
        return Shown(maintenance, on is not None, tuple(announcements)[:most])
