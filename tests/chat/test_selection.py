from __future__ import annotations

import pytest

from core.chat.live import LiveTurn
from core.chat.selection import PassedOver, choose
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import ChosenBy
from data.values.parts import NoticePart, TextPart
from tests.chat.house import ChatHouse, ended, words
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


@pytest.mark.parametrize(
    ("candidates", "passed_over"),
    [
        ((PICKED, LAST, DEFAULT), None),
        ((None, None, None), None),
        ((PICKED, GONE, GONE), None),  # it is the one that was asked for
        ((GONE, LAST, DEFAULT), GONE),
        ((None, GONE, None), GONE),
        (("five/m", GONE, None), "five/m"),
    ],
)
def test_a_choice_names_what_it_stands_in_for(
    house_with_three: ChatHouse, candidates: tuple[str | None, ...], passed_over: str | None
) -> None:
    picked, last, default = candidates
    choice = choose(house_with_three.connections, ALICE, picked=picked, last=last, default=default)
    assert choice is not None
    if passed_over is None:
        assert choice.instead_of is None
    else:
        assert choice.instead_of == PassedOver(passed_over, f"There is no connection for the model {passed_over}.")


def test_the_reply_says_that_another_model_answered_and_why(house_with_three: ChatHouse) -> None:
    house = house_with_three
    endpoint = next(each for each in house.connections.endpoints(ALICE) if each.provider == "one")

    def ask(prompt: str, conversation_id: str | None = None) -> LiveTurn:
        history = house.chat.window(ALICE, conversation_id) if conversation_id else []
        choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked=PICKED, history=history)
        return ended(house.chat.send(ALICE, conversation_id, prompt, choice))

    house.keys.disconnect(ALICE, endpoint.id)
    for label in ("two", "three"):
        house.keys.disconnect(
            ALICE, next(each for each in house.connections.endpoints(ALICE) if each.provider == label).id
        )
    turn = ask("[[say:here I am]]")
    (_, reply) = house.messages(turn)
    told = NoticePart(f"sandbox/scripted answered instead of {PICKED}. There is no connection for the model {PICKED}.")
    assert reply.parts == (told, TextPart("here I am"))
    assert words(house.messages(ask("[[say:again]]", turn.begun.conversation_id))[-1]) == "again"


def test_what_an_admin_turned_off_is_said_so(house: ChatHouse) -> None:
    off = AuditEvent.by(ALICE, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="model:sandbox/scripted")
    house.keys.add_server(ALICE, "One", "http://127.0.0.1:9/v1", None)
    house.store.model_overrides.save(PICKED, enabled=False, described=None, event=off)
    choice = choose(house.connections, ALICE, picked=PICKED, last=None, default=None)
    assert choice is not None and choice.instead_of is not None
    assert choice.instead_of.why == f"An admin has turned the model {PICKED} off for everyone."
