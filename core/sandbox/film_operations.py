"""Films over HTTP: jobs that take their time. A job's id says all there is to know of it, but for its first picture."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.sandbox import films, pictures, wire
from core.sandbox.asked import form_of, model_in, number_in, size_in, text_in
from core.sandbox.directives import MAX_DELAY_SECONDS, Fault, Scope, fault_named, orders_in, without_directives
from core.sandbox.ordered import broken
from core.sandbox.refusals import RefusedError, failure, read_json

FILM_JOB_SECONDS = 1.0
"""How long a video job says that it is at work, where nothing else is ordered."""
_LEAST, _MOST_STILLS, _SAID_CHARS = 16, 32, 300


async def start_film(request: Request) -> Response:
    """`POST /videos`: a job that is at work for as long as a delay was ordered, and knows how it shall fail later."""
    async with form_of(request) as form:
        given: Mapping[str, Any] = form if len(form) else await read_json(request)
        model, prompt = model_in(given, wire.VIDEO), text_in(given)
        seconds = number_in(given, "seconds", 4, 1, films.MAX_FILM_SECONDS)
        width, height = size_in(given, pictures.MIN_SIDE, pictures.MAX_SIDE) or (640, 360)
        reference = given.get("input_reference")
        picture = await reference.read() if isinstance(reference, UploadFile) else b""
    orders = orders_in(prompt, (Scope.VIDEO, model))
    fault = request.app.state.failures.next(orders, request.url.path, prompt)
    if refused := failure(fault):
        return refused
    scale = min(1.0, films.MAX_FILM_SIDE / max(width, height))
    size = max(_LEAST, int(width * scale)), max(_LEAST, int(height * scale))
    job: dict[str, Any] = {"at": round(time.time(), 3), "s": seconds, "w": size[0], "h": size[1]}
    job |= {"t": orders.delay or FILM_JOB_SECONDS, "f": str(fault or ""), "p": without_directives(prompt)[:_SAID_CHARS]}
    job["i"] = await _kept(request, picture, size) if picture else ""
    return broken(JSONResponse(_told(job)), fault if fault is Fault.STALL else None)


async def film_state(request: Request) -> Response:
    """`GET /videos/{job}`."""
    return JSONResponse(_told(_job_of(request)))


async def film_bytes(request: Request) -> Response:
    """`GET /videos/{job}/content`."""
    job = _job_of(request)
    if _progress(job) < 100 or job["f"] == Fault.JOB:
        raise RefusedError(404, "The video is not ready yet.", "video_not_ready")
    picture = request.app.state.stills.get(job["i"])
    film = await asyncio.to_thread(films.film, job["p"], job["s"], (job["w"], job["h"]), picture)
    return broken(Response(film, media_type="video/webm"), fault_named(job["f"]))


async def _kept(request: Request, picture: bytes, size: tuple[int, int]) -> str:
    """Keep a film's first picture until it is made, small, and of the newest films only; its name there."""
    try:
        still = await asyncio.to_thread(films.still, picture, size)
    except ValueError as error:
        raise RefusedError(400, str(error)) from None
    stills: dict[str, bytes] = request.app.state.stills
    name = hashlib.sha256(still).hexdigest()[:24]
    stills.pop(name, None)
    stills[name] = still
    while len(stills) > _MOST_STILLS:
        del stills[next(iter(stills))]
    return name


def _told(job: Mapping[str, Any]) -> dict[str, Any]:
    """A video job in OpenAI's shape."""
    progress = _progress(job)
    packed = base64.urlsafe_b64encode(json.dumps(job, separators=(",", ":")).encode()).decode().rstrip("=")
    state = "completed" if progress >= 100 else "in_progress" if progress else "queued"
    told = {
        "id": f"video_{packed}", "object": "video", "model": wire.VIDEO, "status": state, "progress": progress,
        "created_at": int(job["at"]), "seconds": str(job["s"]), "size": f"{job['w']}x{job['h']}",
    }  # fmt: skip
    if job["f"] == Fault.JOB and progress >= 50:
        error = {"code": "sandbox_fault", "message": "Sandbox fault: the job failed half-way, as requested."}
        told |= {"status": "failed", "error": error}
    return told


def _job_of(request: Request) -> dict[str, Any]:
    packed = str(request.path_params["job"]).removeprefix("video_")
    try:
        job = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        kinds: dict[str, Any] = {
            "at": (int, float),
            "t": (int, float),
            "s": int,
            "w": int,
            "h": int,
            "p": str,
            "f": str,
            "i": str,
        }
        if not all(isinstance(job[name], kind) for name, kind in kinds.items()):
            raise ValueError
        sides = all(_LEAST <= job[side] <= films.MAX_FILM_SIDE for side in "wh")
        times = 0 <= job["at"] < 2**33 and 0 < job["t"] <= MAX_DELAY_SECONDS
        if not (sides and times and 1 <= job["s"] <= films.MAX_FILM_SECONDS):
            raise ValueError
    except (ValueError, LookupError, TypeError):
        raise RefusedError(404, "There is no such video.", "video_not_found") from None
    return dict(job)


def _progress(job: Mapping[str, Any]) -> int:
    return min(max(int(100 * (time.time() - job["at"]) / job["t"]), 0), 100)
