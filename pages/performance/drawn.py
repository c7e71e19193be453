"""What stands under a part of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.analytics.performance_values import PerformanceFacts
from pages.figures import drawn

_AFTER = (
    "What is told of the period before is in the rows that are not `is_now`, or `part`. Days that are over are read "
    "from their sums, which are what the calls come to; today, and a day that something was added to, from the calls. "
    "With each group some of its people are read, for the rule on few people; a second statement finds all of them "
    "where these are too few."
)


def below(
    facts: PerformanceFacts, parts: Sequence[str], text: str, name: str = "", rows: Sequence[Mapping[str, object]] = ()
) -> None:
    """Its rows as a file, and the way to its numbers."""
    shown = [each for part in parts for each in (part, f"{part}_people")]
    drawn.below(facts.ran, shown, text, f"performance-{name}", rows, after=_AFTER)
