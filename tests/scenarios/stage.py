"""A whole Gearbox over real HTTP, and a person who chats with priced models of a server of their own.

That server is the sandbox under another name and with a key, so there are costs to be added up. Gearbox's own sandbox
stands beside it, for who switches to that. Both write down what they are asked. When and how they fail is up to the
servers, so that prompts are as people write them.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Received

from core.chat.attachments import Attachment
from core.chat.live import LiveTurn
from core.config import Settings
from core.sandbox import sandbox_app
from core.services import Services, build
from data.values.actor import Actor
from data.values.messages import Message
from data.values.parts import Part, StepPart, every
from data.values.plans import Action
from data.values.registry import Category
from tests.gateway.server import serve

SOON = 60.0
NOTHING: Mapping[str, str] = MappingProxyType({})
CHAT, OTHER_CHAT, PLAYING = "studio/scripted", "studio/scripted-no-tools", "sandbox/scripted"
KEY = "sk-scenarios-0123456789abcdef"

_MODELS: tuple[tuple[str, Category, dict[str, str]], ...] = (
    ("scripted", Category.CHAT, {"input_per_million": "2", "output_per_million": "10"}),
    ("scripted-no-tools", Category.CHAT, {"input_per_million": "1", "output_per_million": "4"}),
    ("scripted-image", Category.PICTURES, {"per_image": "0.04"}),
    ("scripted-image-2", Category.PICTURES, {"per_image": "0.07"}),
    ("scripted-speech", Category.SPEAK, {"per_second": "0.0001"}),
    ("scripted-speech-2", Category.SPEAK, {"per_second": "0.0003"}),
    ("scripted-video", Category.VIDEO, {"per_second": "0.01"}),
)
_OPERATIONS = {
    "/chat/completions": "chat",
    "/images/generations": "draw",
    "/images/edits": "edit",
    "/audio/speech": "speak",
    "/audio/transcriptions": "transcribe",
    "/videos": "film",
}


@dataclass(frozen=True)
class Asked:
    """One request that came to a server: what it was for, and its body."""

    what: str
    body: bytes

    @property
    def words(self) -> str:
        """The body as text; of JSON its strings as they are read."""
        if self.body[:1] == b"{":
            return self.body.decode().encode().decode("unicode_escape", "replace")
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Call:
    """One call in the books; one that Gearbox's own memory answered `was_kept`, and nobody was asked."""

    id: str
    model: str
    modality: str
    status: str
    cost: Decimal | None
    was_kept: bool


@dataclass(frozen=True)
class Told:
    """A turn that has ended, its reply as it is stored, what was asked of servers for it, and its calls of before."""

    turn: LiveTurn
    reply: Message
    asked: Sequence[Asked] = ()
    calls_before: frozenset[str] = frozenset()

    @property
    def conversation_id(self) -> str:
        return self.turn.begun.conversation_id

    @property
    def steps(self) -> list[StepPart]:
        return [part for part in self.reply.parts if isinstance(part, StepPart)]

    @property
    def shape(self) -> str:
        """Its steps in short, in the order in which they are read: `write draw<write speak<write`."""
        actions = {part.step.id: part.step.action.value for part in self.steps}
        return " ".join(
            part.step.action + "".join(f"<{actions[used]}" for used in part.step.uses) for part in self.steps
        )

    @property
    def states(self) -> list[str]:
        return [part.state.value for part in self.steps]

    def of(self, *actions: Action) -> list[StepPart]:
        return [part for part in self.steps if part.step.action in actions]

    def gave(self, kind: type[Part]) -> list[Any]:
        return [part for part in every(self.reply.parts) if isinstance(part, kind)]


@dataclass
class Servers:
    """What the servers were asked, and what they are to do: orders of `docs/sandbox.md`, by what they are asked for."""

    asked: list[Asked] = field(default_factory=list)
    orders: Mapping[str, str] = field(default_factory=dict)


class Stage:
    """What a person does here. `orders` of a prompt hold until the next one."""

    def __init__(self, services: Services, servers: Servers) -> None:
        self.services = services
        self.actor: Actor = services.actor()
        self.servers = servers

    @property
    def asked(self) -> list[Asked]:
        return self.servers.asked

    def send(
        self,
        prompt: str,
        conversation_id: str | None = None,
        *,
        model: str = CHAT,
        files: Sequence[Attachment] = (),
        orders: Mapping[str, str] = NOTHING,
    ) -> LiveTurn:
        self.servers.orders = orders
        self._forgive()
        preferences = self.services.preferences.load(self.actor)
        choice = self.services.chat.choice(self.actor, preferences, picked=model, history=[])
        return self.services.chat.send(self.actor, conversation_id, prompt, choice, files=files)

    def ask(
        self,
        prompt: str,
        conversation_id: str | None = None,
        *,
        model: str = CHAT,
        files: Sequence[Attachment] = (),
        orders: Mapping[str, str] = NOTHING,
    ) -> Told:
        """Send, and wait for the end."""
        seen = len(self.asked)
        return self.told(self.send(prompt, conversation_id, model=model, files=files, orders=orders), seen)

    def again(self, told: Told, step_id: str, *, model: str | None = None, orders: Mapping[str, str] = NOTHING) -> Told:
        """Have one part made again."""
        self.servers.orders = orders
        self._forgive()
        seen, before = len(self.asked), frozenset(call.id for call in self.calls(told.turn))
        parts = self.services.reply_parts
        turn = parts.again(self.actor, told.conversation_id, told.reply.id, step_id, model=model)
        return replace(self.told(turn, seen), calls_before=before)

    def _forgive(self) -> None:
        """Servers that failed in the scenarios before are not left alone in this one."""
        self.services.reliability._precautions.circuits._records.clear()

    def told(self, turn: LiveTurn, seen: int = 0) -> Told:
        """What became of a turn, once it has ended."""
        assert turn.wait_ended(SOON), f"the reply does not end: {turn.parts()}, {turn.questions.are_open}"
        reply = next(each for each in self.messages(turn.begun.conversation_id) if each.id == turn.begun.reply.id)
        return Told(turn, reply, tuple(self.asked[seen:]))

    def messages(self, conversation_id: str) -> list[Message]:
        return self.services.chat.window(self.actor, conversation_id, limit=200)

    def calls(self, turn: LiveTurn) -> list[Call]:
        """What is booked of a turn, in the order in which it was begun."""
        rows = self.rows(
            "SELECT id, provider || '/' || model, modality, status, cost_amount, cache FROM calls WHERE turn_id = ? "
            "ORDER BY started_at, id",
            turn.begun.turn_id,
        )
        return [
            Call(call_id, model, modality, status, None if cost is None else Decimal(str(cost)), cache == "hit")
            for call_id, model, modality, status, cost, cache in rows
        ]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a connection of one's own reads in the database file."""
        path = self.services.settings.home / "gearbox.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
            return connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """While an admin has turned models off, by the ends of their ids."""
        models = [f"{place}/{name}" for place in ("studio", "sandbox") for name in names]
        for each in models:
            self.services.registry.set_enabled(self.actor, each, False)
        try:
            yield
        finally:
            for each in models:
                self.services.registry.set_enabled(self.actor, each, True)

    @contextlib.contextmanager
    def preferring(self, **changes: Any) -> Iterator[None]:
        """While the person has other preferences."""
        preferences = self.services.preferences
        before = preferences.load(self.actor)
        preferences.save(self.actor, **changes)
        try:
            yield
        finally:
            preferences.save(self.actor, **{name: getattr(before, name) for name in changes})

    def connect(self, base_url: str) -> None:
        """The person's own server, with prices for what its models do."""
        self.services.keys.add_server(self.actor, "Studio", base_url, KEY)
        for name, category, prices in _MODELS:
            self.services.registry.add_model(self.actor, provider="studio", name=name, category=category, **prices)


@contextlib.contextmanager
def staged(home: Path, **chosen: Any) -> Iterator[Stage]:
    """One of these; `chosen` are settings of its own."""
    settings = Settings(
        home=home,
        database_url="",
        kek_source="file",
        local_discovery=False,
        warm_up=False,
        rate_limit=0,
        **chosen,
    )
    origin = ""
    servers = Servers()
    with ExitStack() as stack:
        studio = stack.enter_context(serve(_noting(Starlette(routes=[Mount("/v1", sandbox_app())]), servers)))
        services = build(settings, stack, own_address=lambda: origin)
        own = Starlette(routes=[Mount("/sandbox/v1", sandbox_app())])
        origin = stack.enter_context(serve(_noting(own, servers)))
        stage = Stage(services, servers)
        stage.connect(f"{studio}/v1")
        yield stage


def _noting(app: ASGIApp, servers: Servers) -> ASGIApp:
    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix("/sandbox").removeprefix("/v1")
        if scope["type"] != "http" or scope["method"] != "POST" or path not in _OPERATIONS:
            await app(scope, receive, send)
            return
        body = bytearray()
        while (message := await receive())["type"] == "http.request":
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                break
        what = _OPERATIONS[path]
        servers.asked.append(Asked(what, bytes(body)))
        told = [{"type": "http.request", "body": _ordered(what, bytes(body), servers.orders.get(what, ""))}]

        async def listen() -> Received:
            return told.pop() if told else await receive()

        await app(scope, listen, send)

    return noting


def _ordered(what: str, body: bytes, orders: str) -> bytes:
    """A request with what the server is to do written into it.

    Words come at once, and a picture of any size is a small one: a large one is a second of work, and shows no more.
    """
    if body[:1] != b"{":
        name = b'name="prompt"\r\n\r\n'
        return body.replace(name, name + f"{orders} ".encode(), 1) if orders else body
    asked = json.loads(body)
    if what == "chat":
        last = next(each for each in reversed(asked["messages"]) if each["role"] == "user")
        said = last["content"] if isinstance(last["content"], list) else [{"type": "text", "text": last["content"]}]
        last["content"] = [*said, {"type": "text", "text": f"[[pace:instant]] {orders}"}]
    elif what == "speak":
        asked["instructions"] = f"{asked.get('instructions') or ''} {orders}"
    else:
        asked["prompt"] = f"{asked['prompt']} {orders}"
    return json.dumps({"size": "256x256", **asked} if what == "draw" else asked).encode()
