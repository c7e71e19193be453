"""Where an answer says that it knows something from. Addresses come from models and are for people to follow."""

from __future__ import annotations

import unicodedata
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass

MOST_SOURCES = 100
"""How many places of one answer are kept; a search gives ten or twenty."""

_MOST_URL_CHARS = 2_048
_MOST_TITLE_CHARS = 300
_SAFE = "!#$%&'()*+,-./:;=?@_~[]"


@dataclass(frozen=True, slots=True)
class Source:
    """A page that an answer names.

    `url` is http or https, without credentials, in ASCII. `start` and `end` are the characters of the answer that it
    stands for, as its provider counts them; None where it stands for the whole.
    """

    url: str
    title: str = ""
    start: int | None = None
    end: int | None = None

    @property
    def host(self) -> str:
        """Where it leads, whatever its title says."""
        return urllib.parse.urlsplit(self.url).hostname or ""


def source(url: object, title: object = None, start: object = None, end: object = None) -> Source | None:
    """A source as somebody named it; None for what is no address that a person may be led to."""
    address = _address(url) if isinstance(url, str) else None
    if address is None:
        return None
    placed = isinstance(start, int) and isinstance(end, int) and 0 <= start < end
    return Source(
        address,
        _words(title) if isinstance(title, str) else "",
        start if placed and isinstance(start, int) else None,
        end if placed and isinstance(end, int) else None,
    )


def for_reading(sources: Iterable[Source]) -> tuple[Source, ...]:
    """One for each page, in the order in which they were named first."""
    pages: dict[str, Source] = {}
    for each in sources:
        known = pages.get(each.url)
        if known is None or not known.title:
            pages[each.url] = Source(each.url, each.title)
    return tuple(pages.values())


def _address(url: str) -> str | None:
    url = url.strip()
    if not 0 < len(url) <= _MOST_URL_CHARS or any(unicodedata.category(char)[0] in "CZ" for char in url):
        return None
    try:
        split = urllib.parse.urlsplit(url)
        port = split.port
        host = (split.hostname or "").encode("idna").decode("ascii")
    except ValueError:  # a bad port, bracket or international name
        return None
    if split.scheme not in {"http", "https"} or not host or "@" in split.netloc or "\\" in url:
        return None
    if not all(char.isalnum() or char in ".-:_" for char in host):
        return None
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port is not None else ""
    rest = (urllib.parse.quote(part, safe=_SAFE) for part in (split.path, split.query, split.fragment))
    return urllib.parse.urlunsplit((split.scheme, place, *rest))


def _words(title: str) -> str:
    """One line, without characters that nobody sees: some turn the direction of what comes after them."""
    seen = "".join(char if unicodedata.category(char)[0] != "C" or char.isspace() else "" for char in title)
    line = " ".join(seen.split())
    return line if len(line) <= _MOST_TITLE_CHARS else line[: _MOST_TITLE_CHARS - 1] + "…"
