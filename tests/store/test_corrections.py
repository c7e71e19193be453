from __future__ import annotations

from sqlalchemy import Engine, select

from data.store import Store
from data.store.tables import prompt_corrections
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.corrections import Correction
from data.values.plans import Output
from tests.store.conftest import ANN, BOB, Clock

TEXT, BOTH = frozenset({Output.TEXT}), frozenset({Output.TEXT, Output.IMAGE})
TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, ANN)


def add(store: Store, clock: Clock, fingerprint: str, outputs: frozenset[Output], user_id: str = ANN) -> None:
    clock.forward(1)
    store.corrections.add(user_id, Correction(fingerprint, outputs, clock()), TOLD, most=3)


def test_corrections_are_their_persons(store: Store, clock: Clock) -> None:
    add(store, clock, "1:aa", BOTH)
    add(store, clock, "1:bb", TEXT, BOB)
    (kept,) = store.corrections.of(ANN)
    assert (kept.fingerprint, kept.outputs, kept.at.tzinfo is not None) == ("1:aa", BOTH, True)
    store.corrections.clear(ANN, TOLD)
    assert (store.corrections.count(ANN), store.corrections.count(BOB)) == (0, 1)


def test_the_newest_are_kept_and_one_of_each_prompt(store: Store, clock: Clock) -> None:
    for fingerprint in ("1:a", "1:b", "1:c", "1:d"):
        add(store, clock, fingerprint, TEXT)
    add(store, clock, "1:c", BOTH)
    assert [(each.fingerprint, each.outputs) for each in store.corrections.of(ANN)] == [
        ("1:b", TEXT),
        ("1:d", TEXT),
        ("1:c", BOTH),
    ]


def test_a_kind_of_a_later_release_is_left_out(store: Store, clock: Clock, engine: Engine) -> None:
    add(store, clock, "1:a", TEXT)
    with engine.begin() as connection:
        connection.execute(prompt_corrections.update().values(outputs=["smell", "text"]))
    assert store.corrections.of(ANN)[0].outputs == TEXT


def test_they_are_forgotten_with_their_person(store: Store, clock: Clock, engine: Engine) -> None:
    store.users.ensure(ANN, "Ann")
    add(store, clock, "1:a", TEXT)
    add(store, clock, "1:b", TEXT, BOB)
    store.forgetting.forget(ANN, clock(), TOLD)
    with engine.connect() as connection:
        assert connection.execute(select(prompt_corrections.c.user_id)).scalars().all() == [BOB]
