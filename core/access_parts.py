"""The part of the composition that says who may do what, and with which models and tools; see `core.services`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.access.access import Access
from core.access.access_rules import Around
from core.access.gate import Gate, build_gate
from core.access.policy import Permission
from core.config import Settings
from core.keys import KeyService
from core.providers.connections import Connections
from core.registry.service import Registry
from core.tools.shelf import ToolShelf
from data.store import Store
from data.values.access_rules import Thing
from data.values.actor import Actor
from data.values.people import Person


def make_gate(  # noqa: PLR0917
    settings: Settings,
    access: Access,
    store: Store,
    keys: KeyService,
    connections: Connections,
    registry: Registry,
    shelf: ToolShelf,
) -> Gate:
    """The parts around `access`; who goes loses their keys."""
    around = _around(access, connections, registry, shelf)
    return build_gate(settings, store, access, remove_keys=keys.remove_all, around=around)


def _around(access: Access, connections: Connections, registry: Registry, shelf: ToolShelf) -> Around:
    """The models and tools there are. A token that may not chat knows of none."""

    def known(actor: Actor, thing: Thing) -> Collection[str]:
        if not access.may(actor, Permission.CHAT):
            return ()
        if thing is Thing.TOOLS:
            return [card.tool.name for card in shelf.cards(actor)]
        return {*registry.ids(actor), *connections.offered_to(actor.user_id, actor.team_ids)}

    def offered(person: Person) -> Sequence[str]:
        return connections.offered_to(person.id, person.team_ids)

    return Around(known, offered)
