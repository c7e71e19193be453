"""The Usage page: calls, tokens, cost and speed of a period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import GearboxError
from data.analytics.period import Period
from data.analytics.usage import ModelUsage, RecentCall, UsageReport
from data.values.actor import Actor
from pages import usage_charts
from pages.moments import zone
from pages.plain import plain
from pages.sample_mark import sample_mark
from pages.usage_words import NONE, NOT_PRICED, cost, count, day, duration

if TYPE_CHECKING:
    from core.services import Services
    from core.usage import UsageView
    from data.warehouse.writer import WarehouseStatus

_LABELS = {Period.TODAY: "Today", Period.WEEK: "7 days", Period.MONTH: "30 days"}
_LATE = timedelta(seconds=30)


def render(services: Services, actor: Actor, *, open_chat: Callable[[], None]) -> None:
    """Draw the page; `open_chat` is called when the person asks for a chat."""
    st.title("Usage")
    period = st.segmented_control(
        "Period", list(_LABELS), default=Period.TODAY, required=True, format_func=_LABELS.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        view = services.reports.usage.view(actor, period or Period.TODAY, zone())
    except GearboxError as error:
        st.warning(f"{plain(str(error))}\n\n{plain(error.remedy)}", icon=":material/warning:")
        return
    _notice(services.reports.usage.status(), view)
    if not view.report.totals.calls:
        _empty(view, open_chat)
        return
    if samples := view.report.totals.samples:
        calls = view.report.totals.calls
        some = f"Of the {count(calls)} calls counted here {count(samples)} were"
        sample_mark("All that is shown here was" if samples == calls else some)
    _tiles(view)
    _charts(view.report)
    _models(view.report)
    _recent(view)


def _notice(status: WarehouseStatus, view: UsageView) -> None:
    """Say when the numbers below are not all there is."""
    waiting = f"Waiting in the database: {status.rows_waiting:,}."
    if status.last_error:
        why = f"{plain(status.last_error)} {plain(status.remedy)}"
        st.warning(f"**The newest calls are missing here.** {why}\n\n{waiting}", icon=":material/warning:")
    elif status.oldest_waiting is not None and (
        not view.report.totals.calls or view.made_at - status.oldest_waiting > _LATE
    ):
        st.info(f"Still counting, look again in a moment. {waiting}", icon=":material/hourglass:")


def _empty(view: UsageView, open_chat: Callable[[], None]) -> None:
    last = view.report.last_call_at
    with st.container(border=True):
        if last is None:
            st.subheader("Nothing to count yet")
            st.write("Ask a model something. The call shows up here with its tokens, its cost and how fast it was.")
        else:
            st.subheader("No calls in this period")
            st.write(f"The last one was on {day(last.astimezone(view.report.span.zone))}. Pick a longer period above.")
        if st.button("Start a chat", type="primary", icon=":material/chat:"):
            open_chat()


def _tiles(view: UsageView) -> None:
    report = view.report
    totals, spend = report.totals, report.spend
    failed = f"{count(totals.failures)} failed" + (f", {count(totals.unknown)} cut off" if totals.unknown else "")
    tokens = ("≈ " if totals.tokens_estimated else "") + count(totals.input_tokens + totals.output_tokens)
    unpriced = f"{count(totals.unpriced)} calls not priced" if totals.unpriced else "all calls priced"
    tiles = [
        ("Calls", count(totals.calls), failed),
        ("Tokens", tokens, f"{count(totals.output_tokens)} of them out"),
        ("Cost", cost(spend, estimated=totals.estimated > 0) if spend else NONE, unpriced if spend else NOT_PRICED),
        ("First token", duration(totals.ttft_p50_ms), f"whole answer {duration(totals.latency_p50_ms)}"),
    ]
    if totals.cache_asked:
        share = f"{totals.cache_hits / totals.cache_asked:.0%}"
        saved = f", {cost(report.saved, estimated=False)} saved" if report.saved else ""
        asked = f"{count(totals.cache_hits)} of {count(totals.cache_asked)} answers{saved}"
        tiles.append(("From the cache", share, plain(asked)))
    with st.container(horizontal=True, gap="small"):
        for label, value, note in tiles:
            # Not st.metric: it cuts its texts short when two tiles share 390 px.
            with st.container(border=True, width="stretch", gap=None):
                st.caption(label)
                st.subheader(plain(value), anchor=False)
                st.caption(note)
    _how(
        report,
        ("totals", "spend", "saved"),
        "Times are medians: half of the calls were faster. Whole answers count calls that were answered. ≈ marks sums "
        "with tokens that we counted because the provider did not. Cost adds up the calls with a listed price; a call "
        "without one is never counted as free. Cut off: Gearbox ended during the call. From the cache: of the requests "
        "that get the same answer every time, those that Gearbox had answered before; they are calls for nothing.",
    )


def _charts(report: UsageReport) -> None:
    rhythm = "hour" if report.span.hourly else "day"
    st.subheader(f"Calls by {rhythm}")
    _draw(usage_charts.calls_over_time(report), f"Bar chart of calls by {rhythm}")
    _how(report, ("buckets",), f"Calls by the {rhythm} they were started in, in your time zone.")
    by_cost = bool(report.spend)
    st.subheader("Cost by model" if by_cost else "Tokens by model")
    _draw(usage_charts.by_model(report), "Bar chart by model")
    _how(
        report,
        ("spend",) if by_cost else ("models",),
        "Sum of what the calls cost; only models with a listed price." if by_cost else "Input and output together.",
    )
    if any(bucket.latency_p50_ms is not None or bucket.ttft_p50_ms is not None for bucket in report.buckets):
        st.subheader("Speed")
        _draw(usage_charts.speed_over_time(report), f"Line chart of median times by {rhythm}")
        st.caption(
            f"95% of first tokens came within {duration(report.totals.ttft_p95_ms)}, "
            f"95% of whole answers within {duration(report.totals.latency_p95_ms)}."
        )
        _how(
            report,
            ("buckets", "totals"),
            f"Points: median of each {rhythm}, to the first token and to the end of answered calls.",
        )


def _draw(figure: object, alt: str) -> None:
    st.plotly_chart(figure, theme="streamlit", config={"displayModeBar": False, "staticPlot": False}, alt=alt)


def _models(report: UsageReport) -> None:
    st.subheader("Models")
    grouped = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        [_model_row(model) for model in report.models],
        hide_index=True,
        column_config=dict.fromkeys(("Calls", "Tokens in", "Tokens out", "Failed"), grouped),
    )
    _how(report, ("models", "spend"), "One row for each model that was called. Times are medians.")


def _model_row(model: ModelUsage) -> dict[str, object]:
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


def _recent(view: UsageView) -> None:
    zone = view.report.span.zone
    with st.expander("Last calls"):
        st.dataframe([_recent_row(call, zone, people=view.everyone) for call in view.report.recent], hide_index=True)
        _how(view.report, ("recent",), "The last 20 calls of the period, newest first.")
    people = view.report.totals.people
    whose = "Your calls" if not view.everyone else f"Calls of {count(people)} {'person' if people == 1 else 'people'}"
    zone_name = getattr(zone, "key", "your time zone")
    st.caption(f"{whose}, as of {view.made_at.astimezone(zone):%H:%M:%S}, times in {zone_name}.")


def _recent_row(call: RecentCall, zone: tzinfo, *, people: bool) -> dict[str, object]:
    tokens = None if call.input_tokens is None else call.input_tokens + (call.output_tokens or 0)
    ended = f"failed: {call.error_kind.replace('_', ' ')}" if call.error_kind else call.status
    ended = "from the cache" if call.cache == "hit" else ended
    return {
        "Time": f"{call.ts.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        **({"Person": call.user_id} if people else {}),
        "Model": f"{call.provider}/{call.model}",
        "Ended": ended,
        "Tokens": NONE if tokens is None else ("≈ " if call.tokens_estimated else "") + f"{tokens:,}",
        "Cost": cost((call.cost,), estimated=call.cost_basis == "estimated") if call.cost else NOT_PRICED,
        "First token": duration(call.ttft_ms),
        "Whole answer": duration(call.latency_ms),
    }


def _how(report: UsageReport, parts: tuple[str, ...], text: str) -> None:
    """The way from the stored calls to the numbers above, as it was run."""
    with st.popover("How is this computed?", type="tertiary", icon=":material/function:"):
        st.write(text)
        for part in parts:
            st.code(report.sql[part], "sql")
        used = {name: value for name, value in report.parameters.items() if name != "edges"}
        st.caption("Run over the usage warehouse, in UTC, with:")
        st.code("\n".join(f"${name} = {_parameter(value)}" for name, value in used.items()), None)


def _parameter(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC):%Y-%m-%d %H:%M} UTC"
    return "null (everyone)" if value is None else str(value)
