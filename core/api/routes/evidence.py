"""Evidence for auditors: `/api/evidence`, one zip."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.api.answers import Api, Asked
from core.clock import moment_of
from core.errors import GearboxError


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [api.route("GET", "/api/evidence", _export)]


def _export(asked: Asked) -> Response:
    since, until = _moment(asked, "since"), _moment(asked, "until")
    with NamedTemporaryFile(suffix=".zip", delete=False) as file:
        path = Path(file.name)
        try:
            evidence = asked.services.evidence.write(asked.actor, file, since, until)
        except BaseException:
            path.unlink()
            raise
    return FileResponse(
        path, media_type="application/zip", filename=evidence.name, background=BackgroundTask(path.unlink)
    )


def _moment(asked: Asked, name: str) -> datetime | None:
    text = asked.query.get(name, "")
    if not text:
        return None
    try:
        return moment_of(text)
    except ValueError:
        raise GearboxError(f"{name} is no day or moment.", "Write 2026-11-25 or 2026-11-25T14:00:00Z.") from None
