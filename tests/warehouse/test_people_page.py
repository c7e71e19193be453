"""The People page as Streamlit runs it, over a real warehouse: its address, its filters, empty, full, a few."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.access.access import Access
from core.adoption import AdoptionService, Question
from core.errors import AccessRefused
from data.analytics.people_values import Rhythm, Stretch
from data.store import Store
from data.values.actor import Actor, Role
from data.warehouse.file import open_warehouse
from pages.figures.files import as_csv
from pages.figures.place import Unreadable
from pages.people import for_, words
from pages.people.address import Address, read, written
from tests.warehouse.books import NOW, Clock, book, some
from tests.warehouse.conftest import StartWriter
from tests.warehouse.crowd import Frames, crowd, kept
from tests.warehouse.seen import headings, opened, told
from tests.warehouse.traffic import Traffic

ANALYST = Actor("analyst", frozenset({Role.ANALYST}))
PARTS = ["Active people", "How far people get", "What people use", "Who comes back"]
OpenPage = Callable[..., AppTest]


def script(services: object, actor: object) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from types import SimpleNamespace
    from typing import Any, cast

    from pages import people

    people.render(cast("Any", SimpleNamespace(services=services, actor=actor)))


@pytest.fixture
def open_page(store: Store, start_writer: StartWriter, warehouse_path: Path, clock: Clock) -> OpenPage:
    """Opens the page over what was made up, at an address."""

    def at(made: Frames | Traffic | None = None, actor: Actor = ANALYST, **params: str) -> AppTest:
        if isinstance(made, Traffic):
            con = open_warehouse(warehouse_path, NOW)
            made.write(con)
            con.close()
        elif made is not None:
            kept(warehouse_path, made, UTC, NOW).close()
        service = AdoptionService(Access(store), start_writer(store), lambda: {"t": "=Team"}, clock)
        return opened(script, actor, at=params, adoption=service)

    return at


def test_empty_says_what_will_appear(open_page: OpenPage) -> None:
    app = open_page()
    assert headings(app) == ["Nobody came in these weeks"]
    assert "This page fills as people work" in told(app)
    assert not app.get("plotly_chart") and not app.selectbox


def test_a_crowd_is_drawn_in_every_period_and_by_every_rhythm(open_page: OpenPage) -> None:
    app = open_page(crowd(NOW, people=40))
    assert [each for each in headings(app) if each in PARTS] == PARTS
    assert len(app.get("plotly_chart")) == 4
    for stretch in (Stretch.MONTH, Stretch.QUARTER, Stretch.YEAR):
        app.segmented_control(key="people-stretch").set_value(stretch).run()
        assert not app.exception
        assert app.query_params["period"] == stretch.value
    for by in (Rhythm.DAY, Rhythm.MONTH):
        app.segmented_control(key="people-by").set_value(by).run()
        assert not app.exception
        assert app.query_params["by"] == by.value
    shown = " ".join(code.value for code in app.code)
    assert "SELECT DISTINCT day, user_id" in shown and "$team = null (any)" in shown and "$viewer = you" in shown
    assert "analyst" not in shown


def test_a_shared_link_shows_the_same_view_and_a_team_is_chosen_by_name(open_page: OpenPage) -> None:
    made = crowd(NOW, people=60)
    app = open_page(made, period="13w", by="day")
    assert app.segmented_control(key="people-stretch").value is Stretch.QUARTER
    assert app.segmented_control(key="people-by").value is Rhythm.DAY
    everybody = told(app)
    box = app.selectbox(key="people-team")
    assert len(box.options) == 4 and all(option.startswith("A former team") for option in box.options)
    team = sorted(set(made["model_calls"]["team_id"]))[0]
    box.set_value(team).run()
    assert dict(app.query_params) == {"period": "13w", "by": "day", "team": team}
    assert told(app) != everybody and not app.exception
    again = open_page(period="13w", by="day", team=team)
    assert again.selectbox(key="people-team").value == team
    assert told(again).split(" As of")[0] == told(app).split(" As of")[0]


@pytest.mark.parametrize(
    "params", [{"period": "9w"}, {"by": "hour"}, {"team": "x" * 201}, {"team": "\x00", "period": "4w"}], ids=str
)
def test_a_link_with_nonsense_shows_the_default_view_and_says_so(open_page: OpenPage, params: dict[str, str]) -> None:
    app = open_page(crowd(NOW, people=12, days=20), **params)
    assert "This link says something that the page does not know" in app.info[0].value
    assert app.segmented_control(key="people-stretch").value is Stretch.HALF
    assert dict(app.query_params) == {}
    assert "Active people" in headings(app)


def test_a_team_of_nobody_and_of_too_few(open_page: OpenPage) -> None:
    made = Traffic()
    for number in range(9):
        made.call(f"p{number}", NOW, team_id="t" if number < 3 else None)
    app = open_page(made, team="t")
    assert headings(app) == ["Too few people to show anything"]
    assert not app.get("plotly_chart") and not app.get("download_button")
    app.button[-1].click().run()
    assert "Active people" in headings(app) and dict(app.query_params) == {}
    assert headings(open_page(team="elsewhere")) == ["Nobody of this team came in these weeks"]


def test_who_is_alone_is_told_so(open_page: OpenPage) -> None:
    made = Traffic()
    made.call("analyst", NOW)
    assert headings(open_page(made)) == ["Nobody but you came in these weeks"]


def test_sample_data_is_marked(open_page: OpenPage) -> None:
    made = Traffic()
    for number in range(7):
        made.call(f"sample-{number}", NOW)
    assert "All that is shown here was made up" in open_page(made).info[0].value
    more = Traffic()
    for number in range(5):
        more.call(f"real-{number}", NOW)
    assert "Of the 12 people counted here 7 were made up" in open_page(more).info[0].value


def test_a_damaged_warehouse_says_what_to_do(open_page: OpenPage, warehouse_path: Path) -> None:
    warehouse_path.write_bytes(b"garbage" * 2000)
    app = open_page()
    assert "damaged" in app.warning[0].value
    assert not app.subheader


def test_events_that_could_not_be_moved_yet(
    store: Store, open_page: OpenPage, start_writer: StartWriter, warehouse_path: Path, clock: Clock
) -> None:
    con = kept(warehouse_path, crowd(NOW, people=12, days=20), UTC, NOW)
    con.execute("DROP TABLE drained")
    con.close()
    book(store, some(3))
    app = open_page()
    assert "newest events are missing" in app.warning[0].value
    assert "Active people" in headings(app)


def test_the_page_is_there_for_analysts_and_admins_alone(store: Store, start_writer: StartWriter, clock: Clock) -> None:
    roles = (Role.MEMBER, Role.ANALYST, Role.ADMIN)
    assert [for_(Actor("a", frozenset({role}))) for role in roles] == [False, True, True]
    service = AdoptionService(Access(store), start_writer(store), dict, clock)
    with pytest.raises(AccessRefused):
        service.view(Actor("a", frozenset({Role.MEMBER})), Question())


def test_files_are_of_numbers_and_name_nobody(
    store: Store, start_writer: StartWriter, warehouse_path: Path, clock: Clock
) -> None:
    made = crowd(NOW, people=40)
    kept(warehouse_path, made, UTC, NOW).close()
    view = AdoptionService(Access(store), start_writer(store), dict, clock).view(ANALYST, Question())
    facts = view.facts
    assert facts.people is not None
    tables = [
        words.bucket_rows(facts.buckets, Rhythm.WEEK), words.step_rows(facts.funnel, facts.people),
        words.use_rows(facts.uses), words.cohort_rows(facts.cohorts),
    ]  # fmt: skip
    ids = set(made["sign_ins"]["user_id"])
    for rows in tables:
        lines = list(csv.DictReader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
        assert len(lines) == len(rows) > 0
        cells = [cell or "" for line in lines for cell in line.values()]
        assert not ids & set(cells) and not any(cell.startswith(("=", "@", "+", "-", "\t", "\r")) for cell in cells)
    assert not any(f"'{each}'" in repr(view) for each in ids)


_NAMES = ("period", "team", "by", "c")


@given(
    st.builds(Address, st.sampled_from(Stretch), st.text(max_size=200).filter(str.isprintable), st.sampled_from(Rhythm))
)
def test_every_view_has_an_address_and_every_address_its_view(address: Address) -> None:
    assert read({name: [value] for name, value in written(address).items()}) == address
    assert address.question == Question(address.stretch, address.team or None, address.by)


@given(st.dictionaries(st.sampled_from(_NAMES), st.lists(st.text(max_size=300), max_size=3)))
def test_any_address_is_a_view_or_unreadable(params: dict[str, list[str]]) -> None:
    try:
        address = read(params)
    except Unreadable:
        return
    assert read({name: [value] for name, value in written(address).items()}) == address
