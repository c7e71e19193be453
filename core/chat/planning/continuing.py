"""What a short prompt asks for of what stands before it, where its words say so: a look changed, words heard. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from core.chat.planning import picture_words as seen
from core.chat.planning import small_words as small
from core.chat.planning.clauses import begins, clauses_of, outputs_of
from core.chat.planning.grammar import Grammar, grammar_of
from core.chat.planning.language import asked_for
from core.chat.planning.plainly import MATERIAL, NOT, begins_plainly, plainly_asked
from core.chat.planning.pointing import pointing
from core.chat.planning.pronouns import verb_of
from core.chat.planning.words import Token, listed, quotes, request_and_material, tokens
from data.values.plans import Analysis, Input, Output
from data.values.tasks import Task

_MOST = 16
"""Words of a prompt that means something of before; a longer one brings its own."""

_LIKELY = 0.5
_MADE = {
    Task.IMAGE: Output.IMAGE,
    Task.SPEECH: Output.SPEECH,
    Task.VIDEO: Output.VIDEO,
    Task.CHART: Output.CHART,
}
_ASKING = listed("how what why who wie was warum como comment que quoi come cosa")
_WISHING = listed(
    """let want need like love wanna d moechte will wuerde gern gerne hoeren quiero quisiera gustaria veux voudrais
    aimerais aimerai j voglio vorrei quero queria gostaria le l lo la"""
)
"""Verbs of wishing, and what may stand in front of the verb of speaking."""

_MANNER = listed("like as in with wie come como comme as to for out")


def understood(
    prompt: str, found: Analysis, inputs: frozenset[Input], earlier: Sequence[frozenset[Output]]
) -> Analysis:
    """What the analysis found, with what the prompt says in so many words.

    Args:
        inputs: the kinds of what is attached.
        earlier: what the last replies held, the newest last.
    """
    if earlier and not inputs and (outputs := _of_wishes(prompt, earlier)):
        return replace(_with(found, outputs), is_sure=True)
    plain = plainly_asked(prompt)
    if plain <= found.outputs:
        return found
    is_default = found.probabilities.get(Output.TEXT, 1.0) < _LIKELY or _asks_for_no_text(prompt, found, plain)
    return _with(found, found.outputs - ({Output.TEXT} if is_default else set()) | plain)


def _with(found: Analysis, outputs: frozenset[Output]) -> Analysis:
    """With other kinds, and the tasks that fit them: no picture is a speech. What is learned is kept by task."""
    fit = {task: share for task, share in found.tasks.items() if _MADE.get(task, Output.TEXT) in outputs}
    fit = fit or {next((task for task, output in _MADE.items() if output in outputs), Task.CHAT): 1.0}
    whole = sum(fit.values()) or 1.0
    tasks = {task: share / whole for task, share in fit.items()}
    return replace(found, outputs=outputs, task=max(tasks, key=lambda task: tasks[task]), tasks=tasks)


def _asks_for_no_text(prompt: str, found: Analysis, plain: frozenset[Output]) -> bool:
    """Whether text is only what was left: nothing else seemed to be wanted, and no clause of the prompt asks for it."""
    if found.outputs != {Output.TEXT} or not begins_plainly(prompt):
        return False
    clauses = clauses_of(prompt, plain | {Output.TEXT})
    return not any(clause.output is Output.TEXT and clause.is_sure for clause in clauses)


def _of_wishes(prompt: str, earlier: Sequence[frozenset[Output]]) -> frozenset[Output]:
    """What it asks for where each of its wishes tells, and at least one means something of before; else nothing."""
    outputs = frozenset[Output]()
    continues = False
    for wish in _wishes(prompt):
        again = heard_again(wish, earlier)
        changed = again is None and changes_picture(wish, earlier)
        continues = continues or again is not None or changed
        found = {again} if again is not None else {Output.IMAGE} if changed else _plainly(wish)
        if not found:
            return frozenset()
        outputs |= found
    return outputs if continues else frozenset()


def _plainly(wish: str) -> frozenset[Output]:
    words = tokens(wish)
    grammar = grammar_of(words)
    begin = begins(words, 0, grammar, is_with=False)
    writes = begin is not None and verb_of(words[begin].folded) in grammar.writing | grammar.telling
    return plainly_asked(wish) or (frozenset({Output.TEXT}) if writes else frozenset())


def _wishes(prompt: str) -> list[str]:
    """A prompt cut where, behind "and" or a mark, a verb says what is asked next."""
    words = tokens(prompt)
    if not words or len(words) > 2 * _MOST:
        return []
    grammar = grammar_of(words)
    cuts, begun = [0], begins(words, 0, grammar, is_with=False) or 0
    for at in range(1, len(words)):
        if words[at].folded not in small.JOINS and not words[at].after.strip("'’ "):
            continue
        begin = begins(words, at, grammar, is_with=False)
        if begin is not None and begin > begun < at and verb_of(words[begin].folded) in grammar.verbs - _MANNER:
            cuts.append(words[at].start)
            begun = begin
    return [prompt[begin:end].strip(" ,;.\n") for begin, end in pairwise([*cuts, len(prompt)])]


def changes_picture(prompt: str, earlier: Sequence[frozenset[Output]]) -> bool:
    """Whether a prompt asks for the picture of before to be made different, in words that only pictures are changed by.

    Args:
        earlier: what the last replies held, the newest last; what came since the picture was only read aloud.
    """
    since = next((at for at, held in enumerate(reversed(earlier)) if Output.IMAGE in held), None)
    if since is None or any(held and Output.SPEECH not in held for held in earlier[len(earlier) - since :]):
        return False
    words = tokens(prompt)
    grammar = grammar_of(words)
    begin = begins(words, 0, grammar, is_with=False) if words else None
    if begin is None or len(words) > _MOST or MATERIAL.search(prompt):
        return False
    said = {token.folded for token in words}
    how = pointing(words)
    if how.bare and said & seen.SEEN and not said & (NOT | _ASKING):
        return True  # brighter, please
    if verb_of(words[begin].folded) not in grammar.changing | grammar.making | small.MAKE:
        return False  # it is asked why the sky is darker
    joined = seen.INTO_ONE.search(" ".join(token.folded for token in words)) is not None  # put them side by side
    named = (joined or how.kinds == {Input.IMAGE}) and not any(_is_other(word) for word in said)
    return how.change and not how.kinds - {Input.IMAGE} and (named or bool(said & seen.SEEN)) and not said & NOT


def _is_other(word: str) -> bool:
    """Whether it names a kind of content that is no picture: turn the picture into a poem."""
    kinds = outputs_of(word)
    return bool(kinds) and Output.IMAGE not in kinds


def heard_again(prompt: str, earlier: Sequence[frozenset[Output]]) -> Output | None:
    """The kind in which words of before are asked for again: "now say it in Spanish", "read the haiku slowly".

    Said or read of a reply that was more than text, they are to be heard, whatever came last: no picture is said. In
    another language and nothing else ("auf Spanisch bitte"), they come as they came before.

    Args:
        earlier: what the last replies held, the newest last.

    Returns:
        Speech or text; None where the prompt asks for something else, or nothing tells.
    """
    words = tokens(prompt)
    if not words or not earlier or len(words) > _MOST or MATERIAL.search(prompt) or _brings_own(prompt):
        return None
    grammar = grammar_of(words)
    languages = asked_for(words)
    worded = next((held for held in reversed(earlier) if held & {Output.TEXT, Output.SPEECH}), None)
    if languages and worded is not None and _says_nothing_else(words, grammar):
        return Output.SPEECH if Output.SPEECH in worded else Output.TEXT
    if not _says_again(words, grammar):
        return None
    how = pointing(words)
    only_text = earlier[-1] == {Output.TEXT}
    if how.kinds:
        known = how.kinds <= {Input.TEXT, Input.AUDIO} and any(Output.SPEECH in held for held in earlier)
        return Output.SPEECH if known or (languages and how.kinds == {Input.TEXT} and not only_text) else None
    said = {token.folded for token in words}
    is_again = Output.SPEECH in earlier[-1] and bool(said & (small.AGAIN | small.COMPARATIVE))
    return Output.SPEECH if how.pronoun and ((languages and not only_text) or is_again) else None


def _brings_own(prompt: str) -> bool:
    """Whether there are words in it that are to be read themselves."""
    return bool(request_and_material(prompt)[1] or quotes(prompt)) or ":" in prompt


def _says_nothing_else(words: Sequence[Token], grammar: Grammar) -> bool:
    """Whether a request names a language and no more."""
    little = grammar.styling | grammar.of | grammar.definite | listed("auf ins into lo")
    said = [token for token in words if token.folded not in little]
    verbs = any(verb_of(token.folded) in grammar.verbs - small.FILLERS for token in said)
    rest = [at for at, token in enumerate(said) if token.folded not in small.EMPTY]
    return not verbs and len(rest) <= len(asked_for(words))


def _says_again(words: Sequence[Token], grammar: Grammar) -> bool:
    """Whether a request begins with a verb of speaking, asks for nothing else, and refuses nothing."""
    begin = begins(words, 0, grammar, is_with=False)
    if begin is None or words[begin].folded in _ASKING or {token.folded for token in words} & NOT:
        return False
    heard = grammar.speaking | (grammar.aloud - listed("vor out"))
    first = {words[begin].folded, verb_of(words[begin].folded)}
    behind = {each for token in words[begin + 1 :] for each in (token.folded, verb_of(token.folded))}
    # "Can you say it", "I want to hear it": the verb may come last, behind what has no other meaning.
    if not first & heard and not (behind & heard and first & (_WISHING | small.PRONOUNS | small.POINTING_ARTICLES)):
        return False
    no_verbs = (small.EMPTY - small.MAKE) | _MANNER | _WISHING | grammar.definite | grammar.of
    return not behind & (grammar.verbs - heard - grammar.aloud - no_verbs)
