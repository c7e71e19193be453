"""A database on another machine has to prove who it is: keys, conversations and the password itself go there."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from data.values.errors import StoreError


def require_verified_server(parameters: Mapping[str, str]) -> None:
    """Refuse a PostgreSQL connection that leaves this machine without `sslmode=verify-full`.

    Every weaker mode of libpq encrypts, at best, to whoever answers.

    Args:
        parameters: of the connection, as the driver gets them. What they leave out libpq takes from the environment
            (PGHOST, PGSSLMODE), and so does this.

    Raises:
        StoreError: with what to set; no part of the connection is repeated.
    """
    from psycopg import pq  # 0.2 s, which who keeps to SQLite need not wait for

    defaults = {
        option.keyword.decode(): option.val.decode() for option in pq.Conninfo.get_defaults() if option.val is not None
    }
    given = defaults | {name: str(value) for name, value in parameters.items()}
    # A service file may name any host, so one that is used counts as another machine.
    places = given.get("hostaddr") or given.get("host", "")
    stays = not given.get("service") and all(_is_here(place.strip()) for place in places.split(","))
    if not stays and given.get("sslmode") != "verify-full":
        raise StoreError(
            "GEARBOX_DATABASE_URL names a PostgreSQL server on another machine without sslmode=verify-full, so anybody "
            "on the way could read and change what is kept.",
            "Add ?sslmode=verify-full&sslrootcert=FILE to it, where FILE holds the certificate authority of the "
            "server's certificate; sslrootcert=system takes this machine's own authorities.",
        )


def _is_here(host: str) -> bool:
    """Whether libpq connects to this machine: a socket's folder, an abstract socket, nothing, or a loopback name."""
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
