"""What a running answer waits for its person to say: whether a tool may run, what goes into a form."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Questions:
    """The open ones of one turn, by a key of the asker's choice. Asked on an event loop, answered from any thread."""

    def __init__(self) -> None:
        self._open: dict[str, Callable[[Any], object]] = {}
        self._lock = threading.Lock()

    @property
    def are_open(self) -> bool:
        """Whether anything waits for the person."""
        return bool(self._open)

    @contextmanager
    def asking(self, key: str) -> Iterator[asyncio.Future[Any]]:
        """Ask something while the block runs; awaiting the future gives what the person said.

        Show the question inside of the block: whoever sees it can answer it.
        """
        loop = asyncio.get_running_loop()
        said: asyncio.Future[Any] = loop.create_future()

        def take(word: Any) -> None:
            if not said.done():
                said.set_result(word)

        with self._lock:
            self._open[key] = lambda word: loop.call_soon_threadsafe(take, word)
        try:
            yield said
        finally:
            with self._lock:
                self._open.pop(key, None)

    def answer(self, key: str, word: Any) -> bool:
        """Say it; False when nobody waits for it, for example any more."""
        with self._lock:
            tell = self._open.pop(key, None)
            if tell is not None:
                tell(word)
        return tell is not None
