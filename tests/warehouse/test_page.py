"""The Usage page as Streamlit runs it, over a real store and a real warehouse: empty, full, few, filtered, shared."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.access.access import Access
from core.budgets import BudgetService
from core.usage import UsageService
from data.analytics.period import Period
from data.analytics.usage_values import Dimension, Filters, Measure, Question
from data.store import Store
from data.values.actor import Actor, Role, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.budgets import BudgetOwner
from data.values.calls import CacheUse, CallOutcome, CallStatus
from data.values.money import Cost, CostBasis
from data.values.people import Team
from data.values.tasks import Task
from data.warehouse.file import open_warehouse
from data.warehouse.writer import WarehouseWriter
from pages.figures.files import as_csv
from pages.figures.place import Unreadable
from pages.usage import words
from pages.usage.address import Address, read, written
from tests.warehouse.books import NOW, Booked, Clock, book, some
from tests.warehouse.conftest import StartWriter
from tests.warehouse.seen import headings, told
from tests.warehouse.traffic import Traffic, busy

OWNER = Actor("ann", frozenset({Role.ADMIN}))
ANALYST = Actor("analyst", frozenset({Role.ANALYST}))
TOLD = AuditEvent(Action.TEAM_CHANGE, AuditOutcome.DONE, "root")
PARTS = ["By day", "By model", "What changed most", "This month"]
OpenPage = Callable[..., AppTest]


def script(services: object, actor: object, opened: list[str]) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from typing import cast

    from pages import usage

    usage.render(cast("Any", services), cast("Any", actor), open_chat=lambda: opened.append("chat"))


class Page:
    def __init__(self, store: Store, writer: WarehouseWriter, clock: Clock, actor: Actor = OWNER) -> None:
        self.opened: list[str] = []
        access = Access(store)
        self.usage = UsageService(access, writer, clock, store.teams.all)
        self.budgets = BudgetService(access, store, writer, clock)
        services = SimpleNamespace(reports=SimpleNamespace(usage=self.usage, budgets=self.budgets))
        kwargs = {"services": services, "actor": actor, "opened": self.opened}
        self.app = AppTest.from_function(script, kwargs=kwargs, default_timeout=60)

    def run(self, **params: str) -> AppTest:
        for name, value in params.items():
            self.app.query_params[name] = value
        self.app.run()
        assert not self.app.exception
        return self.app

    def tile(self, label: str) -> list[str]:
        """The number of a tile, and the lines about it."""
        captions = [caption.value for caption in self.app.caption]
        at = captions.index(label)
        labels = ("Calls", "Tokens", "Cost", "From the cache", "Active today", "Active in 7 days", "Active in 30 days")
        place = [each for each in captions if each in labels].index(label)
        value = [heading.value for heading in self.app.subheader][place]
        return [each.replace("\\", "") for each in (value, *captions[at + 1 : at + 3])]


@pytest.fixture
def page(store: Store, writer: WarehouseWriter, clock: Clock) -> Page:
    return Page(store, writer, clock)


@pytest.fixture
def open_page(store: Store, start_writer: StartWriter, warehouse_path: Path, clock: Clock) -> OpenPage:
    """Opens the page over what was made up, at an address."""

    def opened(made: Traffic, actor: Actor = ANALYST, **params: str) -> AppTest:
        con = open_warehouse(warehouse_path, NOW)
        made.write(con)
        con.close()
        return Page(store, start_writer(store), clock, actor).run(**params)

    return opened


def company() -> Traffic:
    made = busy(NOW, days=90, a_day=40)
    for call in made.calls:
        call["team_id"] = ("red", "blue", "gone")[int(call["user_id"].removeprefix("person-")) % 3]
    return made


def test_empty_says_what_to_do(page: Page) -> None:
    app = page.run()
    assert headings(app) == ["Nothing to count yet"]
    assert not app.get("plotly_chart")
    app.button[-1].click().run()
    assert page.opened == ["chat"]


def test_empty_today_but_not_before(store: Store, page: Page, clock: Clock) -> None:
    book(store, some(3))
    clock.forward(timedelta(days=2))
    app = page.run(period="today")
    assert headings(app) == ["No calls in this period"]
    assert "23 November 2026" in app.markdown[-1].value
    app.segmented_control(key="usage-period").set_value(Period.WEEK).run()
    assert page.tile("Calls")[0] == "3"
    assert "By day" in headings(app)


def test_ones_own_calls_are_shown_to_oneself(store: Store, page: Page) -> None:
    calls = some(200)
    book(store, calls)
    app = page.run(period="today")
    assert [each for each in headings(app) if each.startswith(("By", "What", "This", "Budgets"))] == [
        "By hour", "By model", "This month", "Budgets",
    ]  # fmt: skip
    failed = sum(call.outcome.error_kind is not None for call in calls)
    assert page.tile("Calls")[:2] == ["200", f"{failed} failed"]
    assert page.tile("Cost")[0].startswith("≈ $")
    assert page.tile("Tokens")[0].startswith("≈ ")
    models = app.dataframe[0].value
    assert models["Calls"].sum() == 200
    assert set(models[models["Model"] == "sandbox/scripted"]["Cost"]) == {"not priced"}
    shown = [code.value for code in app.code]
    assert any("usage_daily" in code for code in shown)
    assert any("$provider = null (any)" in code for code in shown)
    assert not app.warning


def test_only_unpriced_calls(store: Store, page: Page) -> None:
    book(store, [call for call in some(60) if call.intent.provider == "sandbox"])
    app = page.run(show="cost")
    assert page.tile("Cost")[:2] == ["–", "not priced"]
    assert "None of these calls has a price" in told(app)
    assert "This month" not in headings(app)


def test_a_member_sees_their_own_calls_and_their_budget(store: Store, writer: WarehouseWriter, clock: Clock) -> None:
    book(store, some(5, user_id="ann") + some(7, seed=2, user_id="bob"))
    store.users.ensure("bob", "Bob")
    page = Page(store, writer, clock, Actor("bob", frozenset({Role.MEMBER})))
    page.budgets.set(OWNER, BudgetOwner.USER, "bob", Decimal(50))
    app = page.run(by="team")
    assert page.tile("Calls")[0] == "7"
    assert "Your calls since" in app.caption[-1].value
    assert "of $50.00 this month" in told(app)
    assert "Active today" not in told(app)
    assert "Budgets" not in headings(app)
    assert Dimension.TEAM not in app.segmented_control(key="usage-by").options
    assert "By model" in headings(app), "a link to teams shows models"


def test_a_company_is_drawn_in_every_period_and_by_everything(open_page: OpenPage) -> None:
    app = open_page(company())
    assert [each for each in headings(app) if each in PARTS] == PARTS
    assert "against the 30 days before" in told(app)
    assert len(app.get("plotly_chart")) == 2
    for period in (Period.TODAY, Period.WEEK, Period.QUARTER):
        app.segmented_control(key="usage-period").set_value(period).run()
        assert not app.exception
        assert app.query_params["period"] == period.value
        assert ("By hour" in headings(app)) is (period is Period.TODAY)
    for measure in Measure:
        app.segmented_control(key="usage-measure").set_value(measure).run()
        assert not app.exception
    for by in Dimension:
        app.segmented_control(key="usage-by").set_value(by).run()
        assert not app.exception
        assert app.dataframe


def test_filters_go_into_the_address_and_a_chip_takes_one_off(open_page: OpenPage, store: Store) -> None:
    store.teams.add(Team("red", "Red team", NOW), TOLD)
    app = open_page(company())
    app.selectbox(key="usage-model").set_value("openai/gpt-4o").run()
    assert (app.query_params["model"], app.query_params["provider"]) == ("openai/gpt-4o", "openai")
    app.selectbox(key="usage-team").set_value("red").run()
    app.selectbox(key="usage-task").set_value(Task.CODE).run()
    assert [each.label.replace("\\", "") for each in app.button if (each.key or "").startswith("usage-chip")] == [
        "Team: Red team", "Model: openai/gpt-4o", "Task: Code",
    ]  # fmt: skip
    app.button(key="usage-chip-model").click().run()
    assert "model" not in app.query_params and app.query_params["provider"] == "openai"
    app.button(key="usage-chip-provider").click().run()
    app.button(key="usage-chip-task").click().run()
    assert dict(app.query_params) == {"team": "red"}
    assert not app.exception


def test_a_shared_link_shows_the_same_view(open_page: OpenPage) -> None:
    made = company()
    app = open_page(made, period="7d", team="gone", surface="chat", by="task", show="tokens")
    assert "Team: A team that is gone" in [each.label for each in app.button]
    assert app.segmented_control(key="usage-measure").value is Measure.TOKENS
    expected = [
        call
        for call in made.calls
        if call["team_id"] == "gone" and call["surface"] == "chat" and call["ts"] >= NOW - timedelta(days=6, hours=15.5)
    ]
    assert sum(app.dataframe[0].value["Calls"]) == len(expected)
    assert "Question" in set(app.dataframe[0].value["Task"])
    assert not app.info, "there is nothing to say about the link"


@pytest.mark.parametrize("params", [{"period": "1y"}, {"by": "person"}, {"model": "openai"}, {"task": "\x07"}])
def test_an_address_that_makes_no_sense_shows_the_default(open_page: OpenPage, params: dict[str, str]) -> None:
    app = open_page(busy(NOW, days=20, a_day=20), **params)
    assert "This link says something that the page does not know" in app.info[0].value
    assert dict(app.query_params) == {}


def test_filters_that_nothing_fits_can_be_cleared(open_page: OpenPage) -> None:
    app = open_page(busy(NOW, days=20, a_day=20), model="nobody/here")
    assert "No calls fit these filters" in headings(app)
    next(each for each in app.button if each.label == "Clear the filters").click().run()
    assert "By day" in headings(app)


def test_a_few_peoples_calls_are_not_shown(open_page: OpenPage) -> None:
    made = Traffic()
    for number in range(9):
        made.call("analyst" if number else "ann", NOW - timedelta(days=1))
    app = open_page(made)
    assert headings(app)[-1] == "Too few people to show anything"
    assert not app.dataframe and not app.get("plotly_chart")


def test_an_unusual_day_is_told_in_words(open_page: OpenPage) -> None:
    made = Traffic()
    for ago in range(80, 0, -1):
        for each in range(240 if ago == 3 else 40 if (NOW - timedelta(days=ago)).weekday() < 5 else 9):
            made.call(f"person-{each % 7}", NOW - timedelta(days=ago, seconds=each))
    app = open_page(made)
    assert "Friday 20 November: 240; " in told(app)
    assert "would have been usual" in told(app)


def test_a_damaged_warehouse(store: Store, warehouse_path: Path, start_writer: StartWriter, clock: Clock) -> None:
    warehouse_path.write_bytes(b"garbage" * 2000)
    app = Page(store, start_writer(store), clock).run()
    assert "damaged" in app.warning[0].value
    assert "warehouse rebuild" in app.warning[0].value
    assert not app.subheader


def test_calls_that_could_not_be_moved_yet(store: Store, page: Page, writer: WarehouseWriter) -> None:
    book(store, some(4))
    assert writer.flush(10)
    with writer.reader() as cursor:
        cursor.execute("DROP TABLE drained")
        cursor.commit()
    book(store, some(3, seed=2))
    assert not writer.flush(10)
    app = page.run()
    assert "newest calls are missing" in app.warning[0].value
    assert "Waiting in the database: 3" in app.warning[0].value
    assert page.tile("Calls")[0] == "4"


def test_what_the_cache_answered_has_a_tile_once_it_was_asked(page: Page, store: Store) -> None:
    book(store, some(3))
    assert "From the cache" not in [caption.value for caption in page.run().caption]
    (miss, hit) = some(2, seed=5)
    paid = Cost(Decimal("0.003"), CostBasis.PRICED)
    answered = CallOutcome(CallStatus.OK, 0.2, cost=Cost(Decimal(), CostBasis.PRICED), saved=paid.amount)
    book(store, [Booked(replace(miss.intent, cache=CacheUse.MISS), replace(answered, cost=paid, saved=None))])
    book(store, [Booked(replace(hit.intent, cache=CacheUse.HIT), answered)])
    page.run()
    assert page.tile("From the cache")[:2] == ["50%", "1 of 2 requests, $0.0030 saved"]


def test_files_hold_no_formula(open_page: OpenPage, store: Store, start_writer: StartWriter, clock: Clock) -> None:
    made = busy(NOW, days=20, a_day=20)
    for user in "abc":
        made.call(user, NOW - timedelta(days=1), '=HYPERLINK("http://x")/@model')
    open_page(made)
    service = UsageService(Access(store), start_writer(store), clock)
    view = service.page(ANALYST, Period.WEEK, Question())
    rows: list[list[dict[str, Any]]] = [
        words.group_figures(view.facts, Dimension.MODEL, view.teams), words.bucket_figures(view.facts),
        words.mover_figures(view.facts.movers, Dimension.MODEL, Measure.CALLS, "USD", view.teams),
    ]  # fmt: skip
    for each in rows:
        read_back = list(csv.DictReader(io.StringIO(as_csv(each).decode("utf-8-sig"))))
        assert len(read_back) == len(each) > 0
        cells = [cell for row in read_back for cell in row.values()]
        assert not any(cell.startswith(("=", "@", "+", "-", "\t", "\r")) for cell in cells)
        assert not any("person-" in cell for cell in cells)
    assert any(str(row["Model"]).startswith("=HYPER") for row in rows[0])


_name = st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters="/"), min_size=1, max_size=40
).filter(str.isprintable)  # fmt: skip
_NAMES = ("period", "team", "provider", "model", "modality", "surface", "task", "by", "show", "c")


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    provider = draw(_name)
    return Address(
        period=draw(st.sampled_from(Period)),
        team=draw(st.just("") | _name),
        provider=provider,
        model=draw(st.just("") | _name.map(lambda name: f"{provider}/{name}")),
        modality=draw(st.just("") | _name),
        surface=draw(st.none() | st.sampled_from(Surface)),
        task=draw(st.none() | st.sampled_from(Task)),
        by=draw(st.sampled_from(Dimension)),
        measure=draw(st.sampled_from(Measure)),
    )


@given(addresses())
def test_every_view_has_an_address_and_every_filter_comes_off(address: Address) -> None:
    assert read({name: [value] for name, value in written(address).items()}) == address
    assert isinstance(address.question.filters, Filters)
    for dimension, value in address.filters:
        assert dimension not in dict(address.without(dimension).filters)
        again = address.without(dimension).within(dimension, value)
        assert dict(again.filters)[dimension] == value
        assert again.by is not dimension or len(again.filters) == len(Dimension)


@given(st.dictionaries(st.sampled_from(_NAMES), st.lists(st.text(max_size=300), max_size=3)))
def test_any_address_is_a_view_or_unreadable(params: dict[str, list[str]]) -> None:
    try:
        address = read(params)
    except Unreadable:
        return
    assert read({name: [value] for name, value in written(address).items()}) == address
