"""Videos: `/v1/videos`, jobs that are begun, asked for, fetched and deleted."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.described import MULTIPART
from core.api.v1.entrance import Asked, Body, Entrance, read_as
from core.api.v1.errors import failure_body
from core.api.v1.faults import in_words
from core.api.v1.operations import watched
from core.api.v1.sent_pictures import MAX_PICTURE_BYTES, read_picture
from core.api.v1.shapes import VideoDeleted, VideoEntry, VideoFailure
from core.flags.capabilities import Capability
from core.videos.video import NoVideo, Video, VideoState
from data.values.operations import VideoRequest

_TAKING_SECONDS = 20.0
"""How long who asks is kept waiting for the provider to take the job: what it refuses is then told at once."""
_POLL_MS = "2000"  # as often as the provider is asked


class VideoBody(Body):
    """`POST /v1/videos`. `seconds` and `size` are the provider's to judge."""

    prompt: str = Field(min_length=1)
    model: str = Field(min_length=1, max_length=500)
    seconds: int | None = Field(default=None, ge=1, le=600)
    size: str | None = Field(default=None, max_length=20)
    input_reference: Annotated[
        Any, WithJsonSchema({"type": "string", "format": "binary", "description": "A picture that it begins with."})
    ] = None


class VariantQuery(Body):
    """`GET /v1/videos/{id}/content`. Of a video only itself is kept, no picture of it."""

    variant: Annotated[Literal["video"], in_words("only the video itself is kept: leave it out")] = "video"


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    one = "/v1/videos/{video_id}"
    films = ("video/*", "image/*")
    return [
        entrance.route(
            "POST",
            "/v1/videos",
            create,
            body=VideoBody,
            takes=MULTIPART,
            gives=VideoEntry,
            making=Capability.VIDEO_GENERATION,
        ),
        entrance.route("GET", one, retrieve, gives=VideoEntry),
        entrance.route("GET", f"{one}/content", content, query=VariantQuery, media=films),
        entrance.route("DELETE", one, delete, gives=VideoDeleted),
    ]


async def create(asked: Asked) -> Response:
    """Begin to make a video.

    It goes on by itself; ask for it by its id. What its provider refuses at once is answered at once.
    """
    body = await asked.read_form(VideoBody, MAX_PICTURE_BYTES + 1024 * 1024)
    reference = body.input_reference
    picture = None if reference is None else await read_picture(reference, "input_reference")
    wanted = VideoRequest(body.prompt, body.seconds, body.size, picture.media if picture else None)
    videos = asked.services.videos
    job = await asked.aside(lambda: videos.start(asked.actor, body.model, wanted))

    async def made() -> Response:
        taken = asyncio.wrap_future(job.taken)
        taken.add_done_callback(lambda done: done.cancelled() or done.exception())  # it may fail when nobody waits
        try:
            await asyncio.wait({taken}, timeout=_TAKING_SECONDS)
        except asyncio.CancelledError:  # hung up: nobody will ever know its id
            await asked.aside(lambda: videos.delete(asked.actor, job.id))
            raise
        if taken.done() and (refusal := taken.exception()) is not None:
            await asked.aside(lambda: videos.delete(asked.actor, job.id))
            raise refusal
        return JSONResponse(_entry(job.video))

    return watched(asked, made)


async def retrieve(asked: Asked) -> Response:
    """How far a video is; for an hour after it was made, and as failed for the rest of a day."""
    video = await _video(asked)
    running = video.state in {VideoState.QUEUED, VideoState.IN_PROGRESS}
    return JSONResponse(_entry(video), headers={"openai-poll-after-ms": _POLL_MS} if running else None)


async def content(asked: Asked) -> Response:
    """The video itself: an animated picture where its provider makes those."""
    read_as(VariantQuery, dict(asked.request.query_params))
    video = await _video(asked)
    if video.film is not None:
        return Response(video.film.data, media_type=video.film.media_type)
    if video.error is not None:
        raise NoVideo(f"There is no video: {video.error}", "Ask for it again.", code="video_failed")
    raise NoVideo("The video is still being made.", "Ask for its status until it is completed.", code="video_not_ready")


async def delete(asked: Asked) -> Response:
    """Forget a video; if it is still being made, that is ended."""
    video_id = asked.request.path_params["video_id"]
    await asked.aside(lambda: asked.services.videos.delete(asked.actor, video_id))
    return JSONResponse({"id": video_id, "object": "video.deleted", "deleted": True})


async def _video(asked: Asked) -> Video:
    video_id = asked.request.path_params["video_id"]
    return await asked.aside(lambda: asked.services.videos.video(asked.actor, video_id))


def _entry(video: Video) -> VideoEntry:
    progress = video.progress
    error: VideoFailure | None = None
    if video.error is not None:
        told: dict[str, Any] = failure_body(video.error)[1]["error"]
        error = {"code": told["code"], "message": told["message"]}
    return {
        "id": video.id,
        "object": "video",
        "model": video.model,
        "status": video.state.value,
        "progress": progress.percent,
        "created_at": int(video.created_at.timestamp()),
        "completed_at": _moment(video.completed_at),
        "expires_at": _moment(video.expires_at),
        "seconds": progress.seconds or None,
        "size": progress.size or None,
        "prompt": video.prompt,
        "error": error,
    }


def _moment(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
