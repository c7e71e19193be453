"""Features that can be turned off, and for whom they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Feature(StrEnum):
    """Keyed by these names for ever: add members, never rename one."""

    AUTO_MODEL = "auto-model"  # Gearbox chooses models by what was learned


@dataclass(frozen=True, slots=True)
class FeatureRule:
    """A feature is on or off: for a person, for a team, or with neither named for everybody else.

    A person's own rule counts first, then those of their teams (off for one of them is off), then everybody's.
    """

    feature: str
    enabled: bool
    user_id: str = ""
    team_id: str = ""
