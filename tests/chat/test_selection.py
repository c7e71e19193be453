from __future__ import annotations

import pytest

from core.chat.selection import choose
from data.values.calls import ChosenBy
from tests.chat.house import ChatHouse
from tests.people import ALICE, BOB

PICKED, LAST, DEFAULT, GONE = "one/m", "two/m", "three/m", "four/m"


@pytest.fixture
def house_with_three(house: ChatHouse) -> ChatHouse:
    """Three servers that were never asked for their models: then a person may name any."""
    for label in ("One", "Two", "Three"):
        house.keys.add_server(ALICE, label, "http://127.0.0.1:9/v1", None)
    return house


@pytest.mark.parametrize(
    ("candidates", "chosen", "chosen_by"),
    [
        ((PICKED, LAST, DEFAULT), PICKED, ChosenBy.PERSON),
        ((None, LAST, DEFAULT), LAST, ChosenBy.DEFAULT),
        ((None, None, DEFAULT), DEFAULT, ChosenBy.PERSON),
        ((PICKED, None, None), PICKED, ChosenBy.PERSON),
        ((GONE, LAST, DEFAULT), LAST, ChosenBy.DEFAULT),
        ((GONE, GONE, DEFAULT), DEFAULT, ChosenBy.PERSON),
        ((GONE, GONE, GONE), "sandbox/scripted", ChosenBy.DEFAULT),
        ((None, None, None), "sandbox/scripted", ChosenBy.DEFAULT),
        (("nonsense", "", "sandbox/other"), "sandbox/scripted", ChosenBy.DEFAULT),
    ],
)
def test_the_first_usable_of_pick_last_default_and_any_answers(
    house_with_three: ChatHouse, candidates: tuple[str | None, ...], chosen: str, chosen_by: ChosenBy
) -> None:
    picked, last, default = candidates
    choice = choose(house_with_three.connections, ALICE, picked=picked, last=last, default=default)
    assert choice is not None
    assert (choice.model.id, choice.chosen_by) == (chosen, chosen_by)
    assert choice.endpoint.provider == choice.model.provider


def test_a_connection_of_another_person_is_not_used(house_with_three: ChatHouse) -> None:
    choice = choose(house_with_three.connections, BOB, picked=PICKED, last=None, default=None)
    assert choice is not None and choice.model.id == "sandbox/scripted"
