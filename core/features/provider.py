"""The rules as a provider of OpenFeature: whatever asks for a feature asks its API, and another provider can answer.

See https://openfeature.dev/specification/sections/providers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider import AbstractProvider, Metadata

from data.values.features import FeatureRule

TEAMS = "teams"
"""Of the evaluation context: ids of the teams of the person whose id is its targeting key."""


class RulesProvider(AbstractProvider):
    """Says of a feature whether it is on for somebody.

    Args:
        rules: all of them; blocks where they have to be read.
        usual: of each feature, where no rule says anything.
    """

    def __init__(self, rules: Callable[[], Sequence[FeatureRule]], usual: Mapping[str, bool]) -> None:
        super().__init__()
        self._rules = rules
        self._usual = usual

    def get_metadata(self) -> Metadata:
        """Its name."""
        return Metadata("gearbox-rules")

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """The nearest rule's word; see `FeatureRule`."""
        if flag_key not in self._usual:
            raise FlagNotFoundError(f"There is no feature {flag_key}.")
        context = evaluation_context or EvaluationContext()
        teams = context.attributes.get(TEAMS)
        known = set(teams) if isinstance(teams, list | tuple) else set()
        mine = [rule for rule in self._rules() if rule.feature == flag_key]
        of_person = [rule.enabled for rule in mine if rule.user_id and rule.user_id == context.targeting_key]
        of_teams = [rule.enabled for rule in mine if rule.team_id in known]
        of_all = [rule.enabled for rule in mine if not rule.user_id and not rule.team_id]
        for said in (of_person, of_teams):
            if said:
                return FlagResolutionDetails(all(said), reason=Reason.TARGETING_MATCH)
        if of_all:
            return FlagResolutionDetails(of_all[0], reason=Reason.STATIC)
        return FlagResolutionDetails(self._usual[flag_key], reason=Reason.DEFAULT)

    def resolve_string_details(self, flag_key: str, *_: Any, **__: Any) -> NoReturn:
        """No feature has one."""
        raise TypeMismatchError(f"{flag_key} is on or off.")

    resolve_integer_details = resolve_float_details = resolve_object_details = resolve_string_details
