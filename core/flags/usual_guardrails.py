"""Guardrails that nobody asked for: each new rollout of a capability is watched until somebody says otherwise."""

from __future__ import annotations

from dataclasses import replace

from core.flags.capabilities import Capability
from data.values.flags import Flag, Rollout, Rule
from data.values.guardrails import Guardrail, Metric, usual

_MAKING = frozenset({Capability.IMAGE_GENERATION, Capability.SPEECH_GENERATION, Capability.VIDEO_GENERATION})


def usual_for(key: str) -> Guardrail:
    """What watches a new rollout of a flag. Who may make pictures, speech or films spends more: that is no harm."""
    if key in _MAKING:
        return usual(Metric.ERROR_RATE, Metric.LATENCY, Metric.THUMBS_DOWN)
    return usual()


def as_guarded(flag: Flag, before: Flag | None) -> Flag:
    """A flag as it is to be kept: new rollouts of capabilities have a guardrail, and no breach is made up.

    Args:
        before: what it takes the place of; None where there is none.
    """
    known = {rule.id: rule.rollout for rule in before.rules if rule.rollout is not None} if before else {}
    return replace(flag, rules=tuple(_guarded(flag.key, rule, known.get(rule.id)) for rule in flag.rules))


def _guarded(key: str, rule: Rule, before: Rollout | None) -> Rule:
    rollout = rule.rollout
    if rollout is None:
        return rule
    if before is None and rollout.guardrail is None and key in list(Capability):
        rollout = replace(rollout, guardrail=usual_for(key))
    is_halted = before is not None and rollout.breach == before.breach and not rollout.share and not rollout.steps
    return replace(rule, rollout=rollout if is_halted else replace(rollout, breach=None))
