"""Addresses of reports: sealed in the vault, opened for one sending, and never shown again."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from core.errors import NotFound, VaultError
from core.reports.letter import Letter
from core.reports.places import kind_named
from core.reports.sending import Sender
from core.vault import Vault
from data.values.reports import ReportSchedule

_NAME = "report"
_SEPARATOR = " "


@dataclass(frozen=True, slots=True)
class Destination:
    """What may be shown of an address: the service, and a hint such as a host; empty where there is none."""

    service: str
    hint: str = ""


class Addresses:
    """Thread-safe, blocking.

    An address is a secret of Gearbox's own, and its name, which the vault authenticates, holds the schedule that it is
    for: whoever exchanges ids in the database gets neither another secret nor a report sent elsewhere.
    """

    def __init__(self, vault: Vault, sender: Sender) -> None:
        self._vault = vault
        self._sender = sender

    def seal(self, schedule_id: str, address: str) -> str:
        """Check an address and keep it; returns the secret's id.

        Raises:
            GearboxError: reports can't go there, or it can't be kept; the words repeat nothing secret of it.
        """
        address = address.strip()
        fit = self._sender.check(address)
        return self._vault.put_system(_SEPARATOR.join([_NAME, schedule_id, fit.kind, fit.shown]), address.encode())

    def forget(self, secret_id: str) -> None:
        """Forget an address; does nothing where it is gone."""
        if self._vault.card(secret_id):
            with contextlib.suppress(NotFound):
                self._vault.remove_system(secret_id)

    def shown(self, schedule: ReportSchedule) -> Destination:
        """What may be shown of where a report goes."""
        card = self._vault.card(schedule.secret_id)
        parts = card.binding.owner_id.split(_SEPARATOR) if card else []
        if parts[:2] != [_NAME, schedule.id] or len(parts) != 4:
            return Destination("An address that is gone")
        kind = kind_named(parts[2])
        return Destination(kind.label if kind else parts[2], parts[3])

    def send(self, schedule: ReportSchedule, letter: Letter) -> None:
        """Send a letter where a report goes; the use of its address is in the audit log.

        Raises:
            NotFound, VaultError: the address can't be opened, or is not this report's.
            NotSent: it was not taken.
        """
        card = self._vault.card(schedule.secret_id)
        if card is None or card.binding.owner_id.split(_SEPARATOR)[:2] != [_NAME, schedule.id]:
            raise VaultError("The address of this report is gone.", "Enter it again.")
        self._sender.send(self._vault.open_system(schedule.secret_id).decode(), letter)
