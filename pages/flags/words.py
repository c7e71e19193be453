"""Flags in words: their state, their rules, and why somebody sees what they see."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from core.flags.capabilities import DESCRIBED
from core.flags.stale import StaleFlag, Staleness
from data.values.flag_evaluation import Arm, Evaluation, Why
from data.values.flags import PARTS, Attribute, Condition, Flag, FlagChange, FlagState, Rollout, Rule, Unit
from pages.moments import ago, minute
from pages.plain import plain

UNITS = {Unit.USER: "people", Unit.TEAM: "teams", Unit.CONVERSATION: "conversations"}
ATTRIBUTES = {
    Attribute.ROLE: "Role",
    Attribute.TEAM: "Team",
    Attribute.USER: "Person",
    Attribute.EMAIL_DOMAIN: "E-mail domain",
    Attribute.ENVIRONMENT: "Environment",
}
Names = Mapping[Attribute, Mapping[str, str]]
"""What people and teams are called, by their ids."""

_NAMED = 4


def title(flag: Flag) -> str:
    """What it is called: Gearbox's own in words, others by their key."""
    described = DESCRIBED.get(flag.key)
    return described.title if described else flag.key


def percent(share: int) -> str:
    """A share as a percentage, without zeros behind the point."""
    return f"{share * 100 / PARTS:.3f}".rstrip("0").rstrip(".") + "%"


def badge(flag: Flag) -> str:
    """Its state as Markdown."""
    match flag.state:
        case FlagState.KILLED:
            return ":red-badge[:material/block: killed]"
        case FlagState.OFF:
            return ":gray-badge[off]"
        case _ if flag.rules:
            return ":blue-badge[:material/rule: by rules]"
        case _ if flag.prerequisites:
            return ":blue-badge[:material/link: where other flags allow it]"
        case _:
            shade = "gray" if flag.default == flag.off else "green"
            return f":{shade}-badge[{plain(flag.default)} for everybody]"


def rolled_back(flag: Flag) -> str:
    """Whether a guardrail rolled a rollout back, as Markdown; empty where none did."""
    is_back = any(rule.rollout is not None and rule.rollout.breach is not None for rule in flag.rules)
    return " :red-badge[:material/undo: rolled back]" if is_back else ""


def reached(flag: Flag, reach: Counter[str]) -> str:
    """Who has what now, in words; empty where that says no more than the badge."""
    if flag.state is not FlagState.ON or not (flag.rules or flag.prerequisites):
        return ""
    if flag.unit is Unit.CONVERSATION:
        return "Divided by conversations."
    people = reach.total()
    parts = [f"{plain(variant)}: {count:,} of {people:,}" for variant, count in reach.most_common()]
    return " · ".join(parts) + (" person" if people == 1 else " people")


def condition(said: Condition, names: Names) -> str:
    """A condition as Markdown."""
    known = names.get(said.attribute, {})
    values = [f"**{plain(known.get(value, value))}**" for value in said.values[:_NAMED]]
    if (more := len(said.values) - _NAMED) > 0:
        values.append(f"{more} more")
    verb = "is none of" if said.negated else "is"
    return f"{ATTRIBUTES[said.attribute]} {verb} {', '.join(values) if said.negated else ' or '.join(values)}"


def conditions(rule: Rule, names: Names) -> str:
    """When a rule counts, as Markdown."""
    return " and ".join(condition(each, names) for each in rule.conditions) or "Everybody"


def rollout(said: Rollout, unit: Unit, now: datetime) -> str:
    """What a rollout does now and next, as Markdown."""
    treated = ", ".join(f"**{plain(each.variant)}**" for each in said.treated)
    if said.breach is not None:
        return (
            f":red[Rolled back by its guardrail] from {percent(said.breach.share)}: all get **{plain(said.control)}**"
        )
    words = f"{percent(said.share_at(now))} of {UNITS[unit]} get {treated}, the others **{plain(said.control)}**"
    coming = [f"{percent(step.share)} from {minute(step.at)}" for step in said.steps if step.at > now]
    return f"{words}. Then {', '.join(coming)}" if coming else words


def why(found: Evaluation, names: Names) -> str:
    """Why somebody sees what they see, as Markdown."""
    flag, units = found.flag, UNITS[found.flag.unit]
    if found.reason in {Why.TARGETING_MATCH, Why.SPLIT}:
        place = next(number for number, rule in enumerate(flag.rules, 1) if rule.id == found.rule)
        return f"Rule {place}: {_of_rule(found, flag.rules[place - 1], names)}."
    if found.unmet:
        return f"The flag {plain(found.unmet)}, which it needs, is not what it has to be for them."
    if found.reason is Why.DISABLED:
        return "Killed: off for everybody." if flag.state is FlagState.KILLED else "It is off for everybody."
    if found.reason is Why.STATIC:
        return "It has no rules: everybody has this."
    if found.lacks_unit:
        return f"It is divided by {units}, and none is named here: they get what the control group gets."
    return "No rule holds, so the default counts."


def _of_rule(found: Evaluation, rule: Rule, names: Names) -> str:
    if found.place is None or found.share is None:
        return conditions(rule, names)
    is_treated = found.arm is Arm.TREATED
    group, side = ("treated", "below") if is_treated else ("in the control group", "not below")
    return f"{group}. Their place, {percent(found.place)}, is {side} {percent(found.share)}"


def stale(found: StaleFlag, now: datetime) -> str:
    """Why a flag should be looked at, as Markdown."""
    since = ago(found.since, now)
    match found.why:
        case Staleness.SAME_FOR_ALL:
            return f"Everybody has had the same since {since}."
        case Staleness.UNUSED:
            return f"Nobody asked for it since {since}."
        case Staleness.EXPIRED:
            return f"It should have been gone {since}."


def differences(change: FlagChange, names: Names, now: datetime) -> list[str]:
    """What a change changed, a line each, as Markdown."""
    before, after = change.before, change.after
    if before is None:
        return ["Kept for the first time.", *_changed_rules(replace(after, rules=()), after, names, now)]
    lines = []
    if before.state is not after.state:
        lines.append(f"State: {before.state.value} → **{after.state.value}**")
    for label, was, is_now in (
        ("Default", before.default, after.default),
        ("Off", before.off, after.off),
        ("Divided by", UNITS[before.unit], UNITS[after.unit]),
        ("Owner", before.owner, after.owner),
        ("Description", before.description, after.description),
        ("Expected end", str(before.expires_on or "none"), str(after.expires_on or "none")),
        ("Variants", json.dumps(dict(before.variants)), json.dumps(dict(after.variants))),
        ("Needs", _needs(before), _needs(after)),
    ):
        if was != is_now:
            lines.append(f"{label}: {plain(was) or 'none'} → **{plain(is_now) or 'none'}**")
    return (lines + _changed_rules(before, after, names, now)) or ["Nothing that is shown here."]


def _changed_rules(before: Flag, after: Flag, names: Names, now: datetime) -> list[str]:
    were = {rule.id: rule for rule in before.rules}
    lines = []
    for number, rule in enumerate(after.rules, 1):
        was = were.pop(rule.id, None)
        if was is None:
            lines.append(f"New: rule {number}, {conditions(rule, names)} → {outcome(rule, after.unit, now)}")
        elif was.conditions != rule.conditions:
            lines.append(f"Rule {number}: for {conditions(was, names)} → for {conditions(rule, names)}")
        if was is not None and _is_guarded_alone(was, rule):
            lines.append(f"Rule {number}: its guardrail")
        elif was is not None and (was.variant, was.rollout) != (rule.variant, rule.rollout):
            lines.append(f"Rule {number}: {outcome(was, before.unit, now)} → {outcome(rule, after.unit, now)}")
    for rule in were.values():
        lines.append(f"Gone: {conditions(rule, names)} → {outcome(rule, before.unit, now)}")
    kept = [rule.id for rule in after.rules if rule.id in {each.id for each in before.rules}]
    if kept != [rule.id for rule in before.rules if rule.id in set(kept)]:
        lines.append("The rules are in another order.")
    return lines


def _is_guarded_alone(before: Rule, after: Rule) -> bool:
    """Whether nothing but the guardrail of a rollout is another one."""
    was, now = before.rollout, after.rollout
    return was is not None and now is not None and was != now and replace(was, guardrail=now.guardrail) == now


def outcome(rule: Rule, unit: Unit, now: datetime) -> str:
    """What a rule gives, as Markdown."""
    return f"**{plain(rule.variant or '')}**" if rule.rollout is None else rollout(rule.rollout, unit, now)


def _needs(flag: Flag) -> str:
    return ", ".join(f"{each.flag} is {each.variant}" for each in flag.prerequisites)
