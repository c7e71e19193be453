"""What the workspace tells everybody: announcements, and maintenance, during which people wait. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from data.values.actor import Actor, Role

MOST_WORDS = 240
"""Characters of an announcement, or of what is said of maintenance: it stands above other people's work."""
_QUIET_WITHOUT_END = timedelta(hours=4)


class NoticeKind(StrEnum):
    """How much it matters, the least first."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def weight(self) -> int:
        """The more, the sooner it is shown."""
        return list(NoticeKind).index(self)


class Standing(StrEnum):
    """Where a notice is in its time."""

    PLANNED = "planned"
    LIVE = "live"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Announcement:
    """Words of an admin for people.

    Args:
        words: one line; of Markdown it may have emphasis and links.
        roles, team_ids: who sees it: whoever has one of the roles or is in one of the teams; both empty: everybody.
        ends_at: None: until somebody ends it.
        dismissible: whether people may put it away.
        wording: goes up with each change of the words; who has put away an earlier one sees it again.
        version: goes up with each change.
    """

    id: str
    words: str
    kind: NoticeKind
    roles: frozenset[Role]
    team_ids: frozenset[str]
    starts_at: datetime
    ends_at: datetime | None
    dismissible: bool
    wording: int
    version: int
    created_by: str
    created_at: datetime

    @property
    def is_for_all(self) -> bool:
        """Whether everybody sees it, also who is not signed in."""
        return not self.roles and not self.team_ids

    def is_for(self, actor: Actor) -> bool:
        """Whether this person sees it."""
        return self.is_for_all or bool(self.roles & actor.roles) or bool(self.team_ids & set(actor.team_ids))

    def standing(self, now: datetime) -> Standing:
        """Where it is in its time."""
        if self.ends_at is not None and self.ends_at <= now:
            return Standing.ENDED
        return Standing.PLANNED if now < self.starts_at else Standing.LIVE


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A time in which only those who manage the workspace work.

    Args:
        words: why, as people read it; may be empty. Like those of an announcement.
        ends_at: when it is expected to end; None: nobody knows.
        ends_itself: whether it is over then; else when somebody ends it.
        ended_at: when somebody did.
    """

    id: str
    words: str
    starts_at: datetime
    ends_at: datetime | None
    ends_itself: bool
    ended_at: datetime | None
    created_by: str
    created_at: datetime

    @property
    def over_at(self) -> datetime | None:
        """From when on it is over, as far as that is known."""
        by_itself = self.ends_at if self.ends_itself else None
        return self.ended_at if by_itself is None else min(by_itself, self.ended_at or by_itself)

    @property
    def quiet_until(self) -> datetime:
        """Until when alerts are told to nobody: not longer than was expected, lest one is forgotten and hides all."""
        expected = self.ends_at or self.starts_at + _QUIET_WITHOUT_END
        return min(expected, self.ended_at or expected)

    def standing(self, now: datetime) -> Standing:
        """Where it is in its time."""
        if self.over_at is not None and self.over_at <= now:
            return Standing.ENDED
        return Standing.PLANNED if now < self.starts_at else Standing.LIVE


def in_order(announcements: Iterable[Announcement]) -> list[Announcement]:
    """What matters most first, of those that matter as much the newest."""
    return sorted(announcements, key=lambda each: (each.kind.weight, each.starts_at, each.id), reverse=True)
