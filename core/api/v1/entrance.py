"""How a program's request comes in: its token, its allowance, its body; on the event loop, without waiting on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from core.access.policy import Permission
from core.access.rate_limit import Allowance
from core.api.allowance import allowance_headers, refusal_headers
from core.api.bodies import whole_body
from core.api.described import JSON, DescribedRoute, Told
from core.api.forms import form_of
from core.api.request_ids import REQUEST_ID
from core.api.sign_in_gate import arrival_of
from core.api.v1.errors import InternalError, Unusable, failure_response
from core.api.v1.faults import told
from core.errors import GearboxError
from core.flags.capabilities import Capability
from core.services import Services
from data.values.actor import Actor, Surface

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Of a JSON body, pictures in base64 included."""

# Reading JSON of this size takes about a millisecond; more of it is read in a thread.
_AT_ONCE_BYTES = 256 * 1024
# For looking into the database only, so that no long task of somebody else's can be in the way.
_THREADS = 8

T = TypeVar("T")


class Body(BaseModel):
    """What a request may carry. Its errors never repeat a value: it may be a key."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a program that may come in, its body still unread."""

    services: Services
    actor: Actor
    request: Request
    headers: Mapping[str, str]
    """For the answer."""
    pool: ThreadPoolExecutor

    async def aside(self, work: Callable[[], T]) -> T:
        """Do what blocks for a moment in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    async def read(self, kind: type[B]) -> B:
        """The body.

        Raises:
            TooLarge: it is; also before it has come, where its length is announced.
            Unusable: it is not what is expected; says which field, not what it held.
        """
        media_type = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Unusable("The request is not JSON.", "Send Content-Type: application/json.")
        raw = await whole_body(self.request, MAX_BODY_BYTES)
        if len(raw) <= _AT_ONCE_BYTES:
            return _checked(kind, raw)
        return await self.aside(lambda: _checked(kind, raw))

    async def read_form(self, kind: type[B], most: int, *, files: int = 1, several: frozenset[str] = frozenset()) -> B:
        """A form, with its files as Starlette has them. See `form_of`; raises what `read` does."""
        return read_as(kind, await form_of(self.request, most, files=files, several=several))


Answer = Callable[[Asked], Awaitable[Response]]
Failed = Callable[[Scope, GearboxError], Response]


def _openai_failure(_scope: Scope, error: GearboxError) -> Response:
    return failure_response(error)


class Entrance:
    """Makes routes of coroutines that answer `Asked`.

    Only a token opens them, never a browser's cookie: no page of another site can make use of one.
    """

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services
        self._pool = ThreadPoolExecutor(_THREADS, "gearbox-api")

    def route(
        self,
        method: str,
        path: str,
        answer: Answer,
        *,
        body: type[Body] | None = None,
        query: type[Body] | None = None,
        gives: Any = None,
        media: tuple[str, ...] = (JSON,),
        takes: str = JSON,
        failed: Failed = _openai_failure,
        behind: Capability = Capability.API_GATEWAY,
        making: Capability | None = None,
    ) -> DescribedRoute:
        """A route whose failures `failed` makes, in OpenAI's shape if nothing is said. See `Told` for the rest.

        It is closed to those for whom `behind` is off, or `making`, what it makes: before its body is read.
        """

        async def endpoint(request: Request) -> Response:
            arrival = replace(arrival_of(request.scope, lambda _cookies: None), cookies={})
            headers = {REQUEST_ID: arrival.request_id}
            try:
                services = self._services()
                if services.sign_in.at_hand(arrival, Permission.CHAT):
                    actor, allowance = _admit(services, arrival)
                else:
                    loop = asyncio.get_running_loop()
                    actor, allowance = await loop.run_in_executor(self._pool, _admit, services, arrival)
                headers |= allowance_headers(allowance)
                for capability in filter(None, (behind, making)):
                    services.flags.require(actor, capability)
                response = await answer(Asked(services, actor, request, headers, self._pool))
            except GearboxError as error:
                response = failed(request.scope, error)
                headers |= refusal_headers(error)
            except ClientDisconnect:
                return Response(status_code=499)  # nobody is there to read it
            except Exception:
                log.exception("a request to %s failed", path)
                response = failed(request.scope, InternalError())
            response.headers.update(headers)
            return response

        needs = (Permission.CHAT,)
        told = Told(answer, 200, needs, body, query, gives, media=media, takes=takes, ways_in=("token",))
        return DescribedRoute(method, path, endpoint, told)


def _admit(services: Services, arrival: Any) -> tuple[Actor, Allowance | None]:
    actor = services.sign_in.admit(arrival, Surface.API)
    allowance = services.gate.rate_limit.check(f"person:{actor.user_id}", f"address:{actor.address}")
    services.gate.access.require(actor, Permission.CHAT)
    services.gate.access.require_open(actor)
    return actor, allowance


def read_as(kind: type[B], given: object) -> B:
    """What was sent, as what is expected. Raises Unusable, see `Asked.read`."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        words, param = told(error.errors(include_input=False, include_url=False), given)
        raise Unusable(f"The request can't be used: {words}.", "Correct that and ask again.", param=param) from None


def _checked(kind: type[B], raw: bytes) -> B:
    try:
        given = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise Unusable("The request body is not JSON.") from None
    return read_as(kind, given)
