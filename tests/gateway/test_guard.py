"""Addresses that a user-given URL must not reach, watched at the socket: what is refused was never connected to."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address, ip_network

import httpx
import pytest

from core.config import Settings
from core.errors import GearboxError, ProviderError
from core.providers.direct_transport import DirectTransport
from core.providers.guard import AddressGuard, is_forbidden
from core.providers.http1_transport import Http1Transport
from core.providers.patience import may_pass
from core.providers.probe import list_models, open_client
from core.providers.reserved import Reserved, reserved
from data.values.calls import ErrorKind
from tests.gateway.calls import KEY, ask, request

CONNECTED: list[str] = []
"""Every address that this process has tried to connect to, by whatever way."""


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect" and isinstance(args[1], tuple):
        CONNECTED.append(str(args[1][0]))


sys.addaudithook(_watch)

SPELLINGS = (
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
    "017700000001", "0x7f.0x0.0x0.0x1", "0", "0.0.0.0", "0x0", "10.0.0.1", "10.1", "0x0a000001", "012.0.0.1",
    "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.168.257", "3232235777", "100.64.0.1", "100.100.100.200",
    "169.254.169.254", "0xa9fea9fe", "2852039166", "169.254.170.2", "168.63.129.16", "192.0.0.8", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::10.0.0.1]", "[64:ff9b:1:a9fe:a9:fe00:808:808]",
    "[64:ff9b:1:7f:0:1:808:808]", "[64:ff9b:1:0:a:0:108:808]", "[fd20:ce::254]", "[fd00:ec2::23]",
    "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2002:c0a8:101::]",
    "[2001:0:7f00:1::1]", "[2001::5601:5601]", "[fe80::1]", "[fe80::5efe:127.0.0.1]", "[2606:4700::5efe:10.0.0.1]",
    "[2606:4700::200:5efe:127.0.0.1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[100::1]",
    "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[2001:10::1]", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021",
    "\u2460\u2461\u2466.0.0.1",
)  # fmt: skip
"""Hosts that are written as addresses. What httpx takes for a name is not known to the resolver of these tests."""

NAMES: dict[str, tuple[str, ...]] = {
    "inside.example": ("10.0.0.1",),
    "trailing.example.": ("127.0.0.1",),
    "mixed.example": ("93.184.215.14", "127.0.0.1"),
    "mixed-last.example": ("127.0.0.1", "93.184.215.14"),
    "six.example": ("::1",),
    "mapped.example": ("::ffff:10.0.0.1",),
    "scoped.example": ("fe80::1%lo",),
    "metadata.google.internal": ("169.254.169.254",),
    "localhost": ("127.0.0.1", "::1"),
    "localhost.localdomain": ("127.0.0.1",),
    "127.0.0.1.nip.example": ("127.0.0.1",),
}


async def _resolve(host: str, port: int) -> Sequence[str]:
    known = {name.rstrip("."): found for name, found in NAMES.items()}
    if host.rstrip(".") not in known:
        raise socket.gaierror(socket.EAI_NONAME, "not known")
    return known[host.rstrip(".")]


async def _asked(guard: AddressGuard, url: str) -> httpx.Response:
    """What comes of it, the same by both ways out: that of calls, and that of everything else."""
    lean = await _asked_by(guard.lean_transport(), url)
    usual = await _asked_by(guard.transport(), url)
    if isinstance(lean, httpx.Response) and isinstance(usual, httpx.Response):
        assert (lean.status_code, lean.content) == (usual.status_code, usual.content)
        return usual
    assert isinstance(lean, Exception) and isinstance(usual, Exception)
    assert type(lean) is type(usual)
    if isinstance(lean, httpx.ConnectError) and isinstance(usual, httpx.ConnectError):
        assert is_forbidden(lean) == is_forbidden(usual)
    raise lean


async def _asked_by(transport: httpx.AsyncBaseTransport, url: str) -> httpx.Response | Exception:
    async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=5) as client:
        try:
            return await client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return error


@contextmanager
def _listening(answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") -> Iterator[tuple[int, list[str]]]:
    """A server on loopback: its port, and the addresses that connected to it."""
    reached: list[str] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    peer, address = listener.accept()
                except OSError:
                    return
                reached.append(address[0])
                with peer:
                    peer.recv(65536)
                    peer.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], reached
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.mark.parametrize("host", [*SPELLINGS, *NAMES])
async def test_nothing_that_leads_inside_is_connected_to(host: str) -> None:
    with _listening() as (port, reached):
        before = len(CONNECTED)
        with pytest.raises((httpx.HTTPError, httpx.InvalidURL)):
            await _asked(AddressGuard(resolve=_resolve), f"http://{host}:{port}/v1/models")
        assert CONNECTED[before:] == []
        assert reached == []


def test_there_are_enough_of_them() -> None:
    assert len(set(SPELLINGS) | set(NAMES)) >= 60


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
        "localhost.",
        "a.localhost",
        "192.168.1.1",
    ],
)
def test_what_is_written_as_an_address_is_refused_when_it_is_entered(host: str) -> None:
    with pytest.raises(GearboxError, match="leads to") as refusal:
        AddressGuard().check_url(f"http://{host}:8000/v1")
    assert "GEARBOX_INNER_HOSTS" in refusal.value.remedy


async def test_a_name_is_judged_once_and_the_judged_address_is_called() -> None:
    """Rebinding: harmless when it is looked up first, this machine the second time."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    class Recorder(AddressGuard):
        """Lets nothing of the test leave this machine: what would be called is noted."""

    guard = Recorder(resolve=rebinding)
    transport = guard.transport()
    called: list[str] = []

    class Inner:
        async def connect_tcp(self, host: str, *_: object) -> object:
            called.append(host)
            raise httpx.ConnectError("noted")

    transport._pool._network_backend._inner = Inner()  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://rebinding.example/v1/models")
        assert (asked, called) == (["rebinding.example"], ["93.184.215.14"])
        with pytest.raises(httpx.ConnectError, match="this machine"):
            await client.get("http://rebinding.example/v1/models")
        assert called == ["93.184.215.14"], "the second answer was judged, too"


async def test_a_call_goes_to_the_judged_address_too() -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    called: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    async def dial(address: str, port: int) -> socket.socket:
        called.append(address)
        raise OSError("noted")

    transport = Http1Transport(AddressGuard(resolve=rebinding).judged, ssl.create_default_context(), dial)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        for _ in range(2):
            with pytest.raises(httpx.ConnectError):
                await client.get("http://rebinding.example/v1/models")
    assert called == ["93.184.215.14"]


async def test_a_listing_says_what_the_guard_forbids() -> None:
    async with await open_client(AddressGuard(resolve=_resolve)) as client:
        with pytest.raises(ProviderError, match="leads to a private network, which may not be called") as refused:
            await list_models("https://inside.example/v1", client=client)
    assert refused.value.kind is ErrorKind.ADDRESS_REFUSED
    assert "GEARBOX_INNER_HOSTS" in refused.value.remedy and "GEARBOX_INNER_NETWORKS" in refused.value.remedy


async def test_a_call_says_what_the_guard_forbids_and_is_not_made_again() -> None:
    transport = DirectTransport(guard=AddressGuard(resolve=_resolve))
    with pytest.raises(ProviderError, match=r"inside\.example leads to a private network, which may not be") as refused:
        await ask(transport, request("https://inside.example/v1"), KEY)
    await transport.aclose()
    error = refused.value
    assert error.kind is ErrorKind.ADDRESS_REFUSED
    assert "running" not in error.remedy and "GEARBOX_INNER_HOSTS" in error.remedy
    assert not may_pass(error, error.kind, begun=False), "asking again changes nothing"


async def test_a_name_that_is_not_known_is_another_matter() -> None:
    transport = DirectTransport(guard=AddressGuard(resolve=_resolve))
    with pytest.raises(ProviderError, match="is not known") as refused:
        await ask(transport, request("https://nowhere.example/v1"), KEY)
    await transport.aclose()
    assert refused.value.kind is ErrorKind.UNREACHABLE


async def test_a_dead_address_costs_a_moment_not_the_whole_timeout() -> None:
    """192.0.2.1 is nobody's (RFC 5737): packets to it are lost, or refused at once; either way the next is tried."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["192.0.2.1", "127.0.0.1"]

    with _listening() as (port, _):
        guard = AddressGuard(hosts=["both.example"], resolve=resolve)
        for transport in (guard.lean_transport(), guard.transport()):
            async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=60) as client:
                answer = await asyncio.wait_for(client.get(f"http://both.example:{port}/"), 30)
            assert answer.text == "ok"


async def test_where_no_address_answers_the_reason_is_said() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1", "127.0.0.2"]

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(httpx.ConnectError, match=r"attempts failed|refused"):
        await _asked(AddressGuard(loopback=True, resolve=resolve), f"http://two.example:{port}/")


async def test_a_redirect_is_not_followed() -> None:
    with _listening() as (inner, reached):
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inner}/\r\nContent-Length: 0\r\n\r\n".encode()
        with _listening(moved) as (port, _):
            guard = AddressGuard(hosts=[f"127.0.0.1:{port}"])
            answer = await _asked(guard, f"http://127.0.0.1:{port}/v1/models")
            assert answer.status_code == 302
            with pytest.raises(httpx.ConnectError, match="this machine"):
                async with httpx.AsyncClient(transport=guard.transport(), follow_redirects=True) as client:
                    await client.get(f"http://127.0.0.1:{port}/v1/models")
        assert reached == []


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with _listening() as (port, reached):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        with pytest.raises(httpx.ConnectError):
            await _asked(AddressGuard(resolve=_resolve), "http://inside.example/v1")
        assert reached == []


async def test_what_an_admin_allows_is_called_and_nothing_beside_it() -> None:
    with _listening() as (port, reached):
        for guard in (
            AddressGuard(hosts=[f"127.0.0.1:{port}"]),
            AddressGuard(hosts=["127.0.0.1"]),
            AddressGuard(networks=[ip_network("127.0.0.0/30")]),
            AddressGuard(loopback=True),
        ):
            assert (await _asked(guard, f"http://127.0.0.1:{port}/")).text == "ok"
        assert len(reached) == 8
        for guard in (
            AddressGuard(hosts=[f"127.0.0.1:{port + 1}"]),
            AddressGuard(hosts=["localhost"]),
            AddressGuard(networks=[ip_network("127.0.0.4/30")]),
            AddressGuard(private=True),
        ):
            with pytest.raises(httpx.ConnectError, match="this machine"):
                await _asked(guard, f"http://127.0.0.1:{port}/")
        assert len(reached) == 8


async def test_a_named_server_within_is_called_by_its_name() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    with _listening() as (port, reached):
        guard = AddressGuard(hosts=["vllm.corp.example"], resolve=resolve)
        assert (await _asked(guard, f"http://vllm.corp.example:{port}/")).text == "ok"
        with pytest.raises(httpx.ConnectError):
            await _asked(guard, f"http://other.corp.example:{port}/")
        assert reached == ["127.0.0.1"] * 2


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2002:808:808::1", "1.1.1.1"])
def test_the_public_internet_is_not_reserved(address: str) -> None:
    assert reserved(ip_address(address)) is None


@pytest.mark.parametrize(
    "address", ["fe80::5efe:10.0.0.1", "2001:db8::5efe:10.0.0.1", "2001:0:a00:1::5601:5601", "fd20:ce::254"]
)
def test_what_an_address_carries_opens_nothing_that_is_closed_to_the_address_itself(address: str) -> None:
    local = AddressGuard(loopback=True, private=True)
    assert local.problem("a", 80, ip_address(address)) in (Reserved.SPECIAL, Reserved.METADATA)


@pytest.mark.parametrize(("network", "address"), [("100.64.0.0/10", "100.100.100.200"), ("fd00::/8", "fd00:ec2::254")])
def test_a_wide_network_opens_no_metadata_service(network: str, address: str) -> None:
    inside = ip_address(address)
    assert AddressGuard(networks=[ip_network(network)]).problem("a", 80, inside) is Reserved.METADATA
    assert AddressGuard(networks=[ip_network(network)]).problem("a", 80, inside + 1) is None
    assert AddressGuard(networks=[ip_network(address)]).problem("a", 80, inside) is None


def test_several_that_python_calls_global_are_reserved() -> None:
    fooled = [host for host in SPELLINGS if (found := _numeric(host)) and found.is_global and reserved(found)]
    assert len(fooled) >= 5, fooled


def _numeric(host: str):  # type: ignore[no-untyped-def]
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def test_the_settings_decide() -> None:
    local, shared = AddressGuard.of(Settings(sign_in="local")), AddressGuard.of(Settings(sign_in="proxy"))
    mine, hub = ip_address("127.0.0.1"), ip_address("192.168.1.5")
    metadata = ip_address("169.254.169.254")
    assert local.problem("a", 80, mine) is local.problem("a", 80, hub) is None
    assert local.problem("a", 80, metadata) is Reserved.METADATA, "not even the owner's own browser means that"
    assert shared.problem("a", 80, mine) is Reserved.LOOPBACK
    assert shared.problem("a", 80, hub) is Reserved.PRIVATE
    assert shared.problem("127.0.0.1", 11434, mine) is None, "a server that Gearbox looks for by itself"
    allowed = AddressGuard.of(Settings(sign_in="proxy", inner_networks=(ip_network("192.168.0.0/16"),)))
    assert allowed.problem("a", 80, hub) is None
