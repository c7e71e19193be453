"""Videos that people's programs ask for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, ProviderError
from core.loop import BackgroundLoop
from core.providers.attempts import Attempts
from core.providers.gateway import Booking
from core.videos.job import Job
from core.videos.kept import KeptJobs, VideoLimits
from core.videos.video import KEPT_FOR, KNOWN_FOR, NoVideo, Video, call_of, from_books, id_of, missing
from data.values.actor import Actor
from data.values.calls import BookedCall, CallIntent, ErrorKind
from data.values.operations import OperationKind, OperationRequest, VideoRequest, Wanted
from data.values.results import Film

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 5.0


class VideoService:
    """Videos of the person who acts; foreign ids look like missing ones.

    Jobs run on the background loop, like the chat's turns, and end with this process: then the books tell of them.

    Args:
        operation: what is to be done, and how it is booked; see `CallService.operation`.
        attempts: makes the calls; of the background loop.
        booked: a call in the books by its id. Blocking.
        limits: how many.
    """

    def __init__(
        self,
        access: Access,
        operation: Callable[[Actor, str, Wanted], tuple[OperationRequest, CallIntent]],
        attempts: Attempts,
        booking: Booking,
        loop: BackgroundLoop,
        *,
        booked: Callable[[str], BookedCall | None],
        clock: Callable[[], datetime],
        limits: VideoLimits | None = None,
    ) -> None:
        self._access = access
        self._operation = operation
        self._attempts = attempts
        self._booking = booking
        self._loop = loop
        self._booked = booked
        self._clock = clock
        self._kept = KeptJobs(limits or VideoLimits())

    def start(self, actor: Actor, model_id: str, wanted: VideoRequest) -> Job:
        """Begin to make one. Blocking: looks into the database, does not wait for the provider.

        Raises:
            NotFound: there is no such model for this actor.
            RateLimited: there are as many in progress as are allowed.
        """
        self._access.require(actor, Permission.CHAT)
        self._access.require_open(actor)
        request, intent = self._operation(actor, model_id, wanted)
        job = Job(actor.user_id, id_of(intent.id), request.model.id, wanted.prompt, intent.started_at)
        self._kept.add(job)
        self._loop.submit(self._run(job, replace(request, told=job.heard), intent))
        return job

    def video(self, actor: Actor, video_id: str) -> Video:
        """How far one is, with its film when it is done. Blocking: may look into the database.

        Raises:
            NoVideo: there is no such video of this actor's.
        """
        self._access.require(actor, Permission.CHAT)
        job = self._kept.find(actor.user_id, video_id)
        if job is not None:
            return job.video
        call = self._booked(call_of(video_id)) if video_id == id_of(call_of(video_id)) else None
        if call is None or call.modality != OperationKind.VIDEO or call.started_at < self._clock() - KNOWN_FOR:
            raise missing()
        if call.user_id != actor.user_id:
            self._access.note_refusal(actor, target=f"video:{video_id}", reason=NoVideo.__name__)
            raise missing()
        return from_books(call)

    def delete(self, actor: Actor, video_id: str) -> None:
        """Forget one; its making is ended, and what it has used until then is booked. Blocking, see `video`.

        Raises:
            NoVideo: there is no such video of this actor's.
        """
        video = self.video(actor, video_id)
        job = self._kept.find(actor.user_id, video_id)
        if job is None:
            job = Job(actor.user_id, video.id, video.model, "", video.created_at)
        self._kept.drop(job, deleted=True)
        job.stop()

    def interrupt(self) -> list[Job]:
        """Begin to end every job; returns them, at once. May be called from a signal handler."""
        jobs = self._kept.all()
        for job in jobs:
            job.stop()
        return jobs

    def close(self) -> None:
        """End every job and see it booked. The background loop must still be running."""
        for job in self.interrupt():
            job.ended.wait(_PATIENCE_SECONDS)

    async def _run(self, job: Job, request: OperationRequest, intent: CallIntent) -> None:
        """Make it and keep it for its time."""
        try:
            if job.begun() and await self._made(job, request, intent):
                self._kept.make_room(job)
            if not job.stopped:
                await asyncio.sleep(KEPT_FOR.total_seconds())
            self._kept.drop(job)
        finally:
            if job.is_running:
                words = "Gearbox was stopped, or the video deleted, while it was being made."
                job.failed(NoVideo(words, "Ask for it again.", code="video_interrupted"))
            job.ended.set()

    async def _made(self, job: Job, request: OperationRequest, intent: CallIntent) -> bool:
        try:
            result = await self._attempts.perform(request, intent, self._booking)
        except GearboxError as error:
            job.failed(error)
            return False
        except Exception:
            log.exception("a video could not be made")
            job.failed(ProviderError(ErrorKind.INTERNAL, "Gearbox failed to make the video."))
            return False
        assert isinstance(result.output, Film)
        job.made(result.output.video, self._clock())
        return True
