"""A fifth of all calls fail, in every way the sandbox knows: answers are whole all the same, and the books true.

Both the chosen model and its fallback fail. In the middle the chosen one is down altogether for a while. The short form
runs with the other tests; `-m campaign` runs 2,000 turns.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.chat.live import LiveTurn
from core.providers.catalog import Catalogue
from core.providers.circuits import Circuits
from core.providers.reply import Timeouts
from core.registry.described import described
from data.analytics.by_day import days_of
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.events import AnotherTry, TextDelta, TookOver
from data.values.messages import MessageStatus
from data.values.parts import NoticePart
from data.warehouse.writer import WarehouseWriter
from tests.chat.faulty_sandbox import FaultySandbox, faulty_sandbox
from tests.chat.house import ChatHouse, words
from tests.people import ALICE

IN_PARALLEL = 8
FASTER = 10.0
"""Pauses and rests are shorter by this factor."""


def price(house: ChatHouse, provider: str) -> None:
    """With digits that binary fractions don't have."""
    priced = described(
        provider=provider, name="scripted", input_per_million=Decimal("0.37"), output_per_million=Decimal("1.13"),
        described_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    told = AuditEvent.by(ALICE, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target=f"model:{priced.id}")
    kept = priced.model_dump(mode="json", exclude_none=True)
    house.store.model_overrides.save(priced.id, enabled=True, described=kept, event=told)


@dataclass
class Tally:
    """What became of the turns."""

    whole: int = 0
    failed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    by_fallback: int = 0
    anew: int = 0
    opened: int = 0


class Campaign:
    def __init__(self, house: ChatHouse, circuits: Circuits, main: FaultySandbox, spare: FaultySandbox) -> None:
        self.house = house
        self.circuits = circuits
        self.main = main
        self.spare = spare
        self.tally = Tally()
        for label, sandbox in (("main", main), ("spare", spare)):
            house.keys.add_server(ALICE, label=label, base_url=sandbox.base_url, key=None)
            price(house, label)
        house.preferences.save(ALICE, fallbacks=["spare/scripted"])
        preferences = house.preferences.load(ALICE)
        choice = house.chat.choice(ALICE, preferences, picked="main/scripted", history=[])
        assert choice is not None and choice.model.id == "main/scripted"
        self.choice = choice

    def turns(self, numbers: range) -> None:
        with ThreadPoolExecutor(IN_PARALLEL) as pool:
            list(pool.map(self.turn, numbers))

    def turn(self, number: int) -> None:
        """One turn, whose text no other has."""
        said = " ".join(f"t{number}w{place}" for place in range(12 + number % 30))
        turn = self.house.chat.send(ALICE, None, f"[[pace:instant]][[say:{said}]]", self.choice)
        assert turn.wait_ended(60), "the turn does not end"
        reply = self.house.messages(turn)[1]
        text = words(reply)
        if reply.status is MessageStatus.COMPLETE and text == said:
            self.tally.whole += 1
        elif reply.status is MessageStatus.FAILED and said.startswith(text):
            self.tally.failed.append(f"{number}: {reply.parts}")
        else:
            self.tally.wrong.append(f"{number}: {reply.status} {text!r}")
        if seen(turn) != text:
            self.tally.wrong.append(f"{number}: a viewer saw {seen(turn)!r}")
        notices = [part.text for part in reply.parts if isinstance(part, NoticePart)]
        fell_back = reply.details is not None and reply.details.provider == "spare"
        said_so = any("answered, because" in notice for notice in notices)
        if reply.status is MessageStatus.COMPLETE and fell_back != said_so:
            self.tally.wrong.append(f"{number}: answered by {reply.details}, and said {notices}")
        self.tally.by_fallback += fell_back
        self.tally.anew += any("begun anew" in notice for notice in notices)
        self.tally.opened = max(self.tally.opened, len(self.circuits.states()))

    def check_books(self) -> None:
        """Every call that a server got is in the books once, with an end; no more are."""
        assert not self.tally.wrong
        rows = self.house.rows("SELECT provider, status, error_kind FROM calls")
        asked = Counter(row[0] for row in rows)
        assert asked == {"main": self.main.calls, "spare": self.spare.calls}
        assert {row[1] for row in rows} == {"ok", "failed"}
        ((events, different),) = self.house.rows(
            "SELECT count(*), count(DISTINCT json_extract(payload, '$.event_id')) FROM outbox"
        )
        assert events == different == len(rows)
        ((unpriced_or_counted,),) = self.house.rows(
            "SELECT count(*) FROM calls WHERE status = 'ok' AND (input_tokens IS NULL OR input_tokens < 0)"
        )
        assert unpriced_or_counted == 0
        self.check_costs()
        ((estimated,),) = self.house.rows("SELECT count(*) FROM calls WHERE status = 'ok' AND tokens_estimated")
        assert estimated > 0, "wrong counts are not taken for true ones"

    def check_costs(self) -> None:
        """The warehouse's costs are the gateway's to the last digit: by row, by sums of days, by model."""
        booked: dict[str, Decimal] = {}
        for provider, amount in self.house.rows(
            "SELECT provider, cost_amount FROM calls WHERE cost_amount IS NOT NULL"
        ):
            booked[provider] = booked.get(provider, Decimal()) + Decimal(amount or 0)
        assert set(booked) == {"main", "spare"} and all(booked.values())
        moment = [datetime.now(UTC)]
        path = self.house.path.with_name("warehouse.duckdb")
        writer = WarehouseWriter(path, self.house.store.outbox, lambda: moment[0])
        writer.start()
        try:
            for later in range(2):  # as rows of today, and as sums of a day that is over
                moment[0] += timedelta(days=2 * later)
                assert writer.flush(120)
                with writer.reader() as cursor:
                    days = days_of(cursor, moment[0].date() - timedelta(days=4), moment[0].date(), writer.zone)
                    assert bool(days.dirty) is not bool(later)
                    for source in ("model_calls", days.usage):
                        sums = cursor.execute(
                            f"SELECT provider, sum(cost_amount) FROM {source} WHERE cost_amount > 0 GROUP BY provider"
                        ).fetchall()
                        assert dict(sums) == booked
        finally:
            writer.close()


def seen(turn: LiveTurn) -> str:
    """What a viewer who followed from the beginning ends up with."""
    text = ""
    for batch in turn.follow():
        for event in batch:
            match event:
                case TookOver():
                    text = ""
                case TextDelta(piece):
                    text += piece
                case AnotherTry() if not event.anew:
                    assert not text, "what is on the page is never silently replaced"
    return text


@pytest.fixture
def campaign(tmp_path: Path, catalogue: Catalogue) -> Iterator[Campaign]:
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / FASTER)

    circuits = Circuits(lambda: time.monotonic() * FASTER, random.Random(3))
    with contextlib.ExitStack() as stack:
        main, spare = (stack.enter_context(faulty_sandbox(seed, 0.2)) for seed in (1, 2))
        timeouts = Timeouts(connect=5, first=2.5, between=2.5, finish=0.5, total=30)  # a busy machine is not a stall
        house = ChatHouse(
            tmp_path, "http://127.0.0.1:1/v1", catalogue, timeouts=timeouts, circuits=circuits, sleep=sleep
        )
        stack.callback(house.close)
        yield Campaign(house, circuits, main, spare)


def run(campaign: Campaign, count: int) -> None:
    part = count // 4
    campaign.turns(range(part))
    campaign.main.down = True
    campaign.turns(range(part, part + max(part // 4, 10)))
    assert campaign.circuits.states(), "the circuit is open"
    campaign.main.down = False
    before = campaign.main.calls
    campaign.turns(range(part + max(part // 4, 10), count))
    assert campaign.main.calls > before, "the circuit closed again"


def test_a_fifth_of_the_calls_fail_and_the_answers_are_whole(campaign: Campaign) -> None:
    run(campaign, 160)
    campaign.check_books()
    assert campaign.tally.whole >= 159, campaign.tally.failed


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_two_thousand_turns(campaign: Campaign) -> None:
    began = time.monotonic()
    run(campaign, 2_000)
    campaign.check_books()
    tally = campaign.tally
    faults = campaign.main.faults + campaign.spare.faults
    sys.stderr.write(
        f"\n{tally.whole} of 2000 whole, {len(tally.failed)} failed; {tally.by_fallback} by the fallback, "
        f"{tally.anew} begun anew; {campaign.main.calls + campaign.spare.calls} calls with the faults {dict(faults)}; "
        f"{time.monotonic() - began:.0f} s\n"
    )
    assert tally.whole >= 1_998, tally.failed
