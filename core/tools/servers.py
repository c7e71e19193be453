"""Tool servers as admins look after them: added, tried, offered, trusted, removed. All of it is in the audit log."""

from __future__ import annotations

import re
import shlex
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound, StoreError
from core.providers.addresses import clean_base_url
from core.providers.guard import AddressGuard
from core.tools.mcp.live import TOKEN
from core.tools.mcp.names import checked_server
from core.tools.mcp.sessions import OPEN_SECONDS, Sessions
from core.tools.server_secrets import ServerSecrets
from data.store.tool_servers import missing_server
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.tool_servers import ListedTool, ServerKind, ToolServer, TrustedTool

if TYPE_CHECKING:
    from data.store import Store

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_LABEL = 60
_MOST_VARIABLES = 30


class ToolServers:
    """Thread-safe, blocking.

    Args:
        plain_http_hosts: hosts beyond this machine that may be called unencrypted.
        clock: returns aware instants.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        secrets: ServerSecrets,
        sessions: Sessions,
        *,
        guard: AddressGuard,
        plain_http_hosts: tuple[str, ...],
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._store = store
        self._secrets = secrets
        self._sessions = sessions
        self._guard = guard
        self._plain_http_hosts = plain_http_hosts
        self._clock = clock

    def all(self, actor: Actor) -> Sequence[ToolServer]:
        """Every server, by label. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_TOOLS)
        return self._store.tool_servers.all()

    def add_program(
        self,
        actor: Actor,
        *,
        name: str,
        label: str,
        command: str,
        variables: Mapping[str, str] | None = None,
        team_id: str | None = None,
    ) -> ToolServer:
        """Add a server that is a program which Gearbox starts. Nothing of it is offered before it was trusted.

        Args:
            name: goes in front of its tools' names.
            command: program and arguments, quoted as in a shell; no shell runs it.
            variables: environment variables, whose values are sealed.
            team_id: whose people it is for; None: everybody.

        Raises:
            GearboxError: name, command or variables can't be used, or the operator does not allow the program.
            Conflict: there is a server of this name.
        """
        self._access.require(actor, Permission.MANAGE_TOOLS)
        server = replace(self._new(name, label, ServerKind.STDIO, team_id), command=_words(command))
        return self._add(actor, server, _checked_variables(variables or {}))

    def add_address(
        self,
        actor: Actor,
        *,
        name: str,
        label: str,
        url: str,
        token: str | None = None,
        team_id: str | None = None,
    ) -> ToolServer:
        """Add a server that is reached over streamable HTTP; `token` is sent to its origin as a bearer token.

        Raises:
            GearboxError: the name or the address can't be used.
            Conflict: there is a server of this name.
        """
        self._access.require(actor, Permission.MANAGE_TOOLS)
        address = clean_base_url(url, self._plain_http_hosts)
        self._guard.check_url(address)
        server = replace(self._new(name, label, ServerKind.HTTP, team_id), url=address)
        return self._add(actor, server, {TOKEN: token} if token else {})

    def check(self, actor: Actor, server_id: str) -> Sequence[ListedTool]:
        """Connect to a server now and list its tools.

        Raises:
            NotFound: there is none.
            GearboxError: it can't be reached; the message says why.
        """
        self._access.require(actor, Permission.MANAGE_TOOLS)
        server = self._find(server_id)
        listing = self._sessions.listing(server, actor, at_once=True)
        try:
            tools = listing.result(OPEN_SECONDS + 10)
        except TimeoutError:
            raise GearboxError(f"{server.label} did not answer in time.") from None
        return list(tools.values())

    def offer(self, actor: Actor, server_id: str, *, team_id: str | None, is_on: bool) -> None:
        """Say who may use a server: a team, everybody without one, nobody while it is off. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_TOOLS)
        self._require_team(team_id)
        told = _told(actor, server_id, "offer", team=team_id, on=is_on)
        self._store.tool_servers.offer(server_id, team_id=team_id, is_on=is_on, event=told)
        if not is_on:
            self._sessions.forget(server_id)

    def replace_secret(self, actor: Actor, server_id: str, values: Mapping[str, str] | str | None) -> None:
        """Put another bearer token, or other environment variables, in the place of what was sealed; None: nothing.

        Raises:
            NotFound: there is no such server.
            VaultError: it can't be kept.
        """
        self._access.require(actor, Permission.MANAGE_TOOLS)
        server = self._find(server_id)
        named = {TOKEN: values} if isinstance(values, str) else _checked_variables(values or {})
        secret_id = self._secrets.seal(actor, server, named)
        variables = () if server.kind is ServerKind.HTTP else tuple(named)
        told = _told(actor, server_id, "secret", variables=len(variables))
        self._store.tool_servers.put_secret(server_id, secret_id, variables, told)
        self._secrets.remove(actor, server.secret_id)
        self._sessions.forget(server_id)

    def trust(self, actor: Actor, server_id: str, tools: Iterable[ListedTool], *, reads: bool | None = None) -> None:
        """Let tools be used exactly as they are described here, which is how the actor read them.

        Args:
            reads: whether they only read, so that nobody is asked before a call; None leaves what was said before.

        Raises:
            NotFound: there is no such server.
        """
        self._access.require(actor, Permission.MANAGE_TOOLS)
        before = self._find(server_id).trusted
        trusted = []
        for tool in tools:
            known = before.get(tool.name)
            trusted.append(TrustedTool(tool, (known.reads if known else False) if reads is None else reads))
        told = _told(actor, server_id, "trust", tools=" ".join(each.tool.name for each in trusted)[:500], reads=reads)
        self._store.tool_servers.trust(server_id, trusted, told)

    def distrust(self, actor: Actor, server_id: str, names: Iterable[str]) -> None:
        """Let tools not be used any more, until somebody trusts them again. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_TOOLS)
        self._find(server_id)
        gone = list(names)
        told = _told(actor, server_id, "distrust", tools=" ".join(gone)[:500])
        self._store.tool_servers.distrust(server_id, gone, told)

    def remove(self, actor: Actor, server_id: str) -> None:
        """Forget a server and its secret. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_TOOLS)
        server = self._find(server_id)
        self._secrets.remove(actor, server.secret_id)
        self._store.tool_servers.remove(server_id, _told(actor, server_id, "remove", name=server.name))
        self._sessions.forget(server_id)

    def _new(self, name: str, label: str, kind: ServerKind, team_id: str | None) -> ToolServer:
        name = checked_server(name)
        label = " ".join(label.split()) or name
        if len(label) > _LONGEST_LABEL or not label.isprintable():
            raise GearboxError(f"A name has at most {_LONGEST_LABEL} printable characters.", "Enter a shorter one.")
        self._require_team(team_id)
        return ToolServer(uuid.uuid4().hex, name, label, kind, self._clock(), team_id=team_id)

    def _add(self, actor: Actor, server: ToolServer, values: Mapping[str, str]) -> ToolServer:
        self._secrets.require_allowed(server)
        secret_id = self._secrets.seal(actor, server, values)
        variables = () if server.kind is ServerKind.HTTP else tuple(values)
        server = replace(server, secret_id=secret_id, variables=variables)
        # Not the arguments, though secrets do not belong there.
        reached = server.url or server.command[0]
        told = _told(actor, server.id, "add", name=server.name, kind=server.kind.value, reached=reached)
        try:
            self._store.tool_servers.add(server, told)
        except StoreError:
            self._secrets.remove(actor, secret_id)
            raise
        return server

    def _find(self, server_id: str) -> ToolServer:
        for server in self._store.tool_servers.all():
            if server.id == server_id:
                return server
        raise missing_server()

    def _require_team(self, team_id: str | None) -> None:
        if team_id is not None and all(team.id != team_id for team in self._store.teams.all()):
            raise NotFound("There is no such team.", "Reload the page.")


def _words(command: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        raise GearboxError("The command has an open quotation mark.", "Close it.") from None
    if not words or any("\x00" in word for word in words):
        raise GearboxError("Enter the program and its arguments.", "For example: npx -y some-mcp-server")
    return words


def _checked_variables(variables: Mapping[str, str]) -> dict[str, str]:
    if len(variables) > _MOST_VARIABLES:
        raise GearboxError(f"A server gets at most {_MOST_VARIABLES} variables.")
    for name, value in variables.items():
        if not _VARIABLE.fullmatch(name) or "\x00" in value:
            raise GearboxError("A variable's name has letters, digits and underscores.", "Write NAME=value.")
    return dict(variables)


def _told(actor: Actor, server_id: str, change: str, **details: Any) -> AuditEvent:
    return AuditEvent.by(
        actor,
        Action.TOOL_SERVER_CHANGE,
        AuditOutcome.DONE,
        target=f"tool-server:{server_id}",
        change=change,
        **details,
    )
