"""Who sends, when, how often, and what is told where it fails."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.errors import VaultError
from core.reports.rounds import MOST_TRIES, pause_after
from core.reports.sending import NotSent
from data.values.audit import Action
from tests.forking import ROOT
from tests.reports.house import ADMIN, MONDAY_MORNING, SUNDAY, WEEK, Replica, opened, used
from tests.reports.places import Webhook
from tests.warehouse.books import Clock

TOKEN = "tok-7Hq2vRt9LmWz4KpY8sHdQ3Jf"


def sends(replica: Replica) -> list[str]:
    with replica.store._database.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT outcome FROM audit_events WHERE action = '{Action.REPORT_SEND.value}' ORDER BY seq"
        )
        return [row[0] for row in rows]


def test_nothing_is_sent_until_somebody_asks_for_it(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    used(replica.store)
    for _ in range(14):
        replica.rounds.run()
        clock.forward(timedelta(days=1))
    assert webhook.received == [] and replica.service.list(ADMIN) == []


def test_each_week_is_sent_once_at_its_time(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    used(replica.store)
    schedule = replica.add(webhook.address())
    replica.rounds.run()
    clock.now = MONDAY_MORNING - timedelta(minutes=1)
    replica.rounds.run()
    assert webhook.received == []  # a minute before eight in Berlin
    clock.now = MONDAY_MORNING
    for _ in range(3):
        replica.rounds.run()
        clock.forward(timedelta(hours=20))
    assert [each.title for each in webhook.received] == ["Gearbox: 16 to 22 November 2026, everybody"]
    kept = replica.kept(schedule)
    assert (kept.sent_for, kept.sent_at) == (date(2026, 11, 16), MONDAY_MORNING)
    clock.now = MONDAY_MORNING + WEEK + timedelta(days=2)  # it was down on Monday and Tuesday
    replica.rounds.run()
    assert [each.title for each in webhook.received][1:] == ["Gearbox: 23 to 29 November 2026, everybody"]
    assert sends(replica) == ["done", "done"]


def test_a_week_without_anything_real_is_left_out(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    schedule = replica.add(webhook.address())
    clock.now = MONDAY_MORNING
    replica.rounds.run()
    kept = replica.kept(schedule)
    assert webhook.received == [] and (kept.sent_for, kept.sent_at) == (date(2026, 11, 16), None)


@pytest.mark.parametrize("first", ["one", "both"])
def test_of_two_replicas_one_sends(store_url: str, tmp_path: Path, clock: Clock, webhook: Webhook, first: str) -> None:
    home = tmp_path / "home"
    with (
        opened(store_url, home, clock) as one,
        opened(store_url, home, clock, host="elsewhere", writer=one.writer) as other,
    ):
        used(one.store)
        schedule = one.add(webhook.address())
        clock.now = MONDAY_MORNING
        if first == "one":
            one.rounds.run()
            other.rounds.run()
        else:
            threads = [threading.Thread(target=each.rounds.run) for each in (one, other)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        assert len(webhook.received) == 1
        assert other.kept(schedule).sent_for == date(2026, 11, 16)


def test_a_process_that_dies_after_handing_over_leads_to_one_more_and_no_third(
    sqlite_url: str, tmp_path: Path, clock: Clock, webhook: Webhook
) -> None:
    home = tmp_path / "home"
    with opened(sqlite_url, home, clock) as one:
        used(one.store)
        schedule = one.add(webhook.address())
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.reports.one_round", sqlite_url, str(home), MONDAY_MORNING.isoformat()], cwd=ROOT
    )
    # It is killed when the webhook has the report and before it knows.
    webhook.on_post = lambda: os.kill(child.pid, signal.SIGKILL)
    assert child.wait(60) == -signal.SIGKILL
    webhook.on_post = lambda: None
    clock.now = MONDAY_MORNING + timedelta(minutes=1)
    with opened(sqlite_url, home, clock) as two:
        assert len(webhook.received) == 1 and two.kept(schedule).sent_for is None
        for _ in range(3):
            two.rounds.run()
            clock.forward(timedelta(minutes=1))
        assert [each.title for each in webhook.received] == ["Gearbox: 16 to 22 November 2026, everybody"] * 2
        assert two.kept(schedule).sent_for == date(2026, 11, 16)


def test_a_place_that_fails_is_tried_again_after_growing_pauses(
    replica: Replica, clock: Clock, webhook: Webhook
) -> None:
    used(replica.store)
    schedule = replica.add(webhook.address())
    clock.now, webhook.status = MONDAY_MORNING, 503
    replica.rounds.run()
    kept = replica.kept(schedule)
    assert (kept.failures, kept.trouble, kept.sent_for) == (1, "It answered HTTP 503.", None)
    clock.forward(pause_after(1) - timedelta(seconds=1))
    replica.rounds.run()
    assert len(webhook.received) == 1
    clock.forward(timedelta(seconds=1))
    replica.rounds.run()
    assert len(webhook.received) == 2 and replica.kept(schedule).failures == 2
    clock.forward(pause_after(1))
    replica.rounds.run()
    assert len(webhook.received) == 2  # the second pause is longer
    webhook.status = 200
    clock.forward(pause_after(2))
    replica.rounds.run()
    kept = replica.kept(schedule)
    assert (kept.failures, kept.trouble, kept.sent_for) == (0, None, date(2026, 11, 16))
    assert sends(replica) == ["failed", "failed", "done"]


def test_a_week_is_given_up_and_the_next_one_begins_anew(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    used(replica.store)
    schedule = replica.add(webhook.address())
    clock.now, webhook.status = MONDAY_MORNING, 500
    for failures in range(1, MOST_TRIES + 1):
        replica.rounds.run()
        clock.forward(pause_after(failures))
    replica.rounds.run()
    kept = replica.kept(schedule)
    assert len(webhook.received) == MOST_TRIES
    assert (kept.failures, kept.sent_for, kept.sent_at) == (0, date(2026, 11, 16), None)
    assert kept.trouble == "It answered HTTP 500. Given up after 6 tries: the week is left out."
    assert sum((pause_after(n) for n in range(1, MOST_TRIES)), timedelta()) < timedelta(hours=12)
    clock.now, webhook.status = MONDAY_MORNING + WEEK, 200
    replica.rounds.run()
    assert replica.kept(schedule).sent_for == date(2026, 11, 23)


def test_what_is_paused_is_not_sent_nor_made_up_for(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    used(replica.store)
    schedule = replica.add(webhook.address())
    replica.service.pause(ADMIN, schedule.id)
    clock.now = MONDAY_MORNING
    replica.rounds.run()
    replica.service.resume(ADMIN, schedule.id)
    replica.rounds.run()
    assert webhook.received == []
    clock.now = MONDAY_MORNING + WEEK
    replica.rounds.run()
    assert len(webhook.received) == 1


def test_a_report_about_a_team_that_is_gone_is_not_sent(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    used(replica.store)
    replica.team("red", "Red")
    schedule = replica.add(webhook.address(), team_id="red")
    with replica.store._database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM teams")
    clock.now = MONDAY_MORNING
    replica.rounds.run()
    [card] = replica.service.list(ADMIN)
    assert webhook.received == [] and card.is_orphan and card.next_due is None
    assert replica.kept(schedule).trouble is None


def test_an_address_is_nowhere_but_in_the_vault(
    replica: Replica, clock: Clock, webhook: Webhook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    used(replica.store)
    secret_path = "hush-hush-path"
    schedule = replica.add(webhook.address(TOKEN, secret_path))
    [card] = replica.service.list(ADMIN)
    assert (card.destination.service, card.destination.hint) == ("Webhook", "127.0.0.1")
    clock.now, webhook.status = MONDAY_MORNING, 401
    replica.rounds.run()
    with pytest.raises(NotSent) as refusal:
        replica.service.send_now(ADMIN, schedule.id)
    webhook.status = 200
    clock.forward(pause_after(1))
    replica.rounds.run()
    assert [each.headers["X-Token"] for each in webhook.received] == [TOKEN] * 3
    replica.store.close()  # what waits in the log of SQLite is in the file then
    told = [caplog.text, refusal.value.explain(), repr(card), repr(schedule)]
    for secret in (TOKEN, secret_path, str(webhook.port)):
        assert not any(secret in each for each in told)
        for file in (tmp_path / "state").iterdir():
            assert secret.encode() not in file.read_bytes(), file


def test_addresses_can_not_be_exchanged_in_the_database(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    used(replica.store)
    one, two = replica.add(webhook.address(path="one")), replica.add(webhook.address(path="two"))
    with replica.store._database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE report_schedules SET secret_id = '{two.secret_id}' WHERE id = '{one.id}'")
    with pytest.raises(VaultError, match="gone"):
        replica.service.send_now(ADMIN, one.id)
    clock.now = MONDAY_MORNING
    replica.rounds.run()
    assert [each.path for each in webhook.received] == ["/two"]
    assert "Enter it again" in (replica.kept(one).trouble or "")


def test_removing_a_report_forgets_its_address(replica: Replica, webhook: Webhook) -> None:
    schedule = replica.add(webhook.address())
    replica.service.change_address(ADMIN, schedule.id, webhook.address(path="other"))
    changed = replica.kept(schedule)
    assert changed.secret_id != schedule.secret_id and replica.vault.card(schedule.secret_id) is None
    replica.service.remove(ADMIN, schedule.id)
    assert replica.vault.card(changed.secret_id) is None and replica.service.list(ADMIN) == []


def test_sending_now_leaves_the_time_of_the_next_one(replica: Replica, clock: Clock, webhook: Webhook) -> None:
    schedule = replica.add(webhook.address())
    replica.service.send_now(ADMIN, schedule.id)
    assert "try-out" in webhook.received[0].title and "9 to 15 November 2026" in webhook.received[0].text
    used(replica.store)
    clock.now = MONDAY_MORNING
    replica.rounds.run()
    kept = replica.kept(schedule)
    assert kept.sent_for == date(2026, 11, 16) and len(webhook.received) == 2
    assert webhook.received[1].text == replica.service.preview(ADMIN, None).letter.markdown.rstrip()
    assert kept.created_at == SUNDAY
