"""Foreign text inside our own Markdown: names and messages that must not act as markup."""

from __future__ import annotations

_ACTIVE = frozenset("\\`*_{}[]()<>#+-.!|~$:")


def plain(text: str) -> str:
    """`text` with every character escaped that Markdown, or Streamlit's directives, would act on."""
    return "".join(f"\\{character}" if character in _ACTIVE else character for character in text)
