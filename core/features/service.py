"""For whom features are on, and who says so."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.features import Feature, FeatureRule

if TYPE_CHECKING:
    from openfeature.client import OpenFeatureClient

REMEMBERED_S = 2.0
"""How long what another process changed takes; in this process it counts at once."""


class Features:
    """Asks OpenFeature's API, behind which the rules of admins stand. Thread-safe; blocks to read them now and then.

    Args:
        usual: of each feature, where no rule says anything.
        off: features that the operator turned off: no rule turns them on.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        *,
        usual: Mapping[Feature, bool],
        off: frozenset[Feature] = frozenset(),
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._store = store
        self._usual = usual
        self._off = off
        self._elapsed = elapsed
        self._read: tuple[float, Sequence[FeatureRule]] | None = None
        self._client: OpenFeatureClient | None = None
        self._lock = Lock()

    def is_on(self, actor: Actor, feature: Feature) -> bool:
        """Whether it is on for this person; off where that can't be found out."""
        if feature in self._off:
            return False
        from openfeature.evaluation_context import EvaluationContext

        from core.features.provider import TEAMS

        context = EvaluationContext(actor.user_id, {TEAMS: list(actor.team_ids)})
        return self._asked().get_boolean_value(feature.value, False, context)

    def rules(self, actor: Actor) -> Sequence[FeatureRule]:
        """What was said, of all features. Raises AccessRefused where the actor manages no people."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        return self._store.feature_rules.all()

    def set(self, actor: Actor, rule: FeatureRule) -> None:
        """Turn a feature on or off for somebody.

        Raises:
            AccessRefused: the actor manages no people.
            GearboxError: there is no such feature, person or team; or both are named.
        """
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        self._check(rule)
        self._store.feature_rules.save(rule, _told(actor, rule, "on" if rule.enabled else "off"))
        self._read = None

    def unset(self, actor: Actor, rule: FeatureRule) -> None:
        """Forget what was said for somebody: what is said for more people counts again. Raises AccessRefused."""
        self._access.require(actor, Permission.MANAGE_PEOPLE)
        self._store.feature_rules.remove(rule, _told(actor, rule, "unset"))
        self._read = None

    def _check(self, rule: FeatureRule) -> None:
        if rule.feature not in set(Feature):
            raise GearboxError("There is no such feature.", f"Choose one of: {', '.join(Feature)}.")
        if rule.user_id and rule.team_id:
            raise GearboxError("A rule is for a person or for a team.", "Make two.")
        if rule.user_id and self._store.users.find(rule.user_id) is None:
            raise GearboxError("There is no such person.", "Reload the page.")
        if rule.team_id and rule.team_id not in {team.id for team in self._store.teams.all()}:
            raise GearboxError("There is no such team.", "Reload the page.")

    def _rules(self) -> Sequence[FeatureRule]:
        known = self._read
        if known is None or self._elapsed() >= known[0]:
            known = self._read = self._elapsed() + REMEMBERED_S, self._store.feature_rules.all()
        return known[1]

    def _asked(self) -> OpenFeatureClient:
        with self._lock:
            if self._client is None:
                from openfeature import api  # a tenth of a second: nobody's start waits for it

                from core.features.provider import RulesProvider

                # One provider for each domain, and OpenFeature's are the process's: tests have several services.
                domain = f"gearbox-{uuid.uuid4().hex}"
                usual = {feature.value: on for feature, on in self._usual.items()}
                api.set_provider_and_wait(RulesProvider(self._rules, usual), domain)
                self._client = api.get_client(domain)
            return self._client


def _told(actor: Actor, rule: FeatureRule, change: str) -> AuditEvent:
    whom = f"person:{rule.user_id}" if rule.user_id else f"team:{rule.team_id}" if rule.team_id else "everybody"
    return AuditEvent.by(
        actor, Action.FLAG_FLIP, AuditOutcome.DONE, target=f"feature:{rule.feature}", change=change, whom=whom
    )
