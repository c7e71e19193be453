"""From an endpoint to its key: the one place where the vault is asked for a plaintext."""

from __future__ import annotations

from core.providers.directory import key_origin
from core.vault import Vault
from data.values.models import Endpoint


def endpoint_key(vault: Vault, endpoint: Endpoint, user_id: str) -> str | None:
    """The plaintext key for a request of `user_id` to `endpoint`; None for a server that needs none.

    Raises:
        NotFound: the key is gone, or another person's.
        VaultError: the key belongs to another origin, or its record was tampered with.
    """
    if endpoint.secret_id is None:
        return None
    return vault.open_key(endpoint.secret_id, origin=key_origin(endpoint), user_id=user_id)
