"""`auto` where nobody named a fallback: the next best model is asked once, and the reply says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from data.values.tasks import Task
from tests.gateway.scripted import Script, scripted
from tests.v1.conftest import House, running
from tests.v1.test_chat import says

PINNED = dict.fromkeys(Task, "fails/scripted")
"""Chosen first, whatever is drawn."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[House]:
    with running(tmp_path) as house:
        house.services.routing.load()
        yield house


def connect(house: House, *named: tuple[str, Script]) -> None:
    for name, script in named:
        house.services.keys.add_server(house.services.actor(), name, script.base_url, None)


@pytest.mark.parametrize("streamed", [False, True])
def test_the_next_best_model_answers_and_it_is_said(own: House, streamed: bool) -> None:
    actor = own.services.actor()
    with scripted(["500"], ["a whole answer"]) as (fails, other):
        connect(own, ("Fails", fails), ("Other", other))
        own.services.preferences.save(actor, pins=PINNED)
        asked = own.client().chat.completions.with_raw_response
        raw = asked.create(model="auto", messages=says("hello"), stream=streamed)
        assert raw.headers["x-gearbox-model"] == "other/scripted"
        assert raw.headers["x-gearbox-fallback"].startswith("fails/scripted; reason=")
        assert fails.calls >= 1
        assert other.calls == 1


def test_one_other_model_is_asked_and_no_third(own: House) -> None:
    actor = own.services.actor()
    with scripted(["500"], ["500"], ["500"]) as (fails, second, third):
        connect(own, ("Fails", fails), ("Second", second), ("Third", third))
        own.services.preferences.save(actor, pins=PINNED)
        with pytest.raises(openai.InternalServerError):
            own.client().chat.completions.create(model="auto", messages=says("hello"))
    assert fails.calls
    assert bool(second.calls) is not bool(third.calls)


def test_a_default_of_one_s_own_is_the_only_one_that_answers(own: House) -> None:
    actor = own.services.actor()
    with scripted(["500"], ["a whole answer"]) as (fails, other):
        connect(own, ("Fails", fails), ("Other", other))
        own.services.preferences.save(actor, default_model="fails/scripted")
        with pytest.raises(openai.InternalServerError):
            own.client().chat.completions.create(model="auto", messages=says("hello"))
    assert not other.calls
