"""What a voice reads: words of the prompt, a text of this reply, one of before, or one that is written first."""

from __future__ import annotations

import re

from core.chat.planning import instructions as told
from core.chat.planning import small_words as small
from core.chat.planning.clauses import Clause, outputs_of
from core.chat.planning.draft import MOST_OF_A_KIND, Draft
from core.chat.planning.grammar import grammar_of
from core.chat.planning.language import NAMES, asked_for, written_in
from core.chat.planning.pronouns import verb_of
from core.chat.planning.words import after_colon, listed, quotes, request_and_material, shortened, tokens
from data.values.messages import Author
from data.values.plans import Action, Earlier, Input, Output

_SAYING = listed("say speak pronounce utter sag sage sprich di diga dis dites dire dillo diz diga fala fale")
_MOST_SAID = 12  # words behind "say" that are taken for what is to be said
_TRANSFORMING = listed(
    """translate summarize summarise shorten simplify paraphrase rewrite explain describe condense uebersetze fasse
    kuerze vereinfache erklaere beschreibe traduce resume simplifica explica describe traduis resume simplifie explique
    decris traduci riassumi semplifica spiega descrivi traduz traduza resuma simplifique descreva"""
)
"""Verbs that make another text of one before it is read."""

_SOUND_WORK = listed(
    """noise reverb echo pitch volume louder quieter trim tempo speed chorus equalize equalization equalizer mix remix
    enhance clean denoise rauschen hall tonhoehe lauter leiser schneller langsamer entrausche ruido eco velocidad
    bruit vitesse
    rumore velocita ruido velocidade"""
)

_READ = {Input.TEXT, Input.AUDIO, Input.DOCUMENT}


def speak(draft: Draft, clause: Clause) -> None:
    """Add the steps of a clause that wants to be heard, each text before its voice."""
    languages = asked_for(tokens(clause.words))
    if _works_on_attached(draft, clause):
        draft.said.append("No model here changes sounds, so this one stays as it is.")
        return None
    if (words := _said_in_prompt(draft, clause)) is not None:
        return _literally(draft, clause, words, languages)
    uses = _texts_here(draft, clause)
    earlier: list[Earlier] = []
    if not uses:
        seen = [step.id for step in draft.meant_here(clause, *_shown(draft, clause))]
        if seen:
            uses = [draft.add(Action.WRITE, told.to_describe(clause.words, draft.brief), clause, uses=seen)]
        else:
            earlier = _before(draft, clause)
    if any(each.kind is Input.AUDIO for each in earlier) and _changes_sound(clause):
        draft.said.append("No model here changes sounds, so this one stays as it is.")
        return None
    if earlier and (_changes_text(draft, clause) or not all(_is_read(each) for each in earlier)):
        uses, earlier = [_text_of(draft, clause, earlier)], []
        languages = ()
    if not uses and not earlier:
        language = languages[0] if len(languages) == 1 else ""
        words = told.to_write(clause.words, draft.brief, spoken=True, language=language)
        uses, languages = [draft.add(Action.WRITE, words, clause)], languages if len(languages) > 1 else ()
    _voices(draft, clause, uses, earlier, languages)
    return None


def _shown(draft: Draft, clause: Clause) -> list[Action]:
    """What a voice may describe: "make it brighter and say it in Spanish" has its words from before, if any."""
    texts = any(thing.kind in {Input.TEXT, Input.AUDIO} and thing.author is Author.ASSISTANT for thing in draft.things)
    changed = [] if texts and Input.IMAGE not in draft.how(clause).kinds else [Action.EDIT]
    return [Action.DRAW, *changed, Action.CHART]


def _said_in_prompt(draft: Draft, clause: Clause) -> str | None:
    """The words themselves, where they stand in the prompt."""
    _, material = request_and_material(draft.brief.request)
    wants_text = Output.TEXT in draft.outputs
    if material and not wants_text and not draft.of(Action.WRITE):
        return material
    words = tokens(clause.words)
    grammar = grammar_of(words)
    reads = any(token.folded in grammar.speaking | grammar.making for token in words[:5])
    quoted = [each for each in quotes(clause.words) if len(each) > 1]
    if not clause.is_sure and not draft.alone:
        return None
    if quoted and reads and not any(thing.earlier.name in quoted for thing in draft.things):
        return max(quoted, key=len)
    _, behind = after_colon(clause.words)
    if reads and len(tokens(behind)) > 1:
        return behind.strip(" \"“”'")
    return _behind_say(clause.words)


def _behind_say(clause: str) -> str | None:
    words = tokens(clause)
    at = next((at for at, token in enumerate(words[:6]) if token.folded in _SAYING), None)
    if at is None or at + 1 >= len(words) or len(words) - at > _MOST_SAID:
        return None
    behind = words[at + 1 :]
    grammar = grammar_of(words)
    points = small.PRONOUNS | small.POINTING_ARTICLES | grammar.of | grammar.definite | small.AGAIN
    if any(token.folded in points or outputs_of(token.folded) for token in behind[:3]):
        return None
    if behind[0].folded in grammar.styling | {"something", "anything", "etwas", "algo", "qualcosa", "quelque"}:
        return None
    return clause[behind[0].start :].strip(" .\"'“”")


def _literally(draft: Draft, clause: Clause, words: str, languages: tuple[str, ...]) -> None:
    there = NAMES[written_in(tokens(words))]
    if languages and languages != (there,):
        for language in languages[:MOST_OF_A_KIND]:
            written = draft.add(Action.WRITE, f"{told.to_translate(language)}\n\n{words}", clause)
            _voice(draft, clause, [written], [], language)
        return
    if draft.can(Action.SPEAK):
        how = told.to_speak(_around(clause.words, words))
        if how:
            text = Earlier(Input.TEXT, shortened(words, 60), text=words)
            draft.add(Action.SPEAK, how, clause, earlier=[text])
        else:
            draft.add(Action.SPEAK, words, clause)


def _around(clause: str, words: str) -> str:
    """What a clause says of the words, without them."""
    return re.sub(r"\s+", " ", clause.replace(words, "")).strip(" :\"“”'")


def _texts_here(draft: Draft, clause: Clause) -> list[str]:
    """The texts of this reply that are to be read."""
    texts = draft.of(Action.WRITE)
    if not texts or (clause.is_sure and draft.how(clause).mine):
        return []
    if not clause.is_sure or not draft.clauses[texts[-1].id].is_sure:
        return [texts[-1].id]
    return [step.id for step in draft.meant_here(clause, Action.WRITE)]


def _before(draft: Draft, clause: Clause) -> list[Earlier]:
    found = draft.meant(clause, also_attached=True)
    return list(found.earlier)


def _is_read(earlier: Earlier) -> bool:
    """Whether it can be read aloud as it is."""
    return earlier.kind in _READ and bool(earlier.text.strip())


def _works_on_attached(draft: Draft, clause: Clause) -> bool:
    """Whether the sound of what came along is to be another one, or to be taken out of a film."""
    words = {token.folded for token in tokens(clause.words)}
    kinds = {thing.kind for thing in draft.attached}
    return (Input.AUDIO in kinds and bool(words & _SOUND_WORK)) or (Input.VIDEO in kinds and "extract" in words)


def _changes_sound(clause: Clause) -> bool:
    """Whether a sound itself is to be another one: without its noise, faster; what is read once more is a new one."""
    words = tokens(clause.words)
    reads = any(token.folded in grammar_of(words).speaking for token in words[:4])
    return not reads and bool({token.folded for token in words} & _SOUND_WORK)


def _changes_text(draft: Draft, clause: Clause) -> bool:
    """Whether the text is to be another one before it is read: translated, shortened, told anew."""
    words = tokens(clause.words)
    grammar = grammar_of(words)
    first = next((verb_of(token.folded) for token in words[:6] if verb_of(token.folded) in grammar.verbs), "")
    return bool(asked_for(words)) or first in _TRANSFORMING or _picks(clause)


def _picks(clause: Clause) -> bool:
    """Whether only a piece of the text is to be heard."""
    return bool({token.folded for token in tokens(clause.words)} & small.PIECES)


def _text_of(draft: Draft, clause: Clause, earlier: list[Earlier]) -> str:
    languages = asked_for(tokens(clause.words))
    if not languages and not _changes_text(draft, clause) and any(each.kind is Input.DOCUMENT for each in earlier):
        words = told.to_read_out(" and ".join(f"“{each.name}”" for each in earlier))
    elif not languages and _picks(clause):
        words = told.to_pick(clause.words)
    elif not languages and all(each.kind is Input.AUDIO for each in earlier):
        words = told.to_transcribe()
    elif all(each.kind in _READ for each in earlier):
        words = told.to_translate(languages[0]) if languages else told.to_rewrite(clause.words)
    else:
        words = told.to_describe(clause.words, draft.brief, language=languages[0] if languages else "")
    return draft.add(Action.WRITE, words, clause, earlier=earlier)


def _voices(draft: Draft, clause: Clause, uses: list[str], earlier: list[Earlier], languages: tuple[str, ...]) -> None:
    own = {asked for step in draft.steps if step.id in uses for asked in _language_of(draft, step.id)}
    if len(languages) == 1 and (languages[0] in own or not uses):
        return _voice(draft, clause, uses, earlier, languages[0])
    if not languages:
        return _voice(draft, clause, uses, earlier, "")
    for language in languages[:MOST_OF_A_KIND]:
        given = uses if language in own else [draft.add(Action.WRITE, told.to_translate(language), clause, uses=uses)]
        _voice(draft, clause, given, earlier, language)
    return None


def _language_of(draft: Draft, step_id: str) -> tuple[str, ...]:
    words = tokens(draft.clauses[step_id].words)
    return asked_for(words) or (NAMES[written_in(tokens(draft.brief.request))],)


def _voice(draft: Draft, clause: Clause, uses: list[str], earlier: list[Earlier], language: str) -> None:
    if draft.can(Action.SPEAK):
        draft.add(Action.SPEAK, told.to_speak(clause.words, language), clause, uses=uses, earlier=earlier)
