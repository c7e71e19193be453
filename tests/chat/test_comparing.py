"""One prompt to several models: what each is asked, what is shown of the answers, and what becomes of them."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from core.chat.attachments import Attachment
from core.chat.comparing import Comparing
from core.errors import GearboxError, NotFound
from core.routing.feedback import FeedbackService
from data.values.comparisons import Comparison, Verdict
from data.values.messages import MessageStatus
from data.values.routing import Signal
from tests.chat.house import ChatHouse, ended, now, wait_for_words, words
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE, BOB

SAY = "[[pace:instant]][[say:{}]] go"
MODELS = ("sandbox/scripted", "team/scripted", "other/scripted")


@pytest.fixture
def comparing(house: ChatHouse, sandbox: RecordedSandbox) -> Comparing:
    house.keys.add_server(ALICE, "Team", sandbox.base_url, None)
    house.keys.add_server(ALICE, "Other", sandbox.base_url, None)
    feedback = FeedbackService(house.access, house.store, now)
    return Comparing(
        house.access, house.store, house.connections, house.preferences, house.chat, feedback, rng=lambda: Random(3)
    )


def all_ended(house: ChatHouse, comparison: Comparison) -> None:
    for side in comparison.sides:
        turn = house.chat.live(ALICE, side.conversation_id)
        if turn is not None:
            ended(turn)


def signals(
    house: ChatHouse, comparing: Comparing, comparison: Comparison
) -> dict[str, tuple[Signal, tuple[str, ...]]]:
    answers = [said[-1] for said in comparing.said(ALICE, comparison)]
    told = house.store.routing.feedback_of(ALICE.user_id, [each.turn_id or "" for each in answers])
    return {each.model_id: (each.signal, each.against) for each in told}


def test_the_better_answer_goes_on_and_the_others_are_kept(house: ChatHouse, comparing: Comparing) -> None:
    files = [Attachment("a.txt", b"some text")]
    begun = comparing.start(ALICE, SAY.format("yes"), MODELS, is_blind=False, files=files)
    assert [side.model_id for side in begun.sides] == list(MODELS)
    all_ended(house, begun)
    assert [words(said[-1]) for said in comparing.said(ALICE, begun)] == ["yes"] * 3
    assert house.chat.conversations(ALICE) == []
    won = begun.sides[1].conversation_id
    judged = comparing.judge(ALICE, begun.id, Verdict.BETTER, won)
    assert comparing.judge(ALICE, begun.id, Verdict.TIED) == judged, "the first word counts"
    assert signals(house, comparing, begun) == {
        "sandbox/scripted": (Signal.LOST, ("team/scripted",)),
        "team/scripted": (Signal.WON, ("sandbox/scripted", "other/scripted")),
        "other/scripted": (Signal.LOST, ("team/scripted",)),
    }
    assert [each.id for each in house.chat.conversations(ALICE)] == [won]
    ended(house.send(SAY.format("more"), won))
    assert comparing.of_conversation(ALICE, won) == judged == comparing.recent(ALICE)[0]


def test_a_tie_and_no_good_answer_show_different_things(house: ChatHouse, comparing: Comparing) -> None:
    found = []
    for verdict in (Verdict.TIED, Verdict.NONE):
        begun = comparing.start(ALICE, SAY.format("hm"), MODELS[:2], is_blind=False)
        all_ended(house, begun)
        comparing.judge(ALICE, begun.id, verdict)
        found.append(signals(house, comparing, begun))
    tied, none = found
    assert {signal for signal, _ in tied.values()} == {Signal.TIED}
    assert tied["team/scripted"][1] == ("sandbox/scripted",)
    assert set(none.values()) == {(Signal.THUMB_DOWN, ())}
    assert house.chat.conversations(ALICE) == []


def test_a_blind_one_is_shuffled_and_hides_names_until_the_verdict(house: ChatHouse, comparing: Comparing) -> None:
    begun = comparing.start(ALICE, SAY.format("yes"), MODELS, is_blind=True)
    order = list(MODELS)
    Random(3).shuffle(order)
    assert [side.model_id for side in begun.sides] == order != list(MODELS)
    all_ended(house, begun)
    assert comparing.get(ALICE, begun.id).hides_names
    assert not comparing.judge(ALICE, begun.id, Verdict.TIED).hides_names


def test_one_that_fails_leaves_the_others_and_is_not_judged(house: ChatHouse, comparing: Comparing) -> None:
    begun = comparing.start(ALICE, "[[fault:500]] go", MODELS[:2], is_blind=False)
    all_ended(house, begun)
    assert {said[-1].status for said in comparing.said(ALICE, begun)} == {MessageStatus.FAILED}
    with pytest.raises(GearboxError, match="no two answers"):
        comparing.judge(ALICE, begun.id, Verdict.TIED)
    again = comparing.ask_again(ALICE, begun.id, begun.sides[0].conversation_id)
    ended(again)
    assert len(house.messages(again)) == 2


def test_with_a_model_that_can_t_be_used_nothing_is_begun(comparing: Comparing) -> None:
    with pytest.raises(NotFound):
        comparing.start(ALICE, SAY.format("yes"), ["sandbox/scripted", "nowhere/nothing"], is_blind=False)
    assert comparing.recent(ALICE) == []


def test_stopping_ends_all_and_keeps_what_came(house: ChatHouse, comparing: Comparing) -> None:
    begun = comparing.start(ALICE, "[[words:300]] go", MODELS[:2], is_blind=False)
    for side in begun.sides:
        turn = house.chat.live(ALICE, side.conversation_id)
        assert turn is not None
        wait_for_words(turn, 2)
    with pytest.raises(GearboxError, match="Not all answers"):
        comparing.judge(ALICE, begun.id, Verdict.TIED)
    comparing.stop(ALICE, begun.id)
    all_ended(house, begun)
    assert {said[-1].status for said in comparing.said(ALICE, begun)} == {MessageStatus.STOPPED}


def test_the_last_prompt_of_a_conversation_goes_with_all_before_it(
    house: ChatHouse, comparing: Comparing, sandbox: RecordedSandbox
) -> None:
    first = house.ask(SAY.format("one"))
    here = first.begun.conversation_id
    house.ask(SAY.format("two"), here)
    begun = comparing.start_from(ALICE, here, MODELS[:2], is_blind=False)
    all_ended(house, begun)
    asked = [("user", SAY.format("one")), ("assistant", "one"), ("user", SAY.format("two"))]
    assert sandbox.messages == asked
    for side in begun.sides:
        assert [words(each) for each in house.chat.window(ALICE, side.conversation_id)][-1] == "two"
    assert len(house.messages(first)) == 4, "the conversation stays as it is"


@pytest.mark.parametrize("models", [(), MODELS[:1], (MODELS[0], MODELS[0]), tuple(f"a/{n}" for n in range(5))])
def test_two_to_four_models_can_be_compared(comparing: Comparing, models: tuple[str, ...]) -> None:
    with pytest.raises(GearboxError, match="2 to 4"):
        comparing.start(ALICE, "Hi", models, is_blind=False)
    assert comparing.recent(ALICE) == []


def test_what_it_costs_is_estimated_and_unpriced_is_said(comparing: Comparing) -> None:
    estimate = comparing.estimate(ALICE, MODELS[:2])
    assert (estimate.cost, estimate.unpriced) == (Decimal(), MODELS[:2])


def test_another_person_s_looks_like_a_missing_one(house: ChatHouse, comparing: Comparing) -> None:
    begun = comparing.start(ALICE, SAY.format("yes"), MODELS[:2], is_blind=False)
    all_ended(house, begun)
    side = begun.sides[0].conversation_id
    for comparison_id in (begun.id, "0" * 32):
        for attempt in (
            lambda it: comparing.get(BOB, it),
            lambda it: comparing.judge(BOB, it, Verdict.BETTER, side),
            lambda it: comparing.go_on(BOB, it, side),
            lambda it: comparing.stop(BOB, it),
            lambda it: comparing.ask_again(BOB, it, side),
            lambda it: comparing.delete(BOB, it),
        ):
            with pytest.raises(NotFound, match="no such comparison"):
                attempt(comparison_id)
    with pytest.raises(NotFound):
        comparing.start_from(BOB, side, ["sandbox/scripted", "sandbox/scripted-no-tools"], is_blind=False)
    assert comparing.get(ALICE, begun.id).verdict is None
    comparing.delete(ALICE, begun.id)
    with pytest.raises(NotFound):
        house.chat.window(ALICE, side)
