"""Searching: every filter, every order, pages that meet without a gap; held against the plain way of doing it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.errors import GearboxError
from core.registry.index import ModelIndex
from core.registry.typical import typical_cost
from data.values.registry import Capability, Category, Modality, ModelCard, ModelQuery, Sort
from tests.registry.house import CATALOGUE

TODAY = date(2026, 11, 28)
CARDS = random.Random(4).sample(CATALOGUE.cards(), 900)
USABLE = {card.id for card in CARDS[:70]}
INDEX = ModelIndex(CARDS, {"openai": "The Open Ones"}).seen_by(USABLE)


def fits(card: ModelCard, query: ModelQuery) -> bool:
    words = f"{card.id} {card.label} {card.family} {'the open ones' if card.provider == 'openai' else ''}".lower()
    cost = typical_cost(card)
    return all(
        (
            all(word in words for word in query.q.lower().split()),
            query.provider in ("", card.provider),
            query.category in (None, card.category),
            query.modality is None or query.modality in card.inputs | card.outputs,
            query.capability is None or card.can(query.capability) is True,
            query.usable is None or (card.id in USABLE) is query.usable,
            query.min_context is None or (card.context_tokens or 0) >= query.min_context,
            query.max_price is None or (cost is not None and cost <= query.max_price),
            query.deprecated or card.deprecated_on is None or card.deprecated_on > TODAY,
        )
    )


QUERIES = {
    "all": ModelQuery(),
    "ended ones, too": ModelQuery(deprecated=True),
    "words": ModelQuery(q="GPT mini"),
    "a provider's name": ModelQuery(q="open ones"),
    "no such words": ModelQuery(q="nobody-called-anything-this"),
    "a pattern is only text": ModelQuery(q=".*"),
    "provider": ModelQuery(provider="openai"),
    "category": ModelQuery(category=Category.PICTURES),
    "modality": ModelQuery(modality=Modality.AUDIO),
    "capability": ModelQuery(capability=Capability.TOOLS),
    "usable": ModelQuery(usable=True),
    "not usable": ModelQuery(usable=False, category=Category.CHAT),
    "context": ModelQuery(min_context=200_000),
    "price": ModelQuery(max_price=Decimal(2)),
    "together": ModelQuery(q="a", category=Category.CHAT, capability=Capability.VISION, max_price=Decimal(20)),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_it_finds_what_the_plain_way_finds(query: ModelQuery) -> None:
    found: list[ModelCard] = []
    cursor = ""
    while True:
        page = INDEX.search(replace(query, cursor=cursor, limit=37), TODAY)
        found += page.cards
        assert page.total == sum(fits(card, query) for card in CARDS)
        if not (cursor := page.next_cursor):
            break
    assert len(found) == page.total
    expected = sorted((card for card in CARDS if fits(card, query)), key=lambda card: (card.id not in USABLE, card.id))
    assert [card.id for card in found] == [card.id for card in expected]


def test_the_orders() -> None:
    def first(sort: Sort) -> list[ModelCard]:
        return list(INDEX.search(ModelQuery(sort=sort, limit=500), TODAY).cards)

    names = [card.id for card in first(Sort.NAME)]
    assert names == sorted(names)
    costs = [typical_cost(card) for card in first(Sort.PRICE)]
    known = [cost for cost in costs if cost is not None]
    assert known == sorted(known)
    assert costs[: len(known)] == known, "what has no price comes last"
    contexts = [card.context_tokens or 0 for card in first(Sort.CONTEXT)]
    assert contexts == sorted(contexts, reverse=True)


def test_a_cursor_of_another_list_is_refused_and_so_is_nonsense() -> None:
    cursor = INDEX.search(ModelQuery(limit=10), TODAY).next_cursor
    other = ModelIndex(CARDS[1:], {})
    for index, given in ((other, cursor), (INDEX, "nonsense"), (INDEX, "////"), (INDEX, "w7w=")):
        with pytest.raises(GearboxError, match="has changed"):
            index.search(ModelQuery(cursor=given), TODAY)
    for limit in (0, 501):
        with pytest.raises(GearboxError, match="1 to 500"):
            INDEX.search(ModelQuery(limit=limit), TODAY)


def test_on_another_day_a_model_may_have_ended() -> None:
    tomorrow = TODAY + timedelta(days=1)
    pages = [INDEX.search(ModelQuery(limit=10), day) for day in (TODAY, TODAY, tomorrow)]
    assert pages[0].etag == pages[1].etag != pages[2].etag
    with pytest.raises(GearboxError, match="has changed"):
        INDEX.search(ModelQuery(limit=10, cursor=pages[0].next_cursor), tomorrow)


def test_the_tag_changes_with_what_is_seen_and_with_nothing_else() -> None:
    index = ModelIndex(CARDS, {})
    assert index.etag == ModelIndex(CARDS, {}).etag
    seen = index.seen_by(USABLE)
    assert seen.etag == index.seen_by(set(USABLE)).etag
    others = {
        index.seen_by(set(list(USABLE)[1:])).etag,
        index.seen_by(USABLE, [replace(CARDS[0], provider="own")]).etag,
        index.seen_by(USABLE, [replace(CARDS[0], enabled=False)]).etag,
        ModelIndex([replace(CARDS[0], enabled=False), *CARDS[1:]], {}).seen_by(USABLE).etag,
    }
    assert len(others) == 4
    assert seen.etag not in others


def test_a_person_s_own_model_takes_the_place_of_one_with_its_id() -> None:
    own = replace(CARDS[0], label="Mine alone")
    seen = INDEX.seen_by(set(), [own])
    assert seen.find(own.id) is own
    assert [card.label for card in seen.search(ModelQuery(q="mine alone", deprecated=True), TODAY).cards] == [own.label]
    assert INDEX.search(ModelQuery(q="mine alone", deprecated=True), TODAY).total == 0, "nobody else sees it"
    assert len({card.id for card in seen.search(ModelQuery(deprecated=True, limit=500), TODAY).cards}) == 500


def test_the_model_that_was_asked_for_comes_first() -> None:
    index = ModelIndex(CATALOGUE.cards(), {}).seen_by({"azure/gpt-4o-mini"})
    for asked in ("openai/gpt-4o-mini", "GPT-4o-mini "):
        found = list(index.search(ModelQuery(q=asked, deprecated=True, limit=200), TODAY).cards)
        called = [card for card in found if asked.strip().lower() in (card.id.lower(), card.name.lower())]
        assert found[: len(called)] == called and called


def test_a_cursor_is_of_one_search() -> None:
    cursor = INDEX.search(ModelQuery(q="gpt", limit=2), TODAY).next_cursor
    assert INDEX.search(ModelQuery(q="gpt", limit=5, cursor=cursor), TODAY).cards
    with pytest.raises(GearboxError, match="another search"):
        INDEX.search(ModelQuery(q="gpt-4o", limit=2, cursor=cursor), TODAY)
