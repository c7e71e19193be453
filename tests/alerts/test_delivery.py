"""Who is told, how often, and what becomes of it when something in between fails. Over real HTTP, on both databases."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.alerts.channels import ChannelAddresses, Post
from core.alerts.delivery import CLAIM, MOST_TRIES, Deliverer, pause_after
from core.alerts.evaluator import LEASE
from core.alerts.rules import WATCHES
from core.alerts.signing import HEADER, TOLERANCE, signature, verifies
from core.config import Settings
from core.errors import Conflict, GearboxError, NotFound
from core.reports.sending import NotSent
from core.workspace.board import NoticeBoard
from core.workspace.service import WorkspaceService
from data.values.alert_delivery import Channel, ChannelForm
from data.values.alerts import Alert, Occasion, Severity
from tests.alerts.house import ADMIN, MONDAY, Replica, opened
from tests.forking import ROOT
from tests.reports.places import Webhook
from tests.warehouse.books import Clock

MINUTE = timedelta(minutes=1)


def hooked(replica: Replica, hook: Webhook, label: str = "Hook", *, is_escalation: bool = False) -> str:
    """A channel to a webhook; returns its id."""
    at = f"http://127.0.0.1:{hook.port}/in"
    channel, _ = replica.settings.add_channel(
        ADMIN, label=label, form=ChannelForm.SIGNED, address=at, is_escalation=is_escalation
    )
    return channel.id


def breach(replica: Replica, value: float = 1.0) -> None:
    replica.alerts.tell("guardrail-breach", "a-flag", "It got worse.", value=value, holds=timedelta(hours=9))


def events(hook: Webhook) -> list[str]:
    return [str(each.body["event"]) for each in hook.received]


def test_of_two_replicas_one_evaluates_and_one_sends(store_url: str, tmp_path: Path) -> None:
    clock, home = Clock(MONDAY), tmp_path / "home"
    with (
        Webhook() as hook,
        opened(store_url, home, clock) as one,
        opened(store_url, home, clock, host="elsewhere", writer=one.writer) as other,
    ):
        hooked(one, hook)
        breach(one)
        for _ in range(3):
            clock.forward(timedelta(seconds=15))
            for each in (one, other):
                each.evaluator.run()
        threads = [threading.Thread(target=each.deliverer.run) for each in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert events(hook) == ["fired"] and len(one.told()) == 1
        # The one that leads is gone without a word: the other goes on, and tells nobody again.
        breach(other, 0)
        clock.forward(LEASE)
        for _ in range(30):
            clock.forward(timedelta(seconds=15))
            other.evaluator.run()
        other.deliverer.run()
        assert events(hook) == ["fired", "resolved"]
        # Woken from a long sleep, the first one keeps nothing of what it has in mind.
        breach(one)
        assert not one.evaluator.run() and one.told()[-1][2] == "resolved"


def test_a_process_that_dies_after_handing_over_leads_to_one_more_with_the_same_ids(
    sqlite_url: str, tmp_path: Path
) -> None:
    clock, home = Clock(MONDAY), tmp_path / "home"
    with Webhook() as hook:
        with opened(sqlite_url, home, clock) as one:
            hooked(one, hook)
            breach(one)
            one.evaluator.run()
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.alerts.one_sending", sqlite_url, str(home), MONDAY.isoformat()], cwd=ROOT
        )
        # It is killed when the webhook has the message and before it knows.
        hook.on_post = lambda: os.kill(child.pid, signal.SIGKILL)
        assert child.wait(60) == -signal.SIGKILL
        hook.on_post = lambda: None
        with opened(sqlite_url, home, clock) as two:
            two.deliverer.run()
            assert events(hook) == ["fired"]  # still claimed
            clock.forward(CLAIM)
            for _ in range(3):
                two.deliverer.run()
        assert events(hook) == ["fired", "fired"]
        for name in ("dedupe_id", "notification_id"):
            assert len({each.body[name] for each in hook.received}) == 1


@pytest.fixture
def replica_of(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Replica, Webhook]]:
    with opened(sqlite_url, tmp_path / "home", Clock(MONDAY)) as replica, Webhook() as hook:
        yield replica, hook


class Refusing(ChannelAddresses):
    """Channels that take nothing: without a process for each of twelve tries."""

    def send(self, channel: Channel, alert: Alert, occasion: Occasion, notification_id: str) -> None:
        self.tries.append(self.now())
        raise NotSent("It answered HTTP 503.")

    def __init__(self, now: Clock) -> None:
        self.tries: list[datetime] = []
        self.now = now


def test_what_is_not_taken_is_tried_again_and_given_up_in_the_end(replica_of: tuple[Replica, Webhook]) -> None:
    replica, hook = replica_of
    hook.status = 503
    channel = hooked(replica, hook)
    breach(replica)
    replica.evaluator.run()
    refusing = Refusing(replica.clock)
    deliverer = Deliverer(replica.store, refusing, replica.clock)
    for _ in range(4 * 60):
        deliverer.run()
        replica.clock.forward(MINUTE / 2)
        deliverer.run()
        replica.clock.forward(MINUTE / 2)
    assert len(refusing.tries) == MOST_TRIES
    gaps = [later - earlier for earlier, later in itertools.pairwise(refusing.tries)]
    assert gaps == [pause_after(tries) for tries in range(1, MOST_TRIES)]
    [kept] = replica.store.alert_delivery.of_alert(replica.store.alerts.firing()[0].id)
    assert kept.due_at is None and kept.sent_at is None and "Given up after 12 tries" in (kept.trouble or "")
    with pytest.raises(NotSent, match="HTTP 503"):
        replica.settings.test_channel(ADMIN, channel)
    card = next(each for each in replica.settings.channels(ADMIN) if each.channel.id == channel)
    assert "It answered HTTP 503." in (card.channel.trouble or "") and card.destination.hint == "127.0.0.1"


def test_nobody_takes_it_on_and_somebody_else_is_told(replica_of: tuple[Replica, Webhook]) -> None:
    replica, hook = replica_of
    hooked(replica, hook)
    with Webhook() as boss:
        hooked(replica, boss, "Boss", is_escalation=True)
        breach(replica)
        replica.rounds(29 * MINUTE, MINUTE)
        assert (events(hook), events(boss)) == (["fired"], [])
        replica.rounds(3 * MINUTE)
        assert events(boss) == ["escalated"]
        breach(replica, 0)
        replica.rounds(6 * MINUTE, MINUTE)
        assert (events(hook), events(boss)) == (["fired", "resolved"], ["escalated", "resolved"])
        breach(replica)
        replica.rounds(MINUTE)
        [alert] = replica.store.alerts.firing()
        replica.inbox.acknowledge(ADMIN, alert.id)
        with pytest.raises(Conflict):
            replica.inbox.acknowledge(ADMIN, alert.id)
        with pytest.raises(NotFound):
            replica.inbox.acknowledge(ADMIN, "never-was")
        replica.rounds(40 * MINUTE, MINUTE)
        assert events(boss) == ["escalated", "resolved"]
        assert alert.number == 2 and replica.inbox.get(ADMIN, alert.id).alert.acknowledged_by == "ada"


def test_it_escalates_from_when_somebody_was_told_not_while_it_was_silenced(
    replica_of: tuple[Replica, Webhook],
) -> None:
    replica, hook = replica_of
    hooked(replica, hook)
    with Webhook() as boss:
        hooked(replica, boss, "Boss", is_escalation=True)
        now = replica.clock()
        replica.settings.silence(ADMIN, starts_at=now, ends_at=now + 40 * MINUTE, why="A planned move")
        breach(replica)
        replica.rounds(39 * MINUTE, MINUTE)
        assert (events(hook), events(boss)) == ([], [])
        replica.rounds(3 * MINUTE, MINUTE)
        assert (events(hook), events(boss)) == (["fired"], [])
        replica.rounds(26 * MINUTE, MINUTE)
        assert events(boss) == []
        replica.rounds(4 * MINUTE, MINUTE)
        assert events(boss) == ["escalated"]


def test_maintenance_of_the_workspace_is_a_silence_of_all_alerts(replica_of: tuple[Replica, Webhook]) -> None:
    replica, hook = replica_of
    hooked(replica, hook)
    board = NoticeBoard(replica.store, replica.clock)
    workspace = WorkspaceService(replica.access, replica.store, board, replica.clock)
    workspace.hold_maintenance(ADMIN, "An upgrade.", ends_at=replica.clock() + 30 * MINUTE)
    breach(replica)
    replica.rounds(10 * MINUTE, MINUTE)
    assert events(hook) == [] and replica.inbox.open(ADMIN)[0].is_silenced
    workspace.end_maintenance(ADMIN)
    replica.rounds(2 * MINUTE)
    assert events(hook) == ["fired"], "what goes on is told once it is over"


def test_a_silence_keeps_it_in_the_app_and_tells_it_once_it_is_over(replica_of: tuple[Replica, Webhook]) -> None:
    replica, hook = replica_of
    hooked(replica, hook)
    now = replica.clock()
    replica.settings.silence(
        ADMIN, rule="guardrail-breach", starts_at=now, ends_at=now + 10 * MINUTE, why="We look at it"
    )
    breach(replica)
    replica.rounds(9 * MINUTE, MINUTE)
    assert events(hook) == [] and replica.inbox.count(ADMIN) == 1 and replica.inbox.open(ADMIN)[0].is_silenced
    replica.rounds(3 * MINUTE)
    assert events(hook) == ["fired"]
    ends = replica.clock() + 60 * MINUTE
    replica.settings.silence(ADMIN, starts_at=replica.clock(), ends_at=ends, why="Maintenance")
    with Webhook() as boss:
        hooked(replica, boss, "Boss", is_escalation=True)
        replica.rounds(58 * MINUTE, MINUTE)
        assert (events(hook), events(boss)) == (["fired"], [])
        replica.rounds(4 * MINUTE)
        assert events(boss) == ["escalated"]
    replica.settings.silence(ADMIN, starts_at=replica.clock(), ends_at=ends + 90 * MINUTE, why="Again")
    breach(replica, 0)
    replica.rounds(6 * MINUTE, MINUTE)
    assert events(hook) == ["fired", "resolved"]  # who heard of it hears of its end
    for bad in ({"ends_at": now}, {"ends_at": now + timedelta(days=90)}, {"ends_at": now + 99 * MINUTE, "why": " "}):
        with pytest.raises(GearboxError):
            replica.settings.silence(ADMIN, **{"starts_at": now, "why": "because", **bad})  # type: ignore[arg-type]


def test_a_test_fire_goes_the_whole_way(replica_of: tuple[Replica, Webhook]) -> None:
    replica, hook = replica_of
    hooked(replica, hook)
    replica.inbox.test_fire(ADMIN, "disk-low")
    replica.rounds(8 * MINUTE)
    assert [(each.body["event"], each.body["group"]) for each in hook.received] == [
        ("fired", "test"), ("resolved", "test")
    ]  # fmt: skip
    assert "Nothing is wrong" in hook.received[0].body["summary"]


def test_a_changed_rule_holds_from_the_next_round_on(replica_of: tuple[Replica, Webhook]) -> None:
    replica, _hook = replica_of
    replica.rounds(MINUTE)
    replica.disk.free = 15
    rule = next(each for each in replica.settings.rules(ADMIN) if each.key == "disk-low")
    replica.rounds(3 * MINUTE)
    assert replica.told() == []
    replica.settings.change_rule(ADMIN, replace(rule, fires_at=20, clears_at=25, severity=Severity.WARNING))
    with pytest.raises(Conflict):
        replica.settings.change_rule(ADMIN, rule)
    with pytest.raises(GearboxError, match="well and bad"):
        replica.settings.change_rule(ADMIN, replace(rule, version=1, fires_at=30, clears_at=20))
    for fires_at in (-5, 0, 101):
        with pytest.raises(GearboxError, match="could never fire, or always would"):
            replica.settings.change_rule(ADMIN, replace(rule, version=1, fires_at=fires_at, clears_at=200))
    replica.rounds(3 * MINUTE)
    assert [state for *_, state in replica.told()] == ["firing"]
    changed = next(each for each in replica.settings.rules(ADMIN) if each.key == "disk-low")
    replica.settings.change_rule(ADMIN, replace(changed, is_on=False))
    replica.rounds(MINUTE)
    assert [state for *_, state in replica.told()] == ["resolved"]


def test_the_limits_of_the_release_are_within_what_admins_may_say() -> None:
    for watch in WATCHES.values():
        assert watch.lowest <= watch.rule.fires_at <= watch.highest, watch.rule.key


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "10.1.2.3", "169.254.169.254"])
def test_where_a_webhook_may_not_go_is_said_as_it_is_added(host: str, tmp_path: Path) -> None:
    fenced = Post(Settings(home=tmp_path, sign_in="proxy"))
    with pytest.raises(GearboxError, match=r"leads to (this machine|a private network|the cloud's metadata service)"):
        fenced.check(f"https://{host}/in")
    assert fenced.check("https://hooks.example.org/in") == "hooks.example.org"


def test_a_signature_is_of_this_body_this_key_and_this_time() -> None:
    header = signature("k", 1000, b"{}")
    assert verifies("k", header, b"{}", 1000 + TOLERANCE)
    assert not verifies("k", header, b"{}", 1001 + TOLERANCE)
    assert not verifies("k", header, b"{ }", 1000) and not verifies("l", header, b"{}", 1000)
    assert not verifies("k", header.replace("t=1000", "t=1001"), b"{}", 1000) and not verifies("k", "nonsense", b"", 0)
    assert HEADER == "X-Gearbox-Signature"


@pytest.mark.parametrize("address", ["https://10.1.2.3/in", "http://127.0.0.1:{port}/in"])
def test_signed_messages_go_nowhere_that_the_guard_forbids(tmp_path: Path, address: str) -> None:
    post = Post(Settings(home=tmp_path, sign_in="proxy"))
    with Webhook() as hook:
        with pytest.raises(NotSent, match="may not be called"):
            post.send(address.format(port=hook.port), b"{}", {})
        assert hook.received == []


def test_signed_messages_follow_no_redirect_and_go_sealed(replica_of: tuple[Replica, Webhook], tmp_path: Path) -> None:
    _replica, hook = replica_of
    post = Post(Settings(home=tmp_path))
    hook.status, hook.headers = 307, {"Location": f"http://127.0.0.1:{hook.port}/elsewhere"}
    with pytest.raises(NotSent, match="HTTP 307"):
        post.send(f"http://127.0.0.1:{hook.port}/in", b"{}", {})
    assert [each.path for each in hook.received] == ["/in"]
    for address in ("http://example.org/in", "ftp://example.org", "https://user:pw@example.org/", "nonsense"):
        with pytest.raises(NotSent):
            post.check(address)


def test_addresses_and_keys_are_nowhere_in_the_clear(
    replica_of: tuple[Replica, Webhook], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replica, hook = replica_of
    address = f"http://127.0.0.1:{hook.port}/in?token=s3cret-of-the-address"
    channel, key = replica.settings.add_channel(ADMIN, label="Hook", form=ChannelForm.SIGNED, address=address)
    hook.status = 503
    with pytest.raises(NotSent) as refusal:
        replica.settings.test_channel(ADMIN, channel.id)
    breach(replica)
    replica.evaluator.run()
    replica.deliverer.run()
    assert [each.path for each in hook.received] == ["/in?token=s3cret-of-the-address"] * 2
    said = [caplog.text, refusal.value.explain(), repr(replica.settings.channels(ADMIN))]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"alert_channels" in path.read_bytes() for path in files)
    for secret in ("s3cret-of-the-address", key):
        assert not [text for text in said if secret in text]
        assert not [path for path in files if secret.encode() in path.read_bytes()]
