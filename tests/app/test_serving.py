"""The real process, as an operator starts it: who it answers, what it refuses, how it ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from core.access.sign_in import LOCAL_OWNER_ID
from core.api.headers import CONTENT_SECURITY_POLICY
from core.sandbox import sandbox_app
from data.store import OwnerId, open_store
from data.values.messages import Message, MessageStatus
from data.values.parts import text_of
from tests.app.chat_page import LONG_ANSWER, ChatPage
from tests.app.forking import forking
from tests.app.server import ROOT, AppServer, free_port
from tests.forking import Forked
from tests.gateway.server import serve

STREAMLIT = ["streamlit", "run", "app.py"]
UVICORN = ["uvicorn", "app:app"]


@dataclass
class Attempt:
    """A start that should not succeed: how it ended, what it said, and every answer anybody got meanwhile."""

    code: int
    log: str
    answers: list[tuple[str, int]]


def attempt(
    home: Path,
    command: Sequence[str],
    *,
    port: int,
    environment: Mapping[str, str] | None = None,
    ask: Sequence[str],
    anew: bool = False,
) -> Attempt:
    """Start it, ask the hosts in `ask` all the time, and wait for its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GEARBOX_", "STREAMLIT_"))}
    own = {"GEARBOX_HOME": str(home), "GEARBOX_KEK_SOURCE": "file", "GEARBOX_LOCAL_DISCOVERY": "false"}
    env = clean | own | dict(environment or {})
    log = home.parent / "attempt.log"
    log.touch()
    answers = []
    process: subprocess.Popen[bytes] | Forked
    if anew:
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=env, stdout=output, stderr=output
            )
    else:
        process = forking().start(command[0], command[1:], env, out=log, err=log)
    try:
        deadline = time.monotonic() + 120
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            while process.poll() is None and time.monotonic() < deadline:
                for host in ask:
                    with contextlib.suppress(httpx.HTTPError):
                        answers.append((host, client.get(f"http://{host}:{port}/").status_code))
                time.sleep(0.02)
        code = process.poll()
        assert code is not None, f"it runs on:\n{log.read_text()}"
    finally:
        process.kill()
        process.wait(60)
    return Attempt(code, log.read_text(), answers)


def outer_address() -> str | None:
    """An address of this machine that others could use; None without a network. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") or address == "0.0.0.0" else address


@pytest.mark.parametrize("host", ["0.0.0.0", pytest.param("::", marks=pytest.mark.campaign)])
@pytest.mark.parametrize("by", ["option", "variable"])
def test_asked_to_listen_to_everybody_it_says_why_not_and_what_to_set(tmp_path: Path, by: str, host: str) -> None:
    port = free_port()
    command = [*STREAMLIT, "--server.port", str(port)]
    environment = {}
    if by == "option":
        command += ["--server.address", host]
    else:
        environment["STREAMLIT_SERVER_ADDRESS"] = host
    ended = attempt(
        tmp_path / "home", command, port=port, environment=environment, ask=["127.0.0.1"], anew=by == "option"
    )
    assert ended.code == 2
    for words in ("does not start", "GEARBOX_SIGN_IN", "127.0.0.1", "--server.address", "STREAMLIT_SERVER_ADDRESS"):
        assert words in ended.log
    assert "Traceback" not in ended.log
    assert ended.answers == [], "it must not serve for a moment"
    assert not (tmp_path / "home").exists(), "a refused start leaves nothing behind"


def test_under_uvicorn_an_open_bind_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    port = free_port()
    outer = outer_address()
    command = [*UVICORN, "--host", "0.0.0.0", "--port", str(port)]
    ended = attempt(tmp_path / "home", command, port=port, ask=[outer] if outer else [], anew=True)
    assert ended.code == 2
    assert "GEARBOX_SIGN_IN" in ended.log
    assert "--host 127.0.0.1" in ended.log
    assert "Traceback" not in ended.log
    assert ended.answers == [], "it is refused before it is bound"
    assert not (tmp_path / "home").exists(), "a refused start leaves nothing behind"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("GEARBOX_SIGN_IN", "nobody"), ("GEARBOX_LOG_LEVEL", "LOUD"), ("GEARBOX_DATABASE_URL", "nonsense-7d1f")],
)
def test_an_unusable_setting_stops_the_start_with_its_name(tmp_path: Path, variable: str, value: str) -> None:
    port = free_port()
    command = [*STREAMLIT, "--server.port", str(port)]
    ended = attempt(tmp_path / "home", command, port=port, environment={variable: value}, ask=["127.0.0.1"])
    assert ended.code == 2
    assert variable in ended.log
    assert "7d1f" not in ended.log, "a database URL may hold a password"
    assert "Traceback" not in ended.log
    assert ended.answers == []


def test_healthz_and_readyz_answer(app: AppServer) -> None:
    health = httpx.get(f"{app.url}/healthz", trust_env=False, timeout=60)
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    ready = httpx.get(f"{app.url}/readyz", trust_env=False, timeout=60)
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert {"database", "vault", "warehouse"} <= ready.json()["parts"].keys()


PATHS = ["/", "/settings", "/healthz", "/readyz", "/missing", "/sandbox/v1/models", "/_stcore/health", "/media/none"]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(app: AppServer, path: str) -> None:
    answer = httpx.get(f"{app.url}{path}", trust_env=False, timeout=60)
    assert answer.headers.get_list("content-security-policy") == [CONTENT_SECURITY_POLICY]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "10.0.0.1:8501", "127.0.0.1.nip.io"])
def test_a_foreign_host_name_gets_nothing(app: AppServer, path: str, host: str) -> None:
    answer = httpx.get(f"{app.url}{path}", headers={"Host": host}, trust_env=False, timeout=60)
    assert answer.status_code == 403
    assert "<html" not in answer.text.lower()


@pytest.mark.parametrize(
    ("host", "page", "opens"),
    [
        ("localhost", "http://localhost:{port}", True),
        ("127.0.0.1", "http://127.0.0.1:{port}", True),
        ("evil.example", "http://evil.example:{port}", False),
        ("localhost", "http://evil.example", False),
        ("127.0.0.1", "https://evil.example:{port}", False),
    ],
    ids=["own", "own by address", "rebound name", "foreign page", "foreign page, same port"],
)
def test_only_a_page_of_this_app_gets_the_websocket(app: AppServer, host: str, page: str, opens: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=60)
    try:
        connection.putrequest("GET", "/_stcore/stream", skip_host=True)
        for name, value in {
            "Host": f"{host}:{app.port}",
            "Origin": page.format(port=app.port),
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        status = connection.getresponse().status
    finally:
        connection.close()
    assert (status == 101) is opens, status


def first_token_ms(base_url: str, client: httpx.Client) -> float:
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": "[[words:3]] go"}]}
    began = time.perf_counter()
    with client.stream("POST", f"{base_url}/chat/completions", json=body) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                return (time.perf_counter() - began) * 1000
    raise AssertionError("no token came")


def test_a_streamed_answer_does_not_wait_for_a_delayed_acknowledgement(app: AppServer) -> None:
    with serve(Starlette(routes=[Mount("/v1", sandbox_app())])) as origin, httpx.Client(trust_env=False) as client:
        direct, through = [], []
        for _ in range(15):  # in turn, so that a busy machine is busy for both
            direct.append(first_token_ms(f"{origin}/v1", client))
            through.append(first_token_ms(f"{app.url}/sandbox/v1", client))
    alone, whole = statistics.median(direct), statistics.median(through)
    words = f"first token: sandbox alone {alone:.1f} ms, in the app {whole:.1f} ms, ratio {whole / alone:.1f}"
    print(words)  # noqa: T201
    # The kernel holds a second small packet back for 40 ms where TCP_NODELAY is missing.
    assert whole < max(30.0, 3 * alone), words


class Interruptible(AppServer):
    """An app that is ended as Ctrl+C, or a service manager, does."""

    anew = True

    def end(self, by: signal.Signals) -> int:
        """Send the signal and wait; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(by)
        return self._process.wait(60)


@pytest.fixture(
    params=[pytest.param(False, id="streamlit"), pytest.param(True, id="uvicorn", marks=pytest.mark.campaign)]
)
def own_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Interruptible]:
    with Interruptible(tmp_path / "home", uvicorn=request.param) as server:
        yield server


def assert_ended_by_ctrl_c(app: Interruptible) -> None:
    code, log = app.end(signal.SIGINT), app.log.read_text()
    # Streamlit's command line turns Ctrl+C into "Aborted!" and 1 when it runs an App; that is not ours to change.
    # A library's binding may speak behind it of objects that a thread still held when the interpreter ended.
    assert code in {0, 130, -signal.SIGINT} or (code == 1 and "Aborted!" in log), (code, log)
    assert "Traceback" not in log


def test_ctrl_c_ends_it_cleanly(own_app: Interruptible) -> None:
    assert_ended_by_ctrl_c(own_app)


def test_a_service_manager_ends_it_cleanly(own_app: Interruptible) -> None:
    assert own_app.end(signal.SIGTERM) in {0, 143, -signal.SIGTERM}
    assert "Traceback" not in own_app.log.read_text()


@pytest.mark.browser
def test_ctrl_c_in_the_middle_of_an_answer_keeps_it_as_interrupted(page: Page, own_app: Interruptible) -> None:
    chat = ChatPage(page, own_app.url).open()
    chat.send(LONG_ANSWER)
    seen = chat.wait_streaming(30)
    assert_ended_by_ctrl_c(own_app)
    answer = last_answer(own_app.home)
    assert answer.status is MessageStatus.INTERRUPTED
    assert text_of(answer.parts).split()[:20] == seen.split()[:20]


@pytest.mark.browser
def test_a_service_manager_ends_it_in_the_middle_of_an_answer(page: Page, own_app: Interruptible) -> None:
    chat = ChatPage(page, own_app.url).open()
    chat.send(LONG_ANSWER)
    seen = chat.wait_streaming(30)
    assert own_app.end(signal.SIGTERM) in {0, 143, -signal.SIGTERM}
    answer = last_answer(own_app.home)
    assert answer.status is MessageStatus.INTERRUPTED
    assert text_of(answer.parts).split()[:20] == seen.split()[:20]


@pytest.mark.browser
def test_ctrl_c_does_not_wait_for_a_silent_provider(page: Page, own_app: Interruptible) -> None:
    chat = ChatPage(page, own_app.url).open()
    chat.send("[[fault:stall]] hello?")
    expect(chat.stop_button).to_be_visible()
    began = time.monotonic()
    assert_ended_by_ctrl_c(own_app)
    assert time.monotonic() - began < 30
    assert last_answer(own_app.home).status is MessageStatus.INTERRUPTED


def last_answer(home: Path) -> Message:
    """What is stored after the end. Nobody has swept yet: the process itself must have booked it."""
    store = open_store(f"sqlite:///{home / 'gearbox.db'}", owner=OwnerId.current())
    try:
        (conversation,) = store.conversations.recent(LOCAL_OWNER_ID)
        return store.conversations.window(LOCAL_OWNER_ID, conversation.id, limit=5)[1]
    finally:
        store.close()
