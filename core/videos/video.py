"""What is told of a video, by its job here or by the books alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.errors import GearboxError, NotFound, ProviderError
from data.values.calls import BookedCall, CallStatus, ErrorKind, Unit
from data.values.operations import FilmProgress, Media

KEPT_FOR: Final = timedelta(hours=1)
"""How long a film is kept after it was made."""

KNOWN_FOR: Final = timedelta(hours=24)
"""How long after it was begun a video is told of whose film is gone; later it looks like one that never was."""

_PREFIX = "video_"


class VideoState(StrEnum):
    """OpenAI's words."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"


class NoVideo(NotFound):
    """There is no such video, or nothing of it to fetch; `code` says which to programs."""

    def __init__(self, message: str, remedy: str = "", *, code: str = "video_not_found") -> None:
        super().__init__(message, remedy)
        self.code = code


@dataclass(frozen=True, slots=True)
class Video:
    """A video at one moment: with its `film` when it is completed, and an `error` when it has failed."""

    id: str
    model: str
    created_at: datetime
    state: VideoState
    progress: FilmProgress = field(default_factory=FilmProgress)
    prompt: str | None = field(default=None, repr=False)
    completed_at: datetime | None = None
    error: GearboxError | None = None
    film: Media | None = field(default=None, repr=False)

    @property
    def expires_at(self) -> datetime | None:
        """When its film goes."""
        return self.completed_at + KEPT_FOR if self.completed_at and self.film else None


def id_of(call_id: str) -> str:
    """The video's id that the call makes: so the books know it when nothing else does."""
    return _PREFIX + call_id


def call_of(video_id: str) -> str:
    """The id of the call that makes a video."""
    return video_id.removeprefix(_PREFIX)


def missing() -> NoVideo:
    """Nobody's, or somebody else's."""
    return NoVideo("There is no such video.", "Videos are known for a day, to who asked for them.")


def from_books(call: BookedCall) -> Video:
    """A video of which this process has nothing but its call.

    One without an outcome is being made by another process; one that ended has no film any more, however it ended.
    """
    length = f"{float(call.quantity):g}" if call.unit is Unit.SECOND and call.quantity is not None else ""
    running = call.status is CallStatus.INTENT
    return Video(
        id_of(call.id),
        f"{call.provider}/{call.model}",
        call.started_at,
        VideoState.IN_PROGRESS if running else VideoState.FAILED,
        FilmProgress(seconds=length),
        error=None if running else _gone(call),
    )


def _gone(call: BookedCall) -> GearboxError:
    if call.status is CallStatus.FAILED:
        kind = call.error_kind or ErrorKind.PROVIDER
        return ProviderError(kind, "The video could not be made.", "Ask for it again.")
    if call.status is CallStatus.OK:
        return NoVideo(
            "The video is no longer kept: films are kept for an hour, in memory, until room is needed or Gearbox is "
            "restarted.",
            "Ask for it again.",
            code="video_gone",
        )
    return NoVideo(
        "Gearbox was stopped while this video was being made.", "Ask for it again.", code="video_interrupted"
    )
