"""How a request points at something that there is: pronouns, "the picture", "the second one", "darker". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from core.chat.planning import lexicon as lex
from core.chat.planning import small_words as small
from core.chat.planning.grammar import Grammar, grammar_of
from core.chat.planning.language import named_as_wanted
from core.chat.planning.pronouns import is_alone, is_clitic, is_pronoun, kinds_of, verb_of
from core.chat.planning.words import Token
from data.values.plans import Input

_LAST_BUT_ONE = re.compile(r"\b(?:last (?:\w+ )?but one|one before|second to last|second last)\b")


_PLACES = small.LATEST | small.BEFORE | frozenset(small.ORDINALS)


class _Role(Enum):
    FREE = auto()
    DEFINITE = auto()
    STYLE = auto()


@dataclass(frozen=True, slots=True)
class Pointing:
    """What in a request points.

    Args:
        kinds: named with a word that says it is there: the picture, your answer, that table.
        nouns: by which of these words.
        pronoun: it, das, hazlo; and nothing in the request itself is meant by it.
        plural: that pronoun means several.
        again: once more, another, the same; with no subject of its own.
        change: asks for something that there is to be made different.
        bare: says nothing but how: in blue, darker.
        draws: asks for something to be drawn, of whatever it points at: paint it, a picture of that.
        idle: names no subject at all, only what kind of thing is wanted.
        places: from the beginning, from 1.
        back: from the end: 0 the last, 1 the last but one.
        several: how many; 0 for all of them.
        previous: "the previous one", which some call the last.
        mine: something that the person made.
        theirs: something of what was named before: their sizes.
        definite: words behind "the".
        content: all words with a meaning of their own.
        free: those of them that the request brings in itself.
        joined: those behind "the" with an "and" between them: the fox and the owl.
    """

    kinds: frozenset[Input] = frozenset()
    nouns: frozenset[str] = frozenset()
    pronoun: bool = False
    plural: bool = False
    again: bool = False
    change: bool = False
    bare: bool = False
    draws: bool = False
    idle: bool = False
    places: tuple[int, ...] = ()
    back: int | None = None
    several: int | None = None
    previous: bool = False
    mine: bool = False
    theirs: bool = False
    definite: frozenset[str] = frozenset()
    content: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()

    @property
    def points(self) -> bool:
        """Whether anything does, words that may occur somewhere left aside."""
        return bool(self.kinds or self.pronoun or self.again or self.change or self.bare) or self.several is not None


def pointing(request: Sequence[Token]) -> Pointing:
    """What points in a request."""
    grammar = grammar_of(request)
    roles = _roles(request, grammar)
    free = [at for at, role in roles.items() if role is _Role.FREE]
    definite = frozenset(request[at].folded for at, role in roles.items() if role is _Role.DEFINITE)
    begins = next((at for at, token in enumerate(request[:6]) if token.folded in grammar.verbs), -1)
    own = [at for at in free if at > begins]
    asks = begins >= 0 and request[begins].folded in grammar.telling
    nouns, wanted = _named(request, grammar, [] if asks else own)
    kinds = frozenset(kind for word in nouns for kind in kinds_of(word))
    at = _pronoun(request, grammar, own, wanted)
    words = {token.folded for token in request}
    heads = (verb_of(token.folded) for token in request[:7])
    leads = next((word for word in heads if word in (grammar.verbs | small.MAKE) - small.FILLERS), "")
    known = at is not None or bool(kinds)
    made = leads in small.MAKE and (at is not None or ((bool(definite) or bool(kinds)) and not free))
    more = bool(words & small.COMPARATIVE) and (bool(definite) or known)
    it = at is not None and request[at].folded not in small.OF_IT
    change = (leads in grammar.changing and (known or not wanted)) or (made and it) or (not wanted and (made or more))
    how = any(role is _Role.STYLE for role in roles.values()) or bool(words & (small.COMPARATIVE | small.AGAIN))
    return Pointing(
        kinds=kinds,
        nouns=nouns,
        pronoun=at is not None,
        plural=at is not None and request[at].folded in small.PLURAL,
        again=(bool(words & small.AGAIN) and not free) or _in_same_style(request),
        change=change,
        bare=how and not (free or wanted or kinds or definite or change or at is not None),
        draws=leads in grammar.drawing or bool(wanted),
        idle=not free and not definite,
        places=_places(request, grammar),
        back=_back(words, request),
        several=_several(request, kinds),
        previous=bool(words & small.BEFORE),
        theirs=bool(words & small.POSSESSIVE),
        mine=bool(words & small.MINE),
        definite=definite,
        content=frozenset(request[at].folded for at in roles),
        free=frozenset(request[at].folded for at in free),
        joined=_joined(request, roles, grammar),
    )


def is_content(word: str, grammar: Grammar) -> bool:
    """Whether a word has a meaning of its own, beside saying what is asked and how it hangs together."""
    if len(word) < 2 or word.isdigit() or word in small.EMPTY or word in grammar.verbs or kinds_of(word):
        return False
    return word not in grammar.definite | grammar.indefinite | grammar.styling | grammar.of and not is_clitic(word)


def _roles(request: Sequence[Token], grammar: Grammar) -> dict[int, _Role]:
    """Of each word with a meaning: whether it is a subject, known already, or only says how."""
    found, role, how = {}, _Role.FREE, False
    words = {token.folded for token in request}
    languages = named_as_wanted(request)
    for at, token in enumerate(request):
        word = token.folded
        if token.after.strip("'’ "):
            role, how = _Role.FREE, how and bool(words & small.AGAIN)
        how = how or word in small.BUT or word in small.STYLES
        if (
            at == 1
            and request[0].folded in small.NOW
            and word in grammar.of | grammar.styling | {"a"} - grammar.indefinite
        ):
            how = True  # now at night
        if how or word in small.MORE:
            role = _Role.STYLE  # once more, but at night; in the style of Van Gogh; more trees
        if is_content(word, grammar):
            if not _is_kind_of_chart(request, at):
                found[at] = _Role.STYLE if at in languages else role
        elif word in grammar.styling or word in small.WITH:
            role = _Role.STYLE
        elif word in small.JOINS and role is _Role.STYLE:
            continue
        elif word in grammar.of or word in grammar.verbs or word in small.JOINS:
            role = _Role.FREE
        if word in grammar.definite and role is not _Role.STYLE and not is_alone(request, at):
            role = _Role.DEFINITE
        elif word in grammar.indefinite and role is _Role.DEFINITE:
            role = _Role.FREE
    return found


def _joined(request: Sequence[Token], roles: dict[int, _Role], grammar: Grammar) -> frozenset[str]:
    known = {at for at, role in roles.items() if role is _Role.DEFINITE}
    pairs = [
        (request[at].folded, request[at + 3].folded)
        for at in known
        if at + 3 in known
        and request[at + 1].folded in small.JOINS
        and request[at + 2].folded in grammar.definite
        and not request[at + 1].after.strip()
    ]
    return frozenset(word for pair in pairs for word in pair)


def _is_kind_of_chart(request: Sequence[Token], at: int) -> bool:
    following = request[at + 1].folded if at + 1 < len(request) else ""
    return request[at].folded in small.CHART_KINDS and following in lex.NOUNS


def _named(request: Sequence[Token], grammar: Grammar, own: Sequence[int]) -> tuple[frozenset[str], list[int]]:
    """The words that name a kind as known, and where kinds are named that are wanted newly."""
    known: set[str] = set()
    wanted: list[int] = []
    for at, token in enumerate(request):
        kinds = kinds_of(token.folded)
        if token.folded in small.SAME and grammar.language != "en":
            continue  # la même
        if not kinds or (token.folded in grammar.verbs and not _together(request, at, grammar)):
            continue
        before = {each.folded for each in _together(request, at, grammar)}
        placed = bool(before & grammar.definite) and bool(before & _PLACES)
        if placed or before & (small.DEMONSTRATIVE | small.BOTH | small.ALL):
            known.add(token.folded)
        elif before & grammar.definite and not before & small.INDEFINITE_ALWAYS:
            # A cat on the table, the picture of a cat: neither is one that there is.
            after = [each.folded for each in request[at + 1 : at + 3]]
            of = len(after) > 1 and after[0] in small.ABOUT
            new = of and (after[1] in grammar.indefinite or is_content(after[1], grammar))
            if not new and not any(each < at for each in own):
                known.add(token.folded)
        elif not before & small.AGAIN and token.folded not in small.AGAIN:
            wanted.append(at)
    return frozenset(known), wanted


def _together(request: Sequence[Token], at: int, grammar: Grammar) -> list[Token]:
    """The up to four words before one that belong to it."""
    found: list[Token] = []
    for back in range(at - 1, max(-1, at - 5), -1):
        token = request[back]
        if request[back + 1].after.strip("'’ ") or token.folded in grammar.verbs - small.LATEST:
            break
        if is_alone(request, back):
            break
        found.append(token)
        if token.folded in grammar.definite | grammar.indefinite - frozenset(small.COUNTS):
            break
    return found


def _pronoun(request: Sequence[Token], grammar: Grammar, free: Sequence[int], wanted: Sequence[int]) -> int | None:
    """Where one stands that means nothing in the request itself."""
    changes = any(token.folded in grammar.changing for token in request[:4])
    for at in range(len(request)):
        if not is_pronoun(request, at, grammar):
            continue
        of = request[at].folded in small.OF_IT or (at > 0 and request[at - 1].folded in grammar.of)
        inside = any(each < at for each in free) or (not of and any(each < at for each in wanted))
        if changes or not inside:
            return at
    return None


def _places(request: Sequence[Token], grammar: Grammar) -> tuple[int, ...]:
    found: list[int] = []
    for at, token in enumerate(request):
        near = {each.folded for each in request[max(0, at - 2) : at]}
        if token.folded in small.ORDINALS and near & grammar.definite:
            found.append(small.ORDINALS[token.folded])
    return tuple(found)


def _in_same_style(request: Sequence[Token]) -> bool:
    return any(
        token.folded in small.STYLES and {each.folded for each in request[max(0, at - 2) : at]} & small.SAME
        for at, token in enumerate(request)
    )


def _back(words: set[str], request: Sequence[Token]) -> int | None:
    text = " ".join(token.folded for token in request)
    if words & small.BUT_ONE or _LAST_BUT_ONE.search(text):
        return 1
    return 0 if words & small.LATEST else None


def _several(request: Sequence[Token], kinds: frozenset[Input]) -> int | None:
    words = [token.folded for token in request]
    if small.BOTH & set(words):
        return 2
    for at, word in enumerate(words):
        near = set(words[max(0, at - 2) : at])
        if word in small.COUNTS and near & (small.DEMONSTRATIVE | small.ALL | small.ARTICLES):
            return small.COUNTS[word]
    if (small.JOINING | small.ALL) & set(words) and (kinds or small.PLURAL & set(words)):
        return 0
    return 0 if _each(request) else None


def _each(request: Sequence[Token]) -> bool:
    """Whether it names every one of a kind: jedes Bild, every picture."""
    return any(
        token.folded in small.EACH and at + 1 < len(request) and bool(kinds_of(request[at + 1].folded))
        for at, token in enumerate(request)
    )
