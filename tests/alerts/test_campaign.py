"""For each rule a scripted fault in a built app: it fires once, is resolved once, and reaches a mailbox and a webhook.

Faults come as they do in life: calls of a model, wrong tokens and refusals by HTTP at the app's own port, a file that
can't be written, a warehouse that another program holds. What is past comes by the books, and so do thumbs, which
people give on a page. The disk is not filled: its limit is moved above what is free.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from core.access.policy import Permission
from core.alerts.rules import WATCHES
from core.alerts.signing import HEADER, verifies
from core.clock import utc_now
from core.errors import AccessRefused
from data.store import Store
from data.store.engine import make_engine
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.budgets import Budget, BudgetOwner
from data.values.calls import ErrorKind
from data.values.routing import Feedback, Signal
from data.values.tasks import Task
from tests.alerts.day import DAY, MINUTE, Day, begun, until
from tests.alerts.house import ADMIN, MEMBER, MONDAY, Replica, calls, opened
from tests.flags.test_bad_rollout import FLAG, PEOPLE, tokens_of
from tests.store.conftest import Clock as TurnClock
from tests.store.conftest import begin
from tests.warehouse.books import Clock, book

HOUR = timedelta(hours=1)
ROOM = Decimal(900_000)
WITHOUT_WAREHOUSE = ("outbox-stuck", "not-watched")


def _past(day: Day) -> None:
    """Six weeks in which all was as ever, and a server that people's calls go to, at a dollar a token."""
    now, provider = utc_now(), "own"
    for week in range(1, 5):
        then = now - timedelta(weeks=week) + HOUR
        book(day.store, calls(then, count=30, ttft=20.0, provider=provider))
    for ago in range(1, 43):
        book(day.store, calls(now - ago * DAY, cost="10.00"))
    for week in range(2, 5):
        _thumbs(day.store, now - timedelta(weeks=week), up=18, down=2)
    server = {"base_url": f"{day.gearbox.origin}/sandbox/v1", "label": provider, "key": "sk-own-0123456789abcdef"}
    assert day.ask("POST", "/api/connections", json=server).status_code == 201
    until(lambda: "own/scripted" in day.ask("GET", "/v1/models").text)
    each = 1_000_000
    price = {"provider": provider, "name": "scripted", "input_per_million": each, "output_per_million": each}
    assert day.ask("POST", "/api/v1/models", json=price).status_code in {200, 201}
    _budgets(day, ROOM, ROOM)
    assert day.call("[[say:Yes]]") == {200}


def _thumbs(store: Store, at: datetime, *, up: int, down: int) -> None:
    for number, signal in enumerate([Signal.THUMB_UP] * up + [Signal.THUMB_DOWN] * down):
        key, clock = f"{at:%Y%m%d%H%M}-{number}", TurnClock()
        clock.now = at
        turn, _ = begin(store, clock, user_id="max")
        store.routing.add_feedback(Feedback(key, "max", turn.turn_id, "openai/gpt", Task.CODE, signal, at))


def _budgets(day: Day, ours: Decimal, theirs: Decimal) -> None:
    budgets, owner = day.gearbox.services.reports.budgets, day.gearbox.services.actor()
    budgets.set(owner, BudgetOwner.ORGANISATION, "", ours)
    budgets.set(owner, BudgetOwner.USER, owner.user_id, theirs)


def _spends(day: Day) -> None:
    """More in an hour than in all days before; then budgets that are too small for it."""
    assert day.call("[[words:200]]", count=3) == {200}
    budgets, owner = day.gearbox.services.reports.budgets, day.gearbox.services.actor()

    def spent() -> list[Decimal]:
        return sorted(Decimal(each.spending.spent) for each in budgets.all(owner).budgets)

    until(lambda: spent()[0] >= 600)
    theirs, ours = spent()
    _budgets(day, ours / Decimal("1.2"), theirs / Decimal("0.85"))


def _guesses(day: Day) -> None:
    forged = {"Authorization": "Bearer gbx_" + "A" * 43}
    transport = httpx.HTTPTransport(local_address="127.9.9.9")
    with httpx.Client(base_url=day.gearbox.origin, headers=forged, transport=transport) as client:
        assert {client.get("/api/me").status_code for _ in range(22)} == {401, 429}


def _bad_rollout(day: Day) -> None:
    """Half of some people are given prompts that fail; one of them also goes where they may not."""
    tokens, flags = tokens_of(day.gearbox), day.gearbox.services.flag_parts
    flags.admin.save(day.gearbox.services.actor(), FLAG, "other prompts for half of us")
    for who in PEOPLE * 2:
        seen = day.ask("GET", f"/api/v1/flags/{FLAG.key}/evaluate", params={"person_id": who}).json()
        fault = "[[fault:refused]]" if seen["variant"] == "new" else ""
        body = {"model": "sandbox/scripted", "messages": [{"role": "user", "content": f"{fault} [[say:Yes]]"}]}
        day.ask("POST", "/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {tokens[who]}"})
    until(lambda: "guardrail-breach" in day.store.alerts.facts())
    theirs = {"Authorization": f"Bearer {tokens[PEOPLE[0]]}"}
    assert {day.ask("GET", "/api/people", headers=theirs).status_code for _ in range(30)} == {403}


def _keys(day: Day) -> list[str]:
    """One that ends in some days, and one that does in some minutes."""
    made = []
    for provider, lasts in (("openai", 5 * DAY), ("mistral", 8 * MINUTE)):
        ends = (utc_now() + lasts).isoformat()
        key = {"provider": provider, "key": "sk-campaign-0123456789abcdef", "expires_at": ends}
        answer = day.ask("POST", "/api/keys", json=key)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["secret_id"])
    return made


def _outage(day: Day) -> None:
    """First it is slow, then it fails now and then, then it answers nobody."""
    assert day.call("[[delay:0.4]]", count=12, address="127.1.0.1") == {200}
    assert day.call("[[fault:401]]", count=24) == {502}
    assert 502 in day.call("[[fault:500]]", count=4)


def _tampered(day: Day, before: str, after: str) -> None:
    """Whoever owns the database can: past the triggers."""
    engine = make_engine(day.gearbox.services.settings.store_url)
    with engine.begin() as connection:
        guard = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE name = 'audit_events_guard_update'")
        ).scalar_one()
        connection.execute(text("DROP TRIGGER audit_events_guard_update"))
        changing = "UPDATE audit_events SET body = replace(body, :before, :after) WHERE body LIKE :like"
        connection.execute(text(changing), {"before": before, "after": after, "like": f"%{before}%"})
        connection.execute(text(guard))
    engine.dispose()


def _unsigned(day: Day, home: Path) -> None:
    """Nothing can be carried outside: a folder is where the file was."""
    file, aside = home / "audit-checkpoints.jsonl", home / "aside"
    day.limit("audit-late", fires_at=180, clears_at=60)
    file.rename(aside)
    file.mkdir()
    audit, owner = day.gearbox.services.audit, day.gearbox.services.actor()
    day.store.audit.record(AuditEvent.by(owner, Action.SETTINGS_CHANGE, AuditOutcome.DONE))
    until(lambda: any(place.failing_since for place in audit.status(owner).places))
    day.forward(6 * MINUTE)
    assert "audit-late" in _firing(day)
    file.rmdir()
    aside.rename(file)
    until(lambda: not any(place.failing_since for place in audit.status(owner).places))
    for _ in range(4):
        day.settle()
        day.round()


def _firing(day: Day) -> set[str]:
    return {alert.rule for alert in day.store.alerts.firing()}


def _a_day(day: Day, home: Path) -> None:
    for rule in ("audit-late", "outbox-stuck"):  # what signs and writes lives in real time, and ours goes by faster
        day.limit(rule, fires_at=1e9, clears_at=1e9)
    _past(day)
    day.jump(HOUR)
    day.forward(3 * MINUTE)
    assert day.store.alerts.history(500) == []

    day.limit("many-decrypts", fires_at=30, clears_at=10)
    day.limit("disk-low", fires_at=100, clears_at=100)
    _thumbs(day.store, utc_now(), up=8, down=14)
    _guesses(day)
    _bad_rollout(day)
    keys = _keys(day)
    _spends(day)
    _outage(day)
    day.settle()
    day.forward(12 * MINUTE)
    day.forward(30 * MINUTE, 3 * MINUTE)
    _budgets(day, ROOM, ROOM)
    day.limit("disk-low", fires_at=1, clears_at=2)
    assert {day.ask("DELETE", f"/api/keys/{key}").status_code for key in keys} == {204}
    day.forward(26 * MINUTE, 2 * MINUTE)
    _tampered(day, '"flag:new-prompts"', '"flag:old-prompts"')
    day.jump(8 * DAY)
    day.forward(35 * MINUTE, 5 * MINUTE)
    assert _firing(day) == {"audit-broken"}
    _tampered(day, '"flag:old-prompts"', '"flag:new-prompts"')
    day.jump(DAY)
    day.forward(7 * MINUTE)
    _unsigned(day, home)


@contextmanager
def _held(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another program has the warehouse open."""
    home.mkdir(mode=0o700)
    code = f"import duckdb; c = duckdb.connect({str(home / 'warehouse.duckdb')!r}); print(1, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        yield process
        process.kill()


def _without_warehouse(day: Day, holder: subprocess.Popen[bytes]) -> None:
    day.limit("audit-late", fires_at=1e9, clears_at=1e9)
    assert day.call("[[say:Yes]]", model="sandbox/scripted") == {200}
    day.forward(15 * MINUTE)
    assert _firing(day) == set(WITHOUT_WAREHOUSE)
    holder.kill()
    day.settle()
    day.forward(6 * MINUTE)


def _listened(day: Day) -> None:
    """Until everybody heard of everything, the ends too."""
    day.round()
    assert _firing(day) == set(), day.store.alerts.firing()
    occasions = 2 * len(day.store.alerts.history(500))
    until(lambda: len(day.heard.hook.received) >= occasions and len(day.heard.mail.mails) >= occasions)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Day]]:
    """Two apps: in one all that can go wrong while the warehouse is there, in one the warehouse is not."""
    one, other = tmp_path_factory.mktemp("one") / "home", tmp_path_factory.mktemp("other") / "home"
    with begun(one, MONDAY) as day:
        _a_day(day, one)
        _listened(day)
    with _held(other) as holder, begun(other, MONDAY) as without:
        _without_warehouse(without, holder)
        _listened(without)
    yield day, without


@pytest.mark.campaign
@pytest.mark.parametrize("rule", WATCHES)
def test_a_fault_fires_once_is_resolved_once_and_is_told(rule: str, days: Sequence[Day]) -> None:
    day = days[rule in WITHOUT_WAREHOUSE]
    told = day.told(rule)
    assert told and set(map(tuple, told.values())) == {("fired", "resolved")}, told
    title = WATCHES[rule].title
    subjects = [each for each in day.heard.subjects() if each.endswith(f": {title}")]
    assert sorted(subjects) == sorted([f"Gearbox: {title}", f"Gearbox: Resolved: {title}"] * len(told))
    received = [each for each in day.heard.hook.received if each.body["rule"] == rule]
    for each in received:
        then = int(each.headers[HEADER][2:12])
        assert verifies(day.heard.key, each.headers[HEADER], each.raw, then)
        assert not verifies(day.heard.key + "0", each.headers[HEADER], each.raw, then)
        assert each.headers["Idempotency-Key"] == each.body["notification_id"]
        assert each.body["url"].startswith("https://gearbox.example/alerts?alert=")
    assert len({each.body["dedupe_id"] for each in received}) == len(told)


def test_a_provider_that_is_down_and_a_disk_that_is_full_are_told_and_so_is_their_end(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The same in short, without an app."""
    with opened(sqlite_url, tmp_path / "home", Clock(MONDAY)) as replica:
        replica.call(replica.clock())
        replica.rounds(2 * MINUTE)
        assert replica.told() == []
        replica.call(replica.clock(), count=5, error=ErrorKind.UNREACHABLE)
        replica.disk.free = 8
        replica.rounds(4 * MINUTE)
        assert sorted(rule for rule, *_ in replica.told()) == ["disk-low", "provider-down"]
        replica.call(replica.clock())
        replica.disk.free = 40
        replica.rounds(6 * MINUTE)
        assert sorted((rule, state) for rule, _, state in replica.told()) == [
            ("disk-low", "resolved"), ("provider-down", "resolved")
        ]  # fmt: skip


HOURS = [1, pytest.param(24, marks=pytest.mark.campaign)]


@pytest.mark.parametrize("hours", HOURS)
def test_quiet_hours_raise_nothing(hours: int, sqlite_url: str, tmp_path: Path) -> None:
    """Ordinary traffic: answers of a second or less, one call in fifty fails, now and then somebody is refused."""
    with opened(sqlite_url, tmp_path / "home", Clock(MONDAY)) as replica:
        _budget_of(replica, 1_000)
        for week in range(1, 5):
            replica.call(MONDAY - timedelta(weeks=week), count=60)
        replica.trail.checkpoint_now()
        for minute in range(hours * 60):
            at = replica.clock()
            if minute % 5 == 0:
                replica.call(at, count=5, ttft=250.0 + minute % 7 * 40, cost="0.01")
            if minute % 25 == 0:
                replica.call(at, error=ErrorKind.RATE_LIMIT if minute % 50 else ErrorKind.TIMEOUT)
                with pytest.raises(AccessRefused):
                    replica.access.require(MEMBER, Permission.MANAGE_VAULT)
            replica.rounds(MINUTE)
            replica.trail.checkpoint_now()
        assert replica.told() == []


def _budget_of(replica: Replica, amount: int) -> None:
    event = AuditEvent.by(ADMIN, Action.SETTINGS_CHANGE, AuditOutcome.DONE)
    replica.store.budgets.save(
        Budget(BudgetOwner.ORGANISATION, "", Decimal(amount), "ada", datetime.now(replica.clock().tzinfo)), event
    )
