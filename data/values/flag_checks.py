"""Whether a flag can be kept as it is: what it names is there, and prerequisites lead to no circle."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TypeGuard

from data.values.errors import GearboxError
from data.values.flags import PARTS, Condition, Flag, FlagKind, FlagState, Rollout, Rule, to_json
from data.values.guardrails import RATES, Guardrail

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_VARIANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST_RULES, MOST_VALUES, MOST_STEPS, MOST_VARIANTS = 50, 200, 20, 20
MOST_LOOKED_AT = 20
"""Flags that one evaluation may look at, those on several ways counted as often."""
MOST_BYTES = 64 * 1024
"""Of a flag as JSON: every process has all flags in memory."""


class FlagRefused(GearboxError):
    """A flag that can't be kept."""


def check(flag: Flag, others: Mapping[str, Flag]) -> None:
    """Go on only with a flag that can be kept beside the others.

    Args:
        flag: as it would be.
        others: all flags by key; one of the same key is what would be replaced.

    Raises:
        FlagRefused: says what is wrong, and what to do.
    """
    for fault in _faults(flag):
        raise FlagRefused(fault, "Correct that and save again.")
    if flag.state is FlagState.REMOVED:
        _check_unneeded(flag, others)
        return
    _check_prerequisites(flag, others)
    _check_dependants(flag, others)


def is_of(kind: FlagKind, value: object) -> bool:
    """Whether a variant of this kind can have this value."""
    match kind:
        case FlagKind.BOOLEAN:
            return isinstance(value, bool)
        case FlagKind.STRING:
            return isinstance(value, str)
        case FlagKind.NUMBER:
            return _is_number(value)
        case FlagKind.JSON:
            return isinstance(value, dict | list)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _faults(flag: Flag) -> Iterator[str]:
    if not _KEY.fullmatch(flag.key):
        yield "A key has up to 64 small letters, digits, dots, dashes and underscores, the first and last no sign."
    if not 1 <= len(flag.variants) <= MOST_VARIANTS:
        yield f"A flag has 1 to {MOST_VARIANTS} variants."
    for name, value in flag.variants.items():
        if not _VARIANT.fullmatch(name):
            yield "A variant's name is 1 to 64 letters, digits, dots, dashes or underscores."
        if not is_of(flag.kind, value):
            yield f"The value of the variant {name} is no {flag.kind.value}."
    for name in (flag.default, flag.off):
        if name not in flag.variants:
            yield f"There is no variant {name!r}."
    yield from _faults_of_rules(flag)
    if "\0" in flag.salt + flag.key or len(json.dumps(to_json(flag))) > MOST_BYTES:
        yield f"A flag takes at most {MOST_BYTES // 1024} KB."


def _faults_of_rules(flag: Flag) -> Iterator[str]:
    if len(flag.rules) > MOST_RULES:
        yield f"A flag has at most {MOST_RULES} rules, not {len(flag.rules)}."
    for rule_id, count in Counter(rule.id for rule in flag.rules).items():
        if count > 1:
            yield f"{count} rules have the id {rule_id!r}; each needs an id of its own."
    for place, rule in enumerate(flag.rules, 1):
        for fault in _faults_of_rule(flag, rule):
            yield f"Rule {place}: {fault}"


def _faults_of_rule(flag: Flag, rule: Rule) -> Iterator[str]:
    if not rule.id or len(rule.id) > 64:
        yield "it has no id of 1 to 64 characters."
    if (rule.variant is None) is (rule.rollout is None):
        yield "it says either a variant or a rollout."
    if rule.variant is not None and rule.variant not in flag.variants:
        yield f"there is no variant {rule.variant!r}."
    for condition in rule.conditions:
        yield from _faults_of_condition(condition)
    if rule.rollout is not None:
        yield from _faults_of_rollout(flag, rule.rollout)


def _faults_of_condition(condition: Condition) -> Iterator[str]:
    if not 1 <= len(condition.values) <= MOST_VALUES or any(not value for value in condition.values):
        yield f"a condition names 1 to {MOST_VALUES} values."


def _faults_of_rollout(flag: Flag, rollout: Rollout) -> Iterator[str]:
    names = [each.variant for each in rollout.treated]
    if not names or len(set(names)) != len(names):
        yield "a rollout names at least one variant, and each once."
    for name in (*names, rollout.control):
        if name not in flag.variants:
            yield f"there is no variant {name!r}."
    if any(not 1 <= each.weight <= PARTS for each in rollout.treated):
        yield f"a weight is 1 to {PARTS}."
    shares = [rollout.share, *(step.share for step in rollout.steps)]
    if any(not 0 <= share <= PARTS for share in shares):
        yield "a share is 0 to 100%."
    if len(rollout.steps) > MOST_STEPS:
        yield f"a schedule has at most {MOST_STEPS} steps."
    if any(step.at.tzinfo is None for step in rollout.steps):
        yield "a step's time needs a time zone."
    elif any(later.at <= earlier.at for earlier, later in pairwise(rollout.steps)):
        yield "the steps of a schedule are in order of time."
    if rollout.guardrail is not None:
        yield from _faults_of_guardrail(rollout.guardrail)


def _faults_of_guardrail(guardrail: Guardrail) -> Iterator[str]:
    metrics = [each.metric for each in guardrail.watched]
    if not metrics or len(set(metrics)) != len(metrics):
        yield "a guardrail watches at least one metric, and each once."
    if not 0.0001 <= guardrail.alpha <= 0.5:
        yield "the chance of a false rollback is 0.01% to 50%."
    for each in guardrail.watched:
        most = 0.9 if each.metric in RATES else 100
        if not 0 <= each.least_harm <= most:
            yield f"the least harm of {each.metric.value} is 0 to {most * 100:g}%."


def _check_prerequisites(flag: Flag, others: Mapping[str, Flag]) -> None:
    known = {**others, flag.key: flag}
    for needed in flag.prerequisites:
        other = known.get(needed.flag)
        if other is None or other.state is FlagState.REMOVED:
            raise FlagRefused(f"There is no flag {needed.flag}.", "Choose another prerequisite.")
        if needed.variant not in other.variants:
            raise FlagRefused(f"The flag {needed.flag} has no variant {needed.variant}.", "Choose one that it has.")
    if circle := _circle(flag.key, known, (), set()):
        raise FlagRefused(f"These need each other: {' → '.join(circle)}.", "Take one of the prerequisites away.")
    looked_at: dict[str, int] = {}
    if max(_looked_at(key, known, looked_at) for key in known) > MOST_LOOKED_AT:
        raise FlagRefused(
            f"With these prerequisites one flag asks more than {MOST_LOOKED_AT} others.", "Take one of them away."
        )


def _circle(key: str, flags: Mapping[str, Flag], way: tuple[str, ...], seen: set[str]) -> tuple[str, ...]:
    """The way from the flag back to one that it leads over; empty where there is none."""
    if key in way:
        return (*way[way.index(key) :], key)
    if key in seen:
        return ()
    seen.add(key)
    for needed in flags[key].prerequisites if key in flags else ():
        if circle := _circle(needed.flag, flags, (*way, key), seen):
            return circle
    return ()


def _looked_at(key: str, flags: Mapping[str, Flag], known: dict[str, int]) -> int:
    """How many flags are looked at to evaluate one, where no circle leads through it."""
    if key not in known:
        needed = flags[key].prerequisites if key in flags else ()
        known[key] = 1 + sum(_looked_at(each.flag, flags, known) for each in needed)
    return known[key]


def _check_dependants(flag: Flag, others: Mapping[str, Flag]) -> None:
    for other in others.values():
        wanted = {each.variant for each in other.prerequisites if each.flag == flag.key}
        if other.state is not FlagState.REMOVED and wanted - set(flag.variants):
            raise FlagRefused(f"The flag {other.key} needs a variant of it.", "Change that flag first.")


def _check_unneeded(flag: Flag, others: Mapping[str, Flag]) -> None:
    needing = [
        other.key
        for other in others.values()
        if other.state is not FlagState.REMOVED and any(each.flag == flag.key for each in other.prerequisites)
    ]
    if needing:
        raise FlagRefused(f"Other flags need it: {', '.join(sorted(needing))}.", "Change those first.")
