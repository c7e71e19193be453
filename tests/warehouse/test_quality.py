"""What the Quality page is made of: every query against its definition, and nothing about fewer than three people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from core.access.access import Access
from core.errors import AccessRefused
from core.quality import QualityService, QualityView, may_show, quality_view
from data.analytics.period import Period, span_of
from data.analytics.quality import Heads, QualityFacts, quality_facts
from data.store import Store
from data.values.actor import Actor, Role
from data.values.routing import Grade, Signal
from data.values.tasks import Task
from data.warehouse.file import open_warehouse
from tests.warehouse.books import NOW, Clock
from tests.warehouse.chosen import MODELS, Books, company
from tests.warehouse.conftest import StartWriter

ANALYST = Actor("analyst", frozenset({Role.ANALYST}))
GOOD, FAIR, POOR, CHEAP = MODELS
AGO = NOW - timedelta(days=2)


@pytest.fixture
def con(warehouse_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = open_warehouse(warehouse_path, NOW)
    yield opened
    opened.close()


def facts(con: duckdb.DuckDBPyConnection, viewer: str = "analyst", period: Period = Period.MONTH) -> QualityFacts:
    return quality_facts(con, span_of(period, NOW, UTC), viewer)


def seen(con: duckdb.DuckDBPyConnection, viewer: str = "analyst", period: Period = Period.MONTH) -> QualityView:
    return quality_view(facts(con, viewer, period), viewer, NOW)


def thumbs(books: Books, model: str, ups: int, downs: int, *, people: int = 4) -> None:
    for i in range(ups + downs):
        books.signal(f"person-{i % people}", AGO, model, "thumb_up" if i < ups else "thumb_down")


def test_an_empty_warehouse_has_nothing_and_says_so(con: duckdb.DuckDBPyConnection) -> None:
    view = seen(con)
    assert (view.first_choice_at, view.graded, view.ways, view.duels, view.own) == (None, (), (), (), None)


def test_choices_are_counted_by_who_chose_and_by_day(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    for user in ("a", "b", "c"):
        books.choice(user, AGO, GOOD)
    books.choice("a", AGO, CHEAP, explored=True)
    books.choice("a", AGO, GOOD, chooser="person")
    books.choice("a", AGO, GOOD, chooser="fixed")
    books.choice("a", AGO - timedelta(days=90), GOOD)
    books.write(con)
    view = seen(con)
    (day,) = [each for each in view.choices if each.policy or each.others]
    assert (day.policy, day.explored, day.others) == (4, 1, 2)
    assert len(view.choices) == 30
    assert view.first_choice_at == AGO - timedelta(days=90)


def test_the_last_thumb_on_an_answer_counts_and_one_taken_back_says_nothing(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    for number, last in enumerate(("thumb_up", "thumb_down", "thumb_taken_back")):
        turn = f"turn-{number}"
        books.signal(f"p{number}", AGO - timedelta(minutes=5), GOOD, "thumb_down", turn_id=turn)
        books.signal(f"p{number}", AGO, GOOD, last, turn_id=turn)
        books.signal(f"p{number}", AGO, GOOD, "copied", turn_id=turn)
    books.write(con)
    assert {(each.signal, each.times) for each in facts(con).shown} == {
        (Signal.THUMB_UP, 1), (Signal.THUMB_DOWN, 1), (Signal.COPIED, 3),
    }  # fmt: skip


def test_what_was_shown_is_shared_out_among_the_tasks_it_may_have_been(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    id_ = books.choice("a", AGO, GOOD, tasks='{"code": 0.75, "math": 0.25}')
    books.signal("a", AGO, GOOD, "thumb_up", decision=id_)
    books.signal("a", AGO, GOOD, "thumb_up", task=Task.WRITING)
    books.write(con)
    assert {each.task: each.times for each in facts(con).shown} == {Task.CODE: 0.75, Task.MATH: 0.25, Task.WRITING: 1}


def test_that_no_answer_came_counts_where_it_was_the_models_fault(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    books.choice("a", AGO, GOOD, turn_id="turn-1", tasks='{"math": 1.0}')
    books.write(con)
    for number, (status, kind, turn) in enumerate(
        (
            ("failed", "timeout", "turn-1"),
            ("failed", "auth", "turn-2"),
            ("ok", None, "turn-3"),
            ("failed", "timeout", None),
        )
    ):
        con.execute(
            "INSERT INTO model_calls (event_id, ts, user_id, surface, turn_id, endpoint_id, provider, model, modality, "
            "task, chosen_by, key_owner, status, error_kind, cost_basis, stopped) VALUES "
            "($id, $ts, 'a', 'chat', $turn, 'e', $provider, $model, 'text', 'code', 'auto', 'user', $status, $kind, "
            "'unpriced', false)",
            {"id": f"call-{number}", "ts": AGO.replace(tzinfo=None), "turn": turn, "status": status, "kind": kind}
            | dict(zip(("provider", "model"), GOOD.split("/"), strict=True)),
        ).fetchall()
    assert [(each.task, each.signal, each.times) for each in facts(con).shown] == [(Task.MATH, Signal.FAILED, 1)]


def test_grades_are_of_everything_that_was_shown(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    thumbs(books, GOOD, 290, 10)
    thumbs(books, POOR, 40, 160)
    thumbs(books, CHEAP, 4, 1)
    books.write(con)
    found = {each.model_id: each for each in seen(con).graded}
    assert found[GOOD].grade is Grade.A
    assert found[POOR].grade is Grade.F
    assert found[CHEAP].grade is None
    assert found[GOOD].n == pytest.approx(300, rel=0.05)


@pytest.mark.parametrize("people", [1, 2])
def test_nothing_is_shown_about_fewer_than_three_people(con: duckdb.DuckDBPyConnection, people: int) -> None:
    books = Books()
    thumbs(books, GOOD, 200, 5, people=people)
    for number in range(40):
        id_ = books.choice(f"person-{number % people}", AGO, GOOD, propensity=0.9)
        books.signal(f"person-{number % people}", AGO, GOOD, "thumb_up", decision=id_)
        books.comparison(f"person-{number % people}", AGO, Task.CODE, GOOD, FAIR)
    books.write(con)
    view = seen(con)
    assert (view.graded, view.moved, view.choices, view.own, view.duels) == ((), {}, (), None, ())
    assert all(way.earned is None and way.costs is None for way in view.ways)
    assert (view.hidden, view.hidden_duels) == (2, 1)
    if people == 1:
        own = seen(con, viewer="person-0")
        assert own.graded and own.choices and own.own and own.duels, "one's own alone may be seen by oneself"


def test_the_third_person_opens_a_number_and_not_what_was_before_them(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    for day in range(20, 4, -1):
        books.signal(f"person-{day % 2}", NOW - timedelta(days=day), GOOD, "thumb_up")
    books.signal("person-2", NOW - timedelta(days=4), GOOD, "thumb_up")
    books.write(con)
    (points,) = seen(con).moved.values()
    assert min(at for at, _ in points) >= NOW - timedelta(days=4)
    assert not may_show(Heads(2, 1))
    assert may_show(Heads(3, 3))


def test_costs_are_compared_on_the_same_prompts(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    for user, model in (("a", GOOD), ("b", CHEAP), ("c", CHEAP)):
        books.choice(user, AGO, model)
    books.choice("a", AGO, "free/model", cost_estimate=None)
    overruled = books.choice("b", AGO, GOOD)
    books.choice("b", AGO, FAIR, chooser="person", overrules=overruled)
    books.write(con)
    found = {each.model_id: each for each in facts(con).costs}
    good, cheap = (Decimal(MODELS[model][1]) for model in (GOOD, CHEAP))
    assert found[GOOD].choices == 3, "neither what has no price nor what a person overruled"
    assert found[GOOD].always == good
    assert found[GOOD].chosen == (good + 2 * cheap) / 3


def test_a_company_sees_what_is_true_of_it(con: duckdb.DuckDBPyConnection) -> None:
    company(NOW, days=120).write(con)
    view = seen(con, period=Period.QUARTER)
    letters = {(each.model_id, each.task): each for each in view.graded}
    assert letters[GOOD, Task.WRITING].grade in (Grade.A, Grade.A_MINUS, Grade.B)
    assert letters[GOOD, Task.SUMMARIZE].drift is not None, "it got worse seven weeks ago"
    assert letters[GOOD, Task.CODE].quality > letters[CHEAP, Task.CODE].quality
    assert view.own is not None
    assert view.ways[0].model_id == GOOD
    best = view.ways[0].earned
    assert best is not None and best.enough
    assert best.dr.low < 0.85 < best.dr.high, "good at nine of ten, and in seven weeks bad at a fifth of the prompts"
    assert view.own.value < best.dr.value, "it tried others out, to learn"
    assert view.models[0] == GOOD and view.models[-1] == CHEAP
    assert all(1 <= len(points) <= 12 for points in view.moved.values())


def test_rows_of_a_newer_release_do_not_stop_the_page(con: duckdb.DuckDBPyConnection) -> None:
    books = Books()
    for user in ("a", "b", "c"):
        id_ = books.choice(user, AGO, GOOD, tasks='{"dreams": 1.0}', task="dreams")
        books.signal(user, AGO, GOOD, "applauded", decision=id_)
        books.signal(user, AGO, GOOD, "thumb_up", decision=id_, task="dreams")
    books.write(con)
    assert {(each.task, each.signal) for each in facts(con).shown} == {(Task.OTHER, Signal.THUMB_UP)}
    assert [each.task for each in seen(con).graded] == [Task.OTHER]


def test_only_analysts_see_quality(store: Store, start_writer: StartWriter, warehouse_path: Path, clock: Clock) -> None:
    with_rows = open_warehouse(warehouse_path, NOW)
    company(NOW, days=10).write(with_rows)
    with_rows.close()
    service = QualityService(Access(store), start_writer(store), clock)
    assert service.view(ANALYST, Period.WEEK, UTC).graded
    assert service.view(replace(ANALYST, roles=frozenset({Role.ADMIN})), Period.WEEK, UTC).graded
    with pytest.raises(AccessRefused):
        service.view(Actor("ann", frozenset({Role.MEMBER})), Period.WEEK, UTC)
