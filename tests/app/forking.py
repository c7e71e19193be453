"""Apps as processes of their own that need not import everything first.

A start of the app is six seconds of a busy core, most of it imports, some fifty times in a run of the tests. Here one
process imports what an app has loaded once it is warm, and forks for each app: `streamlit run`, or uvicorn, goes on
from there in a process with its own environment, home, log, signals and end.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
from functools import cache

from tests.forking import Forking, serve

_LOADED_ONCE_WARM = (
    "streamlit.web.cli",
    "streamlit.starlette",
    "streamlit.elements.plotly_chart",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "websockets.asyncio.server",
    "core.services",
    "core.parts",
    "core.api.ai_sdk.ui_chat",
    "core.api.routes",
    "core.api.v1",
    "core.sandbox",
    "core.evidence.service",
    "data.store.migrate",
    "data.warehouse",
    "duckdb",
    "polars",
    "pages.audit",
    "pages.entrance",
    "pages.failures",
    "pages.identity",
    "pages.look",
    "pages.page_sessions",
    "pages.server_options",
    "pages.warm",
)
"""Not `app` and not `pages.frame`: they do things when they are imported."""


@cache
def forking() -> Forking:
    """The one of this process, started when it is first needed."""
    started = Forking("tests.app.forking", {"OPENBLAS_NUM_THREADS": "1"})  # its threads would be missing in a fork
    atexit.register(started.close)
    return started


def _import_all() -> None:
    from pages import warm

    for name in _LOADED_ONCE_WARM:
        importlib.import_module(name)
    warm.imports()
    from streamlit import config

    assert config._config_options is None, "each app reads its own options"
    gc.freeze()  # what is shared is not gone through, and so not copied, by every app


if __name__ == "__main__":
    _import_all()
    serve()
    os._exit(0)  # DuckDB's binding has much to say about an end with nothing else to do
