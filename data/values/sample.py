"""Sample data: usage that nobody caused, made up to show what the pages are for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SAMPLE_PREFIX = "sample-"
"""What the id of every made-up person begins with, and no other person's: those are made of hexadecimal digits, or
`local-owner`. By it pages know what to mark, and the warehouse what to remove."""


SAMPLE_TEAMS = ("Engineering", "Marketing", "Finance", "Support")
"""What the made-up teams are called; the id of each ends with its place in here."""


def sample_team_id(tag: str, place: int) -> str:
    """The id of a made-up team."""
    return f"{SAMPLE_PREFIX}{tag}-team-{place}"


def sample_team_name(team_id: str) -> str | None:
    """What a made-up team is called; None for a real one."""
    place = team_id.rpartition("-team-")[2]
    if not is_sample(team_id) or place not in map(str, range(len(SAMPLE_TEAMS))):
        return None
    return f"{SAMPLE_TEAMS[int(place)]} (sample)"


def is_sample(user_id: str) -> bool:
    """Whether a person is made up."""
    return user_id.startswith(SAMPLE_PREFIX)


@dataclass(frozen=True, slots=True)
class Seeding:
    """One run that put sample data into the outbox, or began to.

    Args:
        id: of this run.
        seed: the same one gives the same data.
        days, people: how much.
        begun_at: when.
        events: how many were put there so far.
    """

    id: str
    seed: int
    days: int
    people: int
    begun_at: datetime
    events: int = 0


@dataclass(frozen=True, slots=True)
class Removal:
    """What was asked to be removed: `events` in all, `waiting` of which the warehouse had not seen yet."""

    events: int
    waiting: int
