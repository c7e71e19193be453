"""A server of the OpenAI wire format on loopback whose answers a test sets, and whose requests it sees."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.gateway.server import serve


@dataclass
class Seen:
    """One request: what a form held of files is (field, file name, media type, bytes)."""

    path: str
    fields: dict[str, Any]
    files: list[tuple[str, str, str, bytes]] = field(default_factory=list)


@dataclass
class Upstream:
    """`answers` are by path, such as `/rerank`: a document, or what makes a response of what was seen.

    Other paths are not there, and are not among what was `seen`.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    base_url: str = ""

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    async def answer(self, request: Request) -> Response:
        seen = Seen(request.url.path.removeprefix("/v1"), {})
        if seen.path not in self.answers:  # Gearbox asks for the list of models, too
            return JSONResponse({"error": {"message": "There is nothing here."}}, 404)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            await _read_form(await request.form(), seen)
        elif body := await request.body():
            seen.fields = json.loads(body)
        self.seen.append(seen)
        found = self.answers[seen.path]
        if isinstance(found, Callable):  # type: ignore[arg-type]
            found = found(seen)
        return found if isinstance(found, Response) else JSONResponse(found)


async def _read_form(form: FormData, seen: Seen) -> None:
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            seen.files.append((name, value.filename or "", value.content_type or "", await value.read()))
        else:
            seen.fields[name] = value


@contextlib.contextmanager
def upstream(**answers: Any) -> Iterator[Upstream]:
    """Serve one; `answers` by path with `_` for `/`."""
    made = Upstream({f"/{name.replace('_', '/')}": found for name, found in answers.items()})
    methods = ["GET", "POST", "DELETE"]
    with serve(Starlette(routes=[Route("/{path:path}", made.answer, methods=methods)])) as origin:
        made.base_url = f"{origin}/v1"
        yield made
