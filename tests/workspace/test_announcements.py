"""What people see of announcements, what admins do with them, and what the log has of it. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import AccessRefused, Conflict, GearboxError, NotFound
from core.workspace.notices import MOST_SHOWN
from core.workspace.service import MOST_OPEN, Draft
from data.store import Store
from data.values.actor import Actor, Role
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.notices import MOST_WORDS, NoticeKind, Standing
from data.values.people import Team
from tests.conftest import OpenTestStore
from tests.people import ALICE, BOB
from tests.store.conftest import Clock
from tests.workspace.house import ADMIN, NoticeHouse, notice_house

TOLD = AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, "ada")
HOUR = timedelta(hours=1)
ANALYST = replace(BOB, roles=frozenset({Role.ANALYST}))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


@pytest.fixture
def house(store: Store, clock: Clock) -> NoticeHouse:
    return notice_house(store, clock)


def seen(house: NoticeHouse, actor: Actor | None = ALICE) -> list[str]:
    shown = house.notices.for_anybody() if actor is None else house.notices.shown_to(actor)
    return [each.words for each in shown.announcements]


def test_the_worst_come_first_then_the_newest_and_no_more_than_fit(house: NoticeHouse, clock: Clock) -> None:
    for words, kind in (
        ("an older note", NoticeKind.INFO), ("mind this", NoticeKind.WARNING), ("all is lost", NoticeKind.CRITICAL),
        ("a newer note", NoticeKind.INFO), ("a newer warning", NoticeKind.WARNING),
    ):  # fmt: skip
        house.admin.announce(ADMIN, Draft(words, kind))
        clock.forward(1)
    assert seen(house) == ["all is lost", "a newer warning", "mind this"]
    assert len(seen(house)) == MOST_SHOWN
    assert [each.words for each in house.admin.announcements(ADMIN)][3:] == ["a newer note", "an older note"]


def test_each_is_for_whom_it_is_meant(house: NoticeHouse, clock: Clock) -> None:
    in_team = replace(BOB, team_ids=("blue",))
    house.admin.announce(ADMIN, Draft("for all"))
    house.admin.announce(ADMIN, Draft("for analysts", roles=[Role.ANALYST]))
    house.store.teams.add(Team("blue", "Blue", clock()), TOLD)
    house.admin.announce(ADMIN, Draft("for blue", team_ids=["blue"]))
    assert set(seen(house, None)) == set(seen(house, ALICE)) == {"for all"}
    assert set(seen(house, ANALYST)) == {"for all", "for analysts"}
    assert set(seen(house, in_team)) == {"for all", "for blue"}
    with pytest.raises(GearboxError, match="no such team"):
        house.admin.announce(ADMIN, Draft("for nobody", team_ids=["red"]))


def test_one_begins_and_ends_at_its_moment_on_every_replica(house: NoticeHouse, clock: Clock) -> None:
    other = notice_house(house.store, clock)
    house.admin.announce(ADMIN, Draft("later", starts_at=clock() + HOUR, ends_at=clock() + 2 * HOUR))
    assert seen(other) == []
    other.board.try_refresh()
    for passed, words in ((HOUR - timedelta(seconds=1), []), (timedelta(seconds=1), ["later"]), (HOUR, [])):
        clock.forward(passed.total_seconds())
        assert seen(house) == seen(other) == words
    [kept] = house.admin.announcements(ADMIN)
    assert kept.standing(clock()) is Standing.ENDED


def test_who_put_it_away_sees_it_again_only_when_its_words_change(house: NoticeHouse) -> None:
    made = house.admin.announce(ADMIN, Draft("read this"))
    house.notices.dismiss(ALICE, made.id)
    assert (seen(house, ALICE), seen(house, BOB), seen(house, None)) == ([], ["read this"], ["read this"])
    house.admin.change(ADMIN, made.id, Draft("read this", NoticeKind.CRITICAL), version=1)
    assert seen(house, ALICE) == []
    house.admin.change(ADMIN, made.id, Draft("read this now", NoticeKind.CRITICAL), version=2)
    assert seen(house, ALICE) == ["read this now"]
    house.admin.change(ADMIN, made.id, Draft("read this now", dismissible=False), version=3)
    with pytest.raises(NotFound):
        house.notices.dismiss(ALICE, made.id)


def test_what_somebody_put_away_is_forgotten_with_them(house: NoticeHouse, clock: Clock) -> None:
    made = house.admin.announce(ADMIN, Draft("read this"))
    house.notices.dismiss(ALICE, made.id)
    house.store.forgetting.forget(ALICE.user_id, clock(), TOLD)
    assert house.store.notices.dismissed(ALICE.user_id, [made.id]) == {}


def test_an_end_and_a_deletion_can_be_undone_unless_it_was_changed_since(house: NoticeHouse) -> None:
    made = house.admin.announce(ADMIN, Draft("read this"))
    before = house.admin.end(ADMIN, made.id)
    assert seen(house) == []
    with pytest.raises(NotFound):
        house.admin.end(ADMIN, made.id)
    house.admin.put_back(ADMIN, before)
    assert seen(house) == ["read this"]
    before = house.admin.remove(ADMIN, made.id)
    assert seen(house) == [] and house.admin.announcements(ADMIN) == []
    house.admin.put_back(ADMIN, before)
    assert seen(house) == ["read this"]
    before = house.admin.end(ADMIN, made.id)
    house.admin.change(ADMIN, made.id, Draft("something else"), version=before.version + 1)
    with pytest.raises(Conflict):
        house.admin.put_back(ADMIN, before)


def test_two_who_change_the_same_one_hear_of_each_other(house: NoticeHouse) -> None:
    made = house.admin.announce(ADMIN, Draft("read this"))
    house.admin.change(ADMIN, made.id, Draft("one"), version=1)
    with pytest.raises(Conflict):
        house.admin.change(ADMIN, made.id, Draft("two"), version=1)
    assert seen(house) == ["one"]


def test_one_that_ended_can_be_announced_again(house: NoticeHouse, clock: Clock) -> None:
    made = house.admin.announce(ADMIN, Draft("every spring", ends_at=clock() + HOUR))
    clock.forward(7200)
    assert seen(house) == []
    house.admin.change(ADMIN, made.id, Draft("every spring", starts_at=clock()), version=1)
    assert seen(house) == ["every spring"]


def test_what_can_t_be_is_refused_and_nothing_is_kept(house: NoticeHouse, clock: Clock) -> None:
    for draft in (
        Draft(""),
        Draft("   \n "),
        Draft("x" * (MOST_WORDS + 1)),
        Draft("a bell \x07"),
        Draft("[here](javascript:alert(1))"),
        Draft("[here](https://me:secret@example.org/)"),
        Draft("[here](//evil.example)"),
        Draft("over", ends_at=clock() - HOUR),
        Draft("late", starts_at=clock() + timedelta(days=2000)),
    ):
        with pytest.raises(GearboxError):
            house.admin.announce(ADMIN, draft)
    assert house.admin.announcements(ADMIN) == []


def test_there_are_only_so_many(house: NoticeHouse) -> None:
    for number in range(MOST_OPEN):
        house.admin.announce(ADMIN, Draft(f"note {number}"))
    with pytest.raises(GearboxError, match=f"There are {MOST_OPEN}"):
        house.admin.announce(ADMIN, Draft("one more"))


def test_every_change_is_in_the_log_without_its_words(house: NoticeHouse) -> None:
    made = house.admin.announce(ADMIN, Draft("write to ann@example.org"))
    house.admin.change(ADMIN, made.id, Draft("write to bob@example.org"), version=1)
    house.admin.put_back(ADMIN, house.admin.end(ADMIN, made.id))
    house.admin.remove(ADMIN, made.id)
    with pytest.raises(AccessRefused):
        house.admin.announce(ALICE, Draft("by a member"))
    found = house.store.audit.search(AuditFilter(actions=(Action.ANNOUNCEMENT_CHANGE,))).entries
    bodies = [each.record.body for each in reversed(found)]
    assert [body.split('"change":"')[1].split('"')[0] for body in bodies] == [
        "add", "change", "end", "put_back", "remove",
    ]  # fmt: skip
    assert "example.org" not in "".join(bodies)
