"""Rolls rollouts back by themselves: looks every few seconds; history, audit log and a hook tell of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.access.access import Access
from core.access.policy import Permission
from core.errors import Conflict, GearboxError
from core.flags.keeping import keep
from core.flags.snapshot import FlagSnapshot
from core.flags.watching import RolloutWatcher, Watch
from data.store import Store
from data.values.actor import Actor, Surface
from data.values.audit import SYSTEM_ACTOR
from data.values.flags import Flag, FlagState, Rule
from data.values.guardrails import RATES, Back, Breach, Metric, MetricSeen

log = logging.getLogger(__name__)

LOOKED = timedelta(seconds=2)
"""How often the books are looked at, while there is a rollout with a guardrail."""

GEARBOX = Actor(SYSTEM_ACTOR, frozenset(), Surface.BACKGROUND)

NAMES = {
    Metric.ERROR_RATE: "failed calls",
    Metric.LATENCY: "time to an answer",
    Metric.COST: "cost of a turn",
    Metric.THUMBS_DOWN: "thumbs down",
}


@dataclass(frozen=True, slots=True)
class RolledBack:
    """A rollout that this process has just rolled back. `flag` is as it is now; `why` is what its history says."""

    flag: Flag
    rule_id: str
    breach: Breach
    why: str


class Guardrails:
    """Blocking, thread-safe. Of several processes that see a breach one writes it: the others' version is old then."""

    def __init__(self, access: Access, store: Store, snapshot: FlagSnapshot, watcher: RolloutWatcher) -> None:
        self._access = access
        self._store = store
        self._snapshot = snapshot
        self._watcher = watcher
        self.on_breach: Callable[[RolledBack], object] = lambda _rolled_back: None
        """Told of each rollback by the one process that made it, on its thread, once it is kept and audited."""

    def of(self, actor: Actor, flag: Flag) -> Sequence[Watch]:
        """The rollouts of a flag that are watched, as they stand. Raises AccessRefused for who manages no flags."""
        self._access.require(actor, Permission.MANAGE_FLAGS)
        return self._watcher.of(flag)

    def look(self) -> list[RolledBack]:
        """Look once, and roll back what has to be. For the background: nobody's permission is asked.

        Raises:
            StoreError: the books can't be read, or the rollback not be kept; the next look tries again.
        """
        done = []
        for flag, rule, breach in self._watcher.look():
            why = reason(breach)
            try:
                back = _rolled_back(flag, rule, breach)
                kept = keep(self._store, self._snapshot, back, by=GEARBOX, why=why, change="rolled back")
            except Conflict:  # another process was first, or an admin: the next look sees the flag as it is then
                self._snapshot.refresh()
                continue
            log.warning("the rollout of the flag %s was rolled back: %s", flag.key, why)
            done.append(RolledBack(kept, rule.id, breach, why))
        for each in done:
            self._tell(each)
        return done

    def _tell(self, rolled_back: RolledBack) -> None:
        try:
            self.on_breach(rolled_back)
        except GearboxError as error:
            log.warning("nobody could be told of the rollback of %s: %s", rolled_back.flag.key, error)


def reason(breach: Breach) -> str:
    """Why a rollout was rolled back, in words for its history and its alert."""
    seen = next(each for each in breach.seen if each.metric is breach.metric)
    return (
        f"Guardrail: {NAMES[breach.metric]}, treated {level(seen.metric, seen.treated.level)} of "
        f"{seen.treated.outcomes:,}, control {level(seen.metric, seen.control.level)} of {seen.control.outcomes:,} "
        f"(evidence {_evidence(seen)}, needed {seen.limit:,.0f})"
    )


def level(metric: Metric, value: float | None) -> str:
    """A share as a percentage, a time in seconds, a cost in dollars."""
    if value is None:
        return "–"
    if metric in RATES:
        return f"{100 * value:.1f}%"
    return f"{value / 1000:.2f} s" if metric is Metric.LATENCY else f"${value:.4f}"


def _evidence(seen: MetricSeen) -> str:
    return f"{seen.evidence:,.0f}" if seen.evidence < 1e6 else "over a million"


def _rolled_back(flag: Flag, rule: Rule, breach: Breach) -> Flag:
    rollout = rule.rollout
    assert rollout is not None and rollout.guardrail is not None
    kill = rollout.guardrail.back_to is Back.KILL
    halted = replace(rollout, share=0, steps=(), breach=breach)
    rules = tuple(replace(each, rollout=halted) if each.id == rule.id else each for each in flag.rules)
    return replace(flag, rules=rules, state=FlagState.KILLED if kill else flag.state)


def tried_again(flag: Flag, rule_id: str) -> Flag:
    """A flag whose rollout treats as many again as before it was rolled back. Raises GearboxError where it was not."""
    rule = next((each for each in flag.rules if each.id == rule_id), None)
    if rule is None or rule.rollout is None or (breach := rule.rollout.breach) is None:
        raise GearboxError("This rollout was not rolled back.", "Reload the page.")
    again = replace(rule.rollout, share=breach.share, breach=None)
    rules = tuple(replace(each, rollout=again) if each.id == rule_id else each for each in flag.rules)
    assert again.guardrail is not None
    killed = again.guardrail.back_to is Back.KILL and flag.state is FlagState.KILLED
    return replace(flag, rules=rules, state=FlagState.ON if killed else flag.state)
