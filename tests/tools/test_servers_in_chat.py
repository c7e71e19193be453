"""A whole Gearbox: the sandbox's models call a server's tool in a chat, natively and in words, as far as they may."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.chat.live import LiveTurn
from core.config import Settings
from core.services import Services, build
from core.tools.tool import ToolResult
from data.values.events import ToolAnswered, ToolAsks
from data.values.parts import ToolCallPart, ToolResultPart
from data.values.questions import Reply, Said
from data.values.tool_calls import Approval, ToolState
from tests.matrix.world import OPERATOR
from tests.tools.mcp.house import CANARY, raw_command, text


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    settings = Settings(
        home=tmp_path, sign_in="proxy", tool_programs=(sys.executable,), kek_source="file", local_discovery=False,
        warm_up=False, database_url="",
    )  # fmt: skip
    with ExitStack() as stack:
        yield build(settings, stack, own_address=lambda: "http://127.0.0.1:1")


def begun(services: Services, prompt: str, model: str) -> LiveTurn:
    actor = OPERATOR
    choice = services.chat.choice(actor, services.preferences.load(actor), picked=model, history=[])
    return services.chat.send(actor, None, prompt, choice)


def said(turn: LiveTurn) -> list[object]:
    assert turn.wait_ended(60)
    return list(turn.parts())


def waiting(turn: LiveTurn) -> list[ToolCallPart]:
    """The calls that wait for the person, once there are any."""
    for _batch in turn.follow(patience=0.05):
        calls = [part for part in turn.parts() if isinstance(part, ToolCallPart) and part.state is ToolState.WAITING]
        if calls:
            return calls
    raise AssertionError("nothing waited")


@pytest.mark.parametrize("model", ["sandbox/scripted", "sandbox/scripted-no-tools"])
def test_a_trusted_tool_that_only_reads_is_called_in_a_chat(services: Services, tmp_path: Path, model: str) -> None:
    actor, servers = OPERATOR, services.tools.servers
    command = shlex.join(raw_command(tmp_path))
    server = servers.add_program(actor, name="raw", label="Raw", command=command, variables={"TEST_KEY": CANARY})
    tools = {tool.name: tool for tool in servers.check(actor, server.id)}
    servers.trust(actor, server.id, [tools["echo"]], reads=True)
    servers.trust(actor, server.id, [tools["mute"]], reads=False)
    call = json.dumps({"text": "from afar"})
    parts = said(begun(services, f"[[call:raw__echo {call}]]", model))
    [called] = [part for part in parts if isinstance(part, ToolCallPart)]
    [result] = [part for part in parts if isinstance(part, ToolResultPart)]
    assert (called.name, called.state) == ("raw__echo", ToolState.DONE)
    assert result.is_untrusted
    assert text(ToolResult(result.parts)).startswith("from afar")
    # What may change something is not called before somebody said that it may.
    turn = begun(services, "[[call:raw__mute {}]]", model)
    [call_waiting] = waiting(turn)
    services.chat.decide(actor, turn.begun.conversation_id, call_waiting.id, Approval.NOT_NOW)
    [denied] = [part for part in said(turn) if isinstance(part, ToolCallPart)]
    assert denied.state is ToolState.DENIED
    names = [
        json.loads(line)["params"].get("name")
        for line in (tmp_path / "asked").read_text().splitlines()
        if "tools/call" in line
    ]
    assert names == ["echo"]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (Said(Reply.ACCEPT, {"name": "Ann"}), {"action": "accept", "content": {"name": "Ann"}}),
        (Said(Reply.DECLINE), {"action": "decline"}),
    ],
    ids=["accept", "decline"],
)
def test_a_server_asks_the_person_in_the_step_of_its_call(
    services: Services, tmp_path: Path, said: Said, heard: dict[str, object]
) -> None:
    actor, servers = OPERATOR, services.tools.servers
    command = shlex.join(raw_command(tmp_path, "holds"))
    server = servers.add_program(actor, name="raw", label="Raw", command=command)
    servers.trust(actor, server.id, servers.check(actor, server.id), reads=True)
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    call = json.dumps({"message": "Who?", "requestedSchema": schema})
    choice = services.chat.choice(actor, services.preferences.load(actor), picked="sandbox/scripted", history=[])
    turn = services.chat.send(actor, None, f"[[call:raw__ask {call}]]", choice)
    asks = next(event for batch in turn.follow() for event in batch if isinstance(event, ToolAsks))
    assert (asks.question.asker, asks.question.message) == ("Raw", "Who?")
    assert turn.questions.answer(asks.key, said)
    assert turn.wait_ended(60)
    assert not turn.questions.answer(asks.key, said), "nobody waits any more"
    [result] = [part for part in turn.parts() if isinstance(part, ToolResultPart)]
    assert json.loads(text(ToolResult(result.parts))) == heard
    events = [event for batch in turn.follow() for event in batch]
    assert [event.key for event in events if isinstance(event, ToolAnswered)] == [asks.key]
