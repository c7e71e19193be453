"""One deadline for many short waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

_T = TypeVar("_T")


class Deadline:
    """A timeout that can be moved before every wait, for the cost of an assignment.

    `asyncio.timeout` sets and drops a timer each time: 6 of the 15 microseconds that a chunk of text costs. Here one
    timer looks, when it goes off, whether the deadline has moved on since. Belongs to one task at a time.

    Args:
        until: loop time.
    """

    def __init__(self, until: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._until = until
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._struck = False

    def move(self, until: float) -> None:
        """Set the deadline to another loop time, later or sooner."""
        self._until = until
        if self._timer is not None and until < self._timer.when():
            self.close()

    async def wait(self, step: Awaitable[_T]) -> _T:
        """Await `step`, at most until the deadline.

        Raises:
            TimeoutError: it passed; `step` was cancelled.
        """
        task = asyncio.current_task()
        assert task is not None, "a deadline cancels the task that waits"
        if self._timer is None:
            self._timer = self._loop.call_at(self._until, self._look)
        cancelled_before = task.cancelling()
        self._waiting = task
        try:
            return await step
        except asyncio.CancelledError:
            # Somebody else's cancellation at the same time goes first, as with asyncio.timeout.
            if self._struck and task.uncancel() <= cancelled_before:
                raise TimeoutError from None
            raise
        finally:
            self._waiting = None
            self._struck = False

    def close(self) -> None:
        """Drop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() < self._until:
            self._timer = self._loop.call_at(self._until, self._look)
        elif self._waiting is not None:
            self._struck = True
            self._waiting.cancel()
