"""Guardrails of a flag's rollouts: what is watched, how it stands, and why one was rolled back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.clock import utc_now
from core.errors import GearboxError
from core.flags.guarding import level
from core.flags.usual_guardrails import usual_for
from core.flags.watching import Watch
from data.values.flags import PARTS, Flag, FlagState, Rule
from data.values.guardrails import RATES, USUAL_HARM, Back, Breach, Guardrail, Metric, MetricSeen, Watched
from pages.figures import beginning
from pages.flags import words
from pages.flags.acting import asked, tried
from pages.flags.words import Names
from pages.moments import ago, minute
from pages.plain import plain
from pages.visit import Visit
from pages.widget_keys import Keys

METRICS = {
    Metric.ERROR_RATE: "Failed calls",
    Metric.LATENCY: "Time to an answer",
    Metric.COST: "Cost of a turn",
    Metric.THUMBS_DOWN: "Thumbs down",
}
_BACK = {Back.CONTROL: "Nobody is treated", Back.KILL: "The flag is killed"}


def draw(visit: Visit, flag: Flag, names: Names) -> None:
    """Draw each rollout with what watches it."""
    rollouts = [(place, rule) for place, rule in enumerate(flag.rules, 1) if rule.rollout is not None]
    if not rollouts:
        st.caption("A guardrail watches a rollout, and no rule of this flag has one.")
        return
    try:
        watched = {each.rule_id: each for each in visit.services.flag_parts.guardrails.of(visit.actor, flag)}
    except GearboxError as error:
        beginning.refused(error)
        return
    for place, rule in rollouts:
        with st.container(border=True, key=f"guard-{rule.id}", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**Rule {place}:** {words.conditions(rule, names)}")
                if st.button("Set", key=f"set-guard-{rule.id}", icon=":material/tune:", type="tertiary"):
                    _dialog(visit, flag, rule)
            _state(visit, flag, rule, watched.get(rule.id))


def _state(visit: Visit, flag: Flag, rule: Rule, watch: Watch | None) -> None:
    rollout = rule.rollout
    assert rollout is not None
    if rollout.breach is not None:
        _breach(visit, flag, rule, rollout.breach)
    elif rollout.guardrail is None or not rollout.guardrail.is_on:
        st.caption(":material/shield: Nothing watches it: it is not rolled back by itself.")
    elif flag.state is not FlagState.ON:
        st.caption(":material/shield: It is watched while the flag is on.")
    elif watch is None or not 0 < watch.share < PARTS:
        st.caption(
            ":material/shield: It is watched while some are treated and some are not: there is nothing to compare."
        )
    else:
        _table(flag, watch.seen)
        st.caption(f"Counted since {minute(watch.since)}, when this share began. {_rule(rollout.guardrail)}")


def _breach(visit: Visit, flag: Flag, rule: Rule, breach: Breach) -> None:
    st.error(
        f"Rolled back {ago(breach.at, utc_now())}, at {minute(breach.at)}: **{METRICS[breach.metric].lower()}** of the "
        f"treated were worse than the control group's. {words.percent(breach.share)} had been treated since "
        f"{minute(breach.since)}.",
        icon=":material/undo:",
    )
    _table(flag, breach.seen, breach.metric)
    if st.button("Try again", key=f"again-{rule.id}", icon=":material/redo:"):
        asked(
            f"Try {plain(flag.key)} again?",
            f"**{words.percent(breach.share)}** are treated again, and counting begins anew. A schedule has to be set "
            "again.",
            yes="Try again",
            act=lambda why: visit.services.flag_parts.admin.try_again(visit.actor, flag.key, rule.id, why),
            done="It is tried again.",
        )


def _table(flag: Flag, seen: Sequence[MetricSeen], breached: Metric | None = None) -> None:
    units = words.UNITS[flag.unit]
    ways = [1.0 if each.metric is breached else _way(each) for each in seen]
    st.dataframe(
        {
            "Metric": [METRICS[each.metric] for each in seen],
            "Treated": [level(each.metric, each.treated.level) for each in seen],
            "Control": [level(each.metric, each.control.level) for each in seen],
            "Evidence": ["Rolled back" if each.metric is breached else _strength(each) for each in seen],
            "Reached": ways,
            "Outcomes": [f"{each.treated.outcomes:,} and {each.control.outcomes:,}" for each in seen],
            units.capitalize(): [f"{each.treated.units:,} and {each.control.units:,}" for each in seen],
        },
        hide_index=True,
        column_config={
            "Evidence": st.column_config.TextColumn(help="That the treated are worse off, by more than the least harm"),
            "Reached": st.column_config.ProgressColumn(
                format="percent",
                min_value=0,
                max_value=1,
                width="small",
                help="How far the evidence has come on the way to a rollback",
            ),
        },
    )
    if breached is None:
        way, nearest = max(zip(ways, seen, strict=True), key=lambda each: each[0])
        so_far = f"{METRICS[nearest.metric].lower()}, {way:.0%} of the way" if way >= 0.005 else "none is on the way"
        st.caption(f"Nearest to a rollback: {so_far}.")


def _strength(seen: MetricSeen) -> str:
    """An e-value in words."""
    if not seen.treated.outcomes or not seen.control.outcomes:
        return "No outcomes yet"
    for limit, said in ((1.5, "None"), (5, "Hardly any"), (seen.limit / 3, "Some")):
        if seen.evidence < limit:
            return said
    return "Strong"


def _way(seen: MetricSeen) -> float:
    """How far the evidence has come, 0 to 1: in factors, as bets multiply."""
    return min(1.0, max(0.0, math.log(max(seen.evidence, 1.0)) / math.log(seen.limit)))


def _rule(guardrail: Guardrail) -> str:
    harm = ", ".join(_harm(each) for each in guardrail.watched)
    return (
        f"It is rolled back where the treated are worse off by more than this: {harm} (points are percentage points). "
        f"The chance that this happens to a harmless one is at most {guardrail.alpha * 100:g}%. "
        f"Then: {_BACK[guardrail.back_to].lower()}."
    )


def _harm(watched: Watched) -> str:
    percent = f"{watched.least_harm * 100:g}"
    return f"{METRICS[watched.metric].lower()} {percent}{' points' if watched.metric in RATES else '%'}"


def _dialog(visit: Visit, flag: Flag, rule: Rule) -> None:
    rollout = rule.rollout
    assert rollout is not None
    now = rollout.guardrail or replace(usual_for(flag.key), is_on=False)

    @st.dialog("Guardrail", width="medium")
    def opened() -> None:
        is_on = st.toggle("Roll it back by itself", now.is_on, key=Keys.FLAG_GUARD)
        st.caption("What counts as harm. Of shares in percentage points, of the others in percent; less is no harm.")
        watched = tuple(each for metric in Metric if (each := _watched(metric, now)) is not None)
        left, right = st.columns(2)
        with left:
            alpha = st.number_input(
                "Chance of a false rollback (%)", 0.1, 50.0, now.alpha * 100, 1.0, key=Keys.FLAG_GUARD_ALPHA,
                help="Of a rollout that does no harm, however long it is watched. All metrics share it.",
            )  # fmt: skip
        with right:
            back = st.selectbox(
                "Then", list(Back), list(Back).index(now.back_to), format_func=_BACK.__getitem__,
                key=Keys.FLAG_GUARD_BACK,
            )  # fmt: skip
        why = st.text_input("Why", key=Keys.FLAG_WHY, max_chars=500, help="It stays in the history.")
        refusal = st.empty()
        if not st.button("Save", type="primary", key="save-guard"):
            return
        guarded = replace(rollout, guardrail=Guardrail(watched, alpha / 100, back or Back.CONTROL, is_on))
        rules = tuple(replace(each, rollout=guarded) if each.id == rule.id else each for each in flag.rules)
        save = visit.services.flag_parts.admin.save
        if tried(lambda: save(visit.actor, replace(flag, rules=rules), why), refusal, "The guardrail is set."):
            st.rerun()

    opened()


def _watched(metric: Metric, now: Guardrail) -> Watched | None:
    known = {each.metric: each.least_harm for each in now.watched}
    left, right = st.columns(2, vertical_alignment="center")
    with left:
        is_watched = st.checkbox(METRICS[metric], metric in known, key=f"{Keys.FLAG_GUARD_METRIC}-{metric}")
    with right:
        harm = st.number_input(
            f"Least harm: {METRICS[metric].lower()}", 0.0, 90.0 if metric in RATES else 1_000.0,
            known.get(metric, USUAL_HARM[metric]) * 100, 1.0, format="%g", key=f"{Keys.FLAG_GUARD_HARM}-{metric}",
            label_visibility="collapsed", disabled=not is_watched,
        )  # fmt: skip
    return Watched(metric, harm / 100) if is_watched else None
