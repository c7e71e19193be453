"""What servers get of the vault: a bearer token over HTTP, or a program's environment variables."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import uuid
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from core.config import Settings
from core.errors import GearboxError, NotFound
from core.providers.addresses import origin_of, require_encrypted
from core.tools.mcp.live import TOKEN
from core.vault import Vault
from core.vault.owners import ORGANISATION_ID
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.calls import KeyOwner
from data.values.tool_servers import KEY_PREFIX, ServerKind, ToolServer

if TYPE_CHECKING:
    from data.store import Store


class ServerSecrets:
    """Seals secrets for servers, and opens them for sessions. Thread-safe, blocking.

    A secret is bound to where it goes: an address's origin, or a whole command. Whoever changes either in the database
    gets nothing sent there.
    """

    def __init__(self, store: Store, vault: Vault, settings: Settings) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings

    def seal(self, actor: Actor, server: ToolServer, values: Mapping[str, str]) -> str | None:
        """Keep a server's secret; returns its id, None where there is nothing to keep.

        Raises:
            VaultError: it can't be kept. The message never repeats it.
        """
        if not values:
            return None
        card = self._vault.put(
            actor,
            KeyOwner.ORGANISATION,
            ORGANISATION_ID,
            provider=f"{KEY_PREFIX}{server.name}",
            origin=_place(server),
            plaintext=values[TOKEN] if server.kind is ServerKind.HTTP else _packed(values),
        )
        return card.binding.secret_id

    def remove(self, actor: Actor, secret_id: str | None) -> None:
        """Forget a secret; does nothing where it is gone."""
        if secret_id and self._vault.card(secret_id):
            with contextlib.suppress(NotFound):
                self._vault.remove(actor, secret_id)

    def open(self, server: ToolServer, actor: Actor) -> Mapping[str, str]:
        """The secret for one session of `actor`; its use is in the audit log.

        Raises:
            GearboxError: the operator allows this program, or this address, no more.
            NotFound, VaultError: the secret can't be opened.
        """
        self.require_allowed(server)
        if server.secret_id is None:
            return {}
        use = {"target": secret_target(server.secret_id), "operation": uuid.uuid4().hex}
        receipt = self._store.audit.intend(AuditEvent.by(actor, Action.KEY_USE, AuditOutcome.INTENT, **use))
        plaintext = self._vault.open_key(server.secret_id, origin=_place(server), actor=actor, receipt=receipt)
        self._store.audit.record(AuditEvent.by(actor, Action.KEY_USE, AuditOutcome.DONE, **use))
        return {TOKEN: plaintext} if server.kind is ServerKind.HTTP else _unpacked(plaintext)

    def require_allowed(self, server: ToolServer) -> None:
        """Go on only with a server that the operator's settings allow.

        Raises:
            GearboxError: its program is none of those that may be started, or its address is not encrypted.
        """
        if server.kind is ServerKind.HTTP:
            require_encrypted(server.url, self._settings.plain_http_hosts)
            return
        program = server.command[0]
        if self._settings.sign_in != "local" and program not in self._settings.tool_programs:
            raise GearboxError(
                f"The program {program} may not be started by Gearbox.",
                "Only whoever runs Gearbox can allow that, with GEARBOX_TOOL_PROGRAMS.",
            )


def _place(server: ToolServer) -> str:
    if server.kind is ServerKind.HTTP:
        return origin_of(server.url)
    return f"program:{sha256(json.dumps(server.command).encode()).hexdigest()}"


def _packed(values: Mapping[str, str]) -> str:
    # The vault takes what could be a header: one word of ASCII.
    return base64.urlsafe_b64encode(json.dumps(dict(values)).encode()).decode()


def _unpacked(plaintext: str) -> Mapping[str, str]:
    try:
        return {str(name): str(value) for name, value in json.loads(base64.urlsafe_b64decode(plaintext)).items()}
    except (binascii.Error, ValueError, AttributeError):
        raise GearboxError("The server's variables can't be read.", "Ask an admin to enter them again.") from None
