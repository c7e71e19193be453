"""The litellm transport: every provider that does not speak OpenAI's wire format.

The only module that imports litellm, and only when it is needed: the import takes 5 to 12 seconds, and each
streamed chunk about a millisecond of CPU on the event loop. litellm keeps its HTTP clients, and in them the keys,
in memory for an hour; no setting turns that off.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import re
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from core.errors import ProviderError
from core.heap import set_aside
from core.providers.failures import failure, retry_after_seconds
from core.providers.litellm_messages import told
from core.providers.litellm_operations import answer_of, ask
from core.providers.litellm_words import said_by
from core.providers.openai_wire import ChunkReader
from core.providers.operation_limits import OperationLimits
from core.providers.reply import Timeouts
from core.providers.request import Answer, ModelRequest
from data.values.calls import ErrorKind
from data.values.events import Delta, StreamEnd, UsageReport
from data.values.models import EndpointKind
from data.values.operations import OperationKind, OperationRequest

log = logging.getLogger(__name__)

# Where a call carries no key litellm would take the operator's own from the environment, and send it to any base URL.
_NO_KEY = "none"
_ADDRESS_VARIABLE = re.compile(r"(?!GEARBOX_)[A-Z0-9_]+_(?:API_BASE|BASE_URL|API_URL|ENDPOINT)")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LitellmTransport:
    """Streams through litellm. Without retries, callbacks, telemetry or logging of its own."""

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        now: Callable[[], datetime] = _utc_now,
        limits: OperationLimits | None = None,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._limits = limits or OperationLimits()
        self._now = now
        self._loading = threading.Lock()
        self._litellm: Any = None

    async def warm(self) -> None:
        """Import litellm in a thread, unless that is done; calls wait for it otherwise."""
        if self._litellm is None:
            await asyncio.to_thread(self._load)

    async def aclose(self) -> None:
        """Close litellm's HTTP clients, if there are any."""
        if self._litellm is not None:
            await self._litellm.close_litellm_async_clients()

    async def stream(self, request: ModelRequest, key: str | None) -> AsyncGenerator[Delta, None]:
        """See `Transport.stream`."""
        if not key and not request.endpoint.base_url:
            raise failure(ErrorKind.AUTH, f"{request.endpoint.label} needs a key.", None)
        await self.warm()
        loop = asyncio.get_running_loop()
        began, limits, reader, who = loop.time(), self._timeouts, ChunkReader(), request.endpoint.label
        last = began + limits.total
        chunks = await self._guarded(who, key, min(began + limits.first, last), self._start(request, key))
        started = False
        async with contextlib.aclosing(chunks):
            while True:
                until = loop.time() + limits.between if started else began + limits.first
                chunk = await self._guarded(who, key, min(until, last), anext(chunks, None))
                if chunk is None:
                    break
                try:
                    deltas = reader.read(chunk.model_dump())
                except ValueError as error:
                    message = f"{who} sent something that is not a completion."
                    raise failure(ErrorKind.BAD_RESPONSE, message, key) from error
                started = started or bool(deltas)
                for delta in deltas:
                    yield delta
        if reader.finish_reason is None:
            raise failure(ErrorKind.STREAM_CUT, f"{who} ended the answer in the middle.", key)
        if reader.usage:
            yield UsageReport(reader.usage)
        yield StreamEnd(reader.finish_reason)

    async def perform(self, request: OperationRequest, key: str | None) -> Answer:
        """See `Transport.perform`."""
        if not key and not request.endpoint.base_url:
            raise failure(ErrorKind.AUTH, f"{request.endpoint.label} needs a key.", None)
        await self.warm()
        who = request.endpoint.label
        until = asyncio.get_running_loop().time() + self._limits.seconds(request.kind)
        reply = await self._guarded(
            who, key, until, ask(self._litellm, request, self._access(request, key), self._limits)
        )
        if request.kind is OperationKind.EMBEDDING and request.endpoint.provider == "gemini":
            reply.usage = None  # Google counts nothing here; litellm makes a number up, which would be booked as told
        try:
            return answer_of(request.wanted, reply)
        except ValueError as error:
            raise failure(ErrorKind.BAD_RESPONSE, f"{who} sent something else than asked for: {error}.", key) from error

    async def _guarded(self, who: str, key: str | None, until: float, step: Any) -> Any:
        """Await one step of the call; whatever goes wrong becomes a `ProviderError`."""
        try:
            async with asyncio.timeout_at(until):
                return await step
        except TimeoutError:
            fault = failure(ErrorKind.TIMEOUT, f"{who} took too long to answer.", key)
        except Exception as error:  # noqa: BLE001 litellm raises classes of its own, of openai, of httpx and bare ones
            fault = self._failure(error, who, key)
        # Outside of the handlers, so that the original, which may quote the key, is no part of the new error.
        raise fault

    async def _start(self, request: ModelRequest, key: str | None) -> Any:
        sampling = request.sampling
        reply = await self._litellm.acompletion(
            **request.options,
            **self._access(request, key),
            # Else a request with tools goes to litellm's own MCP gateway first, which needs packages of its proxy.
            _skip_mcp_handler=True,
            messages=told(request),
            stream=request.streams,
            stream_options={"include_usage": True} if request.streams and request.asks_usage else None,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
        )
        return reply if request.streams else _alone(reply)

    def _access(self, request: ModelRequest | OperationRequest, key: str | None) -> dict[str, Any]:
        """What every function of litellm's takes: model, key, address, and that it is not to try again."""
        endpoint = request.endpoint
        prefix = endpoint.provider if endpoint.kind is EndpointKind.PROVIDER else "openai"
        patience = self._timeouts.first if isinstance(request, ModelRequest) else self._limits.seconds(request.kind)
        return {
            "model": f"{prefix}/{request.model.name}",
            "api_key": key or _NO_KEY,
            "api_base": endpoint.base_url or None,
            "timeout": httpx.Timeout(patience, connect=self._timeouts.connect),
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
        }

    def _failure(self, error: Exception, who: str, key: str | None) -> ProviderError:
        if getattr(error, "is_pre_first_chunk", False):
            # Wrapped for litellm's own fallbacks, though nothing of the stream had come.
            error = getattr(error, "original_exception", None) or error
        kind, words = said_by(error)
        if kind is ErrorKind.INTERNAL:
            log.warning("a call to %s failed inside of litellm", who)
        headers = getattr(error, "litellm_response_headers", None)
        if headers is None:
            headers = getattr(getattr(error, "response", None), "headers", None)
        wait = headers.get("retry-after") if isinstance(headers, Mapping) else None
        status = getattr(error, "status_code", None)
        return failure(
            kind,
            f"{who}: {words}" if words else f"{who} failed without a reason.",
            key,
            status=status if isinstance(status, int) and kind is not ErrorKind.UNREACHABLE else None,
            retry_after=retry_after_seconds(wait, self._now()),
        )

    def _load(self) -> None:
        with self._loading:
            if self._litellm is not None:
                return
            # Read at import: without the first it downloads a price list, without the second it reads ./.env.
            os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
            os.environ["LITELLM_MODE"] = "PRODUCTION"
            # litellm sends a key wherever such a variable points; a key is bound to the origin it was entered for.
            for name in [name for name in os.environ if _ADDRESS_VARIABLE.fullmatch(name)]:
                del os.environ[name]
            # Each would weaken the check of certificates, or switch it off.
            for name in ("SSL_VERIFY", "SSL_SECURITY_LEVEL"):
                os.environ.pop(name, None)
            import litellm

            litellm.ssl_verify = True
            litellm.suppress_debug_info = True
            litellm.turn_off_message_logging = True
            for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
            # The first call imports hundreds of modules, for most of a second: better here than on the event loop.
            with contextlib.suppress(ImportError):
                importlib.import_module("openai.resources.chat.completions")
            litellm.completion(
                model="openai/warm-up",
                messages=[{"role": "user", "content": "warm up"}],
                mock_response="warm",
                api_key=_NO_KEY,
            )
            set_aside()
            self._litellm = litellm


async def _alone(reply: Any) -> AsyncGenerator[Any, None]:
    yield reply
