from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data.store import Store
from data.store.endpoints import KeptListing
from data.values.calls import KeyOwner
from data.values.errors import NotFound, StoreError
from data.values.models import Endpoint, EndpointKind, Wire
from tests.store.conftest import ANN, BOB, Clock

ACME = Endpoint("e1", "acme", "Acme", EndpointKind.PROVIDER, Wire.LITELLM, "", "s1", KeyOwner.USER, ANN)
OURS = Endpoint(
    "e2", "ours", "Our “server”", EndpointKind.CUSTOM, Wire.OPENAI, "http://127.0.0.1:9/v1", None, KeyOwner.USER, ANN
)


def test_endpoints_come_back_as_they_went_in_oldest_first(store: Store, clock: Clock) -> None:
    store.endpoints.add(OURS)
    clock.forward(1)
    store.endpoints.add(ACME)
    assert store.endpoints.of(KeyOwner.USER, ANN) == [OURS, ACME]
    assert store.endpoints.of(KeyOwner.USER, BOB) == []


def test_a_provider_is_unique_per_person(store: Store) -> None:
    store.endpoints.add(ACME)
    with pytest.raises(StoreError, match="acme") as caught:
        store.endpoints.add(replace(ACME, id="e9"))
    assert caught.value.remedy
    store.endpoints.add(replace(ACME, id="e9", owner_id=BOB))
    assert store.endpoints.of(KeyOwner.USER, ANN) == [ACME]


def test_removing_is_for_the_owner_only(store: Store) -> None:
    store.endpoints.add(ACME)
    with pytest.raises(NotFound):
        store.endpoints.remove(KeyOwner.USER, BOB, ACME.id)
    assert store.endpoints.of(KeyOwner.USER, ANN) == [ACME]
    store.endpoints.remove(KeyOwner.USER, ANN, ACME.id)
    assert store.endpoints.of(KeyOwner.USER, ANN) == []
    with pytest.raises(NotFound):
        store.endpoints.remove(KeyOwner.USER, ANN, ACME.id)


@pytest.mark.parametrize("kind", [EndpointKind.SANDBOX, EndpointKind.LOCAL])
def test_what_is_found_anew_at_every_start_is_not_stored(store: Store, kind: EndpointKind) -> None:
    with pytest.raises(ValueError, match=kind.value):
        store.endpoints.add(replace(ACME, kind=kind))


def test_listings_are_replaced_whole(store: Store) -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert store.listings.load("e1") is None
    store.listings.save("e1", KeptListing(("a", "b"), early, '"tag"'))
    assert store.listings.load("e1") == KeptListing(("a", "b"), early, '"tag"')
    store.listings.save("e1", KeptListing(("c",), late))
    store.listings.save("e2", KeptListing((), early))
    assert store.listings.load("e1") == KeptListing(("c",), late)
    assert store.listings.all() == {"e1": KeptListing(("c",), late), "e2": KeptListing((), early)}


def test_a_store_answers_until_it_is_closed(store: Store) -> None:
    store.ping()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.endpoints.add(ACME)
