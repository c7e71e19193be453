"""Gearbox chooses, people overrule: who answers in the chat, and what is written down of it."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.access.access_rules import AccessRules
from core.access.allowing import NOT_AMONG_ALLOWED
from core.chat.attachments import Attachment
from core.chat.selection import Choice
from core.errors import GearboxError, NotAllowed, NotFound
from core.preferences import Preferences
from core.providers.catalog import Catalogue
from core.providers.circuits import FAILURES, Circuit
from core.routing.asked import Wishes
from core.routing.policy import within
from core.routing.words import PINNED
from data.values.access_rules import Lists, RuleOwner
from data.values.actor import Actor, Role
from data.values.calls import ChosenBy, ErrorKind
from data.values.routing import Arm, Chooser, Decision
from data.values.tasks import Task
from tests.chat.house import ended
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE, BOB
from tests.routing.house import RoutingHouse

PROMPT = "[[pace:instant]][[say:ok]] Write a Python function that parses dates"


@pytest.fixture
def models(house: RoutingHouse, sandbox: RecordedSandbox) -> list[str]:
    return [house.add(label, sandbox.base_url) for label in ("One", "Two", "Three")]


def drafted(house: RoutingHouse, prompt: str | None = PROMPT, **how: Any) -> Choice:
    how = {"picked": None, "history": [], **how}
    found = house.chat.choice(ALICE, house.preferences.load(ALICE), prompt=prompt, **how)
    assert found is not None
    return found


def kept(house: RoutingHouse, turn_id: str) -> Decision:
    found = house.store.routing.of_turn(ALICE.user_id, turn_id)
    assert found is not None
    return found


def test_what_the_page_was_shown_is_what_is_sent(house: RoutingHouse, models: list[str]) -> None:
    choice = drafted(house)
    assert choice.decision is not None
    assert choice.decision.chooser is Chooser.POLICY
    assert choice.decision.task is Task.CODE
    assert {arm.model_id for arm in choice.decision.arms} == set(models)
    turn = ended(house.chat.send(ALICE, None, PROMPT, choice))
    assert kept(house, turn.begun.turn_id) == choice.decision
    assert turn.model_id == choice.model.id
    assert house.rows("SELECT chosen_by FROM calls") == [(ChosenBy.AUTO.value,)]
    reply = house.chat.window(ALICE, turn.begun.conversation_id)[-1]
    assert reply.details is not None and reply.details.choice is not None
    assert reply.details.choice.decision_id == choice.decision.id


def test_another_prompt_than_was_shown_is_decided_anew(house: RoutingHouse, models: list[str]) -> None:
    choice = drafted(house)
    turn = ended(house.chat.send(ALICE, None, "[[pace:instant]][[say:ok]] Translate “the owl” into French", choice))
    made = kept(house, turn.begun.turn_id)
    assert choice.decision is not None and made.id != choice.decision.id
    assert (made.task, made.chooser) == (Task.TRANSLATE, Chooser.POLICY)


def test_a_draft_keeps_its_model_while_it_is_written(house: RoutingHouse, models: list[str]) -> None:
    first = drafted(house)
    assert {drafted(house, PROMPT + " and times" * more).model.id for more in range(5)} == {first.model.id}


def test_before_anything_is_typed_it_is_left_open(house: RoutingHouse, models: list[str]) -> None:
    choice = drafted(house, None)
    assert (choice.chosen_by, choice.decision) == (ChosenBy.AUTO, None)
    turn = ended(house.chat.send(ALICE, None, PROMPT, choice))
    assert kept(house, turn.begun.turn_id).chooser is Chooser.POLICY


def test_a_pick_is_the_person_s_and_stays_the_conversation_s(house: RoutingHouse, models: list[str]) -> None:
    shown = drafted(house)
    other = next(model for model in models if model != shown.model.id)
    choice = drafted(house, picked=other)
    assert choice.decision is not None and choice.decision.chooser is Chooser.PERSON
    turn = ended(house.chat.send(ALICE, None, PROMPT, choice))
    history = house.chat.window(ALICE, turn.begun.conversation_id)
    again = drafted(house, history=history)
    assert again.decision is not None
    assert (again.model.id, again.decision.chooser) == (other, Chooser.PERSON)
    elsewhere = drafted(house)
    assert elsewhere.decision is not None and elsewhere.decision.chooser is Chooser.POLICY


@pytest.mark.parametrize("prompt", [PROMPT, None], ids=["while-it-is-written", "while-it-runs"])
def test_what_is_taken_in_the_place_of_a_choice_is_for_one_prompt(
    house: RoutingHouse, models: list[str], prompt: str | None
) -> None:
    shown = drafted(house)
    assert shown.decision is not None
    other = next(model for model in models if model != shown.model.id)
    choice = drafted(house, prompt, picked=other, overrules=shown.decision.id)
    turn = ended(house.chat.send(ALICE, None, PROMPT, choice))
    made = kept(house, turn.begun.turn_id)
    assert (made.chosen, made.chooser, made.overrules) == (other, Chooser.PERSON, shown.decision.id)
    history = house.chat.window(ALICE, turn.begun.conversation_id)
    following = drafted(house, history=history)
    assert following.decision is not None and following.decision.chooser is Chooser.POLICY


def test_a_default_of_one_s_own_is_a_pick(house: RoutingHouse, models: list[str]) -> None:
    house.preferences.save(ALICE, default_model=models[1])
    choice = drafted(house)
    assert choice.decision is not None
    assert (choice.model.id, choice.decision.chooser, choice.chosen_by) == (models[1], Chooser.PERSON, ChosenBy.PERSON)


def test_off_means_the_fixed_default_and_says_so(house: RoutingHouse, models: list[str]) -> None:
    usual = house.connections.default_model(ALICE, None)
    assert usual is not None
    house.off.add(ALICE.user_id)
    choice = drafted(house)
    assert choice.decision is not None
    assert (choice.model.id, choice.decision.chooser, choice.chosen_by) == (usual.id, Chooser.FIXED, ChosenBy.DEFAULT)
    assert drafted(house, None).chosen_by is ChosenBy.DEFAULT


def test_where_what_was_learned_fails_the_fixed_default_answers(
    house: RoutingHouse, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.knowledge, "now", lambda _models: 1 / 0)
    choice = drafted(house)
    assert choice.decision is not None and choice.decision.chooser is Chooser.FIXED
    monkeypatch.setattr(house.knowledge, "now", lambda _models: None)  # not ready yet
    choice = drafted(house)
    assert choice.decision is not None and choice.decision.chooser is Chooser.FIXED


def test_what_could_not_be_weighed_when_it_was_shown_is_decided_anew_when_it_is_sent(
    house: RoutingHouse, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as not_ready:
        not_ready.setattr(house.knowledge, "now", lambda _models: None)
        shown = drafted(house)
    assert shown.decision is not None and shown.decision.chooser is Chooser.FIXED
    made = kept(house, ended(house.chat.send(ALICE, None, PROMPT, shown)).begun.turn_id)
    assert (made.chooser, {arm.model_id for arm in made.arms}) == (Chooser.POLICY, set(models))
    house.off.add(ALICE.user_id)
    usual = drafted(house)  # somebody decided that nothing is chosen for them: that stands
    assert kept(house, ended(house.chat.send(ALICE, None, PROMPT, usual)).begun.turn_id) == usual.decision


def test_pins_and_exclusions_count(house: RoutingHouse, models: list[str]) -> None:
    house.preferences.save(ALICE, pins={"code": models[2]}, excluded=(models[0],))
    pinned = house.decide(PROMPT)
    assert (pinned.chosen, pinned.chooser) == (models[2], Chooser.PIN)
    other = house.decide("Translate “the owl” into French")
    assert other.chooser is Chooser.POLICY
    assert models[0] not in {arm.model_id for arm in other.arms}
    assert [each.why for each in other.unfit if each.model_id == models[0]] == ["you excluded it"]


def test_where_all_are_excluded_none_answers_unless_it_is_picked(
    house: RoutingHouse, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted = {model.id for model in house.connections.models(ALICE)} - {*models}
    house.preferences.save(ALICE, excluded=(*models[1:], *scripted))
    with monkeypatch.context() as not_ready:
        not_ready.setattr(house.knowledge, "now", lambda _models: None)
        usual = house.decide(PROMPT)
    assert (usual.chosen, usual.chooser) == (models[0], Chooser.FIXED)
    left_open = drafted(house, None)
    house.preferences.save(ALICE, excluded=(*models, *scripted))
    with pytest.raises(GearboxError, match="excluded every model"):
        house.decide(PROMPT)
    with pytest.raises(GearboxError, match="excluded every model"):
        house.chat.send(ALICE, None, PROMPT, left_open)
    assert house.decide(PROMPT, picked=models[0]).chosen == models[0]
    house.off.add(ALICE.user_id)
    assert house.decide(PROMPT).chooser is Chooser.FIXED


def test_what_a_model_costs_is_said_also_where_it_was_no_candidate(
    house: RoutingHouse, models: list[str], sandbox: RecordedSandbox
) -> None:
    never = house.add("Never", sandbox.base_url, input_per_million=10, output_per_million=20)
    house.preferences.save(ALICE, excluded=(never,))
    taken = house.routing.instead(ALICE, drafted(house), never).decision
    picked = drafted(house, picked=never).decision
    assert taken is not None and taken.arm is not None and picked is not None and picked.arm is not None
    assert taken.arm.cost == picked.arm.cost is not None


def test_a_pin_to_the_sandbox_holds(house: RoutingHouse, models: list[str]) -> None:
    house.preferences.save(ALICE, pins={"code": "sandbox/scripted"})
    pinned = house.decide(PROMPT)
    assert (pinned.chosen, pinned.chooser) == ("sandbox/scripted", Chooser.PIN)
    other = house.decide("Translate “the owl” into French")
    assert {arm.model_id for arm in other.arms} == set(models)


def test_a_pinned_model_that_can_not_see_is_passed_over_and_that_is_said(
    house: RoutingHouse, models: list[str], sandbox: RecordedSandbox
) -> None:
    sees = house.add("Four", sandbox.base_url, capabilities={"vision"})
    house.preferences.save(ALICE, pins=dict.fromkeys(("code", "question", "other", "extract", "image"), models[0]))
    picture = Attachment("a.png", b"\x89PNG\r\n\x1a\n" + bytes(40))
    decision = house.decide("Which language is the code in this picture?", files=[picture])
    assert decision.chosen == sees
    why = next(each.why for each in decision.unfit if each.model_id == models[0])
    assert why == "you pinned it, but it is not known to see pictures"


def test_what_does_not_answer_now_is_passed_over(house: RoutingHouse, models: list[str]) -> None:
    endpoint, model = house.connections.resolve(ALICE, models[0])
    for _ in range(FAILURES):
        house.attempts.precautions.circuits.left(
            Circuit(endpoint.id, model.name), "One", ErrorKind.UNREACHABLE, answered=False
        )
    decision = house.decide(PROMPT)
    assert {arm.model_id for arm in decision.arms} == set(models[1:])
    assert "has not answered since" in next(each.why for each in decision.unfit if each.model_id == models[0])


def test_a_costly_model_is_not_tried_out_but_asked_about_where_it_is_the_best(
    house: RoutingHouse, sandbox: RecordedSandbox
) -> None:
    cheap = house.add("Cheap", sandbox.base_url, input_per_million=1, output_per_million=2)
    dear = house.add("Dear", sandbox.base_url, input_per_million=500, output_per_million=2000)
    decisions = [house.decide(PROMPT) for _ in range(20)]
    assert {each.chosen for each in decisions} == {cheap}
    assert "too much to be tried" in next(each.why for each in decisions[0].unfit if each.model_id == dear)
    preferences = house.preferences.save(ALICE, excluded=(cheap,))
    left = house.decide(PROMPT)
    assert (left.chosen, house.routing.needs_yes(left, preferences)) == (dear, True)
    assert not house.routing.needs_yes(left, house.preferences.save(ALICE, auto_ask_from=None))
    assert not house.routing.needs_yes(left, house.preferences.save(ALICE, auto_ask_from=Decimal(2)))


def test_who_is_asked_about_every_answer_is_offered_the_other_models(
    house: RoutingHouse, sandbox: RecordedSandbox
) -> None:
    prices = {"Cheap": 1, "Middle": 20, "Dear": 500}
    ids = {house.add(name, sandbox.base_url, input_per_million=1, output_per_million=it) for name, it in prices.items()}
    preferences = house.preferences.save(ALICE, auto_ask_from=Decimal(0))
    decisions = [house.decide(PROMPT) for _ in range(3)]
    assert all({arm.model_id for arm in each.arms} == ids for each in decisions)
    assert all(house.routing.needs_yes(each, preferences) for each in decisions)


@pytest.mark.parametrize(
    ("limit", "costs", "tried"),
    [
        ("0.10", ["0.01", "0.20", "0.05"], [0, 2]),
        ("0.10", ["0.20", "0.01", "0.30", "0.15", "0.20"], [0, 1, 3, 4]),  # asked about the best: no try is dearer
        ("0.10", [None, "0.01", "0.20"], [0, 1]),
        ("0.10", ["0.20", None, "0.30"], [0, 1]),
        ("0", ["0.01", "0.20"], [0, 1]),
        (None, ["0.01", "0.20"], [0, 1]),
    ],
)
def test_too_dear_to_be_tried_is_what_costs_more_than_the_best_and_is_asked_about(
    limit: str | None, costs: list[str | None], tried: list[int]
) -> None:
    arms = [Arm(str(at), 0.5, 0, 1, 0, None if cost is None else Decimal(cost)) for at, cost in enumerate(costs)]
    left, dear = within(arms, None if limit is None else Decimal(limit))
    assert [arm.model_id for arm in left] == [str(at) for at in tried]
    assert {*left, *dear} == set(arms)


def test_without_any_model_it_is_the_error_that_it_was(
    tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue
) -> None:
    with closing(RoutingHouse(tmp_path, sandbox.base_url, catalogue, sandbox=False)) as house:
        assert house.routing.draft(ALICE, PROMPT, None, Wishes(), Preferences()) is None
        with pytest.raises(NotFound, match="No model can be used yet"):
            house.chat.send(ALICE, None, PROMPT, None)


def test_a_conversation_of_somebody_else_s_looks_like_a_missing_one(house: RoutingHouse, models: list[str]) -> None:
    turn = ended(house.chat.send(ALICE, None, PROMPT, drafted(house)))
    for conversation_id in (turn.begun.conversation_id, "0" * 32):
        with pytest.raises(NotFound):
            house.routing.draft(BOB, "Hello", conversation_id, Wishes(), Preferences())


def test_what_is_kept_for_others_is_never_chosen_and_said_to_be_so(house: RoutingHouse, models: list[str]) -> None:
    house.preferences.save(ALICE, pins={"code": models[0]})
    choice = drafted(house)
    assert choice.model.id == models[0]
    allow(house, *models[1:])
    for _ in range(10):
        choice = drafted(house)
        assert choice.model.id in models[1:] and choice.decision is not None
    assert choice.decision is not None
    why = {each.model_id: each.why for each in choice.decision.unfit}
    assert why[models[0]] == f"{PINNED}{NOT_AMONG_ALLOWED}"
    others = drafted(house, picked=models[0])
    assert others.model.id in models[1:], "the conversation goes on with another one"
    assert others.instead_of is not None and "not among those" in others.instead_of.why
    turn = ended(house.chat.send(ALICE, None, PROMPT, others))
    assert turn.model_id in models[1:]


def test_a_model_that_is_taken_away_while_it_stands_on_the_page(house: RoutingHouse, models: list[str]) -> None:
    picked = drafted(house, picked=models[0])
    assert picked.model.id == models[0]
    allow(house, *models[1:])
    with pytest.raises(NotAllowed):
        house.chat.send(ALICE, None, PROMPT, picked)


def allow(house: RoutingHouse, *models: str) -> None:
    house.store.users.ensure(ALICE.user_id, "Alice")
    admin = Actor("admin", frozenset({Role.ADMIN}))
    AccessRules(house.access, house.store).set(admin, RuleOwner.USER, ALICE.user_id, Lists(models=models))
