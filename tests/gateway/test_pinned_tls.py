"""The guard connects to the address that it judged; the certificate is still checked for the name that was asked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.providers.guard import AddressGuard

NAME = "models.example"


@dataclass
class Authority:
    """A test's own authority; `path` is its certificate."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gearbox's tests")])
        self.path = self.folder / "authority.pem"
        self.path.write_bytes(self._signed(self.name, self.key.public_key(), is_authority=True))

    def vouch_for(self, name: str) -> Path:
        """Key and certificate of a server, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        path = self.folder / f"{name}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        who: x509.GeneralName = x509.DNSName(name) if name[0].isalpha() else x509.IPAddress(ip_address(name))
        path.write_bytes(private + self._signed(subject, key.public_key(), names=[who]))
        return path

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        names: Sequence[x509.GeneralName] = (),
        is_authority: bool = False,
    ) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if is_authority:
            usage = x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            )
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass
class Seen:
    """What a server was told: the name in the handshake, and the Host header."""

    port: int = 0
    names: list[str | None] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


@contextmanager
def serving(certificate: Path) -> Iterator[Seen]:
    """A real TLS server on loopback."""
    seen = Seen()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: seen.names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen.port = listener.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                peer.settimeout(20)
                with suppress(OSError), context.wrap_socket(peer, server_side=True) as secure:
                    head = secure.recv(65536).decode()
                    seen.hosts += [line[6:] for line in head.split("\r\n") if line.lower().startswith("host: ")]
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield seen
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(20)


Asking = Callable[[Authority], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture(params=["lean_transport", "transport"])
def asking(request: pytest.FixtureRequest) -> Asking:
    """A way to make clients: of calls, and of everything else."""
    return partial(_asking, getattr(AddressGuard, request.param))


@asynccontextmanager
async def _asking(
    transport: Callable[..., httpx.AsyncBaseTransport], authority: Authority
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that trusts the authority, and to whose guard every name of the tests leads to this machine."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        assert host.endswith(".example"), "only names are looked up"
        return ["127.0.0.1"]

    guard = AddressGuard(loopback=True, resolve=resolve)
    trust = ssl.create_default_context(cafile=str(authority.path))
    async with httpx.AsyncClient(transport=transport(guard, verify=trust), trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_handshake_certificate_and_host_header_have_the_name(asking: Asking, authority: Authority) -> None:
    with serving(authority.vouch_for(NAME)) as seen:
        async with asking(authority) as client:
            answer = await client.get(f"https://{NAME}:{seen.port}/v1/models")
        assert answer.text == "ok"
        assert seen.names == [NAME], "the name and not the address that is connected to"
        assert seen.hosts == [f"{NAME}:{seen.port}"]


async def test_a_certificate_of_another_name_is_refused(asking: Asking, authority: Authority) -> None:
    with serving(authority.vouch_for("other.example")) as seen:
        async with asking(authority) as client:
            with pytest.raises(httpx.ConnectError, match=r"not valid for 'models\.example'"):
                await client.get(f"https://{NAME}:{seen.port}/v1/models")
        assert seen.names == [NAME]
        assert seen.hosts == [], "nothing was sent"


async def test_a_certificate_of_the_address_is_refused_too(asking: Asking, authority: Authority) -> None:
    """What is connected to is 127.0.0.1; who is called is the name."""
    with serving(authority.vouch_for("127.0.0.1")) as seen:
        async with asking(authority) as client:
            with pytest.raises(httpx.ConnectError, match=r"not valid for 'models\.example'"):
                await client.get(f"https://{NAME}:{seen.port}/v1/models")
        assert seen.hosts == []


async def test_an_authority_that_nobody_knows_is_refused(asking: Asking, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "stranger").mkdir()
    with serving(authority.vouch_for(NAME)) as seen:
        async with asking(Authority(tmp_path / "stranger")) as client:
            with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
                await client.get(f"https://{NAME}:{seen.port}/v1/models")
        assert seen.hosts == []
