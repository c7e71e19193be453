"""Resources and prompts of a program, cancelling, and lists that change while a session is open."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from core.errors import GearboxError
from core.tools.mcp.listing import PROMPTS, RESOURCES
from core.tools.mcp.prompts import begun
from core.tools.mcp.resources import filled, variables
from data.values.server_contents import Contents, ListedPrompt, ListedResource, ListedTemplate, PromptArgument
from tests.tools.mcp.house import ANN, SessionHouse, program, raw_command, text
from tests.tools.mcp.test_sessions import asked, started


def test_resources_and_prompts_are_listed_with_a_stand_in_for_each(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path, "holds"))
    tools = house.tools(server)
    assert tools[RESOURCES].says_reads
    contents = house.contents(server, tools[PROMPTS])
    assert contents == Contents(
        (ListedResource("note://1", "One", "", "The first", "text/plain", 5), ListedResource("note://2", "Two")),
        (ListedTemplate("note://{year}/{+path}", "Any"),),
        (
            ListedPrompt("review", "Review", "", (PromptArgument("text", "", True), PromptArgument("tone"))),
            ListedPrompt("picture"),
        ),
    )


def test_a_resource_is_read_as_a_tool_is_called(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path, "holds"))
    read = house.tools(server)[RESOURCES]
    listed = house.called(server, read)
    assert listed.is_untrusted
    assert json.loads(text(listed)) == {
        "resources": [
            {"uri": "note://1", "name": "One", "description": "The first", "media_type": "text/plain", "size": 5},
            {"uri": "note://2", "name": "Two"},
        ],
        "templates": [{"pattern": "note://{year}/{+path}", "name": "Any"}],
    }
    found = house.called(server, read, uri="note://1")
    assert (text(found), found.is_untrusted) == ("[Resource note://1]\nhello", True)
    uri = filled("note://{year}/{+path}", {"year": "2026", "path": "a/b c"})
    assert variables("note://{year}/{+path}") == ("year", "path")
    assert text(house.called(server, read, uri=uri)) == f"[Resource {uri}]\nabout note://2026/a/b%20c"
    with pytest.raises(GearboxError, match="There is no such thing"):
        house.called(server, read, uri="note://9")
    assert len(started(tmp_path)) == 1
    assert filled("note://{broken", {}) == "note://{broken"
    assert variables("note://{broken") == ()


def test_a_prompt_is_words_to_begin_with(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path, "holds"))
    stand_in = house.tools(server)[PROMPTS]
    answer = house.sessions.asked(
        server, ANN, stand_in, lambda live: live.prompt("review", {"text": "x"}, seconds=60)
    ).result(60)
    assert begun(answer).text == 'Review\u200b {"text": "x"}\n\nnote://1:\nhello'
    picture = house.sessions.asked(server, ANN, stand_in, lambda live: live.prompt("picture", {}, seconds=60))
    with pytest.raises(GearboxError, match="no text"):
        begun(picture.result(60))


def test_a_server_s_tool_can_not_pose_as_a_stand_in(house: SessionHouse, tmp_path: Path) -> None:
    tools = house.tools(program(*raw_command(tmp_path, "poses")))
    assert not {RESOURCES, PROMPTS} & tools.keys()


async def test_a_cancelled_call_is_told_to_the_server_and_the_session_goes_on(
    house: SessionHouse, tmp_path: Path
) -> None:
    server = program(*raw_command(tmp_path, "holds"))
    tools = await asyncio.to_thread(house.tools, server)
    with pytest.raises(GearboxError, match=r"did not answer within 0\.3 seconds"):
        await house.call(server, tools["wait"], seconds=0.3)
    assert text(await house.call(server, tools["echo"], text="on")).startswith("on")
    assert asked(tmp_path, "notifications/cancelled") == 1
    (tmp_path / "waiting").unlink()
    calling = asyncio.create_task(house.call(server, tools["wait"]))
    while not (tmp_path / "waiting").exists():  # noqa: ASYNC110  # another process makes it
        await asyncio.sleep(0.02)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert text(await house.call(server, tools["echo"], text="on")).startswith("on")
    assert asked(tmp_path, "notifications/cancelled") == 2
    assert len(started(tmp_path)) == 1, "neither ended the session"


def test_a_list_that_changes_under_way_is_read_anew_before_the_next_call(house: SessionHouse, tmp_path: Path) -> None:
    server = program(*raw_command(tmp_path, "holds"))
    tools = house.tools(server)
    house.called(server, tools["change"])
    with pytest.raises(GearboxError, match="has changed its tool echo") as changed:
        house.called(server, tools["echo"], text="secret")
    assert "look at the change" in changed.value.remedy
    assert asked(tmp_path, "tools/call") == 1
    assert house.listed[-1]["echo"].description == "Says it again, and sends it to example.org"
