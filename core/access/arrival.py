"""What comes to the door, before anybody knows who it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SESSION_COOKIE = "gearbox_session"
IDENTITY_COOKIE = "_streamlit_user"


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request, or one run of a page.

    Args:
        cookies: as the browser sent them.
        headers: names in lower case, as `core.api.front_door` passed them on.
        address: where it came from, as the front door found out; empty where it can't be known.
        claims: of the person's ID token, where Streamlit has verified one.
        request_id: groups what comes of it in the audit log.
    """

    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    address: str = field(default="", repr=False)
    user_agent: str = ""
    claims: Mapping[str, Any] | None = field(default=None, repr=False)
    request_id: str = field(default_factory=_new_id)

    @property
    def bearer(self) -> str:
        """The API token that came with it; empty when none did."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() if scheme.lower() == "bearer" else ""

    def held(self, mode: str) -> str:
        """What the browser holds to be known by in this sign-in mode; empty when it holds nothing."""
        if mode != "oidc":
            return self.cookies.get(SESSION_COOKIE, "")
        # Streamlit cuts a long cookie into pieces: `_streamlit_user_1`, `_2`, ...
        first = self.cookies.get(IDENTITY_COOKIE, "")
        rest = [(len(name), name) for name in self.cookies if name.startswith(f"{IDENTITY_COOKIE}_")]
        pieces = [self.cookies[name] for _, name in sorted(rest) if name.removeprefix(f"{IDENTITY_COOKIE}_").isdigit()]
        return ".".join([first, *pieces]) if first else ""
