"""The sockets this process listens on: where they are bound, one option that they need, and the port.

`streamlit run` binds its socket before the app starts, plain uvicorn afterwards, and neither tells the app. So the
sockets are looked up among the live objects, which works for both and on every platform.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket

from core.api.guard import is_loopback
from core.errors import ConfigError

log = logging.getLogger(__name__)

BIND_SECONDS = 10.0
"""How long a server may take to bind after the app has started."""


class Listening:
    """What is known of this process's listening sockets."""

    def __init__(self) -> None:
        self._port: int | None = None

    def own_address(self) -> str:
        """This server's base URL, for calls to itself; until it is bound, with Streamlit's default port."""
        return f"http://127.0.0.1:{self._port or 8501}"

    def check(self) -> bool:
        """Check and tune the sockets that listen already; False when none does yet.

        TCP_NODELAY: Streamlit creates its socket without IPPROTO_TCP, so asyncio does not set the option, and each
        streamed HTTP response waits about 40 ms for a delayed ACK. Accepted sockets inherit it from the listener.

        Raises:
            ConfigError: one of them is reachable from other machines.
        """
        for listener in _listening_sockets():
            host, port = listener.getsockname()[:2]
            refuse_open_bind(host)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._port = port
        return self._port is not None

    async def check_once_bound(self) -> None:
        """For servers that bind after the app's start: check as soon as they have; end the process if it may not be.

        In between, `core.api.guard.LoopbackOnly` refuses what comes from outside.
        """
        try:
            for _ in range(int(BIND_SECONDS / 0.1)):
                if self.check():
                    return
                await asyncio.sleep(0.1)
        except ConfigError as error:
            log.critical("Gearbox stops. %s", error.explain())
            os.kill(os.getpid(), signal.SIGTERM)


def refuse_open_bind(host: str) -> None:
    """Raise ConfigError when `host`, an address that is listened on, can be reached from other machines."""
    if is_loopback(host):
        return
    where = "every network interface" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
    raise ConfigError(
        f"It was asked to listen on {where}, but sign-in is off (GEARBOX_SIGN_IN=local): "
        "anyone who reaches it would be its owner.",
        "Set server.address to 127.0.0.1 (in .streamlit/config.toml, by --server.address or "
        "STREAMLIT_SERVER_ADDRESS; with uvicorn, --host 127.0.0.1). To use it from another machine, tunnel: "
        "ssh -L 8501:localhost:8501 HOST.",
    )


def _listening_sockets() -> list[socket.socket]:
    found = []
    for thing in gc.get_objects():
        # type(), not isinstance(): a lazy proxy asked for its __class__ would be imported.
        if not issubclass(type(thing), socket.socket):
            continue
        try:
            accepts = thing.fileno() >= 0 and thing.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError:
            continue  # closed between the two calls
        if accepts and thing.family in {socket.AF_INET, socket.AF_INET6}:
            found.append(thing)
    return found
