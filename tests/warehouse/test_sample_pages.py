"""Pages that show sample data say so, and made-up people hide nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.access.access import Access
from core.budgets import BudgetService
from core.quality import QualityService, may_show, quality_view
from core.usage import UsageService
from data.analytics.period import Period, span_of
from data.analytics.quality import quality_facts
from data.sample.days import sample_days
from data.sample.events import events_of
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.sample import SAMPLE_PREFIX, Seeding
from data.warehouse.file import open_warehouse
from data.warehouse.writer import WarehouseWriter
from tests.warehouse.books import NOW, Clock, book, some
from tests.warehouse.chosen import MODELS, Books

ANALYST = Actor("analyst", frozenset({Role.ANALYST}))
MEMBER = Actor("ann", frozenset({Role.MEMBER}))
TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, "operator")
AGO = NOW - timedelta(days=2)
GOOD, FAIR, *_ = MODELS


def script(services: object, actor: object, page: str) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from types import SimpleNamespace
    from typing import cast

    from pages import quality, usage

    if page == "usage":
        usage.render(cast("Any", services), cast("Any", actor), open_chat=lambda: None)
    else:
        quality.render(cast("Any", SimpleNamespace(services=services, actor=actor)))


def shown(store: Store, writer: WarehouseWriter, page: str, actor: Actor, period: Period) -> AppTest:
    clock, access = Clock(), Access(store)
    reports = SimpleNamespace(
        usage=UsageService(access, writer, clock),
        quality=QualityService(access, writer, clock),
        budgets=BudgetService(access, store, writer, clock),
    )
    kwargs: dict[str, Any] = {"services": SimpleNamespace(reports=reports), "actor": actor, "page": page}
    app = AppTest.from_function(script, kwargs=kwargs, default_timeout=60)
    app.run()
    app.segmented_control[0].set_value(period).run()
    assert not app.exception
    return app


def marks(app: AppTest) -> list[str]:
    return [info.value for info in app.info if info.value.startswith("**Sample data.**")]


def seed(store: Store, days: int) -> None:
    store.sample_data.begin(Seeding("one", 1, days, 8, NOW), TOLD)
    for day in sample_days(np.random.default_rng(1), NOW, days=days, people=8):
        store.sample_data.add("one", list(events_of(day)))


@pytest.mark.parametrize(
    ("page", "period"), [("usage", Period.TODAY), ("usage", Period.MONTH), ("quality", Period.WEEK)]
)
def test_a_page_says_that_it_shows_sample_data(
    store: Store, writer: WarehouseWriter, page: str, period: Period
) -> None:
    seed(store, 20)
    app = shown(store, writer, page, ANALYST, period)
    (mark,) = marks(app)
    assert "`uv run python -m core demo clear`" in mark
    assert len(app.get("plotly_chart")) >= 2
    store.sample_data.clear(TOLD)
    assert marks(shown(store, writer, page, ANALYST, period)) == []


def test_usage_says_how_many_calls_are_made_up(store: Store, writer: WarehouseWriter) -> None:
    seed(store, 5)
    (mark,) = marks(shown(store, writer, "usage", ANALYST, Period.WEEK))
    assert mark.startswith("**Sample data.** All that is shown here was made up")
    for user_id in ("ann", "bob", "eve"):  # made-up people hide nobody: fewer would not be shown among them
        book(store, some(4, user_id=user_id))
    (mark,) = marks(shown(store, writer, "usage", ANALYST, Period.WEEK))
    found = re.match(r"\*\*Sample data\.\*\* Of the (\d+) calls counted here (\d+) were made up", mark)
    assert found and int(found[1]) == int(found[2]) + 12, mark


def test_without_sample_data_in_view_there_is_no_mark(store: Store, writer: WarehouseWriter) -> None:
    book(store, some(4))
    for page in ("usage", "quality"):
        assert marks(shown(store, writer, page, ANALYST, Period.WEEK)) == []
    seed(store, 5)
    own = shown(store, writer, "usage", MEMBER, Period.WEEK)
    assert marks(own) == [] and own.subheader[0].value == "4"


def cells(path: Path, people: Sequence[str], viewer: str = "analyst") -> tuple[int, int, int]:
    """Grades and duels that are shown, and choices, of what these people showed."""
    con = open_warehouse(path, NOW)
    books = Books()
    for person in people:
        books.choice(person, AGO, GOOD)
        books.signal(person, AGO, GOOD, "thumb_up")
        books.comparison(person, AGO, "code", GOOD, FAIR)
    books.write(con)
    facts = quality_facts(con, span_of(Period.WEEK, NOW, UTC), viewer)
    con.close()
    path.unlink()
    view = quality_view(facts, viewer, NOW)
    assert view.sampled == any(person.startswith(SAMPLE_PREFIX) for person in people)
    return len(view.graded), len(view.duels), sum(each.policy for each in view.choices)


SAMPLES = [f"{SAMPLE_PREFIX}{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("people", "is_shown"),
    [
        (SAMPLES, True),
        (SAMPLES[:2], False),
        (["a", "b", "c"], True),
        (["a", "b"], False),
        (["a", "b", *SAMPLES], False),
        (["a", "b", "c", *SAMPLES], True),
        (["analyst", *SAMPLES], True),
    ],
    ids=[
        "made up",
        "few made up",
        "three",
        "two",
        "two among made-up ones",
        "three among them",
        "one's own among them",
    ],
)
def test_made_up_people_hide_nobody(warehouse_path: Path, people: list[str], is_shown: bool) -> None:
    found = cells(warehouse_path, people)
    assert (found[0] > 0, found[1] > 0, found[2] > 0) == (is_shown, is_shown, is_shown)


def test_of_judged_choices_the_same_holds(warehouse_path: Path) -> None:
    for people, is_shown in ((SAMPLES, True), (["a", "b", *SAMPLES], False), (["a", "b", "c", *SAMPLES], True)):
        con = open_warehouse(warehouse_path, NOW)
        books = Books()
        for person in people:
            decision = books.choice(person, AGO, GOOD)
            books.signal(person, AGO, GOOD, "thumb_up", decision=decision)
        books.write(con)
        facts = quality_facts(con, span_of(Period.WEEK, NOW, UTC), "analyst")
        con.close()
        warehouse_path.unlink()
        assert may_show(facts.heads_of_judged) == is_shown
        assert all((heads.third_at is not None) == is_shown for heads in facts.heads_by_cell.values())
