"""The part of the composition that knows every model; `core.services` puts it beside the others."""

from __future__ import annotations

from core.clock import utc_now
from core.ground import Ground
from core.providers.connections import Connections
from core.providers.keys import key_trouble
from core.providers.precautions import Precautions
from core.registry.overrides import Overrides
from core.registry.service import Registry
from core.registry.switched import switched_off


def make_registry(ground: Ground, connections: Connections, overrides: Overrides, precautions: Precautions) -> Registry:
    """Every known model, as each person sees it."""
    store, vault, flags = ground.store, ground.vault, ground.flags.flags
    return Registry(
        ground.access,
        store,
        ground.catalogue,
        connections,
        overrides,
        precautions=precautions,
        key_trouble=lambda endpoint, actor: key_trouble(store, vault, endpoint, actor, utc_now()),
        clock=utc_now,
        switched_off=lambda actor: switched_off(flags, actor),
    )
