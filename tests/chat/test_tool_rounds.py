"""Turns whose models call tools, over real HTTP: natively, and told of them in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.chat.attachments import Attachment
from core.chat.live import LiveTurn
from core.providers.catalog import Catalogue
from core.tools.checked import load
from core.tools.toolbox import Toolbox
from data.values.events import RoundBegun, ToolCallChanged, ToolEnded, ToolProgress, TurnEnded
from data.values.messages import Message, MessageStatus
from data.values.parts import NoticePart, Part, TablePart, TextPart, ToolCallPart, ToolResultPart, text_of
from data.values.tool_calls import ToolState
from tests.chat.house import ChatHouse, ended, wait_for_words, words
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.chat.tools import Bench
from tests.people import ALICE

load()

NATIVE, PROMPTED = "sandbox/scripted", "sandbox/scripted-no-tools"
FAST = "[[pace:instant]]"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def house(tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue, bench: Bench) -> Iterator[ChatHouse]:
    toolbox = Toolbox(bench.tools, steps=4)
    built = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=toolbox)
    yield built
    built.close()


def call(text: str = "hello", tool: str = "echo", order: str = "call") -> str:
    return f"[[{order}:{tool} {json.dumps({'text': text})}]]"


def steps(message: Message) -> list[tuple[str, ToolState, str]]:
    """Each call: its tool, how it stands, and the text of its result."""
    results = {part.call_id: part for part in message.parts if isinstance(part, ToolResultPart)}
    return [
        (part.name, part.state, text_of(results[part.id].parts))
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]


def kinds(parts: tuple[Part, ...]) -> list[type]:
    return [type(part) for part in parts]


@pytest.fixture(params=[NATIVE, PROMPTED], ids=["native", "prompted"])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def reply(house: ChatHouse, turn: LiveTurn) -> Message:
    return house.messages(turn)[-1]


def test_a_call_is_run_and_the_model_answers_with_what_it_gave(house: ChatHouse, bench: Bench, model: str) -> None:
    turn = house.ask(f"{FAST}[[say:Let me see.]]{call()}", model=model)
    stored = reply(house, turn)
    assert kinds(stored.parts) == [TextPart, ToolCallPart, ToolResultPart, TextPart]
    assert text_of(stored.parts[:1]).strip() == "Let me see."
    assert text_of(stored.parts[3:]).strip() == "I am the sandbox. The tool answered: echo of hello"
    asked, result = stored.parts[1:3]
    assert isinstance(asked, ToolCallPart) and isinstance(result, ToolResultPart)
    assert (asked.name, asked.title, asked.state) == ("echo", "Echo", ToolState.DONE)
    assert json.loads(asked.arguments) == {"text": "hello"}
    assert (result.call_id, result.failed) == (asked.id, False)
    assert result.seconds is not None and result.seconds >= 0.015
    assert stored.status is MessageStatus.COMPLETE
    assert bench.ran == [("echo", {"text": "hello"})]
    (context,) = bench.contexts
    assert (context.actor.user_id, context.conversation_id) == ("alice", turn.begun.conversation_id)


def test_every_call_of_the_model_is_booked_and_the_line_below_counts_them_all(house: ChatHouse, model: str) -> None:
    turn = house.ask(f"{FAST}{call()}{call('more', order='next')}", model=model)
    first = 0 if model == NATIVE else 1  # that it takes no tools is found out by asking
    assert house.calls() == ["failed"] * first + ["ok"] * 3
    house.wait_booked(3 + first)
    rows = house.rows("SELECT input_tokens, output_tokens, latency_ms FROM calls WHERE status = 'ok'")
    stored = reply(house, turn)
    assert stored.details is not None and stored.details.usage is not None
    assert stored.details.usage.input == sum(row[0] for row in rows)
    assert stored.details.usage.output == sum(row[1] for row in rows)
    assert stored.details.latency_ms == pytest.approx(sum(row[2] for row in rows))
    last = [event for batch in turn.follow() for event in batch][-1]
    assert isinstance(last, TurnEnded)
    assert (last.details, last.parts, last.status) == (stored.details, stored.parts, stored.status)
    assert {row[0] for row in house.rows("SELECT turn_id FROM calls")} == {turn.begun.turn_id}


def test_calls_of_one_step_run_at_the_same_time_and_keep_their_order(
    house: ChatHouse, bench: Bench, model: str
) -> None:
    stored = reply(house, house.ask(f"{FAST}{call('a')}{call('b')}{call('', 'table')}", model=model))
    assert kinds(stored.parts) == [ToolCallPart] * 3 + [ToolResultPart] * 3 + [TextPart]
    assert [name for name, _, _ in steps(stored)] == ["echo", "echo", "table"]
    assert bench.most_at_once == 3
    assert "echo of a; echo of b; Table “Prices”:\n| what | how much |" in words(stored)
    assert isinstance(stored.parts[5], ToolResultPart) and isinstance(stored.parts[5].parts[0], TablePart)


def test_viewers_see_each_step(house: ChatHouse) -> None:
    turn = house.ask(f"{FAST}{call()}")
    events = [event for batch in turn.follow() for event in batch]
    seen = [
        event.call.state if isinstance(event, ToolCallChanged) else type(event)
        for event in events
        if isinstance(event, ToolCallChanged | ToolEnded | ToolProgress | RoundBegun)
    ]
    assert seen == [ToolState.RUNNING, ToolProgress, ToolState.DONE, ToolEnded, RoundBegun]


def test_arguments_that_are_no_json_are_told_to_the_model_and_the_answer_goes_on(house: ChatHouse) -> None:
    stored = reply(house, house.ask(f"{FAST}[[call:echo nonsense]]"))
    ((_, state, result),) = steps(stored)
    assert (state, "no JSON" in result) == (ToolState.FAILED, True)
    assert f"The tool answered: {result}" in words(stored)
    assert stored.status is MessageStatus.COMPLETE


def test_the_same_call_a_third_time_is_not_run_and_then_the_model_has_to_answer(
    house: ChatHouse, bench: Bench, sandbox: RecordedSandbox, model: str
) -> None:
    again = "".join(call("x", order="next") for _ in range(4))
    stored = reply(house, house.ask(FAST + again, model=model))
    assert [state for _, state, _ in steps(stored)] == [ToolState.DONE, ToolState.DONE, ToolState.FAILED]
    assert "twice before" in steps(stored)[-1][2]
    assert len(bench.ran) == 2
    assert isinstance(stored.parts[-1], NoticePart) and "again and again" in stored.parts[-1].text
    assert stored.status is MessageStatus.COMPLETE and words(stored)
    last = sandbox.calls[-1]
    assert last.get("tool_choice") == "none" if model == NATIVE else "tools" not in last


def test_there_is_a_limit_to_the_steps(house: ChatHouse, bench: Bench) -> None:
    stored = reply(house, house.ask(FAST + "".join(call(f"{step}", order="next") for step in range(9))))
    assert len(bench.ran) == 4
    assert isinstance(stored.parts[-1], NoticePart) and "4 steps" in stored.parts[-1].text
    assert "The tool answered: echo of 3" in words(stored)


def test_stop_while_a_tool_runs_ends_the_turn_and_keeps_what_there_is(house: ChatHouse, bench: Bench) -> None:
    turn = house.send(f"[[say:One moment]]{call('a')}{call(tool='wait')}")
    for batch in turn.follow(patience=0.05):
        if any(isinstance(event, ToolEnded) for event in batch):
            break
    turn.stop()
    ended(turn)
    stored = reply(house, turn)
    assert stored.status is MessageStatus.STOPPED
    assert [(name, state) for name, state, _ in steps(stored)] == [
        ("echo", ToolState.DONE),
        ("wait", ToolState.FAILED),
    ]
    assert steps(stored)[1][2] == "Stopped before it was done."
    assert bench.cancelled == 1
    assert house.calls() == ["ok"]
    assert stored.details is not None and stored.details.usage is not None


def test_stop_while_the_model_answers_after_a_step(house: ChatHouse) -> None:
    turn = house.send(f"[[pace:slow]]{call()}")
    for batch in turn.follow(patience=0.05):
        if any(isinstance(event, RoundBegun) for event in batch):
            break
    wait_for_words(turn, 2)
    turn.stop()
    ended(turn)
    stored = reply(house, turn)
    assert stored.status is MessageStatus.STOPPED
    assert kinds(stored.parts) == [ToolCallPart, ToolResultPart, TextPart]
    assert house.calls() == ["ok", "stopped"]


def test_tools_may_read_the_files_of_the_conversation(house: ChatHouse, bench: Bench) -> None:
    prices = Attachment("prices.csv", b"what,price\ntea,2")
    turn = ended(house.chat.send(ALICE, None, FAST + call(), house.choice(), files=[prices]))
    house.ask(FAST + call("again"), turn.begun.conversation_id)
    for context in bench.contexts:
        (file,) = context.attached
        assert (file.name, file.read()) == ("prices.csv", b"what,price\ntea,2")
    assert len(bench.contexts) == 2


def test_without_tools_switched_on_none_are_offered(house: ChatHouse, sandbox: RecordedSandbox) -> None:
    house.preferences.save(ALICE, tools=False)
    stored = reply(house, house.ask(FAST + call()))
    assert "tools" not in sandbox.calls[-1]
    assert kinds(stored.parts) == [TextPart]
