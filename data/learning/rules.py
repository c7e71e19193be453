"""What is said outright goes before what the model thinks: "no picture", "only text", "don't draw it"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from data.learning.lexicon import lexicon
from data.learning.masking import Masked
from data.learning.matters import without_matters
from data.learning.operations import kept, operations
from data.learning.refusals import refused_behind
from data.values.plans import Output

_OF = {"I": Output.IMAGE, "S": Output.SPEECH, "V": Output.VIDEO, "C": Output.CHART}
_MAKING = {"DRAW": "I", "SPEAK": "S", "FILM": "V"}
_TEXT_ONLY = re.compile(
    r"\b(?:text|words|writing) only\b|\bonly (?:text|words|in words)\b|\bin words only\b|\bnur (?:als )?text\b"
    r"|\bs[oó]lo texto\b|\bjuste du texte\b|\bsam tekst\b|\bтолько текст\b|只要文字|文章だけ"
)
_THANKS = re.compile(
    r"(?:(?:many |vielen )?(?:thanks?|thank you|thx|danke|gracias|merci|grazie|obrigad[oa]|dzięki|спасибо"
    r"|ありがとう|谢谢"
    r"|great|nice|okay|ok|perfect|lovely|beautiful|super|cool|wow)(?: a lot| so much| very much)?[\s!.,]*)+"
)
_COUNTED = re.compile(
    r"[.,?]\s(?:[^.!?]*\s)?(?:how (?:many|much)|wie ?viele?|cu[aá]nt[ao]s?|combien|quant[aeio]s?)\b[^.!?]*\?"
)
"""Asks for a number behind something that is told, as a word problem does."""

_NO, _YES = 0.02, 0.97

_SAY = {
    Output.IMAGE: frozenset(
        ("IMAGE", "DRAW", "SEGMENT", "COLOR", "STYLE", "COLLAGE", "SPECTROGRAM", "FRAME", "SIMILAR", "SHOW", "SEE")
    ),
    Output.SPEECH: frozenset(("AUDIO", "SPEAK", "AUDIOFX")),
    Output.VIDEO: frozenset(("VIDEO", "FILM", "SPEED", "STABILIZE", "SYNC")),
    Output.CHART: frozenset(("CHART", "TYPEFX", "TREND")),
}
"""Classes of words that speak of a kind of content."""

_SHORT = {Output.IMAGE: 30, Output.CHART: 25}
"""Words up to which a prompt may want it and not say so: captions ("an owl in the rain") and what charts are called by
("sales by month"). Sounds and films are always named."""

_LISTED = re.compile(
    r"\A(?:[^\W\d_]+(?:[-'][^\W\d_]+)? ){0,4}?(?:\d|two|three|four|zwei|drei|vier|dos|tres|cuatro|deux|trois|quatre"
    r"|due|tre|quattro|duas|três|quatro) (?:[^\W\d_]+ )?(?:pictures|images|photos|drawings|illustrations|paintings"
    r"|bilder|fotos|zeichnungen|imágenes|dibujos|imagens|desenhos|dessins|immagini|disegni|foto)(?: [^\W\d_]+)? ?:"
)
"""Pictures that are counted and then named: two pictures, a fox and an owl."""

_WORDED = frozenset(
    ("TEXT", "WRITE", "ANSWER", "DETECT", "CLASSIFY", "DESCRIBE", "SUMMARIZE", "TRANSLATE", "TRANSCRIBE", "KEYWORDS",
     "REWRITE", "COMPARE", "CODE", "HOW", "WHAT", "LIST", "FILEDOCUMENT")
)  # fmt: skip
"""Classes of words that prose is asked for with."""

_SEVERAL = re.compile(
    r"[,;:.!?。，、？！\n]\s*\S"
    r"|\s(?:and|then|plus|und|dann|y|luego|et|puis|e|ed|poi|depois|i|potem|и|потом|en|dan|ve)\s"
)
"""Between two wishes."""

_MEASURED = frozenset(("TREND", "TYPEFX"))
_NOT_CALLED_SO = frozenset(("SELF", "HOW"))
"""In no caption and in no name of a chart: somebody speaks."""

_TELLS = re.compile(
    r"(?:(?:please|bitte|por favor|s'il te plaît)[\s,]+)?"
    r"(?:name|list|identify|count|enumerate|recall|cite|nenne?|nomme|énumère|nombra|enumera|elenca|nomina|nomeie)\s"
)
"""What begins so wants to be told: "name the gears of a bicycle" is no caption."""

_DOUBT = 0.35
"""At most, where the steps of a request are clear and none of them gives it."""


def decided(read: Masked, chances: Mapping[Output, float], *, has_things: bool) -> dict[Output, float]:
    """The chances with what the rules know. `has_things`: something is attached, or stands before the prompt."""
    found = dict(chances)
    classes = lexicon().classes(read.text)
    if not has_things and not read.mentioned:
        for output in _SAY:
            # What a program is about, or what is to be named, is not what is to be made.
            is_matter = read.has_source or (output is Output.IMAGE and _TELLS.match(read.text) is not None)
            if (is_matter and _unnamed(output, classes)) or not _may_want(output, classes, len(read.text.split())):
                found[output] = min(found[output], _NO)
    elif read.mentioned:
        left = kept(operations(classes))
        for letter, output in _OF.items():
            if len(left) and letter not in left and output is not Output.CHART:
                found[output] = min(found[output], max(_DOUBT, found[output] - _DOUBT))
    for output in _refused(classes):
        found[output] = _NO
    found = _without_refused(found, read.text)
    if _is_only_made(read.text, classes):
        found[Output.TEXT] = min(found[Output.TEXT], _DOUBT) if max(found[each] for each in _SAY) >= _DOUBT else _YES
    if not has_things and not read.mentioned and _is_word_problem(read.text, classes):
        found[Output.VIDEO] = _NO
    if (asking := without_matters(read.text)) != read.text:
        found = _of_what_is_left(found, set(lexicon().classes(asking)))
    if _TEXT_ONLY.search(read.text) or _THANKS.fullmatch(read.text):
        found = {output: _YES if output is Output.TEXT else _NO for output in found}
    return found


def _is_only_made(text: str, classes: Sequence[str]) -> bool:
    """Whether it is one wish for a picture, a sound or a film, and has no word that prose is asked for with."""
    if _WORDED.intersection(classes):
        return False
    if _LISTED.search(text):
        return True
    made = operations(classes)
    is_made = bool(made) and (made[0] in {"DRAW", "FILM"} or made[0].startswith("MAKE:")) and "T" not in kept(made)
    return is_made and not _SEVERAL.search(text)


def _is_word_problem(text: str, classes: Sequence[str]) -> bool:
    """Whether a number is asked for, after a sentence in which films are no more than named: clips that were sold."""
    made = [name for name in operations(classes) if not name.startswith(("!", "NOUN", "of"))]
    return bool(_COUNTED.search(text)) and "V" not in kept(made)


def _without_refused(chances: Mapping[Output, float], text: str) -> dict[Output, float]:
    """The chances without what is refused behind its verb and asked for nowhere else.

    Prose is what is left where nothing else is wanted, so it is refused only beside something.
    """
    found = dict(chances)
    refused, left = refused_behind(text)
    if not refused:
        return found
    asked = kept(operations(lexicon().classes(left)))
    for letter, output in _OF.items():
        if output in refused and letter not in asked:
            found[output] = _NO
    if Output.TEXT in refused and "T" not in asked:
        found |= {output: _YES for letter, output in _OF.items() if letter in asked}
        if any(found[output] >= _DOUBT for output in _SAY):
            found[Output.TEXT] = _NO
    if all(found[output] < _DOUBT for output in found):
        found[Output.TEXT] = _YES
    return found


def _of_what_is_left(chances: Mapping[Output, float], named: set[str]) -> dict[Output, float]:
    """The chances where a part of the prompt only speaks about something; `named`: classes of the words besides."""
    spoken = {output for output, words in _SAY.items() if not named & words - _MEASURED}
    found = {output: min(chance, _NO) if output in spoken else chance for output, chance in chances.items()}
    if all(found[output] < _DOUBT for output in _SAY):
        found[Output.TEXT] = max(found[Output.TEXT], _YES)
    return found


def _may_want(output: Output, classes: Sequence[str], words: int) -> bool:
    """Whether a prompt with nothing beside it speaks of this, or is one of those that need not say so."""
    named = set(classes)
    if named & _SAY[output] - _MEASURED:
        return True
    if output is Output.CHART and named & _MEASURED:
        return words <= _SHORT[output] or "SHOW" in named
    if output is Output.CHART and "SHOW" in named:
        return words <= _SHORT[output]
    return words <= _SHORT.get(output, 0) and not named & _NOT_CALLED_SO


def _unnamed(output: Output, classes: Sequence[str]) -> bool:
    """Whether no word calls for it by its name: what a program is about ("the median") is none."""
    return not set(classes) & (_SAY[output] - _MEASURED - {"SHOW", "SEE"})


def _refused(classes: Sequence[str]) -> set[Output]:
    done = operations(classes)
    refused: set[Output] = set()
    asked: set[Output] = set()
    for name in done:
        bare = name.lstrip("!")
        kind = _OF.get(_MAKING.get(bare, bare.split(":")[-1] if ":" in bare else ""))
        if kind is not None:
            (refused if name.startswith("!") else asked).add(kind)
    return refused - asked
