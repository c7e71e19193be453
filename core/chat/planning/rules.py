"""From the clauses of a prompt to steps: the rules of what each kind of part is made of."""

from __future__ import annotations

from dataclasses import replace

from core.chat.planning import instructions as told
from core.chat.planning import small_words as small
from core.chat.planning.clauses import Clause
from core.chat.planning.counted import Counted, changes_each, counted
from core.chat.planning.draft import MOST_OF_A_KIND, Draft
from core.chat.planning.pointing import Pointing
from core.chat.planning.pronouns import verb_of
from core.chat.planning.references import meant
from core.chat.planning.slides import slideshow
from core.chat.planning.speaking import speak
from core.chat.planning.things import Thing
from core.chat.planning.words import shortened, tokens
from data.values.plans import Action, Input, Output

_OF_PICTURES = {Action.DRAW, Action.EDIT}


def compose(draft: Draft, clause: Clause) -> None:
    """Add the steps of one clause to what there is so far."""
    match clause.output:
        case Output.TEXT:
            _write(draft, clause)
        case Output.IMAGE:
            _picture(draft, clause)
        case Output.CHART:
            _chart(draft, clause)
        case Output.VIDEO:
            _film(draft, clause)
        case Output.SPEECH:
            speak(draft, clause)


def _write(draft: Draft, clause: Clause) -> None:
    how = draft.how(clause)
    uses: list[str] = []
    if clause.is_sure and not clause.is_composing and (how.pronoun or how.kinds or how.definite or how.theirs):
        # "Describe it" waits for the picture; "a poem about it" has its subject from the request, and need not.
        uses = [step.id for step in draft.meant_here(clause, *_seen(clause, how))]
    earlier = tuple(thing.earlier for thing in draft.attached[:MOST_OF_A_KIND])
    if not uses and not earlier and how.points and clause.is_sure:
        earlier = draft.meant(clause, also_attached=False).earlier
    spoken = Output.SPEECH in draft.outputs
    seen = [step for step in draft.steps if step.id in uses and step.action is not Action.WRITE]
    if seen:
        words = told.to_describe(clause.words, draft.brief, spoken=spoken)
    else:
        words = told.to_write(clause.words, draft.brief, spoken=spoken)
    draft.add(Action.WRITE, words, clause, uses=uses, earlier=earlier)


def _seen(clause: Clause, how: Pointing) -> list[Action]:
    """What prose of this reply may be about: of its pictures and charts only where it is to describe them."""
    verbs = {verb_of(token.folded) for token in tokens(clause.words)[:5]}
    shown = how.kinds & {Input.IMAGE, Input.CHART} or (how.pronoun and verbs & small.DESCRIBING)
    return [Action.CHART, Action.DRAW, Action.EDIT, Action.WRITE] if shown else [Action.WRITE]


def _picture(draft: Draft, clause: Clause) -> None:
    how = draft.how(clause)
    drawn = draft.of(*_OF_PICTURES)
    if drawn and (not clause.is_sure or _only(clause, how)):
        return None  # a slideshow has its pictures; "picture only" asks for no other one
    if (
        drawn
        and clause.is_sure
        and (how.change or how.bare)
        and not how.kinds - {Input.IMAGE}
        and not _has_pictures(draft)
    ):
        return _changed_here(draft, clause)
    uses = [step.id for step in draft.meant_here(clause, Action.WRITE)]
    if _is_own(draft, clause):
        found = None
    else:
        found = None if uses and not _takes_attached(draft, clause) else draft.meant(clause, also_attached=True)
    things = list(found.things) if found else []
    pictures = [thing for thing in things if thing.kind is Input.IMAGE]
    if pictures:
        return _edit(draft, clause, pictures, uses if Input.TEXT in how.kinds else [])
    _draw(draft, clause, things, uses)
    return None


def _only(clause: Clause, how: Pointing) -> bool:
    """Whether it says "picture only", and nothing of what is on it."""
    return not how.content - small.ONLY and not small.ONLY.isdisjoint(token.folded for token in tokens(clause.words))


def _is_own(draft: Draft, clause: Clause) -> bool:
    """Whether a clause has its own subject, so that what is attached is for another clause."""
    how = draft.how(clause)
    return clause.is_sure and not draft.alone and bool(how.free) and not how.points


def _takes_attached(draft: Draft, clause: Clause) -> bool:
    how = draft.how(clause)
    return _has_pictures(draft) and (how.change or Input.IMAGE in how.kinds)


def _has_pictures(draft: Draft) -> bool:
    return any(thing.kind is Input.IMAGE for thing in draft.attached)


def _changed_here(draft: Draft, clause: Clause) -> None:
    """A wish about a picture that this reply is to have: it is drawn so at once, which costs one call, not two."""
    step = draft.of(*_OF_PICTURES)[-1]
    place = draft.steps.index(step)
    draft.steps[place] = replace(step, instruction=f"{step.instruction}\n{told.to_add(clause.words)}")


def _edit(draft: Draft, clause: Clause, pictures: list[Thing], uses: list[str]) -> None:
    if Action.EDIT not in draft.able and draft.can(Action.DRAW):
        return _drawn_anew(draft, clause, pictures)
    if not draft.can(Action.EDIT):
        return None
    earlier = [thing.earlier for thing in pictures]
    text = "" if uses else _text_for(draft, clause)
    apart = len(earlier) > 1 and changes_each(tokens(clause.words))
    for words, more in [(clause.words, "")] if apart else _each(draft, clause, "pictures", of_text=False):
        for taken in [[each] for each in earlier] if apart else [earlier]:
            instruction = told.to_edit(words, draft.brief, several=len(taken) > 1, more=more, text=text)
            draft.add(Action.EDIT, instruction, clause, uses=uses, earlier=taken)
    return None


def _text_for(draft: Draft, clause: Clause) -> str:
    """The text of before that is to be put on a picture: put the haiku on it."""
    if Input.TEXT not in draft.how(clause).kinds:
        return ""
    texts = [thing for thing in draft.things if thing.kind is Input.TEXT]
    found = meant(clause.words, Output.TEXT, texts)
    return found.earlier[-1].text if found.earlier else ""


def _drawn_anew(draft: Draft, clause: Clause, pictures: list[Thing]) -> None:
    """Nobody can change a picture: one is drawn of what is known of it, and of the wish."""
    seen = " ".join(f"{thing.caption or thing.earlier.name}." for thing in pictures)
    draft.said.append(
        "No model that you can use changes pictures, so a new one was drawn from what is known of the old one. To have "
        "the picture itself changed, connect a provider that edits pictures: the Models page finds those."
    )
    instruction = f"{shortened(seen, 1_500)}\n{told.to_draw(clause.words, draft.brief, of_text=False)}"
    draft.add(Action.DRAW, instruction, clause)


def _draw(draft: Draft, clause: Clause, things: list[Thing], uses: list[str]) -> None:
    uses = [*uses, *_written_down(draft, clause, things)]
    if not draft.can(Action.DRAW):
        return
    earlier = [thing.earlier for thing in things if not _is_silent(thing)]
    of_text = bool(uses or earlier)
    for words, more in _each(draft, clause, "pictures", of_text=of_text):
        instruction = told.to_draw(words, draft.brief, of_text=of_text, more=more)
        draft.add(Action.DRAW, instruction, clause, uses=uses, earlier=earlier)


def _chart(draft: Draft, clause: Clause) -> None:
    tables = [thing for thing in draft.attached if thing.kind is Input.TABLE]
    uses = [] if tables else [step.id for step in draft.meant_here(clause, Action.WRITE)]
    if uses and not clause.is_sure:
        uses = []  # prose about something is no data; who asks for a chart of it says so
    found = None if uses or (_is_own(draft, clause) and not tables) else draft.meant(clause, also_attached=True)
    things = list(found.things) if found else []
    silent = _written_down(draft, clause, things)
    earlier = [thing.earlier for thing in things if not _is_silent(thing)]
    of_data = bool(uses or earlier or silent)
    for words, more in _each(draft, clause, "charts", of_text=of_data):
        instruction = told.to_chart(words, draft.brief, of_data=of_data, more=more)
        draft.add(Action.CHART, instruction, clause, uses=[*uses, *silent], earlier=earlier)


def _film(draft: Draft, clause: Clause) -> None:
    if any(thing.kind is Input.VIDEO for thing in draft.attached):
        draft.said.append("No model here changes films, so the one that came with the prompt stays as it is.")
        return
    how = draft.how(clause)
    here = draft.meant_here(clause, Action.DRAW, Action.EDIT) or draft.meant_here(clause, Action.WRITE)
    found = draft.meant(clause, also_attached=True) if not here and not _is_own(draft, clause) else None
    things = list(found.things) if found else []
    films = [thing for thing in things if thing.kind is Input.VIDEO]
    if not things and not draft.of(*_OF_PICTURES) and _is_slideshow(clause):
        slideshow(draft, clause)
        return
    if not draft.can(Action.FILM):
        return
    pictures = [thing for thing in things if thing.kind is Input.IMAGE]
    silent = _written_down(draft, clause, things)
    instruction = told.to_film(clause.words, draft.brief, of_picture=bool(pictures) or bool(here and how.idle))
    if films:
        draft.said.append("A film can't be changed, so a new one was made from what is known of the old one.")
        instruction = f"{shortened(films[-1].caption or films[-1].earlier.name, 1_500)}\n{instruction}"
    others = [thing for thing in things if thing not in films and not _is_silent(thing)]
    uses = [*(step.id for step in here), *silent]
    for begins in pictures if len(pictures) > 1 else [None]:  # a film begins with one picture
        earlier = [thing.earlier for thing in others if begins is None or thing is begins or thing not in pictures]
        draft.add(Action.FILM, instruction, clause, uses=uses, earlier=earlier)


def _is_slideshow(clause: Clause) -> bool:
    return bool({token.folded for token in tokens(clause.words)} & small.SLIDESHOWS)


def _is_silent(thing: Thing) -> bool:
    """Whether it is a sound of which nobody wrote down what is said."""
    return thing.kind is Input.AUDIO and not thing.earlier.text


def _written_down(draft: Draft, clause: Clause, things: list[Thing]) -> list[str]:
    """Steps that write down what is said in sounds, for those that only read."""
    sounds = [thing.earlier for thing in things if _is_silent(thing)]
    if not sounds:
        return []
    written = [step.id for step in draft.of(Action.WRITE) if set(sounds) <= set(step.earlier)]
    return written[:1] or [draft.add(Action.WRITE, told.to_transcribe(), clause, earlier=sounds)]


def _texts_each(draft: Draft, clause: Clause) -> int:
    """How many texts there are that get a picture each: three poems, each with its own picture."""
    words = tokens(draft.brief.request)
    if not clause.is_sure or not {token.folded for token in words} & small.EACH:
        return 1
    return counted(draft.brief.request, Output.TEXT).count


def _each(draft: Draft, clause: Clause, what: str, *, of_text: bool) -> list[tuple[str, str]]:
    """Of each of the pictures or charts that a clause asks for: its words, and what is said of it besides."""
    wanted = counted(clause.words, clause.output) if clause.is_sure else Counted()
    if wanted.count == 1 and of_text and (texts := _texts_each(draft, clause)) > 1:
        wanted = Counted(texts, clause.words)
    if wanted.each:
        found = [(words, "") for words in wanted.each]
    elif wanted.count > 1:
        part = "of the part of the text whose turn it is" if of_text else "clearly different from the others"
        more = f"Make one only: number {{}} of {wanted.count} {what}, {part}."
        found = [(wanted.words, more.format(number + 1)) for number in range(wanted.count)]
    else:
        found = [(clause.words, "")]
    if len(found) > MOST_OF_A_KIND:
        left = len(found) - MOST_OF_A_KIND
        draft.said.append(f"One reply has at most {MOST_OF_A_KIND} {what}, so {left} of them were left out.")
    return found[:MOST_OF_A_KIND]
