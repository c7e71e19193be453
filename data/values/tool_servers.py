"""Servers that bring tools of their own (MCP), and what an admin said of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

KEY_PREFIX = "mcp:"
"""Before a server's name, as the vault has it where it names the provider of a key."""


class ServerKind(StrEnum):
    """How a server is reached."""

    STDIO = "stdio"  # a program that Gearbox starts and talks to over its input and output
    HTTP = "http"  # an address, over streamable HTTP


@dataclass(frozen=True, slots=True)
class ListedTool:
    """A tool as its server describes it; `schema` is of its arguments.

    `says_reads`: by the server's own word it changes nothing, which is a hint and no more.
    """

    name: str
    title: str = ""
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    says_reads: bool = False

    @property
    def fingerprint(self) -> str:
        """The same for two descriptions exactly when they say the same."""
        said = [self.name, self.title, self.description, self.schema, self.says_reads]
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TrustedTool:
    """A tool as an admin read it and let it be used. `reads`: they say that it changes and tells nothing."""

    tool: ListedTool
    reads: bool = False


@dataclass(frozen=True, slots=True)
class ToolServer:
    """A server that an admin added.

    Args:
        name: goes in front of its tools' names; unique.
        label: what people call it.
        command: for STDIO, the program and its arguments.
        variables: for STDIO, names of the environment variables that it gets; their values are in the vault.
        url: for HTTP.
        secret_id: of the vault: the bearer token, or the variables' values; None where there are none.
        team_id: whose people may use it; None: everybody.
        is_on: off, nobody may.
        trusted: what may be used of it, by the tools' names.
        listed: what it listed last; None before it ever answered.
        listed_at: when that was.
    """

    id: str
    name: str
    label: str
    kind: ServerKind
    created_at: datetime
    command: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    url: str = ""
    secret_id: str | None = None
    team_id: str | None = None
    is_on: bool = True
    trusted: Mapping[str, TrustedTool] = field(default_factory=dict)
    listed: tuple[ListedTool, ...] | None = None
    listed_at: datetime | None = None
