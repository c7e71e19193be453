"""What people see of the registry, what admins change, and that calls hold to it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from core.access.access import Access
from core.access.access_rules import AccessRules
from core.errors import AccessRefused, GearboxError, NotFound
from core.providers.circuits import FAILURES, Circuit
from core.registry.overrides import FRESH_SECONDS, Overrides
from core.vault.user_seals import UserSeals
from data.values.access_rules import Lists, RuleOwner
from data.values.actor import Actor
from data.values.audit import Action
from data.values.audit_search import AuditFilter
from data.values.calls import ErrorKind, KeyOwner
from data.values.registry import Capability, Category, FactSource, Modality, ModelQuery
from tests.people import CHEAP
from tests.registry.house import ADMIN, ALICE, BOB, CATALOGUE, KEY, RegistryHouse

GPT = "openai/gpt-4o"
PASSPHRASE = "a long enough passphrase for a seal"


def test_who_can_use_what_and_why_not(house: RegistryHouse) -> None:
    registry = house.registry
    assert "no key of OpenAI" in registry.usability(ALICE, GPT).reason
    until = house.clock() + timedelta(days=1)
    endpoint = house.keys.add(ALICE, "openai", KEY, expires_at=until)
    assert registry.usability(ALICE, GPT).usable
    assert not registry.usability(BOB, GPT).usable, "it is Alice's key"
    assert registry.search(ALICE, ModelQuery(provider="openai", usable=True)).total > 20
    assert registry.search(BOB, ModelQuery(provider="openai", usable=True)).total == 0
    house.lists(endpoint.id, "gpt-4o-mini")
    assert "does not list" in registry.usability(ALICE, GPT).reason
    assert registry.usability(ALICE, "openai/gpt-4o-mini").usable
    house.clock.forward(days=2)
    assert "expired" in registry.usability(ALICE, "openai/gpt-4o-mini").reason
    assert "no connection" in registry.usability(ALICE, "ai21/jamba-large-1.7").reason
    assert registry.usability(ALICE, "sandbox/scripted").usable
    assert all(card.connected for card in registry.providers(ALICE)[:2])
    with pytest.raises(NotFound):
        registry.usability(ALICE, "openai/never-heard-of")


def test_what_is_wrong_with_a_key_is_told_apart(house: RegistryHouse) -> None:
    def said(actor: Actor = ALICE) -> tuple[str, str]:
        usability = house.registry.usability(actor, GPT)
        assert not usability.usable
        return usability.reason, usability.remedy

    endpoint = house.keys.add(ALICE, "openai", KEY, expires_at=house.clock() + timedelta(days=1))
    assert house.registry.usability(ALICE, GPT).usable
    house.clock.forward(days=2)
    expired = said()
    assert expired == ("Your key of OpenAI has expired.", "Rotate it in the settings: enter a new one.")
    assert endpoint.secret_id
    house.keys.revoke(ALICE, endpoint.secret_id, 1)
    revoked = said()
    assert revoked[0] == "Your key of OpenAI was revoked."
    house.vault.remove(ALICE, endpoint.secret_id)
    assert said() == ("Your key of OpenAI is gone.", "Connect it again in the settings.")


def test_a_sealed_key_is_locked_until_its_owner_unlocks_it(house: RegistryHouse) -> None:
    nobody = dict.fromkeys(("guard", "on_failure", "on_success"), lambda _: None)
    UserSeals(Access(house.store), house.store, house.vault, cost=CHEAP, **nobody).create(ALICE, PASSPHRASE)
    house.keys.add(ALICE, "openai", KEY, user_sealed=True)
    assert house.registry.usability(ALICE, GPT).usable
    house.vault.unlocked.drop(ALICE.user_id)
    usability = house.registry.usability(ALICE, GPT)
    assert usability.reason == "Your key of OpenAI is locked."
    assert usability.remedy == "Unlock it with your passphrase, in the settings or in the chat."


def test_of_a_shared_key_its_admins_are_asked(house: RegistryHouse) -> None:
    house.keys.add_shared(ADMIN, KeyOwner.ORGANISATION, "", "openai", KEY, expires_at=house.clock() + timedelta(days=1))
    assert house.registry.usability(BOB, GPT).usable
    house.clock.forward(days=2)
    usability = house.registry.usability(BOB, GPT)
    assert usability.reason == "Your shared key of OpenAI has expired."
    assert "ask an admin" in usability.remedy


def test_a_server_that_does_not_answer_can_not_be_used_now(house: RegistryHouse) -> None:
    endpoint = house.keys.add(ALICE, "openai", KEY)
    circuits = house.precautions.circuits
    circuits.asked(endpoint.id, ErrorKind.UNREACHABLE)
    usability = house.registry.usability(ALICE, GPT)
    assert not usability.usable
    assert re.fullmatch(r"OpenAI is not answering since \d+ \w+ \d{4}, \d\d:\d\d UTC\.", usability.reason)
    assert house.registry.search(ALICE, ModelQuery(provider="openai", usable=True)).total == 0
    circuits.asked(endpoint.id, None)
    assert house.registry.usability(ALICE, GPT).usable
    for _ in range(FAILURES):
        circuits.left(Circuit(endpoint.id, "gpt-4o"), "OpenAI", ErrorKind.TIMEOUT, answered=False)
    assert "not answering since" in house.registry.usability(ALICE, GPT).reason
    assert house.registry.usability(ALICE, "openai/gpt-4o-mini").usable
    assert house.registry.search(ALICE, ModelQuery(provider="openai", usable=True)).total > 20


def test_a_price_for_one_size_is_no_model(house: RegistryHouse) -> None:
    house.keys.add(ALICE, "openai", KEY)
    found = house.registry.search(ALICE, ModelQuery(q="1024-x-1024/", provider="openai")).cards
    assert found
    reasons = {house.registry.usability(ALICE, card.id).reason for card in found}
    assert len(reasons) == 1
    assert "a price in the list" in reasons.pop()


def test_what_only_a_person_s_server_lists_is_theirs_alone(house: RegistryHouse) -> None:
    endpoint = house.keys.add_server(ALICE, "Box", "http://127.0.0.1:9/v1", None)
    house.lists(endpoint.id, "llama-own:8b", "nomic-embed-own", "whisper-own")
    cards = {card.name: card for card in house.registry.search(ALICE, ModelQuery(provider="box")).cards}
    assert {name: card.category for name, card in cards.items()} == {
        "llama-own:8b": Category.CHAT,
        "nomic-embed-own": Category.SEARCH,
        "whisper-own": Category.LISTEN,
    }
    assert {fact.source for card in cards.values() for fact in card.facts} == {FactSource.NAME}
    assert house.registry.search(ALICE, ModelQuery(q="llama-own")).cards[0] is cards["llama-own:8b"]
    assert house.registry.search(BOB, ModelQuery(q="llama-own")).total == 0
    with pytest.raises(NotFound):
        house.registry.card(BOB, "box/llama-own:8b")


def test_a_model_that_is_off_answers_nobody(house: RegistryHouse) -> None:
    house.keys.add(ALICE, "openai", KEY)
    with pytest.raises(AccessRefused):
        house.registry.set_enabled(ALICE, GPT, False)
    elsewhere = house.another(Overrides(house.store, CATALOGUE, house.clock.seconds))
    assert elsewhere.usability(ALICE, GPT).usable
    tag = house.registry.search(ALICE, ModelQuery()).etag
    house.registry.set_enabled(ADMIN, GPT, False)
    assert not house.registry.card(ALICE, GPT).enabled
    assert "turned this model off" in house.registry.usability(ALICE, GPT).reason
    assert house.registry.search(ALICE, ModelQuery()).etag != tag
    assert GPT not in {model.id for model in house.connections.models(ALICE)}
    with pytest.raises(NotFound, match="turned the model openai/gpt-4o off"):
        house.connections.resolve(ALICE, GPT)
    house.clock.forward(seconds=FRESH_SECONDS)
    assert not elsewhere.usability(ALICE, GPT).usable, "within two seconds in every process"
    house.registry.set_enabled(ADMIN, GPT, True)
    assert house.connections.resolve(ALICE, GPT)[1].id == GPT
    assert house.store.model_overrides.all() == {}, "nothing is kept of what is as it was"
    with pytest.raises(NotFound):
        house.registry.set_enabled(ADMIN, "openai/never-heard-of", False)
    events = house.store.audit.search(AuditFilter(actions=(Action.SETTINGS_CHANGE,)), None, 50).entries
    said = [entry.record.target for entry in events if entry.record.target.startswith("model:")]
    assert said == [f"model:{GPT}", f"model:{GPT}"]


def test_the_model_that_would_be_first_is_not_when_it_is_off(house: RegistryHouse) -> None:
    house.keys.add(ALICE, "openai", KEY)
    first = house.connections.default_model(ALICE, None)
    assert first is not None
    house.registry.set_enabled(ADMIN, first.id, False)
    second = house.connections.default_model(ALICE, first.id)
    assert second is not None
    assert second.id != first.id


def test_an_admin_describes_a_model_and_its_price_is_booked(house: RegistryHouse) -> None:
    endpoint = house.keys.add_server(ADMIN, "Box", "http://127.0.0.1:9/v1", None)
    house.lists(endpoint.id, "listed")
    fields = {"input_per_million": "1.25", "output_per_million": 5, "capabilities": ["tools", "vision"]}
    card = house.registry.add_model(ADMIN, provider="box", name="tuned", context_tokens=32_000, **fields)
    assert (card.custom, card.can(Capability.TOOLS), card.context_tokens) == (True, True, 32_000)
    said = {fact.capability: (fact.holds, fact.source) for fact in card.facts}
    assert said[Capability.TOOLS] == said[Capability.VISION] == (True, FactSource.PERSON)
    assert said[Capability.STREAMING] == (True, FactSource.NAME), "nobody said so: its name is like one that chats"
    assert house.registry.usability(ADMIN, "box/tuned").usable
    _, model = house.connections.resolve(ADMIN, "box/tuned")
    assert model.price is not None
    assert (model.price.input, model.price.output) == (Decimal("0.00000125"), Decimal("0.000005"))
    assert "box/tuned" in {each.id for each in house.connections.models(ADMIN)}
    assert house.registry.typical_cost(card) == Decimal("3.625")
    house.registry.remove_model(ADMIN, "box/tuned")
    with pytest.raises(NotFound):
        house.connections.resolve(ADMIN, "box/tuned")
    with pytest.raises(NotFound):
        house.registry.remove_model(ADMIN, "box/tuned")


def test_who_knows_one_thing_better_keeps_the_rest(house: RegistryHouse) -> None:
    house.keys.add(ADMIN, "openai", "sk-of-the-admin-123456")
    before = house.registry.card(ADMIN, "openai/gpt-4o-mini")
    after = house.registry.add_model(ADMIN, provider="openai", name="gpt-4o-mini", input_per_million="9")
    assert after.prices is not None and before.prices is not None
    assert (after.prices.input_token, after.prices.output_token) == (Decimal("0.000009"), before.prices.output_token)
    assert (after.context_tokens, after.inputs, after.context_from) == (
        before.context_tokens,
        before.inputs,
        FactSource.CATALOGUE,
    )
    assert [(fact.capability, fact.holds, fact.source, after.known_since(fact)) for fact in after.facts] == [
        (fact.capability, fact.holds, fact.source, before.known_since(fact)) for fact in before.facts
    ], "what the list says is still said by the list, and as old"
    assert after.prices.version == f"entered, the rest {before.prices.version}"
    again = house.registry.add_model(ADMIN, provider="openai", name="gpt-4o-mini", context_tokens=1000)
    assert again.prices is not None and again.context_tokens == 1000
    assert again.prices.input_token == Decimal("0.000009"), "what was entered before stays as well"
    assert again.context_from is FactSource.PERSON
    _, model = house.connections.resolve(ADMIN, "openai/gpt-4o-mini")
    assert (model.context_tokens, model.vision, model.tools) == (1000, True, True)
    other = house.registry.add_model(ADMIN, provider="openai", name="gpt-4o-mini", category=Category.SPEAK)
    assert (other.can(Capability.VISION), other.prices) == (None, None), "a model of another kind is another model"


def test_a_priced_picture_model_still_does_what_its_name_says(house: RegistryHouse) -> None:
    house.keys.add_server(ADMIN, "Box", "http://127.0.0.1:9/v1", None)
    for name, edits in (("flux-kontext", True), ("flux-dev", None)):
        card = house.registry.add_model(ADMIN, provider="box", name=name, category=Category.PICTURES, per_image="0.30")
        assert card.can(Capability.IMAGE_GENERATION) and card.can(Capability.IMAGE_EDIT) is edits


def test_a_price_makes_a_model_no_other_than_its_name_says(house: RegistryHouse) -> None:
    endpoint = house.keys.add_server(ADMIN, "Box", "http://127.0.0.1:9/v1", None)
    house.lists(endpoint.id, "gpt-4o-mini-tts")
    before = house.registry.card(ADMIN, "box/gpt-4o-mini-tts")
    assert (before.category, before.can(Capability.SPEECH)) == (Category.SPEAK, True)
    after = house.registry.add_model(ADMIN, provider="box", name="gpt-4o-mini-tts", per_second="0.00025")
    assert (after.category, after.facts) == (before.category, before.facts)
    assert house.registry.usability(ADMIN, after.id).usable


def test_who_says_what_a_chat_model_can_says_that_it_can_t_do_the_rest(house: RegistryHouse) -> None:
    house.keys.add(ADMIN, "openai", "sk-of-the-admin-123456")
    card = house.registry.add_model(ADMIN, provider="openai", name="gpt-4o-mini", capabilities=["tools"])
    said = {fact.capability: (fact.holds, fact.source) for fact in card.facts}
    assert said[Capability.TOOLS] == (True, FactSource.PERSON)
    assert said[Capability.VISION] == (False, FactSource.PERSON)
    assert said[Capability.PROMPT_CACHING] == (True, FactSource.CATALOGUE), "nobody is asked that"
    assert Modality.IMAGE not in card.inputs
    assert not house.connections.resolve(ADMIN, "openai/gpt-4o-mini")[1].vision


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"provider": "nowhere"}, "no connection"),
        ({"provider": "Open AI"}, "provider"),
        ({"name": ""}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"input_per_million": "-1"}, "input_per_million"),
        ({"input_per_million": "NaN"}, "input_per_million"),
        ({"context_tokens": 0}, "context_tokens"),
        ({"capabilities": ["telepathy"]}, "capabilities"),
        ({"colour": "blue"}, "colour"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_can_not_be_a_model_is_refused_by_field(
    house: RegistryHouse, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(GearboxError, match=said):
        house.registry.add_model(ADMIN, **{"provider": "openai", "name": "fine", **fields})
    assert house.store.model_overrides.all() == {}


def test_only_admins_describe(house: RegistryHouse) -> None:
    with pytest.raises(AccessRefused):
        house.registry.add_model(ALICE, provider="openai", name="fine")
    with pytest.raises(AccessRefused):
        house.registry.remove_model(ALICE, GPT)


def test_what_is_kept_for_others_says_so(house: RegistryHouse) -> None:
    house.keys.add(ALICE, "openai", KEY)
    assert house.registry.usability(ALICE, GPT).usable
    house.store.users.ensure(ALICE.user_id, "Alice")
    rules = AccessRules(Access(house.store), house.store)
    rules.set(ADMIN, RuleOwner.USER, ALICE.user_id, Lists(models=("openai/*-mini",)))
    assert house.registry.usability(ALICE, GPT).reason == "It is not among those that an admin allows you."
    assert house.registry.usability(ALICE, "openai/gpt-4o-mini").usable
    page = house.registry.search(ALICE, ModelQuery(provider="openai", usable=True))
    assert page.total > 0 and all("-mini" in card.id for card in page.cards)
    assert GPT in house.registry.ids(ALICE), "people may know of it"
