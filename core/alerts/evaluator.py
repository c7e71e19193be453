"""Holds what is seen against the rules, of all processes on a database one."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.alerts.quiet import quiet_times
from core.alerts.rules import NOT_WATCHED, SOURCES, WATCHES, rules_now
from core.alerts.sources.source import Parts, Source
from core.errors import GearboxError
from data.store import Store
from data.store.alerts import ALERT_LEASE, Moved
from data.values.alert_delivery import Channel, Notification, Silence, is_silenced, told
from data.values.alerts import Alert, AlertState, Observation, Occasion, Rule, Step, step

LEASE = timedelta(minutes=2)
"""From the end of one round to that of the next: longer than any source takes but the verification of a very long log.
Whoever loses it keeps nothing; whose rounds fail loses it to a process whose rounds don't."""
AGAIN = timedelta(minutes=1)
"""How soon a source that could not look is asked again, however seldom it is asked otherwise."""
MOST_AT_ONCE = 50
"""Alerts of one rule that are open at a time: a thousand of them say no more than fifty."""

_log = logging.getLogger(__name__)


class Evaluator:
    """One process's part in it. Not thread-safe: one thread runs its rounds."""

    def __init__(self, parts: Parts, sources: Sequence[Source] = SOURCES) -> None:
        self._parts = parts
        self._store: Store = parts.store
        self._clock: Callable[[], datetime] = parts.clock
        self._sources = sources
        self._leads = False
        self._looked: dict[tuple[str, ...], datetime] = {}
        self._seen: dict[str, Sequence[Observation]] = {}
        self._blind: dict[tuple[str, ...], str] = {}

    def run(self) -> bool:
        """One round, if this process leads or nobody does; whether somebody is to be told of something.

        Raises:
            StoreError: the database can't be read or written.
        """
        if not self._lead():
            return False
        self._look()
        moved = self._moved()
        if not self._store.alerts.move(moved, LEASE):
            self._stop_leading()
            return False
        return any(each.notifications for each in moved)

    def stand_down(self) -> None:
        """Let another process lead."""
        if self._leads:
            self._stop_leading()
            self._store.leases.release(ALERT_LEASE)

    def _lead(self) -> bool:
        leases = self._store.leases
        if not self._leads and leases.held_until(ALERT_LEASE) is None:
            self._leads = leases.acquire(ALERT_LEASE, LEASE)
        return self._leads

    def _stop_leading(self) -> None:
        self._leads = False
        self._looked.clear()
        self._seen.clear()
        self._blind.clear()

    def _look(self) -> None:
        now = self._clock()
        for source in self._sources:
            last, every = self._looked.get(source.rules), source.every
            if source.rules in self._blind:
                every = min(every, AGAIN)
            if last is not None and now - last < every:
                continue
            self._looked[source.rules] = now
            try:
                self._seen.update(source.look(self._parts))
                self._blind.pop(source.rules, None)
            except Exception as error:  # noqa: BLE001  # whatever it is, it must not keep the others from looking
                # Nothing is known then: what fires goes on, and nothing begins.
                if source.rules not in self._blind:
                    is_ours = isinstance(error, GearboxError)
                    _log.warning("Alerts can't look at %s: %s", ", ".join(source.rules), error, exc_info=not is_ours)
                    self._blind[source.rules] = str(error) if is_ours else "See the log."
                for rule in source.rules:
                    self._seen.pop(rule, None)
        self._seen[NOT_WATCHED] = [
            Observation(rules[0], len(rules), f"Nothing is known of: {'; '.join(map(_title, rules))}. {why}")
            for rules, why in self._blind.items()
        ]

    def _moved(self) -> list[Moved]:
        rules, facts = rules_now(self._store.alert_rules.changed()), self._store.alerts.facts()
        open_: dict[str, dict[str, Alert]] = {}
        for each in self._store.alerts.open():
            open_.setdefault(each.rule, {})[each.group] = each
        # A rule that this release does not have any more is one that is off.
        gone = {key: Rule(key, next(iter(of.values())).severity, 0, 0, is_on=False) for key, of in open_.items()}
        moved: list[Moved] = []
        teller = _Teller(self._store, self._clock())
        for key, rule in {**gone, **rules}.items():
            for alert, then in self._steps(rule, open_.get(key, {}), facts.get(key, ())):
                if (changed := teller.moved(rule, alert, then)) is not None:
                    moved.append(changed)
        return moved

    def _steps(
        self, rule: Rule, alerts: Mapping[str, Alert], facts: Sequence[Observation]
    ) -> list[tuple[Alert | None, Step]]:
        is_told = not any(rule.key in source.rules for source in self._sources)
        known = rule.key in self._seen or is_told or not rule.is_on
        seen = {each.group: each for each in [*self._seen.get(rule.key, ()), *facts]}
        # Where the source could not look, nothing is said of what it did not tell.
        groups = [group for group in {**alerts, **seen} if known or group in seen]
        bad = [group for group in groups if group not in alerts and rule.is_on and rule.is_bad(seen[group].value)]
        begun = set(bad[: max(0, MOST_AT_ONCE - len(alerts))])
        numbers = self._store.alerts.numbers([rule.key]) if begun else {}
        now, steps = self._clock(), []
        for group in groups:
            if (alert := alerts.get(group)) is None and group not in begun:
                continue
            number = numbers.get((rule.key, group), 0) + 1
            new = uuid.uuid4().hex, number
            steps.append((alert, step(rule, alert, seen.get(group), now, new=new)))
        return steps


def _title(rule: str) -> str:
    return WATCHES[rule].title


class _Teller:
    """Of one round: who is to be told of its steps."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now
        self._told: tuple[list[Channel], Sequence[Silence]] | None = None

    def moved(self, rule: Rule, alert: Alert | None, then: Step) -> Moved | None:
        """What is to be kept of a step; None where nothing changed."""
        if then.alert is None:
            return Moved(alert, is_over=True) if alert is not None else None
        changed, occasion = then.alert, then.occasion
        if occasion is Occasion.ESCALATED and self._is_too_early(rule, changed):
            changed, occasion = replace(changed, escalated_at=None), None
        notifications = self._notifications(changed, occasion)
        if changed == alert and not notifications:
            return None
        return Moved(changed, notifications)

    def _notifications(self, alert: Alert, occasion: Occasion | None) -> list[Notification]:
        if occasion is Occasion.RESOLVED:
            # Who was told that it fires is told of its end, in a silence, too: else a pager would ring on.
            known = {each.channel_id for each in self._store.alert_delivery.of_alert(alert.id)}
            heard = [channel for channel in self._who()[0] if channel.id in known]
            return told(alert, occasion, heard, (), self._now)
        if occasion is not None:
            return told(alert, occasion, *self._who(), self._now)
        if alert.state is not AlertState.FIRING or alert.fired_at is None or alert.acknowledged_at is not None:
            return []
        # What fired in a silence and goes on is told once that is over.
        channels, silences = self._who()
        if not is_silenced(alert, silences, alert.fired_at):
            return []
        known = {each.id for each in self._store.alert_delivery.of_alert(alert.id)}
        late = told(alert, Occasion.FIRED, channels, silences, self._now)
        return [each for each in late if each.id not in known]

    def _is_too_early(self, rule: Rule, alert: Alert) -> bool:
        """Whether those who are told first had no time yet to take it on: in a silence nobody is told."""
        channels, silences = self._who()
        if is_silenced(alert, silences, self._now):
            return True
        first = [
            each.created_at for each in self._store.alert_delivery.of_alert(alert.id) if each.occasion is Occasion.FIRED
        ]
        if first and rule.escalates_after is not None:
            return self._now - min(first) < rule.escalates_after
        waited = is_silenced(alert, silences, alert.fired_at or self._now)
        return waited and any(channel.hears(alert, Occasion.FIRED) for channel in channels)

    def _who(self) -> tuple[list[Channel], Sequence[Silence]]:
        if self._told is None:
            lately = self._now - timedelta(days=30)
            self._told = self._store.alert_delivery.channels(), quiet_times(self._store, lately)
        return self._told
