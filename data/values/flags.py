"""Feature flags: what is kept of one. `data.values.flag_evaluation` says what somebody sees of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import JsonValue, TypeAdapter

from data.values.guardrails import Breach, Guardrail

PARTS = 100_000
"""Shares are counted in these: 1% is 1,000, and the smallest step is a thousandth of a percent."""


class FlagKind(StrEnum):
    """What the variants of a flag are."""

    BOOLEAN = "boolean"
    STRING = "string"
    NUMBER = "number"
    JSON = "json"  # objects and lists


class FlagState(StrEnum):
    """ON: its rules count. In every other state everybody has the variant `off`."""

    ON = "on"
    OFF = "off"
    KILLED = "killed"  # turned off in a hurry; the rules are kept as they were
    REMOVED = "removed"  # kept for its history only: to the evaluation there is none


class Unit(StrEnum):
    """What a rollout is divided by: all of one unit see the same."""

    USER = "user"
    TEAM = "team"  # the one that a person joined first
    CONVERSATION = "conversation"


class Attribute(StrEnum):
    """What rules can ask of a context."""

    ROLE = "role"
    TEAM = "team"
    USER = "user"
    EMAIL_DOMAIN = "email_domain"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds where one of the context's values is one of `values`; with `negated` where none is."""

    attribute: Attribute
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From this moment on a rollout has this share, in `PARTS`."""

    at: datetime
    share: int


@dataclass(frozen=True, slots=True)
class Weight:
    """One variant of those that the treated are divided between, by weight."""

    variant: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Rollout:
    """A share of the units is treated; the others are the control group.

    Raising the share only adds units, and never changes what a treated one has: whether a unit is treated and which
    variant it has are two numbers of its hash.

    Args:
        share: how many are treated, in `PARTS`.
        treated: what they have.
        control: what the others have.
        steps: other shares from some moments on, in order of time.
        guardrail: what rolls it back by itself; None where nobody said one.
        breach: why it was rolled back; None while it was not, and again once somebody tried it anew.
    """

    share: int
    treated: tuple[Weight, ...]
    control: str
    steps: tuple[Step, ...] = ()
    guardrail: Guardrail | None = None
    breach: Breach | None = None

    def share_at(self, now: datetime) -> int:
        """The share at a moment, in `PARTS`."""
        share = self.share
        for step in self.steps:
            if step.at > now:
                break
            share = step.share
        return share


@dataclass(frozen=True, slots=True)
class Rule:
    """Where all conditions hold, this is what counts: a variant, or a rollout. Without conditions it is for everybody.

    Args:
        id: never another rule's, of the same flag.
        variant: None where there is a rollout.
    """

    id: str
    conditions: tuple[Condition, ...] = ()
    variant: str | None = None
    rollout: Rollout | None = None


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Another flag that has to come to this variant; otherwise this one is off."""

    flag: str
    variant: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. The first rule that holds counts.

    Args:
        key: never changed.
        variants: values by their names.
        default: the variant where it is on and no rule holds.
        off: the variant in every other state, and where a prerequisite is not met.
        salt: makes this flag's groups others than those of another one.
        owner: who answers for it, in words or as an id.
        expires_on: when it should be gone: None for one that is to stay.
        version: counts its changes, from 1; 0 for one that was never kept.
    """

    key: str
    kind: FlagKind
    variants: Mapping[str, JsonValue]
    default: str
    off: str
    state: FlagState = FlagState.ON
    unit: Unit = Unit.USER
    salt: str = ""
    rules: tuple[Rule, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    description: str = ""
    owner: str = ""
    created_at: datetime | None = None
    expires_on: date | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class FlagChange:
    """One entry of a flag's history. `before` is None for the first; `why` is empty where none was asked for."""

    id: str
    key: str
    version: int
    at: datetime
    by: str
    why: str
    before: Flag | None
    after: Flag


def to_json(flag: Flag) -> dict[str, Any]:
    """A flag as it is kept, and as programs see it."""
    kept: dict[str, Any] = _adapter().dump_python(flag, mode="json")
    return kept


def from_json(kept: object) -> Flag:
    """The flag that `to_json` made this of; keys of a newer release are ignored.

    Raises:
        ValueError: it is none, or of a kind that only a newer release knows.
    """
    return _adapter().validate_json(json.dumps(kept))


@cache
def _adapter() -> TypeAdapter[Flag]:
    return TypeAdapter(Flag)
