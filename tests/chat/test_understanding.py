"""What a prompt asks for, for one person: their corrections, and the small model that they let be asked."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core.access.access import Access
from core.chat.notices import asked_what_is_wanted
from core.chat.understanding import Asked, Understanding
from core.errors import GearboxError
from core.providers.catalog import Catalogue
from data.values.plans import Analysis, Input, Output
from tests.chat.house import SOON, ChatHouse, now
from tests.gateway.server import serve
from tests.people import ALICE, BOB

TEXT, IMAGE = frozenset({Output.TEXT}), frozenset({Output.IMAGE})
DOUBT = Analysis(TEXT, is_sure=False)
MODEL = "sandbox/scripted"


class Small:
    """A model that answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer = '{"outputs": ["image", "smell", "text"]}'
        self.asked: list[str] = []
        self.is_late = False

    async def chat(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body["messages"][-1]["content"])
        if self.is_late:
            await asyncio.sleep(SOON)
        if self.answer == "error":
            return JSONResponse({"error": {"message": "no"}}, 400)
        delta = {"choices": [{"index": 0, "delta": {"content": self.answer}, "finish_reason": "stop"}]}
        return StreamingResponse(
            iter([f"data: {json.dumps(delta)}\n\n", "data: [DONE]\n\n"]), media_type="text/event-stream"
        )


@pytest.fixture
def small() -> Small:
    return Small()


@pytest.fixture
def house(tmp_path: Path, small: Small) -> Iterator[ChatHouse]:
    with serve(Starlette(routes=[Route("/v1/chat/completions", small.chat, methods=["POST"])])) as address:
        made = ChatHouse(tmp_path, f"{address}/v1", Catalogue())
        yield made
        made.close()


def of(house: ChatHouse, model_id: str = MODEL, seconds: float = SOON) -> Understanding:
    return Understanding(
        Access(house.store),
        house.store,
        house.connections,
        house.preferences,
        house.attempts,
        model_id=model_id,
        clock=now,
        seconds=seconds,
    )


def ask(house: ChatHouse, understanding: Understanding, prompt: str, about: Analysis = DOUBT) -> Asked | None:
    return house.loop.submit(understanding.ask(ALICE, None, prompt, about)).result(SOON * 2)


def test_a_correction_holds_at_once_for_its_person(house: ChatHouse) -> None:
    understanding = of(house)
    prompt = "the castle of my grandfather, as always"
    wanted = TEXT if understanding.understand(ALICE, prompt).outputs == IMAGE else IMAGE
    understanding.correct(ALICE, prompt, frozenset(), wanted)
    assert understanding.understand(ALICE, prompt).outputs == wanted
    assert understanding.understand(BOB, prompt).outputs != wanted
    assert understanding.corrections(ALICE) == 1
    understanding.forget_corrections(ALICE)
    assert understanding.understand(ALICE, prompt).outputs != wanted


def test_a_correction_keeps_no_words_and_is_in_the_audit_log(house: ChatHouse) -> None:
    understanding = of(house)
    understanding.correct(ALICE, "zanzibar", frozenset(), IMAGE)
    with pytest.raises(GearboxError):
        understanding.correct(ALICE, "zanzibar", frozenset(), frozenset())
    kept = b"".join(path.read_bytes() for path in house.path.parent.glob("gearbox.db*"))
    assert b"zanzibar" not in kept
    assert b"corrections:" in kept


def test_a_model_is_asked_only_where_all_want_it(house: ChatHouse) -> None:
    understanding = of(house)
    assert not understanding.may_ask(ALICE, DOUBT), "the person did not turn it on"
    house.preferences.save(ALICE, ask_when_unsure=True)
    assert understanding.may_ask(ALICE, DOUBT)
    assert not understanding.may_ask(ALICE, Analysis(TEXT)), "there is no doubt"
    assert not of(house, model_id="").may_ask(ALICE, DOUBT), "the operator named none"


def test_what_the_model_says_is_taken_and_booked(house: ChatHouse, small: Small) -> None:
    prompt = "x" * 5_000
    asked = ask(house, of(house), prompt, Analysis(TEXT, inputs=frozenset({Input.IMAGE}), is_sure=False))
    assert asked is not None
    assert (asked.analysis.outputs, asked.analysis.is_sure, asked.model_id) == (TEXT | IMAGE, True, MODEL)
    assert asked.analysis.inputs == {Input.IMAGE}
    (said,) = small.asked
    assert said.startswith("Attached: image.")
    assert len(said) < 2_100, "of a long prompt its ends"
    with closing(sqlite3.connect(house.path)) as connection:
        assert connection.execute("SELECT user_id, model FROM calls").fetchall() == [(ALICE.user_id, "scripted")]


@pytest.mark.parametrize("answer", ["error", "I think a picture", '{"outputs": "image"}', '{"outputs": []}', "[1]"])
def test_what_says_nothing_changes_nothing_and_is_told(house: ChatHouse, small: Small, answer: str) -> None:
    small.answer = answer
    assert ask(house, of(house), "hm") == Asked(DOUBT, MODEL, is_said=False)
    assert "gave no answer" in asked_what_is_wanted(MODEL, ()).text


def test_a_late_model_is_not_waited_for(house: ChatHouse, small: Small) -> None:
    small.is_late = True
    assert ask(house, of(house, seconds=0.3), "hm") == Asked(DOUBT, MODEL, is_said=False)


def test_a_model_that_is_not_there_is_no_answer(house: ChatHouse) -> None:
    assert ask(house, of(house, model_id="nobody/nothing"), "hm") is None
