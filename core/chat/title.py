"""A conversation's first title: cut from the first prompt, no model call."""

from __future__ import annotations

import re

TITLE_CHARS = 48

_NOISE = re.compile(r"[`*_#>\[\]\s]+")


def title_from(prompt: str) -> str:
    """The prompt's first line that says something, cut at a word near `TITLE_CHARS` characters."""
    lines = (_NOISE.sub(" ", line).strip() for line in prompt.splitlines())
    first = next((line for line in lines if any(c.isalnum() for c in line)), "").strip()
    if not first:
        return "New conversation"
    if len(first) <= TITLE_CHARS:
        return first
    cut = first[: TITLE_CHARS + 1].rsplit(" ", 1)[0]
    # One endless word, or a script without spaces, has no better place to cut than here.
    kept = cut if TITLE_CHARS // 2 <= len(cut) <= TITLE_CHARS else first[:TITLE_CHARS]
    return kept.rstrip(" ,.;:-") + "…"
