"""A prompt taken apart into what it asks of each kind of content, in the order in which it says so. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.chat.planning import lexicon as lex
from core.chat.planning import picture_words as seen
from core.chat.planning import small_words as small
from core.chat.planning.grammar import Grammar, grammar_of
from core.chat.planning.pointing import is_content
from core.chat.planning.pronouns import verb_of
from core.chat.planning.words import Token, forms, request_and_material, tokens
from data.values.plans import Output

_FAR = 7  # words between a verb that says nothing and the noun that does
_ORDER = (Output.TEXT, Output.IMAGE, Output.CHART, Output.VIDEO, Output.SPEECH)


@dataclass(frozen=True, slots=True)
class Clause:
    """What is asked of one part.

    Args:
        output: the kind of content.
        words: as they stand in the prompt.
        is_sure: whether they were found; else the words are the whole prompt.
        is_composing: whether it asks for prose to be made, rather than about something.
    """

    output: Output
    words: str
    is_sure: bool = True
    is_composing: bool = False


@dataclass(frozen=True, slots=True)
class _Start:
    at: int
    output: Output | None
    is_composing: bool = False


def clauses_of(prompt: str, outputs: frozenset[Output]) -> tuple[Clause, ...]:
    """The clauses of a prompt, at least one for each kind of `outputs`; prose also where it is plainly asked for."""
    request, _ = request_and_material(prompt)
    words = tokens(request)
    starts = _starts(words, grammar_of(words), outputs) if words else []
    found = _joined(_cut(request, words, starts))
    kinds = {clause.output for clause in found}
    missing = [output for output in _ORDER if output in outputs and output not in kinds]
    is_sure = len(missing) == 1 and not found  # it asks for one thing: all of its words are about that
    unsure = [Clause(output, request.strip() or prompt.strip(), is_sure) for output in missing]
    if len(outputs - {Output.TEXT}) <= 1 and len(found) == 1 and not missing:
        found = [replace(found[0], words=request.strip())]
    prose = [clause for clause in unsure if clause.output is Output.TEXT]
    return (*prose, *found, *(clause for clause in unsure if clause.output is not Output.TEXT))


def noun_of(words: Sequence[Token], wanted: frozenset[Output]) -> tuple[int, Output] | None:
    """The first noun that names one of the kinds, and where it stands."""
    for at, token in enumerate(words):
        for output in outputs_of(token.folded):
            if output in wanted:
                return at, output
    return None


def outputs_of(word: str) -> tuple[Output, ...]:
    """What somebody who names a thing may want."""
    return next((lex.NOUNS[form] for form in forms(word) if form in lex.NOUNS), ())


def _starts(words: Sequence[Token], grammar: Grammar, outputs: frozenset[Output]) -> list[_Start]:
    """Where something is asked for, and of which kind; None where a sentence begins that asks for nothing known."""
    found: list[_Start] = []
    for at, token in enumerate(words):
        marks = token.after.strip("'’ ")
        ends = at == 0 or any(mark in marks for mark in ".!?;\n")
        joins = token.folded in small.JOINS or "," in marks or ":" in marks or "+" in marks or "&" in marks
        if not (ends or joins or token.folded in small.WITH):
            continue
        start = _asked(words, at, grammar, outputs, is_with=token.folded in small.WITH)
        if start is not None:
            last = next((each for each in reversed(found) if each.output is not None), None)
            same = token.folded in small.WITH and last is not None and last.output is start.output
            if not same and (not found or found[-1].at != at) and not _just(found, at, words):
                found.append(start)
        elif ends:
            found.append(_Start(at, None))
    return found


def _just(found: list[_Start], at: int, words: Sequence[Token]) -> bool:
    """Whether a clause began at the word before: ", and paint it" begins once."""
    return (
        bool(found)
        and found[-1].output is not None
        and all(words[each].folded in small.JOINS | small.FILLERS for each in range(found[-1].at, at))
    )


def _asked(
    words: Sequence[Token], at: int, grammar: Grammar, outputs: frozenset[Output], *, is_with: bool
) -> _Start | None:
    begin = begins(words, at, grammar, is_with=is_with)
    if begin is None or _asks_for_nothing(words, at, begin, grammar):
        return None
    word = verb_of(words[begin].folded)
    output = None if is_with else _of_verb(words, begin, grammar, outputs)
    if output is not None:
        return _Start(at, output, word in grammar.writing)
    if not is_with and word in grammar.making | grammar.changing | small.MAKE:
        output = _made(words, begin, grammar, outputs)
        looks = at == 0 or {each.folded for each in reach(words, begin, _FAR, grammar)} & seen.SEEN
        if output is None and looks and Output.IMAGE in outputs and _changes(words, begin, grammar):
            output = Output.IMAGE
        return None if output is None else _Start(at, output, output is Output.TEXT)
    near = reach(words, begin, 4, grammar)
    first = noun_of(near, outputs)
    if words[begin].folded in grammar.indefinite and Output.CHART in outputs and _in_a_chart(words, begin, grammar):
        first = 0, Output.CHART  # a table of their weights as a chart
    if first is None or (not is_with and _is_no_noun(words[begin], grammar)):
        return None
    if near[first[0]].folded in small.REPLIES or any(
        is_content(each.folded, grammar) for each in near[: max(0, first[0] - 2)]
    ):
        return None
    return _Start(at, first[1], first[1] is Output.TEXT)


def _asks_for_nothing(words: Sequence[Token], at: int, begin: int, grammar: Grammar) -> bool:
    """Whether it is told what there is, or a verb is taken back behind it: schreib nichts dazu, draw nothing."""
    if small.HAVING.match(" ".join(each.folded for each in words[at : at + 3])):
        return True
    near = [token.folded for token in reach(words, begin, 5, grammar)]
    nothing = any(word in small.NOTHING and not near[place + 2 :] for place, word in enumerate(near))
    return near[0] in grammar.verbs and (nothing or near[-1] in {"nicht", "niet"})


def _is_no_noun(token: Token, grammar: Grammar) -> bool:
    """Whether no wish for a thing begins so: "the first and the last picture" asks for nothing at its "and"."""
    verb = verb_of(token.folded) in grammar.verbs and not outputs_of(token.folded)
    return verb or token.folded in grammar.definite


def _made(words: Sequence[Token], at: int, grammar: Grammar, outputs: frozenset[Output]) -> Output | None:
    """What is to be made: the first thing that is named behind "make", prose also where the analysis knows of none."""
    near = reach(words, at + 1, _FAR, grammar)
    for place, token in enumerate(near):
        if token.folded in small.ABOUT | small.WITH and place:
            break
        if {each.folded for each in near[max(0, place - 2) : place]} & grammar.definite:
            continue  # put the poem on the picture: both are there
        kinds = outputs_of(token.folded)
        following = near[place + 1].folded if place + 1 < len(near) else ""
        if kinds and not outputs_of(following):  # of "story illustration" the last one counts
            wanted = [kind for kind in kinds if kind in outputs]
            return wanted[0] if wanted else Output.TEXT if Output.TEXT in kinds else None
    noun = noun_of(near, outputs | {Output.TEXT} if len(outputs) > 1 else outputs)
    return None if noun is None else noun[1]


def _changes(words: Sequence[Token], at: int, grammar: Grammar) -> bool:
    """Whether a prompt begins by making something that there is different: make it darker."""
    following = words[at + 1].folded if at + 1 < len(words) else ""
    known = small.PRONOUNS | small.POINTING_ARTICLES | grammar.definite
    word = words[at].folded
    return verb_of(word) in small.MAKE and (following in known or verb_of(word) != word)


def begins(words: Sequence[Token], at: int, grammar: Grammar, *, is_with: bool) -> int | None:
    """Where what is asked begins, behind please and then; None where the sentence ends before."""
    fillers = (small.FILLERS | small.JOINS | small.WITH) - grammar.making - grammar.definite - grammar.indefinite
    begin = at
    while begin < len(words) and (words[begin].folded in fillers or (begin == at and is_with)):
        begin += 1
        if begin < len(words) and words[begin].after.strip("'’, "):
            return None
    return begin if begin < len(words) else None


def reach(words: Sequence[Token], begin: int, far: int, grammar: Grammar) -> list[Token]:
    """The words behind a place that belong to it: up to a mark, or to what is asked next."""
    found: list[Token] = []
    for at in range(begin, min(len(words), begin + far)):
        following = words[at + 1].folded if at + 1 < len(words) else ""
        next_wish = words[at].folded in small.JOINS and verb_of(following) in grammar.verbs
        if found and (words[at].after.strip("'’ ") or next_wish):
            break
        found.append(words[at])
    return found


def _of_verb(words: Sequence[Token], at: int, grammar: Grammar, outputs: frozenset[Output]) -> Output | None:
    """What the verb at a place asks for, of what is wanted."""
    word = verb_of(words[at].folded)
    near = {each.folded for each in reach(words, at, 14, grammar)}
    reads = word in grammar.speaking or bool(near & grammar.aloud and word in grammar.making | {"let", "i", "j", "ich"})
    for verbs, output in (
        (word in grammar.plotting, Output.CHART),
        (word in grammar.drawing, Output.IMAGE),
        (word in grammar.filming, Output.VIDEO),
        (reads, Output.SPEECH),
    ):
        if verbs and output in outputs:
            return _drawn(words, at, grammar, outputs) if output is Output.IMAGE else output
    if word in grammar.writing:
        return Output.TEXT
    if word in grammar.telling and (outputs & {Output.TEXT, Output.SPEECH} or len(outputs) > 1):
        return Output.CHART if Output.CHART in outputs and _in_a_chart(words, at, grammar) else Output.TEXT
    if (
        word in grammar.changing
        and Output.IMAGE in outputs
        and noun_of(reach(words, at, _FAR, grammar), outputs) is None
    ):
        return Output.IMAGE
    return None


def _in_a_chart(words: Sequence[Token], at: int, grammar: Grammar) -> bool:
    """Whether what is told is to be shown in a chart: compare the prices in a bar chart, a table of them as a chart."""
    near = [token.folded for token in reach(words, at, 20, grammar)]
    return any(
        word in grammar.styling
        and (_has_chart(behind[:1]) or (behind[0] in grammar.indefinite and _has_chart(behind[1:])))
        for place, word in enumerate(near)
        if (behind := near[place + 1 : place + 4])
    )


def _has_chart(words: Sequence[str]) -> bool:
    return any(Output.CHART in outputs_of(word) for word in words)


def _drawn(words: Sequence[Token], at: int, grammar: Grammar, outputs: frozenset[Output]) -> Output:
    """What is drawn: "draw a chart of it" asks for a chart, where one is wanted."""
    noun = noun_of(reach(words, at + 1, 5, grammar), outputs)
    return Output.CHART if noun is not None and noun[1] is Output.CHART else Output.IMAGE


def _cut(request: str, words: Sequence[Token], starts: Sequence[_Start]) -> list[Clause]:
    """The words between the starts. What asks for nothing known goes with what stands before it, else behind it."""
    found: list[Clause] = []
    ahead = ""
    for number, start in enumerate(starts):
        begin = 0 if number == 0 else words[start.at].start
        end = words[starts[number + 1].at].start if number + 1 < len(starts) else len(request)
        text = request[begin:end]
        if start.output is not None:
            found.append(Clause(start.output, ahead + text, is_composing=start.is_composing))
            ahead = ""
        elif found:
            found[-1] = replace(found[-1], words=found[-1].words + text)
        else:
            ahead += text
    return [replace(clause, words=_trimmed(clause.words)) for clause in found]


def _trimmed(words: str) -> str:
    return re.sub(r"[\s,;:+&]+$", "", re.sub(r"^[\s,;.:+&]+", "", words)).strip()


def _joined(found: Sequence[Clause]) -> list[Clause]:
    """Without clauses of nothing: "write and illustrate a story" has its story in the second."""
    kept: list[Clause] = []
    for clause, following in zip(found, [*found[1:], None], strict=False):
        words = tokens(clause.words)
        grammar = grammar_of(words)
        empty = grammar.verbs | small.FILLERS | small.JOINS
        if following is not None and len(words) <= 2 and all(word.folded in empty for word in words):
            whole = f"{clause.words} {_trimmed(_without_verb(following.words))}"
            kept.append(replace(clause, words=whole))
        else:
            kept.append(clause)
    return kept


def _without_verb(words: str) -> str:
    found = tokens(words)
    grammar = grammar_of(found)
    for number, token in enumerate(found[:-1]):
        if token.folded not in grammar.verbs | small.JOINS | small.FILLERS:
            return words[token.start :]
        if token.folded in grammar.verbs:
            return words[found[number + 1].start :]
    return words
