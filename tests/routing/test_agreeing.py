"""A costly model that Gearbox chose waits for a yes: the prompt is stored, and nobody is asked before."""

from __future__ import annotations

import pytest

from core.chat.live import LiveTurn
from core.errors import GearboxError, NotFound
from data.values.calls import ChosenBy
from data.values.events import ModelAnswered, ModelAsked, TurnStarted
from data.values.messages import MessageStatus
from data.values.routing import Chooser
from tests.chat.house import SOON, ended, words
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE, BOB
from tests.routing.house import RoutingHouse

PROMPT = "[[pace:instant]][[say:Done.]] Write a Python function that parses dates"


@pytest.fixture
def dear(house: RoutingHouse, sandbox: RecordedSandbox) -> str:
    return house.add("Dear", sandbox.base_url, input_per_million=500, output_per_million=2000)


def waiting(
    house: RoutingHouse, prompt: str = PROMPT, conversation_id: str | None = None
) -> tuple[LiveTurn, ModelAsked]:
    """A turn that waits, and what it asks."""
    preferences = house.preferences.load(ALICE)
    choice = house.chat.choice(ALICE, preferences, picked=None, history=[], prompt=prompt)
    turn = house.chat.send(ALICE, conversation_id, prompt, choice)
    for batch in turn.follow(patience=SOON):
        for event in batch:
            if isinstance(event, ModelAsked):
                return turn, event
    raise AssertionError("it asks nothing")


def events(turn: LiveTurn) -> list[type]:
    return [type(event) for batch in turn.follow() for event in batch]


def test_it_waits_and_answers_after_a_yes(house: RoutingHouse, dear: str) -> None:
    turn, asked = waiting(house)
    assert asked.decision.chosen == dear
    assert house.routing.explain(ALICE, asked.decision).cost.startswith("about $")
    here = turn.begun.conversation_id
    assert house.chat.waiting(ALICE) == {here}
    assert house.calls() == []
    assert words(house.chat.window(ALICE, here)[0]) == PROMPT
    house.chat.agree(ALICE, here, asked.key, dear)
    ended(turn)
    reply = house.chat.window(ALICE, here)[-1]
    assert (words(reply), reply.status) == ("Done.", MessageStatus.COMPLETE)
    assert events(turn)[:3] == [ModelAsked, ModelAnswered, TurnStarted]
    assert house.calls() == ["ok"]
    with pytest.raises(GearboxError, match="waits no longer"):
        house.chat.agree(ALICE, here, asked.key, dear)


def test_another_model_answers_with_one_word_and_the_record_says_who_chose_it(
    house: RoutingHouse, dear: str, sandbox: RecordedSandbox
) -> None:
    turn, asked = waiting(house)
    other = house.add("Other", sandbox.base_url, input_per_million=1, output_per_million=1)
    here = turn.begun.conversation_id
    house.chat.agree(ALICE, here, asked.key, other)
    ended(turn)
    reply = house.chat.window(ALICE, here)[-1]
    assert words(reply) == "Done."
    assert turn.model_id == other
    made = house.store.routing.of_turn(ALICE.user_id, turn.begun.turn_id)
    assert made is not None
    assert (made.chosen, made.chooser, made.overrules) == (other, Chooser.PERSON, asked.decision.id)
    assert house.rows("SELECT chosen_by FROM calls") == [(ChosenBy.PERSON.value,)]
    live = [event for batch in turn.follow() for event in batch][-1]
    assert live.details == reply.details  # type: ignore[union-attr]
    assert reply.details is not None and reply.details.choice is not None
    assert reply.details.choice.decision_id == made.id


def test_a_no_a_stop_and_another_prompt_end_it_with_the_prompt_kept(house: RoutingHouse, dear: str) -> None:
    turn, asked = waiting(house)
    here = turn.begun.conversation_id
    house.chat.agree(ALICE, here, asked.key, None)
    ended(turn)
    prompt, reply = house.chat.window(ALICE, here)
    assert (words(prompt), reply.status, words(reply)) == (PROMPT, MessageStatus.STOPPED, "")
    turn, _ = waiting(house, conversation_id=here)
    turn.stop()
    ended(turn)
    turn, _ = waiting(house, conversation_id=here)
    again, asked = waiting(house, "[[pace:instant]][[say:Now.]] Write a Python function that counts", here)
    ended(turn)
    house.chat.agree(ALICE, here, asked.key, dear)
    ended(again)
    assert words(house.chat.window(ALICE, here)[-1]) == "Now."
    assert house.calls() == ["ok"]


def test_it_does_not_wait_for_ever(house: RoutingHouse, dear: str) -> None:
    house.chat._beginning._patience = 0.05
    turn, _ = waiting(house)
    ended(turn)
    reply = house.chat.window(ALICE, turn.begun.conversation_id)[-1]
    assert reply.status is MessageStatus.STOPPED
    assert "No model was asked" in str(reply.parts)


def test_only_whose_answer_it_is_may_say_and_only_models_of_theirs(house: RoutingHouse, dear: str) -> None:
    turn, asked = waiting(house)
    here = turn.begun.conversation_id
    with pytest.raises(NotFound):
        house.chat.agree(BOB, here, asked.key, dear)
    with pytest.raises(NotFound):
        house.chat.agree(ALICE, here, asked.key, "gone/model")
    with pytest.raises(GearboxError, match="waits no longer"):
        house.chat.agree(ALICE, here, "plan-1", dear)
    assert turn.questions.are_open
    turn.stop()
    ended(turn)


def test_a_pick_of_one_s_own_asks_nothing(house: RoutingHouse, dear: str) -> None:
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked=dear, history=[], prompt=PROMPT)
    turn = ended(house.chat.send(ALICE, None, PROMPT, choice))
    assert ModelAsked not in events(turn)
