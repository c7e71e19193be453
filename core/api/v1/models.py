"""`GET /v1/models`: what the token's person can call, for whatever `/v1` does."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.v1.entrance import Asked, Entrance
from core.api.v1.shapes import ModelEntry, ModelList
from core.calls import AUTO
from core.errors import NotFound
from core.registry.switched import MADE_BEHIND
from data.values.registry import MOST_CARDS, Capability, Category, ModelQuery

_BESIDE_CHAT = (
    Capability.EMBEDDING,
    Capability.RERANK,
    Capability.IMAGE_GENERATION,
    Capability.IMAGE_EDIT,
    Capability.SPEECH,
    Capability.TRANSCRIPTION,
    Capability.VIDEO_GENERATION,
)


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes. Ids contain slashes."""
    return [
        entrance.route("GET", "/v1/models", list_models, gives=ModelList),
        entrance.route("GET", "/v1/models/{model_id:path}", retrieve_model, gives=ModelEntry),
    ]


async def list_models(asked: Asked) -> Response:
    """Every model that can be called with this token, and `auto`, which has Gearbox choose one that chats."""
    entries = await asked.aside(lambda: _entries(asked))
    return JSONResponse({"object": "list", "data": list(entries.values())})


async def retrieve_model(asked: Asked) -> Response:
    """One model, also one that is callable though not listed, such as a dated snapshot."""
    model_id = asked.request.path_params["model_id"]
    model = await asked.aside(lambda: asked.services.calls.model(asked.actor, model_id))
    if model_id == AUTO:
        return JSONResponse(_entry(AUTO, "gearbox", Category.CHAT))
    category = await asked.aside(lambda: _category(asked, model.id))
    if behind := MADE_BEHIND.get(category):
        asked.services.flags.require(asked.actor, behind)
    return JSONResponse(_entry(model.id, model.provider, category))


def _entries(asked: Asked) -> dict[str, ModelEntry]:
    """By id: what chats, as the chat offers it, then what the registry knows to be usable for the other routes."""
    services, actor = asked.services, asked.actor
    entries = {AUTO: _entry(AUTO, "gearbox", Category.CHAT)}
    for model in services.calls.models(actor):
        entries[model.id] = _entry(model.id, model.provider, Category.CHAT)
    for capability in _BESIDE_CHAT:
        query = ModelQuery(capability=capability, usable=True, limit=MOST_CARDS)
        while True:
            page = services.registry.search(actor, query)
            for card in page.cards:
                entries.setdefault(card.id, _entry(card.id, card.provider, card.category))
            if not page.next_cursor:
                break
            query = replace(query, cursor=page.next_cursor)
    return entries


def _category(asked: Asked, model_id: str) -> Category:
    try:
        return asked.services.registry.card(asked.actor, model_id).category
    except NotFound:  # callable, though no list has it
        return Category.OTHER


def _entry(model_id: str, owned_by: str, category: Category) -> ModelEntry:
    # The age of a model is not known; OpenAI's clients need a number.
    return {"id": model_id, "object": "model", "created": 0, "owned_by": owned_by, "category": category.value}
