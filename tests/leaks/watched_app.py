"""The app as it is served, and beside it an address that tells which of some texts any browser session holds."""

from __future__ import annotations

import gc
import json
from asyncio import AbstractEventLoop
from types import FunctionType, ModuleType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from streamlit.runtime import Runtime

from app import app as served
from core.services import Services

WATCH = "/watch"
_ELSEWHERE = (type, ModuleType, Runtime, Services, AbstractEventLoop)
"""Where a session's objects lead out of the session."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http" or scope["path"] != WATCH:
        await served(scope, receive, send)
        return
    texts = json.loads(await Request(scope, receive).body())
    sessions = [info.session for info in Runtime.instance()._session_mgr.list_active_sessions()]
    await JSONResponse(_found(sessions, texts))(scope, receive, send)


def _found(roots: list[Any], texts: list[str]) -> dict[str, list[str]]:
    """Each text with the ways that lead from the roots to objects that hold it."""
    waiting: list[tuple[Any, Any]] = [(one, None) for one in roots]
    seen = {id(waiting)}
    found: dict[str, list[str]] = {text: [] for text in texts}
    while waiting:
        one, way = waiting.pop()
        if id(one) in seen or isinstance(one, _ELSEWHERE):
            continue
        seen.add(id(one))
        here = (type(one).__name__, way)
        if isinstance(one, str | bytes | bytearray):
            words = one if isinstance(one, str) else bytes(one).decode("latin-1")
            for text in texts:
                if text in words:
                    found[text].append(_words(here))
        elif isinstance(one, FunctionType):  # not the module around it
            waiting += [(part, here) for part in (one.__closure__, one.__defaults__, one.__kwdefaults__)]
        else:
            waiting += [(part, here) for part in gc.get_referents(one)]
    return found


def _words(way: Any) -> str:
    names: list[str] = []
    while way is not None:
        name, way = way
        names.append(name)
    return " > ".join(reversed(names))
