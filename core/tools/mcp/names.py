"""Names that models call servers' tools by: `server__tool`, of what every provider takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from core.errors import GearboxError

LONGEST = 64
_SERVER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SERVER = 24
_FOREIGN = re.compile(r"[^a-zA-Z0-9_-]")


def checked_server(name: str) -> str:
    """The name of a server as it stands in front of its tools'.

    Raises:
        GearboxError: it will not do.
    """
    name = name.strip()
    if not _SERVER.fullmatch(name) or len(name) > _LONGEST_SERVER:
        raise GearboxError(
            "A server's short name has small letters, digits and single dashes, at most 24.", "For example: github."
        )
    return name


def called(server: str, tools: Iterable[str]) -> dict[str, str]:
    """What models call each tool of a server, by the server's own name of it.

    A name that is too long, or the same as another's once foreign characters are out, ends in a few letters made of the
    whole: it is the same at every start, whatever else the server lists.
    """
    given: dict[str, str] = {}
    counted: dict[str, int] = {}
    tools = list(dict.fromkeys(tools))
    for tool in tools:
        plain = f"{server}__{_FOREIGN.sub('_', tool)}"
        counted[plain] = counted.get(plain, 0) + 1
    for tool in tools:
        plain = f"{server}__{_FOREIGN.sub('_', tool)}"
        exact = plain == f"{server}__{tool}"
        # The one that is called so in fact keeps the name: it does not depend on what else there is.
        given[tool] = plain if len(plain) <= LONGEST and (exact or counted[plain] == 1) else _marked(plain, tool)
    return given


def _marked(plain: str, tool: str) -> str:
    mark = sha256(tool.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain[: LONGEST - len(mark) - 1]}_{mark}"
