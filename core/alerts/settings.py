"""What admins set up: limits of rules, channels, silences and maintenance windows. Every change is audited."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.access.access import Access
from core.access.policy import Permission
from core.alerts.channels import ChannelAddresses
from core.alerts.rules import WATCHES, rules_now, to_json
from core.alerts.words import number, trial
from core.errors import GearboxError, NotFound
from core.reports.addresses import Destination
from data.store import Store
from data.store.alert_delivery import missing_channel
from data.values.actor import Actor
from data.values.alert_delivery import Channel, ChannelForm, Silence, SilenceForm
from data.values.alerts import Occasion, Rule, Severity, Side
from data.values.audit import Action, AuditEvent, AuditOutcome

_MOST_LABEL, _MOST_WHY = 60, 300
_MOST = 1e12  # of a limit: beyond it lies nothing that is observed, and no page could show it
_LONGEST_SILENCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """A channel, and what may be shown of where it leads."""

    channel: Channel
    destination: Destination


class AlertSettings:
    """Every method needs `Permission.MANAGE_ALERTS` and raises AccessRefused without it. Thread-safe, blocking."""

    def __init__(
        self, access: Access, store: Store, addresses: ChannelAddresses, clock: Callable[[], datetime]
    ) -> None:
        self._access = access
        self._store = store
        self._addresses = addresses
        self._clock = clock

    def rules(self, actor: Actor) -> Sequence[Rule]:
        """Every rule as it holds."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        return list(rules_now(self._store.alert_rules.changed()).values())

    def change_rule(self, actor: Actor, rule: Rule) -> None:
        """Keep other limits and times of a rule, or turn it on or off; that holds from the next round on.

        Args:
            rule: as it is to be, with the version that was looked at.

        Raises:
            NotFound: there is no such rule.
            GearboxError: the limits make no sense.
            Conflict: somebody else changed it meanwhile.
        """
        self._access.require(actor, Permission.MANAGE_ALERTS)
        before = rules_now(self._store.alert_rules.changed()).get(rule.key)
        if before is None:
            raise NotFound("There is no such rule.", "Look at the list of rules.")
        _require_senseful(rule)
        body = to_json(rule)
        changed = sorted(name for name, value in body.items() if value != to_json(before)[name])
        event = AuditEvent.by(
            actor,
            Action.ALERT_CHANGE,
            AuditOutcome.DONE,
            target=f"alert_rule:{rule.key}",
            change=" ".join(changed),
            version=rule.version + 1,
            is_on=rule.is_on,
        )
        self._store.alert_rules.save(rule.key, rule.version + 1, to_json(before), body, by=actor.user_id, event=event)

    def channels(self, actor: Actor) -> list[ChannelCard]:
        """Every channel, the oldest first."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        return [ChannelCard(each, self._addresses.shown(each)) for each in self._store.alert_delivery.channels()]

    def add_channel(
        self,
        actor: Actor,
        *,
        label: str,
        form: ChannelForm,
        address: str,
        least: Severity = Severity.WARNING,
        is_escalation: bool = False,
    ) -> tuple[Channel, str]:
        """Tell a channel from now on; returns it, and the key that its receiver checks signatures with: shown once.

        Raises:
            GearboxError: the address can't be used; no words repeat it.
        """
        self._access.require(actor, Permission.MANAGE_ALERTS)
        channel_id, label = uuid.uuid4().hex, _words(label, _MOST_LABEL, "A channel needs a name")
        secret_id, key = self._addresses.seal(channel_id, form, address)
        channel = Channel(channel_id, label, form, secret_id, least, is_escalation, True, actor.user_id, self._clock())
        try:
            self._store.alert_delivery.add_channel(channel, self._told(actor, channel_id, "add", secret=secret_id))
        except GearboxError:
            self._addresses.forget(secret_id)
            raise
        return channel, key

    def change_channel(
        self, actor: Actor, channel_id: str, *, least: Severity, is_escalation: bool, is_on: bool
    ) -> None:
        """Say what a channel hears. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        changed = replace(self._channel(channel_id), least=least, is_escalation=is_escalation, is_on=is_on)
        event = self._told(actor, channel_id, "change", least=least.value, escalation=is_escalation, is_on=is_on)
        self._store.alert_delivery.change_channel(changed, event)

    def remove_channel(self, actor: Actor, channel_id: str) -> None:
        """Tell it nothing any more, and forget its address. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        channel = self._channel(channel_id)
        self._store.alert_delivery.remove_channel(channel_id, self._told(actor, channel_id, "remove"))
        self._addresses.forget(channel.secret_id)

    def test_channel(self, actor: Actor, channel_id: str) -> None:
        """Send a try-out now.

        Raises:
            NotFound: there is no such channel.
            NotSent: it was not taken.
            VaultError: its address can't be opened.
        """
        self._access.require(actor, Permission.MANAGE_ALERTS)
        channel, now = self._channel(channel_id), self._clock()
        target = f"alert_channel:{channel_id}"
        try:
            self._addresses.send(channel, trial(now), Occasion.FIRED, uuid.uuid4().hex)
        except GearboxError:
            failed = AuditEvent.by(actor, Action.ALERT_TEST, AuditOutcome.FAILED, target=target, of="channel")
            self._store.audit.record(failed)
            raise
        self._store.audit.record(
            AuditEvent.by(actor, Action.ALERT_TEST, AuditOutcome.DONE, target=target, of="channel")
        )

    def silences(self, actor: Actor) -> Sequence[Silence]:
        """Those that hold or are still to come."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        return self._store.alert_delivery.silences(self._clock())

    def silence(
        self, actor: Actor, *, rule: str = "", group: str = "", starts_at: datetime, ends_at: datetime, why: str
    ) -> Silence:
        """Tell nobody in a time: of one rule and subject, or with empty ones of all. The app shows them all the same.

        Raises:
            GearboxError: no such rule or time, or no reason.
        """
        self._access.require(actor, Permission.MANAGE_ALERTS)
        now = self._clock()
        if rule and rule not in WATCHES:
            raise NotFound("There is no such rule.", "Look at the list of rules.")
        if ends_at <= max(now, starts_at) or ends_at - starts_at > _LONGEST_SILENCE:
            raise GearboxError("There is no such time.", "Let it end after it begins, within 30 days.")
        form = SilenceForm.MAINTENANCE if starts_at > now or not rule else SilenceForm.SILENCE
        words = _words(why, _MOST_WHY, "No reason was given")
        made = Silence(uuid.uuid4().hex, form, rule, group, starts_at, ends_at, words, actor.user_id, now)
        event = AuditEvent.by(
            actor,
            Action.ALERT_CHANGE,
            AuditOutcome.DONE,
            target=f"alert_silence:{made.id}",
            change="add",
            rule=rule,
            until=ends_at.isoformat(),
        )
        self._store.alert_delivery.add_silence(made, event)
        return made

    def end_silence(self, actor: Actor, silence_id: str) -> None:
        """Tell people again from now on. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_ALERTS)
        event = AuditEvent.by(
            actor, Action.ALERT_CHANGE, AuditOutcome.DONE, target=f"alert_silence:{silence_id}", change="end"
        )
        self._store.alert_delivery.end_silence(silence_id, self._clock(), event)

    def _channel(self, channel_id: str) -> Channel:
        found = next((each for each in self._store.alert_delivery.channels() if each.id == channel_id), None)
        if found is None:
            raise missing_channel()
        return found

    def _told(self, actor: Actor, channel_id: str, change: str, **more: str | bool) -> AuditEvent:
        target = f"alert_channel:{channel_id}"
        event = AuditEvent.by(actor, Action.ALERT_CHANGE, AuditOutcome.DONE, target=target, change=change)
        return replace(event, details={**event.details, **more})


def _require_senseful(rule: Rule) -> None:
    numbers = (rule.fires_at, rule.clears_at)
    times = (rule.lasts, rule.clears_after, rule.escalates_after or timedelta())
    if not all(abs(each) <= _MOST for each in numbers) or any(
        not timedelta() <= each <= timedelta(days=1) for each in times
    ):
        raise GearboxError("There is no such limit or time.", "Use plain numbers, and times of up to a day.")
    watch = WATCHES[rule.key]
    if not watch.lowest <= rule.fires_at <= watch.highest:
        raise GearboxError(
            f"It could never fire, or always would: {number(rule.fires_at)} {watch.unit}.",
            f"Let it fire at {number(watch.lowest)} or more, and at most at {number(watch.highest)}.",
        )
    wrong = rule.clears_at > rule.fires_at if rule.side is Side.ABOVE else rule.clears_at < rule.fires_at
    if wrong:
        raise GearboxError(
            "It would be well and bad at the same time.",
            f"Let it be well again {'below' if rule.side is Side.ABOVE else 'above'} where it fires.",
        )


def _words(text: str, most: int, missing: str) -> str:
    words = " ".join(text.split())
    if not 1 <= len(words) <= most or not words.isprintable():
        raise GearboxError(f"{missing}: 1 to {most} characters.", "Say it in a few words.")
    return words
