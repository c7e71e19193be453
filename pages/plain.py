"""Foreign text inside our own Markdown: names and messages that must not act as markup."""

from __future__ import annotations

import re

_ACTIVE = frozenset("\\`*_{}[]()<>#+-.!|~$:")

_LINKS = re.compile(r"(?<=http)(?=s?://)|(?<=www)(?=\.)|(?<=\w)(?=@)|(?<=:)(?=[a-z+][\w+/-]*:)", re.IGNORECASE)
_JOINER = "\u2060"
"""No width, and no place to break a line."""


def plain(text: str) -> str:
    """`text` with every character escaped that Markdown, or Streamlit's directives, would act on."""
    return "".join(f"\\{character}" if character in _ACTIVE else character for character in text)


def unlinked(text: str) -> str:
    """`plain`, for names: an address in one is no link, and `:material/home:` no picture.

    Browsers' Markdown finds both after it has taken escapes away, so they are broken up by what nobody sees. Not
    for what people copy.
    """
    return plain(_LINKS.sub(_JOINER, text))
