"""The flags as a provider of OpenFeature: whatever asks for a flag asks its API, and another provider can answer.

See https://openfeature.dev/specification/sections/providers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import FlagNotFoundError, InvalidContextError, TargetingKeyMissingError, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.hook import Hook
from openfeature.provider import AbstractProvider, Metadata

from core.flags.snapshot import FlagSnapshot, domain_of
from data.values.flag_evaluation import Evaluation, FlagContext, Why, evaluate
from data.values.flags import Unit

ROLES, TEAMS, EMAIL, ENVIRONMENT, CONVERSATION, TURN = (
    "roles",
    "team_ids",
    "email",
    "environment",
    "conversation_id",
    "turn_id",
)
"""Attributes of the evaluation context; its targeting key is the person's id."""

_REASONS = {why: Reason(why.value) for why in Why}
_NOTHING = EvaluationContext()
_LISTS = frozenset({list, tuple})

T = TypeVar("T", bound="FlagValueType")
Objects = Sequence[FlagValueType] | Mapping[str, FlagValueType]


class FlagProvider(AbstractProvider):
    """Answers from memory, so the asynchronous methods, which are inherited, don't block either.

    Args:
        environment: what this deployment is, for rules that ask for it.
        hooks: run at every evaluation.
    """

    def __init__(
        self, snapshot: FlagSnapshot, environment: str, clock: Callable[[], datetime], hooks: Sequence[Hook] = ()
    ) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._environment = environment
        self._clock = clock
        self._hooks = list(hooks)
        snapshot.on_change = self._tell_changes
        snapshot.on_stale = self._tell_stale

    def get_metadata(self) -> Metadata:
        """Its name."""
        return Metadata("gearbox")

    def get_provider_hooks(self) -> list[Hook]:
        """See `hooks`."""
        return self._hooks

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """The value for this context. Raises OpenFeature's errors, as the other methods do; its client takes them."""
        return self._resolved(flag_key, evaluation_context, bool)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """See `resolve_boolean_details`."""
        return self._resolved(flag_key, evaluation_context, str)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """See `resolve_boolean_details`. A number with a fraction is none."""
        return self._resolved(flag_key, evaluation_context, int)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """See `resolve_boolean_details`."""
        found = self._resolved(flag_key, evaluation_context, int | float)
        found.value = float(found.value)
        return found

    def resolve_object_details(
        self, flag_key: str, default_value: Objects, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[Objects]:
        """See `resolve_boolean_details`. An object or a list, which is the caller's to change."""
        found = self._resolved(flag_key, evaluation_context, dict | list)
        found.value = deepcopy(found.value)
        return found

    def _resolved(self, key: str, given: EvaluationContext | None, kind: Any) -> FlagResolutionDetails[Any]:
        context = _read(given or _NOTHING, self._environment, self._snapshot.domains)
        try:
            found = evaluate(self._snapshot.flags, key, context, self._clock())
        except KeyError:
            raise FlagNotFoundError(f"There is no flag {key}.") from None
        if found.lacks_unit and found.flag.unit is Unit.USER:
            raise TargetingKeyMissingError(f"The flag {key} is divided by people, and none is named.")
        value = found.value
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise TypeMismatchError(f"The flag {key} is a {found.flag.kind.value}.")
        return FlagResolutionDetails(
            value, reason=_REASONS[found.reason], variant=found.variant, flag_metadata=_metadata(found)
        )

    def _tell_changes(self, keys: Sequence[str]) -> None:
        self.emit_provider_configuration_changed(ProviderEventDetails(flags_changed=list(keys)))

    def _tell_stale(self, stale: bool) -> None:
        if stale:
            self.emit_provider_stale(ProviderEventDetails(message="The flags can't be read; the last ones count."))
        else:
            self.emit_provider_ready(ProviderEventDetails())


def _metadata(found: Evaluation) -> dict[str, bool | int | float | str]:
    told: dict[str, bool | int | float | str] = {"version": found.flag.version, "unit": found.flag.unit}
    if found.rule is not None:
        told["rule"] = found.rule
    if found.arm is not None:
        told["arm"] = found.arm
    if found.unmet:
        told["unmet"] = found.unmet
    return told


def _read(given: EvaluationContext, environment: str, domains: Mapping[str, str]) -> FlagContext:
    attributes = given.attributes
    if not attributes:
        return FlagContext(given.targeting_key or "", environment=environment)
    user_id = given.targeting_key or ""
    email = attributes.get(EMAIL)
    return FlagContext(
        user_id,
        frozenset(_texts(attributes, ROLES)),
        _texts(attributes, TEAMS),
        domain_of(_text(email)) if email else domains.get(user_id, ""),
        _text(attributes.get(ENVIRONMENT)) or environment,
        _text(attributes.get(CONVERSATION)),
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidContextError("An attribute of the context that should be text is none.")
    return value


def _texts(attributes: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = attributes.get(name)
    if value is None:
        return ()
    if type(value) not in _LISTS or any(not isinstance(each, str) for each in value):
        raise InvalidContextError(f"{name} of the context is no list of texts.")
    return tuple(value)
