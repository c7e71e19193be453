"""No model is chosen that can't do what is needed, whatever was learned of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chat.bridge import CHARS_PER_TOKEN, room_for
from core.preferences import Preferences
from core.providers.circuits import Circuit, Silences
from core.routing.asked import Asked, Wishes
from core.routing.deciding import Deciding
from core.routing.eligible import Situation, eligible
from core.routing.knowledge import Knowledge
from core.routing.matter import Matter, Past
from data.learning.routing.statistics import Evidence, increments
from data.values.counting import Learned
from data.values.models import Endpoint, EndpointKind, Model, Wire
from data.values.money import TokenPrice
from data.values.plans import Analysis, Input, Output
from data.values.routing import Chooser, Tally, TallyKey
from data.values.tasks import Task
from tests.people import ALICE

NOW = datetime(2026, 11, 29, tzinfo=UTC)
NAMES = ("gpt-5", "claude-opus-4-7", "llama-3-8b", "mystery-1", "mystery-2")
ENDPOINTS = {
    name: Endpoint(name, name, name, kind, Wire.OPENAI, secret_id=f"key-{name}")
    for name, kind in (("one", EndpointKind.PROVIDER), ("two", EndpointKind.CUSTOM), ("sandbox", EndpointKind.SANDBOX))
}


@dataclass(frozen=True)
class World:
    """What a person has, and what they ask."""

    models: tuple[tuple[Endpoint, Model], ...]
    matter: Matter
    past: Past
    silent: frozenset[str]
    broken_keys: frozenset[str]
    spent_keys: frozenset[str]
    without_tools: frozenset[str]
    preferences: Preferences
    thumbs: tuple[tuple[str, bool], ...]

    def of(
        self, _actor: object, excluded: frozenset[str], pin: str | None
    ) -> tuple[Sequence[tuple[Endpoint, Model]], Situation]:
        circuits = {Circuit(end.id, model.name): NOW for end, model in self.models if model.id in self.silent}
        return self.models, Situation(
            Silences({}, circuits),
            lambda endpoint: "its key has expired" if endpoint.id in self.broken_keys else "",
            lambda endpoint: Decimal(0) if endpoint.id in self.spent_keys else None,
            lambda _endpoint, model: model.id in self.without_tools,
            excluded,
            pin,
        )

    def tallies(self, _known: Learned | None) -> Learned:
        found: dict[TallyKey, Tally] = {}
        for model_id, is_good in self.thumbs:
            evidence = Evidence(model_id, {Task.CODE: 1.0}, NOW, ALICE.user_id, quality=float(is_good))
            for key, tally in increments(evidence).items():
                found[key] = found.get(key, Tally()) + tally
        return Learned(1, found)


PRICE = TokenPrice(Decimal("0.00001"), Decimal("0.00005"), Decimal("0.00001"), "1")
MODELS = st.builds(
    lambda end, name, context, vision, audio, priced: (
        ENDPOINTS[end],
        Model(end, name, name, context, price=PRICE if priced else None, vision=vision, audio=audio),
    ),
    st.sampled_from(sorted(ENDPOINTS)),
    st.sampled_from(NAMES),
    st.sampled_from([None, 4_000, 128_000, 1_000_000]),
    *(st.booleans() for _ in range(3)),
)
IDS = st.sampled_from([f"{end}/{name}" for end in ENDPOINTS for name in NAMES])
SOME = st.frozensets(IDS, max_size=4)
ENDS = st.frozensets(st.sampled_from(sorted(ENDPOINTS)), max_size=2)
WORLDS = st.builds(
    World,
    models=st.lists(MODELS, min_size=1, max_size=10, unique_by=lambda each: each[1].id).map(tuple),
    matter=st.builds(
        Matter,
        st.just("Write a function"),
        st.frozensets(st.sampled_from([Input.IMAGE, Input.AUDIO, Input.DOCUMENT])),
        st.integers(0, 900_000),
    ),
    past=st.builds(Past, st.integers(0, 300_000), st.booleans(), st.booleans()),
    silent=SOME,
    broken_keys=ENDS,
    spent_keys=ENDS,
    without_tools=SOME,
    preferences=st.builds(
        Preferences,
        excluded=SOME.map(lambda ids: tuple(sorted(ids))),
        pins=st.dictionaries(st.just(Task.CODE), IDS),
        tools=st.booleans(),
        explores=st.booleans(),
        auto_ask_from=st.sampled_from([None, Decimal(0), Decimal("0.1")]),
    ),
    thumbs=st.lists(st.tuples(IDS, st.booleans()), max_size=8).map(tuple),
)


def capable(world: World, end: Endpoint, model: Model, *, past: bool) -> bool:
    """Written down anew, so that the filter is not held against itself."""
    matter, before = world.matter, world.past if past else Past()
    return (
        (model.vision or not (Input.IMAGE in matter.inputs or before.pictures))
        and (model.audio or not (Input.AUDIO in matter.inputs or before.sounds))
        and (matter.tokens + before.tokens) * CHARS_PER_TOKEN <= room_for(model.context_tokens)
        and not (world.preferences.tools and model.id in world.without_tools)
    )


def callable_now(world: World, end: Endpoint, model: Model) -> bool:
    return not (model.id in world.silent or end.id in world.broken_keys or end.id in world.spent_keys)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(WORLDS)
def test_never_a_model_that_is_not_able(world: World) -> None:
    knowledge = Knowledge(world, clock=lambda: NOW)  # type: ignore[arg-type]
    knowledge.load(model.id for _, model in world.models)
    deciding = Deciding(
        world,  # type: ignore[arg-type]
        knowledge,
        judges=lambda _team: 0,
        clock=lambda: NOW,
    )
    asked = Asked(world.matter, world.past, None, 0, Wishes(), world.preferences)
    analysis = Analysis(frozenset({Output.TEXT}), {}, Task.CODE, tasks={Task.CODE: 0.9, Task.MATH: 0.1})
    weighed = deciding.weigh(ALICE, asked, analysis, tools=world.preferences.tools)
    assert weighed is not None
    usable = [each for each in world.models if callable_now(world, *each)]
    pinned = world.preferences.pins.get(Task.CODE)
    allowed = [each for each in usable if each[1].id not in world.preferences.excluded or each[1].id == pinned]
    real = [each for each in allowed if each[0].kind is not EndpointKind.SANDBOX]
    real = [each for each in allowed if each in real or each[1].id == pinned] if real else allowed
    by_id = {model.id: (end, model) for end, model in allowed}
    for arm in weighed.arms:
        assert by_id[arm.model_id] in real, "it can't be called, is excluded, or only plays"
        for past in (True, False):  # it takes all, where any model does
            if any(capable(world, *each, past=past) for each in real):
                assert capable(world, *by_id[arm.model_id], past=past)
                break
    assert {arm.model_id for arm in weighed.arms}.isdisjoint(each.model_id for each in weighed.unfit)
    if not weighed.arms:
        return
    decision = deciding.decide(ALICE, asked, analysis, weighed)
    assert decision.arm is not None
    assert decision.chosen in {arm.model_id for arm in weighed.arms}
    if decision.chooser is Chooser.PIN:
        assert decision.chosen == pinned
    elif pinned is not None and pinned in {each[1].id for each in world.models}:
        assert any(each.model_id == pinned and each.why.startswith("you pinned it") for each in decision.unfit)


SEES = Model("one", "sees", "Sees", 128_000, vision=True)
HEARS = Model("one", "hears", "Hears", 128_000, audio=True)
READS = Model("one", "reads", "Reads", 1_000_000)
NOTHING_WRONG = Situation(Silences(), lambda _: "", lambda _: None, lambda *_: False)


@pytest.mark.parametrize(
    ("matter", "past", "able"),
    [
        (Matter("Hi"), Past(), {"sees", "hears", "reads"}),
        (Matter("Hi", frozenset({Input.IMAGE})), Past(), {"sees"}),
        (Matter("Hi"), Past(pictures=True), {"sees"}),
        (Matter("Hi", frozenset({Input.AUDIO})), Past(), {"hears"}),
        (Matter("Hi", frozenset({Input.AUDIO})), Past(pictures=True), {"hears"}),
        (Matter("Hi", frozenset({Input.AUDIO, Input.IMAGE})), Past(), {"sees"}),
        (Matter("Hi", tokens=10), Past(tokens=200_000), {"reads"}),
        (Matter("Hi", tokens=10), Past(tokens=2_000_000), {"sees", "hears", "reads"}),
        (Matter("Hi", tokens=2_000_000), Past(), set()),
    ],
    ids=["words", "picture", "picture before", "sound", "sound now", "both", "long", "all too long", "prompt too long"],
)
def test_what_no_model_takes_is_not_asked_for(matter: Matter, past: Past, able: set[str]) -> None:
    models = [(ENDPOINTS["one"], model) for model in (SEES, HEARS, READS)]
    fits, unfit = eligible(models, matter, past, NOTHING_WRONG, task=Task.CHAT, tools=False)
    assert {fit.model.name for fit in fits} == able
    assert {each.model_id for each in unfit} == {model.id for _, model in models if model.name not in able}
    assert all(each.why for each in unfit)


def test_a_model_costs_no_more_than_is_left() -> None:
    dear = replace(READS, price=TokenPrice(Decimal("0.01"), Decimal("0.01"), Decimal("0.01"), "1"))
    situation = replace(NOTHING_WRONG, left=lambda _: Decimal(1))
    models = [(ENDPOINTS["one"], dear), (ENDPOINTS["one"], SEES)]
    fits, unfit = eligible(models, Matter("Hi"), Past(), situation, task=Task.CHAT, tools=False)
    assert [fit.model for fit in fits] == [SEES]
    assert [each.why for each in unfit] == ["it costs more than is left of today's limit"]
