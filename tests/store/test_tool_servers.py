from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.errors import Conflict, NotFound
from data.values.tool_servers import ListedTool, ServerKind, ToolServer, TrustedTool

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ADA = Actor("ada", frozenset({Role.ADMIN}))
TOLD = AuditEvent.by(ADA, Action.TOOL_SERVER_CHANGE, AuditOutcome.DONE, target="tool-server:s1")
SEARCH = ListedTool("search", "Search\u2028", "Find “it”", {"type": "object", "properties": {"q": {}}}, says_reads=True)
FILES = ToolServer("s1", "files", "Files", ServerKind.STDIO, NOW, command=("npx", "-y", "a b"), variables=("KEY",))
WIKI = ToolServer(
    "s2", "wiki", "A wiki", ServerKind.HTTP, NOW, url="https://wiki.example/mcp", secret_id="k1", team_id="t"
)


def test_servers_come_back_as_they_went_in_by_label(store: Store) -> None:
    store.tool_servers.add(FILES, TOLD)
    store.tool_servers.add(WIKI, TOLD)
    assert store.tool_servers.all() == [WIKI, FILES]
    with pytest.raises(Conflict, match="files"):
        store.tool_servers.add(replace(WIKI, id="s3", name="files"), TOLD)
    told = store.audit.search(AuditFilter(actions=(Action.TOOL_SERVER_CHANGE,)), limit=10).entries
    assert len(told) == 2, "nothing is told of what was refused"


def test_what_is_said_of_a_server_is_kept_and_goes_with_it(store: Store) -> None:
    store.tool_servers.add(FILES, TOLD)
    trusted = TrustedTool(SEARCH, reads=True)
    store.tool_servers.trust("s1", [TrustedTool(SEARCH)], TOLD)
    store.tool_servers.trust("s1", [trusted], TOLD)
    store.tool_servers.keep_listing("s1", [SEARCH], NOW)
    store.tool_servers.offer("s1", team_id="red", is_on=False, event=TOLD)
    store.tool_servers.put_secret("s1", "k2", ("A", "B"), TOLD)
    assert store.tool_servers.all() == [
        replace(
            FILES, secret_id="k2", variables=("A", "B"), team_id="red", is_on=False, trusted={"search": trusted},
            listed=(SEARCH,), listed_at=NOW,
        )
    ]  # fmt: skip
    store.tool_servers.distrust("s1", ["search", "other"], TOLD)
    assert store.tool_servers.all()[0].trusted == {}
    store.tool_servers.trust("s1", [trusted], TOLD)
    store.tool_servers.remove("s1", TOLD)
    store.tool_servers.add(FILES, TOLD)
    assert store.tool_servers.all() == [FILES], "what was trusted of the one before is not trusted of this one"


def test_a_missing_server_is_told(store: Store) -> None:
    with pytest.raises(NotFound):
        store.tool_servers.remove("s1", TOLD)
    with pytest.raises(NotFound):
        store.tool_servers.offer("s1", team_id=None, is_on=True, event=TOLD)
    with pytest.raises(NotFound):
        store.tool_servers.put_secret("s1", None, (), TOLD)
    with pytest.raises(NotFound):
        store.tool_servers.trust("s1", [TrustedTool(SEARCH)], TOLD)
    store.tool_servers.keep_listing("s1", [SEARCH], NOW)


def test_tools_are_off_until_they_are_on_again(store: Store) -> None:
    for _ in range(2):
        store.tool_servers.turn_off("calculator", TOLD)
    assert store.tool_servers.off() == {"calculator"}
    store.tool_servers.turn_on("calculator", TOLD)
    assert store.tool_servers.off() == frozenset()
