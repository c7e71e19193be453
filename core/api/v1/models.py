"""`GET /v1/models`: what the token's person can call."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.v1.entrance import Asked, Entrance
from core.api.v1.shapes import ModelEntry, ModelList
from core.calls import AUTO


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes. Ids contain slashes."""
    return [
        entrance.route("GET", "/v1/models", list_models, gives=ModelList),
        entrance.route("GET", "/v1/models/{model_id:path}", retrieve_model, gives=ModelEntry),
    ]


async def list_models(asked: Asked) -> Response:
    """Every chat model that can be called with this token, and `auto`, which leaves the choice to Gearbox."""
    models = await asked.aside(lambda: asked.services.calls.models(asked.actor))
    cards = [_card(AUTO, "gearbox"), *(_card(model.id, model.provider) for model in models)]
    return JSONResponse({"object": "list", "data": cards})


async def retrieve_model(asked: Asked) -> Response:
    """One model, also one that is callable though not listed, such as a dated snapshot."""
    model_id = asked.request.path_params["model_id"]
    model = await asked.aside(lambda: asked.services.calls.model(asked.actor, model_id))
    return JSONResponse(_card(AUTO, "gearbox") if model_id == AUTO else _card(model.id, model.provider))


def _card(model_id: str, owned_by: str) -> dict[str, object]:
    # The age of a model is not known; OpenAI's clients need a number.
    return {"id": model_id, "object": "model", "created": 0, "owned_by": owned_by}
