"""The period as a whole: its sums beside those of the period before, its course, and what is odd in it."""

from __future__ import annotations

import streamlit as st

from core.usage import UsagePage
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.analytics.usage_values import Measure, Sums, UsageFacts
from pages.figures.drawn import below, chart, tiles
from pages.plain import plain
from pages.usage import charts, filters, words
from pages.usage.address import Address
from pages.usage_words import NONE, NOT_PRICED, count

_ODD_TOLD = 6
_BEFORE = (
    "The period before is as long as this one has got so far: up to the same time of its last day. Days are those of "
    "the workspace's time zone."
)


def draw(page: UsagePage, totals: Sums, address: Address) -> None:
    """The part."""
    _tiles(page, totals, address)
    _over_time(page.facts, address, quiet=page.everyone)


def _tiles(page: UsagePage, totals: Sums, address: Address) -> None:
    facts, compared = page.facts, words.before(address.period)

    def moved(now: float, then: float | None) -> list[str]:
        return [] if then is None else [words.change(now, then, compared)]

    then = facts.before
    failed = f"{count(totals.failures)} failed"
    lost = f", {count(totals.unknown)} cut off" if totals.unknown else ""
    unpriced = f"{count(totals.unpriced)} calls not priced" if totals.unpriced else "all calls priced"
    spent = totals.spend.get(facts.currency)
    if people := _people(facts):
        tiles(*people)
    tiles(
        ("Calls", count(totals.calls), [failed + lost, *moved(totals.calls, then.calls if then else None)]),
        (
            "Tokens",
            words.amount(totals, Measure.TOKENS, facts.currency),
            [f"{count(totals.output_tokens)} of them out", *moved(totals.tokens, then.tokens if then else None)],
        ),
        (
            "Cost",
            words.spend(totals.spend, estimated=totals.estimated > 0) if totals.spend else NONE,
            [
                unpriced if totals.spend else NOT_PRICED,
                *moved(float(spent or 0), float(then.spend.get(facts.currency, 0)) if then and spent else None),
            ],
        ),
        *_cache(totals),
    )  # fmt: skip
    below(
        facts.ran,
        ("groups", "active"),
        "Calls, tokens and cost are the sums of all groups. ≈ marks sums with tokens that we counted because the "
        "provider did not. Cost adds up the calls with a listed price; a call without one is never counted as free. "
        "Cut off: Gearbox ended during the call. From the cache: of the requests that get the same answer every time, "
        "those that Gearbox had answered before; they are calls for nothing. Active is who made at least one call, "
        f"also one that failed. {_BEFORE}",
    )


def _people(facts: UsageFacts) -> list[tuple[str, str, list[str]]]:
    active = facts.active
    if active is None:
        return []
    told = (
        ("Active today", active.day, active.day_before, "yesterday by this time"),
        ("Active in 7 days", active.week, active.week_before, "the 7 days before"),
        ("Active in 30 days", active.month, active.month_before, "the 30 days before"),
    )
    few = (
        range(1, PEOPLE_AT_LEAST) if active.month >= PEOPLE_AT_LEAST else range(0)
    )  # of several one or two stay unseen
    return [
        (label, "1 or 2" if now in few else count(now), [] if now in few else [words.change(now, then, compared)])
        for label, now, then, compared in told
    ]


def _cache(totals: Sums) -> list[tuple[str, str, list[str]]]:
    if not totals.cache_asked:
        return []
    saved = f", {words.spend(totals.saved)} saved" if totals.saved else ""
    asked = f"{count(totals.cache_hits)} of {count(totals.cache_asked)} requests{saved}"
    return [("From the cache", f"{totals.cache_hits / totals.cache_asked:.0%}", [asked])]


def _over_time(facts: UsageFacts, address: Address, *, quiet: bool) -> None:
    rhythm, measure = "hour" if facts.span.hourly else "day", address.measure
    st.subheader(f"By {rhythm}")
    filters.measure(address)
    if measure is Measure.COST and facts.totals is not None and not facts.totals.spend:
        st.info("None of these calls has a price that is known.", icon=":material/hourglass:")
        return
    chart(charts.over_time(facts, measure), f"Bar chart of {measure.value} by {rhythm}")
    odd = [(each.day, words.odd(each, measure, facts.currency)) for each in facts.odd]
    odd += [(each.day, words.failing(each)) for each in facts.failing] if measure is Measure.CALLS else []
    for _, said in sorted(odd, reverse=True)[:_ODD_TOLD]:
        st.markdown(f":red[◆] {plain(said)}")
    if (more := len(odd) - _ODD_TOLD) > 0:
        st.caption(f"{more} more are marked in the chart.")
    _how_by_day(facts, rhythm, quiet)


def _how_by_day(facts: UsageFacts, rhythm: str, quiet: bool) -> None:
    hidden = (
        f" One with calls of fewer than {PEOPLE_AT_LEAST} people is left out; so is the next one where the sum less "
        "the others would tell it."
        if quiet
        else ""
    )
    odd = (
        " **Unusual** (◆) is a day more than 3.5 spreads away from what its weekday, the trend and the last two weeks "
        "before it made likely, all of them medians of up to eight weeks. Of quiet days about one in 200 is marked, "
        "too. What is told as usual is two spreads to each side. Among calls a day is marked as well where at least "
        "twice as large a share failed as usual, and more than chance on so many calls explains. Today is never "
        "marked, as it is not over."
        if facts.is_watched
        else " Unusual days are marked as soon as there are four weeks before the period to tell what is usual."
        if not facts.span.hourly
        else ""
    )
    costs = f" Cost is in {facts.currency}." if facts.currency else ""
    below(
        facts.ran,
        ("hours",) if facts.span.hourly else ("days", "people_by_day"),
        f"Calls by the {rhythm} they were started in.{costs}{hidden}{odd}",
        f"usage-by-{rhythm}",
        words.bucket_figures(facts),
    )
