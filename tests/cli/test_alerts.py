"""`python -m core alerts ...`"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from data.store import Store
from data.store.alerts import ALERT_LEASE, Moved
from data.values.alerts import Alert, AlertState, Severity
from tests.cli.conftest import Gearbox

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRING = Alert(
    "a1b2c3d4e5", "disk-low", "box", 1, AlertState.FIRING, Severity.CRITICAL, 0, AT, 8, 8, "8.0 % is free on box.", AT
)  # fmt: skip


def _fires(store: Store, _vault: object) -> None:
    from core.alerts.evaluator import LEASE

    store.leases.acquire(ALERT_LEASE, LEASE)
    store.alerts.move([Moved(FIRING)], LEASE)
    store.leases.release(ALERT_LEASE)


def test_from_what_fires_to_taking_it_on(gearbox: Gearbox) -> None:
    gearbox.set_up(_fires)
    said = gearbox.run("alerts", "open")
    assert said.code == 1
    line = "a1b2c3d4  firing    critical  2026-11-23 12:00 UTC  disk-low box: 8.0 % is free on box."
    assert said.text.splitlines() == [line]
    shown = json.loads(gearbox.run("alerts", "show", "a1b2").text)
    assert (shown["rule"], shown["value"], shown["runbook"]) == ("disk-low", 8, "docs/runbooks/disk-low.md")
    assert gearbox.run("alerts", "take", "a1b2").text == "You took it on.\n"
    assert gearbox.run("alerts", "open").text.splitlines() == [f"{line}  (taken on)"]
    assert gearbox.run("alerts", "history", "--rule", "disk-low", "--since", "2026-11-23").text.splitlines() == [line]
    assert gearbox.run("alerts", "history", "--since", "2026-11-24").text == ""
    missing = gearbox.run("alerts", "take", "zzz")
    assert (missing.code, missing.text) == (2, "There is no such alert. Look at the list of those that fire.\n")
    taken = gearbox.run("alerts", "take", "a1b2")
    assert (taken.code, taken.text) == (2, "Somebody took it on already.\n")


def test_limits_channels_and_silences(gearbox: Gearbox) -> None:
    gearbox.set_up(lambda _store, _vault: None)
    changed = gearbox.run(
        "alerts", "set", "disk-low", "--fires-at", "15", "--clears-at", "20", "--escalates-after", "0"
    )
    assert changed.text.startswith("disk-low           critical  fires at 15, well at 20 % free;"), changed.text
    assert gearbox.run("alerts", "set", "disk-low", "--off").text.split()[:2] == ["disk-low", "off"]
    assert gearbox.run("alerts", "set", "disk-low", "--clears-at", "1").code == 2
    assert gearbox.run("alerts", "set", "nothing", "--on").code == 2
    assert "the test fires within 90 seconds" in gearbox.run("alerts", "test", "disk-low").text
    assert gearbox.run("alerts", "open").text == "Nothing fires.\n"
    assert gearbox.run("alerts", "try", "none").text.startswith("There is no such channel.")
    assert gearbox.run("alerts", "silence", "--minutes", "30", "--why", "We move").text.startswith(
        "Nobody is told until"
    )
    assert gearbox.run("audit", "verify").code == 0
