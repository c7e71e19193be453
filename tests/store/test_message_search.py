"""Words in messages, on both databases."""

from __future__ import annotations

import pytest

from data.store import Store
from data.store.message_search import MOST_LOOKED_AT
from data.values.messages import Author
from tests.store.conftest import ANN, BOB, Clock, begin

SAID = "Grüße aus Zürich: 100% “tea” at C:\\temp, don't_stop \N{TEACUP WITHOUT HANDLE} STRASSE straße"


@pytest.mark.parametrize(
    "words",
    [
        ["tea"],
        ["TEA"],
        ["grüße"],
        ["GRÜßE"],
        ["zürich", "100%"],
        ["“tea”"],
        ["C:\\temp"],
        ["don't_stop"],
        ["\N{TEACUP WITHOUT HANDLE}"],
        ["ürich"],
        [],
    ],
)
def test_words_are_found_as_people_read_them(store: Store, clock: Clock, words: list[str]) -> None:
    begun = begin(store, clock, prompt=SAID)[0]
    found = store.message_search.find(ANN, words, limit=5)
    said = [each for each in found if each.author is Author.USER]
    assert [(each.conversation_id, each.title, each.text) for each in said] == [
        (begun.conversation_id, "The sky", SAID)
    ]
    assert said[0].created_at == clock()


@pytest.mark.parametrize(
    "words",
    [["coffee"], ["tea", "coffee"], ["type"], ["text"], ['"v": 1'], ["%"], ["_"], ["' OR 1=1 --"], ["\x00"], ["100x"]],
)
def test_what_nobody_said_is_not_found(store: Store, clock: Clock, words: list[str]) -> None:
    """Neither names of fields in the stored JSON, nor what a pattern or a quote would mean to a database."""
    begin(store, clock, prompt="Grüße: 100 tea")
    assert store.message_search.find(ANN, words, limit=5) == ()


def test_only_ones_own_and_not_the_conversation_that_asks(store: Store, clock: Clock) -> None:
    first = begin(store, clock, prompt="tea one")[0].conversation_id
    clock.forward(60)
    second = begin(store, clock, prompt="tea two")[0].conversation_id
    begin(store, clock, prompt="tea of Bob", user_id=BOB)

    def ids(user_id: str, **more: str) -> list[str]:
        return [each.conversation_id for each in store.message_search.find(user_id, ["tea"], limit=5, **more)]

    assert ids(ANN) == [second, first], "the newest first"
    assert ids(ANN, without=second) == [first]
    assert [each.text for each in store.message_search.find(BOB, ["tea"], limit=5)] == ["tea of Bob"]
    assert store.message_search.find(ANN, ["tea"], limit=1)[0].text == "tea two"
    assert store.message_search.find("nobody", ["tea"], limit=5) == ()
    assert MOST_LOOKED_AT == 2_000
