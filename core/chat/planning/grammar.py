"""The lists of words of one language, so that a word of another one is not taken for something else. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from core.chat.planning import lexicon as lex
from core.chat.planning import small_words as small
from core.chat.planning.language import NAMES, written_in
from core.chat.planning.words import Token, by_language


@dataclass(frozen=True)
class Grammar:
    """Those of one language. Verbs are English, too: people mix them in."""

    language: str
    definite: frozenset[str]
    indefinite: frozenset[str]
    styling: frozenset[str]
    of: frozenset[str]
    writing: frozenset[str]
    telling: frozenset[str]
    drawing: frozenset[str]
    changing: frozenset[str]
    speaking: frozenset[str]
    aloud: frozenset[str]
    plotting: frozenset[str]
    filming: frozenset[str]
    making: frozenset[str]

    @cached_property
    def verbs(self) -> frozenset[str]:
        """All that say what is to be done."""
        doing = self.writing | self.telling | self.drawing | self.changing | self.speaking | self.aloud
        return doing | self.plotting | self.filming | self.making


def grammar_of(request: Sequence[Token]) -> Grammar:
    """That of the language that a request is written in."""
    return _grammar(written_in(request))


@cache
def _grammar(language: str) -> Grammar:
    assert language in NAMES
    nouns = (small.DEFINITE, small.INDEFINITE, small.STYLING, small.OF)
    of_nouns = [words[language] for words in nouns]
    of_verbs = []
    for written in lex.VERBS_AS_WRITTEN:
        words = by_language(written)
        of_verbs.append(words.get("en", frozenset()) | words.get(language, frozenset()))
    return Grammar(language, *of_nouns, *of_verbs)
