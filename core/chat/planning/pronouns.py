"""Single words: what a noun names, whether a word stands for a thing, what verb a pronoun is joined to. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from core.chat.planning import lexicon as lex
from core.chat.planning import small_words as small
from core.chat.planning.grammar import Grammar
from core.chat.planning.words import Token, forms
from data.values.plans import Input, Output

_KINDS = {
    Output.IMAGE: Input.IMAGE,
    Output.TEXT: Input.TEXT,
    Output.SPEECH: Input.AUDIO,
    Output.CHART: Input.CHART,
    Output.VIDEO: Input.VIDEO,
}


def kinds_of(word: str) -> tuple[Input, ...]:
    """What a noun names."""
    for form in forms(word):
        if form in lex.TABLES:
            return (Input.TABLE, *((Input.IMAGE,) if form == "tableau" else ()))
        if form in lex.NUMBERS:
            return Input.TABLE, Input.CHART, Input.TEXT
        if form in lex.DOCUMENTS:
            return Input.DOCUMENT, Input.TABLE, Input.AUDIO, Input.IMAGE
        if form in lex.NOUNS:
            return tuple(_KINDS[each] for each in lex.NOUNS[form])
    return ()


def is_pronoun(request: Sequence[Token], at: int, grammar: Grammar) -> bool:
    """Whether the word at a place stands for a thing, and is neither an article nor a conjunction there."""
    word = request[at].folded
    following = request[at + 1] if at + 1 < len(request) else None
    if word in small.POINTING_ARTICLES:
        return is_alone(request, at)
    if word == "sie" and request[at].text != "sie":
        return False  # German for "you"
    if word in small.PRONOUNS:
        return following is None or following.folded not in small.NOBODY
    if word in small.CLITICS_BEFORE and grammar.language != "en":
        return following is not None and following.folded in grammar.verbs and not kinds_of(following.folded)
    return is_clitic(word)


def is_alone(request: Sequence[Token], at: int) -> bool:
    """Whether an article stands without a noun: lies das vor."""
    if request[at].folded not in small.POINTING_ARTICLES:
        return False
    following = request[at + 1] if at + 1 < len(request) else None
    if following is None or following.after.strip("'’ "):
        return True
    word = following.folded
    return word in small.AFTER_PRONOUN and not kinds_of(word)


def verb_of(word: str) -> str:
    """A verb without the pronoun that is joined to its end: haz of hazlo, leggi of leggilo; others as they are."""
    for ending in small.CLITIC_ENDINGS:
        if len(word) > 4 and word.endswith(ending) and word.removesuffix(ending) in small.CLITIC_STEMS:
            return word.removesuffix(ending)
    return word


def is_clitic(word: str) -> bool:
    """Whether a pronoun is joined to the end of it."""
    return verb_of(word) != word
