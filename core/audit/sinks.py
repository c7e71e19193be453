"""Sinks of the network that take checkpoints: an HTTP address and a syslog server."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
from datetime import timedelta
from urllib.parse import urlsplit

from core.audit.places import Place, PlaceFailed, as_record
from core.audit.statement import read_statement
from core.config import Settings
from core.errors import ConfigError, GearboxError
from core.providers.addresses import is_loopback
from data.values.audit import Checkpoint

_SECONDS = 5.0
_PORTS = {"udp": 514, "tcp": 601, "tls": 6514}
# Facility 13 (log audit), severity 5 (notice); RFC 5424, section 6.2.1.
_PRIORITY = 13 * 8 + 5


class HttpSink:
    """Posts each checkpoint as one JSON object; any 2xx answer means it was kept.

    Args:
        url: https:// beyond this machine, for whoever can change a checkpoint on its way can also swallow it.
        token: sent as a bearer token; empty for none.
        patience: how long it may fail before nothing is done with keys any more.

    Raises:
        ConfigError: an address that can't be used.
    """

    def __init__(self, url: str, token: str, patience: timedelta) -> None:
        parts = urlsplit(url)
        try:
            usable = parts.scheme == "https" or is_loopback(url)
        except GearboxError:
            usable = False
        if not usable or not parts.hostname or parts.username:
            raise ConfigError(
                "GEARBOX_AUDIT_SINK_URL is not an https:// address.",
                "Set it to something like https://siem.example/gearbox; a token goes into GEARBOX_AUDIT_SINK_TOKEN.",
            )
        if not token.isascii() or not token.isprintable():
            raise ConfigError("GEARBOX_AUDIT_SINK_TOKEN is not a token.", "Copy it again, without line breaks.")
        self.name = self.bookmark = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self.patience = patience
        self._url = url
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def reached(self) -> int | None:
        """See `Place.reached`."""
        return None

    def take(self, checkpoint: Checkpoint) -> None:
        """See `Place.take`."""
        import httpx  # 0.3 s, which who has no such sink need not wait for

        try:
            # The system's certificates, and no proxies from the environment: as for the KMS.
            with httpx.Client(verify=ssl.create_default_context(), trust_env=False, timeout=_SECONDS) as client:
                answer = client.post(self._url, json=as_record(checkpoint), headers=self._headers)
        except httpx.TransportError as error:
            raise PlaceFailed(
                f"The audit sink {self.name} can't be reached ({type(error).__name__}).",
                "Start it, or correct GEARBOX_AUDIT_SINK_URL.",
            ) from None
        if not answer.is_success:
            raise PlaceFailed(f"The audit sink {self.name} answered HTTP {answer.status_code}.", "Look at its log.")


class SyslogSink:
    """Sends each checkpoint as one RFC 5424 message, without the list of heads.

    Over TLS and TCP each message is framed by its length (RFC 5425; RFC 6587, section 3.4.1). Syslog acknowledges
    nothing: "taken" means that the connection took it, and over UDP that it was sent.

    Args:
        url: `tls://host:6514`, `tcp://host:601`, `udp://host:514` or `unix:///dev/log`.
        patience: how long it may fail before nothing is done with keys any more.

    Raises:
        ConfigError: an address that can't be used.
    """

    def __init__(self, url: str, patience: timedelta) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            port = 0
        if not (parts.scheme == "unix" and parts.path) and not (parts.hostname and port and parts.scheme in _PORTS):
            raise ConfigError(
                "GEARBOX_AUDIT_SYSLOG is not the address of a syslog server.",
                "Set it to tls://host:6514, tcp://host:601, udp://host:514 or unix:///dev/log.",
            )
        self.name = self.bookmark = f"syslog {parts.scheme}://{parts.netloc or parts.path}"
        self.patience = patience
        self._scheme = parts.scheme
        self._path = parts.path
        self._address = (parts.hostname or "", port)

    def reached(self) -> int | None:
        """See `Place.reached`."""
        return None

    def take(self, checkpoint: Checkpoint) -> None:
        """See `Place.take`."""
        message = syslog_message(checkpoint)
        try:
            if self._scheme in {"tcp", "tls"}:
                self._stream(f"{len(message)} ".encode() + message)
            else:
                self._datagram(message)
        except OSError as error:
            raise PlaceFailed(
                f"The {self.name} server can't be reached ({error.strerror or type(error).__name__}).",
                "Start it, or correct GEARBOX_AUDIT_SYSLOG.",
            ) from None

    def _stream(self, framed: bytes) -> None:
        with socket.create_connection(self._address, timeout=_SECONDS) as plain:
            if self._scheme == "tcp":
                plain.sendall(framed)
                plain.shutdown(socket.SHUT_WR)
                return
            with ssl.create_default_context().wrap_socket(plain, server_hostname=self._address[0]) as sealed:
                sealed.sendall(framed)
                with contextlib.suppress(ssl.SSLEOFError):  # some servers hang up without a goodbye
                    sealed.unwrap()

    def _datagram(self, message: bytes) -> None:
        if self._scheme == "unix":
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
                local.settimeout(_SECONDS)
                local.connect(self._path)
                local.send(message)
            return
        family, kind, _, _, address = socket.getaddrinfo(*self._address, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as remote:
            remote.connect(address)
            remote.send(message)


def syslog_message(checkpoint: Checkpoint) -> bytes:
    """A checkpoint as an RFC 5424 message: its time, and its record without the heads as JSON."""
    at = read_statement(checkpoint.body).at
    record = {name: value for name, value in as_record(checkpoint).items() if name != "heads"}
    header = f"<{_PRIORITY}>1 {at} {socket.gethostname() or '-'} gearbox {os.getpid()} checkpoint -"
    return f"{header} {json.dumps(record, separators=(',', ':'))}".encode()


def sinks_of(settings: Settings) -> list[Place]:
    """The sinks that the settings name.

    Raises:
        ConfigError: one of them can't be used.
    """
    patience = timedelta(seconds=settings.audit_patience)
    sinks: list[Place] = []
    if settings.audit_sink_url:
        sinks.append(HttpSink(settings.audit_sink_url, settings.audit_sink_token, patience))
    if settings.audit_syslog:
        sinks.append(SyslogSink(settings.audit_syslog, patience))
    return sinks
