"""The signature of webhooks: who has the key can tell that a message is from Gearbox, whole, and not an old one. Pure.

The header `X-Gearbox-Signature` is `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256, with the channel's key as it is
shown, over the digits of `t`, a full stop, and the body's bytes.
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Gearbox-Signature"
TOLERANCE = 300
"""Seconds by which a receiver should let clocks differ; what is older may be somebody's copy."""


def signature(key: str, at: int, body: bytes) -> str:
    """The header's value.

    Args:
        key: as it was shown when the channel was made.
        at: when it is sent, in seconds since 1970.
    """
    return f"t={at},v1={_digest(key, at, body)}"


def verifies(key: str, header: str, body: bytes, now: int) -> bool:
    """Whether a receiver should believe a message: the example of the guide."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    try:
        at = int(parts["t"])
    except (KeyError, ValueError):
        return False
    return abs(now - at) <= TOLERANCE and hmac.compare_digest(parts.get("v1", ""), _digest(key, at, body))


def _digest(key: str, at: int, body: bytes) -> str:
    return hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
