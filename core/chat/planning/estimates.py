"""What a step is likely to cost and how long to take: orders of magnitude, to decide whether to ask. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.chat.planning.words import folded
from data.values.money import TokenPrice
from data.values.plans import Action
from data.values.registry import Prices

CHARACTERS_A_TOKEN = 4
"""Of English; other languages take more tokens for the same text, up to twice as many."""

_SPOKEN_A_SECOND = 15  # characters: 150 words a minute of 6 characters each
_FILM_SECONDS = 8  # what providers make when no length is asked for is between 4 and 8
# A square picture of middle quality in tokens, as OpenAI's guide to image generation counts them; and one that goes in.
_PICTURE_TOKENS, _PICTURE_READ_TOKENS = 1_056, 800
_OVERHEAD_TOKENS = 400  # instructions around a prompt
_CHART_TOKENS = 500  # a call of the chart tool with a table of middle length

# Seconds. A chat model begins after one and writes about 60 tokens each; pictures take providers 8 to 40, edits
# longer; speech is made some ten times faster than it is heard; films take minutes.
_BEGINS, _TOKENS_A_SECOND = 1.0, 60
_DRAWS, _EDITS, _FILMS, _CHARTS = 15.0, 20.0, 120.0, 6.0
_SPEECH_BEGINS, _SPEECH_A_SECOND = 1.5, 150

_LENGTHS: Mapping[str, int] = {
    "haiku": 40, "haikus": 40, "limerick": 60, "slogan": 20, "tagline": 20, "title": 15, "caption": 40, "joke": 80,
    "sentence": 40, "satz": 40, "frase": 40, "phrase": 40, "poem": 180, "gedicht": 200, "poema": 200, "poeme": 200,
    "poesia": 200, "sonnet": 180, "paragraph": 130, "absatz": 150, "story": 800, "geschichte": 900, "cuento": 900,
    "histoire": 900, "storia": 900, "historia": 900, "essay": 1_100, "aufsatz": 1_200, "article": 1_100, "fact": 60,
    "summary": 200, "zusammenfassung": 250, "resumen": 250, "resume": 250, "riassunto": 250, "resumo": 250,
    "recipe": 450,
}  # fmt: skip
_USUAL = 350
_WORDS_ASKED = re.compile(r"\b(\d{1,5})[ -](?:words?|worten?|woerter|palabras|mots|parole|palavras)\b")
_SHORT = re.compile(r"\b(?:short|brief|kurze?[sn]?|corto|corta|breve|court|courte|curto|curta)\b")


@dataclass(frozen=True, slots=True)
class Size:
    """How much a step takes and gives.

    Args:
        read: characters that a chat model reads.
        written: tokens that it writes.
        spoken: characters that are read aloud.
        pictures: pictures that go in.
    """

    read: int = 2_000
    written: int = _USUAL
    spoken: int = _USUAL * CHARACTERS_A_TOKEN
    pictures: int = 1


def written_tokens(words: str, otherwise: int | None = None) -> int:
    """How many tokens a text has that is asked for in these words; `otherwise` where they don't tell."""
    asked = folded(words)
    if (counted := _WORDS_ASKED.search(asked)) is not None:
        return int(int(counted.group(1)) * 1.4)
    kinds = [_LENGTHS[word] for word in re.findall(r"\w+", asked) if word in _LENGTHS]
    usual = kinds[0] if kinds else otherwise or _USUAL
    return usual // 2 if _SHORT.search(asked) and usual > 100 else usual


def cost_of(action: Action, prices: Prices | None, size: Size) -> Decimal | None:
    """US dollars of one step by a model with these prices; None where they don't tell."""
    if prices is None or prices.currency != "USD":
        return None
    match action:
        case Action.WRITE | Action.CHART:
            return None if prices.tokens is None else cost_of_text(prices.tokens, size)
        case Action.DRAW:
            return _picture(prices, 0)
        case Action.EDIT:
            return _picture(prices, size.pictures)
        case Action.SPEAK:
            return _speech(prices, size.spoken)
        case Action.FILM:
            return None if not prices.output_second else prices.output_second * _FILM_SECONDS


def cost_of_text(price: TokenPrice, size: Size) -> Decimal | None:
    """US dollars of one answer of a chat model."""
    if price.currency != "USD":
        return None
    read = size.read // CHARACTERS_A_TOKEN + _OVERHEAD_TOKENS
    paid = price.of_prompt(read)
    return paid.input * read + paid.output * size.written


def seconds_of(action: Action, size: Size) -> float:
    """How long one step takes, typically."""
    match action:
        case Action.WRITE:
            return _BEGINS + size.written / _TOKENS_A_SECOND
        case Action.CHART:
            return _CHARTS
        case Action.DRAW:
            return _DRAWS
        case Action.EDIT:
            return _EDITS
        case Action.SPEAK:
            return _SPEECH_BEGINS + size.spoken / _SPEECH_A_SECOND
        case Action.FILM:
            return _FILMS


def chart_size(read: int) -> Size:
    """That of a chart of so many characters of data."""
    return Size(read=read, written=_CHART_TOKENS)


def _picture(prices: Prices, read: int) -> Decimal | None:
    if prices.image:
        return prices.image
    if not prices.output_image_token:
        return None
    return prices.output_image_token * _PICTURE_TOKENS + (prices.input_image_token or 0) * _PICTURE_READ_TOKENS * read


def _speech(prices: Prices, characters: int) -> Decimal | None:
    if prices.input_character:
        return prices.input_character * characters
    if prices.output_second:
        return prices.output_second * Decimal(characters) / _SPOKEN_A_SECOND
    return None
