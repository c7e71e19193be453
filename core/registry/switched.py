"""Which kinds of models a person has no use for, because an admin turned off what they make."""

from __future__ import annotations

from typing import Final

from core.flags.capabilities import Capability
from core.flags.flags import Flags
from data.values.actor import Actor
from data.values.registry import Category

MADE_BEHIND: Final = {
    Category.PICTURES: Capability.IMAGE_GENERATION,
    Category.SPEAK: Capability.SPEECH_GENERATION,
    Category.VIDEO: Capability.VIDEO_GENERATION,
}


def switched_off(flags: Flags, actor: Actor) -> frozenset[Category]:
    """The kinds whose capability is off for this person."""
    return frozenset(kind for kind, behind in MADE_BEHIND.items() if not flags.is_on(actor, behind))
