"""Sends the messages that wait, and tries again later where a channel did not take one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from core.alerts.channels import ChannelAddresses
from core.errors import GearboxError
from data.store import Store
from data.values.alert_delivery import Notification

CLAIM = timedelta(minutes=3)
"""How long a process may be at one message before another one takes it for dead: more than any sending lasts."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
MOST_TRIES = 12
"""The last one is some three hours after the first."""

_log = logging.getLogger(__name__)


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures: 30 seconds, a minute, two and so on, half an hour at most.

    No `tenacity`: it waits inside a call, and these pauses outlive the process.
    """
    grown: int = 2 ** min(failures - 1, 10)
    return min(FIRST_PAUSE * grown, LONGEST_PAUSE)


class Deliverer:
    """One process's part in it; several share the messages. Blocking.

    That a message was taken is committed after it was handed over: a process that dies between the two leads to the
    same message once more, with the same ids, never to none.
    """

    def __init__(self, store: Store, addresses: ChannelAddresses, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._addresses = addresses
        self._clock = clock

    def run(self) -> int:
        """Send what is due and nobody else is sending; how many were taken.

        Raises:
            StoreError: the database can't be read or written.
        """
        taken = 0
        # One at a time: the claim on the next one does not run out while this one is sent.
        while claimed := self._store.alert_delivery.claim(CLAIM, 1):
            taken += self._sent(claimed[0])
        return taken

    def _sent(self, notification: Notification) -> bool:
        delivery = self._store.alert_delivery
        channel = next((each for each in delivery.channels() if each.id == notification.channel_id), None)
        alert = self._store.alerts.find(notification.alert_id)
        if channel is None or alert is None or not channel.is_on:
            delivery.failed(notification, "The channel is gone, or off.", None)
            return False
        try:
            self._addresses.send(channel, alert, notification.occasion, notification.id)
        except GearboxError as error:
            failures = notification.tries + 1
            is_over = failures >= MOST_TRIES
            _log.warning("An alert was not told to the channel %s: %s", channel.id, error.explain())
            words = error.explain() + (f" Given up after {failures} tries." if is_over else "")
            delivery.failed(notification, words, None if is_over else self._clock() + pause_after(failures))
            return False
        delivery.sent(notification)
        return True
