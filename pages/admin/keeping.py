"""The Data tab: how long figures are kept, what must not be destroyed for now, and proof of what was."""

from __future__ import annotations

from pages.admin import holds, receipts, retention
from pages.visit import Visit


def draw(visit: Visit) -> None:
    """Draw the tab."""
    retention.draw(visit)
    holds.draw(visit)
    receipts.draw(visit)
