"""What models are seen to do: noted once a day, shown at once, kept where others find it, gone with its connection."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from core.providers.facts import FRESH_SECONDS, Facts
from core.providers.features import Feature
from data.store import Store
from data.store.endpoints import KeptListing
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.registry import Capability, CapabilityFact, FactSource
from tests.registry.house import ADMIN, ALICE, BOB, KEY, Clock, RegistryHouse

PLACE = "e1", "m"


def kept(store: Store, count: int) -> dict[Capability, CapabilityFact]:
    """The facts of the place once there are so many: they are written behind the caller's back."""
    deadline = time.monotonic() + 20
    while len(found := store.model_facts.all().get(PLACE, ())) < count:
        assert time.monotonic() < deadline, "nothing was written"
        time.sleep(0.005)
    return {fact.capability: fact for fact in found}


def test_what_an_answer_showed_is_known_at_once_and_to_others_soon(store: Store) -> None:
    clock = Clock()
    here, there = (Facts(store.model_facts, clock, clock.seconds) for _ in range(2))
    assert there.now() == {}
    here.saw(PLACE, {Capability.TOOLS})
    here.saw(PLACE, {Capability.REASONING})
    assert {fact.capability for fact in here.now()[PLACE]} == {Capability.TOOLS, Capability.REASONING}
    stored = kept(store, 2)[Capability.TOOLS]
    assert (stored.holds, stored.source, stored.at) == (True, FactSource.OBSERVED, clock.now)
    assert there.now() == {}, "not asked again yet"
    clock.forward(seconds=FRESH_SECONDS)
    assert {fact.capability for fact in there.now()[PLACE]} == {Capability.TOOLS, Capability.REASONING}


def test_it_is_written_once_a_day(store: Store) -> None:
    clock = Clock()
    facts, first = Facts(store.model_facts, clock, clock.seconds), clock.now
    for _ in range(3):
        facts.saw(PLACE, {Capability.TOOLS})
        clock.forward(hours=1)
    facts.saw(PLACE, {Capability.VISION})  # written after them, so that they would be seen
    assert kept(store, 2)[Capability.TOOLS].at == first
    clock.forward(days=1)
    facts.saw(PLACE, {Capability.TOOLS})
    facts.saw(PLACE, {Capability.REASONING})
    assert kept(store, 3)[Capability.TOOLS].at == clock.now > first + timedelta(days=1)


def test_other_models_and_servers_are_other_places(store: Store) -> None:
    facts = Facts(store.model_facts)
    for place in (PLACE, ("e2", "m"), ("e1", "n")):
        facts.saw(place, {Capability.TOOLS})
    assert set(facts.now()) == {PLACE, ("e2", "m"), ("e1", "n")}


def test_what_is_known_of_a_connection_goes_with_it(house: RegistryHouse) -> None:
    ours, theirs = (
        house.keys.add_server(actor, "Ours", f"http://127.0.0.1:{port}/v1", None)
        for actor, port in ((ALICE, 9), (BOB, 8))
    )
    store = house.store
    fact = CapabilityFact(Capability.TOOLS, True, FactSource.PROBE, house.clock.now, "It did.")
    told = AuditEvent.by(ALICE, Action.MODEL_CHECK, AuditOutcome.DONE, target="model:ours/m")
    for endpoint in (ours, theirs):
        store.model_facts.save((endpoint.id, "m"), [fact], event=told)
        store.model_refusals.save(endpoint.id, "m", Feature.VISION.value, house.clock.now)
        store.listings.save(endpoint.id, KeptListing(("m",), house.clock.now))
    house.keys.disconnect(ALICE, ours.id)
    assert set(store.model_facts.all()) == {(theirs.id, "m")}
    assert {place[0] for place in store.model_refusals.all()} == {theirs.id}
    assert set(store.listings.all()) == {theirs.id}


def test_a_chat_s_models_can_what_was_found_out(house: RegistryHouse) -> None:
    house.keys.add(ALICE, "openai", KEY)
    [endpoint] = house.store.endpoints.within_reach(ALICE.user_id, ())
    before = house.connections.resolve(ALICE, "openai/gpt-4o")[1]
    assert (before.tools, before.vision, before.reasoning) == (True, True, False)
    place = endpoint.id, "gpt-4o"
    house.precautions.facts.saw(place, {Capability.REASONING})
    said = [CapabilityFact(Capability.VISION, False, FactSource.PROBE, house.clock.now, "It saw nothing.")]
    told = AuditEvent.by(ALICE, Action.MODEL_CHECK, AuditOutcome.DONE, target="model:openai/gpt-4o")
    house.precautions.facts.keep(place, said, event=told)
    listed = next(model for model in house.connections.models(ALICE) if model.id == "openai/gpt-4o")
    for model in (house.connections.resolve(ALICE, "openai/gpt-4o")[1], listed):
        assert (model.tools, model.vision, model.reasoning) == (True, False, True)
        assert model.price == before.price


def test_what_a_server_says_of_its_context_stands_before_the_packaged_list_and_after_an_admin(
    house: RegistryHouse,
) -> None:
    house.keys.add(ALICE, "openai", KEY)
    [endpoint] = house.store.endpoints.within_reach(ALICE.user_id, ())
    house.lists(endpoint.id, "gpt-4o", "newer", "plain")
    assert house.registry.card(ALICE, "openai/gpt-4o").context_from is FactSource.CATALOGUE
    snapshot = house.discovery.snapshot
    house.discovery._snapshot = replace(snapshot, contexts={endpoint.id: {"gpt-4o": 5000, "newer": 6000}})
    for name, size in (("gpt-4o", 5000), ("newer", 6000), ("plain", None)):
        card = house.registry.card(ALICE, f"openai/{name}")
        assert (card.context_tokens, card.context_from is FactSource.LISTING) == (size, size is not None)
        assert house.connections.resolve(ALICE, f"openai/{name}")[1].context_tokens == size
    assert {model.name: model.context_tokens for model in house.connections.models(ALICE)}["newer"] == 6000
    house.registry.add_model(ADMIN, provider="openai", name="gpt-4o", category="chat", context_tokens=7000)
    card = house.registry.card(ALICE, "openai/gpt-4o")
    assert (card.context_tokens, card.context_from) == (7000, FactSource.PERSON)
    assert house.connections.resolve(ALICE, "openai/gpt-4o")[1].context_tokens == 7000
