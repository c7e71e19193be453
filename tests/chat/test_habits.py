"""What is said of what people mostly used: from how many choices on, of whom, and of which models."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from core.routing.eligible import EXCLUDED
from core.routing.habits import Habits
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.people import Team
from data.values.routing import Chooser, Decision, Unfit
from data.values.tasks import Task
from tests.chat.house import ChatHouse, now
from tests.people import ALICE

TOLD = AuditEvent(Action.TEAM_CHANGE, AuditOutcome.DONE, "admin")
LIKED, OTHER = "sandbox/scripted", "sandbox/scripted-no-tools"

_numbers = itertools.count(1)


def chosen(house: ChatHouse, user_id: str, model_id: str, times: int, chooser: Chooser = Chooser.PERSON) -> None:
    for _ in range(times):
        number = next(_numbers)
        at = now() - timedelta(minutes=number)
        house.store.routing.keep(Decision(f"d{number}", user_id, Task.CODE, model_id, chooser, at), f"call-{number}")


@pytest.fixture
def habits(house: ChatHouse) -> Habits:
    return Habits(house.access, house.store, house.connections, now)


def asked(habits: Habits, actor: Actor, *unfit: Unfit) -> list[str]:
    decision = Decision("new", actor.user_id, Task.CODE, OTHER, Chooser.POLICY, now(), unfit=unfit)
    return [each.words for each in habits.suggested(actor, decision)]


def test_nothing_is_said_below_five(house: ChatHouse, habits: Habits) -> None:
    chosen(house, "alice", LIKED, 4)
    assert asked(habits, ALICE) == []
    chosen(house, "alice", LIKED, 8)
    (words,) = asked(habits, ALICE)
    assert words.startswith("For code you mostly used ") and words.endswith("(12 of 12)")


def test_a_team_is_told_of_from_three_people_on(house: ChatHouse, habits: Habits) -> None:
    house.store.teams.add(Team("team", "Design", now()), TOLD)
    for person in ("alice", "carol", "dave"):
        house.store.users.ensure(person, person.title())
        house.store.teams.join("team", person, now(), TOLD)
    alice = replace(ALICE, team_ids=("team",))
    chosen(house, "carol", LIKED, 9)
    chosen(house, "alice", LIKED, 2)
    assert asked(habits, alice) == [], "two people are what one colleague does"
    chosen(house, "dave", LIKED, 1)
    (words,) = asked(habits, alice)
    assert "your team Design mostly used" in words and words.endswith("(12 of 12)")
    assert asked(habits, ALICE) == [], "who is not in the team is told nothing of it"


def test_a_model_that_can_t_be_used_is_not_named(house: ChatHouse, habits: Habits) -> None:
    chosen(house, "alice", "gone/model", 9)
    assert asked(habits, ALICE) == []


def test_a_model_that_the_person_excluded_is_not_named(house: ChatHouse, habits: Habits) -> None:
    chosen(house, "alice", LIKED, 9)
    assert asked(habits, ALICE, Unfit(LIKED, "it costs too much")) != []
    assert asked(habits, ALICE, Unfit(LIKED, EXCLUDED)) == []
