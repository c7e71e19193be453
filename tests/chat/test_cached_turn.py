"""A turn that Gearbox's own cache answers: the same reply, stored and booked, and no call to a provider."""

from __future__ import annotations

from data.values.messages import MessageStatus
from tests.chat.house import ChatHouse, words
from tests.people import ALICE


def test_the_same_question_at_temperature_zero(house: ChatHouse) -> None:
    house.preferences.save(ALICE, advanced=True, temperature=0)
    replies = [house.messages(house.ask("[[pace:instant]] hello"))[-1] for _ in range(2)]
    assert words(replies[0]) == words(replies[1]) != ""
    assert [reply.status for reply in replies] == [MessageStatus.COMPLETE] * 2
    books = house.rows("SELECT status, cache, input_tokens IS NULL FROM calls ORDER BY started_at")
    assert books == [("ok", "miss", 0), ("ok", "hit", 1)]
