"""Who sees whom beside numbers: admins see names, analysts pseudonyms, the same ones that SQL makes."""

from __future__ import annotations

from datetime import UTC

import duckdb
import pytest

from core.access.access import Access
from core.pseudonyms import pseudonym
from core.usage import UsageService
from data.analytics.period import Period
from data.store import Store
from data.values.actor import Actor, Role
from data.warehouse.writer import WarehouseWriter
from tests.warehouse.books import Clock, book, some

ADMIN, ANALYST, ANN = (
    Actor(name, frozenset({role})) for name, role in (("root", Role.ADMIN), ("eve", Role.ANALYST), ("ann", Role.MEMBER))
)


def test_it_is_what_the_documents_say_and_what_sql_makes_of_it() -> None:
    assert pseudonym("deployment", "ann") == "p-6e958d871de6"
    found = duckdb.execute("SELECT 'p-' || left(sha256('deployment' || 'ann'), 12)").fetchall()
    assert found == [("p-6e958d871de6",)]


def test_it_is_the_same_within_a_deployment_and_another_one_in_others() -> None:
    ids = [f"{number:032x}" for number in range(2000)]
    here, there = ({pseudonym(deployment, each) for each in ids} for deployment in ("one", "two"))
    assert len(here) == len(there) == 2000 and not here & there


@pytest.fixture
def usage(store: Store, writer: WarehouseWriter, clock: Clock) -> UsageService:
    for person in ("ann", "bob"):
        store.users.ensure(person, person.title())
    book(store, [call for person in ("ann", "bob", "gone") for call in some(3, user_id=person)])
    return UsageService(Access(store), writer, clock)


def people(usage: UsageService, actor: Actor) -> set[str]:
    return {call.user_id for call in usage.view(actor, Period.WEEK, UTC).report.recent}


def test_admins_see_names_and_analysts_pseudonyms(usage: UsageService, store: Store) -> None:
    unknown = pseudonym(store.deployment_id, "gone")
    assert people(usage, ADMIN) == {"Ann", "Bob", unknown}
    assert people(usage, ANALYST) == {pseudonym(store.deployment_id, each) for each in ("ann", "bob", "gone")}
    view = usage.view(ANALYST, Period.WEEK, UTC)
    assert not any(f"'{each}'" in repr(view) for each in ("ann", "bob", "gone", "Ann"))


def test_a_token_without_the_scope_sees_pseudonyms(usage: UsageService, store: Store) -> None:
    token = Actor("root", frozenset({Role.ADMIN}), scopes=frozenset({"see_own_usage", "see_all_usage"}))
    assert people(usage, token) == people(usage, ANALYST)


def test_ones_own_calls_are_ones_own(usage: UsageService) -> None:
    assert people(usage, ANN) == {"ann"}
