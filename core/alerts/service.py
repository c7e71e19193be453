"""What admins do with alerts: look at them, take them on, and try a rule out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.access.access import Access
from core.access.policy import Permission
from core.alerts.alerts import Alerts
from core.alerts.quiet import quiet_times
from core.alerts.rules import TEST, WATCHES, rules_now, subject_of
from core.errors import NotFound
from data.store import Store
from data.values.actor import Actor
from data.values.alert_delivery import Notification, is_silenced
from data.values.alerts import Alert, AlertState, Rule
from data.values.audit import Action, AuditEvent, AuditOutcome

MOST_HISTORY = 200
_TEST_HOLDS = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class AlertCard:
    """An alert in a list; `is_new` where the viewer has not looked at it, `is_silenced` where nobody is told of it.

    `about` is what the viewer calls the person or team that it is about; empty where it is about something else.
    """

    alert: Alert
    is_new: bool
    is_silenced: bool
    about: str = ""


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert, its rule (None where this release has none), what was told, and what its channels are called."""

    alert: Alert
    rule: Rule | None
    notifications: Sequence[Notification]
    channels: Mapping[str, str]
    taken_by: str
    about: str = ""


class AlertService:
    """Every method needs `Permission.MANAGE_ALERTS` and raises AccessRefused without it. Thread-safe, blocking."""

    def __init__(self, access: Access, store: Store, alerts: Alerts, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._store = store
        self._alerts = alerts
        self._clock = clock

    def count(self, actor: Actor) -> int:
        """How many alerts fire; cheap."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        return self._store.alerts.count_firing()

    def open(self, actor: Actor) -> list[AlertCard]:
        """Those that fire, the newest first, then those that are about to."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        found, now = self._store.alerts.open(), self._clock()
        read = self._store.alerts.read_by(actor.user_id, [alert.id for alert in found])
        silences, about = quiet_times(self._store, now), self._about(actor, found)
        cards = [
            AlertCard(alert, alert.id not in read, is_silenced(alert, silences, now), about[alert.id])
            for alert in reversed(found)
        ]
        return sorted(cards, key=lambda card: card.alert.state is not AlertState.FIRING)

    def history(
        self,
        actor: Actor,
        *,
        rule: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = MOST_HISTORY,
    ) -> list[Alert]:
        """Those that ever fired, the newest first.

        Args:
            rule: its key; empty for all.
            since, until: when they fired; `until` is exclusive.
            limit: `MOST_HISTORY` at most.
        """
        self._access.require(actor, Permission.MANAGE_ALERTS)
        return self._store.alerts.history(min(limit, MOST_HISTORY), rule=rule, since=since, until=until)

    def get(self, actor: Actor, alert_id: str) -> AlertView:
        """One alert; that the actor has looked at it is kept. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        alert = self._store.alerts.find(alert_id)
        if alert is None:
            raise NotFound("There is no such alert.", "Look at the list.")
        if alert.id not in self._store.alerts.read_by(actor.user_id, [alert.id]):
            self._store.alerts.read(actor.user_id, [alert.id], self._clock())
        taken = alert.acknowledged_by or ""
        return AlertView(
            alert,
            rules_now(self._store.alert_rules.changed()).get(alert.rule),
            self._store.alert_delivery.of_alert(alert.id),
            {channel.id: channel.label for channel in self._store.alert_delivery.channels()},
            self._access.called(actor, [taken]).get(taken, "") if taken else "",
            self._about(actor, [alert])[alert.id],
        )

    def _about(self, actor: Actor, found: Sequence[Alert]) -> Mapping[str, str]:
        """By the ids of alerts. Summaries name nobody: they leave the app."""
        about = {alert.id: subject_of(alert) for alert in found}
        people = self._access.called(actor, [it.id for it in about.values() if it and it.is_person])
        has_teams = any(it and not it.is_person for it in about.values())
        teams = {team.id: team.name for team in self._store.teams.all()} if has_teams else {}
        return {alert_id: {**teams, **people}.get(it.id, "") if it else "" for alert_id, it in about.items()}

    def acknowledge(self, actor: Actor, alert_id: str) -> None:
        """Take an alert on: nobody else is told that it still fires. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        event = AuditEvent.by(actor, Action.ALERT_ACKNOWLEDGE, AuditOutcome.DONE, target=f"alert:{alert_id}")
        self._store.alerts.acknowledge(alert_id, actor.user_id, self._clock(), event)

    def test_fire(self, actor: Actor, key: str) -> None:
        """Have a rule fire as it would, through all channels; it is resolved by itself some minutes later.

        Raises:
            NotFound: there is no such rule.
        """
        self._access.require(actor, Permission.MANAGE_ALERTS)
        rule = rules_now(self._store.alert_rules.changed()).get(key)
        if rule is None or key not in WATCHES:
            raise NotFound("There is no such rule.", "Look at the list of rules.")
        self._store.audit.record(
            AuditEvent.by(actor, Action.ALERT_TEST, AuditOutcome.DONE, target=f"alert_rule:{key}", of="rule")
        )
        self._alerts.tell(
            key,
            TEST,
            "This is a test fire by an admin. Nothing is wrong.",
            value=rule.fires_at,
            holds=rule.lasts + _TEST_HOLDS,
        )
