"""What somebody sees of a flag, and why. Pure, the same in every process, and quick: it is asked on every request."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from data.values.flags import PARTS, Attribute, Condition, Flag, FlagState, Rollout, Rule, Unit


class Why(StrEnum):
    """Reasons, in OpenFeature's words."""

    STATIC = "STATIC"  # it has no rules
    DEFAULT = "DEFAULT"  # none of its rules holds
    TARGETING_MATCH = "TARGETING_MATCH"
    SPLIT = "SPLIT"
    DISABLED = "DISABLED"  # it is off or killed, or a prerequisite is not met


class Arm(StrEnum):
    """The group of a rollout that a unit is in."""

    TREATED = "treated"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class FlagContext:
    """Who asks, and where. What is not known is empty: conditions on it don't hold."""

    user_id: str = ""
    roles: frozenset[str] = frozenset()
    team_ids: tuple[str, ...] = ()
    email_domain: str = ""
    environment: str = ""
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a flag came to.

    Args:
        rule: id of the rule that counted; None where none did.
        arm: the group of the rollout that decided; None where none did.
        unit_id: what the rollout was divided by, of the flag's `unit`; empty where there was none.
        place: where in the rollout the unit is, in `PARTS`: it is treated where that is below `share`.
        unmet: the prerequisite that is not met.
        lacks_unit: the rule is a rollout, and the context names no unit that could be treated.
    """

    flag: Flag
    variant: str
    reason: Why
    rule: str | None = None
    arm: Arm | None = None
    unit_id: str = ""
    place: int | None = None
    share: int | None = None
    unmet: str = ""
    lacks_unit: bool = False

    @property
    def value(self) -> JsonValue:
        """What the variant stands for."""
        return self.flag.variants[self.variant]


def evaluate(flags: Mapping[str, Flag], key: str, context: FlagContext, now: datetime) -> Evaluation:
    """What a flag comes to.

    Args:
        flags: all of them, by key, checked by `data.values.flag_checks`: prerequisites lead to no circle.
        now: aware; says which steps of a schedule have come.

    Raises:
        KeyError: there is no such flag.
    """
    flag = flags[key]
    if flag.state is FlagState.REMOVED:
        raise KeyError(key)
    if flag.state is not FlagState.ON:
        return Evaluation(flag, flag.off, Why.DISABLED)
    if flag.prerequisites and (unmet := _unmet(flags, flag, context, now)):
        return Evaluation(flag, flag.off, Why.DISABLED, unmet=unmet)
    for rule in flag.rules:
        if _holds(rule, context):
            return _given(flag, rule, context, now)
    return Evaluation(flag, flag.default, Why.DEFAULT if flag.rules else Why.STATIC)


def _unmet(flags: Mapping[str, Flag], flag: Flag, context: FlagContext, now: datetime) -> str:
    """The first prerequisite that is not met; empty where all are."""
    for needed in flag.prerequisites:
        other = flags.get(needed.flag)
        if other is None or other.state is FlagState.REMOVED:
            return needed.flag
        if evaluate(flags, needed.flag, context, now).variant != needed.variant:
            return needed.flag
    return ""


def _given(flag: Flag, rule: Rule, context: FlagContext, now: datetime) -> Evaluation:
    if rule.rollout is None:
        assert rule.variant is not None
        return Evaluation(flag, rule.variant, Why.TARGETING_MATCH, rule.id)
    if unit_id := unit_of(flag.unit, context):
        return _divided(flag, rule, rule.rollout, unit_id, now)
    # Nobody can be treated who has no place; they are in no group either, so nothing is counted of them.
    return Evaluation(flag, rule.rollout.control, Why.DEFAULT, rule.id, lacks_unit=True)


def unit_of(unit: Unit, context: FlagContext) -> str:
    """What rollouts of this unit are divided by; empty where the context names none."""
    if unit is Unit.USER:
        return context.user_id
    if unit is Unit.CONVERSATION:
        return context.conversation_id
    return context.team_ids[0] if context.team_ids else ""


def places_of(salt: str, key: str, unit_id: str) -> tuple[int, int]:
    """Where a unit is in the rollouts of a flag, in `PARTS`; and a number of 64 bits that chooses among the treated.

    NUL stands between the three, which none of them contains: two flags never hash the same text.
    """
    digest = hashlib.sha256(f"{salt}\0{key}\0{unit_id}".encode()).digest()
    return int.from_bytes(digest[:8]) * PARTS >> 64, int.from_bytes(digest[8:16])


def _divided(flag: Flag, rule: Rule, rollout: Rollout, unit_id: str, now: datetime) -> Evaluation:
    place, choice = places_of(flag.salt, flag.key, unit_id)
    share = rollout.share_at(now)
    if place >= share:
        return Evaluation(flag, rollout.control, Why.SPLIT, rule.id, Arm.CONTROL, unit_id, place, share)
    variant = rollout.treated[0].variant
    if len(rollout.treated) > 1:
        at = choice * sum(each.weight for each in rollout.treated) >> 64
        for each in rollout.treated:
            at -= each.weight
            variant = each.variant
            if at < 0:
                break
    return Evaluation(flag, variant, Why.SPLIT, rule.id, Arm.TREATED, unit_id, place, share)


def _holds(rule: Rule, context: FlagContext) -> bool:
    return all(_is_met(condition, context) for condition in rule.conditions)


def _is_met(condition: Condition, context: FlagContext) -> bool:
    match condition.attribute:
        case Attribute.USER:
            found = context.user_id in condition.values
        case Attribute.ROLE:
            found = not context.roles.isdisjoint(condition.values)
        case Attribute.TEAM:
            found = any(team in condition.values for team in context.team_ids)
        case Attribute.EMAIL_DOMAIN:
            found = context.email_domain in condition.values
        case Attribute.ENVIRONMENT:
            found = context.environment in condition.values
    return found is not condition.negated
