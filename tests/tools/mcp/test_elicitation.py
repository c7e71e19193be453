"""What servers ask the person in the middle of a call, in both eras of the protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from core.errors import GearboxError
from core.tools.mcp.elicitation import Elicitation
from data.values.questions import Question, Reply, Said
from tests.tools.mcp.house import Person, SessionHouse, program, raw_command, text

if TYPE_CHECKING:
    from mcp.client import ClientRequestContext

NAME = {"type": "object", "properties": {"name": {"type": "string", "minLength": 2}}, "required": ["name"]}


async def answer(
    house: SessionHouse, folder: Path, ask: Callable[[Question], Coroutine[Any, Any, Said]] | None, **params: Any
) -> Any:
    server = program(*raw_command(folder, "holds"))
    tools = await asyncio.to_thread(house.tools, server)
    return json.loads(text(await house.call(server, tools["ask"], ask=ask, **params)))


@pytest.mark.parametrize(
    ("person", "result"),
    [
        (Person(Reply.ACCEPT, name="Ann", more=1), {"action": "accept", "content": {"name": "Ann"}}),
        (Person(Reply.ACCEPT, name="A"), {"action": "cancel"}),
        (Person(Reply.DECLINE, name="Ann"), {"action": "decline"}),
        (Person(Reply.CANCEL), {"action": "cancel"}),
        (None, {"action": "decline"}),
    ],
    ids=["accept", "unfit", "decline", "cancel", "nobody"],
)
async def test_what_the_person_says_gets_to_the_server(
    house: SessionHouse, tmp_path: Path, person: Person | None, result: dict[str, Any]
) -> None:
    assert await answer(house, tmp_path, person, message="Who?", requestedSchema=NAME) == result
    if person is not None:
        [question] = person.heard
        assert (question.asker, question.message, question.schema) == ("Test server", "Who?", NAME)


async def test_what_is_no_form_is_refused_in_words(house: SessionHouse, tmp_path: Path) -> None:
    nested = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
    refused = await answer(house, tmp_path, Person(Reply.ACCEPT), message="?", requestedSchema=nested)
    assert refused["message"] == "The field a is of a type that a form can't have."


@pytest.mark.parametrize(
    ("url", "shown"),
    [("https://example.org/pay?id=1", True), ("http://example.org/", False), ("javascript:alert(1)", False),
     ("https://bank.example@evil.example/", False)],
)  # fmt: skip
async def test_a_page_to_open_is_shown_when_it_is_an_https_address(
    house: SessionHouse, tmp_path: Path, url: str, shown: bool
) -> None:
    person = Person(Reply.ACCEPT)
    given = {"mode": "url", "message": "Pay", "url": url, "elicitationId": "1"}
    said = await answer(house, tmp_path, person, **given)
    assert [each.url for each in person.heard] == ([url] if shown else [])
    assert said.get("action") == ("accept" if shown else None)


async def test_the_call_s_time_stands_still_while_the_person_thinks(house: SessionHouse, tmp_path: Path) -> None:
    async def slowly(_question: Question) -> Said:
        await asyncio.sleep(1.5)
        return Said(Reply.DECLINE)

    server = program(*raw_command(tmp_path, "holds"))
    tools = await asyncio.to_thread(house.tools, server)
    said = await house.call(server, tools["ask"], seconds=1, ask=slowly, message="Who?", requestedSchema=NAME)
    assert "decline" in text(said)
    with pytest.raises(GearboxError, match=r"did not answer within 0\.3 seconds"):
        await house.call(server, tools["wait"], seconds=0.3, ask=slowly)


async def test_who_does_not_answer_in_time_has_cancelled() -> None:
    from mcp.types import ElicitRequestFormParams, ElicitResult

    async def never(_question: Question) -> Said:
        await asyncio.Event().wait()
        raise AssertionError

    asking = Elicitation("Test server", seconds=-9.9)
    params = ElicitRequestFormParams(message="?", requested_schema=NAME)
    async with asyncio.timeout(60) as limit:
        with asking.during(never, limit):
            said = await asking.asked(cast("ClientRequestContext", None), params)
            assert isinstance(said, ElicitResult)
            assert said.action == "cancel"


async def test_a_call_that_is_stopped_takes_its_question_back(house: SessionHouse, tmp_path: Path) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def waits(_question: Question) -> Said:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        raise AssertionError

    calling = asyncio.create_task(answer(house, tmp_path, waits, message="?", requestedSchema=NAME))
    await asyncio.wait_for(asked.wait(), 60)
    calling.cancel()
    await asyncio.wait_for(gone.wait(), 60)
