"""What is done on a page, by HTTP and on the command line stands in the log in the same way."""

from __future__ import annotations

import getpass
import io
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.access.arrival import IDENTITY_COOKIE, Arrival
from core.access.policy import Permission
from core.api.answers import Api
from core.api.routes import api_routes
from core.config import Settings
from core.errors import AccessRefused
from core.services import Services, build
from data.values.actor import Actor, Role, Surface
from data.values.audit_search import AuditEntry, AuditFilter
from tests.audit.waiting import wait_for
from tests.cli.conftest import Gearbox
from tests.gateway.server import serve
from tests.keys.provider import Provider, running_provider

KEY, NEXT_KEY, PROMPT = "sk-canary-0123456789", "sk-canary-9876543210", "prompt-canary"
ADA_IS_AT, BOB_IS_AT, LOOPBACK = "203.0.113.5", "203.0.113.6", "127.0.0.1"
SOON = timedelta(days=3)
GRACE_HOURS = 1
SESSIONLESS = {Surface.CLI}


@dataclass
class House:
    """A running Gearbox with an admin, Ada, and a member, Bob; `seen` are the events that a test has looked at."""

    services: Services
    origin: str
    home: Path
    provider: Provider
    looker: Actor
    seen: set[tuple[str, int]] = field(default_factory=set)

    def page(self, name: str) -> Actor:
        """Who runs a page, as the frame finds out at the beginning of each run."""
        address = ADA_IS_AT if name == "ada" else BOB_IS_AT
        return self.services.actor(arrival(name, address))

    def program(self, actor: Actor, *scopes: Permission) -> Callable[..., Any]:
        """What calls the API for somebody."""
        _, token = self.services.tokens.create(actor, "program", scopes)
        client = httpx.Client(base_url=self.origin, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

        def call(method: str, path: str, status: int, **body: Any) -> Any:
            answer = client.request(method, f"/api/{path}", json=body or None, timeout=40)
            assert answer.status_code == status, answer.text
            return answer.json() if answer.headers.get("content-type") == "application/json" else None

        return call

    def fresh(self) -> list[AuditEntry]:
        """The events since the last time, the oldest first."""
        page = self.services.audit.search(self.looker, AuditFilter(), None, 200)
        new = [one for one in page.entries if (one.record.chain_id, one.record.seq) not in self.seen]
        self.seen |= {(one.record.chain_id, one.record.seq) for one in new}
        return new[::-1]

    def answers(self, endpoint_id: str) -> bool:
        """Whether a test of a connection of Ada's succeeds: Gearbox asks nobody in its first moments."""
        endpoint = self.services.connections.endpoint(self.looker, endpoint_id)
        return self.services.connection_check.run(self.looker, endpoint).ok

    def told(self, do: Callable[[], Any], who: str, where: str, surface: Surface) -> set[tuple[str, str]]:
        """Action and outcome of the events of what somebody does at once: each says who, when and from where."""
        self.fresh()
        since = datetime.now(UTC)
        do()
        until = datetime.now(UTC)
        events = [one for one in self.fresh() if (one.record.actor_id, one.record.surface) == (who, surface.value)]
        assert len({one.record.request_id for one in events}) == 1, "one request, one id"
        for one in events:
            body = json.loads(one.record.body)
            assert since <= one.record.at <= until
            assert one.address == where, one
            assert len(one.record.request_id) == 32
            assert bool(body["session"]) is (surface not in SESSIONLESS), body
            assert "canary" not in one.record.body
        return {(one.record.action, one.outcome) for one in events}


def arrival(name: str, address: str) -> Arrival:
    claims = {
        "iss": "https://login.example.org",
        "sub": name,
        "iat": datetime.now(UTC).timestamp(),
        "email": f"{name}@example.org",
        "email_verified": True,
    }
    return Arrival(cookies={IDENTITY_COOKIE: f"cookie of {name}"}, address=address, claims=claims)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    home = tmp_path / "home"
    settings = Settings(
        home=home,
        database_url="",
        kek_source="file",
        sandbox=False,
        local_discovery=False,
        warm_up=False,
        sign_in="oidc",
        inner_hosts=("127.0.0.1",),
        admins=["ada@example.org"],
    )
    with ExitStack() as stack:
        provider = stack.enter_context(running_provider())
        provider.accepted = {KEY, NEXT_KEY}
        services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
        app = Starlette(routes=api_routes(Api(lambda: services, lambda _cookies: None)))
        looker = services.actor(arrival("ada", ADA_IS_AT))
        yield House(services, stack.enter_context(serve(app)), home, provider, looker)


def done(*actions: str) -> set[tuple[str, str]]:
    return {(action, "done") for action in actions}


def test_what_is_done_on_pages(house: House) -> None:
    services, ada, bob = house.services, house.looker.user_id, house.page("bob").user_id

    def by_ada(do: Callable[[Actor], Any]) -> set[tuple[str, str]]:
        return house.told(lambda: do(house.page("ada")), ada, ADA_IS_AT, Surface.CHAT)

    made: list[Any] = []
    keys = services.keys
    assert done("key.create", "settings.change") <= by_ada(
        lambda actor: made.append(keys.add_server(actor, "Box", house.provider.base_url, KEY))
    )
    endpoint = made[0]
    secret = endpoint.secret_id
    wait_for(lambda: house.answers(endpoint.id))
    assert done("key.test") <= by_ada(lambda actor: services.connection_check.run(actor, endpoint))
    assert done("key.rotate") <= by_ada(lambda actor: keys.rotate(actor, secret, NEXT_KEY))
    assert done("key.fall_back") <= by_ada(lambda actor: keys.fall_back(actor, secret))
    assert done("key.set_expiry") <= by_ada(lambda actor: keys.set_expiry(actor, secret, datetime.now(UTC) + SOON))
    assert done("key.revoke") <= by_ada(lambda actor: keys.revoke(actor, secret, 1))
    assert done("key.remove") <= by_ada(lambda actor: keys.remove(actor, secret))
    seals = services.user_seals
    assert done("key.seal") <= by_ada(lambda actor: seals.create(actor, "canary passphrase"))
    assert done("key.unseal") <= by_ada(lambda actor: seals.unlock(actor, "canary passphrase"))
    assert done("person.roles") <= by_ada(lambda actor: services.people.set_roles(actor, bob, [Role.ANALYST]))
    assert done("settings.change") <= by_ada(lambda actor: services.preferences.save(actor, system_prompt=PROMPT))
    assert done("audit.export") <= by_ada(lambda actor: services.audit.export(actor, io.BytesIO()))
    assert done("token.create") <= by_ada(lambda actor: services.tokens.create(actor, "ci"))

    def refused() -> None:
        with pytest.raises(AccessRefused):
            services.audit.status(house.page("bob"))

    assert house.told(refused, bob, BOB_IS_AT, Surface.CHAT) == {("access.refused", "refused")}


def test_a_sign_in(house: House) -> None:
    house.fresh()
    first = arrival("carol", BOB_IS_AT)
    carol = house.services.actor(first)
    (event,) = [one for one in house.fresh() if one.record.action == "session.sign_in"]
    assert (event.record.actor_id, event.address) == (carol.user_id, BOB_IS_AT)
    assert (event.record.request_id, event.record.surface, event.outcome) == (first.request_id, "chat", "done")


def test_what_is_done_by_http(house: House) -> None:
    services, ada, bob = house.services, house.looker.user_id, house.page("bob").user_id
    of_ada = house.program(house.page("ada"), *Permission)
    of_bob = house.program(house.page("bob"), Permission.CHAT)

    def by_ada(method: str, path: str, status: int = 200, **body: Any) -> set[tuple[str, str]]:
        return house.told(lambda: made.append(of_ada(method, path, status, **body)), ada, LOOPBACK, Surface.API)

    made: list[Any] = []
    assert done("token.use", "key.create", "settings.change") <= by_ada(
        "POST", "connections", 201, label="Box", base_url=house.provider.base_url, key=KEY
    )
    connection, secret = made[-1]["id"], f"keys/{made[-1]['secret_id']}"
    wait_for(lambda: house.answers(connection))
    assert done("key.test") <= by_ada("POST", f"connections/{connection}/test")
    assert done("key.rotate") <= by_ada("POST", f"{secret}/rotate", key=NEXT_KEY, grace_hours=GRACE_HOURS)
    assert done("key.fall_back") <= by_ada("POST", f"{secret}/fall-back")
    assert done("key.set_expiry") <= by_ada(
        "PUT", f"{secret}/expiry", expires_at=(datetime.now(UTC) + SOON).isoformat()
    )
    assert done("key.revoke") <= by_ada("DELETE", f"{secret}/versions/1", 204)
    assert done("key.remove") <= by_ada("DELETE", secret, 204)
    assert done("person.roles") <= by_ada("PUT", f"people/{bob}/roles", roles=["analyst", "member"])
    assert done("audit.export") <= by_ada("POST", "audit/export", format="ocsf")
    assert done("token.create") <= by_ada("POST", "tokens", 201, name="ci")
    refused = house.told(lambda: of_bob("GET", "audit/status", 403), bob, LOOPBACK, Surface.API)
    assert ("access.refused", "refused") in refused
    assert services.audit.verify_now(house.looker).ok


def test_what_is_done_on_the_command_line(house: House, tmp_path: Path) -> None:
    bob = house.page("bob").user_id
    shell = Gearbox(house.home)
    where = f"{getpass.getuser()}@{socket.gethostname()}"

    def run(*words: str) -> set[tuple[str, str]]:
        return house.told(lambda: said.append(shell.run(*words, **oidc)), "operator", where, Surface.CLI)

    said: list[Any] = []
    oidc = {"GEARBOX_SIGN_IN": "oidc"}
    house.services.keys.add(house.page("ada"), "groq", KEY)
    told = run("vault", "rotate")
    assert done("kek.create", "kek.activate", "kek.retire", "key.rewrap") <= told, said
    assert done("person.roles") <= run("people", "grant", bob, "analyst"), said
    assert done("audit.export") <= run("audit", "export", "--output", str(tmp_path / "export.zip")), said
    assert [one.code for one in said] == [0, 0, 0]
    assert house.services.audit.verify_now(house.looker).ok
