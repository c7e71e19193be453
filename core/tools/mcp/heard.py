"""What a server's program said beside the protocol: its last words tell an admin why it does not work."""

from __future__ import annotations

from collections.abc import Iterable

_MOST = 4_000


class Heard:
    """Keeps the end of what was said.

    Args:
        secrets: never repeated.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 6]
        self._said = b""
        self.problem = ""
        """Why Gearbox ended the connection; empty when it did not."""

    def add(self, piece: bytes) -> None:
        """More of it."""
        self._said = (self._said + piece)[-_MOST:]

    @property
    def words(self) -> str:
        """Its last lines."""
        return self.cleaned(self._said.decode("utf-8", "replace")).strip()

    def cleaned(self, text: str) -> str:
        """The text without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
