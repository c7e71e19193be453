"""Legal holds: whose data must not be destroyed for now, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldScope(StrEnum):
    """What a hold is on."""

    PERSON = "person"
    TEAM = "team"  # who is in it when the hold is placed, or joins it later; leaving it changes nothing
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. `subject_id` is empty where it is on everybody; `people` counts whom it names one by one.

    Args:
        matter: what it is called by those who asked for it, such as a case number.
        reason: why, in an admin's words.
    """

    id: str
    scope: HoldScope
    subject_id: str
    matter: str
    reason: str
    placed_by: str
    placed_at: datetime
    people: int = 0
    released_by: str | None = None
    released_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds now."""
        return self.released_at is None


@dataclass(frozen=True, slots=True)
class Held:
    """Whose data is held at one moment. `team_ids`: what is a team's, whoever did it."""

    everybody: bool = False
    user_ids: frozenset[str] = frozenset()
    team_ids: frozenset[str] = frozenset()


NOBODY_HELD = Held()


class Earlier(StrEnum):
    """What an earlier version that is kept aside was a version of."""

    TITLE = "title"  # of a conversation
    REPLY = "reply"  # parts of which were made anew
    COMPARISON = "comparison"
    SAVED_QUERY = "saved_query"
    INSTRUCTIONS = "instructions"  # what a person tells every model


@dataclass(frozen=True, slots=True)
class Purged:
    """What only waited for a hold to end, and is gone now."""

    conversations: int = 0
    earlier: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return bool(self.conversations or self.earlier)

    def __add__(self, other: Purged) -> Purged:
        return Purged(self.conversations + other.conversations, self.earlier + other.earlier)
