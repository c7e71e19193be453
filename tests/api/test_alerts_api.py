"""`/api/v1/alerts` and what belongs to it, of a running Gearbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.access.policy import Permission
from data.values.alert_delivery import ChannelForm
from tests.api.gearbox import Gearbox, running
from tests.reports.places import Webhook


@pytest.fixture(scope="module")
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gearbox]:
    home: Path = tmp_path_factory.mktemp("alerts") / "home"
    with running(home) as gearbox:
        yield gearbox


def got(gearbox: Gearbox, path: str, **query: Any) -> Any:
    answer = gearbox.ask("GET", f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def fired(gearbox: Gearbox, rule: str) -> dict[str, Any]:
    """The open alert of a rule, once there is one: what parts tell is looked at now, not at the next round."""
    began = time.monotonic()
    while time.monotonic() - began < 30:
        if found := [each for each in got(gearbox, "alerts")["alerts"] if each["rule"] == rule]:
            return dict(found[0])
        time.sleep(0.05)
    raise AssertionError(rule)


def test_from_a_test_fire_to_taking_it_on_and_its_history(gearbox: Gearbox) -> None:
    assert gearbox.ask("POST", "/api/v1/alert-rules/brute-force/test").status_code == 204
    alert = fired(gearbox, "brute-force")
    assert (alert["state"], alert["group"], alert["is_new"], alert["is_silenced"]) == ("firing", "test", True, False)
    assert (alert["title"], alert["page"]) == ("Somebody guesses at the door", "audit")
    path = f"alerts/{alert['id']}"
    view = got(gearbox, path)
    assert view["limits"]["fires_at"] == 1 and view["messages"] == []
    assert view["runbook"].startswith("# Somebody guesses at the door")
    assert fired(gearbox, "brute-force")["is_new"] is False
    taken = gearbox.ask("POST", f"/api/v1/{path}/acknowledge")
    assert taken.status_code == 200 and taken.json()["acknowledged_by"] == "local-owner"
    assert gearbox.ask("POST", f"/api/v1/{path}/acknowledge").status_code == 409
    assert gearbox.ask("POST", "/api/v1/alerts/never-was/acknowledge").status_code == 404
    now = datetime.now(UTC)

    def history(**query: Any) -> list[str]:
        return [each["id"] for each in got(gearbox, "alert-history", **query)["alerts"]]

    assert history(rule="brute-force") == [alert["id"]] and history(rule="disk-low") == []
    assert history(since=(now + timedelta(hours=1)).isoformat()) == []
    assert history(until=(now - timedelta(hours=1)).isoformat()) == []
    assert gearbox.ask("GET", "/api/v1/alert-history", params={"limit": 0}).status_code == 400


def test_who_may_not_is_told_so_whatever_they_sent(gearbox: Gearbox) -> None:
    services = gearbox.services
    _, plain = services.tokens.create(services.actor(), "chat", [Permission.CHAT])
    asked = partial(gearbox.ask, "PATCH", "/api/v1/alert-rules/disk-low", json={"nonsense": 1})
    assert asked(headers={"Authorization": f"Bearer {plain}"}).status_code == 403
    assert asked().status_code == 400


def test_limits_are_changed_in_parts_and_by_the_version_that_was_seen(gearbox: Gearbox) -> None:
    def change(**sent: Any) -> Any:
        return gearbox.ask("PATCH", "/api/v1/alert-rules/disk-low", json=sent)

    rules = {each["key"]: each for each in got(gearbox, "alert-rules")["rules"]}
    before = rules["disk-low"]
    assert before["version"] == 0 and before["escalates_after"] == 1800
    changed = change(version=0, fires_at=15, clears_at=20)
    assert changed.json() == {**before, "fires_at": 15, "clears_at": 20, "version": 1}
    assert change(version=0, is_on=False).status_code == 409
    assert change(version=1, clears_at=5).json()["error"]["message"].startswith("It would be well and bad")
    assert change(version=1, escalates_after=None, is_on=False).json() == {
        **changed.json(), "escalates_after": None, "is_on": False, "version": 2
    }  # fmt: skip
    after = {each["key"]: each for each in got(gearbox, "alert-rules")["rules"]}
    assert after["disk-low"]["is_on"] is False and {**after, "disk-low": 0} == {**rules, "disk-low": 0}


def test_channels_are_tried_out_and_their_addresses_stay_where_they_are(gearbox: Gearbox) -> None:
    with Webhook() as hook:
        address = f"http://127.0.0.1:{hook.port}/in?token=s3cret-of-the-address"
        settings, owner = gearbox.services.alert_parts.settings, gearbox.services.actor()
        channel, key = settings.add_channel(owner, label="Hook", form=ChannelForm.SIGNED, address=address)
        listed = gearbox.ask("GET", "/api/v1/alert-channels")
        [shown] = listed.json()["channels"]
        assert (shown["label"], shown["service"], shown["hint"]) == ("Hook", "Signed webhook", "127.0.0.1")
        assert "s3cret" not in listed.text and key not in listed.text
        path = f"/api/v1/alert-channels/{channel.id}/test"
        assert gearbox.ask("POST", path).status_code == 204
        assert [each.body["rule"] for each in hook.received] == ["trial"]
        hook.status = 503
        refused = gearbox.ask("POST", path)
        assert refused.status_code == 400 and "s3cret" not in refused.text
        settings.remove_channel(owner, channel.id)


def test_silences_hold_until_they_are_ended(gearbox: Gearbox) -> None:
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = gearbox.ask("POST", "/api/v1/alert-silences", json={"rule": "audit-late", "ends_at": ends, "why": "Moving"})
    assert made.status_code == 201, made.text
    assert made.json() in got(gearbox, "alert-silences")["silences"]
    path = f"/api/v1/alert-silences/{made.json()['id']}"
    assert gearbox.ask("DELETE", path).status_code == 204
    assert got(gearbox, "alert-silences")["silences"] == []
    assert gearbox.ask("DELETE", path).status_code == 404
