"""The numbers behind a chart, as CSV."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from typing import Any

import pytest

from core.chat.chart_data import as_csv
from core.chat.csv_text import csv_text, table_csv
from core.tools.builtin.charts import Drawing, Kind, draw
from core.tools.builtin.columns import column
from data.values.parts import TablePart


def drawn(kind: Kind, *columns: tuple[str, Sequence[Any]], y: int = 1, group: int | None = None, **more: Any) -> str:
    found = [column(name, "", list(values)) for name, values in columns]
    ys = tuple(each for at, each in enumerate(found) if at >= y and at != group)
    figure = draw(Drawing(kind, "T", found[0] if y else None, ys, None if group is None else found[group], **more))
    return as_csv(figure)


LETTERS = 'ab,"\n;ñ漢&<'
MONTHS = ("Month", ["Jan", "Feb", "Mar"])


def test_series_over_the_same_values_stand_side_by_side() -> None:
    assert drawn(Kind.LINE, MONTHS, ("Paris", [1, 2.5, None]), ("Köln <Bonn>", [3, 4, 5])) == (
        "Month,Paris,Köln <Bonn>\nJan,1,3\nFeb,2.5,4\nMar,,5\n"
    )


def test_the_one_series_is_named_by_its_column_and_lying_bars_are_read_from_their_names() -> None:
    assert drawn(Kind.BAR, MONTHS, ("Sales", [1, 2, 3])) == "Month,Sales\nJan,1\nFeb,2\nMar,3\n"
    assert drawn(Kind.BAR, MONTHS, ("Sales", [1, 2, 3]), horizontal=True) == "Month,Sales\nJan,1\nFeb,2\nMar,3\n"


def test_groups_that_have_different_values_leave_gaps() -> None:
    said = drawn(Kind.BAR, ("Month", ["Jan", "Feb", "Feb"]), ("Sales", [1, 2, 3]), ("City", ["A", "A", "B"]), group=2)
    assert said == "Month,A,B\nJan,1,\nFeb,2,3\n"


def test_points_that_share_an_x_stand_below_each_other() -> None:
    assert drawn(Kind.SCATTER, ("x", [1, 1, 2]), ("y", [5, 6, 7])) == "x,y\n1,5\n1,6\n2,7\n"
    two = drawn(Kind.SCATTER, ("x", [1, 1, 2]), ("a", [5, 6, 7]), ("b", [8, 9, 10]))
    assert two.splitlines()[:2] == ["Series,x,y", "a,1,5"]


def test_slices_counts_boxes_and_fields() -> None:
    assert drawn(Kind.PIE, ("Who", ["R & D", "Sales"]), ("Share", [60, 40])) == "Name,Value\nR & D,60\nSales,40\n"
    assert drawn(Kind.HISTOGRAM, ("Age", [31, 28, 31]), y=0) == "Age\n31\n28\n31\n"
    assert drawn(Kind.BOX, ("Age", [31, 28]), y=0).splitlines()[1:] == [",31", ",28"]
    fields = drawn(Kind.HEATMAP, ("Day", ["Mo", "Tu", "Mo"]), ("Calls", [1, 2, 3]), ("Hour", [9, 9, 10]), group=2)
    assert fields == "Hour,Mo,Tu\n9,1,2\n10,3,\n"


@pytest.mark.parametrize(
    "figure",
    [{}, {"data": None}, {"data": []}, {"data": ["x"], "layout": 3}, {"data": [{"type": "pie", "labels": "abc"}]},
     {"data": [{"type": "heatmap", "z": 3}]}, {"data": [{"x": {"bdata": "AA=="}, "y": [1]}], "layout": {"xaxis": []}}],
)  # fmt: skip
def test_what_is_no_figure_of_ours_gives_what_can_be_read(figure: dict[str, Any]) -> None:
    as_csv(figure)


def test_any_values_come_back_as_they_were() -> None:
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    for _ in range(50):
        names = ["".join(rng.choices(LETTERS, k=rng.randint(1, 6))) + str(at) for at in range(rng.randint(1, 8))]
        values = [[rng.choice([None, rng.randint(-9, 9), rng.uniform(-1, 1)]) for _ in names] for _ in range(3)]
        said = drawn(Kind.LINE, ("k", names), *((f"s{at}", each) for at, each in enumerate(values)))
        rows = list(csv.reader(io.StringIO(said)))
        expected = [["" if value is None else str(value) for value in each] for each in values]
        assert [[row[0] for row in rows[1:]], *([row[at] for row in rows[1:]] for at in (1, 2, 3))] == [
            names,
            *expected,
        ], seed


def test_a_spreadsheet_runs_nothing_and_numbers_stay_numbers() -> None:
    assert csv_text([["=1+1", "@x", "-2", -2, "+49 30", "-12.5%", True]]) == "'=1+1,'@x,-2,-2,'+49 30,-12.5%,true\n"


def test_a_table_has_its_head_and_full_rows() -> None:
    assert table_csv(TablePart("t", ("a", "b"), (("x", 1), ("y",)), 2)) == "a,b\nx,1\ny,\n"
