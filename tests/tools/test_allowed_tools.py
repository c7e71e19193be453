"""Tools that rules keep for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.access.access_rules import AccessRules
from core.errors import NotAllowed
from core.tools.mcp.listing import PROMPTS, RESOURCES
from core.tools.tool import ToolContext
from data.values.access_rules import Lists, RuleOwner
from tests.tools.test_servers import ADA, ANN, House, house

__all__ = ["house"]


def allow(house: House, *tools: str) -> None:
    house.store.users.ensure(ANN.user_id, "Ann")
    AccessRules(house.access, house.store).set(ADA, RuleOwner.USER, ANN.user_id, Lists(tools=tools))


def test_they_are_not_offered_and_not_run(house: House) -> None:
    assert "calculator" in house.names(ANN)
    before = {tool.name: tool for tool in house.tools.shelf.tools(ANN)}
    allow(house, "make_chart")
    assert [tool.name for tool in house.tools.shelf.tools(ANN)] == ["make_chart"]
    assert "calculator" in house.names(ADA)
    card = next(card for card in house.tools.shelf.cards(ANN) if card.tool.name == "calculator")
    assert card.is_on and not card.is_allowed and not card.is_usable
    with pytest.raises(NotAllowed, match="calculator"):
        house.tried(ANN, "calculator", expression="1 + 1")
    assert not house.tried(ADA, "calculator", expression="1 + 1").failed
    # An answer that had it before goes on without it, and nobody counts that as its failure.
    running = house.tools.shelf._loop.submit(before["calculator"].run({"expression": "1 + 1"}, ToolContext(ANN)))
    with pytest.raises(NotAllowed):
        running.result(10)
    cards = {card.tool.name: card for card in house.tools.shelf.cards(ADA)}
    standing = cards["calculator"].standing
    assert standing is not None and (standing.calls, standing.failed) == (1, 0)


def test_a_server_s_are_named_by_its_name_and_its_prompts_go_with_them(house: House, tmp_path: Path) -> None:
    server = house.added(tmp_path, "holds")
    found = {tool.name: tool for tool in house.tools.servers.check(ADA, server.id)}
    house.tools.servers.trust(
        ADA, server.id, [found["echo"], found["environment"], found[PROMPTS], found[RESOURCES]], reads=None
    )
    assert [each.id for each in house.tools.contents.with_prompts(ANN)] == [server.id]
    allow(house, "raw__*")
    assert house.names(ANN) == ["raw__echo", "raw__environment", "raw__resources_read"]
    assert house.tools.contents.with_prompts(ANN)
    allow(house, "raw__echo")
    assert house.names(ANN) == ["raw__echo"]
    assert not house.tools.contents.with_prompts(ANN)
    assert house.tools.contents.resources(ANN, "raw__resources_read") is None
    assert house.tools.contents.with_prompts(ADA)
