"""A model that refuses a part of what it is asked with answers without it, and the answer says so."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from core.providers.catalog import Catalogue
from data.values.messages import MessageStatus
from data.values.parts import NoticePart
from tests.chat.house import ChatHouse, ended, words
from tests.gateway.server import serve
from tests.gateway.test_direct_transport import chunk, events
from tests.people import ALICE


async def _cold(scope: Scope, receive: Receive, send: Send) -> None:
    """A server whose model takes no temperature."""
    body = await Request(scope, receive).json()
    refusal = {"message": "Unsupported parameter: 'temperature' is not supported with this model.", "code": "x"}
    answer = JSONResponse({"error": refusal}, 400) if "temperature" in body else events(chunk("stop", content="Cold."))
    await answer(scope, receive, send)


def test_the_answer_says_what_it_was_asked_without(tmp_path: Path, catalogue: Catalogue) -> None:
    house = ChatHouse(tmp_path, "http://127.0.0.1:1/v1", catalogue)
    try:
        with serve(_cold) as origin:
            house.keys.add_server(ALICE, label="cold", base_url=f"{origin}/v1", key=None)
            house.preferences.save(ALICE, advanced=True, temperature=0.5)
            choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked="cold/one", history=[])
            for _ in range(2):  # the second time it is known, and not asked with it at all
                stored = house.messages(ended(house.chat.send(ALICE, None, "How is it?", choice)))[1]
                assert (words(stored).strip(), stored.status) == ("Cold.", MessageStatus.COMPLETE)
                said = [part.text for part in stored.parts if isinstance(part, NoticePart)]
                assert said == ["cold/one does not take a temperature: it was asked without."]
    finally:
        house.close()
