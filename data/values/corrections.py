"""What people say that a reply should have held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.values.plans import Output


@dataclass(frozen=True, slots=True)
class Correction:
    """One prompt of a person's, with what they wanted of it.

    Args:
        fingerprint: of the prompt, see `data.learning.fingerprint`; its words are not kept.
        outputs: the kinds of content that are wanted.
        at: when it was said.
    """

    fingerprint: str
    outputs: frozenset[Output]
    at: datetime
