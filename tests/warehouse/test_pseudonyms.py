"""Who sees whom beside numbers: admins see names, analysts pseudonyms, the same ones that SQL makes."""

from __future__ import annotations

import duckdb
import pytest

from core.access.access import Access
from core.pseudonyms import pseudonym
from data.store import Store
from data.values.actor import Actor, Role

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
def access(store: Store) -> Access:
    for person in ("ann", "bob"):
        store.users.ensure(person, person.title())
    return Access(store)


def test_admins_see_names_and_analysts_pseudonyms(access: Access, store: Store) -> None:
    ids = ["ann", "bob", "gone"]
    hidden = {each: pseudonym(store.deployment_id, each) for each in ids}
    assert access.called(ADMIN, ids) == {"ann": "Ann", "bob": "Bob", "gone": hidden["gone"]}
    assert access.called(ANALYST, ids) == access.called(ANN, ids) == hidden
    token = Actor("root", frozenset({Role.ADMIN}), scopes=frozenset({"see_own_usage", "see_all_usage"}))
    assert access.called(token, ids) == hidden, "a token without the scope"
