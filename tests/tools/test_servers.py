"""Tool servers from being added to being called: who may do what, what is kept where, and what is trusted."""

from __future__ import annotations

import asyncio
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.access.access import Access
from core.config import Settings
from core.errors import AccessRefused, GearboxError, NotFound, VaultError
from core.loop import BackgroundLoop
from core.server_parts import ToolParts, make_tools
from core.shelf import Shelf
from core.telemetry_parts import make_telemetry
from core.tools.builtin.calculator import CALCULATOR
from core.tools.builtin.make_chart import make_chart
from core.tools.builtin.query_data import query_data
from core.tools.mcp.listing import PROMPTS, RESOURCES
from core.tools.shelf import OWN
from core.tools.tool import ToolContext, ToolResult
from core.vault import Vault
from data.query import Queries
from data.store import OwnerId, Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.flags import FlagState
from data.values.parts import ChartPart
from data.values.people import Team
from data.values.tool_calls import Effect
from data.values.tool_servers import ToolServer
from tests.databases import open_store
from tests.flags.house import flag_house
from tests.tools.mcp.house import CANARY, raw_command, text

ADA = Actor("ada", frozenset({Role.ADMIN}))
ANN = Actor("ann", frozenset({Role.MEMBER}))
RED = replace(ANN, user_id="red-ann", team_ids=("red",))


class House:
    """The tools of one process."""

    def __init__(self, store: Store, settings: Settings, stack: ExitStack) -> None:
        self.store, self.settings = store, settings
        self.vault = Vault.open_or_create(store, settings, lambda: datetime.now(UTC), lambda: None)
        self.access = Access(store)
        loop = BackgroundLoop()
        stack.callback(loop.close)
        queries = Queries()
        stack.callback(queries.close)
        own = [CALCULATOR, query_data(queries), make_chart(queries)]
        self.flags = flag_house(store)
        base = settings, self.access, store, self.vault, self.flags.flags
        self.tools: ToolParts = make_tools(
            *base, own=own, loop=loop, telemetry=make_telemetry(settings, stack), stack=stack
        )

    def added(self, folder: Path, *faults: str, team_id: str | None = None, name: str = "raw") -> ToolServer:
        return self.tools.servers.add_program(
            ADA,
            name=name,
            label=name.title(),
            command=shlex.join(raw_command(folder, *faults)),
            variables={"TEST_KEY": CANARY},
            team_id=team_id,
        )

    def names(self, actor: Actor) -> list[str]:
        """Of the calculator and of servers' tools; Gearbox's others are always there, too."""
        others = {card.tool.name for card in self.tools.shelf.cards(actor) if card.origin == OWN} - {"calculator"}
        return [tool.name for tool in self.tools.shelf.tools(actor) if tool.name not in others]

    def tried(self, actor: Actor, name: str, agreed: bool = True, **arguments: object) -> ToolResult:
        trying = self.tools.shelf.try_out(actor, name, arguments, ToolContext(actor), agreed=agreed)
        return trying.result(60)

    def told(self, *actions: Action) -> list[tuple[str, str, str]]:
        page = self.store.audit.search(AuditFilter(actions=actions), limit=100)
        return [(each.record.actor_id, each.record.outcome, each.record.body) for each in reversed(page.entries)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(home=tmp_path, database_url="", kek_source="file", sandbox=False)
    store = open_store(settings.store_url, owner=OwnerId.current())
    made = AuditEvent.by(ADA, Action.TEAM_CHANGE, AuditOutcome.DONE)
    store.teams.add(Team("red", "Red", datetime.now(UTC)), made)
    with ExitStack() as stack:
        stack.callback(store.close)
        yield House(store, settings, stack)


def test_nothing_is_offered_before_it_was_trusted_and_then_what_was_read(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path)
    assert house.names(ANN) == ["calculator"]
    tools = {tool.name: tool for tool in house.tools.servers.check(ADA, server.id)}
    assert house.names(ANN) == ["calculator"]
    house.tools.servers.trust(ADA, server.id, [tools["echo"], tools["environment"]], reads=None)
    house.tools.servers.trust(ADA, server.id, [tools["environment"]], reads=True)
    assert house.names(ANN) == ["calculator", "raw__echo", "raw__environment"]
    effects = {tool.name: tool.effect for tool in house.tools.shelf.tools(ANN)}
    assert effects["raw__echo"] is Effect.GOES_OUT, "that a server says it only reads is a hint"
    assert effects["raw__environment"] is Effect.READS
    assert CANARY in text(house.tried(ANN, "raw__environment"))
    (tmp_path / "change").touch()
    house.tools.servers.check(ADA, server.id)
    assert house.names(ANN) == ["calculator", "raw__environment"]
    changed = {tool.name: tool for tool in house.tools.servers.check(ADA, server.id)}
    house.tools.servers.trust(ADA, server.id, [changed["echo"]])
    assert house.tried(ANN, "raw__echo", text="hi").is_untrusted
    house.tools.servers.distrust(ADA, server.id, ["echo"])
    assert house.names(ANN) == ["calculator", "raw__environment"]


def test_resources_and_prompts_are_there_where_they_are_trusted_and_only_for_whom_the_server_is(
    house: House, tmp_path: Path
) -> None:
    server, contents = house.added(tmp_path, "holds", team_id="red"), house.tools.contents
    tools = {tool.name: tool for tool in house.tools.servers.check(ADA, server.id)}
    assert contents.with_prompts(RED) == []
    with pytest.raises(NotFound):
        contents.prompts(RED, server.id)
    house.tools.servers.trust(ADA, server.id, [tools[PROMPTS]], reads=True)
    assert house.names(RED) == ["calculator"], "no model calls a prompt"
    assert [each.id for each in contents.with_prompts(RED)] == [server.id]
    assert [each.name for each in contents.prompts(RED, server.id)] == ["review", "picture"]
    assert contents.prompt(RED, server.id, "review", {"text": "x"}).text.startswith("Review")
    with pytest.raises(GearboxError, match="no text"):
        contents.prompt(RED, server.id, "picture", {})
    assert contents.resources(RED, "raw__resources_read") is None
    house.tools.servers.trust(ADA, server.id, [tools[RESOURCES]])
    effects = {tool.name: tool.effect for tool in house.tools.shelf.tools(RED)}
    assert effects["raw__resources_read"] is Effect.GOES_OUT, "until an admin says that it only reads"
    found = contents.resources(RED, "raw__resources_read")
    assert found is not None
    assert [each.uri for each in found.resources] == ["note://1", "note://2"]
    assert text(house.tried(RED, "raw__resources_read", uri="note://1")) == "[Resource note://1]\nhello"
    assert contents.resources(ANN, "raw__resources_read") is None
    assert contents.with_prompts(ANN) == []
    for refused in (contents.prompts, lambda actor, it: contents.prompt(actor, it, "review", {})):
        with pytest.raises(NotFound):
            refused(ANN, server.id)
    tried = house.told(Action.TOOL_TRY)
    assert len(tried) == 3
    assert "Review" not in str(tried)


def test_a_tool_taken_before_it_was_distrusted_is_not_run(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path)
    house.tools.servers.trust(ADA, server.id, house.tools.servers.check(ADA, server.id), reads=True)
    echo = next(tool for tool in house.tools.shelf.tools(ANN) if tool.name == "raw__echo")
    house.tools.servers.offer(ADA, server.id, team_id=None, is_on=False)
    with pytest.raises(GearboxError, match="not there any more"):
        asyncio.run(echo.run({"text": "hi"}, ToolContext(ANN)))
    house.tools.servers.offer(ADA, server.id, team_id="red", is_on=True)
    with pytest.raises(GearboxError, match="not there any more"):
        asyncio.run(echo.run({"text": "hi"}, ToolContext(ANN)))
    assert asyncio.run(echo.run({"text": "hi"}, ToolContext(RED)))
    assert house.names(ANN) == ["calculator"]
    assert "raw__echo" in house.names(RED)


def test_secrets_are_in_the_vault_alone_and_bound_to_the_command(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path)
    house.store.close()
    database = tmp_path / "gearbox.db"
    for part in (database, Path(f"{database}-wal")):
        assert not part.exists() or CANARY.encode() not in part.read_bytes()
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE tool_servers SET command = json_insert(command, '$[#]', 'changes')")
    connection.close()
    with ExitStack() as stack:
        store = open_store(house.settings.store_url, owner=OwnerId.current())
        stack.callback(store.close)
        again = House(store, house.settings, stack)
        with pytest.raises(VaultError, match="belongs to"):
            again.tools.servers.check(ADA, server.id)
        assert not (tmp_path / "started").exists(), "and nothing was started"
        assert [outcome for _, outcome, _ in again.told(Action.KEY_USE)][-2:] == ["intent", "refused"]


def test_a_secret_is_replaced_and_removed_with_its_server(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path)
    house.tools.servers.replace_secret(ADA, server.id, {"OTHER": "other-secret"})
    assert house.vault.card(server.secret_id or "") is None
    house.tools.servers.trust(ADA, server.id, house.tools.servers.check(ADA, server.id), reads=True)
    seen = text(house.tried(ANN, "raw__environment"))
    assert "other-secret" in seen
    assert CANARY not in seen
    [now] = house.tools.servers.all(ADA)
    assert now.variables == ("OTHER",)
    house.tools.servers.remove(ADA, server.id)
    assert house.vault.card(now.secret_id or "") is None
    assert house.tools.servers.all(ADA) == []
    words = str(house.told(Action.TOOL_SERVER_CHANGE, Action.KEY_CREATE))
    assert "other-secret" not in words
    assert CANARY not in words


def test_a_server_s_secret_is_not_among_people_s_keys(house: House, tmp_path: Path) -> None:
    house.added(tmp_path)
    shelf = Shelf(house.store, house.vault, lambda: datetime.now(UTC))
    assert shelf.within_reach(ADA) == []


def test_members_use_and_admins_manage(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path)
    servers = house.tools.servers
    for refused in (
        lambda: servers.all(ANN),
        lambda: servers.add_program(ANN, name="x", label="X", command="true"),
        lambda: servers.add_address(ANN, name="x", label="X", url="http://127.0.0.1:1/mcp"),
        lambda: servers.check(ANN, server.id),
        lambda: servers.offer(ANN, server.id, team_id=None, is_on=True),
        lambda: servers.replace_secret(ANN, server.id, None),
        lambda: servers.trust(ANN, server.id, []),
        lambda: servers.distrust(ANN, server.id, []),
        lambda: servers.remove(ANN, server.id),
        lambda: house.tools.shelf.turn(ANN, "calculator", on=False),
    ):
        with pytest.raises(AccessRefused):
            refused()
    for missing in (
        lambda: servers.check(ADA, "gone"),
        lambda: servers.trust(ADA, "gone", []),
        lambda: servers.remove(ADA, "gone"),
        lambda: servers.offer(ADA, server.id, team_id="blue", is_on=True),
        lambda: house.added(tmp_path, team_id="blue", name="other"),
    ):
        with pytest.raises(NotFound):
            missing()


def test_where_people_sign_in_only_listed_programs_are_started(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path)
    settings = house.settings.model_copy(update={"sign_in": "proxy"})
    with ExitStack() as stack:
        elsewhere = House(house.store, settings, stack)
        with pytest.raises(GearboxError, match="may not be started") as refused:
            elsewhere.added(tmp_path, name="other")
        assert "GEARBOX_TOOL_PROGRAMS" in refused.value.remedy
        with pytest.raises(GearboxError, match="may not be started"):
            elsewhere.tools.servers.check(ADA, server.id)
        with pytest.raises(GearboxError, match="leads to"):
            elsewhere.tools.servers.add_address(ADA, name="inner", label="", url="http://127.0.0.1:9/mcp")
    allowed = settings.model_copy(update={"tool_programs": (server.command[0],)})
    with ExitStack() as stack:
        assert House(house.store, allowed, stack).tools.servers.check(ADA, server.id)


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "Bad Name"}, {"command": ""}, {"command": "npx 'open"}, {"variables": {"A-B": "c"}},
        {"variables": {"A": "c\x00d"}}, {"label": "x" * 61},
    ],
    ids=["name", "no command", "quotation mark", "variable", "value", "label"],
)  # fmt: skip
def test_what_can_not_be_is_refused(house: House, bad: dict[str, object]) -> None:
    given: dict[str, object] = {"name": "ok", "label": "Ok", "command": "true"}
    with pytest.raises(GearboxError):
        house.tools.servers.add_program(ADA, **(given | bad))  # type: ignore[arg-type]
    assert house.tools.servers.all(ADA) == []


def test_trying_out_asks_first_and_is_measured(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path)
    house.tools.servers.trust(ADA, server.id, house.tools.servers.check(ADA, server.id))
    with pytest.raises(GearboxError, match="agree"):
        house.tried(ANN, "raw__die", agreed=False)
    with pytest.raises(GearboxError, match="do not fit"):
        house.tried(ANN, "raw__echo", text={"no": "text"})
    assert not (tmp_path / "asked").read_text().count("tools/call")
    assert text(house.tried(ANN, "calculator", agreed=False, expression="6*7")).count("42")
    with pytest.raises(GearboxError, match="ended the connection"):
        house.tried(ANN, "raw__die")
    cards = {card.tool.name: card for card in house.tools.shelf.cards(ANN)}
    how = cards["raw__die"].standing
    assert how is not None
    assert (how.calls, how.failed, how.error) == (1, 1, "Raw ended the connection.")
    assert cards["raw__echo"].standing is None
    tried = house.told(Action.TOOL_TRY)
    assert [(who, outcome) for who, outcome, _ in tried] == [("ann", "done"), ("ann", "failed")]


def test_a_chart_can_be_tried_out(house: House) -> None:
    table = {"columns": ["city", "sales"], "rows": [["Bern", 1], ["Rome", 2]]}
    drawn = house.tried(ANN, "make_chart", kind="bar", title="Sales", table=table)
    assert isinstance(drawn.parts[1], ChartPart)
    with pytest.raises(GearboxError, match="attach a CSV"):
        house.tried(ANN, "query_data")


def test_a_tool_that_is_off_is_off_for_everyone(house: House) -> None:
    house.tools.shelf.turn(ADA, "calculator", on=False)
    assert house.names(ANN) == []
    assert [card.tool.name for card in house.tools.shelf.cards(ADA) if not card.is_on] == ["calculator"]
    with pytest.raises(NotFound):
        house.tried(ANN, "calculator", expression="1")
    house.tools.shelf.turn(ADA, "calculator", on=True)
    assert house.names(ANN) == ["calculator"]


def test_switched_off_servers_bring_nothing(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path, "holds")
    tools = {tool.name: tool for tool in house.tools.servers.check(ADA, server.id)}
    house.tools.servers.trust(ADA, server.id, [tools["echo"], tools[PROMPTS]], reads=True)
    echo = next(tool for tool in house.tools.shelf.tools(ANN) if tool.name == "raw__echo")
    assert house.tools.contents.with_prompts(ANN)
    house.flags.admin.set_state(ADA, "mcp", FlagState.KILLED, "they hang")
    assert house.names(ANN) == ["calculator"]
    assert house.tools.contents.with_prompts(ANN) == []
    with pytest.raises(GearboxError, match="not there any more"):  # a model was offered it before
        asyncio.run(echo.run({"text": "hello"}, ToolContext(ANN)))
    house.flags.admin.set_state(ADA, "mcp", FlagState.ON, "they answer")
    assert "raw__echo" in house.names(ANN)
