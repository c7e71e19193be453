"""`auto` of programs, whom nobody can be asked about; and how likely choices were."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import numpy as np
import pytest

from core.errors import GearboxError
from core.providers.request import ChatMessage
from core.routing.of_messages import of_messages
from core.routing.policy import POLICY, drawn, propensity_of
from core.routing.propensities import Propensities
from data.values.plans import Input
from data.values.routing import Arm, Chooser, Decision
from data.values.tasks import Task
from tests.chat.house import SOON, ended
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE
from tests.routing.house import RoutingHouse

PROMPT = "[[pace:instant]][[say:ok]] Write a Python function that parses dates"
SAYS = cast("list[ChatMessage]", [{"role": "user", "content": PROMPT}])


def test_a_costly_model_is_passed_over_for_the_best_below(house: RoutingHouse, sandbox: RecordedSandbox) -> None:
    cheap = house.add("Cheap", sandbox.base_url, input_per_million=1, output_per_million=2)
    house.add("Dear", sandbox.base_url, input_per_million=500, output_per_million=2000)
    found = house.routing.for_call(ALICE, SAYS, tools=False)
    assert found is not None and found.decision is not None
    assert (found.model.id, found.decision.chooser, found.decision.task) == (cheap, Chooser.POLICY, Task.CODE)
    house.preferences.save(ALICE, excluded=(cheap,))
    with pytest.raises(GearboxError, match="nobody has agreed to") as refusal:
        house.routing.for_call(ALICE, SAYS, tools=False)
    assert refusal.value.remedy
    house.preferences.save(ALICE, auto_ask_from=None)
    assert house.routing.for_call(ALICE, SAYS, tools=False) is not None


def test_a_default_counts_and_off_leaves_it_as_it_was(house: RoutingHouse, sandbox: RecordedSandbox) -> None:
    model = house.add("One", sandbox.base_url)
    house.preferences.save(ALICE, default_model=model)
    found = house.routing.for_call(ALICE, SAYS, tools=False)
    assert found is not None and (found.model.id, found.decision) == (model, None)
    house.off.add(ALICE.user_id)
    assert house.routing.for_call(ALICE, SAYS, tools=False) is None


def test_what_a_request_holds_is_seen() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:"}}
    sound = {"type": "input_audio", "input_audio": {}}
    said = cast(
        "list[ChatMessage]",
        [
            {"role": "system", "content": "Be kind."},
            {
                "role": "user",
                "content": [{"type": "text", "text": "This:"}, sound],
            },
            {"role": "assistant", "content": "A bell."},
            {"role": "user", "content": [{"type": "text", "text": "And this?"}, picture]},
        ],
    )
    matter, past = of_messages(said)
    assert (matter.text, matter.inputs) == ("And this?", frozenset({Input.IMAGE}))
    assert (past.sounds, past.pictures) == (True, False)
    assert past.tokens > 2_000
    assert of_messages([])[0].text == ""


def arms(*rewards: float, new: bool = False) -> tuple[Arm, ...]:
    made = (
        Arm(f"a/{place}", reward, reward - 0.1, reward + 0.1, 5, reward=reward) for place, reward in enumerate(rewards)
    )
    return (*made, *([Arm("b/new", 0.9, 0.6, 1.0, 0, reward=0.9, is_new=True)] if new else []))


def decision(chosen: str, among: tuple[Arm, ...], policy: str = POLICY) -> Decision:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return Decision("d", ALICE.user_id, Task.CODE, chosen, Chooser.POLICY, now, arms=among, policy=policy)


def test_the_chances_are_those_of_the_draws() -> None:
    among = arms(0.8, 0.78, 0.5, new=True)
    rng = np.random.default_rng(7)
    draws = [drawn(among, rng, explores=True)[0].model_id for _ in range(4_000)]
    chances = {arm.model_id: propensity_of(decision(arm.model_id, among), rng) or 0.0 for arm in among}
    assert sum(chances.values()) == pytest.approx(1, abs=0.05)
    for model_id, chance in chances.items():
        assert draws.count(model_id) / len(draws) == pytest.approx(chance, abs=0.04)
    assert draws.count("b/new") / len(draws) < 0.15  # whatever is hoped of it
    assert propensity_of(decision("a/0", among, "fixed-1"), rng) is None
    assert propensity_of(decision("gone", among), rng) is None


def test_without_trying_out_the_best_answers_and_no_new_one() -> None:
    among = tuple(sorted(arms(0.8, 0.78, new=True), key=lambda arm: -arm.reward))
    rng = np.random.default_rng(7)
    assert {drawn(among, rng, explores=False)[0].model_id for _ in range(20)} == {"a/0"}


@contextmanager
def working(house: RoutingHouse) -> Iterator[Propensities]:
    propensities = Propensities(house.store.routing, later=0.01)
    yield propensities
    propensities.close()


def test_the_chance_is_written_down_after_sending(house: RoutingHouse, sandbox: RecordedSandbox) -> None:
    for label in ("One", "Two"):
        house.add(label, sandbox.base_url)
    choice = house.chat.choice(ALICE, house.preferences.load(ALICE), picked=None, history=[], prompt=PROMPT)
    turn = ended(house.chat.send(ALICE, None, PROMPT, choice))
    with working(house) as propensities:
        deadline = time.monotonic() + SOON
        while time.monotonic() < deadline:
            propensities.wake()
            kept = house.store.routing.of_turn(ALICE.user_id, turn.begun.turn_id)
            assert kept is not None
            if kept.propensity is not None:
                break
            time.sleep(0.02)
    assert kept is not None and kept.propensity is not None and Decimal("0.01") < Decimal(kept.propensity) <= 1
