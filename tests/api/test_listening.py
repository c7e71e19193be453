from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from core.api.listening import Listening, refuse_open_bind
from core.errors import ConfigError


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
    refuse_open_bind(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "gearbox.example", ""])
def test_listening_elsewhere_is_refused_with_what_to_set(host: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        refuse_open_bind(host)
    assert "GEARBOX_SIGN_IN" in str(refusal.value)
    for hint in ("127.0.0.1", "--server.address", "STREAMLIT_SERVER_ADDRESS", "--host", "ssh -L"):
        assert hint in refusal.value.remedy


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_the_refusal_says_that_every_interface_was_meant(host: str) -> None:
    with pytest.raises(ConfigError, match="every network interface"):
        refuse_open_bind(host)


def test_accepted_connections_send_without_delay() -> None:
    with streamlit_socket("127.0.0.1") as listener:
        assert not listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "then there is nothing to test"
        assert Listening().check()
        with socket.create_connection(listener.getsockname()) as client:
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert client.fileno() > 0


def test_an_open_socket_of_this_process_is_found_and_refused() -> None:
    with streamlit_socket("0.0.0.0"), pytest.raises(ConfigError):
        Listening().check()


def test_sockets_that_only_talk_are_none_of_its_business() -> None:
    with socket.socket() as unconnected, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        unconnected.bind(("0.0.0.0", 0))
        datagrams.bind(("0.0.0.0", 0))
        Listening().check()


def test_until_it_is_bound_the_own_address_has_streamlit_s_port() -> None:
    assert Listening().own_address() == "http://127.0.0.1:8501"


async def test_a_socket_bound_after_the_start_is_found() -> None:
    listening = Listening()
    with streamlit_socket("127.0.0.1") as listener:
        await listening.check_once_bound()
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert listening.own_address() != "http://127.0.0.1:8501"
