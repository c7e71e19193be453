"""What stands under a part of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.analytics.performance_values import PerformanceFacts
from pages.figures import drawn


def below(
    facts: PerformanceFacts, parts: Sequence[str], text: str, name: str = "", rows: Sequence[Mapping[str, object]] = ()
) -> None:
    """Its rows as a file, and the way to its numbers."""
    after = "The period before ran the same with its own times."
    drawn.below(facts.ran, parts, text, f"performance-{name}", rows, after=after)
