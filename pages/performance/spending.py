"""What answers cost: for a useful one, saved by caches, and at another model's prices."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.performance import PerformanceView
from data.analytics.performance_values import PerformanceFacts, Sums
from data.analytics.quality_sql import PEOPLE_AT_LEAST
from data.values.money import TokenPrice
from pages.figures.drawn import table, tiles
from pages.performance import files, filters, words
from pages.performance.address import Address
from pages.performance.drawn import below
from pages.plain import plain
from pages.usage_words import NONE, cost, count, day

_USEFUL = (
    "**An answer** is what a model gave in one turn, all its calls in it together. **n** are the answers that somebody "
    "showed something of by now: a thumb, a comparison, copying, asking again, another model asked "
    "instead. **Useful** are those of which what was shown is better than not: the mean of its worths, by weight, is "
    "above one half. Worths and weights are those that grades are made with ($signals, $worths and $weights below); of "
    "thumbs and of comparisons the last one counts. **A useful answer costs** what the n with a known cost took, those "
    "that were not useful too, over the useful ones. Answers that nobody judged say nothing, and people don't judge at "
    "random."
)


def draw(view: PerformanceView, sums: Sums, address: Address, prices: Mapping[str, TokenPrice]) -> None:
    """The part."""
    _useful(view.facts, sums)
    _cache(view.facts, sums)
    _what_if(view, address, prices)


def _useful(facts: PerformanceFacts, sums: Sums) -> None:
    st.subheader("Cost of a useful answer")
    judged, useful = words.useful_share(sums)
    answers = sums.totals.to_judge
    if not judged:
        st.info(
            f"Nothing was shown of answers by at least {PEOPLE_AT_LEAST} people. It takes thumbs, comparisons, copying "
            "or asking again to tell which were useful.",
            icon=":material/hourglass:",
        )
    else:
        then_judged, then_useful = words.useful_share(facts.before)
        before = facts.before.useful if facts.before else ()
        told = [words.before(words.per_useful(before))] if then_judged else []
        priced = sum(each.judged for each in sums.useful if each.currency)
        shares = [words.before(words.share(then_useful, then_judged))] if then_judged else []
        tiles(
            ("A useful answer", words.per_useful(sums.useful), [f"n = {count(priced)} with a known cost", *told]),
            ("Useful", words.share(useful, judged), [f"{count(useful)} of n = {count(judged)}", *shares]),
            ("Judged", words.share(judged, answers), [f"n = {count(judged)} of {count(answers)} answers"]),
        )
        if facts.useful:
            table("useful", words.useful_rows(facts.useful))
    below(facts, ("useful",), _USEFUL, "useful", files.useful_figures(facts.useful))


def _cache(facts: PerformanceFacts, sums: Sums) -> None:
    st.subheader("Saved by caches")
    rows = sums.cached
    asked, hits = sum(each.asked for each in rows), sum(each.hits for each in rows)
    if not rows or not (asked or sums.totals.cached_tokens):
        st.write("No call was answered from a cache, or too few people made such calls.")
        below(facts, ("totals", "cache"), _CACHE)
        return
    then = facts.before.cached if facts.before else ()
    told = [words.before(cost(words.saved(then)))] if words.saved(then) else []
    unpriced = sum(each.unpriced_hits for each in rows)
    lost = [f"{count(unpriced)} without a price"] if unpriced else []
    totals = sums.totals
    tiles(
        ("Saved", cost(words.saved(rows)) if words.saved(rows) else NONE, [*lost, *told]),
        ("From Gearbox's cache", words.share(hits, asked), [f"{count(hits)} of {count(asked)} calls"]),
        (
            "From providers' caches",
            words.share(totals.cached_tokens, totals.input_tokens),
            [f"{count(totals.cached_tokens)} of {count(totals.input_tokens)} tokens in"],
        ),
    )
    if facts.cached:
        table("caches", words.cache_rows(facts.cached))
    below(facts, ("totals", "cache"), _CACHE, "caches", files.cache_figures(facts.cached))


_CACHE = (
    "Saved: what answers from Gearbox's own cache would have cost, where that has a price. Its share is of the calls "
    "that it may answer: those whose answer is the same every time. Tokens from a provider's cache are cheaper than "
    "others; what was paid for them is in the cost of each call, and what they would have cost is not kept."
)


def _what_if(view: PerformanceView, address: Address, prices: Mapping[str, TokenPrice]) -> None:
    st.subheader("What if it had gone to …")
    asked = [each for each in view.facts.options.models if each in prices]
    filters.what_if(address, [*asked, *(each for each in prices if each not in asked)])
    found = view.what_if
    if found is None:
        st.caption(
            "Choose a model: what are the tokens of the calls shown here at its prices of today? Only models with "
            "listed prices are offered: first those that were asked in the period, then those you can use."
        )
        return
    if not found.rows:
        st.info("None of the calls is a chat whose tokens are known.", icon=":material/hourglass:")
        return
    st.markdown(f"**{plain(found.model_id)}**: {words.verdict(found).replace('$', chr(92) + '$')}")
    st.caption(plain(_left_out(view)))
    table("what-if", words.instead_rows(found))
    below(
        view.facts,
        ("traffic", "long_prompts"),
        f"Tokens of chats times the prices of {plain(found.model_id)} ({_prices(found.price)}), of price list "
        f"{plain(found.price.version)}. Tokens are taken as they were: another model cuts text otherwise and writes "
        "more or less. What was read from a provider's cache is taken as read from this one's; what was written to one "
        "is counted as read anew. Prompts above $above tokens have the prices that are listed for them. Compared are "
        "calls whose cost is known in the same currency, with what they cost at the time.",
        "what-if",
        files.instead_figures(found),
    )


def _prices(price: TokenPrice) -> str:
    each = (("in", price.input), ("out", price.output), ("from its cache", price.cached_input))
    million = ", ".join(f"{amount * 1_000_000:f}".rstrip("0").rstrip(".") + f" {name}" for name, amount in each)
    return f"{price.currency} for a million tokens: {million}"


def _left_out(view: PerformanceView) -> str:
    facts, found = view.facts, view.what_if
    if facts.sums is None or found is None:
        return ""
    totals, total = facts.sums.totals, found.total
    shown = totals.speed.calls - totals.no_tokens - totals.not_chat - totals.cache_hits
    reasons = [
        (totals.no_tokens, "without a count of tokens, most of them failed"),
        (totals.not_chat, "for something else than chat"),
        (totals.cache_hits, "answered from Gearbox's cache"),
        (shown - total.calls, "of too few people to be shown"),
    ]
    left = [f"{count(number)} {why}" for number, why in reasons if number]
    said = f"Left out: {'; '.join(left)}." if left else "No call is left out."
    if missing := total.calls - total.compared:
        said += f" {count(missing)} calls whose own cost is not known are in the first sum, not in the comparison."
    if total.estimated:
        said += f" Of {count(total.estimated)} calls Gearbox counted the tokens, because the provider did not."
    return f"{said} Prices as of {day(view.made_at.astimezone(facts.span.zone))}."
