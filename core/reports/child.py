"""The process that sends one report: it is told where to and what, says what came of it, and ends.

A process of its own, because Apprise's parts talk through `requests` and `smtplib`, which know nothing of the guard of
outgoing calls, log what they are given, and read proxies and passwords from the environment: here is none. Every
connection is judged where all of them pass: at the socket.
"""

from __future__ import annotations

import importlib
import json
import logging
import re
import socket
import sys
from ipaddress import ip_address
from typing import Any

from core.providers.address_rules import AddressRules
from core.providers.reserved import Reserved, reserved
from core.reports.places import Kind, kind_of
from data.documents.serving import pipes
from data.query.frames import receive, send

_MESSAGE = 2**16
_CONNECT_SECONDS, _READ_SECONDS = 10.0, 30.0
_STARTTLS, _TLS = "starttls", "ssl"
_HTTP_STATUS = re.compile(r"error=(\d{3})\b")
_SMTP_STATUS = re.compile(r"\((\d{3}), b['\"]")


def forbidden(problem: object) -> str:
    """Why an address may not be called, and who can change that."""
    return (
        f"Its address leads to {problem}, which may not be called. Only whoever runs Gearbox can allow that: with "
        "GEARBOX_INNER_HOSTS or GEARBOX_INNER_NETWORKS."
    )


class Unfit(Exception):
    """An address that is not used; the words are ours and say why."""


class Guarded:
    """Lets this process connect to addresses that the guard lets pass, and to nothing else. Can't be taken back."""

    def __init__(self, rules: AddressRules) -> None:
        self.refused = ""
        self._rules = rules
        self._judged: set[tuple[str, int]] = set()
        self._resolve = socket.getaddrinfo
        socket.getaddrinfo = self._looked_up
        sys.addaudithook(self._on_event)

    def _looked_up(self, host: Any, port: Any, *args: Any, **named: Any) -> Any:
        found = self._resolve(host, port, *args, **named)
        name = (host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")).strip("[]")
        number = port if isinstance(port, int) else int(found[0][4][1])
        # One forbidden answer forbids all, as the guard itself has it.
        for *_, place in found:
            if problem := self._rules.problem(name, number, ip_address(str(place[0]).partition("%")[0])):
                self.refused = str(problem)
                raise OSError("refused")
        self._judged |= {(str(place[0]), int(place[1])) for *_, place in found}
        return found

    def _on_event(self, event: str, args: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"}:
            place = args[1]
            if not isinstance(place, tuple) or (str(place[0]), int(place[1])) not in self._judged:
                raise PermissionError("not judged")
        elif event in {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.startfile"}:
            raise PermissionError("no programs")


class _Heard(logging.Handler):
    """What Apprise says while it sends: nothing of it leaves this process but numbers."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def main() -> None:
    """Serve one request at standard input and output."""
    requests, replies = pipes()
    request = receive(requests, _MESSAGE)
    if request is None:
        return
    given = json.loads(requests.read(request["size"]))
    try:
        send(replies, _answer(given))
    except Unfit as unfit:
        send(replies, {"unfit": str(unfit)})
    except Exception as error:  # noqa: BLE001  # its words may repeat the address; the app is told the kind alone
        send(replies, {"trouble": f"It can't be sent ({type(error).__name__})."})


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    heard = _Heard()
    log = logging.getLogger("apprise")
    log.handlers, log.propagate = [heard], False
    log.setLevel(logging.DEBUG)
    kind = kind_of(given["address"])
    guarded = Guarded(AddressRules.as_told(given["guard"]))
    place, shown = fit(kind, given["address"], tuple(given["plain_hosts"]))
    if not given.get("title"):
        return {"shown": shown}
    import apprise

    if incident := given.get("incident"):
        belongs_to(place, incident["id"], is_over=incident["is_over"])
    service = apprise.Apprise(asset=place.asset)
    service.add(place)
    is_mail = kind.name == "mail"
    form = apprise.NotifyFormat.HTML if is_mail else apprise.NotifyFormat.MARKDOWN
    body = given["html"] if is_mail else given["markdown"]
    if service.notify(title=given["title"], body=body, body_format=form):
        return {"shown": shown, "sent": True}
    return {"shown": shown, "trouble": trouble(heard.said, guarded.refused)}


def belongs_to(place: Any, incident: str, *, is_over: bool) -> None:
    """Have what is sent begin, go on with or end an incident, where the service knows such: at PagerDuty alone."""
    if hasattr(place, "dedup"):
        place.dedup, place.action = incident, "resolve" if is_over else "trigger"


def fit(kind: Kind, address: str, plain_hosts: tuple[str, ...]) -> tuple[Any, str]:
    """Apprise's own object for an address, and what may be shown of it.

    Raises:
        Unfit: it is no whole address of this kind, or not one that reports use.
    """
    from apprise import AppriseAsset
    from apprise.exception import AppriseException
    from apprise.url import URLBase

    URLBase.socket_connect_timeout, URLBase.socket_read_timeout = _CONNECT_SECONDS, _READ_SECONDS
    plugin = getattr(importlib.import_module(f"apprise.plugins.{kind.module}"), kind.plugin)
    scheme = address.partition(":")[0].lower()
    found = (plugin.parse_native_url if scheme == "https" else plugin.parse_url)(address)
    whole = f"This is no whole address for {kind.label}. It looks like this: {kind.example}"
    if not found:
        raise Unfit(whole)
    headers = {f"+{name}".lower() for name in found["qsd+"]} if kind.name == "webhook" else set()
    if others := {name.lower() for name in found["qsd"]} - kind.options - headers:
        raise Unfit(f"An address for {kind.label} can't have the option {sorted(others)[0][:40]} here.")
    asset = AppriseAsset(app_id="Gearbox", app_desc="Gearbox", app_url="", image_path_mask=False)
    asset.http_redirects, asset.async_mode = False, False
    try:
        place = plugin(**found, asset=asset)
    except (AppriseException, TypeError, ValueError):
        raise Unfit(whole) from None
    if len(place) != 1:
        raise Unfit("A report goes to one place. Add another report for the next one, or use a mailing list.")
    _require_encrypted(kind, scheme, place, plain_hosts)
    return place, _shown(kind, place)


def _require_encrypted(kind: Kind, scheme: str, place: Any, plain_hosts: tuple[str, ...]) -> None:
    host = str(getattr(place, "smtp_host", "") or place.host or "").lower().strip("[]")
    sealed = place.secure_mode in {_STARTTLS, _TLS} if kind.name == "mail" else scheme not in kind.plain
    if sealed or host in plain_hosts or is_here(host):
        return
    raise Unfit(
        f"Reports would go there unencrypted. Begin the address with {kind.schemes[0]}://, or ask whoever runs Gearbox "
        "to allow its host with GEARBOX_PLAIN_HTTP_HOSTS."
    )


def is_here(host: str) -> bool:
    """Whether a host is this machine: what goes there is seen by nobody on the way."""
    try:
        return host == "localhost" or reserved(ip_address(host)) is Reserved.LOOPBACK
    except ValueError:
        return False


def _shown(kind: Kind, place: Any) -> str:
    """A hint that tells one address from another and lets nobody in: a host, or the domain of a mailbox."""
    if kind.name == "mail":
        return f"…@{place.targets[0][1].rpartition('@')[2]}" if place.targets else ""
    return str(place.host or "") if kind.has_own_host else ""


def trouble(said: list[str], refused: str) -> str:
    """Why something was not taken, in words of ours. Pure."""
    text = "\n".join(said)
    if refused:
        return forbidden(refused)
    if status := _HTTP_STATUS.search(text):
        return f"It answered HTTP {status[1]}."
    if status := _SMTP_STATUS.search(text):
        denied = ": the user name or password is not accepted" if status[1] == "535" else ""
        return f"The mail server answered {status[1]}{denied}."
    if "certificate" in text.lower():
        return "Its certificate is not valid."
    if "timed out" in text.lower():
        return "It did not answer in time."
    return "It can't be reached, or did not take the report."
