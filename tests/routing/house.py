"""A chat in which Gearbox chooses the models, put together from its real parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.access.access import Access
from core.chat.attachments import Attachment
from core.chat.service import ChatService
from core.chat.understanding import Understanding
from core.providers.catalog import Catalogue
from core.providers.keys import key_trouble
from core.registry.described import DescribedModel
from core.routing.asked import Wishes
from core.routing.deciding import Deciding
from core.routing.knowledge import Knowledge
from core.routing.pasts import Pasts
from core.routing.routing import Routing
from core.routing.situations import Situations
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.registry import Category
from data.values.routing import Decision
from tests.chat.house import ChatHouse, now
from tests.people import ALICE


class RoutingHouse(ChatHouse):
    """A chat house with routing; `off` are the people for whom nothing is chosen."""

    def __init__(
        self, home: Path, sandbox_url: str, catalogue: Catalogue, *, patience: float = 60.0, **options: Any
    ) -> None:
        super().__init__(home, sandbox_url, catalogue, **options)
        self.off: set[str] = set()
        self.without_tools: set[str] = set()
        self.access = access = Access(self.store)
        understanding = Understanding(
            access, self.store, self.connections, self.preferences, self.attempts, model_id="", clock=now
        )
        precautions = self.attempts.precautions
        self.situations = Situations(
            self.connections,
            precautions.limits,
            key_trouble=lambda endpoint, actor: key_trouble(self.store, self.vault, endpoint, actor, now()),
            takes_no_tools=lambda endpoint, model: model.name in self.without_tools,
            changes=lambda: self.store.endpoints.changes + self.store.access_rules.changes,
        )
        self.knowledge = Knowledge(self.store.routing, clock=now)
        self.judges: dict[str, int] = {}
        deciding = Deciding(self.situations, self.knowledge, judges=lambda team: self.judges.get(team, 0), clock=now)
        self.routing = Routing(
            access,
            self.connections,
            self.preferences,
            understanding,
            Pasts(self.store),
            deciding,
            is_on=lambda actor: actor.user_id not in self.off,
            load=self.knowledge.load,
        )
        self.chat = ChatService(
            access,
            self.store,
            self.connections,
            self.preferences,
            turns=self.turns,
            preparing=self.preparing,
            clock=now,
            routing=self.routing,
            patience=patience,
        )

    def add(self, label: str, url: str, actor: Actor = ALICE, **described: Any) -> str:
        """Connect a server with one model; `described` is what an admin says of it. Returns the model's id."""
        endpoint = self.keys.add_server(actor, label, url, None)
        model = DescribedModel(provider=endpoint.provider, name="scripted", category=Category.CHAT, **described)
        told = AuditEvent.by(actor, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target=f"model:{model.id}")
        kept = model.model_dump(mode="json", exclude_none=True)
        self.store.model_overrides.save(model.id, enabled=True, described=kept, event=told)
        self.overrides.forget()
        return model.id

    def decide(self, prompt: str, *, picked: str | None = None, files: Sequence[Attachment] = ()) -> Decision:
        found = self.routing.draft(ALICE, prompt, None, Wishes(picked), self.preferences.load(ALICE), files=files)
        assert found is not None and found.decision is not None
        return found.decision
