"""Questions that are kept: whose they are, who sees them, and when they go."""

from __future__ import annotations

import pytest

from core.errors import AccessRefused, Conflict, GearboxError, NotFound
from core.explore import saved as module
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.saved_queries import QueryKind
from tests.explore.conftest import ANALYST, MEMBER, Place

OTHER = Actor("other", frozenset({Role.ANALYST}))


def titles(place: Place, actor: Actor) -> list[str]:
    return [query.title for query in place.saved.list(actor)]


def test_ones_own_are_kept_renamed_rewritten_and_deleted(small: Place) -> None:
    kept = small.saved.keep(ANALYST, "  Cost   by team ", QueryKind.SQL, "SELECT 1", chart="bar", shared=False)
    assert (kept.title, kept.created_at) == ("Cost by team", small.clock())
    assert small.saved.find(ANALYST, kept.id) == kept
    small.saved.rename(ANALYST, kept.id, "Another")
    small.saved.rewrite(ANALYST, kept.id, "SELECT 2", chart=None)
    found = small.saved.find(ANALYST, kept.id)
    assert (found.title, found.body, found.chart) == ("Another", "SELECT 2", None)
    small.saved.remove(ANALYST, kept.id)
    assert titles(small, ANALYST) == []
    with pytest.raises(NotFound):
        small.saved.find(ANALYST, kept.id)


def test_others_see_shared_ones_and_change_none(small: Place) -> None:
    mine = small.saved.keep(ANALYST, "Mine", QueryKind.SQL, "SELECT 1", chart=None, shared=False)
    ours = small.saved.keep(ANALYST, "ours", QueryKind.PICKED, "about=calls", chart=None, shared=True)
    assert titles(small, ANALYST) == ["Mine", "ours"]
    assert titles(small, OTHER) == ["ours"]
    assert small.saved.find(OTHER, ours.id).kind is QueryKind.PICKED
    for change in (
        lambda: small.saved.find(OTHER, mine.id),
        lambda: small.saved.rename(OTHER, ours.id, "Theirs"),
        lambda: small.saved.rewrite(OTHER, ours.id, "SELECT 3", chart=None),
        lambda: small.saved.share(OTHER, ours.id, shared=False),
        lambda: small.saved.remove(OTHER, ours.id),
    ):
        with pytest.raises(NotFound):
            change()
    small.saved.share(ANALYST, ours.id, shared=False)
    assert titles(small, OTHER) == []
    small.saved.share(ANALYST, mine.id, shared=True)
    assert titles(small, OTHER) == ["Mine"]
    with pytest.raises(AccessRefused):
        small.saved.find(MEMBER, mine.id)


@pytest.mark.parametrize("title", ["", "   ", "x" * 121, "a\u202eb"])
def test_a_title_has_to_be_one(small: Place, title: str) -> None:
    with pytest.raises(GearboxError, match="title"):
        small.saved.keep(ANALYST, title, QueryKind.SQL, "SELECT 1", chart=None, shared=False)


@pytest.mark.parametrize("body", ["", " \n", "x" * 20_001, "SELECT '\x00'"])
def test_so_does_what_is_asked(small: Place, body: str) -> None:
    with pytest.raises(GearboxError, match="question"):
        small.saved.keep(ANALYST, "Mine", QueryKind.SQL, body, chart=None, shared=False)


def test_there_is_an_end_to_what_one_keeps(small: Place) -> None:
    for number in range(module.MOST):
        small.saved.keep(ANALYST, f"Number {number}", QueryKind.SQL, "SELECT 1", chart=None, shared=False)
    with pytest.raises(Conflict, match="keep 200"):
        small.saved.keep(ANALYST, "One more", QueryKind.SQL, "SELECT 1", chart=None, shared=False)
    small.saved.keep(OTHER, "Of another", QueryKind.SQL, "SELECT 1", chart=None, shared=False)


def test_a_forgotten_persons_go(small: Place) -> None:
    store: Store = small.store
    store.users.ensure(ANALYST.user_id, "Ann")
    small.saved.keep(ANALYST, "Mine", QueryKind.SQL, "SELECT 1", chart=None, shared=True)
    kept = small.saved.keep(OTHER, "Theirs", QueryKind.SQL, "SELECT 1", chart=None, shared=True)
    small.saved.keep_draft(ANALYST, "", "SELECT 'Ann'")
    event = AuditEvent.by(OTHER, Action.PERSON_FORGET, AuditOutcome.DONE, target=f"person:{ANALYST.user_id}")
    store.forgetting.forget(ANALYST.user_id, small.clock(), event)
    assert [query.id for query in small.saved.list(OTHER)] == [kept.id]
    assert small.saved.draft(ANALYST, "") == ""


def test_what_was_not_saved_is_kept_for_its_person_alone(small: Place) -> None:
    small.saved.keep_draft(ANALYST, "q1", "SELECT 'Ann'")
    assert small.saved.draft(ANALYST, "q1") == "SELECT 'Ann'"
    assert small.saved.draft(ANALYST, "") == "", "it was of another question"
    assert small.saved.draft(OTHER, "q1") == ""
    with pytest.raises(AccessRefused):
        small.saved.draft(MEMBER, "q1")
    with pytest.raises(GearboxError):
        small.saved.keep_draft(ANALYST, "q1", "x" * (module.LONGEST + 1))
    small.saved.keep_draft(ANALYST, "", "")
    assert small.saved.draft(ANALYST, "q1") == ""
