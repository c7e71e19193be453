"""What came of trying a model out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from data.values.registry import Capability


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a model showed a capability. `holds` is None where the try told nothing; `evidence` says why, in words.

    Trouble on the way to the model is never a no.
    """

    capability: Capability
    holds: bool | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a check will come to: `calls` at most, and `most` money; None where the model has no price."""

    calls: int
    most: Decimal | None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Report:
    """A check that was made. `cost` is what its calls were booked with; None where the model has no price."""

    model_id: str
    at: datetime
    findings: tuple[Finding, ...]
    calls: int
    cost: Decimal | None
    currency: str = "USD"
