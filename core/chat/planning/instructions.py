"""What each step is told: enough for its model to do it alone, and short enough for people to read. Pure."""

from __future__ import annotations

import re

from core.chat.planning import small_words as small
from core.chat.planning.brief import subject_of
from core.chat.planning.words import folded, listed, shortened, tokens
from data.values.plans import Brief

MOST_INSTRUCTION = 4_000
"""Characters of one; image models take no more."""

QUOTED = 1_500
"""Characters of a request that an instruction holds; of a longer one its chat model is sent all beside it."""

_OTHERS = (
    "Pictures, sounds, charts and films of the reply are made by others: write no description of them, no promise, no "
    "placeholder and no link for them, and don't say that you can't make them."
)
_POLITE = listed("please bitte then now first next finally por favor")
_FREE = re.compile(
    r"\b(?:style|stil|estilo|stile|turn|transform|verwandle|convierte|another|variation\w*|again|nochmals?|otra vez|"
    r"encore|ancora|de novo)\b"
)
_VOICES = listed(
    """voice accent tone slowly slow fast quickly whisper whispering calm calmly cheerful cheerfully happy sad deep low
    high soft softly gentle gently dramatic dramatically energetic excited angry friendly warm soothing male female man
    woman child old young british american australian robotic serious monotone newsreader narrator
    stimme tonfall langsam schnell fluesternd ruhig ruhiger tiefer tief froehlich traurig sanft sanfter dramatisch warm
    maennliche weibliche akzent ernst heiter
    lento lentamente despacio rapido susurrando tranquila tranquilo calmada grave profunda alegre triste suave dulce
    masculina femenina acento
    lentement vite doucement calme grave joyeux joyeuse triste douce chuchote masculine feminine
    lentamente veloce sussurrando calma profonda allegra dolce maschile femminile
    devagar rapido sussurrando calmo calma profunda triste suave masculina feminina sotaque"""
) - listed("voice stimme voz voix voce")


def to_write(words: str, brief: Brief, *, spoken: bool, language: str = "") -> str:
    """For a chat model: the words of the request, and what others do."""
    lines = [*_of_request(words, brief), _OTHERS]
    if spoken:
        lines.append("It is read aloud as it stands: write only what is to be heard, without headings or lists.")
    return "\n".join([*lines, *_in(language or brief.language)])


def to_narrate(words: str, brief: Brief, parts: int) -> str:
    """For a chat model: what is said while so many pictures are shown."""
    lines = [*_of_request(words, brief), f"Write what is said to it: {parts} short paragraphs, one for each picture."]
    return "\n".join([*lines, "It is read aloud as it stands.", *_in(brief.language)])


def to_answer(words: str) -> str:
    """For a chat model: a prompt whose other parts nobody can make."""
    return (
        f"{_fitting(words)}\nAnswer this in words, as well as words can. The person is told already which "
        "parts nobody here can make: promise none, and leave no placeholder."
    )


def to_translate(language: str) -> str:
    """For a chat model: a text in another language, and nothing else."""
    return f"Translate the text into {language}. Give the translation only, as it is to be read aloud."


def to_describe(words: str, brief: Brief, *, spoken: bool = True, language: str = "") -> str:
    """For a chat model: what a picture, a chart or a table says, for people who hear it or read it."""
    lines = [*_of_request(words, brief), "Look at what comes along."]
    if spoken:
        lines.append("Write the words of a voice-over, two to four sentences: only what is to be heard.")
    return "\n".join([*lines, *_in(language or brief.language)])


def to_transcribe() -> str:
    """For a chat model: a sound as text."""
    return "Write down what is said in the sound, word for word, and nothing else."


def to_read_out(names: str) -> str:
    """For a chat model: a document as text that a voice can read."""
    return (
        f"Write out what stands in {names}, word for word, as it is to be read aloud: without page numbers, headers "
        "and marks, and with tables as sentences. Write nothing else."
    )


def to_draw(words: str, brief: Brief, *, of_text: bool, more: str = "") -> str:
    """For an image model. It stands below the picture as what is on it, so it says little else.

    Args:
        of_text: whether a text comes along that it is of.
        more: something that is said of this picture beside the words.
    """
    lines = [_capital(_without_joins(words))]
    if not subject_of(words) and brief.subject:
        lines.append(f"Subject: {brief.subject}.")
    if of_text and not {token.folded for token in tokens(words)} & small.WITH_LETTERS:
        lines.append("One scene, without any writing in it.")
    return _of_lines(lines, brief, words, more)


def to_edit(words: str, brief: Brief, *, several: bool, more: str = "", text: str = "") -> str:
    """For a model that changes pictures; `text` is what is to be put on it."""
    keep = "Put the pictures together as asked." if several else "Keep everything else as it is."
    free = _FREE.search(folded(words))
    lines = [_capital(_without_joins(words, small.JOINS)), *([] if free and not several else [keep])]
    if text:
        lines.append(f"The text: “{shortened(text, QUOTED)}”")
    return _of_lines(lines, brief, words, more)


def to_add(words: str) -> str:
    """For a model that draws: what is said of its picture besides."""
    return _capital(_without_joins(words)).rstrip(".") + "."


def to_pick(words: str) -> str:
    """For a chat model: a piece of a text that there is, to be read aloud."""
    return (
        f"From what comes along, give word for word only what is asked for here: “{_capital(_without_joins(words))}”. "
        "Write nothing else: it is read aloud as it stands."
    )


def to_rewrite(words: str) -> str:
    """For a chat model: another text made of one that there is, to be read aloud."""
    return f"{_capital(_without_joins(words))}\nWrite only what is to be heard: it is read aloud as it stands."


def to_chart(words: str, brief: Brief, *, of_data: bool, more: str = "") -> str:
    """For a chat model with the chart tool."""
    lines = _of_request(words, brief)
    if of_data:
        lines.append("Take the numbers from what comes along, as far as it has them.")
    return _fitting("\n".join([*lines, *([more] if more else [])]))


def to_film(words: str, brief: Brief, *, of_picture: bool) -> str:
    """For a video model."""
    lines = [_capital(_without_joins(words))]
    if of_picture:
        lines.append("Begin with the picture, and keep its look.")
    elif not subject_of(words) and brief.subject:
        lines.append(f"Subject: {brief.subject}.")
    return _of_lines(lines, brief, words, "")


def to_speak(words: str, language: str = "") -> str:
    """For a speech model: how to speak, where the request says so; else nothing but the language."""
    said = {token.folded for token in tokens(words)} & _VOICES
    how = _capital(_without_joins(words)) if said else ""
    spoken = f"Speak {language}." if language else ""
    return " ".join(part for part in (f"{how.rstrip('.')}." if how else "", spoken) if part)


def _of_request(words: str, brief: Brief) -> list[str]:
    """The words of a part, and where they are not all, the whole that they are a part of."""
    own = _fitting(_capital(_without_joins(words)))
    if _bare(words) == _bare(brief.request):
        return [own]
    return [own, f"It is one part of the reply to: “{shortened(brief.request, QUOTED)}”. Write this part only."]


def _in(language: str) -> list[str]:
    return [f"Write in {language}."] if language not in {"", "English"} else []


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _of_lines(lines: list[str], brief: Brief, words: str, more: str) -> str:
    if brief.style and brief.style not in words:
        lines.append(f"Style: {brief.style}.")
    if more:
        lines.append(more)
    return _fitting("\n".join(line if line.endswith((".", "!", "?", ":", "…")) else f"{line}." for line in lines))


def _fitting(words: str) -> str:
    """As much as an instruction may have: of a longer one the beginning and, where requests often stand, the end."""
    if len(words) <= MOST_INSTRUCTION:
        return words
    half = MOST_INSTRUCTION // 2 - 2
    return f"{words[:half]} … {words[-half:]}"


def _without_joins(words: str, joins: frozenset[str] = small.JOINS | small.WITH) -> str:
    """Without what only joins it to what stands before: and, then, please."""
    found = tokens(words)
    for place, token in enumerate(found):
        if token.folded not in joins | _POLITE:
            return words[token.start :].strip() if place else words.strip()
    return words.strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
