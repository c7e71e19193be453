"""Charts for people, from a query over the attached files or from a table that the model gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from core.errors import GearboxError
from core.tools.builtin.attached_tables import data_files, owner_of
from core.tools.builtin.charts import Drawing, Kind, draw
from core.tools.builtin.columns import Column, column, pick
from core.tools.builtin.figures import check_figure
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, takes
from data.query import Queries
from data.values.parts import ChartPart, TextPart
from data.values.tool_calls import Effect

MOST_ROWS = 5_000
Name = Annotated[str, Field(min_length=1, max_length=200)]
_DESCRIPTION = (
    "Draws a chart that the person sees at once. The rows come from `sql`, one DuckDB statement over the attached "
    "tables (see query_data), or from `table`. Aggregate in SQL: bars, pies, areas and heatmaps need one row for each "
    "value. bar, line, area, scatter: `x` and one or more `y`, or one `y` split by `group`. pie, donut: `x` names the "
    "slices, `y` is their size. histogram: `y` is counted. box: `y`, for each `x` where given. heatmap: `x` across, "
    "`group` down, `y` the colour. You get no picture back; tell the person in words what it shows."
)


class GivenTable(BaseModel):
    """Rows that you have yourself."""

    columns: Annotated[list[Name], Field(min_length=1, max_length=50)]
    rows: Annotated[list[list[str | int | float | bool | None]], Field(max_length=1_000)]


class ChartRequest(ToolInput):
    """What to draw."""

    kind: Kind
    title: Annotated[str, Field(min_length=1, max_length=150, description="In the person's language")]
    sql: Annotated[str | None, Field(max_length=20_000)] = None
    table: GivenTable | None = None
    x: Annotated[Name | None, Field(description="Column; the first one if left out, but for histogram and box")] = None
    y: Annotated[
        list[Name],
        Field(default_factory=list, max_length=20, description="Columns with numbers; the others if left out"),
    ]
    group: Annotated[Name | None, Field(description="Column that splits the rows into series")] = None
    stacked: bool = False
    horizontal: Annotated[bool, Field(description="Bars that lie; for long names")] = False
    x_label: Annotated[str, Field(max_length=100)] = ""
    y_label: Annotated[str, Field(max_length=100, description="With the unit")] = ""


def make_chart(queries: Queries) -> Tool:
    """The tool, over `queries`."""

    async def make(asked: ChartRequest, context: ToolContext) -> ToolResult:
        if bool(asked.sql) == (asked.table is not None):
            raise GearboxError("Give either `sql` or `table`.")
        if asked.table is not None:
            return _drawn(asked, _given(asked.table), len(asked.table.rows))
        files = data_files(context)
        try:
            found = await queries.run(owner_of(context), files, asked.sql or "", MOST_ROWS)
            columns = [
                column(name, kind, [row[at] for row in found.rows]) for at, (name, kind) in enumerate(found.columns)
            ]
            return _drawn(asked, columns, found.total, is_untrusted=True)
        except GearboxError as error:  # its words may hold words of the file
            return ToolResult((TextPart(error.explain()),), failed=True, is_untrusted=True)

    return Tool(
        name="make_chart",
        title="Make chart",
        description=_DESCRIPTION,
        schema=ChartRequest.model_json_schema(),
        effect=Effect.READS,
        run=takes(ChartRequest, make),
        timeout=60.0,
    )


def _given(table: GivenTable) -> list[Column]:
    if any(len(row) != len(table.columns) for row in table.rows):
        raise GearboxError(f"Each row needs {len(table.columns)} values, one for each column.")
    return [column(name, "", [row[at] for row in table.rows]) for at, name in enumerate(table.columns)]


def _drawn(asked: ChartRequest, columns: Sequence[Column], total: int, *, is_untrusted: bool = False) -> ToolResult:
    rows = len(columns[0].values) if columns else 0
    if not rows:
        raise GearboxError("There are no rows to draw.")
    cut = f" (the first {rows:,} of {total:,} rows)" if rows < total else ""
    drawing = _chosen(asked, columns, asked.title + cut)
    figure = draw(drawing)
    check_figure(figure)
    names = ", ".join(f"“{each.name}”" for each in drawing.y)
    over = f" over “{drawing.x.name}”" if drawing.x else ""
    split = f", by “{drawing.group.name}”" if drawing.group else ""
    said = f"The person sees a chart ({asked.kind}) of {names}{over}{split}, drawn from {rows:,} rows{cut}."
    return ToolResult((TextPart(said), ChartPart(drawing.title, figure)), is_untrusted=is_untrusted)


def _chosen(asked: ChartRequest, columns: Sequence[Column], title: str) -> Drawing:
    """Which columns are drawn; what was left out is chosen."""
    group = pick(columns, asked.group) if asked.group else None
    ys = [pick(columns, name) for name in asked.y]
    x = pick(columns, asked.x) if asked.x else None
    if x is None and asked.kind not in (Kind.HISTOGRAM, Kind.BOX):
        x = next((each for each in columns if each is not group and each not in ys), None)
    if asked.kind is Kind.HISTOGRAM and not ys and x is not None:
        ys, x = [x], None
    if not ys:
        ys = [each for each in columns if each.is_number and each is not x and each is not group]
    if not ys:
        raise GearboxError("There is no column with numbers to draw; name it as `y`, or cast it in SQL.")
    for each in ys:
        if not each.is_number:
            raise GearboxError(f"“{each.name}” is no column of numbers. Cast it in SQL: CAST(... AS DOUBLE).")
    if len(ys) > 1 and (group is not None or asked.kind in (Kind.PIE, Kind.DONUT, Kind.HEATMAP)):
        raise GearboxError("With `group`, and for pies and heatmaps, there is one `y`; name it.")
    return Drawing(
        asked.kind, title, x, tuple(ys), group, asked.stacked, asked.horizontal, asked.x_label, asked.y_label
    )
