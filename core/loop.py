"""The background event loop that turns run on.

Streamlit runs a page in a thread per browser session and may end that thread at any moment; a turn must
outlive it. So turns run on one asyncio loop of their own, in one daemon thread. Nothing on it may take over a
millisecond: commits, Argon2, imaging and DuckDB belong in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class BackgroundLoop:
    """An asyncio loop in a thread. Thread-safe; `close()` cancels what still runs and joins."""

    def __init__(self, name: str = "gearbox-loop") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop; the future may be waited for, or cancelled, from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self, timeout: float = 5.0) -> None:
        """Cancel every task, let each finish its cleanup, then stop. `timeout` in seconds."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(TimeoutError):  # a task that ignores cancellation dies with this daemon thread
            self.submit(_cancel_others()).result(timeout)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout)
        if not self._thread.is_alive():
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()


async def _cancel_others() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
