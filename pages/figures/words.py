"""Words that several pages of numbers use."""

from __future__ import annotations

from data.values.actor import Surface

SURFACES = {
    Surface.CHAT: "The chat",
    Surface.API: "The API",
    Surface.CLI: "The command line",
    Surface.BACKGROUND: "Gearbox itself",
}
"""Where calls came from."""
