"""Bounds of videos: in number, in bytes, and how long a deletion is remembered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import GearboxError, RateLimited
from core.videos.job import Job
from core.videos.kept import KeptJobs, VideoLimits
from core.videos.video import KNOWN_FOR, NoVideo
from data.values.operations import Media

NOW = datetime(2026, 11, 29, tzinfo=UTC)
LIMITS = VideoLimits(running_per_person=2, running_here=3, kept_per_person=3, film_bytes=100)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> KeptJobs:
    return KeptJobs(LIMITS, clock)


def added(kept: KeptJobs, owner: str, name: str, film: int | None = None) -> Job:
    job = Job(owner, name, "a/b", "gears", NOW)
    kept.add(job)
    if film is not None:
        job.made(Media(bytes(film), "video/mp4"), NOW)
        kept.make_room(job)
    return job


def names(kept: KeptJobs) -> list[str]:
    return [job.id for job in kept.all()]


def test_only_so_many_are_made_at_once(kept: KeptJobs) -> None:
    first = added(kept, "ann", "1")
    added(kept, "ann", "2")
    with pytest.raises(RateLimited, match="You have 2 videos in progress"):
        added(kept, "ann", "3")
    added(kept, "bob", "4")
    with pytest.raises(RateLimited, match="3 videos are being made here"):
        added(kept, "eve", "5")
    first.failed(GearboxError("No."))
    added(kept, "eve", "6")
    assert names(kept) == ["1", "2", "4", "6"]


def test_a_person_keeps_only_so_many_the_oldest_go_and_none_in_progress(kept: KeptJobs) -> None:
    running = added(kept, "ann", "0")
    for name in "123":
        added(kept, "ann", name, film=1)
    added(kept, "bob", "4", film=1)
    assert names(kept) == ["0", "2", "3", "4"]
    assert running.is_running
    assert kept.find("ann", "1") is None


def test_films_make_room_where_most_is_taken(kept: KeptJobs) -> None:
    for name in "12":
        added(kept, "ann", name, film=40)
    added(kept, "bob", "3", film=30)
    assert names(kept) == ["2", "3"], "of who has the most the oldest"
    added(kept, "bob", "4", film=60)
    assert names(kept) == ["3", "4"]
    added(kept, "eve", "5", film=90)
    assert names(kept) == ["5"]


def test_foreign_ones_are_not_found(kept: KeptJobs) -> None:
    job = added(kept, "ann", "1")
    assert kept.find("ann", "1") is job
    assert kept.find("bob", "1") is None


def test_a_deletion_is_remembered_as_long_as_the_books_would_tell(kept: KeptJobs, clock: Clock) -> None:
    kept.drop(added(kept, "ann", "1", film=1), deleted=True)
    with pytest.raises(NoVideo):
        kept.find("ann", "1")
    clock.now += KNOWN_FOR.total_seconds()
    kept.drop(added(kept, "ann", "2", film=1), deleted=True)
    assert kept.find("ann", "1") is None
