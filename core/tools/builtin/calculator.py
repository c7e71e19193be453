"""The calculator: exact where that is possible, and never a guess."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import BaseModel, Field

from core.tools.builtin.arithmetic import MOST_CHARS, calculate
from core.tools.builtin.numbers import fraction_behind, is_written_in_full, written
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, gives, takes
from data.values.tool_calls import Effect

_DESCRIPTION = (
    "Calculates one expression exactly; use it for every calculation beyond small whole numbers. "
    "Signs: + - * / // % ** ! and brackets; 15% of 80, 200 + 10% (is 220), 17 % 5 (the remainder). "
    "Functions: sqrt cbrt abs round floor ceil min max sum mean median log (natural) log2 log10 log(x, base) exp "
    "sin cos tan asin acos atan (radians) degrees radians hypot factorial gcd lcm comb perm mod. "
    "Constants: pi e tau. Write numbers without thousands separators, units and currency signs."
)


class Expression(ToolInput):
    """What to calculate."""

    expression: Annotated[str, Field(min_length=1, max_length=MOST_CHARS, description="Like (1299 * 1.19) / 3")]


class Value(BaseModel):
    """What it comes to; `exact` when `result` leaves no digit out, `fraction` where it has no end."""

    result: str
    exact: bool
    fraction: str | None = None


async def _calculate(asked: Expression, _context: ToolContext) -> ToolResult:
    # Off the loop: what the bounds allow takes up to some tens of milliseconds.
    return gives(await asyncio.to_thread(_value, asked.expression))


def _value(expression: str) -> Value:
    number = calculate(expression)
    return Value(result=written(number), exact=is_written_in_full(number), fraction=fraction_behind(number) or None)


CALCULATOR = Tool(
    name="calculator",
    title="Calculator",
    description=_DESCRIPTION,
    schema=Expression.model_json_schema(),
    effect=Effect.NONE,
    run=takes(Expression, _calculate),
    timeout=10.0,
)
