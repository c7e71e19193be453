"""Saves a running answer as it goes, and renews the lease of its turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import GearboxError
from data.values.parts import Part

if TYPE_CHECKING:
    from data.store import Store

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 0.4
"""How often a running answer is saved. With the commit itself it keeps the loss under a second."""

RENEW_SECONDS = 3.0
"""How often a silent turn renews its lease (which lasts 10 s)."""


class Saver:
    """One turn's, from now on until it is stopped. On an event loop.

    Args:
        parts: the answer as it is.
    """

    def __init__(self, store: Store, turn_id: str, parts: Callable[[], tuple[Part, ...]]) -> None:
        self._store = store
        self._turn_id = turn_id
        self._parts = parts
        self._task = asyncio.create_task(self._save())

    async def stop(self) -> None:
        """Save no more; what is being saved is."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _save(self) -> None:
        saved: tuple[Part, ...] = ()
        quiet = 0.0
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            quiet += CHECKPOINT_SECONDS
            parts = self._parts()
            if parts == saved and quiet < RENEW_SECONDS:
                continue
            try:
                await asyncio.wrap_future(self._store.turns.checkpoint(self._turn_id, parts))
            except GearboxError as error:
                log.warning("saving a running answer failed: %s", error)
            saved, quiet = parts, 0.0
