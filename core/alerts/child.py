"""The process that posts one signed message: guarded as the one that sends reports, and without redirects."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

from core.providers.address_rules import AddressRules
from core.reports.child import Guarded, Unfit, forbidden, is_here
from data.documents.serving import pipes
from data.query.frames import receive, send

_MESSAGE = 2**16
_SECONDS = 20.0
_WHOLE = "This is no whole address for a signed webhook. It looks like this: https://hooks.example.org/gearbox"


def main() -> None:
    """Serve one request at standard input and output."""
    requests, replies = pipes()
    request = receive(requests, _MESSAGE)
    if request is None:
        return
    given = json.loads(requests.read(request["size"]))
    guarded = Guarded(AddressRules.as_told(given["guard"]))
    try:
        send(replies, _answer(given))
    except Unfit as unfit:
        send(replies, {"unfit": str(unfit)})
    except TimeoutError:
        send(replies, {"trouble": "It did not answer in time."})
    except ssl.SSLCertVerificationError:
        send(replies, {"trouble": "Its certificate is not valid."})
    except Exception as error:  # noqa: BLE001  # its words may repeat the address; the app is told the kind alone
        if guarded.refused:
            send(replies, {"trouble": forbidden(guarded.refused)})
        else:
            send(replies, {"trouble": f"It can't be reached ({type(error).__name__})."})


def host_of(address: str, plain_hosts: tuple[str, ...]) -> str:
    """The host of an address that signed messages may go to. Raises Unfit."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.fragment:
        raise Unfit(_WHOLE)
    if parts.scheme == "http" and host not in plain_hosts and not is_here(host):
        raise Unfit(
            "Alerts would go there unencrypted. Begin the address with https://, or ask whoever runs Gearbox to allow "
            "its host with GEARBOX_PLAIN_HTTP_HOSTS."
        )
    return host


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    host = host_of(given["address"], tuple(given["plain_hosts"]))
    if "body" not in given:
        return {"shown": host}
    parts = urlsplit(given["address"])
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, parts.port, timeout=_SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", path, given["body"].encode(), {"User-Agent": "Gearbox", **given["headers"]})
    status = connection.getresponse().status
    connection.close()
    if 200 <= status < 300:
        return {"shown": host, "sent": True}
    return {"shown": host, "trouble": f"It answered HTTP {status}."}
