"""What was learned is at hand when somebody asks, also of models that nobody has asked about before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import GearboxError
from core.providers.catalog import Catalogue
from core.routing.knowledge import Knowledge
from core.routing_parts import models_heard_of
from data.store.endpoints import KeptListing
from data.values.counting import Learned
from tests.chat.house import SOON, now
from tests.chat.recorded_sandbox import RecordedSandbox
from tests.people import ALICE
from tests.routing.house import RoutingHouse

MANY = tuple(f"server/claude-{number}" for number in range(40))


class Kept:
    """Tallies that are read when `may_read` is set; `is_gone` fails."""

    def __init__(self) -> None:
        self.may_read = threading.Event()
        self.may_read.set()
        self.is_gone = False

    def tallies(self, known: Learned | None = None) -> Learned:
        self.may_read.wait(SOON)
        if self.is_gone:
            raise GearboxError("The database is gone.", "Start it.")
        return Learned(1, {})


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept()
    yield made
    made.may_read.set()


def test_many_new_models_are_waited_for_once(kept: Kept) -> None:
    knowledge = Knowledge(kept, clock=now, patience=SOON)  # type: ignore[arg-type]
    knowledge.load(["server/other"])
    known = knowledge.now(MANY)
    assert known is not None and known.models == {*MANY, "server/other"}
    assert knowledge.now(MANY[:20]) is known


def test_it_is_not_waited_for_longer_than_patience_lasts_and_is_there_later(kept: Kept) -> None:
    knowledge = Knowledge(kept, clock=now, patience=0.0)  # type: ignore[arg-type]
    kept.may_read.clear()
    assert knowledge.now(MANY) is None
    assert knowledge.now(MANY) is None
    kept.may_read.set()
    knowledge.load(MANY)
    known = knowledge.now(MANY)
    assert known is not None and known.models == set(MANY)


def test_what_can_not_be_read_is_not_waited_for(kept: Kept) -> None:
    knowledge = Knowledge(kept, clock=now, patience=SOON)  # type: ignore[arg-type]
    kept.is_gone = True
    assert knowledge.now(MANY) is None
    kept.is_gone = False
    assert knowledge.now(MANY) is not None


def test_at_the_start_models_of_added_servers_are_made_ready_with_the_listed_ones(
    tmp_path: Path, house: RoutingHouse, sandbox: RecordedSandbox, catalogue: Catalogue
) -> None:
    described = house.add("One", sandbox.base_url)
    endpoint, _ = house.connections.resolve(ALICE, described)
    house.store.listings.save(endpoint.id, KeptListing(MANY, now()))
    with closing(RoutingHouse(tmp_path, sandbox.base_url, catalogue)) as again:
        ready = models_heard_of(again.store, again.connections)
        listed = next(each for each in again.connections.known_to_lists() if each.startswith("anthropic/"))
    assert {described, f"{endpoint.provider}/{MANY[0]}", listed} <= ready
