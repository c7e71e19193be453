"""One video being made, and then kept for a while."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from datetime import datetime

from core.errors import GearboxError
from core.videos.video import Video, VideoState
from data.values.operations import FilmProgress, Media


class Job:
    """A video's state, told by its task on the background loop and read from any thread.

    `taken` is done when the provider has the job, and fails if it never got there.
    """

    def __init__(self, owner_id: str, video_id: str, model: str, prompt: str, at: datetime) -> None:
        self.owner_id = owner_id
        self.id = video_id
        self.taken: Future[None] = Future()
        self.ended = threading.Event()
        """Set when nothing of it runs any more, and its call is booked."""
        self.stopped = False
        self._video = Video(video_id, model, at, VideoState.QUEUED, prompt=prompt)
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def video(self) -> Video:
        """What is to be told of it now."""
        return self._video

    @property
    def is_running(self) -> bool:
        """Whether it is neither made nor failed."""
        return self._video.state in {VideoState.QUEUED, VideoState.IN_PROGRESS}

    def begun(self) -> bool:
        """Its task runs; called by it. False: it was stopped before."""
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        return not self.stopped

    def heard(self, progress: FilmProgress) -> None:
        """The provider has it, and is so far."""
        self._become(VideoState.IN_PROGRESS, progress)
        if not self.taken.done():
            self.taken.set_result(None)

    def made(self, film: Media, at: datetime) -> None:
        """It is done."""
        known = self._video.progress
        self._become(VideoState.COMPLETED, FilmProgress(100, known.seconds, known.size), film=film, at=at)
        if not self.taken.done():
            self.taken.set_result(None)

    def failed(self, error: GearboxError) -> None:
        """It never will be."""
        self._become(VideoState.FAILED, self._video.progress, error=error)
        if not self.taken.done():
            self.taken.set_exception(error)

    def stop(self) -> None:
        """End it, whatever it does; its call is booked on the way. Returns at once; a signal handler may call it."""
        self.stopped = True  # before the task is looked for: `begun` does it the other way round, so one of them sees
        if self._loop is not None and self._task is not None and not self.ended.is_set():
            self._loop.call_soon_threadsafe(self._task.cancel)

    def _become(
        self,
        state: VideoState,
        progress: FilmProgress,
        *,
        film: Media | None = None,
        at: datetime | None = None,
        error: GearboxError | None = None,
    ) -> None:
        was = self._video
        self._video = Video(was.id, was.model, was.created_at, state, progress, was.prompt, at, error, film)
