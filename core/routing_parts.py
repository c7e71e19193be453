"""The part of the composition that chooses models; `core.services` puts it together with the rest."""

from __future__ import annotations

import time
from contextlib import ExitStack

from core.access.access import Access
from core.call_parts import takes_no_tools
from core.chat.understanding import Understanding
from core.clock import utc_now
from core.flags.capabilities import Capability
from core.flags.flags import Flags
from core.preferences import PreferenceService
from core.providers.connections import Connections
from core.providers.precautions import Precautions
from core.registry.service import Registry
from core.routing.deciding import Deciding
from core.routing.experience import Experience
from core.routing.knowledge import Knowledge
from core.routing.pasts import Pasts
from core.routing.propensities import Propensities
from core.routing.routing import Routing
from core.routing.situations import Situations
from data.store import Store

_JUDGES_KNOWN_S = 60.0


def make_routing(  # noqa: PLR0917
    access: Access,
    store: Store,
    connections: Connections,
    preferences: PreferenceService,
    understanding: Understanding,
    precautions: Precautions,
    registry: Registry,
    flags: Flags,
    stack: ExitStack,
) -> tuple[Routing, Experience]:
    """What chooses models, and what a person sees of that."""
    situations = Situations(
        connections,
        precautions.limits,
        key_trouble=registry.key_trouble,
        takes_no_tools=takes_no_tools(precautions),
        changes=lambda: store.endpoints.changes + store.access_rules.changes,
    )
    knowledge, propensities = Knowledge(store.routing, clock=utc_now), Propensities(store.routing)
    stack.callback(propensities.close)
    propensities.wake()
    judges = _Judges(store)
    deciding = Deciding(situations, knowledge, judges=judges.of, clock=utc_now, on_sent=propensities.wake)
    routing = Routing(
        access,
        connections,
        preferences,
        understanding,
        Pasts(store),
        deciding,
        is_on=flags.asks(Capability.LEARNED_SELECTION),
        load=lambda: knowledge.load(models_heard_of(store, connections)),
    )
    return routing, Experience(access, store, connections, knowledge)


def models_heard_of(store: Store, connections: Connections) -> set[str]:
    """The ids of all models that are known of: by the packaged list, of servers that told theirs, or from admins.

    Of a server that was added by its address the packaged list has none, though they may be as well known.
    """
    told = {
        f"{endpoint.provider}/{name}"
        for endpoint in store.endpoints.everybodys()
        for name in connections.listed(endpoint) or ()
    }
    return {*connections.known_to_lists(), *store.model_overrides.all(), *told}


class _Judges:
    """How many people of each team have shown something of answers, read once a minute."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: tuple[float, dict[str, int]] = (0.0, {})

    def of(self, team_id: str) -> int:
        until, judges = self._read
        if time.monotonic() >= until:
            judges = self._store.routing.judges()
            self._read = time.monotonic() + _JUDGES_KNOWN_S, judges
        return judges.get(team_id, 0)
