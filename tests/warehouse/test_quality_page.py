"""The Quality page as Streamlit runs it, over a real warehouse: empty, and with a company in it."""

from __future__ import annotations

import csv
import io
from datetime import UTC
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.access.access import Access
from core.quality import QualityService
from data.analytics.period import Period
from data.store import Store
from data.values.actor import Actor, Role
from data.warehouse.file import open_warehouse
from pages.figures.files import as_csv
from pages.quality import for_, words
from tests.warehouse.books import NOW, Clock
from tests.warehouse.chosen import MODELS, company
from tests.warehouse.conftest import StartWriter
from tests.warehouse.seen import opened

ANALYST = Actor("analyst", frozenset({Role.ANALYST}))


def script(services: object, actor: object) -> None:
    # Streamlit runs the text of this function alone, so what it needs it imports itself.
    from types import SimpleNamespace
    from typing import Any, cast

    from pages import quality

    quality.render(cast("Any", SimpleNamespace(services=services, actor=actor)))


def run(service: QualityService) -> AppTest:
    return opened(script, ANALYST, quality=service)


def test_empty_says_what_will_appear_and_when(store: Store, start_writer: StartWriter, clock: Clock) -> None:
    app = run(QualityService(Access(store), start_writer(store), clock))
    assert [heading.value for heading in app.subheader] == ["Nothing to grade yet"]
    said = " ".join(each.value for each in app.markdown)
    assert "by at least 3 people" in said
    assert not app.get("plotly_chart")


def test_a_company_is_drawn_in_every_period(
    store: Store, start_writer: StartWriter, warehouse_path: Path, clock: Clock
) -> None:
    con = open_warehouse(warehouse_path, NOW)
    company(NOW, days=60).write(con)
    con.close()
    service = QualityService(Access(store), start_writer(store), clock)
    app = run(service)
    for period in (Period.MONTH, Period.WEEK):
        app.segmented_control[0].set_value(period).run()
        assert not app.exception
        assert [heading.value for heading in app.subheader] == [
            "Grades", "How they moved", "How models were chosen", "Against always one model", "Side by side",
        ]  # fmt: skip
        assert len(app.get("plotly_chart")) == 4
    view = service.view(ANALYST, Period.MONTH, UTC)
    for rows in (words.grade_rows(view.graded), words.moved_rows(view), words.choice_rows(view),
                 words.way_rows(view), words.duel_rows(view)):  # fmt: skip
        read = list(csv.DictReader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
        assert len(read) == len(rows) > 0
        assert not any("person-" in value for row in read for value in row.values()), "a table names nobody"
    assert set(MODELS) == {row["Model"] for row in words.grade_rows(view.graded)}


def test_a_cell_that_would_be_a_formula_is_plain_text_in_the_csv() -> None:
    assert b"'=HYPERLINK" in as_csv([{"Model": '=HYPERLINK("http://x")'}])
    assert as_csv([]).decode("utf-8-sig").strip() == ""


def test_the_page_is_there_for_those_who_see_everybodys_usage() -> None:
    assert [for_(Actor("a", frozenset({role}))) for role in (Role.MEMBER, Role.ANALYST, Role.ADMIN)] == [
        False, True, True,
    ]  # fmt: skip
