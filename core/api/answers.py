"""From a request to a service and back: the one place where the API asks who is there and where errors become JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, to_jsonable_python
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from core.access.access import Access
from core.access.policy import Permission
from core.api.allowance import allowance_headers, refusal_headers
from core.api.bodies import whole_body
from core.api.described import JSON, DescribedRoute, Told
from core.api.problems import FAULT, UNUSABLE, problem, problem_of
from core.api.request_ids import REQUEST_ID, request_id_of
from core.api.sign_in_gate import Claims, arrival_of
from core.errors import GearboxError, NotFound
from core.logs import redact
from core.services import Services
from data.values.actor import Actor, Surface
from data.values.calls import KeyOwner

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
_MOST_ID_CHARS = 64
_MOST_MODEL_CHARS = 240


class Body(BaseModel):
    """What a request may carry. Its errors never repeat a value: it may be a key."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of somebody who may come in."""

    services: Services
    actor: Actor
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    known: str = ""
    """The entity tags that the caller has already (If-None-Match)."""
    accept: str = ""
    """The media types that the caller would like (Accept)."""
    told: Told | None = None
    """What is said of the route. It reads nothing that is not said."""

    def read(self, kind: type[B]) -> B:
        """The body.

        Raises:
            GearboxError: it is not what is expected; says which field is wrong, not what it held.
        """
        assert self.told is None or self.told.body is kind
        return _checked(lambda: kind.model_validate_json(self.body or b"{}"))

    def owner_id(self, owner: KeyOwner, owner_id: str) -> str:
        """The owner of what is to be kept: a team's id, or nothing where it is the person's own or the organisation's.

        Raises:
            GearboxError: it would be kept for another person, whom nobody here can be.
        """
        if owner is KeyOwner.USER and owner_id not in {"", self.actor.user_id}:
            raise GearboxError("Nobody can keep a key for another person.", "Leave owner_id out, or name a team.")
        return "" if owner is KeyOwner.USER else owner_id

    def read_query(self, kind: type[B]) -> B:
        """The query. Raises what `read` does."""
        assert self.told is None or self.told.query is kind
        return _checked(lambda: kind.model_validate(dict(self.query)))


class Api:
    """Makes routes of functions that answer `Asked`, each on a thread of its own."""

    def __init__(self, services: Callable[[], Services], claims: Claims) -> None:
        self._services = services
        self._claims = claims

    def route(
        self,
        method: str,
        path: str,
        answer: Callable[[Asked], object],
        status: int = 200,
        *,
        needs: Permission | tuple[Permission, ...] = (),
        body: type[Body] | None = None,
        query: type[Body] | None = None,
        gives: Any = None,
        media: str = JSON,
        etag: bool = False,
        always: bool = False,
    ) -> DescribedRoute:
        """A route whose answer becomes JSON, unless it is a response already. See `Told` for what is said of it.

        With `always` it answers everybody during maintenance, too.
        """
        scopes = (needs,) if isinstance(needs, Permission) else needs
        told = Told(answer, status, scopes, body, query, gives, (media,), etag=etag, always=always)

        async def endpoint(request: Request) -> Response:
            headers = {REQUEST_ID: request_id_of(request.scope)}
            try:
                sent = await _body(request)
                response = await asyncio.to_thread(self._ask, request, told, sent, headers)
            except ClientDisconnect:
                return Response(status_code=499)  # nobody is there to read it
            except Exception as error:  # noqa: BLE001  # translated here, once, whatever it is
                response = _failure(request.scope, error)
            response.headers.update(headers)
            return response

        return DescribedRoute(method, path, endpoint, told)

    def public(
        self, path: str, answer: Callable[[Request], Response], *, gives: Any, media: str = JSON
    ) -> DescribedRoute:
        """A route for everybody, limited by address, whose answer has an entity tag."""

        async def endpoint(request: Request) -> Response:
            headers = {REQUEST_ID: request_id_of(request.scope)}
            try:
                address = request.client.host if request.client else ""
                headers |= allowance_headers(self._services().gate.rate_limit.check(f"address:{address}"))
                response = await asyncio.to_thread(answer, request)
            except Exception as error:  # noqa: BLE001  # as above
                response = _failure(request.scope, error)
            response.headers.update(headers)
            return response

        return DescribedRoute("GET", path, endpoint, Told(answer, needs=None, gives=gives, media=(media,), etag=True))

    def _ask(self, request: Request, told: Told, sent: bytes, headers: dict[str, str]) -> Response:
        services = self._services()
        actor = services.sign_in.admit(arrival_of(request.scope, self._claims), Surface.API)
        allowance = services.gate.rate_limit.check(f"person:{actor.user_id}", f"address:{actor.address}")
        headers |= allowance_headers(allowance)
        if not told.always:
            services.gate.access.require_open(actor)
        if told.body is not None and told.needs:
            _require_any(services.gate.access, actor, told.needs)
        if any(not _could_be_id(name, given) for name, given in request.path_params.items()):
            raise NotFound("There is no such thing.")
        known, accept = (request.headers.get(name, "") for name in ("if-none-match", "accept"))
        given = told.answer(
            Asked(services, actor, request.path_params, request.query_params, sent, known, accept, told)
        )
        if isinstance(given, Response):
            return given
        return Response(status_code=204) if given is None else JSONResponse(to_jsonable_python(given), told.status)


def _require_any(access: Access, actor: Actor, needs: Sequence[Permission]) -> None:
    """Before anything is said of what was sent. Raises AccessRefused, and is asked again by whoever does the work."""
    if not any(access.may(actor, need) for need in needs):
        access.require(actor, needs[0])


def _failure(scope: Scope, error: Exception) -> Response:
    if isinstance(error, GearboxError):
        return problem_of(scope, error, refusal_headers(error))
    if isinstance(error, OverflowError):  # of a date's zone, or of a database's integers
        return problem(scope, UNUSABLE, "A date or number in this request is out of range.", "Send another one.")
    log.error("the request %s failed", request_id_of(scope), exc_info=error)
    return problem(scope, FAULT, "Gearbox failed to answer.")


def _checked(read: Callable[[], B]) -> B:
    try:
        return read()
    except ValidationError as error:
        faults: dict[str, list[str]] = {}
        for each in error.errors():
            where, what = _fault(each)
            if what not in faults.setdefault(where, []):
                faults[where].append(what)
        told = "; ".join(f"{where}: {', or: '.join(what)}" for where, what in faults.items())
        raise GearboxError(f"The request can't be used: {told}.", "Correct what it names and ask again.") from None


def _could_be_id(name: str, given: object) -> bool:
    # What is asked for is kept in the audit log for good; a key that was pasted into an address must not get there.
    if not isinstance(given, str):
        return True
    if "\0" in given:  # PostgreSQL can't even look for one
        return False
    if name == "model_id":  # some look like keys; what nobody knows is not kept, nor repeated
        return len(given) <= _MOST_MODEL_CHARS
    return len(given) <= _MOST_ID_CHARS and redact(given) == given


def _fault(fault: ErrorDetails) -> tuple[str, str]:
    """Where it is and what it is; alternatives of one field are in one place."""
    if fault["type"] == "extra_forbidden":  # it is not named: a key may stand where the name should
        return "body", "it has unknown fields"
    if fault["type"] == "model_type":
        return "body", "it should be a JSON object"
    # A union tells which alternative it tried, by a name of pydantic's own: list[constrained-str].
    path = ".".join(str(part) for part in fault["loc"] if "[" not in str(part))
    return path or "body", fault["msg"]


async def _body(request: Request) -> bytes:
    """The body, bounded.

    Raises:
        TooLarge: it is.
        GearboxError: it is something that a form of another site could send.
    """
    whole = await whole_body(request, MAX_BODY_BYTES)
    if whole and request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise GearboxError("The request is not JSON.", "Send Content-Type: application/json.")
    return whole
