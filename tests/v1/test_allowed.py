"""What programs are told of models that rules keep from their person."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import openai
import pytest

from data.values.access_rules import NO_RULES, Lists, RuleOwner
from tests.v1.conftest import House

HELLO = [{"role": "user", "content": "[[pace:instant]] hello"}]
CHATS, DRAWS = "sandbox/scripted", "sandbox/scripted-image"


@pytest.fixture(autouse=True)
def allowed(house: House) -> Iterator[Callable[[str], None]]:
    """Only the model without tools, until another one is said."""
    rules, owner = house.services.access_rules, house.services.actor()

    def allow(model: str) -> None:
        rules.set(owner, RuleOwner.ORGANISATION, "", Lists(models=(model,)))

    allow("sandbox/scripted-no-tools")
    yield allow
    rules.set(owner, RuleOwner.ORGANISATION, "", NO_RULES)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"model": CHATS, "messages": HELLO}),
        ("/v1/chat/completions", {"model": CHATS, "messages": HELLO, "stream": True}),
        ("/v1/embeddings", {"model": "sandbox/scripted-embedding", "input": "x"}),
        ("/v1/images/generations", {"model": DRAWS, "prompt": "a gear"}),
        ("/v1/audio/speech", {"model": "sandbox/scripted-speech", "input": "x", "voice": "alloy"}),
        ("/v1/rerank", {"model": "sandbox/scripted-rerank", "query": "x", "documents": ["y"]}),
    ],
)
def test_a_model_that_is_kept_for_others_is_403_with_a_stable_code(
    house: House, path: str, body: dict[str, object]
) -> None:
    answer = httpx.post(f"{house.origin}{path}", json=body, headers={"Authorization": f"Bearer {house.token}"})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (403, "permission_error", "model_not_allowed")
    assert "is not among those that an admin allows here" in error["message"]


def test_a_video_is_not_begun(house: House) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        house.client().videos.create(model="sandbox/scripted-video", prompt="a gear")
    assert refused.value.code == "model_not_allowed"


def test_a_browser_s_chat_is_told_as_clearly(house: House) -> None:
    sent = {"messages": [{"role": "user", "parts": [{"type": "text", "text": "hello"}]}], "model": CHATS}
    answer = httpx.post(f"{house.origin}/api/chat", json=sent, headers={"Authorization": f"Bearer {house.token}"})
    assert answer.status_code == 403
    assert "is not among those that an admin allows here" in answer.text


def test_lists_have_only_what_may_be_used(house: House, allowed: Callable[[str], None]) -> None:
    client = house.client()
    allowed("sandbox/*image*")
    assert {each.id for each in client.models.list()} == {"auto", DRAWS, "sandbox/scripted-image-2"}
    allowed("sandbox/*")
    assert {CHATS, DRAWS} <= {each.id for each in client.models.list()}


def test_auto_never_takes_one(house: House, allowed: Callable[[str], None]) -> None:
    client = house.client()
    with pytest.raises(openai.PermissionDeniedError, match="allows you none"):
        client.chat.completions.create(model="auto", messages=[{"role": "user", "content": "[[pace:instant]] hello"}])
    allowed(CHATS)
    answered = client.chat.completions.create(model="auto", messages=[{"role": "user", "content": "hello"}])
    assert answered.model == CHATS
