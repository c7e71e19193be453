"""What rules of access can name here; `core.services` puts it together with the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.access.access import Access
from core.access.access_rules import Around
from core.access.policy import Permission
from core.providers.connections import Connections
from core.registry.service import Registry
from core.tools.shelf import ToolShelf
from data.values.access_rules import Thing
from data.values.actor import Actor
from data.values.people import Person


def look_around(access: Access, connections: Connections, registry: Registry, shelf: ToolShelf) -> Around:
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
