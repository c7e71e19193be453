"""Provider keys, sealed: the only code that ever holds one in plain text, except a transport's header."""

from __future__ import annotations

from core.vault.vault import Vault

__all__ = ["Vault"]
