"""The Explore page as Streamlit runs it, over a real warehouse: picking, SQL, saved questions, and its address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from data.analytics.period import Period
from data.analytics.picking import TOPICS, Picked, Subject
from data.values.actor import Actor, Role
from data.values.saved_queries import QueryKind
from pages.explore import charts, examples, for_
from pages.explore.address import Address, Shape, Tab, as_text, from_text, read, written
from pages.figures.place import Unreadable
from tests.explore.conftest import ADMIN, ANALYST, MEMBER, Place

OpenPage = Callable[..., AppTest]


def script(services: object, actor: object) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from types import SimpleNamespace
    from typing import Any, cast

    from pages import explore

    explore.render(cast("Any", SimpleNamespace(services=services, actor=actor)))


@pytest.fixture
def open_page(company: Place) -> OpenPage:
    def opened(actor: Actor = ANALYST, **params: str | list[str]) -> AppTest:
        services = SimpleNamespace(reports=SimpleNamespace(explore=company.service, questions=company.saved))
        app = AppTest.from_function(script, kwargs={"services": services, "actor": actor}, default_timeout=60)
        for name, value in params.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return opened


def told(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.subheader, *app.success]
    return " ".join(each.value for each in elements).replace("\\", "")


def button(app: AppTest, label: str) -> None:
    next(each for each in app.button if each.label == label).click()
    app.run()
    assert not app.exception


def test_members_have_no_such_page() -> None:
    assert [for_(actor) for actor in (MEMBER, ANALYST, ADMIN)] == [False, True, True]


def test_an_example_is_one_click_and_stands_in_the_address(open_page: OpenPage) -> None:
    app = open_page()
    assert "Ask something" in told(app)
    assert not app.get("plotly_chart")
    button(app, examples.PICKED[0][0])
    assert app.query_params["count"] == ["cost_usd", "calls"] or list(app.query_params["count"]) == [
        "cost_usd",
        "calls",
    ]
    assert len(app.get("plotly_chart")) == 1
    assert "the warehouse as of" in told(app)
    assert any("sum(cost_usd)" in code.value for code in app.code), "how it was computed"
    assert len(app.get("download_button")) == 3


def test_what_is_picked_goes_into_the_address_and_comes_from_it(open_page: OpenPage) -> None:
    app = open_page(about="calls", count=["calls", "people"], by=["day"], period="7d", only=["provider:openai"])
    assert app.multiselect(key="explore-measures").value == ["calls", "people"]
    assert app.segmented_control(key="explore-period").value is Period.WEEK
    assert "Provider: **openai**" in told(app)
    app.multiselect(key="explore-dimensions").set_value(["provider", "task"]).run()
    assert list(app.query_params["by"]) == ["provider", "task"]
    assert not app.exception
    app.segmented_control(key="explore-shape").set_value(Shape.TABLE).run()
    assert app.query_params["as"] in ("table", ["table"])
    assert set(app.dataframe[0].value.iloc[:, 0]) == {"openai"}
    app.selectbox(key="explore-filter").set_value("task").run()
    app.multiselect(key="explore-only-task").set_value(["code"]).run()
    assert sorted(app.query_params["only"]) == ["provider:openai", "task:code"]
    assert set(app.dataframe[0].value.iloc[:, 1]) == {"code"}
    app.selectbox(key="explore-subject").set_value(Subject.FEEDBACK).run()
    assert not app.exception
    assert app.multiselect(key="explore-measures").value == ["signals"]
    assert app.multiselect(key="explore-dimensions").value == ["task"], "what both have stays"
    app.multiselect(key="explore-measures").set_value([]).run()
    assert "Pick at least one number" in told(app)


def test_sql_is_run_when_it_is_told_to_and_errors_say_what_to_do(open_page: OpenPage, company: Place) -> None:
    app = open_page(tab="sql")
    assert "Begin with an example" in told(app)
    labels = [each.label for each in app.expander]
    assert labels == ["model_calls", "tool_calls", "routing_decisions", "routing_feedback", "sign_ins",
                      "flag_exposures", "teams"]  # fmt: skip
    app.text_area(key="explore-sql").set_value("SELECT count(*) AS n FROM model_calls")
    app.button(key="explore-run").click().run()
    assert app.dataframe[0].value["n"].to_list() == [len(company.made.calls)]
    app.text_area(key="explore-sql").set_value("SELECT nothing FROM model_calls")
    app.button(key="explore-run").click().run()
    assert "There is no column “nothing”" in told(app)
    assert app.text_area(key="explore-sql").value == "SELECT nothing FROM model_calls", "it stays to be mended"
    app.text_area(key="explore-sql").set_value("DELETE FROM teams")
    app.button(key="explore-run").click().run()
    assert "DELETE is not run here" in told(app)
    again = open_page(tab="sql")
    assert again.text_area(key="explore-sql").value == "DELETE FROM teams", "a reload loses nothing that was written"
    button(again, "Discard what was not saved")
    assert not again.text_area(key="explore-sql").value and not open_page(tab="sql").text_area(key="explore-sql").value
    others = open_page(ADMIN, tab="sql")
    assert "people" in [each.label for each in others.expander]


def test_a_question_is_saved_shared_opened_by_its_link_and_deleted(open_page: OpenPage, company: Place) -> None:
    app = open_page(tab="sql")
    sql = "SELECT provider, count(*) AS n FROM model_calls GROUP BY ALL"
    app.text_area(key="explore-sql").set_value(sql)
    app.button(key="explore-run").click().run()
    app.text_input(key="explore-title").set_value("Calls by <b>provider</b>")
    app.toggle(key="explore-shared").set_value(True)
    app.button(key="explore-save").click().run()
    assert "Saved, and shared" in told(app)
    (kept,) = company.saved.list(ANALYST)
    assert (kept.body, kept.is_shared, kept.kind) == (sql, True, QueryKind.SQL)
    other = Actor("another", frozenset({Role.ANALYST}))
    link = open_page(other, q=kept.id)
    assert link.text_area(key="explore-sql").value == sql
    assert "Shared with you" in told(link)
    assert len(link.get("plotly_chart")) == 1, "its result is there at once"
    assert not [each for each in link.button if each.label == "Delete"]
    app.text_area(key="explore-sql").set_value(f"{sql} HAVING n > 1").run()
    mine = open_page(q=kept.id)
    assert mine.text_area(key="explore-sql").value == f"{sql} HAVING n > 1", "with what was changed and not saved"
    button(mine, "Discard what was not saved")
    assert mine.text_area(key="explore-sql").value == sql
    mine.toggle(key="explore-share").set_value(False).run()
    assert "Nobody else sees it" in told(mine)
    assert "not shared with you" in told(open_page(other, q=kept.id))
    button(mine, "Delete")
    assert company.saved.list(ANALYST) == []
    assert not mine.exception


def test_a_picked_question_is_saved_with_how_it_is_shown(open_page: OpenPage, company: Place) -> None:
    app = open_page(about="calls", count="calls", by="day", **{"as": "bar"})
    app.text_input(key="explore-title").set_value("Calls by day")
    app.button(key="explore-save").click().run()
    (kept,) = company.saved.list(ANALYST)
    assert (from_text(kept.body), kept.chart) == (Picked(), "bar")
    link = open_page(q=kept.id)
    assert link.segmented_control(key="explore-shape").value is Shape.BAR
    link.multiselect(key="explore-dimensions").set_value(["task"]).run()
    button(link, "Save changes")
    assert from_text(company.saved.find(ANALYST, kept.id).body).dimensions == ("task",)
    button(link, "Delete")


def test_a_picked_question_opens_as_sql(open_page: OpenPage) -> None:
    app = open_page(about="calls", count="calls", by="provider")
    button(app, "Open as SQL")
    assert "FROM model_calls" in (app.text_area(key="explore-sql").value or "")
    assert app.segmented_control(key="explore-tab").value is Tab.SQL


@pytest.mark.parametrize(
    "params",
    [
        {"about": "nothing"}, {"about": "calls", "count": "user_id"}, {"about": "calls", "by": "user_id"},
        {"about": "calls", "only": "task"}, {"tab": "x"}, {"as": "pie"}, {"q": "../x"},
        {"about": "calls", "count": "calls", "period": "99d"}, {"about": "calls", "only": "task:\x00"},
    ],
)  # fmt: skip
def test_a_link_that_makes_no_sense_shows_the_empty_page(open_page: OpenPage, params: dict[str, str]) -> None:
    app = open_page(**params)
    assert "does not know" in told(app)
    assert "Ask something" in told(app)
    assert not dict(app.query_params)


def _picked() -> st.SearchStrategy[Picked]:
    def of(subject: Subject) -> st.SearchStrategy[Picked]:
        topic = TOPICS[subject]
        text = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
        names = st.lists(st.sampled_from(sorted(topic.dimensions)), unique=True, max_size=4).map(tuple)
        filters = st.dictionaries(
            st.sampled_from(sorted(topic.dimensions)), st.lists(text, min_size=1, max_size=3, unique=True).map(tuple),
            max_size=3,
        )  # fmt: skip
        return st.builds(
            Picked,
            subject=st.just(subject),
            measures=st.lists(st.sampled_from(sorted(topic.measures)), unique=True, max_size=4).map(tuple),
            dimensions=names,
            filters=filters.map(lambda found: tuple(found.items())),
            period=st.none() | st.sampled_from(Period),
        )

    return st.sampled_from(Subject).flatmap(of)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly, which is nothing of the page's
@given(picked=_picked(), shape=st.none() | st.sampled_from(Shape), tab=st.sampled_from(Tab))
def test_an_address_says_the_whole_view(picked: Picked, shape: Shape | None, tab: Tab) -> None:
    address = Address(tab, picked, "a1", shape)
    params = {name: [value] if isinstance(value, str) else value for name, value in written(address).items()}
    assert read(params) == address
    assert from_text(as_text(picked)) == picked


@given(
    st.dictionaries(st.sampled_from(["about", "count", "by", "only", "period", "q", "tab", "as"]), st.lists(st.text()))
)
def test_a_nonsensical_address_is_refused_whole(params: dict[str, list[str]]) -> None:
    try:
        address = read(params)
    except Unreadable:
        return
    assert isinstance(address, Address)


def _drawn(frame: pl.DataFrame) -> tuple[Shape, ...]:
    return charts.fitting(charts.drawable(frame))


def test_what_fits_is_told_from_the_columns() -> None:
    days = pl.DataFrame({"day": [date(2026, 1, 1), date(2026, 1, 2)], "n": [1, 2]})
    assert _drawn(days) == (Shape.LINE, Shape.BAR)
    assert _drawn(days.with_columns(pl.Series("team", ["a", None]))) == (Shape.LINE, Shape.BAR)
    assert _drawn(pl.DataFrame({"model": ["a", "b"], "n": [1, 2]})) == (Shape.BAR,)
    assert _drawn(pl.DataFrame({"hour": [1, 2], "n": [1, 2]})) == (Shape.BAR, Shape.LINE)
    assert _drawn(pl.DataFrame({"n": [1, 2]})) == ()
    assert _drawn(pl.DataFrame({"model": ["a"], "n": [1]})) == (), "one number is no chart"
    assert _drawn(pl.DataFrame({"model": ["a", "b"]})) == ()


def test_a_chart_says_what_it_leaves_out_and_runs_no_markup() -> None:
    many = pl.DataFrame({"name": [f"<b>{number}</b>" for number in range(50)], "n": list(range(50))})
    figure, left_out = charts.figure(charts.drawable(many), Shape.BAR, "n", {})
    assert "30 more" in left_out
    assert not any("<b>4" in str(each.text) and "&lt;" not in str(each.text) for each in figure.layout.annotations[::2])
    lines = many.with_columns(pl.lit(date(2026, 1, 1)).alias("day"))
    assert "42 more" in charts.figure(charts.drawable(lines), Shape.LINE, "n", {})[1]
    nothing = replace(charts.drawable(many), frame=many.with_columns(pl.lit(None, pl.Int64).alias("n")))
    assert charts.figure(nothing, Shape.BAR, "n", {})[0] is not None


def test_what_does_not_add_up_is_not_stacked() -> None:
    frame = pl.DataFrame(
        {"day": [date(2026, 1, 1)] * 2, "team": ["a", "b"], "calls": [1, 2], "people": [1, 1], "ms": [1.0, 2.0]}
    )
    modes = [
        charts.figure(charts.drawable(frame), Shape.BAR, each, {})[0].layout.barmode
        for each in ("calls", "people", "ms")
    ]
    assert modes == ["stack", "group", "group"]
