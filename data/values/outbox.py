"""What waits in the outbox, as it is handed to the warehouse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class OutboxRow(NamedTuple):
    """One waiting event. Ids are never used twice; the drainer must not rely on their order.

    `text` is the payload as JSON: many of them are read into a frame at once, and never into objects. A plain tuple
    for the same reason: ten thousand are made for one batch.
    """

    id: int
    kind: str
    text: str

    @classmethod
    def of(cls, row_id: int, kind: str, payload: Mapping[str, Any]) -> OutboxRow:
        """A row with this payload."""
        return cls(row_id, kind, json.dumps(dict(payload)))

    @property
    def payload(self) -> dict[str, Any]:
        """What the event tells, read anew each time."""
        read: dict[str, Any] = json.loads(self.text)
        return read
