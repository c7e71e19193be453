"""How fast answers came: in all, over time, and by model or provider."""

from __future__ import annotations

import streamlit as st

from data.analytics.performance_values import PerformanceFacts, Speed, Sums
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from pages.figures.drawn import chart, table, tiles
from pages.performance import charts, files, filters, words
from pages.performance.address import Address, Measure
from pages.performance.drawn import below
from pages.usage_words import count

_ALT = {
    Measure.TTFT: "times to the first token",
    Measure.WHOLE: "times of whole answers",
    Measure.RATE: "tokens a second",
    Measure.FAILED: "the share of failed calls",
}
QUANTILES = (
    "Of 100 calls 50 were at least as good as the median (p50), 95 as p95 and 99 as p99; of tokens a second the high "
    "ones are the good ones. They are counted over all the calls, never means of daily figures, and told within 2%: "
    "calls that took about as long are counted together."
)


def draw(facts: PerformanceFacts, sums: Sums, address: Address) -> None:
    """The part."""
    then = facts.before.totals.speed if facts.before else None
    tiles(
        ("First token", *_told(sums.totals.speed, then, Measure.TTFT)),
        ("Whole answer", *_told(sums.totals.speed, then, Measure.WHOLE)),
        ("Tokens a second", *_told(sums.totals.speed, then, Measure.RATE)),
    )
    below(
        facts,
        ("totals", "speed"),
        f"The large number is the median. {QUANTILES} First token: calls where one came. Whole answer: calls that a "
        "provider answered to the end. Tokens a second: tokens after the first one over the time after it, where the "
        "provider counted them. What Gearbox's own cache answered counts for none of these.",
    )
    _over_time(facts, address)
    _groups(facts, address)


def _told(now: Speed, then: Speed | None, measure: Measure) -> tuple[str, list[str]]:
    """The median, and lines about the tail and the period before."""
    words_of, times = charts.WORDS[measure], charts.times_of(now, measure)
    notes = [words.three(times, words_of), f"n = {count(times.n)}"]
    if then and (past := charts.times_of(then, measure)).p50 is not None:
        notes.append(words.before(words_of(past.p50), words.change(times.p50, past.p50)))
    return words_of(times.p50), notes


def _over_time(facts: PerformanceFacts, address: Address) -> None:
    rhythm = "hour" if facts.span.hourly else "day"
    st.subheader(f"By {rhythm}")
    filters.measure(address)
    if not any(each.speed for each in facts.buckets):
        st.info(f"No {rhythm} has calls of at least {PEOPLE_AT_LEAST} people.", icon=":material/hourglass:")
        return
    chart(charts.over_time(facts, address.measure), f"Chart of {_ALT[address.measure]} by {rhythm}")
    below(
        facts,
        ("buckets", "speed_by_bucket"),
        f"{QUANTILES} A {rhythm} without calls, or with calls of fewer than {PEOPLE_AT_LEAST} people, is left out; so "
        "is the next one where the sum less the others would tell it.",
        "by-time",
        files.bucket_rows(facts),
    )


def _groups(facts: PerformanceFacts, address: Address) -> None:
    st.subheader(f"By {address.by.value}")
    filters.grouping(address)
    if not facts.groups:
        st.info(f"No {address.by.value} was asked by at least {PEOPLE_AT_LEAST} people.", icon=":material/hourglass:")
        return
    measure = address.measure
    if measure is Measure.FAILED or any(charts.times_of(each.speed, measure).n for each in facts.groups):
        chart(charts.by_group(facts.groups, address.by, measure), f"Chart of {_ALT[measure]} by {address.by.value}")
    milliseconds = st.column_config.NumberColumn(format="%d ms")
    quantiles = [f"{name} {q}" for name in ("First token", "Whole answer") for q in ("p50", "p95", "p99")]
    rows = words.group_rows(facts.groups, address.by)
    table(
        address.by.value,
        rows,
        Failed=st.column_config.NumberColumn(format="%.1f%%"),
        **dict.fromkeys(quantiles, milliseconds),
    )
    below(
        facts,
        ("groups", "speed_by_group"),
        f"{QUANTILES} Who was asked by fewer than {PEOPLE_AT_LEAST} people is added up with others.",
        f"by-{address.by.value}",
        rows,
    )
