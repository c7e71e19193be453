"""What an admin wrote, as Markdown: emphasis and links act, nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from markdown_it import MarkdownIt

from core.workspace.marks import in_plain
from data.values.notices import Maintenance
from pages.notice_words import hour, in_markdown, of_maintenance

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("**Mind** this", "<strong>Mind</strong> this"),
        ("*softly* and _so_", "<em>softly</em> and <em>so</em>"),
        ("[news](https://e.org/a?b=1&c_d=2)", '<a href="https://e.org/a?b=1&amp;c_d=2">news</a>'),
        ("snake_case_names and 2 * 3 * 4", "snake_case_names and 2 * 3 * 4"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![p](https://e.org/p.png)", '!<a href="https://e.org/p.png">p</a>'),
        ("# no heading", "# no heading"),
        (
            "<b>bold</b> :red[r] :material/home: $x$ `code`",
            "&lt;b&gt;bold&lt;/b&gt; :red[r] :\u2060material/home: $x$ `code`",  # broken up, or it were a picture
        ),
    ],
)
def test_emphasis_and_links_act_and_nothing_else(words: str, html: str) -> None:
    assert MarkdownIt("commonmark").render(in_markdown(words)) == f"<p>{html}</p>\n"
    if ":red" in words:  # what Streamlit adds to Markdown is escaped, too
        assert r"\:red\[" in in_markdown(words) and r"\$x\$" in in_markdown(words)


def test_programs_are_told_without_marks() -> None:
    words = "**Tonight** we _move_: [the plan](https://e.org/a?b=1), 2 * 3 * 4"
    assert in_plain(words) == "Tonight we move: the plan (https://e.org/a?b=1), 2 * 3 * 4"
    assert in_plain("") == ""


def test_a_moment_has_its_day_where_that_is_not_clear() -> None:
    assert hour(NOON + timedelta(hours=2), NOON) == "14:00"
    assert hour(datetime(2026, 12, 1, 0, 30, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC)) == "00:30"
    assert hour(NOON + timedelta(days=1), NOON) == "1 December, 12:00"
    assert hour(NOON - timedelta(days=1), NOON) == "29 November, 12:00"


def test_maintenance_in_a_sentence() -> None:
    half = timedelta(minutes=30)
    planned = Maintenance("m", "", NOON, NOON + half, True, None, "ada", NOON)
    assert of_maintenance(planned, NOON - half, is_on=False) == "**Maintenance** from 12:00 to 12:30."
    by_hand = Maintenance("m", "", NOON, NOON + half, False, None, "ada", NOON)
    assert of_maintenance(by_hand, NOON, is_on=True) == "**Maintenance is on** until about 12:30."
    assert "longer than until 12:30" in of_maintenance(by_hand, NOON + 2 * half, is_on=True)
