"""Who runs a turn, and whether they still do."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

LEASE = timedelta(seconds=10)
"""How long a turn counts as running after its last checkpoint, when its process can't be looked at."""


@dataclass(frozen=True, slots=True)
class OwnerId:
    """One process on one host. `token` tells it from an earlier process that had the same pid."""

    host: str
    pid: int
    token: str

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.token}"

    @classmethod
    def parse(cls, text: str) -> OwnerId:
        """The reverse of `str(owner)`."""
        host, pid, token = text.rsplit(":", 2)
        return cls(host, int(pid), token)

    @classmethod
    def current(cls) -> OwnerId:
        """This process; the same value every time."""
        return cls(socket.gethostname(), os.getpid(), _token(os.getpid()))


@cache
def _token(pid: int) -> str:
    # Keyed by pid, so that a forked child gets a token of its own.
    return uuid.uuid4().hex


def is_gone(owner: OwnerId, me: OwnerId) -> bool:
    """Whether `owner` is certainly dead, as far as `me` can see: only on the same host is there anything to see."""
    if owner.host != me.host or owner == me:
        return False
    return owner.pid == me.pid or not _runs(owner.pid)


def is_dead(owner: OwnerId, lease_until: datetime, me: OwnerId, now: datetime) -> bool:
    """Whether a turn of `owner` may be taken over: its process is gone, or its lease ran out."""
    return is_gone(owner, me) or lease_until <= now


def _runs(pid: int) -> bool:
    if os.name == "nt":
        return True  # Trap: on Windows os.kill(pid, 0) sends Ctrl-C; there the lease decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
