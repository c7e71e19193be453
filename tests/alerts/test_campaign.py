"""For each rule a scripted fault: it fires once, is resolved once, and reaches a mailbox and a webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from core.access.lockout import Lockout
from core.access.policy import Permission
from core.alerts.rules import WATCHES
from core.alerts.signing import HEADER, verifies
from core.errors import AccessRefused
from data.store.engine import make_engine
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.budgets import Budget, BudgetOwner
from data.values.calls import ErrorKind, KeyOwner
from data.values.routing import Feedback, Signal
from data.values.tasks import Task
from tests.alerts.house import ADMIN, MEMBER, MONDAY, Replica, listening, opened
from tests.store.conftest import Clock as TurnClock
from tests.store.conftest import begin
from tests.warehouse.books import Clock

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Fault:
    """A scripted fault: what is done before, to break, and to mend; and how long each takes to be seen."""

    breaks: Callable[[Replica], object]
    mends: Callable[[Replica], object] = lambda _replica: None
    before: Callable[[Replica], object] = lambda _replica: None
    fires_in: timedelta = timedelta(minutes=4)
    ends_in: timedelta = timedelta(minutes=12)
    also: frozenset[str] = frozenset()
    starts: bool = True


def _past(replica: Replica, **what: object) -> None:
    for week in range(1, 5):
        replica.call(MONDAY - timedelta(weeks=week), count=60, **what)  # type: ignore[arg-type]


def _failing(replica: Replica) -> None:
    replica.call(replica.clock(), count=20)
    replica.call(replica.clock(), count=20, error=ErrorKind.RATE_LIMIT)


def _spends_as_ever(replica: Replica) -> None:
    for day in range(1, 43):
        replica.call(MONDAY - day * DAY, cost="10.00")


def _budget(replica: Replica) -> None:
    event = AuditEvent.by(ADMIN, Action.SETTINGS_CHANGE, AuditOutcome.DONE)
    amount = Budget(BudgetOwner.ORGANISATION, "", Decimal(10), "ada", replica.clock())
    replica.store.budgets.save(amount, event)


def _larger(replica: Replica) -> None:
    event = AuditEvent.by(ADMIN, Action.SETTINGS_CHANGE, AuditOutcome.DONE)
    amount = Budget(BudgetOwner.ORGANISATION, "", Decimal(100), "ada", replica.clock())
    replica.store.budgets.save(amount, event)


def _key(replica: Replica, lasts: timedelta) -> None:
    ends = replica.clock() + lasts
    replica.vault.put(
        MEMBER, KeyOwner.USER, "max", provider="openai", origin="https://api.openai.com", plaintext="sk-0123456789",
        expires_at=ends,
    )  # fmt: skip


def _no_key(replica: Replica) -> None:
    for card in replica.vault.cards(KeyOwner.USER, "max"):
        replica.vault.remove(MEMBER, card.binding.secret_id)


def _many(replica: Replica) -> None:
    rule = next(each for each in replica.settings.rules(ADMIN) if each.key == "many-decrypts")
    replica.settings.change_rule(ADMIN, replace(rule, fires_at=20, clears_at=10))
    event = AuditEvent.by(MEMBER, Action.KEY_USE, AuditOutcome.INTENT, target=secret_target("s"))
    for _ in range(20):
        replica.store.audit.record(event)


def _refused(replica: Replica) -> None:
    for _ in range(30):
        with pytest.raises(AccessRefused):
            replica.access.require(MEMBER, Permission.MANAGE_VAULT)


def _guesses(replica: Replica) -> None:
    for _ in range(5):
        Lockout(replica.store, replica.clock).failed(MEMBER, account="max")


def _at_home(replica: Replica) -> None:
    for address in ("192.0.2.7", "192.0.2.9"):
        _used_from(replica, address)
    replica.clock.forward(timedelta(hours=1))


def _used_from(replica: Replica, address: str) -> None:
    actor = replace(MEMBER, address=address)
    replica.store.audit.record(
        AuditEvent.by(actor, Action.KEY_USE, AuditOutcome.INTENT, target=secret_target("key-of-max"))
    )


def _travels(replica: Replica) -> None:
    _used_from(replica, "192.0.2.200")  # another address of the same network is nothing new
    replica.rounds(MINUTE)
    assert replica.told() == []
    _used_from(replica, "203.0.113.5")


def _liked(replica: Replica) -> None:
    for week in range(2, 5):
        _thumbs(replica, replica.clock() - timedelta(weeks=week), up=18, down=2)


def _thumbs(replica: Replica, at: datetime, *, up: int, down: int) -> None:
    for number, signal in enumerate([Signal.THUMB_UP] * up + [Signal.THUMB_DOWN] * down):
        key, clock = f"{at:%Y%m%d%H%M}-{number}", TurnClock()
        clock.now = at
        turn, _ = begin(replica.store, clock, user_id="max")
        replica.store.routing.add_feedback(Feedback(key, "max", turn.turn_id, "openai/gpt", Task.CODE, signal, at))
    replica.writer.flush(10)


def _unsigned(replica: Replica) -> None:
    replica.store.audit.record(AuditEvent.by(ADMIN, Action.SETTINGS_CHANGE, AuditOutcome.DONE))
    replica.clock.forward(3 * MINUTE)


def _tampered(replica: Replica, before: str, after: str) -> None:
    """Whoever owns the database can: past the triggers."""
    engine = make_engine(replica.url)
    with engine.begin() as connection:
        guard = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE name = 'audit_events_guard_update'")
        ).scalar_one()
        connection.execute(text("DROP TRIGGER audit_events_guard_update"))
        changing = "UPDATE audit_events SET body = replace(body, :before, :after) WHERE body LIKE :like"
        connection.execute(text(changing), {"before": before, "after": after, "like": f"%{before}%"})
        connection.execute(text(guard))
    engine.dispose()
    replica.clock.forward(DAY)


def _waiting(replica: Replica) -> None:
    replica.call(replica.clock())
    replica.clock.forward(timedelta(minutes=11))


def _drained(replica: Replica) -> None:
    replica.writer.start()
    replica.writer.flush(20)


def _full(replica: Replica, free: int) -> None:
    replica.disk.free = free


def _noted(replica: Replica) -> None:
    replica.store.audit.record(
        AuditEvent.by(ADMIN, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="budget:first-one")
    )


FAULTS = {
    "provider-down": Fault(
        lambda r: r.call(r.clock(), count=5, error=ErrorKind.UNREACHABLE), lambda r: r.call(r.clock()),
        before=lambda r: r.call(r.clock()),
    ),
    "error-spike": Fault(_failing, before=_past, ends_in=timedelta(minutes=25)),
    "latency-spike": Fault(
        lambda r: r.call(r.clock(), count=20, ttft=4000.0), before=_past, fires_in=timedelta(minutes=8),
        ends_in=timedelta(minutes=25),
    ),
    "spend-anomaly": Fault(
        lambda r: r.call(r.clock(), cost="900.00"), lambda r: r.clock.forward(DAY), before=_spends_as_ever,
        fires_in=timedelta(minutes=16), ends_in=timedelta(minutes=20),
    ),
    "budget-near": Fault(
        lambda r: r.call(r.clock(), cost="8.50"), _larger, before=_budget, fires_in=timedelta(minutes=11),
        ends_in=timedelta(minutes=16),
    ),
    "budget-exceeded": Fault(
        lambda r: r.call(r.clock(), cost="12.00"), _larger, before=_budget, fires_in=timedelta(minutes=11),
        ends_in=timedelta(minutes=16), also=frozenset({"budget-near"}),
    ),
    "key-expiring": Fault(lambda r: _key(r, 5 * DAY), _no_key, fires_in=timedelta(minutes=6)),
    "key-expired": Fault(
        lambda r: _key(r, 8 * MINUTE), _no_key, fires_in=timedelta(minutes=16), also=frozenset({"key-expiring"})
    ),
    "many-decrypts": Fault(_many, ends_in=timedelta(minutes=18)),
    "refused-access": Fault(_refused, ends_in=timedelta(minutes=18)),
    "brute-force": Fault(_guesses, ends_in=timedelta(minutes=22)),
    "key-new-place": Fault(_travels, before=_at_home, ends_in=timedelta(minutes=22)),
    "grade-drift": Fault(
        lambda r: _thumbs(r, r.clock(), up=8, down=14), lambda r: r.clock.forward(8 * DAY), before=_liked,
        fires_in=timedelta(minutes=42), ends_in=timedelta(minutes=42),
    ),
    "audit-late": Fault(_unsigned, lambda r: r.trail.checkpoint_now(), before=lambda r: r.trail.checkpoint_now()),
    "audit-broken": Fault(
        lambda r: _tampered(r, "budget:first-one", "budget:other-one"),
        lambda r: _tampered(r, "budget:other-one", "budget:first-one"),
        before=_noted, fires_in=timedelta(minutes=6), ends_in=timedelta(minutes=7), also=frozenset({"audit-late"}),
    ),
    "outbox-stuck": Fault(_waiting, _drained, starts=False),
    "disk-low": Fault(lambda r: _full(r, 8), lambda r: _full(r, 40)),
    "guardrail-breach": Fault(
        lambda r: r.alerts.tell("guardrail-breach", "new-models", "Failures rose with a rollout."),
        lambda r: r.alerts.tell("guardrail-breach", "new-models", "", value=0),
    ),
}  # fmt: skip


@contextmanager
def _replica(url: str, home: Path, *, starts: bool = True) -> Iterator[Replica]:
    with opened(url, home, Clock(MONDAY), starts=starts) as replica:
        yield replica


def test_every_rule_has_a_fault() -> None:
    assert FAULTS.keys() == WATCHES.keys()


SHORT = {"provider-down"}


@pytest.mark.parametrize(
    "rule", [name if name in SHORT else pytest.param(name, marks=pytest.mark.campaign) for name in FAULTS]
)
def test_a_fault_fires_once_is_resolved_once_and_is_told(rule: str, sqlite_url: str, tmp_path: Path) -> None:
    fault = FAULTS[rule]
    with _replica(sqlite_url, tmp_path / "home", starts=fault.starts) as replica, listening(replica) as heard:
        fault.before(replica)
        replica.rounds(2 * MINUTE)
        assert replica.told() == []
        fault.breaks(replica)
        replica.rounds(fault.fires_in)
        fired = [each for each in replica.told() if each[0] == rule]
        assert [state for *_, state in fired] == ["firing"], replica.told()
        fault.mends(replica)
        replica.rounds(fault.ends_in)
        assert [state for each, _, state in replica.told() if each == rule] == ["resolved"], replica.told()
        assert {each for each, *_ in replica.told()} <= {rule} | fault.also
        assert [event for event, of in heard.events() if of == rule] == ["fired", "resolved"]
        title = WATCHES[rule].title
        assert [each for each in heard.subjects() if title in each] == [
            f"Gearbox: {title}",
            f"Gearbox: Resolved: {title}",
        ]
        now = int(replica.clock().timestamp())
        for each in heard.hook.received:
            signed = verifies(heard.key, each.headers[HEADER], each.raw, int(each.headers[HEADER][2:12]))
            assert signed and not verifies(heard.key + "0", each.headers[HEADER], each.raw, now)
            assert each.headers["Idempotency-Key"] == each.body["notification_id"]
            assert each.body["url"].startswith("https://gearbox.example/alerts?alert=")
        assert len({each.body["dedupe_id"] for each in heard.hook.received if each.body["rule"] == rule}) == 1


HOURS = [1, pytest.param(24, marks=pytest.mark.campaign)]


@pytest.mark.parametrize("hours", HOURS)
def test_quiet_hours_raise_nothing(hours: int, sqlite_url: str, tmp_path: Path) -> None:
    """Ordinary traffic: answers of a second or less, one call in fifty fails, now and then somebody is refused."""
    with _replica(sqlite_url, tmp_path / "home") as replica:
        _budget_of(replica, 1_000)
        _past(replica)
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
