"""What an answer with tools may cost, over real HTTP."""

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
from data.values.parts import NoticePart
from tests.chat.house import ChatHouse, words
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.chat.tools import Bench
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


def test_an_answer_that_cost_its_budget_gets_no_more_tools(house: ChatHouse, bench: Bench) -> None:
    priced = described(
        provider="sandbox", name="scripted", input_per_million=Decimal(10_000), output_per_million=Decimal(10_000),
        described_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    told = AuditEvent.by(ALICE, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="model:sandbox/scripted")
    kept = priced.model_dump(mode="json", exclude_none=True)
    house.store.model_overrides.save(priced.id, enabled=True, described=kept, event=told)
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
