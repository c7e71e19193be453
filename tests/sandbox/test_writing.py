"""What the sandbox writes by rule: verses, extracts, remarks on numbers, and JSON with them."""

from __future__ import annotations

import json
import random
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from core.sandbox.figures import figures_in, remarks
from core.sandbox.filling import filled
from core.sandbox.languages import language_named, language_of
from core.sandbox.plausible import plausible
from core.sandbox.verses import SIGNED
from core.tools.builtin.make_chart import ChartRequest


def said(client: httpx.Client, prompt: str, **more: Any) -> Any:
    messages = [{"role": "user", "content": f"{prompt} [[pace:instant]]"}]
    answer = client.post("/chat/completions", json={"model": "scripted", "messages": messages, **more})
    return answer.json()["choices"][0]["message"]


SUBJECTS = ("an old pond", "copper wires", "my left shoe", "seven tired postmen", "tea")


@pytest.mark.parametrize("form", ["Write a haiku about {}", "a poem about {}, please", "Compose a short verse on {}."])
def test_a_verse_has_three_lines_and_its_subject(client: httpx.Client, form: str) -> None:
    subject = random.Random(form).choice(SUBJECTS)
    text = said(client, form.format(subject))["content"]
    verse, signed = text.split("\n\n")
    assert len(verse.splitlines()) == 3
    assert subject.removeprefix("an ").casefold() in verse.casefold()
    assert signed == SIGNED
    assert said(client, form.format(subject))["content"] == text


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Schreib mir ein Gedicht über den Herbst am Meer", "Herbst am Meer"),
        ("Escribe un haiku sobre la lluvia", "lluvia"),
        ("Écris un haïku sur la neige", "neige"),
        ("Scrivi una poesia sul mare", "mare"),
        ("Write a haiku about rain in German", "rain"),
    ],
    ids=["de", "es", "fr", "it", "named"],
)
def test_verses_are_in_the_language_asked_for(prompt: str, words: str) -> None:
    text = plausible(prompt) or ""
    assert words.casefold() in text.casefold()
    assert "the" not in text.replace(SIGNED, "").split()


def test_what_is_asked_is_found_before_and_behind_its_material() -> None:
    text = "Gears turn. They mesh. They whirr. They stop."
    assert plausible(f"Summarize this:\n\n{text}") == plausible(f"{text}\n\nSummarize the text.")
    assert (plausible(f"Summarize: {text}") or "").startswith("Gears turn. They mesh. They whirr.\n")
    told = plausible(f"{text}\n\nTranslate the text into Spanish. Give the translation only.") or ""
    assert "Spanish was asked for" in told and "Géárs túrn." in told
    assert plausible("What is a planetary gear?") is None
    assert plausible("") is None


def test_notes_in_brackets_are_no_request() -> None:
    note = "[Others make pictures of this reply.]\n\n[The whole request:]\n\nSummarize a haiku"
    assert (plausible(f"Write a haiku about fog\nNothing else, no lists.\n\n{note}") or "").count("\n") == 4


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Plot January 3, February 5 and March 8 as a line", [("January", 3), ("February", 5), ("March", 8)]),
        ("month,revenue\nJan,1\nFeb,3\n\nChart it", [("Jan", 1), ("Feb", 3)]),
        ("| a | b |\n|---|--:|\n| x | 3 |\n| y | 4.5 |", [("x", 3), ("y", 4.5)]),
        ("Berlin: 1,200; Paris: 3,400.5", [("Berlin", 1200), ("Paris", 3400.5)]),
        ("Plot tea 4, cake 9.\nIt is a part of “Plot tea 4, cake 9”", [("tea", 4), ("cake", 9)]),
        ("a pie of 3, 5 and 8", [("1", 3), ("2", 5), ("3", 8)]),
    ],
    ids=["words", "csv", "markdown", "thousands", "twice", "bare"],
)
def test_numbers_are_found(text: str, rows: list[tuple[str, float]]) -> None:
    found = figures_in(text)
    assert found is not None
    assert list(found.rows) == rows
    assert str(found.rows[-1][0]) in remarks(found)


def test_nothing_is_found_where_nothing_is_and_junk_does_no_harm() -> None:
    assert figures_in("Draw a chart of growth") is None
    rng = random.Random(5)
    for _ in range(300):
        text = "".join(rng.choices("ab 1,.;|\t\n%$-:x9k", k=rng.randrange(80)))
        plausible(f"explain\n\n{text}")
        figures_in(text)


CHART = ChartRequest.model_json_schema()


def test_the_chart_tool_is_called_with_the_numbers(client: httpx.Client) -> None:
    tool = {"type": "function", "function": {"name": "make_chart", "parameters": CHART}}
    call = said(client, "Plot Jan 3, Feb 5, Mar 8 as a line. Call make_chart for it.", tools=[tool])["tool_calls"][0]
    asked = ChartRequest.model_validate_json(call["function"]["arguments"])
    assert asked.table is not None
    assert (asked.kind, asked.table.rows) == ("line", [["Jan", 3.0], ["Feb", 5.0], ["Mar", 8.0]])
    assert asked.y == []
    call = said(client, "Call make_chart for growth", tools=[tool])["tool_calls"][0]
    made_up = ChartRequest.model_validate_json(call["function"]["arguments"])
    assert made_up.table is not None
    assert "made up by the sandbox" in made_up.title


NUMBERS = {"type": "array", "items": {"type": "number"}}
TEXTS = {"type": "array", "items": {"type": "string"}}
SCHEMAS: list[dict[str, Any]] = [
    {"type": "object", "properties": {"labels": TEXTS, "values": NUMBERS}, "required": ["labels", "values"]},
    {"type": "object", "properties": {"x": TEXTS, "series": {"type": "array", "items": {
        "type": "object", "properties": {"name": {"type": "string"}, "y": NUMBERS}}}}},
    {"type": "object", "properties": {"title": {"type": "string", "maxLength": 5}, "data": {"type": "array", "items": {
        "type": "object", "properties": {"label": {"type": "string"}, "value": {"type": "number"}}}}}},
    {"type": "object", "properties": {"values": {"type": "array", "items": {"type": "integer"}, "maxItems": 1}}},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=["lists", "series", "points", "too few"])
def test_json_is_allowed_and_holds_the_numbers(client: httpx.Client, schema: dict[str, Any]) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "chart", "schema": schema}}
    text = said(client, "A chart of tea 12, coffee 30", response_format=wanted)["content"]
    Draft202012Validator(schema).validate(json.loads(text))
    if schema is not SCHEMAS[-1]:
        assert "coffee" in text and "30" in text


def test_numbers_of_earlier_turns_count_and_other_schemas_are_as_before() -> None:
    messages = [
        {"role": "user", "content": "numbers"}, {"role": "assistant", "content": "tea: 4\ncake: 9"},
        {"role": "user", "content": "plot that"},
    ]  # fmt: skip
    assert filled(SCHEMAS[0], messages) == {"labels": ["tea", "cake"], "values": [4.0, 9.0]}
    assert filled({"type": "object", "properties": {"city": {"type": "string"}}}, messages) == {"city": "sandbox"}


def test_languages_are_told_apart() -> None:
    texts = {
        "en": "The gears turn and nothing is lost.", "de": "Die Räder drehen sich und nichts geht verloren.",
        "fr": "Les roues tournent et rien ne se perd dans la nuit.",
        "es": "Las ruedas giran y nada se pierde en el viaje.",
        "it": "Le ruote girano e non si perde nulla nel buio.", "pt": "As rodas giram e não se perde nada no caminho.",
        "ja": "歯車が回る", "zh": "齿轮转动", "ru": "Шестерни крутятся",
    }  # fmt: skip
    assert {language: language_of(text) for language, text in texts.items()} == {each: each for each in texts}
    assert (language_named("say it in Spanish"), language_named("auf Französisch"), language_named("x")) == (
        "es",
        "fr",
        "",
    )


def test_what_a_chart_shows_is_said_in_words(client: httpx.Client) -> None:
    table = {"columns": ["city", "people"], "rows": [["Berlin", 3], ["Rome", 9]]}
    call = {"id": "c", "type": "function"}
    for arguments, words in ((json.dumps({"table": table}), "People is highest for Rome (9)"), ("{", "drawn")):
        messages = [
            {"role": "user", "content": "plot it [[pace:instant]]"},
            {"role": "assistant", "tool_calls": [call | {"function": {"name": "make_chart", "arguments": arguments}}]},
            {"role": "tool", "tool_call_id": "c", "content": "drawn"},
        ]
        answer = client.post("/chat/completions", json={"model": "scripted", "messages": messages}).json()
        assert words in answer["choices"][0]["message"]["content"]


def test_long_prompts_take_no_long() -> None:
    for long in ("“" * 200_000, "a,1\n" * 100_000, "translate: " + "x " * 100_000, "1 " * 100_000):
        plausible(long)
        figures_in(long)
