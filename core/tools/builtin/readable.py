"""Readable text of what a server sent."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from core.errors import GearboxError
from core.tools.builtin.web import Fetched

SECONDS = 15.0
"""For making a page readable: most take a fifth of one."""

_CHILD = Path(__file__).with_name("readable_child.py")
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_JSON = frozenset({"application/json", "application/ld+json", "application/xml", "application/rss+xml"})
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_JOINERS = frozenset("\u200c\u200d")  # emoji, Persian and Hindi need them


@dataclass(frozen=True, slots=True)
class Readable:
    """A page's title, empty where it has none, and its text as Markdown."""

    title: str
    text: str


def is_readable(media_type: str) -> bool:
    """Whether text can be made of this kind of content."""
    return media_type.startswith("text/") or media_type in _HTML | _JSON or media_type.endswith(("+json", "+xml"))


def readable(page: Fetched, within: float = SECONDS) -> Readable:
    """What a person would read of it. Blocks; for HTML it starts a process that is ended after `within` seconds.

    Characters that nobody sees are left out: instructions can be hidden in them.

    Raises:
        GearboxError: no text could be made of it.
    """
    if page.media_type not in _HTML:
        return Readable("", _seen(_decoded(page)))
    command = [sys.executable, "-I", str(_CHILD), page.url, page.charset]
    try:
        # No environment: the child must not know what the server was given.
        done = subprocess.run(  # noqa: S603 our own script, and no shell
            command, input=page.body, capture_output=True, timeout=within, env={}, check=False
        )
        found = json.loads(done.stdout) if done.returncode == 0 else None
    except subprocess.TimeoutExpired:
        raise GearboxError("The page is too intricate to be made readable in time.") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise GearboxError("The page could not be made readable.")
    return Readable(" ".join(_seen(found["title"]).split())[:300], _seen(found["text"]).strip())


def _decoded(page: Fetched) -> str:
    try:
        return page.body.decode(page.charset or "utf-8", "replace")
    except LookupError:  # a charset that nobody knows
        return page.body.decode("utf-8", "replace")


def _seen(text: str) -> str:
    return "".join(
        char for char in text if char in "\n\t" or char in _JOINERS or unicodedata.category(char) not in _UNSEEN
    )
