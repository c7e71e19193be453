"""The Overview tab: one look tells whether all is well, from across the room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from core.budgets import Beside
from core.errors import GearboxError
from core.overview.findings import BUDGET_FEWEST, HANDED_OVER, Finding, Overview, Place, Severity
from core.telemetry.instruments import OWN
from data.analytics.health import ErrorBudget, ProviderHealth
from pages.figures.drawn import table, tiles
from pages.plain import plain
from pages.usage_words import NONE, count
from pages.visit import Visit
from pages.widget_keys import Keys

_LOOK = 15.0  # seconds
_AT_FIRST = 3  # findings: numbers stay on a screen that nobody scrolls
_COLORS = {Severity.NOTICE: "blue", Severity.WARNING: "orange", Severity.CRITICAL: "red"}
_ICONS = {Severity.NOTICE: "info", Severity.WARNING: "warning", Severity.CRITICAL: "error"}
_LONG = 24 * 3600
_OLD = 60.0  # seconds: of a younger look nobody has to be told


@st.fragment(run_every=_LOOK)
def draw(visit: Visit) -> None:
    """Draw the tab, and look again while it is open."""
    try:
        seen = visit.services.overview.look(visit.actor)
    except GearboxError as problem:
        st.error(plain(problem.explain()), icon=":material/error:")
        return
    _headline(seen)
    _findings(visit, seen.findings[:_AT_FIRST], "first")
    if rest := seen.findings[_AT_FIRST:]:
        with st.expander(f"{len(rest)} more"):
            _findings(visit, rest, "more")
    with st.container(key=Keys.WALL):
        tiles(*_answers(seen))
        tiles(*_keeping(seen))
        tiles(*_rest(seen))
    if seen.providers:
        st.subheader("Providers, the last hour", anchor=False)
        table("providers", [_provider(each) for each in seen.providers])
    st.caption(
        f"Seen at {seen.at:%H:%M:%S} UTC; looked at again every {_LOOK:.0f} seconds. Memory and load are of this "
        "process and this machine."
    )


def _headline(seen: Overview) -> None:
    urgent = [each for each in seen.findings if each.severity > Severity.NOTICE]
    state = max((each.severity for each in urgent), default=Severity.NOTICE)
    words = f"{_counted(len(urgent), 'thing')} {'needs' if len(urgent) == 1 else 'need'} somebody"
    mark, name = _ICONS[state], state.name.lower()
    if not urgent:
        known = seen.watching.at is not None
        mark, words = ("check_circle", "All is well") if known else ("hourglass_top", "Taking a look")
        name = name if known else "unknown"
    with st.container(key=f"{Keys.STATE}-{name}"):
        st.title(f":material/{mark}: {words}", anchor=False)


def _watched(seen: Overview) -> str:
    if seen.watching.at is None:
        return "nobody looks yet" if seen.watching.nobody_for < HANDED_OVER else "nobody watches"
    age = (seen.at - seen.watching.at).total_seconds()
    return f"as of {_seconds(age)} ago" if age > _OLD else "of all rules"


def _findings(visit: Visit, found: Sequence[Finding], part: str) -> None:
    if not found:
        return
    with st.container(key=f"findings-{part}"):
        for finding in found:
            _finding(visit, finding)


def _finding(visit: Visit, finding: Finding) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            mark = f":{_COLORS[finding.severity]}[:material/{_ICONS[finding.severity]}:]"
            st.markdown(f"{mark} **{plain(finding.title)}**")
            st.caption(plain(finding.detail))
        _way(visit, finding)


def _way(visit: Visit, finding: Finding) -> None:
    pages = {
        Place.PERFORMANCE: visit.places.performance,
        Place.USAGE: visit.places.usage,
        Place.AUDIT: visit.places.audit,
        Place.ALERTS: visit.places.alerts,
        Place.RELIABILITY: visit.places.admin,
    }
    queries = {Place.RELIABILITY: {"tab": "Reliability"}, Place.ALERTS: {Keys.ALERT: finding.alert}}
    if (page := pages.get(finding.place)) is not None:
        query = {name: value for name, value in queries.get(finding.place, {}).items() if value}
        st.page_link(page, label="Look", icon=":material/arrow_forward:", query_params=query)


def _answers(seen: Overview) -> Iterator[tuple[str, str, list[str]]]:
    calls, failed = (sum(getattr(each, name) for each in seen.providers or ()) for name in ("calls", "failed"))
    share = f"{failed / calls:.1%} failed" if calls else "no calls"
    told = (NONE, ["can't be read here"]) if seen.providers is None else (count(calls), [share])
    yield "Calls in the last hour", *told
    yield "Error budget left", *_budget_left(seen.errors)
    yield "Open alerts", count(seen.watching.firing), [_watched(seen)]
    yield "Answers in progress", count(seen.store.turns), ["in all processes"]


def _budget_left(errors: ErrorBudget | None) -> tuple[str, list[str]]:
    if errors is None:
        return NONE, ["can't be read here"]
    objective = f"{errors.objective:.1%} are to be answered"
    if errors.calls < BUDGET_FEWEST or errors.left is None:
        return NONE, [objective, f"too few calls to tell: {errors.calls} of {BUDGET_FEWEST}"]
    return f"{max(errors.left, 0):.0%}", [objective, "overspent" if errors.left < 0 else "within four weeks"]


def _keeping(seen: Overview) -> Iterator[tuple[str, str, list[str]]]:
    status = seen.warehouse
    lag = 0.0 if status.oldest_waiting is None else (seen.at - status.oldest_waiting).total_seconds()
    yield "Warehouse behind", _seconds(max(lag, 0.0)), [f"{_counted(status.rows_waiting, 'event')} waiting"]
    audit = seen.audit
    kept = "refusing" if audit.refusing else "kept"
    at = audit.checkpoint_at
    signed = "nothing signed yet" if at is None else f"signed {_seconds((seen.at - at).total_seconds())} ago"
    yield "Audit log", kept, [signed, f"{_counted(audit.pending, 'event')} since"]
    yield (
        "Keys in use",
        count(seen.store.keys),
        [f"{count(seen.store.keys_expiring)} of them end within {seen.keys_ending.days} days"],
    )
    yield "Release", seen.version, [f"database at revision {seen.migration}"]


def _rest(seen: Overview) -> Iterator[tuple[str, str, list[str]]]:
    yield "People", count(seen.store.people), [f"{_counted(seen.store.sessions, 'browser')} signed in"]
    yield "Month's spending", *_spent(seen.spent)
    machine = seen.machine
    memory = NONE if machine.memory is None else f"{machine.memory / 1e9:,.1f} GB"
    load = "" if machine.load is None else f"load {machine.load:.1f} on {machine.cores} cores"
    yield "Memory", memory, [each for each in (load,) if each]
    yield "Disk free", f"{machine.disk_free / 1e9:,.0f} GB", [f"{machine.disk_free / machine.disk_size:.0%}"]


def _spent(spent: Beside | None) -> tuple[str, list[str]]:
    if spent is None:
        return NONE, ["can't be read here"]
    if spent.budget is None:
        return f"${spent.spent:,.2f}", ["no budget of the organisation"]
    return f"${spent.spent:,.2f}", [f"of ${spent.budget.budget.amount:,.2f}, {spent.budget.standing.value}"]


def _provider(each: ProviderHealth) -> dict[str, object]:
    return {
        "Provider": "own servers" if each.provider == OWN else each.provider,
        "Calls": each.calls,
        "Failed": each.failed,
        "Failed, share": f"{each.failed / each.calls:.1%}",
        "TTFT, p95": NONE if each.ttft_ms is None else f"{each.ttft_ms / 1000:.2f} s",
    }


def _seconds(seconds: float) -> str:
    if seconds < 90:  # one reads that faster than minutes
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < _LONG else f"{seconds / 86400:.0f} days"


def _counted(number: int, what: str) -> str:
    return f"{count(number)} {what}" + ("" if number == 1 else "s")
