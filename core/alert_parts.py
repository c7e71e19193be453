"""The part of the composition that watches the others; `core.services` puts it together with the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta

from core.access.access import Access
from core.alerts.alerts import Alerts
from core.alerts.channels import ChannelAddresses, Post
from core.alerts.delivery import Deliverer
from core.alerts.evaluator import Evaluator
from core.alerts.own_disk import OwnDisk
from core.alerts.service import AlertService
from core.alerts.settings import AlertSettings
from core.alerts.sources.source import Parts
from core.audit.trail import Trail
from core.clock import utc_now
from core.config import Settings
from core.errors import GearboxError
from core.flags.guarding import Guardrails, RolledBack
from core.periodic import Periodic
from core.reports.sending import Sender
from core.vault import Vault
from data.store import Store
from data.warehouse.writer import WarehouseWriter

EVERY = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class AlertParts:
    """What other parts tell, what admins look at, and what they set up.

    `wake` begins a round of the evaluator now, if it is this process's.
    """

    alerts: Alerts
    inbox: AlertService
    settings: AlertSettings
    wake: Callable[[], object]


def make_alerts(
    settings: Settings,
    access: Access,
    store: Store,
    writer: WarehouseWriter,
    trail: Trail,
    *,
    vault: Vault,
    guardrails: Guardrails,
    stack: ExitStack,
) -> AlertParts:
    """Watch from now on, until `stack` ends that; `guardrails` tell what they roll back."""
    addresses = _addresses(settings, vault)
    parts = Parts(store, writer, trail, settings.home, settings.zone, utc_now)
    wake = _watch(parts, Deliverer(store, addresses, utc_now), stack)
    made = _made(access, store, addresses, wake)
    guardrails.on_breach = telling(made.alerts)
    return made


def alerts_of(settings: Settings, access: Access, store: Store, vault: Vault) -> AlertParts:
    """The same for a process that lives for one command: nothing is watched, and a running Gearbox tells channels."""
    return _made(access, store, _addresses(settings, vault))


def _made(
    access: Access, store: Store, addresses: ChannelAddresses, wake: Callable[[], object] = lambda: None
) -> AlertParts:
    alerts = Alerts(store, utc_now, wake)
    settings = AlertSettings(access, store, addresses, utc_now)
    return AlertParts(alerts, AlertService(access, store, alerts, utc_now), settings, wake)


def _addresses(settings: Settings, vault: Vault) -> ChannelAddresses:
    return ChannelAddresses(vault, Sender(settings), Post(settings), settings.public_url, utc_now)


def _watch(parts: Parts, deliverer: Deliverer, stack: ExitStack) -> Callable[[], None]:
    """Two threads, so that a slow channel delays no rule; returns what begins a round now."""
    own, evaluator = OwnDisk(parts, Alerts(parts.store, parts.clock)), Evaluator(parts)

    def stand_down() -> None:
        with suppress(GearboxError):  # its lease runs out then
            evaluator.stand_down()

    stack.callback(stand_down)
    sending = stack.enter_context(Periodic("gearbox-alerts-send", deliverer.run, EVERY))

    def watch() -> None:
        own.run()
        if evaluator.run():
            sending.wake()

    return stack.enter_context(Periodic("gearbox-alerts", watch, EVERY)).wake


def telling(alerts: Alerts) -> Callable[[RolledBack], None]:
    """What guardrails call: an alert about the flag."""

    def tell(rolled_back: RolledBack) -> None:
        key = rolled_back.flag.key
        alerts.tell("guardrail-breach", key, f"A rollout of the flag {key} was rolled back. {rolled_back.why}")

    return tell
