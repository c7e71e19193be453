"""Any conversation for any model: what one can't take goes to it as text, what is stored stays as it is."""

from __future__ import annotations

from core.chat.bridge.abilities import NO_FILES, Abilities, Files, abilities_of
from core.chat.bridge.losses import Losses
from core.chat.bridge.rendering import (
    CHARS_PER_TOKEN,
    DEFAULT_CONTEXT_TOKENS,
    RenderedHistory,
    render,
    room_for,
    weight,
)

__all__ = [
    "CHARS_PER_TOKEN",
    "DEFAULT_CONTEXT_TOKENS",
    "NO_FILES",
    "Abilities",
    "Files",
    "Losses",
    "RenderedHistory",
    "abilities_of",
    "render",
    "room_for",
    "weight",
]
