"""Answers that break off on their way to a program, over real HTTP."""

from __future__ import annotations

import openai
import pytest

from tests.gateway.scripted import scripted
from tests.v1.conftest import House
from tests.v1.test_chat import says, settled


def test_a_whole_answer_that_was_cut_is_begun_anew(house: House) -> None:
    services = house.services
    before = len(settled(services.settings.home))
    with scripted(["one two three!", "a whole answer that is longer"]) as (script,):
        services.keys.add_server(services.actor(), "Cut once", script.base_url, None)
        raw = house.client().chat.completions.with_raw_response.create(
            model="cut-once/scripted", messages=says("hello")
        )
    answer = raw.parse()
    assert answer.choices[0].message.content == "a whole answer that is longer ", "nothing of what was cut"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == round(len("a whole answer that is longer ") / 4), "of one answer"
    assert raw.headers["x-gearbox-begun-anew"] == "cut-once/scripted; reason=stream_cut"
    assert "x-gearbox-fallback" not in raw.headers
    assert [call[1:] for call in settled(services.settings.home)[before:]] == [("failed", "api"), ("ok", "api")]


def test_a_fallback_makes_whole_what_was_cut(house: House) -> None:
    services = house.services
    actor = services.actor()
    with scripted(["one two three!"], ["a whole answer that is longer"]) as (cut, other):
        services.keys.add_server(actor, "Always cut", cut.base_url, None)
        services.keys.add_server(actor, "Whole", other.base_url, None)
        services.preferences.save(actor, default_model="always-cut/scripted", fallbacks=("whole/scripted",))
        try:
            raw = house.client().chat.completions.with_raw_response.create(model="auto", messages=says("hello"))
        finally:
            services.preferences.save(actor, default_model=None, fallbacks=())
    answer = raw.parse()
    assert (answer.model, answer.choices[0].message.content) == ("whole/scripted", "a whole answer that is longer ")
    assert raw.headers["x-gearbox-fallback"] == "always-cut/scripted; reason=stream_cut"
    assert raw.headers["x-gearbox-model"] == "whole/scripted"


def test_half_an_answer_that_is_not_returned_is_not_said_to_be_kept(house: House) -> None:
    services = house.services
    with scripted(["one two three!"]) as (script,):
        services.keys.add_server(services.actor(), "Never whole", script.base_url, None)
        with pytest.raises(openai.InternalServerError) as failed:
            house.client().chat.completions.create(model="never-whole/scripted", messages=says("hello"))
    assert failed.value.status_code == 502
    assert failed.value.code == "provider_stream_cut"
    assert "kept" not in failed.value.message
