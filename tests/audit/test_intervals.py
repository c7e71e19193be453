"""Checkpoints are at most 60 s or 1,000 events apart, whoever works on the database, and however little."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from core.audit.checkpointer import Checkpointer
from core.audit.places import CheckpointFile
from core.audit.signer import SigningKeys
from core.audit.statement import read_statement
from core.cli.opened import opened_vault
from data.values.audit import Action, AuditEvent, AuditOutcome
from tests.audit.log import Log
from tests.audit.waiting import wait_for

MOST_SECONDS, MOST_EVENTS = 60, 1000


def covered(log: Log) -> list[int]:
    """Events under each checkpoint."""
    return [read_statement(checkpoint.body).events for checkpoint in log.store.checkpoints.after(0)]


def test_no_event_waits_longer_for_its_signature(log: Log) -> None:
    """Ten minutes, a second at a time, of busy moments and long pauses."""
    rng = random.Random(5)
    checkpointer = Checkpointer(
        log.store, SigningKeys(log.store, log.vault, log.clock), CheckpointFile(log.file), log.clock
    )
    busy = sorted(rng.sample(range(600), 12))
    waiting: dict[int, float] = {}  # when the first event of each count came that is under no checkpoint yet
    for second in range(600):
        if second in busy:
            log.write(rng.choice((1, 1, 2, 30)))
        log.clock.forward(timedelta(seconds=1))
        assert checkpointer.lead()
        checkpointer.write_if_due()
        events = sum(head.seq for head in log.store.checkpoints.heads())
        signed = max(covered(log), default=0)
        waiting = {count: since for count, since in waiting.items() if count > signed}
        if events > signed:
            waiting.setdefault(events, second)
        assert all(second - since < MOST_SECONDS for since in waiting.values())
    assert len(covered(log)) >= len(busy) / 2
    assert not waiting


def test_an_idle_app_signs_what_was_last(log: Log) -> None:
    log.trail.start()
    wait_for(lambda: covered(log))
    before = covered(log)
    log.write(1)
    log.clock.forward(timedelta(seconds=MOST_SECONDS / 2))
    wait_for(lambda: len(covered(log)) > len(before), seconds=10)
    assert covered(log)[-1] == sum(head.seq for head in log.store.checkpoints.heads())


def test_a_busy_app_signs_before_the_time_is_up(log: Log) -> None:
    """The clock stands still: only the number of events makes the next one due."""
    log.trail.start()
    wait_for(lambda: covered(log))
    for signed in (1, 2):
        wait_for(lambda: len(covered(log)) >= signed)  # noqa: B023 - called at once
        log.write(600)  # no more at a time, so that a machine on which the signer gets no turn breaks no promise
    wait_for(lambda: len(covered(log)) >= 3)
    counts = covered(log)
    assert max(later - sooner for sooner, later in pairwise(counts)) <= MOST_EVENTS


def test_a_command_signs_what_it_does_when_it_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEARBOX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GEARBOX_KEK_SOURCE", "file")
    with opened_vault(make=True) as opened:
        opened.trail.start()  # as a rotation does
        wait_for(lambda: opened.trail.status().checkpoint)
        for _ in range(600):
            opened.store.audit.record(AuditEvent(Action.KEY_REWRAP, AuditOutcome.DONE, "operator"))
        wait_for(lambda: opened.trail.status().checkpoint >= 2)
        opened.store.audit.record(AuditEvent(Action.KEK_RETIRE, AuditOutcome.DONE, "operator"))
    with opened_vault() as opened:
        assert opened.trail.status().pending == 0
        assert opened.trail.verify().ok
