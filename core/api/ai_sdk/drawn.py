"""A message to a model that makes pictures: it draws what the person said last; pictures are parts of its message."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.api.ai_sdk.bodies import UIChatBody
from core.api.ai_sdk.parts import DONE, STREAM_HEADERS, part
from core.api.ai_sdk.refused import problem_response
from core.api.v1.entrance import Asked
from core.api.v1.errors import Unusable
from core.api.v1.watched import Watched
from core.errors import GearboxError, NotFound, ProviderError
from data.values.money import Cost
from data.values.operations import ImageRequest, Media
from data.values.registry import Category
from data.values.results import Pictures


def draws(asked: Asked, model_id: str) -> bool:
    """Whether the model makes pictures. Blocking. A model that nobody knows does not: the chat says what is missing."""
    try:
        return asked.services.registry.card(asked.actor, model_id).category is Category.PICTURES
    except NotFound:
        return False


async def drawn(asked: Asked, body: UIChatBody, message_id: str) -> Response:
    """The pictures, as a UI message stream that comes at once: there is nothing to see of them before.

    Raises:
        Unusable: the person's last message has no text.
        NotFound: there is no such model for this actor.
    """
    calls, wanted = asked.services.calls, ImageRequest(_prompt(body))
    request, intent = await asked.aside(lambda: calls.operation(asked.actor, body.model, wanted))
    begun = part("start", messageId=message_id, messageMetadata={"model": body.model}) + part("start-step")

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            result = await calls.perform(request, intent)
            assert isinstance(result.output, Pictures)
            said = _files(result.output.images) + part("finish-step")
            told = {"model": body.model, **_paid(result.cost)}
            said += part("finish", finishReason="stop", messageMetadata=told)
        except ProviderError as error:
            said = part("error", errorText=error.explain()) + part("finish", finishReason="error")
        except GearboxError as error:
            response = problem_response(scope, error)
            response.headers.update(asked.headers)
            await response(scope, receive, send)
            return
        response = Response(begun + said + DONE, headers={**STREAM_HEADERS, **asked.headers})
        await response(scope, receive, send)

    return Watched(work)


def _prompt(body: UIChatBody) -> str:
    said = next((message.parts for message in reversed(body.messages) if message.role == "user"), [])
    text = "".join(each.text for each in said if each.type == "text").strip()
    if not text:
        raise Unusable("The last message has no text to draw.", "Say what to draw.", param="messages")
    return text


def _files(images: Sequence[Media]) -> bytes:
    return b"".join(
        part("file", mediaType=each.media_type, url=f"data:{each.media_type};base64,{_encoded(each)}")
        for each in images
    )


def _encoded(media: Media) -> str:
    return base64.b64encode(media.data).decode()


def _paid(cost: Cost) -> dict[str, Any]:
    if cost.amount is None:
        return {"cost": None, "currency": None}
    return {"cost": format(cost.amount, "f"), "currency": cost.currency}
