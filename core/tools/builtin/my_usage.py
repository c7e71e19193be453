"""What the person spent."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from core.tools.builtin.zones import zone_of
from core.tools.tool import Tool, ToolContext, ToolInput, ToolResult, gives, takes
from core.usage import UsageService
from data.analytics.period import Period
from data.analytics.usage import Spend
from data.values.tool_calls import Effect

_MOST_MODELS = 15

_DESCRIPTION = (
    "What the person who asks spent on models here, with calls and tokens: today, in the last 7, 30 or 90 days, "
    "today included. `unpriced_calls` cost something that nobody knows: never call them free. Amounts in different "
    "currencies can't be added up."
)


class Asked(ToolInput):
    """Which period."""

    period: Period = Period.WEEK
    zone: Annotated[str, Field(max_length=60, description="The time zone in which days begin")] = "UTC"


class Amount(BaseModel):
    """Money, as decimal text."""

    currency: str
    amount: str


class OfModel(BaseModel):
    """One model's part."""

    model: str
    calls: int
    tokens: int
    spent: list[Amount]
    unpriced_calls: int


class MyUsage(BaseModel):
    """The person's own calls. `spent` is what is known; some of it is estimated when `estimated_calls` is not 0."""

    first_day: str
    last_day: str
    zone: str
    calls: int
    failed_calls: int
    input_tokens: int
    output_tokens: int
    spent: list[Amount]
    unpriced_calls: int
    estimated_calls: int
    models: list[OfModel]
    models_left_out: int | None = None


def my_usage(usage: UsageService) -> Tool:
    """The tool."""

    async def tell(asked: Asked, context: ToolContext) -> ToolResult:
        return gives(await asyncio.to_thread(_report, usage, asked, context))

    return Tool(
        name="my_usage",
        title="My usage",
        description=_DESCRIPTION,
        schema=Asked.model_json_schema(),
        effect=Effect.READS,
        run=takes(Asked, tell),
    )


def _report(usage: UsageService, asked: Asked, context: ToolContext) -> MyUsage:
    report = usage.mine(context.actor, asked.period, zone_of(asked.zone))
    zone, totals = report.span.zone, report.totals
    return MyUsage(
        first_day=report.span.start.astimezone(zone).date().isoformat(),
        last_day=report.span.edges[-1].astimezone(zone).date().isoformat(),
        zone=asked.zone,
        calls=totals.calls,
        failed_calls=totals.failures,
        input_tokens=totals.input_tokens,
        output_tokens=totals.output_tokens,
        spent=_amounts(report.spend),
        unpriced_calls=totals.unpriced,
        estimated_calls=totals.estimated,
        models=[
            OfModel(
                model=f"{each.provider}/{each.model}",
                calls=each.calls,
                tokens=each.tokens,
                spent=_amounts(each.spend),
                unpriced_calls=each.unpriced,
            )
            for each in report.models[:_MOST_MODELS]
        ],
        models_left_out=max(0, len(report.models) - _MOST_MODELS) or None,
    )


def _amounts(spend: tuple[Spend, ...]) -> list[Amount]:
    return [Amount(currency=each.currency, amount=_plain(each.amount)) for each in spend]


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
