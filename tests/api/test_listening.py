from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from uvicorn import Config

from core.api.listening import Listening, _live, read_peers_ourselves, refuse_open_bind
from core.config import Settings
from core.errors import ConfigError
from core.parts import place_sandbox
from tests.gateway.test_encryption import certificate


@contextlib.contextmanager
def streamlit_socket(host: str) -> Iterator[socket.socket]:
    """A listening socket made as Streamlit makes its own: without naming the protocol."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        assert listener.proto == 0
        listener.bind((host, 0))
        listener.listen()
        yield listener


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1", "::ffff:127.0.0.1", "localhost"])
def test_listening_on_this_machine_alone_is_fine(host: str) -> None:
    refuse_open_bind(host, Settings(), encrypted=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "gearbox.example", ""])
def test_listening_elsewhere_is_refused_with_what_to_set(host: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        refuse_open_bind(host, Settings(), encrypted=False)
    assert "GEARBOX_SIGN_IN" in str(refusal.value)
    for hint in ("127.0.0.1", "--server.address", "STREAMLIT_SERVER_ADDRESS", "--host", "ssh -L"):
        assert hint in refusal.value.remedy


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_the_refusal_says_that_every_interface_was_meant(host: str) -> None:
    with pytest.raises(ConfigError, match="every network interface"):
        refuse_open_bind(host, Settings(), encrypted=False)


WITH_SIGN_IN = Settings(sign_in="oidc")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1"])
def test_with_sign_in_but_in_clear_it_does_not_listen_to_others(host: str) -> None:
    with pytest.raises(ConfigError, match="without TLS") as refusal:
        refuse_open_bind(host, WITH_SIGN_IN, encrypted=False)
    for hint in ("server.sslCertFile", "--ssl-certfile", "GEARBOX_TLS_PROXY", "GEARBOX_PROXY_ADDRESSES"):
        assert hint in refusal.value.remedy


def test_a_certificate_or_a_declared_proxy_opens_it_to_others() -> None:
    refuse_open_bind("0.0.0.0", WITH_SIGN_IN, encrypted=True)
    refuse_open_bind("0.0.0.0", WITH_SIGN_IN.model_copy(update={"tls_proxy": True}), encrypted=False)


def test_a_certificate_does_not_stand_in_for_a_sign_in() -> None:
    with pytest.raises(ConfigError, match="sign-in is off"):
        refuse_open_bind("0.0.0.0", Settings(tls_proxy=True), encrypted=True)


async def test_the_peer_of_a_connection_stays_the_one_that_made_it() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"][0], scope["scheme"]))

    config = Config(app, proxy_headers=True)
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    for _ in range(2):
        scope = {"type": "http", "client": ("127.0.0.1", 1), "scheme": "http", "headers": headers}
        await config.loaded_app(scope, None, None)
        read_peers_ourselves()
    assert seen == [("203.0.113.9", "https"), ("127.0.0.1", "http")]


def test_accepted_connections_send_without_delay() -> None:
    with streamlit_socket("127.0.0.1") as listener:
        assert not listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "then there is nothing to test"
        assert Listening(Settings()).check()
        with socket.create_connection(listener.getsockname()) as client:
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert client.fileno() > 0


def test_an_open_socket_of_this_process_is_found_and_refused() -> None:
    with streamlit_socket("0.0.0.0"), pytest.raises(ConfigError):
        Listening(Settings()).check()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1"])
def test_what_uvicorn_was_told_to_bind_is_refused_before_it_does(host: str) -> None:
    told = Config("app:app", host=host)
    with pytest.raises(ConfigError, match="sign-in is off"):
        Listening(Settings()).check()
    told.host = "127.0.0.1"  # the traceback may keep it alive, and later tests look at what lives


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "no-such-host.invalid"])
def test_what_uvicorn_may_bind_is_let_be(host: str) -> None:
    told = Config("app:app", host=host)
    Listening(Settings()).check()
    assert told.host == host


def test_sockets_that_only_talk_are_none_of_its_business() -> None:
    with socket.socket() as unconnected, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        unconnected.bind(("0.0.0.0", 0))
        datagrams.bind(("0.0.0.0", 0))
        Listening(Settings()).check()


def test_until_it_is_bound_the_own_address_has_streamlit_s_port() -> None:
    assert Listening(Settings()).own_address() == "http://127.0.0.1:8501"


def test_an_encrypted_server_does_not_call_itself() -> None:
    """Its certificate is for the name people use: the check of it would fail at this machine's address."""
    with ExitStack() as stack:
        plain = place_sandbox(Settings(), lambda: "http://127.0.0.1:1", stack)
        assert plain.base_url() == "http://127.0.0.1:1/sandbox/v1"
        inner = place_sandbox(Settings(), lambda: "https://127.0.0.1:1", stack)
        bearer = {"Authorization": f"Bearer {inner.key}"}
        assert httpx.get(f"{inner.base_url()}/models", headers=bearer, trust_env=False).json()["data"]


def test_with_a_certificate_the_own_address_is_encrypted(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    config = Config(lambda: None, ssl_certfile=pem, ssl_keyfile=pem)
    listening = Listening(Settings())
    listening.check()
    assert config.is_ssl
    assert listening.own_address().startswith("https://")


async def test_a_socket_bound_after_the_start_is_found() -> None:
    listening = Listening(Settings())
    with streamlit_socket("127.0.0.1") as listener:
        await listening.check_once_bound()
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert listening.own_address() != "http://127.0.0.1:8501"


def test_looking_for_what_listens_does_not_harm_other_threads() -> None:
    """A tuple that is just being filled must not be held by who looks through all objects."""
    problems: list[BaseException] = []
    over = threading.Event()

    def fill() -> None:
        try:
            while not over.is_set():
                tuple(each for each in range(50))
        except SystemError as error:
            problems.append(error)

    threads = [threading.Thread(target=fill) for _ in range(2)]
    for thread in threads:
        thread.start()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(20):
            assert listener in list(_live(socket.socket))
    over.set()
    for thread in threads:
        thread.join()
    assert problems == []
