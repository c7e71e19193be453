"""Removes what only waited for a hold to end, where whoever released it did not get to that."""

from __future__ import annotations

import logging
from datetime import timedelta

from core.retention.holds import purge
from data.store import Store

EVERY = timedelta(minutes=5)
_LEASE = "hold-sweep"
_log = logging.getLogger(__name__)


def sweep(store: Store) -> None:
    """Once; nothing where another process is at it, or nothing waits. Raises StoreError; the next time it is done."""
    if not store.holds.waiting() or not store.leases.acquire(_LEASE, EVERY):
        return
    try:
        if gone := purge(store):
            _log.info("%d deleted conversations are on hold no more, and are removed", gone.conversations)
    finally:
        store.leases.release(_LEASE)
