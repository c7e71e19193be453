"""Calls that wait for the person, over real HTTP: natively, and told of them in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.chat.attachments import Attachment
from core.chat.live import LiveTurn
from core.errors import GearboxError, NotFound
from core.providers.catalog import Catalogue
from core.tools.checked import load
from core.tools.tool import Tool
from core.tools.toolbox import Toolbox
from data.values.actor import Actor
from data.values.audit import Action, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.events import ApprovalAsked, TurnEnded
from data.values.messages import Message, MessageStatus
from data.values.parts import ToolCallPart, ToolResultPart, text_of
from data.values.tool_calls import Approval, Effect, ToolRule, ToolState
from tests.chat.house import ChatHouse, ended
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.chat.tools import Bench
from tests.people import ALICE, BOB

load()

FAST = "[[pace:instant]]"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def rules() -> dict[str, ToolRule]:
    return {}


@pytest.fixture
def house(
    tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue, bench: Bench, rules: dict[str, ToolRule]
) -> Iterator[ChatHouse]:
    built = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=_toolbox(bench, rules))
    yield built
    built.close()


def _toolbox(bench: Bench, rules: Mapping[str, ToolRule], patience: float = 60.0) -> Toolbox:
    def ruled(actor: Actor) -> list[Tool]:
        return [replace(tool, rule=rules.get(tool.name)) for tool in bench.tools(actor)]

    return Toolbox(ruled, steps=6, patience=patience)


@pytest.fixture(params=["sandbox/scripted", "sandbox/scripted-no-tools"], ids=["native", "prompted"])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def call(text: str = "hello", tool: str = "post", order: str = "call") -> str:
    return f"[[{order}:{tool} {json.dumps({'text': text})}]]"


def asked(turn: LiveTurn, number: int) -> list[ApprovalAsked]:
    """The questions so far, once there are `number` of them."""
    for batch in turn.follow(patience=0.05):
        del batch
        found = [event for event in _events(turn) if isinstance(event, ApprovalAsked)]
        if len(found) >= number:
            return found
        assert not turn.ended, "it ended without asking"
    raise AssertionError("follow() ends with the turn")


def _events(turn: LiveTurn) -> list[object]:
    return list(next(iter(turn.follow(patience=0.0))))


def steps(message: Message) -> list[tuple[str, ToolState, str]]:
    results = {part.call_id: part for part in message.parts if isinstance(part, ToolResultPart)}
    return [
        (part.name, part.state, text_of(results[part.id].parts))
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]


def told(house: ChatHouse) -> list[tuple[str, str, AuditOutcome]]:
    """What the audit log says of calls: the tool, by whose word, and whether it ran; the oldest first."""
    page = house.store.audit.search(AuditFilter(actions=(Action.TOOL_APPROVE,)), limit=50)
    records = [each.record for each in reversed(page.entries)]
    assert "hello" not in str(records), "arguments may hold anything"
    return [(each.target, json.loads(each.body)["details"]["by"], AuditOutcome(each.outcome)) for each in records]


def decide(house: ChatHouse, turn: LiveTurn, approval: Approval, number: int = 1) -> None:
    """Answer the question of this number."""
    question = asked(turn, number)[number - 1]
    house.chat.decide(ALICE, turn.begun.conversation_id, question.call_id, approval)


def test_a_call_that_goes_out_runs_once_the_person_allows_it(house: ChatHouse, bench: Bench, model: str) -> None:
    turn = house.send(f"{FAST}{call()}", model=model)
    (question,) = asked(turn, 1)
    assert (question.effect, question.again) == (Effect.GOES_OUT, False)
    assert [part.state for part in turn.parts() if isinstance(part, ToolCallPart)] == [ToolState.WAITING]
    assert bench.ran == []
    assert house.chat.waiting(ALICE) == {turn.begun.conversation_id}
    assert house.chat.waiting(BOB) == frozenset()
    decide(house, turn, Approval.ONCE)
    assert house.chat.waiting(ALICE) == frozenset()
    stored = house.messages(ended(turn))[-1]
    assert steps(stored) == [("post", ToolState.DONE, "echo of hello")]
    assert stored.status is MessageStatus.COMPLETE
    assert told(house) == [("tool:post", "once", AuditOutcome.DONE)]
    assert house.chat.consents(ALICE, turn.begun.conversation_id) == []


@pytest.mark.parametrize("approval", [Approval.NOT_NOW, Approval.NEVER])
def test_a_call_that_is_denied_is_not_run_and_the_model_answers_without(
    house: ChatHouse, bench: Bench, model: str, approval: Approval
) -> None:
    turn = house.send(f"{FAST}{call(tool='erase')}", model=model)
    decide(house, turn, approval)
    stored = house.messages(ended(turn))[-1]
    ((_, state, said),) = steps(stored)
    assert state is ToolState.DENIED
    assert "was not run" in said
    assert f"The tool answered: {said}" in text_of(stored.parts)
    assert stored.status is MessageStatus.COMPLETE
    assert bench.ran == []
    assert told(house) == [("tool:erase", approval.value, AuditOutcome.REFUSED)]


def test_always_holds_in_this_chat_and_in_no_other(house: ChatHouse, bench: Bench) -> None:
    turn = house.send(f"{FAST}{call('a')}{call('b')}{call('c', order='next')}")
    asked(turn, 2)
    decide(house, turn, Approval.ALWAYS)  # of the tool: the other one that waits runs, too
    ended(turn)
    assert sorted(str(arguments["text"]) for _, arguments in bench.ran) == ["a", "b", "c"]
    here = turn.begun.conversation_id
    house.ask(FAST + call("d"), here)
    assert len(bench.ran) == 4
    assert [by for _, by, _ in told(house)] == ["always"] * 4
    elsewhere = house.send(FAST + call("e"))
    decide(house, elsewhere, Approval.NOT_NOW)
    ended(elsewhere)
    assert len(bench.ran) == 4


def test_what_was_said_for_the_chat_can_be_taken_back(house: ChatHouse, bench: Bench) -> None:
    turn = house.send(FAST + call("a"))
    decide(house, turn, Approval.NEVER)
    here = ended(turn).begun.conversation_id
    stored = house.messages(house.ask(FAST + call("b"), here))[-1]
    assert [state for _, state, _ in steps(stored)] == [ToolState.DENIED]
    assert [(each.tool, each.approval) for each in house.chat.consents(ALICE, here)] == [("post", Approval.NEVER)]
    house.chat.withdraw(ALICE, here, "post")
    assert house.chat.consents(ALICE, here) == []
    again = house.send(FAST + call("c"), here)
    decide(house, again, Approval.ONCE)
    ended(again)
    assert [arguments["text"] for _, arguments in bench.ran] == ["c"]
    assert [by for _, by, _ in told(house)] == ["never", "never", "withdrawn", "once"]


def test_after_others_words_came_in_it_asks_again(house: ChatHouse, bench: Bench, model: str) -> None:
    wish = f"{FAST}{call('a')}{call('b', order='next')}{call('p', 'page', 'next')}{call('c', order='next')}"
    turn = house.send(wish + call("d", order="next"), model=model)
    decide(house, turn, Approval.ALWAYS)
    questions = asked(turn, 2)
    assert [each.again for each in questions] == [False, True]
    assert [arguments["text"] for _, arguments in bench.ran] == ["a", "b", "p"]
    decide(house, turn, Approval.ALWAYS, 2)  # knowing what came in: it holds until more does
    ended(turn)
    assert [arguments["text"] for _, arguments in bench.ran] == ["a", "b", "p", "c", "d"]
    here = turn.begun.conversation_id
    house.ask(FAST + call("e"), here)
    with_file = house.chat.send(ALICE, here, FAST + call("f"), house.choice(), files=[Attachment("a.txt", b"Obey!")])
    (question,) = asked(with_file, 1)
    assert question.again
    decide(house, with_file, Approval.NOT_NOW)
    ended(with_file)
    assert [arguments["text"] for _, arguments in bench.ran][5:] == ["e"]


def test_an_admins_word_holds_until_others_words_come_in(
    house: ChatHouse, bench: Bench, rules: dict[str, ToolRule]
) -> None:
    rules.update(post=ToolRule.ALLOW, erase=ToolRule.NEVER, echo=ToolRule.ASK)
    turn = house.ask(f"{FAST}{call('a')}{call('b', tool='erase')}")
    assert [(name, state) for name, state, _ in steps(house.messages(turn)[-1])] == [
        ("post", ToolState.DONE),
        ("erase", ToolState.FAILED),  # it is not there for this person
    ]
    assert told(house) == [("tool:post", "admin", AuditOutcome.DONE)]
    second = house.send(f"{FAST}{call('p', 'page')}{call('c', order='next')}")
    (question,) = asked(second, 1)
    assert question.again
    decide(house, second, Approval.NOT_NOW)
    ended(second)
    third = house.send(FAST + call("d", "echo"))
    (question,) = asked(third, 1)
    assert question.effect is Effect.NONE
    decide(house, third, Approval.ONCE)
    ended(third)
    assert [name for name, _ in bench.ran] == ["post", "page", "echo"]


def test_nobody_answers_and_the_model_goes_on_without(
    tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue, bench: Bench
) -> None:
    house = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=_toolbox(bench, {}, patience=0.05))
    try:
        stored = house.messages(house.ask(FAST + call()))[-1]
        ((_, state, said),) = steps(stored)
        assert state is ToolState.DENIED
        assert "said nothing" in said
        assert bench.ran == []
        assert told(house) == [("tool:post", "nobody", AuditOutcome.REFUSED)]
    finally:
        house.close()


def test_the_same_call_is_not_asked_twice_in_one_answer(house: ChatHouse, bench: Bench) -> None:
    turn = house.send(f"{FAST}{call('a')}{call('a', order='next')}")
    decide(house, turn, Approval.NOT_NOW)
    stored = house.messages(ended(turn))[-1]
    assert [state for _, state, _ in steps(stored)] == [ToolState.DENIED, ToolState.DENIED]
    assert len(told(house)) == 1
    assert bench.ran == []


def test_stop_while_a_call_waits_ends_the_answer(house: ChatHouse, bench: Bench) -> None:
    turn = house.send(f"{FAST}[[say:One moment]]{call()}")
    asked(turn, 1)
    turn.stop()
    ended(turn)
    stored = house.messages(turn)[-1]
    assert stored.status is MessageStatus.STOPPED
    assert steps(stored) == [("post", ToolState.FAILED, "Stopped before it was done.")]
    assert bench.ran == [] and told(house) == []


def test_a_new_message_ends_what_waits(house: ChatHouse, bench: Bench) -> None:
    turn = house.send(FAST + call())
    asked(turn, 1)
    second = house.ask(f"{FAST}[[say:Never mind]]", turn.begun.conversation_id)
    stored = house.messages(second)
    assert [message.status for message in stored[1::2]] == [MessageStatus.STOPPED, MessageStatus.COMPLETE]
    assert text_of(stored[-1].parts) == "Never mind"
    assert bench.ran == [] and told(house) == []


def test_only_the_person_whose_answer_it_is_can_say_so_and_only_while_it_waits(house: ChatHouse, bench: Bench) -> None:
    turn = house.send(FAST + call())
    (question,) = asked(turn, 1)
    here = turn.begun.conversation_id
    with pytest.raises(NotFound):
        house.chat.decide(BOB, here, question.call_id, Approval.ONCE)
    with pytest.raises(GearboxError, match="waits no longer"):
        house.chat.decide(ALICE, here, "call_of_nobody", Approval.ONCE)
    assert bench.ran == []
    decide(house, turn, Approval.ONCE)
    ended(turn)
    with pytest.raises(GearboxError, match="waits no longer"):
        house.chat.decide(ALICE, here, question.call_id, Approval.ONCE)
    for foreign in (house.chat.consents, lambda a, c: house.chat.withdraw(a, c, "post")):
        with pytest.raises(NotFound):
            foreign(BOB, here)
    assert isinstance(_events(turn)[-1], TurnEnded)
