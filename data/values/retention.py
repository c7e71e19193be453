"""How long rows of the warehouse are kept, and what becomes of a forgotten person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

KINDS = {
    "model_calls": "calls of models",
    "tool_calls": "calls of tools",
    "routing_decisions": "choices of models",
    "routing_feedback": "signs of feedback",
    "sign_ins": "sign-ins",
    "flag_exposures": "exposures of flags",
}
"""The tables that rules can be for, and what their rows are in words."""

OF_TEAMS = frozenset({"model_calls", "tool_calls", "sign_ins", "flag_exposures"})
"""Those whose rows are a team's."""


class Forgotten(StrEnum):
    """What becomes of the rows of a forgotten person."""

    ANONYMISE = "anonymise"  # they stay, as nobody's: sums and costs stay what they were
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Rows of the table `kind` are removed when they are older than `days` whole days.

    `team_id` is None for the rule of everybody without a rule of their team's own.
    """

    kind: str
    team_id: str | None
    days: int
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class ForgetReceipt:
    """That a person was forgotten. Nothing leads from `person_id` to who they were.

    Args:
        by: who did it.
        usage: what becomes of their rows in the warehouse.
        removed: how many of each kind were deleted, in words as keys: `conversations`, `messages`, `attachments`, ...
    """

    id: str
    person_id: str
    at: datetime
    by: str
    usage: Forgotten
    removed: Mapping[str, int]
