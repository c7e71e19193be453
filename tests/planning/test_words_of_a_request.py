"""A prompt taken apart: what it asks of each part, what they have in common, which languages it names."""

from __future__ import annotations

import pytest

from core.chat.planning.brief import brief_of
from core.chat.planning.clauses import clauses_of
from core.chat.planning.language import asked_for, written_in
from core.chat.planning.words import folded, quotes, tokens
from data.values.plans import Output
from tests.planning.house import outputs


@pytest.mark.parametrize(
    ("prompt", "wanted", "parts"),
    [
        (
            "Write a haiku about autumn, paint it and read it aloud", "text image speech",
            ["text: Write a haiku about autumn", "image: paint it", "speech: and read it aloud"],
        ),
        (
            "Picture of a fox + haiku", "text image",
            ["image: Picture of a fox", "text: haiku"],
        ),
        (
            "Summarise the attached CSV and plot revenue by month", "text chart",
            ["text: Summarise the attached CSV", "chart: and plot revenue by month"],
        ),
        (
            "Write and illustrate a story about a fox", "text image",
            ["text: Write a story about a fox", "image: and illustrate a story about a fox"],
        ),
        (
            "Escribe un cuento. Luego, píntalo.", "text image",
            ["text: Escribe un cuento.", "image: Luego, píntalo."],
        ),
        ("a nice thing", "image", ["image: a nice thing"]),
        ("Read 'draw a cat' and 'a poem'", "speech", ["speech: Read 'draw a cat' and 'a poem'"]),
    ],
)  # fmt: skip
def test_clauses(prompt: str, wanted: str, parts: list[str]) -> None:
    assert [f"{each.output}: {each.words}" for each in clauses_of(prompt, outputs(wanted))] == parts


def test_what_is_wanted_and_not_found_gets_the_whole_prompt_and_prose_comes_first() -> None:
    found = clauses_of("Gib alles", outputs("speech text image"))
    assert [each.output for each in found] == [Output.TEXT, Output.IMAGE, Output.SPEECH]
    assert {each.words for each in found} == {"Gib alles"}
    assert not any(each.is_sure for each in found)


def test_what_is_pasted_below_a_request_is_no_request() -> None:
    found = clauses_of("Read this aloud:\n\nDraw a cat. Write a poem. Plot the sales.", outputs("speech image"))
    assert [each.output for each in found if each.is_sure] == [Output.SPEECH]


@pytest.mark.parametrize(
    ("prompt", "subject", "style", "language"),
    [
        ("Write a haiku about autumn and paint it in watercolour", "autumn", "in watercolour", "English"),
        ("draw a fox in the snow as a cartoon", "a fox in the snow", "as a cartoon", "English"),
        ("Schreib ein Gedicht über den Herbst im Stil von Rilke", "den Herbst", "im Stil von Rilke", "German"),
        ("Escribe un poema sobre el mar y píntalo en acuarela", "el mar", "en acuarela", "Spanish"),
        ("Écris un poème sur la mer dans le style de Hokusai", "la mer", "dans le style de Hokusai", "French"),
        ("Write a poem about love in Spanish", "love in Spanish", "", "Spanish"),
        ("make it darker", "", "", "English"),
        ("俳句を書いて", "俳句を書いて", "", ""),
    ],
)  # fmt: skip
def test_what_the_parts_share(prompt: str, subject: str, style: str, language: str) -> None:
    brief = brief_of(prompt, clauses_of(prompt, outputs("text image")))
    assert (brief.subject, brief.style, brief.language) == (subject, style, language)
    assert brief.request == prompt


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("draw a cat on the table", "en"),
        ("zeichne eine Katze", "de"),
        ("dibuja un gato", "es"),
        ("dessine un chat", "fr"),
        ("disegna un gatto", "it"),
        ("desenha um gato", "pt"),
        ("", "en"),
    ],
)
def test_the_language_of_a_request(prompt: str, language: str) -> None:
    assert written_in(tokens(prompt)) == language


@pytest.mark.parametrize(
    ("prompt", "languages"),
    [
        ("say it in Spanish", ("Spanish",)),
        ("read it in English and Spanish", ("English", "Spanish")),
        ("sag es auf Französisch", ("French",)),
        ("dilo en alemán", ("German",)),
        ("dis-le en anglais", ("English",)),
        ("a French bulldog", ()),
        ("draw a Spanish village", ()),
    ],
)
def test_the_languages_that_it_asks_for(prompt: str, languages: tuple[str, ...]) -> None:
    assert asked_for(tokens(prompt)) == languages


def test_folding_and_quotes() -> None:
    assert folded("ÄNDERE Más Ça") == "aendere mas ca"
    assert quotes("say “hi there” and 'bye now', don't “x") == ["hi there", "bye now"]
    assert [token.folded for token in tokens("lis-le, s'il te plaît: \"le\" voice-over")] == [
        "lis", "-le", "s", "il", "te", "plait", "voice", "over",
    ]  # fmt: skip
