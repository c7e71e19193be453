"""In a running Gearbox, with its own threads and clock."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.alerts.signing import HEADER, verifies
from data.values.alert_delivery import ChannelForm
from tests.api.gearbox import running
from tests.reports.places import Webhook


@pytest.mark.campaign  # a round comes every 15 seconds
def test_what_is_told_reaches_a_webhook_and_its_end_does(tmp_path: Path) -> None:
    with running(tmp_path / "home") as gearbox, Webhook() as hook:
        parts, actor = gearbox.services.alert_parts, gearbox.services.actor()
        address = f"http://127.0.0.1:{hook.port}/in"
        _, key = parts.settings.add_channel(actor, label="Hook", form=ChannelForm.SIGNED, address=address)
        parts.alerts.tell("brute-force", "door", "Somebody knocks.", value=2)
        began = time.monotonic()
        while not hook.received and time.monotonic() - began < 90:
            time.sleep(0.5)
        [told] = hook.received
        assert told.body["rule"] == "brute-force" and told.body["event"] == "fired"
        assert verifies(key, told.headers[HEADER], told.raw, int(time.time()))
        assert parts.inbox.count(actor) == 1
