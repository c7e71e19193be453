"""Watches rollouts by the books: who asked for what, in which group they were, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.access.access import Access
from core.flags.snapshot import FlagSnapshot, domain_of
from data.analytics.guardrails import RolloutEvidence
from data.store import Store
from data.store.outcomes import EndedCall, Thumb
from data.values.flag_evaluation import Arm, FlagContext, evaluate, unit_of
from data.values.flags import PARTS, Flag, FlagChange, FlagState, Rule
from data.values.guardrails import Breach, Metric, MetricSeen, Outcome
from data.values.people import Person

LONGEST = timedelta(minutes=30)
"""A call that takes longer counts only after a restart."""
_RECENT, _SWEPT = timedelta(minutes=2), timedelta(minutes=5)  # a look goes back so far; so often one goes back longest
PEOPLE_KNOWN = timedelta(seconds=60)
"""How long it is believed who is there, and in which teams and roles."""
_LOOKED_BACK = 1_000  # changes of a flag


@dataclass(frozen=True, slots=True)
class Watch:
    """A rollout that is watched, as it stands.

    Args:
        since: when counting began: when the flag's rules last changed, or the schedule's last step came.
        share: what is treated now, in `PARTS`; nothing can be compared where that is none or all.
    """

    rule_id: str
    since: datetime
    share: int
    seen: tuple[MetricSeen, ...]


class _Rollout:
    """What was seen of one stage of one rollout."""

    def __init__(self, flag: Flag, rule: Rule, since: datetime) -> None:
        rollout = rule.rollout
        assert rollout is not None and rollout.guardrail is not None
        self.flag, self.rule, self.since = flag, rule, since
        self.share = rollout.share_at(since)
        self._read_until = self._swept = since
        self._metric: Metric | None = None
        self.evidence = RolloutEvidence(rollout.guardrail)
        self._arms: dict[tuple[str, str], tuple[str, Arm] | None] = {}
        self._taken: dict[str, datetime] = {}

    def look_back(self, now: datetime) -> datetime:
        """Since when there may be something new; what is older is forgotten, but for thumbs: the first one counts."""
        back = _RECENT
        if now - self._swept >= _SWEPT:
            back, self._swept = LONGEST, now
            old = now - 2 * LONGEST
            self._taken = {key: at for key, at in self._taken.items() if at > old or key.startswith("t")}
        since, self._read_until = self._read_until - back, now
        return max(self.since, since)

    def take(
        self, calls: Sequence[EndedCall], thumbs: Sequence[Thumb], arm_of: Callable[[str, str], tuple[str, Arm] | None]
    ) -> Metric | None:
        """Count what is new; the metric that has to roll it back, if one has: from then on nothing counts."""
        if self._metric is not None:
            return self._metric
        found: list[tuple[datetime, str, Outcome]] = []
        for at, key, metric, user_id, conversation_id, value in (*_of_calls(calls), *_of_thumbs(thumbs, self.since)):
            if key in self._taken:
                continue
            self._taken[key] = at
            who = (user_id, conversation_id)
            if who not in self._arms:
                self._arms[who] = arm_of(*who)
            if (placed := self._arms[who]) is not None:
                unit_id, arm = placed
                found.append((at, key, Outcome(metric, at, unit_id, arm is Arm.TREATED, value)))
        # By minutes, and within them by ids, which are random: slow or failed ones may not stand in a row.
        found.sort(key=lambda each: (each[0].replace(second=0, microsecond=0), each[1][1:], each[1]))
        self._metric = self.evidence.add(outcome for _, _, outcome in found)
        return self._metric


class RolloutWatcher:
    """All rollouts with a guardrail, counted from the books alone. Blocking, thread-safe.

    A call, turn or thumb counts for the group that its unit is in by the flag's own hash, from the moment on when the
    flag's rules last changed (or a step of the schedule came): whether or not the capability was used for it, so that
    what is left undone counts too. Within such a stage a unit is in one group. Nothing is kept but what books and
    history have: after a restart the same is counted again.
    """

    def __init__(
        self, access: Access, store: Store, snapshot: FlagSnapshot, *, environment: str, clock: Callable[[], datetime]
    ) -> None:
        self._access = access
        self._store = store
        self._snapshot = snapshot
        self._environment = environment
        self._clock = clock
        self._lock = threading.Lock()
        self._watched: dict[tuple[str, str], _Rollout] = {}
        self._people: Mapping[str, Person] = {}
        self._people_at: datetime | None = None
        self._since: dict[tuple[str, int], datetime] = {}

    def look(self) -> list[tuple[Flag, Rule, Breach]]:
        """Count what is new of all rollouts; those that have to be rolled back. Raises StoreError."""
        flags, breached = self._snapshot.flags, list[tuple[Flag, Rule, Breach]]()
        with self._lock:
            wanted = {(flag.key, rule.id) for flag in flags.values() for rule in guarded(flag)}
            self._watched = {key: rollout for key, rollout in self._watched.items() if key in wanted}
            for key, rule_id in sorted(wanted):
                rollout = self._current(flags[key], rule_id)
                if rollout is not None and (metric := self._read(rollout)) is not None:
                    seen = rollout.evidence.seen()
                    breach = Breach(self._clock(), metric, rollout.share, rollout.since, seen)
                    breached.append((flags[key], rollout.rule, breach))
        return breached

    def of(self, flag: Flag) -> list[Watch]:
        """The rollouts of a flag as they stand, read anew. Raises StoreError."""
        found = []
        with self._lock:
            for rule in guarded(flag):
                if (rollout := self._current(flag, rule.id)) is not None:
                    self._read(rollout)
                    found.append(Watch(rule.id, rollout.since, rollout.share, rollout.evidence.seen()))
        return found

    def _current(self, flag: Flag, rule_id: str) -> _Rollout | None:
        """What was seen of a rollout's present stage; another stage begins without anything."""
        rule = next(each for each in flag.rules if each.id == rule_id)
        since, known = self._stage_of(flag, rule), self._watched.get((flag.key, rule_id))
        if since is None:
            return None
        if known is None or (known.since, known.rule) != (since, rule):
            known = self._watched[flag.key, rule_id] = _Rollout(flag, rule, since)
        known.flag = flag
        return known

    def _stage_of(self, flag: Flag, rule: Rule) -> datetime | None:
        if (flag.key, flag.version) not in self._since:
            changed = _rules_changed(self._store.flags.history(flag.key, _LOOKED_BACK), flag)
            if changed is None:
                return None
            self._since = {key: at for key, at in self._since.items() if key[0] != flag.key}
            self._since[flag.key, flag.version] = changed
        rollout, now = rule.rollout, self._clock()
        assert rollout is not None
        return max([self._since[flag.key, flag.version], *(step.at for step in rollout.steps if step.at <= now)])

    def _read(self, rollout: _Rollout) -> Metric | None:
        now = self._clock()
        if not 0 < rollout.share < PARTS:
            return None
        if self._people_at is None or now - self._people_at > PEOPLE_KNOWN:
            self._people = {each.id: each for each in self._store.users.all() if each.forgotten_at is None}
            self._people_at = now
        since, ids = rollout.look_back(now), sorted(self._people)
        calls = self._store.outcomes.calls(ids, since)
        thumbs = self._store.outcomes.thumbs(ids, since)
        return rollout.take(calls, thumbs, lambda *who: self._arm_of(rollout, *who))

    def _arm_of(self, rollout: _Rollout, user_id: str, conversation_id: str) -> tuple[str, Arm] | None:
        """The unit and its group; None for whom this rule does not divide."""
        person = self._people[user_id]
        roles = frozenset(role.value for role in self._access.standings.roles_of(person))
        context = FlagContext(
            user_id, roles, person.team_ids, domain_of(person.email), self._environment, conversation_id
        )
        found = evaluate(
            {**self._snapshot.flags, rollout.flag.key: rollout.flag}, rollout.flag.key, context, rollout.since
        )
        if found.rule != rollout.rule.id or found.arm is None:
            return None
        return unit_of(rollout.flag.unit, context), found.arm


def guarded(flag: Flag) -> Iterator[Rule]:
    """The rules of a flag whose rollouts are watched now."""
    if flag.state is not FlagState.ON:
        return
    for rule in flag.rules:
        rollout = rule.rollout
        if rollout is not None and rollout.breach is None and rollout.guardrail is not None and rollout.guardrail.is_on:
            yield rule


def _rules_changed(changes: Sequence[FlagChange], flag: Flag) -> datetime | None:
    """When a flag last came to say what it says now of who gets what; None where its history does not have it."""
    since = None
    for change in changes:  # the newest first
        if _said(change.after) != _said(flag):
            break
        since = change.at
    return since


def _said(flag: Flag) -> Flag:
    """A flag without what only describes it."""
    return replace(flag, description="", owner="", expires_on=None, version=0, created_at=None)


_Found = tuple[datetime, str, Metric, str, str, float]


def _of_calls(calls: Sequence[EndedCall]) -> Iterator[_Found]:
    whole: dict[str, list[EndedCall]] = {}
    for call in calls:
        at, who = call.started_at, (call.user_id, call.conversation_id)
        yield at, f"e{call.id}", Metric.ERROR_RATE, *who, float(call.has_failed)
        if call.is_chat and not call.has_failed and call.latency_ms is not None:
            yield at, f"l{call.id}", Metric.LATENCY, *who, call.latency_ms
        if call.is_whole:
            whole.setdefault(call.asked, []).append(call)
    for asked, parts in whole.items():
        costs = [part.cost for part in parts if part.cost is not None]
        if len(costs) == len(parts):
            first = parts[0]
            at = min(part.started_at for part in parts)
            yield at, f"c{asked}", Metric.COST, first.user_id, first.conversation_id, float(sum(costs, Decimal(0)))


def _of_thumbs(thumbs: Sequence[Thumb], since: datetime) -> Iterator[_Found]:
    """The first judgement of each answer that was asked for since then."""
    for thumb in sorted(thumbs, key=lambda each: (each.at, each.id)):
        if thumb.started_at >= since:
            who = thumb.user_id, thumb.conversation_id
            yield thumb.at, f"t{thumb.turn_id}", Metric.THUMBS_DOWN, *who, float(thumb.is_down)
