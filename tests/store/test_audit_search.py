"""Searching the audit log on both databases: every facet, pages without gaps, and bounded looking."""

from __future__ import annotations

from datetime import timedelta

from data.store import Store
from data.store.audit_search import AuditSearch
from data.values.actor import Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditCursor, AuditEntry, AuditFilter
from tests.store.conftest import ANN, BOB, Clock

DONE, INTENT, REFUSED, UNKNOWN = AuditOutcome.DONE, AuditOutcome.INTENT, AuditOutcome.REFUSED, AuditOutcome.UNKNOWN


def record(
    store: Store, clock: Clock, action: Action = Action.SIGN_IN, outcome: AuditOutcome = DONE, **more: object
) -> None:
    store.audit.record(AuditEvent(action, outcome, str(more.pop("actor_id", ANN)), **more))  # type: ignore[arg-type]
    clock.forward(1)


def found(store: Store, **wanted: object) -> list[AuditEntry]:
    return list(store.audit.search(AuditFilter(**wanted)).entries)  # type: ignore[arg-type]


def targets(store: Store, **wanted: object) -> list[str]:
    return [entry.record.target for entry in found(store, **wanted)]


def test_newest_first_page_by_page_without_gaps_or_repeats(store: Store, clock: Clock) -> None:
    for number in range(25):
        store.audit.record(AuditEvent(Action.SIGN_IN, DONE, ANN, target=f"person:{number}"))
        if number % 4 == 0:
            clock.forward(1)  # several events of one moment, as a group commit makes them
    seen, cursor = [], None
    while True:
        page = store.audit.search(AuditFilter(), cursor, 4)
        seen += [entry.record.target for entry in page.entries]
        assert page.sought_until is None
        if page.older is None:
            break
        cursor = page.older
    assert seen == [f"person:{number}" for number in reversed(range(25))]


def test_an_empty_log_has_an_empty_page(store: Store) -> None:
    page = store.audit.search(AuditFilter(text="anything", actions=(Action.KEY_USE,)))
    assert (page.entries, page.older, page.sought_until) == ((), None, None)


def test_every_facet_alone_and_together(store: Store, clock: Clock) -> None:
    start = clock.now
    record(store, clock, Action.KEY_CREATE, target="secret:1", surface=Surface.CLI, request_id="r1")
    record(store, clock, Action.KEY_REMOVE, target="secret:1", actor_id=BOB, operation="op1")
    record(store, clock, Action.KEY_CREATE, REFUSED, target="secret:2", actor_id=BOB)
    assert targets(store, actions=(Action.KEY_CREATE,)) == ["secret:2", "secret:1"]
    assert targets(store, actions=(Action.KEY_CREATE, Action.KEY_REMOVE)) == ["secret:2", "secret:1", "secret:1"]
    assert targets(store, actor_ids=(BOB,)) == ["secret:2", "secret:1"]
    assert targets(store, actor_ids=(BOB,), actions=(Action.KEY_CREATE,)) == ["secret:2"]
    assert targets(store, actor_ids=(ANN, BOB), outcomes=(REFUSED,), actions=(Action.KEY_CREATE,)) == ["secret:2"]
    assert targets(store, outcomes=(REFUSED,)) == ["secret:2"]
    assert targets(store, surfaces=(Surface.CLI,)) == ["secret:1"]
    assert len(found(store, target="secret:1")) == 2
    assert len(found(store, operation="op1")) == len(found(store, request_id="r1")) == 1
    assert targets(store, since=start + timedelta(seconds=2)) == ["secret:2"]
    assert targets(store, until=start + timedelta(seconds=1)) == ["secret:1"]
    assert found(store, target="secret:nope") == []


def test_an_intent_that_nothing_followed_is_unknown(store: Store, clock: Clock) -> None:
    record(store, clock, Action.KEY_USE, INTENT, operation="whole", target="secret:1")
    record(store, clock, Action.KEY_USE, DONE, operation="whole", target="secret:1")
    record(store, clock, Action.KEY_USE, INTENT, operation="cut", target="secret:2")
    record(store, clock, Action.KEY_USE, UNKNOWN, operation="swept", target="secret:3")
    assert [entry.outcome for entry in found(store)] == ["unknown", "unknown", "done", "intent"]
    assert targets(store, folded=True) == ["secret:3", "secret:2", "secret:1"]
    assert targets(store, outcomes=(UNKNOWN,)) == ["secret:3", "secret:2"]
    assert targets(store, outcomes=(UNKNOWN, DONE), actor_ids=(ANN,)) == ["secret:3", "secret:2", "secret:1"]
    assert targets(store, outcomes=(INTENT,)) == ["secret:2", "secret:1"]


def test_text_finds_people_ids_addresses_and_words(store: Store, clock: Clock) -> None:
    store.users.ensure("5f0c", "Ann Hall")
    record(store, clock, actor_id="5f0c", target="session:s1", address="192.0.2.7")
    record(store, clock, Action.ROLE_CHANGE, target="person:5f0c", actor_id=BOB)
    record(store, clock, Action.KEY_CREATE, target="secret:k1", actor_id=BOB, details={"provider": "open_ai"})
    assert targets(store, text="hall") == targets(store, text="5f0c") == ["person:5f0c", "session:s1"]
    assert targets(store, text="k1") == targets(store, text="secret:k1") == ["secret:k1"]
    assert targets(store, text="OPEN_AI") == ["secret:k1"]
    assert targets(store, text="192.0.2.7") == ["session:s1"]
    assert targets(store, text="open%ai") == targets(store, text="\x00nul") == []
    (entry,) = found(store, text="192.0.2.7")
    assert entry.address == "192.0.2.7"
    page = store.audit.search(AuditFilter(actor_ids=("5f0c", BOB)))
    assert page.names == {"5f0c": "Ann Hall"}


def test_looking_is_bounded_and_goes_on_where_it_stopped(store: Store, clock: Clock) -> None:
    search = AuditSearch(store._database, share=10)
    record(store, clock, target="secret:old", details={"reason": "needle"})
    for _ in range(35):
        record(store, clock)
    cursor: AuditCursor | None = None
    looks = 0
    while True:
        page = search.page(AuditFilter(text="needle"), cursor, 50)
        looks += 1
        if page.entries:
            break
        assert page.older is not None
        assert page.sought_until == page.older.at
        cursor = page.older
    assert looks == 4
    assert [entry.record.target for entry in page.entries] == ["secret:old"]
    assert page.older is None


def test_the_rarest_facet_leads(store: Store, clock: Clock) -> None:
    search = AuditSearch(store._database, share=10)
    record(store, clock, Action.KEK_CREATE, target="kek:1")
    for _ in range(40):
        record(store, clock)
    page = search.page(AuditFilter(actor_ids=(ANN,), actions=(Action.KEK_CREATE,), outcomes=(DONE,)), None, 50)
    assert [entry.record.target for entry in page.entries] == ["kek:1"]
    assert page.older is None
