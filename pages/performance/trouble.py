"""What went wrong: errors by kind, and models that stood in for others."""

from __future__ import annotations

import streamlit as st

from data.analytics.performance_values import PerformanceFacts, Sums
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from pages.figures.drawn import chart, table
from pages.performance import charts, words
from pages.performance.drawn import below
from pages.usage_words import count

_FEW = f"fewer than {PEOPLE_AT_LEAST} people met them."


def draw(facts: PerformanceFacts, sums: Sums) -> None:
    """The part."""
    _errors(facts, sums)
    _fallbacks(facts, sums)


def _errors(facts: PerformanceFacts, sums: Sums) -> None:
    st.subheader("Errors")
    now = sums.totals.speed
    before = ""
    if facts.before:
        then = facts.before.totals.speed
        before = f" {words.before(words.share(then.failures, then.calls)).capitalize()}."
    st.write(
        f"**{words.share(now.failures, now.calls)}** of calls failed or were cut off: "
        f"{count(now.failures)} of {count(now.calls)}.{before}"
    )
    rows = words.error_rows(facts.errors, now.calls)
    if rows:
        chart(charts.errors(facts.errors, now.calls), "Bar chart of errors by kind")
    elif now.failures:
        st.info(f"For what reasons is not shown: {_FEW}", icon=":material/hourglass:")
    below(
        facts,
        ("totals", "errors"),
        "Failed: calls that ended in an error. Cut off: Gearbox itself ended during them; Usage counts them apart. A "
        "call that a person stopped is neither. Each try counts, also where another model answered in the end. Reasons "
        f"are added up where {_FEW}",
        "errors",
        rows,
    )


def _fallbacks(facts: PerformanceFacts, sums: Sums) -> None:
    st.subheader("Fallbacks")
    totals = sums.totals
    before = ""
    if facts.before:
        then = facts.before.totals
        before = f" {words.before(words.share(then.by_fallback, then.answers)).capitalize()}."
    st.write(
        f"**{words.share(totals.by_fallback, totals.answers)}** of answers came from a model that stood in: "
        f"{count(totals.by_fallback)} of {count(totals.answers)}.{before}"
    )
    rows = words.fallback_rows(facts.fallbacks)
    if rows:
        table("fallbacks", rows)
    elif totals.by_fallback:
        st.info(f"Which stood in for which is not shown: {_FEW}", icon=":material/hourglass:")
    below(
        facts,
        ("useful", "fallbacks"),
        "Calls of a model that was asked because the chosen one did not answer. Failed before: what was asked last "
        "before it in the same turn and day. There is none where a model was passed over as it was known not to "
        "answer, and a program's calls are not tied to each other.",
        "fallbacks",
        rows,
    )
