"""Every route and page, for every role and owner: held against the routes that there are, so none can be missed."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from core.access.policy import Permission
from core.api.doors import Door, door_of
from pages.visit import Places
from tests.app.server import ROOT, AppServer
from tests.matrix.visitors import ENVIRONMENT, Visitor, run_page, words

ROLES = ("member", "analyst", "admin")
ALL, ADMIN = frozenset(ROLES), frozenset({"admin"})
ADMINS_ONLY = {
    Permission.MANAGE_SHARED_KEYS,
    Permission.MANAGE_VAULT,
    Permission.MANAGE_PEOPLE,
    Permission.MANAGE_MODELS,
    Permission.MANAGE_TOOLS,
    Permission.MANAGE_FLAGS,
    Permission.MANAGE_BUDGETS,
    Permission.MANAGE_WORKSPACE,
    Permission.MANAGE_RETENTION,
    Permission.SEE_AUDIT,
    Permission.EXPORT_EVIDENCE,
}
NEW_SERVER = {"base_url": "http://127.0.0.1:9/v1", "label": "Matrix"}
NEW_KEY = {"provider": "openai", "key": "sk-matrix-0123456789abcdef"}
TOMORROW = datetime.now(UTC) + timedelta(days=1)
PLANNED = {"starts_at": TOMORROW.isoformat(), "ends_at": (TOMORROW + timedelta(hours=1)).isoformat()}
NEW_HOLD = {"scope": "person", "subject_id": "0" * 32, "matter": "Matrix", "reason": "matrix"}  # on nobody
NEXT_KEY = {"key": "sk-matrix-fedcba9876543210"}


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a route asks for, what with, and what the id in its path names: a thing of somebody's, or nothing."""

    needs: Permission | None
    """None: whoever is signed in."""
    body: Any = None
    of: str = ""
    """`key`, `connection`, `token`, `session`: a thing that a person has. `person`, `team`: what only admins change.
    `model`: what everybody sees."""
    or_else: Permission | None = None
    """Another that will do."""
    public: bool = False
    """Whether it is open to everybody."""
    token_only: bool = False
    """Whether a browser's session does not open it."""


RULES = {
    "GET /api/openapi.json": Rule(None, public=True),
    "GET /api/docs": Rule(None, public=True),
    "GET /api/me": Rule(None),
    "GET /api/tokens": Rule(Permission.MANAGE_OWN_TOKENS),
    "POST /api/tokens": Rule(Permission.MANAGE_OWN_TOKENS, {"name": "matrix", "scopes": ["manage_own_tokens"]}),
    "DELETE /api/tokens/{token_id}": Rule(Permission.MANAGE_OWN_TOKENS, of="token"),
    "GET /api/sessions": Rule(Permission.MANAGE_OWN_SESSIONS),
    "DELETE /api/sessions/{session_id}": Rule(Permission.MANAGE_OWN_SESSIONS, of="session"),
    "GET /api/connections": Rule(Permission.CHAT),
    "POST /api/connections": Rule(Permission.MANAGE_OWN_KEYS, NEW_SERVER),
    "POST /api/connections/{endpoint_id}/test": Rule(Permission.CHAT, of="connection"),
    "DELETE /api/connections/{endpoint_id}": Rule(Permission.MANAGE_OWN_KEYS, of="connection"),
    "GET /api/keys": Rule(Permission.CHAT, or_else=Permission.MANAGE_OWN_KEYS),
    "GET /api/keys/shared": Rule(Permission.MANAGE_SHARED_KEYS),
    "POST /api/keys": Rule(Permission.MANAGE_OWN_KEYS, NEW_KEY),
    "POST /api/keys/{secret_id}/rotate": Rule(Permission.MANAGE_OWN_KEYS, NEXT_KEY, "key"),
    "POST /api/keys/{secret_id}/fall-back": Rule(Permission.MANAGE_OWN_KEYS, of="key"),
    "PUT /api/keys/{secret_id}/expiry": Rule(Permission.MANAGE_OWN_KEYS, {"expires_at": None}, "key"),
    "DELETE /api/keys/{secret_id}/versions/{version:int}": Rule(Permission.MANAGE_OWN_KEYS, of="key"),
    "DELETE /api/keys/{secret_id}": Rule(Permission.MANAGE_OWN_KEYS, of="key"),
    "GET /api/people": Rule(Permission.MANAGE_PEOPLE),
    "PUT /api/people/{person_id}/roles": Rule(Permission.MANAGE_PEOPLE, {"roles": ["member"]}, "person"),
    "POST /api/people/{person_id}/deactivate": Rule(Permission.MANAGE_PEOPLE, of="person"),
    "POST /api/people/{person_id}/activate": Rule(Permission.MANAGE_PEOPLE, of="person"),
    "DELETE /api/people/{person_id}/sessions": Rule(Permission.MANAGE_PEOPLE, of="person"),
    "DELETE /api/people/{person_id}": Rule(Permission.MANAGE_PEOPLE, of="person"),
    "GET /api/teams": Rule(Permission.MANAGE_PEOPLE),
    "POST /api/teams": Rule(Permission.MANAGE_PEOPLE, {"name": "Matrix"}),
    "PUT /api/teams/{team_id}": Rule(Permission.MANAGE_PEOPLE, {"name": "Matrices"}, "team"),
    "DELETE /api/teams/{team_id}": Rule(Permission.MANAGE_PEOPLE, of="team"),
    "PUT /api/teams/{team_id}/members/{person_id}": Rule(Permission.MANAGE_PEOPLE, of="team"),
    "DELETE /api/teams/{team_id}/members/{person_id}": Rule(Permission.MANAGE_PEOPLE, of="team"),
    "GET /api/vault": Rule(Permission.MANAGE_VAULT),
    "POST /api/vault/rotate": Rule(Permission.MANAGE_VAULT, {}),
    "GET /api/audit/events": Rule(Permission.SEE_AUDIT),
    "GET /api/audit/status": Rule(Permission.SEE_AUDIT),
    "POST /api/audit/verify": Rule(Permission.SEE_AUDIT, {}),
    "POST /api/audit/export": Rule(Permission.SEE_AUDIT, {}),
    "GET /api/audit/public-key": Rule(Permission.SEE_AUDIT),
    "GET /metrics": Rule(Permission.SEE_METRICS),
    "GET /api/evidence": Rule(Permission.EXPORT_EVIDENCE),
    "POST /api/chat": Rule(
        Permission.CHAT,
        {"messages": [{"role": "user", "parts": [{"type": "text", "text": "hello"}]}], "model": "openai/never-was"},
        token_only=True,
    ),
    "GET /api/v1/providers": Rule(Permission.CHAT),
    "GET /api/v1/capabilities": Rule(Permission.CHAT),
    "GET /api/v1/models": Rule(Permission.CHAT),
    "POST /api/v1/models": Rule(Permission.MANAGE_MODELS, {"provider": "openai", "name": "matrix"}),
    "POST /api/v1/models/{model_id:path}/probe": Rule(Permission.CHAT, of="model"),
    "GET /api/v1/models/{model_id:path}": Rule(Permission.CHAT, of="model"),
    "PUT /api/v1/models/{model_id:path}/enabled": Rule(Permission.MANAGE_MODELS, {"enabled": True}, "model"),
    "GET /api/v1/access-rules": Rule(Permission.MANAGE_PEOPLE),
    "PUT /api/v1/access-rules/organisation": Rule(Permission.MANAGE_PEOPLE, {"models": None, "tools": None}),
    "PUT /api/v1/access-rules/teams/{team_id}": Rule(Permission.MANAGE_PEOPLE, {"models": None, "tools": None}, "team"),
    "GET /api/v1/access-rules/people/{person_id}": Rule(Permission.MANAGE_PEOPLE, of="person"),
    "PUT /api/v1/access-rules/people/{person_id}": Rule(
        Permission.MANAGE_PEOPLE, {"models": None, "tools": None}, "person"
    ),
    "GET /api/v1/flags": Rule(Permission.MANAGE_FLAGS),
    "GET /api/v1/flags/{flag_key}": Rule(Permission.MANAGE_FLAGS, of="flag"),
    "PUT /api/v1/flags/{flag_key}": Rule(Permission.MANAGE_FLAGS, {"default": "on"}, "flag"),
    "POST /api/v1/flags/{flag_key}/state": Rule(Permission.MANAGE_FLAGS, {"state": "on", "why": "matrix"}, "flag"),
    "POST /api/v1/flags/{flag_key}/revert": Rule(Permission.MANAGE_FLAGS, {"version": 0, "why": "matrix"}, "flag"),
    "GET /api/v1/flags/{flag_key}/history": Rule(Permission.MANAGE_FLAGS, of="flag"),
    "GET /api/v1/flags/{flag_key}/evaluate": Rule(Permission.MANAGE_FLAGS, of="flag"),
    "GET /api/v1/alerts": Rule(Permission.MANAGE_ALERTS),
    "GET /api/v1/alert-history": Rule(Permission.MANAGE_ALERTS),
    "GET /api/v1/alerts/{alert_id}": Rule(Permission.MANAGE_ALERTS, of="alert"),
    "POST /api/v1/alerts/{alert_id}/acknowledge": Rule(Permission.MANAGE_ALERTS, of="alert"),
    "GET /api/v1/alert-rules": Rule(Permission.MANAGE_ALERTS),
    "PATCH /api/v1/alert-rules/{rule_key}": Rule(Permission.MANAGE_ALERTS, {"version": 0}, "rule"),
    "POST /api/v1/alert-rules/{rule_key}/test": Rule(Permission.MANAGE_ALERTS, of="rule"),
    "GET /api/v1/alert-channels": Rule(Permission.MANAGE_ALERTS),
    "POST /api/v1/alert-channels/{channel_id}/test": Rule(Permission.MANAGE_ALERTS, of="channel"),
    "GET /api/v1/alert-silences": Rule(Permission.MANAGE_ALERTS),
    "POST /api/v1/alert-silences": Rule(Permission.MANAGE_ALERTS, {"ends_at": "2100-01-01T00:00:00Z", "why": "x"}),
    "DELETE /api/v1/alert-silences/{silence_id}": Rule(Permission.MANAGE_ALERTS, of="silence"),
    "GET /api/v1/announcements": Rule(Permission.MANAGE_WORKSPACE),
    "POST /api/v1/announcements": Rule(Permission.MANAGE_WORKSPACE, {"words": "Mind the matrix."}),
    "PUT /api/v1/announcements/{announcement_id}": Rule(
        Permission.MANAGE_WORKSPACE, {"words": "Mind it.", "version": 1}, "announcement"
    ),
    "POST /api/v1/announcements/{announcement_id}/end": Rule(Permission.MANAGE_WORKSPACE, of="announcement"),
    "DELETE /api/v1/announcements/{announcement_id}": Rule(Permission.MANAGE_WORKSPACE, of="announcement"),
    "GET /api/v1/maintenance": Rule(Permission.MANAGE_WORKSPACE),
    "PUT /api/v1/maintenance": Rule(Permission.MANAGE_WORKSPACE, PLANNED),
    "DELETE /api/v1/maintenance": Rule(Permission.MANAGE_WORKSPACE),
    "GET /api/v1/retention": Rule(Permission.MANAGE_RETENTION),
    "POST /api/v1/retention/{kind}/preview": Rule(Permission.MANAGE_RETENTION, {"days": 9}, "kind"),
    "PUT /api/v1/retention/{kind}": Rule(Permission.MANAGE_RETENTION, {"days": 9}, "kind"),
    "DELETE /api/v1/retention/{kind}": Rule(Permission.MANAGE_RETENTION, of="kind"),
    "GET /api/v1/holds": Rule(Permission.MANAGE_RETENTION),
    "POST /api/v1/holds": Rule(Permission.MANAGE_RETENTION, NEW_HOLD),
    "GET /api/v1/holds/{hold_id}": Rule(Permission.MANAGE_RETENTION, of="hold"),
    "POST /api/v1/holds/{hold_id}/release": Rule(Permission.MANAGE_RETENTION, of="hold"),
    "POST /api/v1/holds/{hold_id}/export": Rule(Permission.MANAGE_RETENTION, of="hold"),
    "GET /api/v1/receipts": Rule(Permission.MANAGE_RETENTION),
    "GET /api/v1/receipts/{receipt_id}": Rule(Permission.MANAGE_RETENTION, of="receipt"),
    "DELETE /api/v1/models/{model_id:path}": Rule(Permission.MANAGE_MODELS, of="model"),
}
OWNED = [name for name, rule in RULES.items() if rule.of in {"key", "connection", "token", "session"}]
CLOSED = [name for name, rule in RULES.items() if not rule.public]
FOR_ADMINS = [name for name, rule in RULES.items() if rule.needs in ADMINS_ONLY]


def each_with(names: Iterable[str], roles: Sequence[str]) -> list[ParameterSet]:
    """Every name with one of the roles in turn; the campaign has all pairs."""
    return [
        pytest.param(name, role, marks=[] if turn == number % len(roles) else pytest.mark.campaign)
        for number, name in enumerate(names)
        for turn, role in enumerate(roles)
    ]


# The page that opens first is at the root.
PAGES = {
    "chat": ALL,
    "compare": ALL,
    "models": ALL,
    "tools": ALL,
    "usage": ALL,
    "performance": frozenset({"analyst", "admin"}),
    "people": frozenset({"analyst", "admin"}),
    "quality": frozenset({"analyst", "admin"}),
    "explore": frozenset({"analyst", "admin"}),
    "settings": ALL,
    "flags": ADMIN,
    "audit": ADMIN,
    "admin": ADMIN,
    "alerts": ADMIN,
}
# Streamlit's own and ours outside /api, as the server lists them: what each needs.
OTHERS = {
    "/healthz": Door.OPEN,
    "/readyz": Door.OPEN,
    "/_stcore/health": Door.OPEN,
    "/_stcore/metrics": Door.CLOSED,
    "/_stcore/host-config": Door.OPEN,
    "/media/{file_id:path}": Door.MEDIA,
    "/_stcore/upload_file/{session_id}/{file_id}": Door.UPLOAD,
    "/component/{path:path}": Door.SIGNED_IN,
    "/_stcore/bidi-components/{path:path}": Door.SIGNED_IN,
    "/_stcore/stream": Door.STREAM,
    "/auth/login": Door.OPEN,
    "/auth/logout": Door.SIGN_OUT,
    "/oauth2callback": Door.OPEN,
    "/v1/models": Door.API,
    "/v1/models/{model_id:path}": Door.API,
    "/v1/chat/completions": Door.API,
    "/v1/embeddings": Door.API,
    "/v1/images/generations": Door.API,
    "/v1/images/edits": Door.API,
    "/v1/rerank": Door.API,
    "/v1/videos": Door.API,
    "/v1/videos/{video_id}": Door.API,
    "/v1/videos/{video_id}/content": Door.API,
    "/v1/audio/speech": Door.API,
    "/v1/audio/transcriptions": Door.API,
    "/v1/{rest:path}": Door.API,
    "": Door.PAGE,
}


@pytest.fixture(scope="module")
def served() -> list[tuple[str, list[str]]]:
    """Every route of the application that serves, as its own table has them: path and methods."""
    listing = (
        "import json; from app import app;"
        "print(json.dumps([[r.path, sorted(getattr(r, 'methods', None) or [])]"
        " for r in app._build_starlette_app().routes]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return [(path, methods) for path, methods in json.loads(run.stdout)]


def test_every_api_route_has_a_rule(served: list[tuple[str, list[str]]]) -> None:
    asked = [
        f"{method} {path}"
        for path, methods in served
        if path.startswith(("/api", "/metrics")) and path != "/metrics/{rest:path}"
        for method in methods
        if method != "HEAD"
    ]
    assert sorted(asked) == sorted(RULES)


def test_the_api_s_page_tells_of_every_route_and_what_it_needs() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([A-Z]+ /(?:api/|metrics)[^`]*)` \| (.+?) \|", page, re.MULTILINE))
    needs = {
        name: " or ".join(f"`{each}`" for each in (rule.needs, rule.or_else) if each)
        or ("nothing" if rule.public else "session")
        for name, rule in RULES.items()
    }
    assert told == needs


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_where_there_is_no_route_the_api_says_so_in_its_own_words(url: str, method: str) -> None:
    """Not with the page that people get for an unknown path, nor in plain text."""
    of_path: dict[str, set[str]] = {"/api": set(), "/api/": set(), "/api/never/was": set(), "/api/keys/": set()}
    for name in RULES:
        known, path = name.split(" ")
        of_path.setdefault(filled(path, MISSING), set()).update({known, "HEAD"} if known == "GET" else {known})
    of_path["/api/keys/shared"].add("DELETE")  # the key by this id, which nobody has
    # A model whose id ends in a word that is also a part of a path.
    for word in ("enabled", "probe"):
        of_path[filled(f"/api/v1/models/{{model_id:path}}/{word}", MISSING)] |= {"GET", "HEAD", "DELETE"}
    for path, methods in of_path.items():
        if method in methods:
            continue
        answer = Visitor(url).ask(method, path)
        assert answer.status_code == (405 if methods else 404), path
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.headers.get("allow", "").replace(" ", "").split(",")) == (methods or {""})
        if method != "HEAD":
            assert set(answer.json()["error"]) == {"message", "remedy"}


def test_the_document_tells_of_every_route_and_what_it_needs(url: str, served: list[tuple[str, list[str]]]) -> None:
    """Against the server's own table, so that none can be missed, and against the rules above."""
    document = Visitor(url).ask("GET", "/api/openapi.json").json()
    told = {
        f"{method.upper()} {path}": each for path, item in document["paths"].items() for method, each in item.items()
    }
    routes = {
        f"{method} {re.sub(r':[a-z]+}', '}', path)}"
        for path, methods in served
        if path.startswith(("/api/", "/v1/", "/healthz", "/readyz", "/metrics")) and "{rest:path}" not in path
        for method in methods
        if method != "HEAD"
    }
    assert set(told) == routes
    for name, rule in RULES.items():
        operation = told[re.sub(r":[a-z]+}", "}", name)]
        needs = [[each] for each in (rule.needs, rule.or_else) if each] or [[]]
        opened_by = ("token",) if rule.token_only else ("token", "session")
        ways = [] if rule.public else [{way: need} for way in opened_by for need in needs]
        assert operation["security"] == ways, name
        assert operation["summary"], name
    assert {str(each["security"]) for name, each in told.items() if " /v1/" in name} == {"[{'token': ['chat']}]"}


def test_every_other_route_of_the_server_is_known_and_has_its_door(served: list[tuple[str, list[str]]]) -> None:
    paths = {path for path, _methods in served if not path.startswith(("/api", "/metrics"))} - {"/sandbox/v1"}
    agent = {path for path in paths if path.startswith("/_stcore/") and path not in OTHERS}
    assert all(door_of(path) is Door.CLOSED for path in agent), agent
    assert paths - agent == set(OTHERS)
    assert {path: door_of(path) for path in OTHERS} == OTHERS
    assert door_of("/sandbox/v1/models") is Door.SANDBOX


def test_every_page_has_a_rule() -> None:
    assert {field.name for field in dataclasses.fields(Places)} == set(PAGES)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("matrix") / "home"
    with AppServer(home, environment=ENVIRONMENT, uvicorn=True) as server:
        yield server.url


@pytest.fixture(scope="module")
def visitors(url: str) -> dict[str, Visitor]:
    return {role: Visitor(url, f"one-{role}", role).come_in() for role in ROLES}


@pytest.fixture(scope="module")
def ann(url: str) -> Visitor:
    return Visitor(url, "ann", "member").come_in()


def filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}:path}}", value)
    return path.replace("{version:int}", "1")


def things(of: Visitor) -> dict[str, str]:
    """A key, a token and a session of a person's, made anew."""
    key = of.ask("POST", "/api/keys", json=NEW_KEY)
    assert key.status_code == 201, key.text
    token = of.ask("POST", "/api/tokens", json={"name": "thing"}).json()["card"]["id"]
    spare = Visitor(of.url, of.name, of.roles).come_in()
    session = next(each["id"] for each in spare.ask("GET", "/api/sessions").json() if each["is_this"])
    made = key.json()
    return {"endpoint_id": made["id"], "secret_id": made["secret_id"], "token_id": token, "session_id": session}


MISSING = {
    "endpoint_id": "0" * 32,
    "secret_id": "0" * 32,
    "token_id": "0" * 32,
    "session_id": "0" * 64,
    "person_id": "0" * 32,
    "team_id": "0" * 32,
    "model_id": "openai/never-was",
    "flag_key": "never-was",
    "alert_id": "0" * 32,
    "rule_key": "never-was",
    "channel_id": "0" * 32,
    "silence_id": "0" * 32,
    "announcement_id": "0" * 32,
    "kind": "never-was",
    "hold_id": "0" * 32,
    "receipt_id": "0" * 32,
}


@pytest.fixture(scope="module")
def ended(url: str) -> Visitor:
    return Visitor(url, "was-admin", "admin").ended()


@pytest.mark.parametrize("name", CLOSED)
def test_nobody_gets_nothing(url: str, ended: Visitor, name: str) -> None:
    """Nor does whoever signed out, or makes a token up."""
    method, path = name.split(" ")
    forged = {"Authorization": "Bearer gbx_" + "A" * 43}
    for visitor, headers in [(Visitor(url), {}), (Visitor(url), forged), (ended, {})]:
        answer = visitor.ask(method, filled(path, MISSING), json=RULES[name].body, headers=headers)
        assert answer.status_code == 401


@pytest.mark.parametrize(("name", "role"), each_with(FOR_ADMINS, ["member", "analyst"]))
def test_what_is_for_admins_is_refused_to_everybody_else(
    visitors: dict[str, Visitor], ann: Visitor, role: str, name: str
) -> None:
    method, path = name.split(" ")
    existing = MISSING | {"person_id": ann.ask("GET", "/api/me").json()["id"]}
    refusals = [
        words(visitors[role].ask(method, filled(path, ids), json=RULES[name].body)) for ids in (MISSING, existing)
    ]
    assert refusals[0][0] == 403
    assert refusals[0] == refusals[1], "the refusal tells nothing of what there is"


@pytest.mark.parametrize(("name", "role"), each_with(OWNED, ROLES))
def test_another_s_thing_looks_like_one_that_is_not_there(
    visitors: dict[str, Visitor], ann: Visitor, role: str, name: str
) -> None:
    method, path = name.split(" ")
    rule, own = RULES[name], things(ann)
    missing = words(visitors[role].ask(method, filled(path, MISSING), json=rule.body))
    foreign = words(visitors[role].ask(method, filled(path, own), json=rule.body))
    assert missing[0] == 404
    if role == "admin" and rule.of in {"token", "session"}:
        assert foreign[0] == 204, "who manages people may end what they came in with"
        return
    assert foreign == missing
    mine = ann.ask(method, filled(path, own), json=rule.body)
    assert mine.status_code in {200, 204} or (mine.status_code == 400 and path.endswith("fall-back")), mine.text


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_its_roles_and_is_not_there_for_others(
    visitors: dict[str, Visitor], role: str, page: str
) -> None:
    with visitors[role].websocket() as connection:
        drawn = run_page(connection, "" if page == "chat" else page)
    assert drawn.exists is (role in PAGES[page])
    if not drawn.exists:
        with visitors[role].websocket() as connection:
            assert not run_page(connection, "never-was").exists


def test_lists_have_nothing_of_anybody_else(visitors: dict[str, Visitor], ann: Visitor) -> None:
    own = set(things(ann).values())
    for visitor in visitors.values():
        for path in ("/api/keys", "/api/tokens", "/api/sessions"):
            assert not any(thing in visitor.ask("GET", path).text for thing in own)


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("scope", Permission)
def test_a_token_opens_only_what_its_scope_says(visitors: dict[str, Visitor], scope: Permission, every: int) -> None:
    """An admin's token of one scope, at everything: what it must not do with the admin's own things, it does not."""
    admin = visitors["admin"]
    own = MISSING | things(admin)
    made = admin.ask("POST", "/api/tokens", json={"name": scope, "scopes": [scope]}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}

    def asked(name: str, ids: dict[str, str]) -> int:
        method, path = name.split(" ")
        return Visitor(admin.url).ask(method, filled(path, ids), json=RULES[name].body, headers=bearer).status_code

    # Each scope begins at another route, so that together they touch every one.
    asked_for = list(RULES)[list(Permission).index(scope) % every :: every]
    fitting = [name for name, rule in RULES.items() if rule.needs in {None, scope} or (rule.or_else is scope)]
    closed = [name for name in RULES if name not in fitting and name in asked_for]
    answers = {name: asked(name, own) for name in closed}
    if scope is Permission.MANAGE_PEOPLE:
        # Who manages people may end what anybody came in with, so a thing that is not there may be told apart.
        assert {asked(name, MISSING) for name in OWNED if RULES[name].of in {"token", "session"}} == {404}
    assert set(answers.values()) <= {403, 404}, answers
    assert {name: status for name, status in answers.items() if status == 404 and name not in OWNED} == {}
    kept = {path: admin.ask("GET", path).text for path in ("/api/keys", "/api/tokens", "/api/sessions")}
    assert own["secret_id"] in kept["/api/keys"]
    assert own["token_id"] in kept["/api/tokens"]
    assert own["session_id"] in kept["/api/sessions"]
    opened = {name: asked(name, MISSING) for name in fitting}
    assert not {401, 403} & set(opened.values()), opened
