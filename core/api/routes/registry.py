"""The registry: `/api/v1/providers`, `/api/v1/models`, `/api/v1/capabilities`. Ids of models contain slashes."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any, cast

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.api.routes import registry_shapes as shapes
from data.values.registry import MOST_CARDS, Capability, Category, Modality, ModelCard, ModelQuery, Prices, Sort

CHAT, MANAGE = Permission.CHAT, Permission.MANAGE_MODELS


class _ModelSearch(Body):
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


class _NewModel(Body):
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


class _ModelSwitch(Body):
    enabled: bool


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/v1/providers", _providers, needs=CHAT),
        api.route("GET", "/api/v1/capabilities", _capabilities, needs=CHAT),
        api.route(
            "GET",
            "/api/v1/models",
            _models,
            needs=CHAT,
            query=_ModelSearch,
            gives=shapes.ModelPage,
            etag=True,
        ),
        api.route("POST", "/api/v1/models", _add, 201, needs=MANAGE, body=_NewModel),
        api.route("POST", "/api/v1/models/{model_id:path}/probe", _probe, needs=CHAT),
        api.route("GET", "/api/v1/models/{model_id:path}", _model, needs=CHAT),
        api.route("PUT", "/api/v1/models/{model_id:path}/enabled", _switch, needs=MANAGE, body=_ModelSwitch),
        api.route("DELETE", "/api/v1/models/{model_id:path}", _remove, needs=MANAGE),
    ]


def _providers(asked: Asked) -> shapes.Providers:
    """Every provider with a model, those that you are connected to first."""
    return {"providers": asked.services.registry.providers(asked.actor)}


def _capabilities(asked: Asked) -> shapes.Capabilities:
    """What models can do, and the words for it."""
    counted = asked.services.registry.capabilities(asked.actor)
    return {
        "capabilities": [{"name": capability, "models": models} for capability, models in counted.items()],
        "modalities": list(Modality),
        "categories": list(Category),
    }


def _models(asked: Asked) -> Response:
    """Models that fit all filters, page by page."""
    wanted = asked.read_query(_ModelSearch)
    registry = asked.services.registry
    page = registry.search(
        asked.actor, ModelQuery(**{name: getattr(wanted, name) for name in _ModelSearch.model_fields})
    )
    etag = f'"{page.etag}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in asked.known or "*" in asked.known:
        return Response(status_code=304, headers=headers)
    usable = registry.usabilities(asked.actor, page.cards)
    models = [_shown(asked, card) | asdict(usable[card.id]) for card in page.cards]
    return JSONResponse({"models": models, "total": page.total, "next_cursor": page.next_cursor}, headers=headers)


def _model(asked: Asked) -> shapes.ModelForYou:
    """One model, and whether you can use it now."""
    registry, model_id = asked.services.registry, asked.path["model_id"]
    card = registry.card(asked.actor, model_id)
    return cast(shapes.ModelForYou, _shown(asked, card) | asdict(registry.usability(asked.actor, model_id)))


def _probe(asked: Asked) -> shapes.Probed:
    """Try a model out with a handful of small calls, which you pay for; what each showed."""
    report = asked.services.model_check.check(asked.actor, asked.path["model_id"])
    return {
        "model": report.model_id,
        "at": report.at,
        "findings": {each.capability: {"holds": each.holds, "evidence": each.evidence} for each in report.findings},
        "calls": report.calls,
        "cost": None if report.cost is None else _digits(report.cost),
        "currency": report.currency,
    }


def _add(asked: Asked) -> shapes.KnownModel:
    """Describe a model that no list has, or better than the list does."""
    wanted = asked.read(_NewModel)
    card = asked.services.registry.add_model(asked.actor, **wanted.model_dump(exclude_unset=True))
    return cast(shapes.KnownModel, _shown(asked, card))


def _switch(asked: Asked) -> None:
    """Let everyone use a model, or nobody."""
    asked.services.registry.set_enabled(asked.actor, asked.path["model_id"], asked.read(_ModelSwitch).enabled)


def _remove(asked: Asked) -> None:
    """Remove a model that was added."""
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
        "capabilities": _facts(card),
        "context_tokens": card.context_tokens,
        "context_from": card.context_from if card.context_tokens else None,
        "max_output_tokens": card.max_output_tokens,
        "prices": card.prices and _amounts(card.prices),
        "per_1000_turns": None if cost is None else _digits(cost),
        "deprecated_on": card.deprecated_on and card.deprecated_on.isoformat(),
        "custom": card.custom,
        "enabled": card.enabled,
    }


def _facts(card: ModelCard) -> dict[Capability, Any]:
    return {
        fact.capability: {
            "holds": fact.holds,
            "source": fact.source,
            "at": (since := card.known_since(fact)) and since.isoformat(),
            "evidence": fact.evidence,
        }
        for fact in card.facts
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
