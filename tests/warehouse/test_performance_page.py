"""The Performance page as Streamlit runs it, over a real warehouse: its address, its filters, empty, full, a few."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.access.access import Access
from core.performance import PerformanceService, Question
from data.analytics.performance_values import Filters, Grouping
from data.analytics.period import Period
from data.store import Store
from data.values.actor import Actor, Role, Surface
from data.values.money import TokenPrice
from data.values.tasks import Task
from data.warehouse.file import open_warehouse
from pages.figures.files import as_csv
from pages.figures.place import Unreadable
from pages.performance import files, for_, words
from pages.performance.address import Address, Measure, read, written
from tests.warehouse.books import NOW, Clock, book, some
from tests.warehouse.conftest import StartWriter
from tests.warehouse.seen import headings, opened, told
from tests.warehouse.traffic import NOTHING, Traffic, busy

ANALYST = Actor("analyst", frozenset({Role.ANALYST}))
PRICES = {
    "openai/gpt-4o": TokenPrice(Decimal("0.0000025"), Decimal("0.00001"), Decimal("0.00000125"), "list-2"),
    "z/other": TokenPrice(Decimal("0.000001"), Decimal("0.000001"), Decimal("0.000001"), "list-2"),
}
PARTS = [
    "By day", "By model", "Errors", "Fallbacks", "Cost of a useful answer", "Saved by caches",
    "What if it had gone to …",
]  # fmt: skip
OpenPage = Callable[..., AppTest]


def script(services: object, actor: object) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from types import SimpleNamespace
    from typing import Any, cast

    from pages import performance

    performance.render(cast("Any", SimpleNamespace(services=services, actor=actor)))


@pytest.fixture
def open_page(store: Store, start_writer: StartWriter, warehouse_path: Path, clock: Clock) -> OpenPage:
    """Opens the page over what was made up, at an address."""

    def at(made: Traffic | None = None, actor: Actor = ANALYST, **params: str) -> AppTest:
        if made is not None:
            con = open_warehouse(warehouse_path, NOW)
            made.write(con)
            con.close()
        service = PerformanceService(
            Access(store), start_writer(store), lambda _: PRICES, clock, lambda: {"t1": "=Red team"}
        )
        return opened(script, actor, at=params, performance=service)

    return at


def test_empty_says_what_will_appear(open_page: OpenPage) -> None:
    app = open_page()
    assert headings(app) == ["No calls in this period"]
    assert "with the first answers" in told(app)
    assert not app.get("plotly_chart")


def test_a_company_is_drawn_in_every_period_and_by_every_measure(open_page: OpenPage) -> None:
    app = open_page(busy(NOW))
    assert [each for each in headings(app) if each in PARTS] == PARTS
    assert len(app.get("plotly_chart")) == 3
    assert "before: " in told(app)
    for period in (Period.TODAY, Period.WEEK, Period.QUARTER):
        app.segmented_control(key="performance-period").set_value(period).run()
        assert not app.exception
        assert app.query_params["period"] == period.value
        assert ("By hour" in headings(app)) is (period is Period.TODAY)
    for measure in Measure:
        app.segmented_control(key="performance-measure").set_value(measure).run()
        assert not app.exception
        assert len(app.get("plotly_chart")) == 3
    app.segmented_control(key="performance-by").set_value(Grouping.PROVIDER).run()
    assert "By provider" in headings(app)
    assert app.query_params["by"] == "provider"
    shown = [code.value for code in app.code]
    assert any("FROM speed_daily" in code for code in shown)
    assert any("$provider = null (any)" in code for code in shown)


def test_a_shared_link_shows_the_same_view(open_page: OpenPage) -> None:
    made = busy(NOW)
    app = open_page(made, period="7d", model="openai/gpt-4o", surface="chat", by="provider", instead="z/other")
    assert "Only **openai/gpt-4o** · **The chat**" in told(app)
    assert app.selectbox(key="performance-model").value == "openai/gpt-4o"
    assert app.selectbox(key="performance-provider").value == "openai"
    assert app.selectbox(key="performance-what-if").value == "z/other"
    assert app.segmented_control(key="performance-period").value is Period.WEEK
    expected = [
        call
        for call in made.calls
        if call["model"] == "gpt-4o" and call["surface"] == "chat" and call["ts"] >= NOW - timedelta(days=6, hours=15.5)
    ]
    assert f"{len(expected)} calls since 17 November 2026" in told(app)
    assert any("$model = gpt-4o" in code.value for code in app.code)
    assert not app.info, "there is nothing to say about the link"


def test_filters_go_into_the_address_and_a_model_brings_its_provider(open_page: OpenPage) -> None:
    app = open_page(busy(NOW))
    app.selectbox(key="performance-model").set_value("openai/gpt-4o").run()
    assert (app.query_params["model"], app.query_params["provider"]) == ("openai/gpt-4o", "openai")
    app.selectbox(key="performance-task").set_value(Task.CODE).run()
    assert app.query_params["task"] == "code"
    app.selectbox(key="performance-provider").set_value("mistral").run()
    assert "model" not in app.query_params, "it is another provider's"
    assert app.query_params["provider"] == "mistral"
    app.selectbox(key="performance-what-if").set_value("z/other").run()
    assert app.query_params["instead"] == "z/other"
    assert "**z/other**: " in told(app)
    next(each for each in app.button if each.label == "Clear filters").click().run()
    assert dict(app.query_params) == {"instead": "z/other"}
    assert not app.exception


@pytest.mark.parametrize(
    "params",
    [{"period": "99d"}, {"model": "x"}, {"task": "dreams", "period": "7d"}, {"provider": "a/b"}, {"show": "\x00"},
     {"provider": "openai", "model": "mistral/large"}, {"surface": "x" * 3000}, {"instead": "/"}],
    ids=str,
)  # fmt: skip
def test_a_link_with_nonsense_shows_the_default_view_and_says_so(open_page: OpenPage, params: dict[str, str]) -> None:
    app = open_page(busy(NOW, days=40, a_day=20), **params)
    assert "This link says something that the page does not know" in app.info[0].value
    assert app.segmented_control(key="performance-period").value is Period.MONTH
    assert dict(app.query_params) == {}
    assert "By day" in headings(app)


def test_a_model_without_a_price_is_not_compared_with_and_the_rest_of_the_link_stands(open_page: OpenPage) -> None:
    app = open_page(busy(NOW), period="7d", instead="gone/model")
    assert "gone/model" in app.info[0].value.replace("\\", "")
    assert dict(app.query_params) == {"period": "7d"}


def test_a_team_is_chosen_by_its_name_and_few_are_not_offered(open_page: OpenPage) -> None:
    made = busy(NOW, days=20)
    teams = {f"person-{number}": team for number, team in enumerate(["t1"] * 5 + ["t2"] * 3 + ["few"])}
    for call in made.calls:
        call["team_id"] = teams.get(call["user_id"])
    app = open_page(made)
    box = app.selectbox(key="performance-team")
    assert box.options == ["=Red team", "A former team (t2)"], "few is not found by taking the others from all either"
    box.set_value("t1").run()
    assert app.query_params["team"] == "t1" and "Only **=Red team**" in told(app)
    assert app.get("plotly_chart") and not app.exception
    assert headings(open_page(team="few")) == ["Too few people to show anything"]


def test_filters_that_nothing_fits_can_be_cleared(open_page: OpenPage) -> None:
    app = open_page(busy(NOW), model="nobody/here")
    assert headings(app) == ["No calls fit these filters"]
    app.button[-1].click().run()
    assert "By day" in headings(app)


def test_a_few_peoples_calls_are_not_shown_and_ones_own_are(open_page: OpenPage) -> None:
    made = Traffic()
    for number in range(9):
        made.call("analyst" if number else "ann", NOW - timedelta(days=1))
    app = open_page(made)
    assert headings(app) == ["Too few people to show anything"]
    assert not app.dataframe and not app.get("plotly_chart")
    own = Traffic()
    own.call("other", NOW - timedelta(days=1, hours=1), "only/mine")
    app = open_page(own, actor=Actor("other", frozenset({Role.ADMIN})), model="only/mine")
    assert "1 call since" in told(app)


def test_sample_data_is_marked_and_hides_nobody(open_page: OpenPage) -> None:
    made = Traffic()
    for number in range(6):
        made.call(f"sample-{number}", NOW - timedelta(days=1))
    app = open_page(made)
    assert "All that is shown here was made up" in app.info[0].value
    assert app.dataframe
    one = Traffic()
    one.call("ann", NOW - timedelta(days=1, hours=1), event_id="real-1")
    app = open_page(one)
    assert headings(app) == ["Too few people to show anything"]
    more = Traffic()
    for number, user in enumerate(("bob", "eve")):
        more.call(user, NOW - timedelta(days=1), event_id=f"real-{user}-{number}")
    app = open_page(more)
    assert "Of the 9 calls counted here 6 were made up" in app.info[0].value


def test_errors_of_one_person_have_no_reason(open_page: OpenPage) -> None:
    made = Traffic()
    for user in "abcd":
        made.call(user, NOW - timedelta(hours=2))
    made.call("a", NOW - timedelta(hours=2), **NOTHING, error_kind="key_expired")
    app = open_page(made)
    assert "For what reasons is not shown" in told(app)
    assert "expired" not in told(app)


def test_a_damaged_warehouse_says_what_to_do(open_page: OpenPage, warehouse_path: Path) -> None:
    warehouse_path.write_bytes(b"garbage" * 2000)
    app = open_page()
    assert "damaged" in app.warning[0].value
    assert not app.subheader


def test_calls_that_could_not_be_moved_yet(
    store: Store, start_writer: StartWriter, warehouse_path: Path, clock: Clock
) -> None:
    con = open_warehouse(warehouse_path, NOW)
    busy(NOW, days=10).write(con)
    con.execute("DROP TABLE drained")
    con.close()
    service = PerformanceService(Access(store), start_writer(store), lambda _: PRICES, clock)
    book(store, some(3))
    services = SimpleNamespace(reports=SimpleNamespace(performance=service))
    app = AppTest.from_function(script, kwargs={"services": services, "actor": ANALYST}, default_timeout=60).run()
    assert "newest calls are missing" in app.warning[0].value
    assert "By day" in headings(app)


def test_the_page_is_there_for_those_who_see_everybodys_usage() -> None:
    assert [for_(Actor("a", frozenset({role}))) for role in (Role.MEMBER, Role.ANALYST, Role.ADMIN)] == [
        False, True, True,
    ]  # fmt: skip


def test_files_name_nobody_and_hold_no_formula(open_page: OpenPage, store: Store, start_writer: StartWriter,
                                               clock: Clock) -> None:  # fmt: skip
    made = busy(NOW)
    for user in "abc":
        made.call(user, NOW - timedelta(days=1), '=HYPERLINK("http://x")/@model')
    open_page(made)
    service = PerformanceService(Access(store), start_writer(store), lambda _: PRICES, clock)
    view = service.view(ANALYST, Question(what_if="z/other"))
    facts = view.facts
    assert facts.sums is not None and view.what_if is not None
    tables = [
        words.group_rows(facts.groups, Grouping.MODEL), files.bucket_rows(facts), words.error_rows(facts.errors, 9),
        words.fallback_rows(facts.fallbacks), files.useful_figures(facts.useful),
        files.cache_figures(facts.cached), files.instead_figures(view.what_if),
    ]  # fmt: skip
    for rows in tables:
        lines = list(csv.DictReader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
        assert len(lines) == len(rows) > 0
        cells = [cell for line in lines for cell in line.values()]
        assert not any("person-" in cell for cell in cells)
        assert not any(cell.startswith(("=", "@", "\t", "\r")) for cell in cells)
    assert any(row["Model"].startswith("=HYPER") for row in tables[0] if isinstance(row["Model"], str))
    assert as_csv([]).decode("utf-8-sig") == ""


_characters = st.characters(categories=["L", "N", "P", "S"], exclude_characters="/")
_name = st.text(_characters, min_size=1, max_size=40).filter(str.isprintable)
_NAMES = ("period", "provider", "model", "surface", "task", "team", "by", "show", "instead", "c")


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    provider = draw(_name)
    return Address(
        period=draw(st.sampled_from(Period)),
        provider=provider,
        model=draw(st.just("") | _name.map(lambda name: f"{provider}/{name}")),
        surface=draw(st.none() | st.sampled_from(Surface)),
        task=draw(st.none() | st.sampled_from(Task)),
        team=draw(st.just("") | _name),
        by=draw(st.sampled_from(Grouping)),
        measure=draw(st.sampled_from(Measure)),
        what_if=draw(st.just("") | _name.map(lambda name: f"{provider}/{name}/x")),
    )


@given(addresses())
def test_every_view_has_an_address_and_every_address_its_view(address: Address) -> None:
    assert read({name: [value] for name, value in written(address).items()}) == address
    name = address.model.removeprefix(f"{address.provider}/") or None
    assert address.question.filters == Filters(
        address.provider, name, address.surface, address.task, address.team or None
    )


@given(st.dictionaries(st.sampled_from(_NAMES), st.lists(st.text(max_size=300), max_size=3)))
def test_any_address_is_a_view_or_unreadable(params: dict[str, list[str]]) -> None:
    try:
        address = read(params)
    except Unreadable:
        return
    assert read({name: [value] for name, value in written(address).items()}) == address


def test_the_default_view_has_a_bare_address() -> None:
    assert written(Address()) == {}
    assert read({}) == read({"c": ["x"], "utm_source": ["mail"]}) == Address()
