"""KEKs in a transit engine, and on the way from one source to the next."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from core.config import Settings
from core.errors import ConfigError, WrongKek
from core.vault.kek import new_kek
from core.vault.kek_transit import TransitKek
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from core.vault.vault import Vault
from data.store import Store
from data.values.keks import KekState
from tests.gateway.server import serve
from tests.gateway.test_encryption import impostor
from tests.rotation.places import ADMIN, Place
from tests.vault.conftest import Clock, MemoryKeyring
from tests.vault.transit_server import TransitServer


@pytest.fixture
def server() -> TransitServer:
    return TransitServer()


@pytest.fixture
def origin(server: TransitServer) -> Iterator[str]:
    with serve(server.app) as origin:
        yield origin


def source(
    origin: str, *, mount: str = "transit", key: str = "gearbox", token: str = "", file: Path | None = None
) -> TransitKek:
    return TransitKek(origin, mount, key, token or TransitServer().token, file)


def test_the_server_makes_keks_and_only_it_opens_them(server: TransitServer, origin: str) -> None:
    engine = source(origin)
    made = engine.create(1)
    assert made.wrapped is not None
    assert made.wrapped.startswith(b"vault:v1:")
    assert base64.b64encode(made.material) not in made.wrapped
    assert engine.load(1, made.wrapped) == source(origin).load(1, made.wrapped) == (made.material,)
    assert engine.load(1) == (), "there is nothing to ask for"
    assert engine.create(1).material != made.material
    server.add_key("gearbox")
    newer = engine.create(2)
    assert (newer.wrapped or b"").startswith(b"vault:v2:")
    assert engine.load(1, made.wrapped) == (made.material,), "a new version of the server's key changes nothing"
    assert engine.destroy(1)
    assert f"{origin} (mount transit, key gearbox)" in engine.place(1)
    assert set(server.asked) == {"transit/datakey/plaintext/gearbox", "transit/decrypt/gearbox"}


def test_the_mount_may_lie_in_a_namespace(server: TransitServer, origin: str) -> None:
    server.mount = "team-a/transit"
    engine = source(origin, mount="/team-a/transit/")
    made = engine.create(1)
    assert engine.load(1, made.wrapped) == (made.material,)


def test_a_token_file_is_read_anew_and_the_environments_proxies_see_nothing(
    server: TransitServer, origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "token").write_text(f"{server.token}\n")
    engine = source(origin, file=tmp_path / "token")
    made = engine.create(1)
    server.token = "s.renewed-canary-token"
    (tmp_path / "token").write_text(server.token)
    assert engine.load(1, made.wrapped) == (made.material,)


def seal(server: TransitServer) -> None:
    server.sealed = True


def another_token(server: TransitServer) -> None:
    server.token = "s.another"


def lose_key(server: TransitServer) -> None:
    server.keys.clear()


def another_key(server: TransitServer) -> None:
    server.keys.clear()
    server.add_key("gearbox")


def unmount(server: TransitServer) -> None:
    server.mount = "elsewhere"


def forbid_old(server: TransitServer) -> None:
    server.oldest_allowed = 2


def instead(answer: Callable[[Request], Response]) -> Callable[[TransitServer], None]:
    return lambda server: setattr(server, "instead", answer)


def echo(request: Request) -> Response:
    return JSONResponse({"errors": [f"bad token {request.headers['X-Vault-Token']} \x1b[31m{'x' * 5000}"]}, 403)


@pytest.mark.parametrize(
    ("harm", "says", "remedy"),
    [
        (another_token, "refused the token (HTTP 403): permission denied", "`update` on datakey/plaintext"),
        (seal, "is sealed or down for maintenance (HTTP 503): Vault is sealed", "Unseal"),
        (lose_key, "(HTTP 400): encryption key not found", "GEARBOX_TRANSIT_KEY"),
        (another_key, "(HTTP 400): cipher: message authentication failed", "GEARBOX_TRANSIT_KEY"),
        (forbid_old, "(HTTP 400): ciphertext or signature version is disallowed", "version of it is still allowed"),
        (unmount, "knows no such engine or key (HTTP 404)", "GEARBOX_TRANSIT_MOUNT"),
        (instead(lambda _: RedirectResponse("http://127.0.0.1:9/v1/")), "is a standby (HTTP 307)", "active server"),
        (instead(lambda _: PlainTextResponse("It works!")), "not a transit engine", "GEARBOX_TRANSIT_URL"),
        (instead(lambda _: JSONResponse({"data": []})), "not a transit engine", "GEARBOX_TRANSIT_URL"),
        (instead(lambda _: JSONResponse({"data": {"plaintext": "c2hvcnQ="}})), "not a transit", "GEARBOX_TRANSIT_URL"),
        (instead(lambda _: Response(b"no", headers={"content-encoding": "gzip"})), "can't be reached", "_TRANSIT_URL"),
        (instead(echo), "refused the token (HTTP 403): bad token ***", "Renew"),
    ],
)
def test_what_the_server_refuses_has_its_reason_and_a_remedy(
    server: TransitServer, origin: str, harm: Callable[[TransitServer], None], says: str, remedy: str
) -> None:
    engine = source(origin)
    made = engine.create(1)
    token = server.token
    harm(server)
    with pytest.raises(WrongKek) as refused:
        engine.load(1, made.wrapped)
    told = refused.value.explain()
    assert says in told
    assert remedy in refused.value.remedy
    assert len(told) < 600
    assert told.replace("\n", " ").isprintable(), "no control characters for the terminal"
    for secret in (token, base64.b64encode(made.material).decode(), (made.wrapped or b"").decode()):
        assert secret not in told
        assert secret not in repr(made)


def test_a_server_that_is_down_and_a_token_that_is_none_are_plain_errors(tmp_path: Path) -> None:
    with serve(TransitServer().app) as origin:
        pass
    wrapped = b"vault:v1:AAAA"
    with pytest.raises(WrongKek, match=r"can't be reached \(ConnectError\)"):
        source(origin).load(1, wrapped)
    with pytest.raises(WrongKek, match="GEARBOX_TRANSIT_TOKEN_FILE can't be read"):
        source(origin, file=tmp_path / "missing").load(1, wrapped)
    for token in ("", "two\nlines", "tök"):
        (tmp_path / "token").write_text(token)
        with pytest.raises(WrongKek, match="no token") as refused:
            source(origin, file=tmp_path / "token").load(1, wrapped)
        assert not token or token not in refused.value.explain()


def test_a_redirect_takes_the_token_nowhere(server: TransitServer, origin: str) -> None:
    thief = TransitServer()
    with serve(thief.app) as elsewhere:
        server.instead = lambda request: RedirectResponse(f"{elsewhere}{request.url.path}")
        with pytest.raises(WrongKek):
            source(origin).create(1)
    assert thief.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_VERIFY", "PYTHONHTTPSVERIFY", "VAULT_SKIP_VERIFY", "BAO_SKIP_VERIFY"):
        monkeypatch.setenv(name, {"VAULT_SKIP_VERIFY": "true", "BAO_SKIP_VERIFY": "true"}.get(name, "0"))
    received: list[bytes] = []
    with impostor(tmp_path, received) as address:
        origin = address.removesuffix("/v1")
        with pytest.raises(WrongKek, match="certificate") as refused:
            source(origin).create(1)
        assert "SSL_CERT_FILE" in refused.value.remedy
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
        with pytest.raises(WrongKek, match="certificate"):  # trusted now, but for another name
            source(origin.replace("localhost", "127.0.0.1")).create(1)
        assert received == []
        with pytest.raises(WrongKek, match="can't be reached"):  # the right name: it listens, and never answers
            source(origin).create(1)
        assert received[0].startswith(b"POST /v1/transit/datakey/plaintext/gearbox")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "not the address"),
        ("vault.example:8200", "not the address"),
        ("ftp://vault.example", "not the address"),
        ("https://", "not the address"),
        ("https://host:99999", "not the address"),
        ("https://[::1", "not the address"),
        ("https://user:pw-5d2e@vault.example", "not the address"),
        ("https://:pw-5d2e@vault.example", "not the address"),
        ("https://vault.example/?token=pw-5d2e", "not the address"),
        ("http://vault.example:8200", "plain http"),
        ("http://10.0.0.1:8200", "plain http"),
        ("http://127.0.0.1.nip.io:8200", "plain http"),
        ("http://localhost.evil.example", "plain http"),
    ],
)
def test_an_address_that_would_not_do_is_refused_before_anything_is_sent(url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        source(url)
    assert "https://" in refused.value.remedy
    assert "GEARBOX_TRANSIT_URL" in refused.value.explain()
    assert "5d2e" not in refused.value.explain()


@pytest.mark.parametrize("url", ["http://localhost:8200", "http://[::1]:8200", "https://vault.example/"])
def test_loopback_and_https_may_be_asked(url: str) -> None:
    assert url.rstrip("/") in source(url).place(1)


@pytest.mark.parametrize(("mount", "key"), [("", "gearbox"), ("/", "gearbox"), ("transit", "")])
def test_without_a_mount_and_a_key_there_is_nothing_to_ask(mount: str, key: str) -> None:
    with pytest.raises(ConfigError, match="GEARBOX_TRANSIT_KEY"):
        source("https://vault.example", mount=mount, key=key)


def test_keys_open_on_the_whole_way_from_one_source_to_the_next(
    settings: Settings, store: Store, clock: Clock, origin: str
) -> None:
    keyring = MemoryKeyring()
    everywhere = settings.model_copy(
        update={"transit_url": origin, "transit_token": TransitServer().token, "kek": f"{new_kek()} {new_kek()}"}
    )

    def sleep(seconds: float) -> None:
        clock.forward(timedelta(seconds=seconds))

    def process() -> Place:
        ring = KekRing.open(store, everywhere, clock, lambda: keyring)
        vault = Vault(store, ring, clock)
        return Place(store, ring, vault, KekRotator(store, ring, clock, sleep))

    here, there = process(), process()
    here.put(3)
    for kek_id, name in enumerate(("transit", "environment", "keyring", "transit", "file"), start=2):
        done = here.rotator.run(ADMIN, source=name, destroy=True)
        (record,) = store.keks.all()
        assert (record.kek_id, record.state, record.source) == (done.to_kek, KekState.ACTIVE, name)
        assert (record.kek_id, record.wrapped is not None) == (kek_id, name == "transit")
        assert len(list(settings.home.glob("*.kek"))) == (name == "file"), (
            "the one before is destroyed where it was kept"
        )
        assert len(keyring.entries) == (name == "keyring")
        for place in (here, there, process()):
            assert place.opens(here.keys)
        here.put(1)


def test_a_rotation_into_a_server_that_refuses_is_given_up_and_nothing_moved(
    settings: Settings, store: Store, clock: Clock, server: TransitServer, origin: str
) -> None:
    chosen = settings.model_copy(update={"transit_url": origin, "transit_token": server.token})
    ring = KekRing.open(store, chosen, clock, lambda: None)
    here = Place(store, ring, Vault(store, ring, clock), KekRotator(store, ring, clock, sleep=lambda _seconds: None))
    here.put(2)
    server.sealed = True
    with pytest.raises(WrongKek, match="sealed"):
        here.rotator.run(ADMIN, source="transit")
    assert [(record.kek_id, record.state) for record in store.keks.all()] == [(1, KekState.ACTIVE)]
    server.sealed = False
    assert here.rotator.run(ADMIN, source="transit").from_kek == 1
    server.sealed = True
    assert here.opens(here.keys), "what is open stays open"
    with pytest.raises(WrongKek, match="sealed"):
        KekRing.open(store, chosen, clock, lambda: None)
