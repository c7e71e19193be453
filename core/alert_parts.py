"""The part of the composition that watches the others; `core.services` puts it together with the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from core.access.access import Access
from core.alerts.alerts import Alerts
from core.alerts.channels import ChannelAddresses, Post
from core.alerts.delivery import Deliverer
from core.alerts.evaluator import Evaluator
from core.alerts.running import AlertThreads
from core.alerts.service import AlertService
from core.alerts.settings import AlertSettings
from core.alerts.sources.source import Parts
from core.audit.trail import Trail
from core.clock import utc_now
from core.config import Settings
from core.flags.guarding import Guardrails, RolledBack
from core.reports.sending import Sender
from core.vault import Vault
from data.store import Store
from data.warehouse.writer import WarehouseWriter


@dataclass(frozen=True, slots=True)
class AlertParts:
    """What other parts tell, what admins look at, and what they set up."""

    alerts: Alerts
    inbox: AlertService
    settings: AlertSettings


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
    addresses = ChannelAddresses(vault, Sender(settings), Post(settings), settings.public_url, utc_now)
    parts = Parts(store, writer, trail, settings.home, settings.zone, utc_now)
    threads = AlertThreads(Evaluator(parts), Deliverer(store, addresses, utc_now))
    stack.callback(threads.close)
    threads.start()
    alerts = Alerts(store, utc_now)
    guardrails.on_breach = telling(alerts)
    return AlertParts(
        alerts, AlertService(access, store, alerts, utc_now), AlertSettings(access, store, addresses, utc_now)
    )


def telling(alerts: Alerts) -> Callable[[RolledBack], None]:
    """What guardrails call: an alert about the flag."""

    def tell(rolled_back: RolledBack) -> None:
        key = rolled_back.flag.key
        alerts.tell("guardrail-breach", key, f"A rollout of the flag {key} was rolled back. {rolled_back.why}")

    return tell
