"""Checkpoints reach real servers, and nothing else passes for having reached one."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.audit.carrier import Carrier
from core.audit.places import PlaceFailed
from core.audit.sinks import HttpSink, SyslogSink, sinks_of
from core.config import Settings
from core.errors import ConfigError
from data.store import OwnerId
from data.values.audit import Checkpoint
from tests.audit import servers
from tests.audit.log import Log, RealClock
from tests.audit.waiting import wait_for

PATIENCE = timedelta(seconds=60)


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """Which database it is makes no difference to a sink."""
    return sqlite_url


@pytest.fixture
def checkpoint(log: Log) -> Checkpoint:
    log.write(1)
    made = log.trail.checkpoint_now()
    assert made is not None
    return made


@pytest.fixture
def sink() -> Iterator[servers.HttpSink]:
    server = servers.HttpSink()
    with servers.serving(server):
        yield server


def test_an_http_sink_gets_the_signed_checkpoint_with_its_token(checkpoint: Checkpoint, sink: servers.HttpSink) -> None:
    HttpSink(sink.url, "a-token", PATIENCE).take(checkpoint)
    assert sink.tokens == {"Bearer a-token"}
    assert [(one["body"], one["key"]) for one in sink.got] == [(checkpoint.body, checkpoint.key_id)]


@pytest.mark.parametrize("status", [301, 401, 500, 503])
def test_any_other_answer_than_success_is_a_failure(
    checkpoint: Checkpoint, sink: servers.HttpSink, status: int
) -> None:
    sink.status = status
    with pytest.raises(PlaceFailed, match=f"HTTP {status}"):
        HttpSink(sink.url, "a-token", PATIENCE).take(checkpoint)


def test_a_sink_with_a_certificate_of_nobody_gets_nothing(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = servers.certificate(tmp_path)
    web, syslog = servers.HttpSink(context), servers.SyslogStream(context)
    with servers.serving(web), servers.serving(syslog):
        for place in (HttpSink(web.url, "", PATIENCE), SyslogSink(syslog.url, PATIENCE)):
            with pytest.raises(PlaceFailed):
                place.take(checkpoint)
        assert (web.got, syslog.got) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        for place in (HttpSink(web.url, "", PATIENCE), SyslogSink(syslog.url, PATIENCE)):
            place.take(checkpoint)
        wait_for(lambda: len(web.got) == len(syslog.got) == 1)
    assert_is_syslog_of(syslog.got[0], checkpoint)


def test_syslog_over_tcp_udp_and_a_local_socket(checkpoint: Checkpoint, tmp_path: Path) -> None:
    stream = servers.SyslogStream()
    with servers.serving(stream):
        SyslogSink(stream.url, PATIENCE).take(checkpoint)
        wait_for(lambda: stream.got)
    assert_is_syslog_of(stream.got[0], checkpoint)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        SyslogSink(f"udp://127.0.0.1:{udp.getsockname()[1]}", PATIENCE).take(checkpoint)
        assert_is_syslog_of(servers.receive(udp), checkpoint)

    path = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
        local.bind(str(path))
        SyslogSink(f"unix://{path}", PATIENCE).take(checkpoint)
        assert_is_syslog_of(servers.receive(local), checkpoint)


def assert_is_syslog_of(message: bytes, checkpoint: Checkpoint) -> None:
    """RFC 5424: priority 109 is notice of the log audit."""
    header, _, said = message.decode().partition(" - {")
    assert header.startswith("<109>1 ")
    assert header.endswith(" checkpoint")
    record = json.loads("{" + said)
    assert (record["body"], record["key"]) == (checkpoint.body, checkpoint.key_id)
    assert "heads" not in record


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:9", "unix:///nowhere/log"])
def test_a_syslog_server_that_is_not_there_is_a_failure(checkpoint: Checkpoint, url: str) -> None:
    with pytest.raises(PlaceFailed, match="can't be reached"):
        SyslogSink(url, PATIENCE).take(checkpoint)


@pytest.mark.parametrize(
    "settings",
    [
        {"audit_sink_url": "http://siem.example/gearbox"},
        {"audit_sink_url": "https://user:secret@siem.example"},
        {"audit_sink_url": "ftp://siem.example"},
        {"audit_sink_url": "https://siem.example", "audit_sink_token": "two\nlines"},
        {"audit_syslog": "siem.example:514"},
        {"audit_syslog": "tls://siem.example:nothing"},
        {"audit_syslog": "unix://"},
    ],
)
def test_an_address_that_can_not_be_used_is_refused_at_start(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        sinks_of(Settings(**settings))  # type: ignore[arg-type]
    assert caught.value.remedy
    assert "secret" not in caught.value.explain()


def test_a_sink_that_was_down_gets_all_in_order(log: Log, checkpoint: Checkpoint, sink: servers.HttpSink) -> None:
    carrier = Carrier(log.store, HttpSink(sink.url, "", PATIENCE), log.clock)
    carrier.carry()
    sink.status = 503
    for _ in range(3):
        log.write(1)
        log.trail.checkpoint_now()
        with pytest.raises(PlaceFailed):
            carrier.carry()
    failing = log.store.checkpoints.deliveries()[carrier.place.name]
    assert (failing.seq, failing.failing_since) == (1, log.clock.now)
    assert "503" in failing.problem

    sink.status = 200
    carrier.carry()
    carrier.carry()
    assert [json.loads(one["body"])["seq"] for one in sink.got] == [1, 2, 3, 4]
    sound = log.store.checkpoints.deliveries()[carrier.place.name]
    assert (sound.seq, sound.failing_since, sound.problem) == (4, None, "")


def test_a_sink_that_is_new_gets_the_newest(log: Log, checkpoint: Checkpoint, sink: servers.HttpSink) -> None:
    log.write(1)
    log.trail.checkpoint_now()
    Carrier(log.store, HttpSink(sink.url, "", PATIENCE), log.clock).carry()
    assert [json.loads(one["body"])["seq"] for one in sink.got] == [2]


def test_the_background_feeds_a_sink_and_tries_again(settings: Settings, sink: servers.HttpSink) -> None:
    sink.status = 503
    running = Log(settings.model_copy(update={"audit_sink_url": sink.url}), RealClock(), OwnerId("here", 1, "token"))
    try:
        running.trail.start()
        running.write(3)
        wait_for(lambda: sink.asked > 1)
        assert sink.got == []
        sink.status = 200
        wait_for(lambda: sink.got)
        status = running.trail.status()
        assert {one.name for one in status.places} == {"file", sink.url}
    finally:
        running.close()
