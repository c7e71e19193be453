"""Which jobs there are: bounded in number for each person and for all, and in the bytes of their films."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import RateLimited
from core.videos.job import Job
from core.videos.video import KNOWN_FOR, missing

_AGAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """How many are made at once, by a person and here; how many a person has, and how many bytes all films have."""

    running_per_person: int = 3
    running_here: int = 8
    kept_per_person: int = 20
    film_bytes: int = 512 * 1024 * 1024


class KeptJobs:
    """Thread-safe.

    Args:
        limits: how many.
        monotonic: seconds, for how long a deletion is remembered.
    """

    def __init__(self, limits: VideoLimits, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._deleted: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, job: Job) -> None:
        """One more, which is about to begin.

        Raises:
            RateLimited: there are as many in progress as are allowed.
        """
        limits = self._limits
        with self._lock:
            running = [each for each in self._jobs.values() if each.is_running]
            own = sum(each.owner_id == job.owner_id for each in running)
            if own >= limits.running_per_person:
                raise _too_many(f"You have {own} videos in progress, as many as one person may")
            if len(running) >= limits.running_here:
                raise _too_many(f"{len(running)} videos are being made here, as many as may")
            self._jobs[job.id] = job
            theirs = [each for each in self._jobs.values() if each.owner_id == job.owner_id]
            ended = [each for each in theirs if not each.is_running]
            self._let_go(ended[: max(len(theirs) - limits.kept_per_person, 0)])

    def find(self, owner_id: str, video_id: str) -> Job | None:
        """A person's job; None where there is none of theirs. Raises NoVideo for one that was deleted."""
        with self._lock:
            if video_id in self._deleted:
                raise missing()
            job = self._jobs.get(video_id)
            return job if job is not None and job.owner_id == owner_id else None

    def make_room(self, for_: Job) -> None:
        """Let other films go until all fit: the oldest of whoever has the most of them."""
        with self._lock:
            while True:
                others = [each for each in self._jobs.values() if each.video.film is not None and each is not for_]
                sizes = Counter[str]()
                for each in others:
                    sizes[each.owner_id] += _size(each)
                if sizes.total() + _size(for_) <= self._limits.film_bytes or not others:
                    return
                most = sizes.most_common(1)[0][0]
                self._let_go([next(each for each in others if each.owner_id == most)])

    def drop(self, job: Job, *, deleted: bool = False) -> None:
        """Keep it no longer; one that was `deleted` is remembered as that for as long as the books would tell of it."""
        with self._lock:
            self._jobs.pop(job.id, None)
            if deleted:
                now = self._monotonic()
                self._deleted[job.id] = now + KNOWN_FOR.total_seconds()
                while next(iter(self._deleted.values())) <= now:
                    self._deleted.popitem(last=False)

    def all(self) -> list[Job]:
        """Everybody's. Takes no lock: a signal handler asks, and the thread that it interrupted may hold it."""
        return list(self._jobs.values())

    def _let_go(self, jobs: list[Job]) -> None:
        for job in jobs:
            del self._jobs[job.id]
            job.stop()


def _size(job: Job) -> int:
    return len(job.video.film.data) if job.video.film else 0


def _too_many(said: str) -> RateLimited:
    return RateLimited(f"{said}.", "Wait until one has ended.", retry_after=_AGAIN_SECONDS)
