"""A slideshow: words, a picture for each part of them, and a voice. It needs no video model, and pays for none."""

from __future__ import annotations

from core.chat.planning import instructions as told
from core.chat.planning.clauses import Clause
from core.chat.planning.draft import Draft
from data.values.plans import Action, Output

_PICTURES = 3


def slideshow(draft: Draft, clause: Clause) -> None:
    """Add its steps; the reply says how it becomes a film."""
    if not draft.can(Action.DRAW):
        return
    text = [step.id for step in draft.of(Action.WRITE)][-1:]
    if not text:
        words = told.to_narrate(clause.words, draft.brief, _PICTURES)
        text = [draft.add(Action.WRITE, words, clause)]
    subject = draft.brief.subject or clause.words
    for number in range(1, _PICTURES + 1):
        more = f"Picture {number} of {_PICTURES}: of the part of the text whose turn it is."
        draft.add(Action.DRAW, told.to_draw(subject, draft.brief, of_text=True, more=more), clause, uses=text)
    if Output.SPEECH not in draft.outputs and draft.can(Action.SPEAK):
        draft.add(Action.SPEAK, "", clause, uses=text)
    draft.said.append("Its pictures and its voice become a film under Save, below the reply.")
