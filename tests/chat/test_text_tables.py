"""Tables out of a model's Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.chat.csv_text import table_csv
from core.chat.text_tables import tables_in
from data.values.media import Cell

TEXT = """Here it is:

| City | **People** | Area km² | Code |
|:-----|-----------:|:--------:|------|
| `Oslo` | 717,710 | 480.75 | 007 |
| [Bergen](https://example.org) | 291,940 | 465 | 010 |
| a \\| b |  | −3 | x |

And *that* is that.
"""


def test_cells_are_what_one_reads_and_numbers_are_numbers() -> None:
    (table,) = tables_in(TEXT)
    assert table.columns == ("City", "People", "Area km²", "Code")
    assert table.rows == (
        ("Oslo", 717710, 480.75, "007"),
        ("Bergen", 291940, 465.0, "010"),
        ("a | b", None, -3.0, "x"),
    )
    assert table_csv(table).splitlines()[1] == "Oslo,717710,480.75,007"


@pytest.mark.parametrize(
    "text",
    [
        "No table, though a | stands here.",
        "a | b\n--- no\n",
        "```\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n```",
        "| a | b |\n|---|---|\n| one | row |",
        "| a | b |\n|---|---|",
        "---\n\nrules | of\n\n---",
    ],
)
def test_what_is_none_or_too_small_to_sort_is_none(text: str) -> None:
    assert tables_in(text) == ()


def test_several_with_text_between_and_in_a_list_or_quote() -> None:
    one = "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"
    quoted = "".join(f"> {line}\n" for line in one.splitlines())
    assert [table.rows for table in tables_in(f"{one}\nthen\n\n{one}\n{quoted}")] == [((1, 2), (3, 4))] * 3


CELLS = some.text(some.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=8)


@given(some.lists(some.tuples(CELLS, some.integers(-(10**12), 10**12)), min_size=2, max_size=6))
def test_any_table_is_read_whole(rows: list[tuple[str, int]]) -> None:
    body = "".join(f"| x{''.join(c if c.isalnum() else ' ' for c in cell)} | {number} |\n" for cell, number in rows)
    (table,) = tables_in(f"| name | n |\n|---|---|\n{body}")
    numbers: list[Cell] = [number for _, number in rows]
    assert [row[1] for row in table.rows] == numbers
    assert len(table.rows) == len(rows)
