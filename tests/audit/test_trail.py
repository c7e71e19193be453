from __future__ import annotations

import stat

from tests.audit.log import Log


def test_a_log_with_checkpoints_verifies(log: Log) -> None:
    log.write(5)
    first = log.trail.checkpoint_now()
    log.write(3)
    second = log.trail.checkpoint_now()
    assert first is not None and second is not None
    assert (first.seq, second.seq) == (1, 2)

    report = log.trail.verify()
    assert report.findings == ()
    assert report.ok
    assert (report.checkpoints, report.chains) == (2, 1)
    assert report.covered == report.events
    assert report.covered_until == second.at
    assert stat.S_IMODE(log.file.stat().st_mode) == 0o600


def test_without_news_there_is_no_checkpoint(log: Log) -> None:
    log.write(1)
    assert [
        checkpoint.seq for checkpoint in (log.trail.checkpoint_now(), log.trail.checkpoint_now()) if checkpoint
    ] == [
        1,
        1,
    ]
    assert len(log.file.read_text().splitlines()) == 1
