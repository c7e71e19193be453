"""The page as Streamlit runs it, over a real store and a real warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core.access.access import Access
from core.usage import UsageService
from data.analytics.period import Period
from data.store import Store
from data.values.actor import Actor, Role
from data.values.calls import CacheUse, CallOutcome, CallStatus
from data.values.money import Cost, CostBasis
from data.warehouse.writer import WarehouseWriter
from tests.warehouse.books import Booked, Clock, book, some
from tests.warehouse.conftest import StartWriter

OWNER = Actor("ann", frozenset({Role.ADMIN}))


def script(services: object, actor: object, opened: list[str]) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from typing import Any, cast

    from pages import usage

    usage.render(cast("Any", services), cast("Any", actor), open_chat=lambda: opened.append("chat"))


class Page:
    def __init__(self, store: Store, writer: WarehouseWriter, clock: Clock, actor: Actor = OWNER) -> None:
        self.opened: list[str] = []
        services = SimpleNamespace(reports=SimpleNamespace(usage=UsageService(Access(store), writer, clock)))
        kwargs = {"services": services, "actor": actor, "opened": self.opened}
        self.app = AppTest.from_function(script, kwargs=kwargs, default_timeout=30)

    def run(self) -> AppTest:
        self.app.run()
        assert not self.app.exception
        return self.app

    def tiles(self) -> dict[str, tuple[str, str]]:
        """Label of each tile: its value and its note."""
        values = [heading.value for heading in self.app.subheader[:4]]
        labels = [caption.value for caption in self.app.caption]
        return {
            label: (value.replace("\\", ""), labels[labels.index(label) + 1])
            for label, value in zip(["Calls", "Tokens", "Cost", "First token"], values, strict=True)
        }


@pytest.fixture
def page(store: Store, writer: WarehouseWriter, clock: Clock) -> Page:
    return Page(store, writer, clock)


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


def test_empty_says_what_to_do(page: Page) -> None:
    app = page.run()
    assert headings(app) == ["Nothing to count yet"]
    assert not app.get("plotly_chart")
    app.button[0].click().run()
    assert page.opened == ["chat"]


def test_empty_today_but_not_before(store: Store, page: Page, clock: Clock) -> None:
    book(store, some(3))
    clock.forward(timedelta(days=2))
    app = page.run()
    assert headings(app) == ["No calls in this period"]
    assert "23 November 2026" in app.markdown[-1].value
    app.segmented_control[0].set_value(Period.WEEK).run()
    assert page.tiles()["Calls"][0] == "3"
    assert "Calls by day" in headings(app)


def test_full(store: Store, page: Page) -> None:
    calls = some(200)
    book(store, calls)
    app = page.run()
    assert headings(app)[4:] == ["Calls by hour", "Cost by model", "Speed", "Models"]
    assert len(app.get("plotly_chart")) == 3
    tiles = page.tiles()
    failed = sum(call.outcome.error_kind is not None for call in calls)
    assert tiles["Calls"] == ("200", f"{failed} failed")
    assert tiles["Cost"][0].startswith("≈ $")
    assert tiles["Tokens"][0].startswith("≈ ")
    models, recent = (frame.value for frame in app.dataframe)
    assert models["Calls"].sum() == 200
    assert set(models[models["Model"] == "sandbox/scripted"]["Cost"]) == {"not priced"}
    assert len(recent) == 20
    shown = [code.value for code in app.code]
    assert any("quantile_cont(ttft_ms, 0.5)" in code for code in shown)
    assert any("$user_id = null (everyone)" in code for code in shown)
    assert not app.warning


def test_only_unpriced_calls(store: Store, page: Page) -> None:
    book(store, [call for call in some(60) if call.intent.provider == "sandbox"])
    app = page.run()
    assert page.tiles()["Cost"] == ("–", "not priced")
    assert "Tokens by model" in headings(app)


def test_a_member_is_told_whose_calls_these_are(store: Store, writer: WarehouseWriter, clock: Clock) -> None:
    book(store, some(5, user_id="ann") + some(7, seed=2, user_id="bob"))
    page = Page(store, writer, clock, Actor("bob", frozenset({Role.MEMBER})))
    app = page.run()
    assert page.tiles()["Calls"][0] == "7"
    assert app.caption[-1].value.startswith("Your calls, as of")
    assert "Person" not in app.dataframe[1].value.columns


def test_a_damaged_warehouse(store: Store, warehouse_path: Path, start_writer: StartWriter, clock: Clock) -> None:
    warehouse_path.write_bytes(b"garbage" * 2000)
    page = Page(store, start_writer(store), clock)
    app = page.run()
    assert "damaged" in app.warning[0].value
    assert "warehouse rebuild" in app.warning[0].value
    assert not app.subheader


def test_calls_that_could_not_be_moved_yet(store: Store, page: Page, writer: WarehouseWriter) -> None:
    book(store, some(4))
    assert writer.flush(10)
    with writer.reader() as cursor:
        cursor.execute("DROP TABLE drained")
    book(store, some(3, seed=2))
    assert not writer.flush(10)
    app = page.run()
    assert "newest calls are missing" in app.warning[0].value
    assert "Waiting in the database: 3" in app.warning[0].value
    assert page.tiles()["Calls"][0] == "4"


def test_what_the_cache_answered_has_a_tile_once_it_was_asked(page: Page, store: Store) -> None:
    book(store, some(3))
    assert "From the cache" not in [caption.value for caption in page.run().caption]
    (miss, hit) = some(2, seed=5)
    paid = Cost(Decimal("0.003"), CostBasis.PRICED)
    answered = CallOutcome(CallStatus.OK, 0.2, cost=Cost(Decimal(), CostBasis.PRICED), saved=paid.amount)
    book(store, [Booked(replace(miss.intent, cache=CacheUse.MISS), replace(answered, cost=paid, saved=None))])
    book(store, [Booked(replace(hit.intent, cache=CacheUse.HIT), answered)])
    captions = [caption.value for caption in page.run().caption]
    assert captions[captions.index("From the cache") + 1].replace("\\", "") == "1 of 2 answers, $0.0030 saved"
    assert "50%" in [heading.value for heading in page.app.subheader]
    assert "from the cache" in list(page.app.dataframe[1].value["Ended"])
