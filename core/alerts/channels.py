"""Channels: their addresses and keys sealed in the vault, opened for one message, and never shown again."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from core.alerts.signing import HEADER, signature
from core.alerts.words import as_json, as_letter
from core.config import Settings
from core.errors import NotFound, VaultError
from core.providers.guard import AddressGuard
from core.reports.addresses import Destination
from core.reports.places import kind_named
from core.reports.sending import SECONDS, Incident, NotSent, Sender
from core.vault import Vault
from data.documents.asking import ask
from data.values.alert_delivery import Channel, ChannelForm
from data.values.alerts import Alert, Occasion

_NAME, _SEPARATOR, _SIGNED = "alerts", " ", "signed"
_CHILD = "core.alerts.child"


class Post:
    """Sends signed messages. Blocks for some seconds. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._guard = AddressGuard.of(settings)
        self._rules = {"plain_hosts": settings.plain_http_hosts, "guard": self._guard.rules.told()}

    def check(self, address: str) -> str:
        """The host of an address that can be used.

        Raises:
            NotSent: it is no whole address, or not encrypted; repeats nothing of it.
            GearboxError: it is written as a number, or as this machine, and may not be called; names the host alone.
        """
        host = str(self._asked(address)["shown"])
        self._guard.check_url(address)
        return host

    def send(self, address: str, body: bytes, headers: dict[str, str]) -> None:
        """Post a body. Raises NotSent: it was not taken; it may have been where no answer came in time."""
        said = self._asked(address, body=body.decode(), headers=headers)
        if not said.get("sent"):
            raise NotSent(str(said.get("trouble", "It can't be sent.")))

    def _asked(self, address: str, **more: Any) -> dict[str, Any]:
        content = json.dumps({"address": address, **self._rules, **more}).encode()
        said, _ = ask(_CHILD, {}, content, seconds=SECONDS)
        if "unfit" in said:
            raise NotSent(str(said["unfit"]))
        if "shown" not in said:
            raise NotSent(str(said.get("trouble", "It did not answer in time.")))
        return said


class ChannelAddresses:
    """Thread-safe, blocking.

    An address is a secret of Gearbox's own, and its name, which the vault authenticates, holds the channel that it is
    for: whoever exchanges ids in the database gets no alert sent elsewhere.
    """

    def __init__(self, vault: Vault, sender: Sender, post: Post, link: str, clock: Callable[[], datetime]) -> None:
        self._vault = vault
        self._sender = sender
        self._post = post
        self._link = link.rstrip("/")
        self._clock = clock

    def seal(self, channel_id: str, form: ChannelForm, address: str) -> tuple[str, str]:
        """Check an address and keep it; returns the secret's id, and the key that signs, empty where nothing is signed.

        Raises:
            GearboxError: alerts can't go there, or it can't be kept; the words repeat nothing secret of it.
        """
        address = address.strip()
        if form is ChannelForm.SIGNED:
            kind, shown, key = _SIGNED, self._post.check(address), secrets.token_hex(32)
        else:
            fit = self._sender.check(address)
            kind, shown, key = fit.kind, fit.shown, ""
        kept = json.dumps({"address": address, "key": key}).encode()
        return self._vault.put_system(_SEPARATOR.join([_NAME, channel_id, kind, shown]), kept), key

    def forget(self, secret_id: str) -> None:
        """Forget an address; does nothing where it is gone."""
        if self._vault.card(secret_id):
            with contextlib.suppress(NotFound):
                self._vault.remove_system(secret_id)

    def shown(self, channel: Channel) -> Destination:
        """What may be shown of where a channel leads."""
        parts = self._name_of(channel)
        if parts is None:
            return Destination("An address that is gone")
        kind = kind_named(parts[2])
        return Destination(kind.label if kind else "Signed webhook", parts[3])

    def send(self, channel: Channel, alert: Alert, occasion: Occasion, notification_id: str) -> None:
        """Tell a channel; the use of its address is in the audit log.

        Raises:
            NotFound, VaultError: the address can't be opened, or is not this channel's.
            NotSent: it was not taken.
        """
        if self._name_of(channel) is None:
            raise VaultError("The address of this channel is gone.", "Remove the channel, and add it again.")
        kept = json.loads(self._vault.open_system(channel.secret_id))
        if channel.form is ChannelForm.PLACE:
            incident = Incident(alert.dedupe_id, is_over=occasion is Occasion.RESOLVED)
            self._sender.send(kept["address"], as_letter(alert, occasion, self._link), incident)
            return
        body = as_json(alert, occasion, notification_id, self._link)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": notification_id,
            HEADER: signature(kept["key"], int(self._clock().timestamp()), body),
        }
        self._post.send(kept["address"], body, headers)

    def _name_of(self, channel: Channel) -> list[str] | None:
        card = self._vault.card(channel.secret_id)
        parts = card.binding.owner_id.split(_SEPARATOR) if card else []
        return parts if parts[:2] == [_NAME, channel.id] and len(parts) == 4 else None
