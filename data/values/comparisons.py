"""Comparisons: one prompt that several models answered side by side, and what the person said of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a person said of the answers of a comparison."""

    BETTER = "better"  # one of them is
    TIED = "tied"  # all are equally good
    NONE = "none"  # none is good


@dataclass(frozen=True, slots=True)
class Side:
    """One model of a comparison; its answer is an ordinary turn of a conversation that lists don't show."""

    conversation_id: str
    model_id: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One prompt to several models, in the order in which they are shown.

    `is_blind`: who answered is not told before the verdict. `winner` is the conversation of the better answer.
    """

    id: str
    title: str
    is_blind: bool
    created_at: datetime
    sides: tuple[Side, ...] = ()
    verdict: Verdict | None = None
    winner: str | None = None

    @property
    def hides_names(self) -> bool:
        """Whether who answered must not be told yet."""
        return self.is_blind and self.verdict is None
