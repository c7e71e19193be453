"""Rounds of tools that end otherwise: for what they cost, or with another model. Over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.providers.catalog import Catalogue
from core.registry.described import described
from core.tools.checked import load
from core.tools.toolbox import Toolbox
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.events import RoundBegun
from data.values.messages import MessageStatus
from data.values.parts import ErrorPart, NoticePart, ToolCallPart
from data.values.tool_calls import ToolState
from tests.chat.house import ChatHouse, words
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.chat.tools import Bench
from tests.gateway.scripted import scripted
from tests.people import ALICE

load()

CALLS = "[[pace:instant]]" + "".join(f"[[next:echo {json.dumps({'text': str(step)})}]]" for step in range(5))


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def house(tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue, bench: Bench) -> Iterator[ChatHouse]:
    toolbox = Toolbox(bench.tools, steps=4, budget=Decimal("0.2"))
    built = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=toolbox)
    yield built
    built.close()


def price(house: ChatHouse) -> None:
    """A cent for each token of the sandbox."""
    priced = described(
        provider="sandbox", name="scripted", input_per_million=Decimal(10_000), output_per_million=Decimal(10_000),
        described_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    told = AuditEvent.by(ALICE, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="model:sandbox/scripted")
    kept = priced.model_dump(mode="json", exclude_none=True)
    house.store.model_overrides.save(priced.id, enabled=True, described=kept, event=told)


def test_an_answer_that_cost_its_budget_gets_no_more_tools(house: ChatHouse, bench: Bench) -> None:
    price(house)
    turn = house.ask(CALLS)
    stored = house.messages(turn)[-1]
    (round_begun, *_) = [event for batch in turn.follow() for event in batch if isinstance(event, RoundBegun)]
    assert (round_begun.step, round_begun.steps, round_begun.budget) == (2, 4, Decimal("0.2"))
    assert round_begun.spent > 0
    assert len(bench.ran) == 2
    notice = stored.parts[-1]
    assert isinstance(notice, NoticePart)
    assert "$0.25 of the $0.20 that tools may lead to" in notice.text
    assert words(stored)


def test_what_has_no_price_spends_nothing_of_it(house: ChatHouse, bench: Bench) -> None:
    house.ask(CALLS)
    assert len(bench.ran) == 4


def test_a_person_s_spending_limit_holds_between_rounds(
    tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue, bench: Bench
) -> None:
    toolbox = Toolbox(bench.tools)
    house = ChatHouse(tmp_path, sandbox.base_url, catalogue, toolbox=toolbox, spend_per_person=Decimal("0.2"))
    try:
        price(house)
        stored = house.messages(house.ask(CALLS))[-1]
        assert len(bench.ran) == 2, "the second call made it too much"
        assert stored.status is MessageStatus.FAILED
        assert [part.state for part in stored.parts if isinstance(part, ToolCallPart)] == [ToolState.DONE] * 2
        (error,) = [part for part in stored.parts if isinstance(part, ErrorPart)]
        assert "a day" in f"{error.message} {error.remedy}"
        assert house.calls() == ["ok", "ok"]
    finally:
        house.close()


def test_a_fallback_answers_a_later_round_with_what_the_tools_gave(tmp_path: Path, catalogue: Catalogue) -> None:
    bench = Bench()
    call = '<tool_call>{"name": "echo", "arguments": {"text": "hello"}}</tool_call>'
    with scripted([call, "401"], ["from spare"]) as scripts:
        house = ChatHouse(tmp_path, "http://127.0.0.1:1/v1", catalogue, toolbox=Toolbox(bench.tools))
        try:
            for label, script in zip(("main", "spare"), scripts, strict=True):
                house.keys.add_server(ALICE, label=label, base_url=script.base_url, key=None)
            house.preferences.save(ALICE, fallbacks=["spare/scripted"])
            stored = house.messages(house.ask("hello", model="main/scripted"))[-1]
            assert stored.status is MessageStatus.COMPLETE
            assert words(stored).strip() == "from spare"
            assert [part.state for part in stored.parts if isinstance(part, ToolCallPart)] == [ToolState.DONE]
            assert any(isinstance(part, NoticePart) and "spare/scripted" in part.text for part in stored.parts)
            assert house.rows("SELECT provider, status FROM calls ORDER BY rowid") == [
                ("main", "ok"),
                ("main", "failed"),
                ("spare", "ok"),
            ]
        finally:
            house.close()
