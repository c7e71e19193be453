"""How many of a kind a clause asks for, and which (two pictures, a fox and an owl), or whether it is of each. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.chat.planning import picture_words as seen
from core.chat.planning import small_words as small
from core.chat.planning.clauses import outputs_of
from core.chat.planning.grammar import grammar_of
from core.chat.planning.pointing import is_content, pointing
from core.chat.planning.words import Token, after_colon, tokens, unquoted
from data.values.plans import Output

_BETWEEN = re.compile(r"\s*(?:,|;|\n[-*\d.) ]*)\s*(?:and |und |y |e |et |then )?|\s+(?:and|und|y|e|et|ed)\s+")
_MOST = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, and what is said of each; `each` is empty where all are alike, `words` then are those for one."""

    count: int = 1
    words: str = ""
    each: tuple[str, ...] = ()


def counted(words: str, output: Output) -> Counted:
    """How many pictures, charts or films a clause asks for."""
    found = tokens(words)
    asked = _number(found, output)
    if asked is None:
        return Counted()
    count, number, noun = asked
    _, listing = after_colon(words)
    if not listing:
        grammar = grammar_of(found)
        behind = [at for at in (noun + 1, noun + 2) if at < len(found) and found[at].folded in grammar.of]
        listing = words[found[behind[0]].end :] if behind else ""
    items = [item.strip(" .!?") for item in _parts(listing)]
    items = [item for item in items if item]
    at = found[number]
    one = words[: at.start] + words[at.end :].lstrip()
    return Counted(count, one, tuple(items) if len(items) == count else ())


def _number(found: Sequence[Token], output: Output) -> tuple[int, int, int] | None:
    """The number before a noun of the kind, and where both stand."""
    for at, token in enumerate(found):
        count = small.COUNTS.get(token.folded) or (
            int(token.folded) if token.folded.isascii() and token.folded.isdigit() and len(token.folded) < 4 else 0
        )
        if not 2 <= count <= _MOST or (at and found[at - 1].folded in small.DEMONSTRATIVE | small.ARTICLES):
            continue
        grammar = grammar_of(found)
        for noun in range(at + 1, min(at + 4, len(found))):
            if found[noun].after.strip("'’ "):
                break
            if output in outputs_of(found[noun].folded) or found[noun].folded in small.VARIATIONS:
                return count, at, noun
            if not is_content(found[noun].folded, grammar) and found[noun].folded not in small.EMPTY:
                break
    return None


def _parts(listing: str) -> list[str]:
    """The things of a list; what is quoted stays whole."""
    masked = unquoted(listing)
    parts, begin = [], 0
    for match in _BETWEEN.finditer(masked):
        parts.append(listing[begin : match.start()])
        begin = match.end()
    return [*parts, listing[begin:]]


def changes_each(request: Sequence[Token]) -> bool:
    """Whether several pictures are to be changed alike, each for itself, and not to be put together into one."""
    how = pointing(request)
    words = {token.folded for token in request}
    text = " ".join(token.folded for token in request)
    many = how.several is not None or how.plural or bool(how.joined) or _names_many(request)
    return many and not how.places and not words & small.JOINING and not seen.INTO_ONE.search(text)


def _names_many(request: Sequence[Token]) -> bool:
    """Whether pictures are pointed at in the plural: these photos, die Bilder."""
    grammar = grammar_of(request)
    return any(
        token.folded in seen.PICTURES
        and not grammar.definite.isdisjoint(each.folded for each in request[max(0, at - 3) : at])
        for at, token in enumerate(request)
    )
