"""The registry: `/api/v1/providers`, `/api/v1/models`, `/api/v1/capabilities`. Ids of models contain slashes."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.answers import Api, Asked, Body
from data.values.registry import MOST_CARDS, Capability, Category, Modality, ModelCard, ModelQuery, Prices, Sort


class _Search(Body):
    q: str = Field(default="", max_length=200)
    provider: str = ""
    category: Category | None = None
    modality: Modality | None = None
    capability: Capability | None = None
    usable: bool | None = None
    min_context: int | None = Field(default=None, ge=0)
    max_price: Decimal | None = Field(default=None, ge=0, allow_inf_nan=False)
    deprecated: bool = False
    sort: Sort = Sort.RELEVANCE
    cursor: str = Field(default="", max_length=200)
    limit: int = Field(default=50, ge=1, le=MOST_CARDS)


class _Described(Body):
    """What `core.registry.described.DescribedModel` checks."""

    provider: str
    name: str
    label: str = ""
    category: Category = Category.CHAT
    capabilities: frozenset[Capability] = frozenset({Capability.STREAMING})
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    input_per_million: Decimal | None = None
    output_per_million: Decimal | None = None
    cached_per_million: Decimal | None = None
    per_image: Decimal | None = None
    per_second: Decimal | None = None
    per_query: Decimal | None = None


class _Switch(Body):
    enabled: bool


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/v1/providers", _providers),
        api.route("GET", "/api/v1/capabilities", _capabilities),
        api.route("GET", "/api/v1/models", _models),
        api.route("POST", "/api/v1/models", _add, 201),
        api.route("GET", "/api/v1/models/{model_id:path}", _model),
        api.route("PUT", "/api/v1/models/{model_id:path}/enabled", _switch),
        api.route("DELETE", "/api/v1/models/{model_id:path}", _remove),
    ]


def _providers(asked: Asked) -> object:
    return {"providers": asked.services.registry.providers(asked.actor)}


def _capabilities(asked: Asked) -> object:
    counted = asked.services.registry.capabilities(asked.actor)
    return {
        "capabilities": [{"name": capability, "models": models} for capability, models in counted.items()],
        "modalities": list(Modality),
        "categories": list(Category),
    }


def _models(asked: Asked) -> Response:
    wanted = asked.read_query(_Search)
    registry = asked.services.registry
    page = registry.search(asked.actor, ModelQuery(**{name: getattr(wanted, name) for name in _Search.model_fields}))
    etag = f'"{page.etag}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in asked.known:
        return Response(status_code=304, headers=headers)
    usable = registry.usabilities(asked.actor, page.cards)
    models = [_shown(asked, card) | asdict(usable[card.id]) for card in page.cards]
    return JSONResponse({"models": models, "total": page.total, "next_cursor": page.next_cursor}, headers=headers)


def _model(asked: Asked) -> object:
    registry, model_id = asked.services.registry, asked.path["model_id"]
    card = registry.card(asked.actor, model_id)
    return _shown(asked, card) | asdict(registry.usability(asked.actor, model_id))


def _add(asked: Asked) -> object:
    wanted = asked.read(_Described)
    card = asked.services.registry.add_model(asked.actor, **wanted.model_dump())
    return _shown(asked, card)


def _switch(asked: Asked) -> None:
    asked.services.registry.set_enabled(asked.actor, asked.path["model_id"], asked.read(_Switch).enabled)


def _remove(asked: Asked) -> None:
    asked.services.registry.remove_model(asked.actor, asked.path["model_id"])


def _shown(asked: Asked, card: ModelCard) -> dict[str, Any]:
    cost = asked.services.registry.typical_cost(card)
    return {
        "id": card.id,
        "provider": card.provider,
        "name": card.name,
        "label": card.label,
        "family": card.family,
        "category": card.category,
        "inputs": sorted(card.inputs),
        "outputs": sorted(card.outputs),
        "capabilities": {
            fact.capability: {"holds": fact.holds, "source": fact.source, "at": fact.at and fact.at.isoformat()}
            for fact in card.facts
        },
        "context_tokens": card.context_tokens,
        "max_output_tokens": card.max_output_tokens,
        "prices": card.prices and _amounts(card.prices),
        "per_1000_turns": None if cost is None else _digits(cost),
        "deprecated_on": card.deprecated_on and card.deprecated_on.isoformat(),
        "custom": card.custom,
        "enabled": card.enabled,
    }


def _amounts(prices: Prices) -> dict[str, str | None]:
    """Decimals as text: a float would not be the price any more."""
    said = asdict(prices)
    return {
        name: _digits(value) if isinstance(value, Decimal) else value and str(value)
        for name, value in said.items()
        if value is not None or name == "at"
    }


def _digits(amount: Decimal) -> str:
    return f"{amount:f}"
