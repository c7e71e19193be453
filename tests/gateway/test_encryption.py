"""Nothing goes out unencrypted beyond this machine unless an admin allows it, and no certificate goes unchecked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import GearboxError, ProviderError
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway, StoreBooking
from core.providers.litellm_transport import LitellmTransport
from core.providers.probe import list_models, open_client
from core.providers.reply import Timeouts
from data.store import OwnerId
from data.values.actor import Actor
from data.values.audit import Receipt
from data.values.calls import ErrorKind
from data.values.models import Endpoint, Wire
from tests.databases import open_store
from tests.gateway.calls import KEY, ask, collect, intent, request


def certificate(folder: Path) -> Path:
    """A self-signed certificate for localhost, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextlib.contextmanager
def impostor(folder: Path, received: list[bytes]) -> Iterator[str]:
    """A TLS server whose certificate nobody vouches for; notes what it is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                    received.append(secure.recv(65536))

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}/v1"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_VERIFY", "PYTHONHTTPSVERIFY"):
        monkeypatch.setenv(name, "False")
    patience = Timeouts(connect=2, first=2, between=1, total=8)
    received: list[bytes] = []
    with impostor(tmp_path, received) as address:
        for transport, wire in ((DirectTransport(patience), Wire.OPENAI), (LitellmTransport(patience), Wire.LITELLM)):
            with pytest.raises(ProviderError) as refused:
                await ask(transport, request(address, wire=wire), KEY)
            assert refused.value.kind is ErrorKind.UNREACHABLE
            await transport.aclose()
        async with await open_client() as client:
            with pytest.raises(ProviderError):
                await list_models(address, client=client, key=KEY)
    assert received == []


async def test_an_address_that_is_not_allowed_any_more_gets_nothing(tmp_path: Path) -> None:
    opened: list[str] = []

    async def open_key(endpoint: Endpoint, actor: Actor, receipt: Receipt) -> str:
        opened.append(endpoint.id)
        return KEY

    store = open_store(f"sqlite:///{tmp_path / 'state.db'}", owner=OwnerId.current())
    transport = DirectTransport(Timeouts(connect=0.2, first=0.2))
    try:
        gateway = Gateway({Wire.OPENAI: transport}, open_key, ("192.0.2.1",))
        with pytest.raises(GearboxError, match="unencrypted"):
            await collect(gateway.stream(request("http://192.0.2.2/v1"), intent(), StoreBooking(store)))
        assert opened == []
        with pytest.raises(ProviderError):  # an address of RFC 5737, where nobody is
            await collect(gateway.stream(request("http://192.0.2.1/v1"), intent(), StoreBooking(store)))
        assert opened == ["ep1"]
    finally:
        await transport.aclose()
        store.close()
