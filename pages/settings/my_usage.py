"""What the person used: their calls, models, times and cost, and where their budget stands."""

from __future__ import annotations

import streamlit as st

from core.errors import GearboxError
from data.analytics.usage import ModelUsage, Spend, UsageReport
from pages.figures import beginning
from pages.figures.beginning import PERIODS
from pages.figures.drawn import below, table, tiles
from pages.usage.month import own_budget
from pages.usage_words import NONE, NOT_PRICED, cost, count, duration
from pages.visit import Visit
from pages.widget_keys import Keys

_PARTS = ("totals", "spend", "models")


def draw(visit: Visit) -> None:
    """Draw the part; never anybody else's calls, whatever more the person may see elsewhere."""
    st.subheader("My usage", anchor=False)
    reports = visit.services.reports
    period = st.segmented_control(
        "Period", list(PERIODS), default=list(PERIODS)[2], required=True, format_func=PERIODS.__getitem__,
        key=Keys.MY_USAGE_PERIOD, label_visibility="collapsed",
    )  # fmt: skip
    try:
        report = reports.usage.mine(visit.actor, period or list(PERIODS)[2], reports.usage.zone)
        own_budget(reports.budgets.mine(visit.actor))
    except GearboxError as error:
        beginning.refused(error)
        return
    beginning.missing(reports.usage.status(), "calls")
    if not report.totals.calls:
        st.caption("You made no calls in this period.")
        return
    _tiles(report)
    table("my-models", [_row(each) for each in report.models])
    below(
        {part: (report.sql[part], report.parameters) for part in _PARTS},
        _PARTS,
        "Your own calls alone. Times are medians; whole answers count calls that were answered. ≈ marks sums with "
        "tokens that we counted because the provider did not. A call without a listed price is never counted as free.",
        "my-usage",
        [_figures(each, spend) for each in report.models for spend in each.spend or (None,)],
    )
    st.page_link(visit.places.usage, label="By day, task and more", icon=":material/monitoring:")


def _tiles(report: UsageReport) -> None:
    totals = report.totals
    unpriced = f"{count(totals.unpriced)} calls not priced" if totals.unpriced else "all calls priced"
    tiles(
        ("Calls", count(totals.calls), [f"{count(totals.failures)} failed"]),
        (
            "Tokens",
            ("≈ " if totals.tokens_estimated else "") + count(totals.input_tokens + totals.output_tokens),
            [f"{count(totals.output_tokens)} of them out"],
        ),
        (
            "Cost",
            cost(report.spend, estimated=totals.estimated > 0) if report.spend else NONE,
            [unpriced if report.spend else NOT_PRICED],
        ),
        ("First token", duration(totals.ttft_p50_ms), [f"whole answer {duration(totals.latency_p50_ms)}"]),
    )


def _row(model: ModelUsage) -> dict[str, object]:
    return {
        "Model": f"{model.provider}/{model.model}",
        "Calls": model.calls,
        "Tokens in": model.input_tokens,
        "Tokens out": model.output_tokens,
        "Cost": cost(model.spend, estimated=model.estimated > 0),
        "First token": duration(model.ttft_p50_ms),
        "Whole answer": duration(model.latency_p50_ms),
        "Failed": model.failures,
    }


def _figures(model: ModelUsage, spend: Spend | None) -> dict[str, object]:
    return {
        "Model": f"{model.provider}/{model.model}",
        "Calls": model.calls,
        "Failed": model.failures,
        "Tokens in": model.input_tokens,
        "Tokens out": model.output_tokens,
        "Currency": spend and spend.currency,
        "Cost": spend and spend.amount,
        "First token, ms": model.ttft_p50_ms,
        "Whole answer, ms": model.latency_p50_ms,
    }
