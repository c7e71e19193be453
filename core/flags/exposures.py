"""What flags came to, on its way to the warehouse: once a day for each unit and variant, off the path of requests."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from openfeature.flag_evaluation import FlagEvaluationDetails, FlagValueType, Reason
from openfeature.hook import Hook, HookContext, HookHints

from core.errors import GearboxError
from core.flags.provider import CONVERSATION, TEAMS, TURN
from data.values.flags import Unit

if TYPE_CHECKING:
    from data.store import Store

log = logging.getLogger(__name__)

_REMEMBERED = 100_000
_WAITING = 10_000
_TOLD = frozenset({Reason.SPLIT, Reason.TARGETING_MATCH, Reason.DEFAULT})
"""A flag that is off, or has no rules, divides nobody: what it comes to is no exposure."""


class Exposures(Hook):
    """Collects exposures as a hook of OpenFeature; `write` brings them to the outbox. Thread-safe.

    It remembers so many, and so many wait: beyond that the oldest are seen anew, and the newest are left out. The id of
    one is made of what it says, so that two replicas that see the same give it the same.

    Args:
        observe: told of each evaluation: the flag's key, and the variant.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], observe: Callable[[str, str], None] = lambda *_told: None
    ) -> None:
        self._store = store
        self._observe = observe
        self._clock = clock
        self._lock = threading.Lock()
        self._day: date | None = None
        self._seen: dict[tuple[Any, ...], None] = {}
        self._waiting: list[Mapping[str, Any]] = []
        self._used: set[str] = set()
        self.left_out = 0

    def after(self, hook_context: HookContext, details: FlagEvaluationDetails[FlagValueType], hints: HookHints) -> None:
        """Take note of an evaluation."""
        del hints
        self.evaluated(details.flag_key, details.variant or "")
        context = hook_context.evaluation_context
        if details.reason not in _TOLD or not context.targeting_key:
            return
        by_conversation = details.flag_metadata.get("unit") == Unit.CONVERSATION
        conversation = context.attributes.get(CONVERSATION) if by_conversation else None
        key = (
            details.flag_key,
            details.flag_metadata.get("version"),
            details.variant,
            details.flag_metadata.get("arm"),
            context.targeting_key,
            conversation,
        )
        if key in self._seen and self._day == self._clock().date():
            return
        self._add(key, context.attributes, details)

    def evaluated(self, flag: str, variant: str) -> None:
        """Take note of an evaluation that divides nobody."""
        self._used.add(flag)
        self._observe(flag, variant)

    def write(self) -> None:
        """Put what waits into the outbox. Blocking."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            left_out, self.left_out = self.left_out, 0
        if left_out:
            log.warning("%d exposures of feature flags were left out: more came than could be written", left_out)
        if not waiting:
            return
        try:
            self._store.flags.expose(waiting)
        except GearboxError as error:
            log.warning("exposures of feature flags wait for the database: %s", error)
            with self._lock:
                self._waiting = [*waiting, *self._waiting][:_WAITING]

    def note_uses(self) -> None:
        """Keep which flags were evaluated since the last time. Blocking."""
        used, self._used = self._used, set()
        if not used:
            return
        try:
            self._store.flags.used(tuple(used), self._clock())
        except GearboxError as error:
            log.warning("the last use of feature flags could not be noted: %s", error)

    def _add(self, key: tuple[Any, ...], attributes: Mapping[str, Any], details: FlagEvaluationDetails[Any]) -> None:
        now = self._clock()
        flag, version, variant, arm, user_id, conversation = key
        teams = attributes.get(TEAMS) or ()
        told = {
            "event_id": hashlib.sha256("\0".join(map(str, (now.date(), *key))).encode()).hexdigest()[:32],
            "ts": now.isoformat(),
            "user_id": user_id,
            "team_id": teams[0] if teams else None,
            "flag": flag,
            "variant": variant,
            "reason": str(details.reason),
            "turn_id": attributes.get(TURN),
            "conversation_id": conversation,
            "unit": details.flag_metadata.get("unit"),
            "arm": arm,
            "version": version,
        }
        with self._lock:
            if self._day != now.date():
                self._day, self._seen = now.date(), {}
            if key in self._seen:
                return
            if len(self._waiting) >= _WAITING:
                self.left_out += 1
                return
            if len(self._seen) >= _REMEMBERED:
                self._seen.pop(next(iter(self._seen)))
            self._seen[key] = None
            self._waiting.append(told)
