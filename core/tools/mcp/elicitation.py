"""What a server asks the person while it works on a call of theirs (elicitation)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import GearboxError
from core.tools.forms import filled, form_of
from core.tools.tool import Ask
from data.values.questions import Question, Reply, Said

if TYPE_CHECKING:
    from mcp.client import ClientRequestContext
    from mcp.types import ElicitRequestParams, ElicitResult, ErrorData

SECONDS = 300.0
"""How long a person has for an answer; meanwhile the time of the call stands still."""
MOST = 5
"""Questions of one call: a server that asks more is told that the person declines."""
_LONGEST = 2_000
_GRACE = 10.0  # whoever asks keeps the time, too


class _Call:
    def __init__(self, ask: Ask | None, limit: asyncio.Timeout) -> None:
        self.ask = ask
        self.left = MOST if ask is not None else 0
        self._limit = limit
        self._waiting = 0
        self._rest = 0.0
        self._open: set[asyncio.Task[Said]] = set()

    async def said_to(self, question: Question) -> Said:
        """What the person says; CANCEL when their time is up, or the call ends before."""
        assert self.ask is not None
        asking = asyncio.create_task(self.ask(question))
        self._open.add(asking)
        try:
            with self._standing_still():
                await asyncio.wait([asking], timeout=question.seconds + _GRACE)
            return asking.result() if asking.done() and not asking.cancelled() else Said(Reply.CANCEL)
        finally:
            asking.cancel()
            self._open.discard(asking)

    def end(self) -> None:
        """Take its questions back."""
        for asking in self._open:
            asking.cancel()

    @contextmanager
    def _standing_still(self) -> Iterator[None]:
        """Stop the call's time."""
        clock = asyncio.get_running_loop().time
        if not self._waiting:
            self._rest = (self._limit.when() or clock()) - clock()
            self._limit.reschedule(None)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting and not self._limit.expired():
                self._limit.reschedule(clock() + self._rest)


_CURRENT: ContextVar[_Call | None] = ContextVar("_CURRENT", default=None)


class Elicitation:
    """The questions in one session.

    A server of the protocol's second era asks within the call; one of the first era just asks, so that of several calls
    the one that began last is taken. All of a session's calls are one person's.
    """

    def __init__(self, label: str, seconds: float = SECONDS) -> None:
        self._label = label
        self._seconds = seconds
        self._calls: list[_Call] = []

    @contextmanager
    def during(self, ask: Ask | None, limit: asyncio.Timeout) -> Iterator[None]:
        """A call is in progress. `ask` is None where nobody can be asked."""
        call = _Call(ask, limit)
        self._calls.append(call)
        token = _CURRENT.set(call)
        try:
            yield
        finally:
            _CURRENT.reset(token)
            self._calls.remove(call)
            call.end()

    async def asked(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult | ErrorData:
        """The callback of the `mcp` package."""
        del context  # it does not say which call
        from mcp.types import INVALID_PARAMS, ElicitResult, ErrorData

        call = _CURRENT.get() or (self._calls[-1] if self._calls else None)
        if call is None or call.ask is None or call.left <= 0:
            return ElicitResult(action="decline")
        call.left -= 1
        try:
            question = _question(self._label, params, self._seconds)
        except GearboxError as error:
            return ErrorData(code=INVALID_PARAMS, message=str(error))
        return _result(question, await call.said_to(question))


def _question(label: str, params: ElicitRequestParams, seconds: float) -> Question:
    if params.mode == "form":
        form_of(params.requested_schema)
        return Question(label, params.message[:_LONGEST], params.requested_schema, seconds=seconds)
    parts = urlsplit(params.url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise GearboxError("Only https addresses without a user's name are shown to people.")
    return Question(label, params.message[:_LONGEST], url=params.url, seconds=seconds)


def _result(question: Question, said: Said) -> ElicitResult:
    from mcp.types import ElicitResult

    if said.reply is not Reply.ACCEPT:
        return ElicitResult(action=said.reply.value)
    if question.url:
        return ElicitResult(action="accept")
    try:
        return ElicitResult(action="accept", content=filled(form_of(question.schema), said.content))
    except GearboxError:  # the page holds it against the form, too
        return ElicitResult(action="cancel")
