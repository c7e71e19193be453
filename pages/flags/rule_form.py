"""The builder of a rule: who it is for, and what they get."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import streamlit as st

from data.values.flags import PARTS, Attribute, Condition, Flag, Rollout, Rule, Step, Weight
from pages.flags import words
from pages.flags.acting import tried
from pages.flags.words import Names
from pages.moments import zone
from pages.visit import Visit
from pages.widget_keys import Keys

_VARIANT, _SHARE = "A variant", "A share gets it"
_FREE = frozenset({Attribute.EMAIL_DOMAIN, Attribute.ENVIRONMENT})
_AT, _PERCENT = "From", "Share (%)"


def dialog(visit: Visit, flag: Flag, place: int | None, names: Names) -> None:
    """Open the builder for the rule at a place, or for a new one."""
    rule = Rule(uuid.uuid4().hex[:12]) if place is None else flag.rules[place]

    @st.dialog("New rule" if place is None else f"Rule {place + 1}", width="medium")
    def opened() -> None:
        if len({(each.attribute, each.negated) for each in rule.conditions}) < len(rule.conditions):
            st.info("This rule asks for the same thing twice. Change it on the command line.", icon=":material/info:")
            return
        st.markdown("**Who it is for.** All of this has to hold; what is empty is not asked for.")
        conditions = _conditions(rule, names)
        st.markdown("**What they get**")
        made = _given(flag, rule)
        why = st.text_input("Why", key=Keys.FLAG_WHY, max_chars=500, help="It stays in the history.")
        refusal = st.empty()
        if not st.button("Save the rule", type="primary"):
            return
        whole = replace(made, conditions=conditions)
        rules = (*flag.rules, whole) if place is None else (*flag.rules[:place], whole, *flag.rules[place + 1 :])
        saved = replace(flag, rules=rules)
        if tried(lambda: visit.services.flag_parts.admin.save(visit.actor, saved, why), refusal, "The rule is saved."):
            st.rerun()

    opened()


def _conditions(rule: Rule, names: Names) -> tuple[Condition, ...]:
    found = []
    given = {(each.attribute, each.negated): each.values for each in rule.conditions}
    for attribute, label in words.ATTRIBUTES.items():
        left, right = st.columns(2)
        for column, negated in ((left, False), (right, True)):
            with column:
                values = _values(attribute, label, negated, given.get((attribute, negated), ()), names)
            if values:
                found.append(Condition(attribute, values, negated))
    return tuple(found)


def _values(attribute: Attribute, label: str, negated: bool, given: Iterable[str], names: Names) -> tuple[str, ...]:
    known = names[attribute]
    chosen = st.multiselect(
        f"{label} is {'none of' if negated else 'one of'}",
        list(dict.fromkeys((*known, *given))),
        list(given),
        format_func=lambda value: known.get(value, value),
        key=f"{Keys.FLAG_CONDITION}-{attribute}-{negated}",
        placeholder="Type one" if attribute in _FREE else "Any",
        accept_new_options=attribute in _FREE,
    )
    if attribute is Attribute.EMAIL_DOMAIN:
        return tuple(value.strip().removeprefix("@").casefold() for value in chosen)
    return tuple(chosen)


def _given(flag: Flag, rule: Rule) -> Rule:
    variants = list(flag.variants)
    kind = st.segmented_control(
        "What", [_VARIANT, _SHARE], default=_VARIANT if rule.variant else _SHARE, key=Keys.FLAG_RULE_KIND,
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    usual = next((name for name in variants if name != flag.off), flag.default)
    if kind == _VARIANT:
        chosen = st.selectbox("Variant", variants, variants.index(rule.variant or usual), key=Keys.FLAG_VARIANT)
        return replace(rule, variant=chosen, rollout=None)
    old = rule.rollout or Rollout(PARTS // 20, (Weight(usual),), flag.off)
    percent = st.number_input(
        f"Share of {words.UNITS[flag.unit]} (%)", 0.0, 100.0, old.share * 100 / PARTS, 1.0, format="%g",
        key=Keys.FLAG_SHARE,
    )  # fmt: skip
    treated = st.multiselect(
        "They get", variants, [each.variant for each in old.treated], key=Keys.FLAG_TREATED,
        help="Several are shared out evenly.",
    )  # fmt: skip
    control = st.selectbox("The others get", variants, variants.index(old.control), key=Keys.FLAG_CONTROL)
    weights = {each.variant: each.weight for each in old.treated}
    return replace(
        rule,
        variant=None,
        rollout=Rollout(
            round(percent * PARTS / 100),
            tuple(Weight(name, weights.get(name, 1)) for name in treated),
            control,
            _schedule(old),
            old.guardrail,
            old.breach,
        ),
    )


def _schedule(rollout: Rollout) -> tuple[Step, ...]:
    here = zone()
    st.caption(f"Schedule: other shares from some moments on, in your time zone ({here}). Leave it empty for none.")
    import polars as pl  # takes most of a second: only who builds a rollout waits for it

    rows = {
        _AT: [step.at.astimezone(here).replace(tzinfo=None) for step in rollout.steps],
        _PERCENT: [step.share * 100 / PARTS for step in rollout.steps],
    }
    edited = st.data_editor(
        pl.DataFrame(rows, schema={_AT: pl.Datetime, _PERCENT: pl.Float64}),
        num_rows="dynamic",
        hide_index=True,
        column_config={
            _AT: st.column_config.DatetimeColumn(_AT, format="D MMM YYYY, HH:mm", step=60, required=True),
            _PERCENT: st.column_config.NumberColumn(_PERCENT, min_value=0, max_value=100, required=True),
        },
        key=Keys.FLAG_SCHEDULE,
    )
    steps = [_step(at, share, here) for at, share in edited.iter_rows()]
    return tuple(sorted((step for step in steps if step), key=lambda step: step.at))


def _step(at: object, share: object, here: tzinfo) -> Step | None:
    if not isinstance(at, datetime) or not isinstance(share, int | float):
        return None
    return Step(at.replace(tzinfo=here).astimezone(UTC), round(share * PARTS / 100))
