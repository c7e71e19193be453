"""What holds for tools whoever calls them: natively, told of them in words, and in each dialect that models write.

A persona is a model of the sandbox and how it writes its calls. Through the chat, over real HTTP.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.chat.live import LiveTurn
from core.providers.catalog import Catalogue
from core.sandbox.dialects import DIALECTS
from core.tools.checked import load
from core.tools.toolbox import Toolbox
from data.values.events import ApprovalAsked, ToolCallChanged, ToolCallDelta
from data.values.messages import Message, MessageStatus
from data.values.parts import ToolCallPart, ToolResultPart, text_of
from data.values.tool_calls import Approval, ToolState
from tests.app.forking import forking
from tests.chat.house import ChatHouse, ended, words
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox
from tests.chat.tools import Bench
from tests.people import ALICE
from tests.tools.test_reader import MARKS

load()

NATIVE, PLAIN = "sandbox/scripted", "sandbox/scripted-no-tools"
UNICODE = "Grüße 東京 😀 \u202e\u200d “quoted” \\n \" ' {x} [y] <b> & % \t"
LARGE = "words and “more” {words}, " * 4_000
DONE, FAILED, DENIED = ToolState.DONE, ToolState.FAILED, ToolState.DENIED


@dataclass(frozen=True)
class Persona:
    """Which model, and in which dialect it writes; empty: as its transport has it."""

    model: str
    dialect: str = ""

    def __str__(self) -> str:
        return f"{'native' if self.model == NATIVE else 'words'}{'-' if self.dialect else ''}{self.dialect}"

    def prompt(self, text: str) -> str:
        spoken = f"[[dialect:{self.dialect}]]" if self.dialect else ""
        return f"[[pace:instant]]{spoken}{text}"


NATIVELY, IN_WORDS, IN_TEXT = Persona(NATIVE), Persona(PLAIN), Persona(NATIVE, "qwen")
"""The three transports: native calls, calls in words, and a model that takes tools and writes its calls as text."""

PERSONAS = (*(Persona(PLAIN, dialect) for dialect in DIALECTS), NATIVELY, IN_WORDS, IN_TEXT)
transports = pytest.mark.parametrize("persona", [NATIVELY, IN_WORDS, IN_TEXT], ids=str)


@pytest.fixture(scope="module")
def listening() -> Iterator[RecordedSandbox]:
    with recorded_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def everywhere(
    tmp_path_factory: pytest.TempPathFactory, listening: RecordedSandbox, catalogue: Catalogue
) -> Iterator[tuple[ChatHouse, Bench]]:
    bench = Bench()
    toolbox = Toolbox(bench.tools, steps=8)
    built = ChatHouse(tmp_path_factory.mktemp("conformance"), listening.base_url, catalogue, toolbox=toolbox)
    yield built, bench
    built.close()


@pytest.fixture
def house(everywhere: tuple[ChatHouse, Bench]) -> ChatHouse:
    return everywhere[0]


@pytest.fixture
def bench(everywhere: tuple[ChatHouse, Bench]) -> Bench:
    everywhere[1].ran.clear()
    return everywhere[1]


def call(text: str, tool: str = "echo", order: str = "call") -> str:
    return f"[[{order}:{tool} {json.dumps({'text': text})}]]"


def answer(house: ChatHouse, persona: Persona, prompt: str) -> Message:
    """The stored answer, of which this holds whatever was asked: it is whole, and no call is without a result."""
    return whole(house, ended(house.send(persona.prompt(prompt), model=persona.model)))


def whole(house: ChatHouse, turn: LiveTurn) -> Message:
    stored = house.messages(turn)[-1]
    asked = [part.id for part in stored.parts if isinstance(part, ToolCallPart)]
    given = [part.call_id for part in stored.parts if isinstance(part, ToolResultPart)]
    assert sorted(asked) == sorted(given) and len(set(asked)) == len(asked)
    assert not MARKS.search(words(stored)), "markup of a call among the words"
    return stored


def steps(message: Message) -> list[tuple[str, ToolState, str]]:
    results = {part.call_id: part for part in message.parts if isinstance(part, ToolResultPart)}
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    return [(part.name, part.state, text_of(results[part.id].parts)) for part in calls]


@pytest.mark.parametrize("persona", PERSONAS, ids=str)
def test_single_parallel_and_nested(house: ChatHouse, bench: Bench, persona: Persona) -> None:
    stored = answer(house, persona, f"{call('a')}{call('b')}{call('then $result', order='next')}")
    assert stored.status is MessageStatus.COMPLETE
    both = "echo of a; echo of b"
    assert steps(stored) == [
        ("echo", DONE, "echo of a"),
        ("echo", DONE, "echo of b"),
        ("echo", DONE, f"echo of then {both}"),
    ]
    assert f"The tool answered: echo of then {both}" in words(stored)


@transports
def test_many_rounds(house: ChatHouse, bench: Bench, listening: RecordedSandbox, persona: Persona) -> None:
    stored = answer(house, persona, "".join(call(f"{number}", order="next") for number in range(6)))
    assert [said for _, _, said in steps(stored)] == [f"echo of {number}" for number in range(6)]
    assert all("tools" not in asked or asked["tools"] for asked in listening.calls), "tools: [] was sent"


@transports
@pytest.mark.parametrize("text", [UNICODE, LARGE], ids=["unicode", "large"])
def test_arguments_come_as_they_were_written(house: ChatHouse, bench: Bench, persona: Persona, text: str) -> None:
    persona = Persona(persona.model)  # elements trim what stands in them, JSON does not
    stored = answer(house, persona, call(text))
    assert bench.ran == [("echo", {"text": text})]
    assert [state for _, state, _ in steps(stored)] == [DONE]


@transports
def test_arguments_are_streamed(house: ChatHouse, bench: Bench, persona: Persona) -> None:
    turn = ended(house.send(persona.prompt(call("streamed")), model=persona.model))
    events = [event for batch in turn.follow() for event in batch]
    pieces = [event for event in events if isinstance(event, ToolCallDelta)]
    assert json.loads("".join(piece.arguments for piece in pieces)) == {"text": "streamed"}
    assert len(pieces) > 1 or persona is not NATIVELY
    running = [event.call for event in events if isinstance(event, ToolCallChanged)]
    assert [each.state for each in running] == [ToolState.RUNNING, DONE]
    whole(house, turn)


@transports
def test_no_call_is_needed(house: ChatHouse, bench: Bench, persona: Persona) -> None:
    said = 'It is {"name": "Bob"}, `f(x)`, <b>bold</b> and [1, 2].'
    stored = answer(house, persona, f"[[say:{said}]]")
    assert (words(stored), steps(stored), bench.ran) == (said, [], [])


@transports
@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (call("x", "fail"), "There is no such page. Try another one."),
        (call("x", "crash"), "Crash failed inside (ValueError). Other arguments may work."),
        (call("x", "slow"), "Slow took longer than 0.05 seconds and was stopped."),
    ],
    ids=["refuses", "crashes", "times out"],
)
def test_a_tool_that_fails_ends_no_answer(
    house: ChatHouse, bench: Bench, persona: Persona, wish: str, said: str
) -> None:
    stored = answer(house, persona, wish + call("after", order="next"))
    assert steps(stored) == [(bench.ran[0][0], FAILED, said), ("echo", DONE, "echo of after")]
    assert "sk-a-secret" not in repr(stored)
    assert stored.status is MessageStatus.COMPLETE


@transports
@pytest.mark.parametrize(
    ("wish", "problem"),
    [(call("x", "nosuch"), "There is no tool 'nosuch'"), ('[[call:echo {"txt": 1}]]', "'text' is a required property")],
    ids=["unknown tool", "invalid arguments"],
)
def test_a_wrong_call_is_told_to_the_model(
    everywhere: tuple[ChatHouse, Bench], listening: RecordedSandbox, persona: Persona, wish: str, problem: str
) -> None:
    house, bench = everywhere
    bench.ran.clear()
    listening.calls.clear()
    stored = answer(house, persona, wish)
    assert bench.ran == []
    told = [json.dumps(asked["messages"][-1]) for asked in listening.calls[1:]]
    assert any(problem in each for each in told)
    if persona == IN_WORDS:  # it is asked again twice, makes the same mistake, and that is said
        assert sum(problem in each for each in told) == 2
        assert stored.status is MessageStatus.FAILED
    else:  # one that takes tools makes the call itself in the end, and answers to what it is told
        assert [state for _, state, _ in steps(stored)] == [FAILED]
        assert stored.status is MessageStatus.COMPLETE


@transports
@pytest.mark.parametrize(("approval", "state"), [(Approval.NOT_NOW, DENIED), (Approval.ONCE, DONE)], ids=str)
def test_denial_and_leave(
    house: ChatHouse, bench: Bench, persona: Persona, approval: Approval, state: ToolState
) -> None:
    turn = house.send(persona.prompt(call("out", "post") + call("after", order="next")), model=persona.model)
    for batch in turn.follow(patience=0.05):
        for event in batch:
            if isinstance(event, ApprovalAsked):
                house.chat.decide(ALICE, turn.begun.conversation_id, event.call_id, approval)
    stored = whole(house, ended(turn))
    assert [(name, stands) for name, stands, _ in steps(stored)] == [("post", state), ("echo", DONE)]
    assert ("post" in dict(bench.ran)) is (state is DONE)


@transports
def test_stop_in_the_middle(house: ChatHouse, bench: Bench, persona: Persona) -> None:
    turn = house.send(persona.prompt(call("a") + call("x", "wait")), model=persona.model)
    for batch in turn.follow(patience=0.05):
        if any(isinstance(event, ToolCallChanged) and event.call.state is DONE for event in batch):
            break
    turn.stop()
    stored = whole(house, ended(turn))
    assert stored.status is MessageStatus.STOPPED
    assert steps(stored) == [("echo", DONE, "echo of a"), ("wait", FAILED, "Stopped before it was done.")]


@transports
def test_the_history_of_all_that_goes_to_every_model(house: ChatHouse, bench: Bench, persona: Persona) -> None:
    turn = ended(house.send(persona.prompt(call("a") + call("x", "fail")), model=persona.model))
    for other in (NATIVE, PLAIN):
        said: dict[str, Any] = {"conversation_id": turn.begun.conversation_id, "model": other}
        again = ended(house.send(f"[[pace:instant]]{call('again')}", **said))
        assert steps(whole(house, again)) == [("echo", DONE, "echo of again")]


def test_a_tool_that_ran_when_the_process_was_killed_has_a_result(
    tmp_path: Path, listening: RecordedSandbox, catalogue: Catalogue
) -> None:
    told, home = tmp_path / "told", tmp_path / "home"
    arguments = [str(home), listening.base_url]
    process = forking().start("tests.chat.waiting", arguments, os.environ, out=told, err=tmp_path / "errors")
    deadline = time.monotonic() + 120
    while not (told.exists() and told.read_text().endswith("\n")):
        assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "errors").read_text()
        time.sleep(0.02)
    process.kill()
    process.wait(60)
    house = ChatHouse(home, listening.base_url, catalogue)
    try:
        house.turns.watch_for_dead()
        stored = house.chat.window(ALICE, told.read_text().strip())[-1]
        assert stored.status is MessageStatus.INTERRUPTED
        assert [(name, state) for name, state, _ in steps(stored)] == [("echo", DONE), ("wait", FAILED)]
        assert steps(stored)[1][2], "it says what became of it"
        said = house.ask("[[pace:instant]][[say:Go on]]", told.read_text().strip())
        assert words(house.messages(said)[-1]) == "Go on"
    finally:
        house.close()
