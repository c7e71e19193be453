"""Asking an endpoint for its models with its key, in the audit log like every use of one."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial

import httpx

from core.providers.addresses import require_encrypted
from core.providers.keys import key_for_call
from core.providers.probe import Listing, list_models
from core.vault import Vault
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.models import Endpoint

_SECONDS = 20.0


class Lister:
    """Asks one endpoint at a time.

    Args:
        plain_http_hosts: hosts beyond this machine that may be called unencrypted.
    """

    def __init__(self, store: Store, vault: Vault, plain_http_hosts: tuple[str, ...]) -> None:
        self._store = store
        self._vault = vault
        self._plain_http_hosts = plain_http_hosts

    async def ask(self, client: httpx.AsyncClient, actor: Actor, endpoint: Endpoint, *, etag: str = "") -> Listing:
        """What it lists for this person's key; `etag` is that of the list which is known already.

        Raises:
            ProviderError: it did not list its models.
            GearboxError: its key could not be opened, or its address may not be called.
        """
        secret_id = endpoint.secret_id
        if secret_id is None:
            return await self._listed(client, endpoint, None, etag)
        # The key's use is in the audit log before it is opened, and what came of it afterwards.
        use = partial(
            AuditEvent.by,
            actor,
            Action.KEY_USE,
            target=secret_target(secret_id),
            operation=uuid.uuid4().hex,
            purpose="list models",
            provider=endpoint.provider,
        )
        receipt = await asyncio.to_thread(self._store.audit.intend, use(AuditOutcome.INTENT))
        outcome = AuditOutcome.FAILED
        try:
            key = await key_for_call(self._vault, endpoint, actor, receipt)
            listing = await self._listed(client, endpoint, key, etag)
            outcome = AuditOutcome.DONE
        finally:
            await asyncio.to_thread(self._store.audit.record, use(outcome))
        return listing

    async def _listed(self, client: httpx.AsyncClient, endpoint: Endpoint, key: str | None, etag: str) -> Listing:
        require_encrypted(endpoint.base_url, self._plain_http_hosts)
        return await list_models(endpoint.base_url, client=client, key=key, within=_SECONDS, etag=etag)
