"""Operations on servers that speak OpenAI's wire format: one request, one bounded reply; a film is a job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from pydantic_core import from_json

from core.errors import ProviderError
from core.providers.failures import failure
from core.providers.media_types import media_type_of, speech_type
from core.providers.operation_limits import OperationLimits
from core.providers.operation_reply import film_progress, read_answer, usage_in
from core.providers.operation_request import Outgoing, outgoing
from core.providers.patience import PASSING
from core.providers.refusal import refusal
from core.providers.reply import Timeouts
from core.providers.request import Answer
from core.providers.sending import send
from core.providers.straight_client import StraightClient
from data.values.calls import ErrorKind
from data.values.operations import ImageEditRequest, ImageRequest, Media, OperationRequest, SpeechRequest, VideoRequest
from data.values.results import Film, Sound

_DONE, _FAILED = "completed", frozenset({"failed", "cancelled", "expired"})


@dataclass(frozen=True, slots=True)
class DirectOperation:
    """One operation on its way.

    Args:
        client: whose connections are used.
        request: what is wanted.
        key: the endpoint's.
        timeouts: of the transport; here only how long connecting may take.
        limits: how long it may take, and how much may come back.
        now: what a Retry-After date is counted from.
    """

    client: StraightClient
    request: OperationRequest
    key: str | None
    timeouts: Timeouts
    limits: OperationLimits
    now: Callable[[], datetime]

    async def run(self) -> Answer:
        """Send it and wait for all of its answer.

        Raises:
            ProviderError: whatever went wrong on the way; its message never contains the key.
        """
        seconds = self.limits.seconds(self.request.kind)
        try:
            async with asyncio.timeout(seconds):
                if isinstance(self.request.wanted, VideoRequest):
                    return await self._film()
                return await self._answer()
        except TimeoutError:
            raise self._failure(ErrorKind.TIMEOUT, f"did not finish within {seconds:g} seconds") from None

    async def _answer(self) -> Answer:
        wanted = self.request.wanted
        try:
            body, content_type = await self._ask(outgoing(self.request))
        except ProviderError as error:
            # Some servers refuse the option that asks for bytes instead of links.
            picture = isinstance(wanted, ImageRequest | ImageEditRequest)
            if not (picture and error.status in {400, 422} and "response_format" in str(error)):
                raise
            body, content_type = await self._ask(outgoing(self.request, ask_for_bytes=False))
        if isinstance(wanted, SpeechRequest):
            return Answer(Sound(self._media(body, content_type, "audio/", speech_type(wanted.response_format))))
        try:
            return read_answer(wanted, self._document(body))
        except ValueError as error:
            raise self._failure(ErrorKind.BAD_RESPONSE, f"sent something else than was asked for: {error}") from error

    async def _film(self) -> Answer:
        job = self._document((await self._ask(outgoing(self.request)))[0])
        job_id = job.get("id") if isinstance(job, dict) else None
        if not (isinstance(job_id, str) and job_id):
            raise self._failure(ErrorKind.BAD_RESPONSE, "started no video job")
        path = f"/videos/{quote(job_id, safe='')}"
        self.request.told(film_progress(job))
        while (state := job.get("status")) != _DONE:
            if state in _FAILED:
                reason = job.get("error")
                words = reason.get("message") if isinstance(reason, dict) else reason
                raise self._failure(ErrorKind.PROVIDER, f"could not make the video: {words or 'it gave no reason'}")
            await asyncio.sleep(self.limits.poll_seconds)
            job = self._document((await self._look(path))[0])
            if not isinstance(job, dict):
                raise self._failure(ErrorKind.BAD_RESPONSE, "lost the video job")
            self.request.told(film_progress(job))
        body, content_type = await self._look(f"{path}/content")
        # A film may well be an animated picture: then it says so.
        film = Film(self._media(body, content_type, ("video/", "image/"), "video/mp4"), job_id)
        return Answer(film, usage_in({"seconds": job.get("seconds")}))

    async def _look(self, path: str) -> tuple[bytes, str]:
        """What is said of a job: asked again while there is time, as it goes on and costs whatever a question meets."""
        while True:
            try:
                return await self._ask(Outgoing(path), method="GET")
            except ProviderError as error:
                if error.kind not in PASSING:
                    raise
                pause = max(self.limits.poll_seconds, error.retry_after or 0.0)
            await asyncio.sleep(pause)

    async def _ask(self, out: Outgoing, *, method: str = "POST") -> tuple[bytes, str]:
        """The whole body of a successful reply, and its content type."""
        request, limit = self.request, self.limits.reply_bytes(self.request.kind)
        # Minutes of sound are heard, and pictures drawn, before the first byte comes.
        timeouts = replace(self.timeouts, first=self.limits.seconds(request.kind))
        response = await send(
            self.client, request.endpoint, out.path, self.key, timeouts,
            method=method, headers={"Accept": "*/*", **out.headers}, **out.body,
        )  # fmt: skip
        if response.status_code >= 300:
            within = self.timeouts.connect
            raise await refusal(response, request.endpoint.label, self.key, within=within, now=self.now())
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > limit:
                    raise self._failure(ErrorKind.BAD_RESPONSE, f"sent more than {limit // 2**20} MiB")
        except httpx.DecodingError as error:
            raise self._failure(ErrorKind.BAD_RESPONSE, "sent a garbled body") from error
        except httpx.TransportError as error:
            raise self._failure(ErrorKind.STREAM_CUT, "broke off the answer") from error
        finally:
            await response.aclose()
        return bytes(body), response.headers.get("content-type", "").partition(";")[0].strip().lower()

    def _document(self, body: bytes) -> Any:
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise self._failure(ErrorKind.BAD_RESPONSE, "sent something that is not JSON") from error

    def _media(self, body: bytes, content_type: str, expected: str | tuple[str, ...], default: str) -> Media:
        """Bytes of a kind that was asked for: what they begin with says more than what they are labelled as."""
        kind = media_type_of(body) or (content_type if content_type.startswith(expected) else "")
        if not kind and content_type in {"", "application/octet-stream"}:
            kind = default
        if not body:
            raise self._failure(ErrorKind.BAD_RESPONSE, "sent an empty file")
        if not kind.startswith(expected):
            raise self._failure(ErrorKind.BAD_RESPONSE, f"sent {content_type or 'nothing'} instead of what was asked")
        return Media(body, kind)

    def _failure(self, kind: ErrorKind, words: str) -> ProviderError:
        return failure(kind, f"{self.request.endpoint.label} {words}.", self.key)
